/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Category `training`: a session over networks that the case describes, stepped one phase at a time on its batches
   and latents. */
#include <glib/gstdio.h>

#include "replay/layers.h"

/* Players of a case, and the networks whose variables are theirs, which also name the lists of layers. */
static const struct {
  const gchar *player;
  const gchar *network;
} players[] = {
  { "G", "generator" },
  { "D", "discriminator" },
};

#define MAX_PAIRS 4

/* What the case calls something, and what the session does. */
typedef struct {
  const gchar *reference;
  const gchar *name;
} Pair;

/* A phase that is run once or several times in a step, and what is read afterwards. */
typedef struct {
  const gchar *phase;
  const gchar *stage;      /* outputs are out.STAGE and the number of the step, "_" and that of the run where there are several */
  const gchar *count;      /* the case's key for how many runs; NULL: one */
  const gchar *suffix;     /* of the tensors' numbers, where there is one run */
  Pair inputs[MAX_PAIRS];  /* x.NAME, numbered likewise, and the input that it is bound to */
  Pair terms[MAX_PAIRS];   /* losses */
} Stage;

/* A subject: what its pipeline says besides data, networks and optimizer, and the stages of a step. */
typedef struct {
  const gchar *subject;
  const gchar *pipeline;
  Pair settings[MAX_PAIRS]; /* a key of the case, and the lines of the pipeline that its value goes into */
  Stage stages[3];
} Procedure;

static const Procedure procedures[] = {
  { "dcgan-training",
    "[loss]\nplugin=non-saturating\n",
    { { NULL } },
    { { "discriminator", "step", NULL, "", { { "real", "real.image" }, { "z", "game.latent" } },
        { { "errD_real", "loss.real" }, { "errD_fake", "loss.fake" } } },
      { "generator", "step", NULL, "", { { "z", "game.latent" } }, { { "errG", "loss" } } } } },
  { "wgan-gp-training",
    "[loss]\nplugin=wasserstein\n",
    { { "critic_steps", "[game adversarial]\nfakes=fresh\ndiscriminator-steps=%s\n" },
      { "lambda", "[regularizer gradient-penalty]\nlambda=%s\n" } },
    { { "discriminator", "critic", "critic_steps", NULL,
        { { "real", "real.image" }, { "z", "game.discriminator.latent" }, { "epsilon", "regularizer.gradient-penalty.epsilon" } },
        { { "wasserstein", "loss" }, { "gp", "gradient-penalty" } } },
      { "generator", "gen", NULL, "_G", { { "z", "game.generator.latent" } }, { { "loss", "loss" } } } } },
};

static const Procedure *
find_procedure (const gchar *subject)
{
  for (guint i = 0; i < G_N_ELEMENTS (procedures); i++)
    if (g_str_equal (procedures[i].subject, subject))
      return &procedures[i];
  return NULL;
}

/* The case's first tensor of a kind, such as real: all have one shape. */
static GantryArray *
find_first (Replay *self, const gchar *kind)
{
  for (guint i = 0; self->item->inputs[i] != NULL; i++)
    {
      const gchar *name = self->item->inputs[i] + strlen ("x.");

      if (g_str_has_prefix (name, kind) && g_ascii_isdigit (name[strlen (kind)]))
        return case_get_tensor (self->item, self->item->inputs[i]);
    }
  return NULL;
}

/* The session wants a reader; what it reads is never shown, since every batch is bound. */
static gchar *
write_blank_images (const GantryShape *batch, GError **error)
{
  const guint32 header[] = { GUINT32_TO_BE (0x803), GUINT32_TO_BE (batch->dims[0]), GUINT32_TO_BE (batch->dims[2]), GUINT32_TO_BE (batch->dims[3]) };
  gsize size = sizeof header + batch->dims[0] * batch->dims[2] * batch->dims[3];
  g_autofree guint8 *bytes = g_malloc0 (size);
  g_autofree gchar *path = NULL;
  gint fd = g_file_open_tmp ("conformance-XXXXXX.idx", &path, error);

  if (fd < 0)
    return NULL;
  g_close (fd, NULL);
  memcpy (bytes, header, sizeof header);
  if (!g_file_set_contents (path, (const gchar *) bytes, size, error))
    {
      g_unlink (path);
      return NULL;
    }
  return g_steal_pointer (&path);
}

