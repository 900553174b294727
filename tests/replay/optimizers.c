/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Category `optimizers`: an optimizer component steps variables along given gradients.  A subject is the name of
   its plugin. */
#include "replay/settings.h"

static const gchar *const built[] = { "adam", "rmsprop", "sgd", NULL };

static const SettingsKey optimizer_keys[] = {
  { "lr", "learning-rate", NULL },
  { "betas", "beta1,beta2", NULL },
  { "weight_decay", NULL, "0" },
  { "amsgrad", NULL, "false" },
  { NULL, NULL, NULL }
};

/* The optimizer's memory, as PyTorch names it and as Gantry does. */
static const struct {
  const gchar *reference;
  const gchar *slot;
} slots[] = {
  { "exp_avg", "m" },
  { "exp_avg_sq", "v" },
  { "max_exp_avg_sq", "v_max" },
  { "square_avg", "v" },
  { "momentum_buffer", "momentum" },
};

static gint64
get_step (const gchar *name, const gchar *prefix, const gchar **rest)
{
  gchar *end = NULL;
  gint64 step;

  if (!g_str_has_prefix (name, prefix))
    return 0;
  step = g_ascii_strtoll (name + strlen (prefix), &end, 10);
  *rest = *end == '.' ? end + 1 : end;
  return step;
}

static gint64
count_steps (Replay *self)
{
  const gchar *rest;
  gint64 n = 0;

  for (guint i = 0; self->item->inputs[i] != NULL; i++)
    n = MAX (n, get_step (self->item->inputs[i], "x.grad", &rest));
  return n;
}

static GantryProgram *
compile (Replay *self, GantryOptimizer *optimizer, GError **error)
{
  g_autoptr (GPtrArray) variables = g_ptr_array_new (), gradients = g_ptr_array_new ();

  gantry_graph_push_scope (self->graph, "net");
  for (guint i = 0; self->item->parameters[i] != NULL; i++)
    {
      const gchar *name = self->item->parameters[i] + strlen ("param.");
      GantryArray *array = case_get_tensor (self->item, self->item->parameters[i]);
      g_autofree gchar *feed = g_strconcat ("grad.", name, NULL);
      const GantryShape *shape = gantry_array_get_shape (array);
      GantryVariable *variable = gantry_graph_variable (self->graph, name, shape, self->setup->dtype, GANTRY_CONSTANT (0), TRUE);

      replay_hold (self, self->item->parameters[i], variable->name);
      g_ptr_array_add (variables, variable);
      g_ptr_array_add (gradients, gantry_graph_feed (self->graph, feed, shape, self->setup->dtype));
    }
  gantry_graph_pop (self->graph);
  gantry_optimizer_apply (optimizer, self->graph, "player", variables, gradients);
  return replay_compile (self, error);
}

static gboolean
run_step (Replay *self, GantryProgram *program, gint64 step, GError **error)
{
  GantryRun run = { sizeof run, step, 0 };

  for (guint i = 0; self->item->parameters[i] != NULL; i++)
    {
      const gchar *name = self->item->parameters[i] + strlen ("param.");
      g_autofree gchar *given = g_strdup_printf ("x.grad%" G_GINT64_FORMAT ".%s", step, name);
      g_autofree gchar *feed = g_strconcat ("grad.", name, NULL);
      GantryArray *array = case_get_tensor (self->item, given);
      g_autoptr (GantryArray) values = NULL;

      if (array == NULL)
        return settings_fail (error, "the case has no tensor %s", given);
      values = replay_convert (self, array);
      if (!gantry_program_bind (program, feed, values, error))
        return FALSE;
    }
  return gantry_program_run (program, &run, error);
}

static void
read_state (Replay *self, const gchar *output, const gchar *format, ...) G_GNUC_PRINTF (3, 4);

static void
read_state (Replay *self, const gchar *output, const gchar *format, ...)
{
  g_autofree gchar *name = NULL;
  GantryArray *array;
  va_list arguments;

  va_start (arguments, format);
  name = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  array = gantry_state_get (self->state, name);
  if (array != NULL)
    replay_set_result (self, output, array);
}

