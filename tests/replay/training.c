/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Category `training`: a session over networks that the case describes, stepped one phase at a time on its batches
   and latents. */
#include <glib/gstdio.h>

#include "replay/layers.h"

#define REAL "real.image"
#define LATENT "game.latent"

/* Players of a case, and the networks whose variables are theirs, which also name the lists of layers. */
static const struct {
  const gchar *player;
  const gchar *network;
} players[] = {
  { "G", "generator" },
  { "D", "discriminator" },
};

/* Losses of a step, and the terms of the phase that computes them. */
static const struct {
  const gchar *reference;
  const gchar *phase;
  const gchar *term;
} losses[] = {
  { "errD_real", "discriminator", "loss.real" },
  { "errD_fake", "discriminator", "loss.fake" },
  { "errG", "generator", "loss" },
};

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
  GantryArray *latent = case_get_tensor (self->item, "x.z0");

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

static gchar *
write_pipeline (Replay *self, const GantryShape *batch, const gchar *images, GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);

  g_string_append_printf (text, "[pipeline]\nimages=1k\nbatch=%" G_GSIZE_FORMAT "\nseed=0\ndtype=%s\nbackend=%s%s\n", batch->dims[0],
                          gantry_dtype_name (self->setup->dtype), self->setup->backend,
                          g_str_equal (self->setup->backend, "reference") ? "" : ";reference");
  g_string_append_printf (text, "[reader]\nplugin=idx\nimages=%s\nresolution=%" G_GSIZE_FORMAT "\n", images, batch->dims[3]);
  g_string_append (text, "[loss]\nplugin=non-saturating\n");
  return append_networks (self, text, error) && append_optimizer (self, text, error) ? g_strdup (text->str) : NULL;
}

static GantrySession *
make_session (Replay *self, const GantryShape *batch, const gchar *images, GError **error)
{
  g_autoptr (GantryPipeline) pipeline = gantry_pipeline_new (self->setup->registry);
  g_autofree gchar *text = write_pipeline (self, batch, images, error);

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
bind (Replay *self, GantrySession *session, const gchar *phase, const gchar *input, const gchar *given, gint64 step, GError **error)
{
  g_autofree gchar *name = g_strdup_printf ("x.%s%" G_GINT64_FORMAT, given, step);
  GantryArray *array = case_get_tensor (self->item, name);
  GantryGraph *graph = gantry_session_get_graph (session, phase, error);
  g_autoptr (GantryArray) values = NULL;

  if (graph == NULL)
    return FALSE;
  if (gantry_graph_find_input (graph, input) == NULL)
    return TRUE;
  if (array == NULL)
    return settings_fail (error, "the case has no tensor %s", name);
  values = replay_convert (self, array);
  return gantry_session_bind (session, phase, input, values, error);
}

static gboolean
keep_terms (Replay *self, GantrySession *session, const gchar *phase, gint64 step, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      g_autofree gchar *output = g_strdup_printf ("out.step%" G_GINT64_FORMAT ".%s", step, losses[i].reference);
      g_autoptr (GantryArray) array = NULL;
      gdouble value;

      if (!g_str_equal (losses[i].phase, phase))
        continue;
      if (!gantry_session_get_term (session, losses[i].term, &value))
        return settings_fail (error, "the phase %s has no term %s", phase, losses[i].term);
      array = gantry_array_new_from_doubles (GANTRY_FLOAT64, GANTRY_SCALAR, &value);
      replay_set_result (self, output, array);
    }
  return TRUE;
}

static void
keep_variables (Replay *self, GantrySession *session, gint64 step)
{
  g_autofree gchar *prefix = g_strdup_printf ("out.step%" G_GINT64_FORMAT ".", step);

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
step (Replay *self, GantrySession *session, gint64 number, GError **error)
{
  const gchar *const *phases = gantry_session_get_phases (session);

  for (guint i = 0; phases[i] != NULL; i++)
    if (!bind (self, session, phases[i], REAL, "real", number, error) || !bind (self, session, phases[i], LATENT, "z", number, error)
        || !gantry_session_run_phase (session, phases[i], error) || !keep_terms (self, session, phases[i], number, error))
      return FALSE;
  keep_variables (self, session, number);
  return TRUE;
}

static gboolean
play (Replay *self, GantrySession *session, GError **error)
{
  gint64 n = settings_get_int (self, "steps");

  if (!settings_check_all_seen (self, error) || !fill_variables (self, session, error))
    return FALSE;
  for (gint64 number = 0; number < n; number++)
    if (!step (self, session, number, error))
      return FALSE;
  return TRUE;
}

gboolean
replay_training (Replay *self, GError **error)
{
  GantryArray *real = case_get_tensor (self->item, "x.real0");
  const GantryShape *batch = real != NULL ? gantry_array_get_shape (real) : NULL;
  g_autoptr (GantrySession) session = NULL;
  g_autofree gchar *images = NULL;
  gboolean played;

  if (!g_str_equal (self->item->subject, "dcgan-training"))
    return settings_skip (error, "no %s is built", self->item->subject);
  if (batch == NULL || batch->n_dims != 4 || batch->dims[1] != 1)
    return settings_fail (error, "the batches are no images of one channel");
  images = write_blank_images (batch, error);
  if (images == NULL)
    return FALSE;
  session = make_session (self, batch, images, error);
  played = session != NULL && play (self, session, error);
  g_clear_object (&session);
  g_unlink (images);
  return played;
}