static gboolean
append_optimizer (Replay *self, GString *text, GError **error)
{
  JsonNode *node = settings_get (self, "optimizer");
  JsonObject *optimizer = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  g_autoptr (GList) members = optimizer != NULL ? json_object_get_members (optimizer) : NULL;

  if (optimizer == NULL)
    return settings_fail (error, "the case names no optimizer");
  g_string_append_printf (text, "[optimizer]\nplugin=%s\n", json_object_get_string_member (optimizer, "type"));
  for (GList *l = members; l != NULL; l = l->next)
    {
      JsonNode *value = json_object_get_member (optimizer, l->data);
      g_autofree gchar *scalar = settings_to_text (value);

      if (g_str_equal (l->data, "type"))
        continue;
      if (g_str_equal (l->data, "betas"))
        g_string_append_printf (text, "beta1=%.17g\nbeta2=%.17g\n", json_array_get_double_element (json_node_get_array (value), 0),
                                json_array_get_double_element (json_node_get_array (value), 1));
      else
        g_string_append_printf (text, "%s=%s\n", g_str_equal (l->data, "lr") ? "learning-rate" : (const gchar *) l->data, scalar);
    }
  return TRUE;
}

static gboolean
append_networks (Replay *self, GString *text, GError **error)
{
  GantryArray *latent = find_first (self, "z");

  for (guint i = 0; i < G_N_ELEMENTS (players); i++)
    {
      g_autofree gchar *prefix = g_strdup_printf ("param.%s.", players[i].player);
      g_autofree gchar *layers = layers_to_text (self, settings_get (self, players[i].network), prefix, ";", error);

      if (layers == NULL)
        return FALSE;
      g_string_append_printf (text, "[%s]\nplugin=sequential\nlayers=%s\n", players[i].network, layers);
      if (i > 0 || latent == NULL)
        continue;
      g_string_append (text, "latent=");
      for (guint d = 1; d < gantry_array_get_shape (latent)->n_dims; d++)
        g_string_append_printf (text, "%s%" G_GSIZE_FORMAT, d > 1 ? "x" : "", gantry_array_get_shape (latent)->dims[d]);
      g_string_append_c (text, '\n');
    }
  return TRUE;
}

static gboolean
append_settings (Replay *self, const Procedure *procedure, GString *text, GError **error)
{
  g_string_append (text, procedure->pipeline);
  for (const Pair *pair = procedure->settings; pair->reference != NULL; pair++)
    {
      JsonNode *node = settings_get (self, pair->reference);
      g_autofree gchar *value = node != NULL ? settings_to_text (node) : NULL;
      g_auto (GStrv) parts = g_strsplit (pair->name, "%s", 2);

      if (value == NULL)
        return settings_fail (error, "the case's configuration has no value \"%s\"", pair->reference);
      g_string_append_printf (text, "%s%s%s", parts[0], value, parts[1]);
    }
  return TRUE;
}

static gchar *
write_pipeline (Replay *self, const Procedure *procedure, const GantryShape *batch, const gchar *images, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "[pipeline]\nimages=1k\nbatch=%" G_GSIZE_FORMAT "\nseed=0\ndtype=%s\nbackend=%s%s\n", batch->dims[0],
                          gantry_dtype_name (self->setup->dtype), self->setup->backend,
                          g_str_equal (self->setup->backend, "reference") ? "" : ";reference");
  g_string_append_printf (text, "[reader]\nplugin=idx\nimages=%s\nresolution=%" G_GSIZE_FORMAT "\n", images, batch->dims[3]);
  if (!append_settings (self, procedure, text, error) || !append_networks (self, text, error) || !append_optimizer (self, text, error))
    return NULL;
  return g_strdup (text->str);
}

static GantrySession *
make_session (Replay *self, const Procedure *procedure, const GantryShape *batch, const gchar *images, GError **error)
{
  g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (self->setup->registry);
  g_autofree gchar *text = write_pipeline (self, procedure, batch, images, error);

  if (text == NULL || !gantry_pipeline_load_text (pipeline, text, "case", error) || !gantry_pipeline_resolve (pipeline, error))
    return NULL;
  return gantry_session_new (pipeline, error);
}

/* "param.G.0.weight" -> "generator.0.weight" */
static gchar *
name_variable (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (players); i++)
    if (g_str_has_prefix (name, players[i].player) && name[strlen (players[i].player)] == '.')
      return g_strconcat (players[i].network, name + strlen (players[i].player), NULL);
  return NULL;
}

static gboolean
fill_variables (Replay *self, GantrySession *session, GError **error)
{
  gchar **roles[] = { self->item->parameters, self->item->buffers };
  const gchar *const *phases = gantry_session_get_phases (session);

  for (guint i = 0; phases[i] != NULL; i++)
    if (gantry_session_get_program (session, phases[i], error) == NULL)
      return FALSE;
  for (guint role = 0; role < G_N_ELEMENTS (roles); role++)
    for (guint i = 0; roles[role][i] != NULL; i++)
      {
        g_autofree gchar *variable = name_variable (strchr (roles[role][i], '.') + 1);

        if (variable == NULL || gantry_state_get (gantry_session_get_state (session), variable) == NULL)
          return settings_fail (error, "the session has no variable for %s", roles[role][i]);
        if (!gantry_state_set (gantry_session_get_state (session), variable, case_get_tensor (self->item, roles[role][i]), error))
          return FALSE;
      }
  return TRUE;
}

