/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Averages of a network's weights, which is what samples are drawn with. */
#include "train/average-private.h"

#include <gantry/average.h>
#include <string.h>

struct _GantryAverage {
  gchar *network;
  GantryComponent *settings;
  GPtrArray *names; /* of the network's variables, without the network */
  GantryGraph *graph;
  GantryProgram *program;
};

typedef struct {
  GantryComponent parent_instance;
} GantryAverageSettings;

typedef struct {
  GantryComponentClass parent_class;
} GantryAverageSettingsClass;

G_DEFINE_TYPE (GantryAverageSettings, _gantry_average_settings, GANTRY_TYPE_COMPONENT)

#define HALF_LIFE "half-life"
#define RAMP_UP "ramp-up"
#define DECAY "decay"

static const GantryProperty average_properties[] = {
  GANTRY_ENUM ("rule", "half-life|decay", "half-life", 0, "what says how fast it forgets: a half-life in images, or a decay a step"),
  GANTRY_DOUBLE (HALF_LIFE, 0, 1e15, 10000, GANTRY_SCHEDULABLE, "images", "after so many the weights of the moment count half"),
  GANTRY_DOUBLE (RAMP_UP, 0, 1e6, 0.05, GANTRY_SCHEDULABLE, "", "the half-life is at most this multiple of the images shown; 0 for no such limit"),
  GANTRY_DOUBLE (DECAY, 0, 1, 0.999, GANTRY_SCHEDULABLE, "", "share of the average that a step leaves"),
  GANTRY_INT ("start", 0, 1e15, 0, 0, "images", "until so many were shown the average is a copy of the weights"),
  GANTRY_ENUM ("buffers", "automatic|copy|average", "automatic", 0,
               "statistics of normalizations and other variables that are not trained: by default copied with a half-life, averaged with a decay"),
  GANTRY_END
};

static void
_gantry_average_settings_class_init (GantryAverageSettingsClass *klass)
{
  gantry_component_class_install (GANTRY_COMPONENT_CLASS (klass), average_properties, sizeof average_properties[0]);
}

static void
_gantry_average_settings_init (GantryAverageSettings *self)
{
}

GantryComponent *
_gantry_average_settings_new (const gchar *network)
{
  GantryComponent *self = g_object_new (GANTRY_TYPE_AVERAGE_SETTINGS, NULL);

  gantry_component_set_identity (self, GANTRY_AVERAGE_KIND, "average", network);
  return self;
}

static gboolean
has_decay (GantryComponent *settings)
{
  return g_str_equal (gantry_component_get_enum (settings, "rule"), DECAY);
}

/* A resolved pipeline says every key, so one of the other rule is a mistake only where it says something. */
static gboolean
is_default (GantrySection *section, const gchar *key)
{
  g_autoptr (GantryComponent) fresh = _gantry_average_settings_new ("");
  g_autofree gchar *text = _gantry_section_get_text (section, key);
  g_autofree gchar *plain = gantry_component_get_text (fresh, key, NULL);

  return g_str_equal (text, plain);
}

gboolean
_gantry_average_settings_check (GantrySection *section, GError **error)
{
  GantryComponent *self = section->component;
  static const gchar *const of_half_life[] = { HALF_LIFE, RAMP_UP, NULL };
  static const gchar *const of_decay[] = { DECAY, NULL };
  const gboolean decay = has_decay (self);
  const gchar *const *others = decay ? of_half_life : of_decay;

  for (guint i = 0; others[i] != NULL; i++)
    if (!is_default (section, others[i]))
      {
        g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "[average]: %s= has no meaning with rule=%s: write rule=%s", others[i],
                     decay ? DECAY : HALF_LIFE, decay ? HALF_LIFE : DECAY);
        return FALSE;
      }
  return TRUE;
}

gchar *
_gantry_average_name (const gchar *network)
{
  return g_strconcat (network, "-ema", NULL);
}

void
_gantry_average_free (GantryAverage *self)
{
  g_clear_object (&self->program);
  g_clear_object (&self->graph);
  g_clear_pointer (&self->names, g_ptr_array_unref);
  g_free (self->network);
  g_free (self);
}