/* out.stepT.NAME: the parameter after step T. */
static void
collect_parameters (Replay *self, gint64 step)
{
  for (guint i = 0; self->item->outputs[i] != NULL; i++)
    {
      const gchar *name;

      if (get_step (self->item->outputs[i], "out.step", &name) == step)
        read_state (self, self->item->outputs[i], "net.%s", name);
    }
}

/* out.state.SLOT.NAME: what the optimizer remembers at the end. */
static void
collect_slots (Replay *self)
{
  for (guint i = 0; self->item->outputs[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (self->item->outputs[i], ".", 4);

      if (g_strv_length (parts) < 4 || !g_str_equal (parts[1], "state"))
        continue;
      for (guint k = 0; k < G_N_ELEMENTS (slots); k++)
        if (g_str_equal (slots[k].reference, parts[2]))
          read_state (self, self->item->outputs[i], "optimizer.player.%s.net.%s", slots[k].slot, parts[3]);
    }
}

/* An average of weights: x.weightsT are the live ones after step T. */
static GantryProgram *
compile_average (Replay *self, GError **error)
{
  const GantryShape *shape = gantry_array_get_shape (case_get_tensor (self->item, "param.ema"));
  GantryVariable *variable = gantry_graph_variable (self->graph, "net.ema", shape, self->setup->dtype, GANTRY_CONSTANT (0), TRUE);
  GantryTensor *value = gantry_graph_feed (self->graph, "weights", shape, self->setup->dtype);
  GantryTensor *decay = gantry_graph_feed (self->graph, "decay", GANTRY_SCALAR, GANTRY_FLOAT64);

  replay_hold (self, "param.ema", "net.ema");
  gantry_graph_assign (self->graph, variable, gantry_average_move (gantry_graph_read (self->graph, variable), value, decay));
  return replay_compile (self, error);
}

static gdouble
get_decay (Replay *self, gint64 step)
{
  gint64 batch;

  if (g_str_equal (self->item->subject, "ema"))
    return settings_get_double (self, "decay");
  batch = settings_get_int (self, "batch_size");
  return gantry_average_get_decay (settings_get_double (self, "ema_kimg") * 1000,
                                   settings_has (self, "ema_rampup") ? settings_get_double (self, "ema_rampup") : 0,
                                   settings_get_int (self, "cur_nimg") + (step - 1) * batch, batch);
}

static gboolean
replay_average (Replay *self, GError **error)
{
  g_autoptr (GantryProgram) program = compile_average (self, error);

  if (program == NULL)
    return FALSE;
  for (gint64 step = 1;; step++)
    {
      GantryRun run = { sizeof run, step, 0 };
      g_autofree gchar *given = g_strdup_printf ("x.weights%" G_GINT64_FORMAT, step);
      GantryArray *array = case_get_tensor (self->item, given);
      g_autoptr (GantryArray) values = NULL;

      if (array == NULL)
        return settings_check_all_seen (self, error);
      gantry_array_set_double (gantry_program_get_input (program, "decay"), 0, get_decay (self, step));
      values = replay_convert (self, array);
      if (!gantry_program_bind (program, "weights", values, error) || !gantry_program_run (program, &run, error))
        return FALSE;
      for (guint i = 0; self->item->outputs[i] != NULL; i++)
        {
          const gchar *rest;

          if (get_step (self->item->outputs[i], "out.step", &rest) == step)
            read_state (self, self->item->outputs[i], "net.ema");
        }
    }
}

gboolean
replay_optimizer (Replay *self, GError **error)
{
  gboolean is_built = g_strv_contains (built, self->item->subject);
  gboolean is_average = g_str_equal (self->item->subject, "ema") || g_str_equal (self->item->subject, "ema_halflife");
  g_autoptr (GantryComponent) optimizer = is_average ? NULL : settings_create (self, "optimizer", self->item->subject, is_built, error);
  g_autoptr (GantryProgram) program = NULL;
  gint64 n = count_steps (self);

  if (is_average)
    return replay_average (self, error);
  if (optimizer == NULL || !settings_apply (self, &optimizer, 1, optimizer_keys, error))
    return FALSE;
  program = compile (self, GANTRY_OPTIMIZER (optimizer), error);
  if (program == NULL)
    return FALSE;
  for (gint64 step = 1; step <= n; step++)
    {
      if (!run_step (self, program, step, error))
        return FALSE;
      collect_parameters (self, step);
    }
  collect_slots (self);
  return TRUE;
}