static gboolean
bind (Replay *self, GantrySession *session, const Stage *stage, const gchar *number, GError **error)
{
  for (const Pair *pair = stage->inputs; pair->reference != NULL; pair++)
    {
      g_autofree gchar *name = g_strdup_printf ("x.%s%s", pair->reference, number);
      GantryArray *array = case_get_tensor (self->item, name);
      g_autoptr (GantryArray) values = NULL;

      if (array == NULL)
        return settings_fail (error, "the case has no tensor %s", name);
      values = replay_convert (self, array);
      if (!gantry_session_bind (session, stage->phase, pair->name, values, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
keep_terms (Replay *self, GantrySession *session, const Stage *stage, const gchar *prefix, GError **error)
{
  for (const Pair *pair = stage->terms; pair->reference != NULL; pair++)
    {
      g_autofree gchar *output = g_strconcat (prefix, pair->reference, NULL);
      g_autofree gchar *term = g_strdup_printf ("%s.%s", stage->phase, pair->name);
      g_autoptr (GantryArray) array = NULL;
      gdouble value;

      if (!gantry_session_get_term (session, term, &value))
        return settings_fail (error, "the phase %s has no term %s", stage->phase, pair->name);
      array = gantry_array_new_from_doubles (GANTRY_FLOAT64, GANTRY_SCALAR, &value);
      replay_set_result (self, output, array);
    }
  return TRUE;
}

static void
keep_variables (Replay *self, GantrySession *session, const gchar *prefix)
{
  for (guint i = 0; self->item->outputs[i] != NULL; i++)
    if (g_str_has_prefix (self->item->outputs[i], prefix))
      {
        g_autofree gchar *variable = name_variable (self->item->outputs[i] + strlen (prefix));
        GantryArray *array = variable != NULL ? gantry_state_get (gantry_session_get_state (session), variable) : NULL;

        if (array != NULL)
          replay_set_result (self, self->item->outputs[i], array);
      }
}

static gboolean
run_stage (Replay *self, GantrySession *session, const Stage *stage, gint64 step, GError **error)
{
  const gint64 n = stage->count != NULL ? settings_get_int (self, stage->count) : 1;

  for (gint64 run = 0; run < n; run++)
    {
      g_autofree gchar *suffix = stage->count != NULL ? g_strdup_printf ("_%" G_GINT64_FORMAT, run) : g_strdup (stage->suffix);
      g_autofree gchar *number = g_strdup_printf ("%" G_GINT64_FORMAT "%s", step, suffix);
      g_autofree gchar *prefix = g_strdup_printf ("out.%s%" G_GINT64_FORMAT "%s.", stage->stage, step, stage->count != NULL ? suffix : "");

      if (!bind (self, session, stage, number, error) || !gantry_session_run_phase (session, stage->phase, error)
          || !keep_terms (self, session, stage, prefix, error))
        return FALSE;
      keep_variables (self, session, prefix);
    }
  return TRUE;
}

static gboolean
play (Replay *self, const Procedure *procedure, GantrySession *session, GError **error)
{
  gint64 n = settings_get_int (self, "steps");

  if (!settings_check_all_seen (self, error) || !fill_variables (self, session, error))
    return FALSE;
  for (gint64 step = 0; step < n; step++)
    for (const Stage *stage = procedure->stages; stage->phase != NULL; stage++)
      if (!run_stage (self, session, stage, step, error))
        return FALSE;
  return TRUE;
}

gboolean
replay_training (Replay *self, GError **error)
{
  const Procedure *procedure = find_procedure (self->item->subject);
  GantryArray *real = find_first (self, "real");
  const GantryShape *batch = real != NULL ? gantry_array_get_shape (real) : NULL;
  g_autoptr (GantrySession) session = NULL;
  g_autofree gchar *images = NULL;
  gboolean played;

  if (procedure == NULL)
    return settings_skip (error, "no %s is built", self->item->subject);
  if (batch == NULL || batch->n_dims != 4 || batch->dims[1] != 1)
    return settings_fail (error, "the batches are no images of one channel");
  images = write_blank_images (batch, error);
  if (images == NULL)
    return FALSE;
  session = make_session (self, procedure, batch, images, error);
  played = session != NULL && play (self, procedure, session, error);
  g_clear_object (&session);
  g_unlink (images);
  return played;
}