static gboolean
is_averaged (GantryAverage *self, GantryState *state, const gchar *name)
{
  const gchar *buffers = gantry_component_get_enum (self->settings, "buffers");

  if (!gantry_dtype_is_float (gantry_array_get_dtype (gantry_state_get (state, name))))
    return FALSE;
  if (gantry_state_is_trainable (state, name))
    return TRUE;
  return g_str_equal (buffers, "automatic") ? has_decay (self->settings) : g_str_equal (buffers, "average");
}

static GantryVariable *
declare (GantryAverage *self, const gchar *owner, const gchar *name, GantryArray *array)
{
  GantryVariable *variable;

  gantry_graph_push_owner (self->graph, owner);
  variable = gantry_graph_variable (self->graph, name, gantry_array_get_shape (array), gantry_array_get_dtype (array), GANTRY_CONSTANT (0), FALSE);
  gantry_graph_pop (self->graph);
  return variable;
}

static void
describe (GantryAverage *self, GantryState *state)
{
  g_autofree gchar *owner = _gantry_average_name (self->network);
  GantryTensor *decay = gantry_graph_feed (self->graph, DECAY, GANTRY_SCALAR, GANTRY_FLOAT64);

  for (guint i = 0; i < self->names->len; i++)
    {
      const gchar *name = self->names->pdata[i];
      g_autofree gchar *full = g_strdup_printf ("%s.%s", self->network, name);
      GantryArray *array = gantry_state_get (state, full);
      GantryVariable *variable = declare (self, owner, name, array);
      GantryTensor *value = gantry_graph_read (self->graph, declare (self, self->network, name, array));

      if (is_averaged (self, state, full))
        value = gantry_average_move (gantry_graph_read (self->graph, variable), value, decay);
      gantry_graph_assign (self->graph, variable, value);
    }
}

gboolean
_gantry_average_copy (GantryAverage *self, GantryState *state, GError **error)
{
  g_autofree gchar *owner = _gantry_average_name (self->network);

  for (guint i = 0; i < self->names->len; i++)
    {
      g_autofree gchar *from = g_strdup_printf ("%s.%s", self->network, (const gchar *) self->names->pdata[i]);
      g_autofree gchar *to = g_strdup_printf ("%s.%s", owner, (const gchar *) self->names->pdata[i]);

      if (!gantry_state_set (state, to, gantry_state_get (state, from), error))
        return FALSE;
    }
  return TRUE;
}

GantryAverage *
_gantry_average_new (GantrySession *session, GantryComponent *settings, GError **error)
{
  GantryAverage *self = g_new0 (GantryAverage, 1);
  g_auto (GStrv) names = gantry_state_list (session->state);
  g_autofree gchar *prefix = NULL;

  self->settings = settings;
  self->network = g_strdup (gantry_component_get_instance (settings));
  self->names = g_ptr_array_new_with_free_func (g_free);
  self->graph = gantry_graph_new (session->dtype);
  prefix = g_strdup_printf ("%s.", self->network);
  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_has_prefix (names[i], prefix))
      g_ptr_array_add (self->names, g_strdup (names[i] + strlen (prefix)));
  describe (self, session->state);
  if (gantry_graph_finish (self->graph, error))
    self->program = _gantry_session_compile (session, self->graph, session->state, error);
  if (self->program != NULL && _gantry_average_copy (self, session->state, error))
    return self;
  g_prefix_error (error, "average of %s: ", self->network);
  _gantry_average_free (self);
  return NULL;
}

static gdouble
get_decay (GantryAverage *self, GantrySession *session)
{
  if (session->images < (guint64) gantry_component_get_int (self->settings, "start"))
    return 0;
  if (has_decay (self->settings))
    return gantry_component_get_double (self->settings, DECAY);
  return gantry_average_get_decay (gantry_component_get_double (self->settings, HALF_LIFE), gantry_component_get_double (self->settings, RAMP_UP),
                                   session->images, _gantry_session_get_turn_images (session));
}

gboolean
_gantry_average_run (GantryAverage *self, GantrySession *session, GError **error)
{
  const GantryRun run = { sizeof run, session->steps, session->images };

  gantry_array_set_double (gantry_program_get_input (self->program, DECAY), 0, get_decay (self, session));
  if (gantry_program_run (self->program, &run, error))
    return TRUE;
  g_prefix_error (error, "average of %s: ", self->network);
  return FALSE;
}

GantryProgram *
_gantry_average_get_program (GantryAverage *self)
{
  return self->program;
}
