/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/session-private.h"

#include "train/average-private.h"
#include "train/pipeline-private.h"

#include <gantry/error.h>
#include <omp.h>

G_DEFINE_FINAL_TYPE (GantrySession, gantry_session, G_TYPE_OBJECT)

static void
gantry_session_finalize (GObject *object)
{
  GantrySession *self = GANTRY_SESSION (object);

  g_clear_pointer (&self->loader, _gantry_loader_free);
  gantry_session_set_profile_func (self, NULL, NULL, NULL);
  g_clear_pointer (&self->samplers, g_ptr_array_unref);
  g_clear_object (&self->sample_average);
  g_clear_object (&self->critic_program);
  g_clear_pointer (&self->averages, g_ptr_array_unref);
  g_clear_pointer (&self->phases, g_ptr_array_unref);
  g_clear_pointer (&self->phase_names, g_strfreev);
  g_clear_pointer (&self->values, g_hash_table_unref);
  g_clear_pointer (&self->value_names, g_ptr_array_unref);
  g_clear_pointer (&self->outputs, g_hash_table_unref);
  g_clear_pointer (&self->bindings, g_hash_table_unref);
  g_clear_pointer (&self->host, _gantry_game_host_free);
  g_clear_pointer (&self->networks, g_ptr_array_unref);
  g_clear_pointer (&self->backends, g_ptr_array_unref);
  g_clear_object (&self->state);
  g_clear_object (&self->pipeline);
  g_clear_pointer (&self->rollbacks, g_array_unref);
  g_clear_pointer (&self->kept, g_hash_table_unref);
  g_free (self->origin);
  g_free (self->memory);
  g_free (self->shares);
  g_free (self->fingerprint);
  G_OBJECT_CLASS (gantry_session_parent_class)->finalize (object);
}

static void
gantry_session_class_init (GantrySessionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gantry_session_finalize;
}

static void
gantry_session_init (GantrySession *self)
{
  self->networks = g_ptr_array_new_with_free_func (g_object_unref);
  self->backends = g_ptr_array_new_with_free_func (g_object_unref);
  self->phases = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_phase_free);
  self->samplers = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_sampler_free);
  self->averages = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_average_free);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->value_names = g_ptr_array_new_with_free_func (g_free);
  self->outputs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) gantry_array_unref);
  self->bindings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_hash_table_unref);
  self->rollbacks = g_array_new (FALSE, FALSE, sizeof (GantryRollback));
  self->workspace = G_MAXSIZE;
  self->kept = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

static const gchar *
origin_of (GantrySession *self, GantryComponent *component, const gchar *key)
{
  const gchar *origin = gantry_pipeline_get_origin (self->pipeline, component, key);

  return origin != NULL ? origin : "[pipeline]";
}

static gboolean
open_backends (GantrySession *self, GError **error)
{
  GantryComponent *settings = gantry_pipeline_get_settings (self->pipeline);
  g_auto (GStrv) names = gantry_component_get_list (settings, "backend");

  if (names != NULL && g_strv_length (names) == 1 && g_str_equal (names[0], "auto"))
    {
      gboolean has_onednn = gantry_registry_find (gantry_pipeline_get_registry (self->pipeline), "backend", "onednn", NULL) != NULL;

      g_strfreev (names);
      names = g_strsplit (has_onednn ? "onednn;openblas;reference" : "openblas;reference", ";", -1);
    }
  for (guint i = 0; names != NULL && names[i] != NULL; i++)
    {
      GantryComponent *backend = gantry_registry_create (gantry_pipeline_get_registry (self->pipeline), "backend", names[i], names[i], error);

      if (backend == NULL)
        {
          g_prefix_error (error, "%s: ", origin_of (self, settings, "backend"));
          return FALSE;
        }
      g_ptr_array_add (self->backends, backend);
      if (!gantry_backend_open (GANTRY_BACKEND (backend), error))
        {
          g_prefix_error (error, "backend/%s: ", names[i]);
          return FALSE;
        }
    }
  if (self->backends->len == 0)
    {
      _gantry_pipeline_set_error (error, origin_of (self, settings, "backend"), "backend= names none: expected a list such as openblas;reference");
      return FALSE;
    }
  return TRUE;
}

static gboolean
choose_precision (GantrySession *self, GError **error)
{
  GantryComponent *settings = gantry_pipeline_get_settings (self->pipeline);

  if (!g_str_equal (gantry_component_get_enum (settings, "precision"), "bfloat16"))
    return TRUE;
  if (self->dtype != GANTRY_FLOAT32)
    {
      _gantry_pipeline_set_error (error, origin_of (self, settings, "precision"), "precision=bfloat16 goes with dtype=float32 alone");
      return FALSE;
    }
  self->compile_flags |= GANTRY_COMPILE_BFLOAT16;
  return TRUE;
}

GantryProgram *
_gantry_session_compile (GantrySession *self, GantryGraph *graph, GantryState *state, GError **error)
{
  return gantry_program_compile_within (graph, state, (GantryBackend *const *) self->backends->pdata, self->backends->len, self->compile_flags,
                                        self->workspace, error);
}

static gboolean
has_average (GantrySession *self, const gchar *network)
{
  g_autoptr (GPtrArray) averages = gantry_pipeline_list (self->pipeline, GANTRY_AVERAGE_KIND);

  for (guint i = 0; i < averages->len; i++)
    if (g_str_equal (gantry_component_get_instance (averages->pdata[i]), network))
      return TRUE;
  return FALSE;
}

static gboolean
make_networks (GantrySession *self, GError **error)
{
  for (guint i = 0; i < self->host->networks->len; i++)
    {
      const GantryGameNetwork *declared = self->host->networks->pdata[i];
      GantryComponent *architecture = gantry_pipeline_get_architecture (self->pipeline, declared->name);
      const gchar *role = _gantry_pipeline_get_role (self->pipeline, declared->name);
      GantryNetwork *network = gantry_network_new (declared->name, role != NULL ? role : declared->role, GANTRY_ARCHITECTURE (architecture),
                                                   &self->sample_shape, error);

      if (network == NULL)
        {
          g_prefix_error (error, "%s: ", origin_of (self, architecture, NULL));
          return FALSE;
        }
      g_ptr_array_add (self->networks, network);
      if (g_str_equal (declared->name, self->host->sampler) && has_average (self, declared->name))
        {
          g_autofree gchar *name = _gantry_average_name (declared->name);

          self->sample_average = gantry_network_new (name, gantry_network_get_role (network), GANTRY_ARCHITECTURE (architecture), &self->sample_shape,
                                                     error);
          if (self->sample_average == NULL)
            return FALSE;
        }
    }
  _gantry_game_host_set_networks (self->host, self->networks);
  return TRUE;
}

/* What OpenMP would take on its own: OMP_NUM_THREADS, or one a processor that this process may run on. */
static gint
default_threads (void)
{
  static gsize threads;

  if (g_once_init_enter (&threads))
    g_once_init_leave (&threads, omp_get_max_threads ());
  return threads;
}

static GantrySession *
session_new (GantryPipeline *pipeline, GError **error)
{
  g_autoptr (GantrySession) self = g_object_new (GANTRY_TYPE_SESSION, NULL);
  GantryComponent *settings;
  gint64 threads;

  if (!gantry_pipeline_resolve (pipeline, error))
    return NULL;
  self->pipeline = g_object_ref (pipeline);
  settings = gantry_pipeline_get_settings (pipeline);
  self->batch = gantry_component_get_int (settings, "batch");
  self->micro_batch = gantry_component_get_int (settings, "micro-batch");
  if (self->micro_batch >= self->batch)
    self->micro_batch = 0;
  self->shares_activations = gantry_component_get_bool (settings, "share-activations");
  self->total = gantry_component_get_int (settings, "images");
  self->dtype = g_str_equal (gantry_component_get_enum (settings, "dtype"), "float64") ? GANTRY_FLOAT64 : GANTRY_FLOAT32;
  self->state = gantry_state_new (gantry_component_get_int (settings, "seed"));
  self->host = _gantry_game_host_new ();
  threads = gantry_component_get_int (settings, "threads");
  omp_set_num_threads (threads > 0 ? threads : default_threads ());
  if (!_gantry_game_host_declare (self->host, GANTRY_GAME (gantry_pipeline_get (pipeline, "game")), error) || !open_backends (self, error) ||
      !choose_precision (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

/* The shape of what the game is about: images, or else the first field of numbers. */
static gboolean
find_sample_shape (GantrySession *self, const GantryField *fields, guint n_fields, GError **error)
{
  const GantryField *found = NULL;

  for (guint i = 0; i < n_fields; i++)
    if (gantry_dtype_is_float (fields[i].dtype) && (found == NULL || g_str_equal (fields[i].name, "image")))
      found = &fields[i];
  if (found == NULL)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "reader/%s: its records hold neither images nor points",
                   gantry_component_get_name ((GantryComponent *) self->reader));
      return FALSE;
    }
  self->sample_shape = found->shape;
  return TRUE;
}

static gboolean
open_reader (GantrySession *self, GError **error)
{
  GantryComponent *settings = gantry_pipeline_get_settings (self->pipeline);
  GantryComponent *reader = gantry_pipeline_get (self->pipeline, "reader");
  const GantryField *fields;
  guint n_fields = 0;

  if (reader == NULL)
    {
      _gantry_pipeline_set_error (error, self->pipeline->origin != NULL ? self->pipeline->origin : "pipeline",
                                  "there is no [reader] section: it names the data, as in plugin=idx and images=FILE");
      return FALSE;
    }
  gantry_component_freeze (reader);
  self->reader = GANTRY_READER (reader);
  if (!gantry_reader_open (self->reader, error))
    {
      g_prefix_error (error, "%s: reader/%s: ", origin_of (self, reader, NULL), gantry_component_get_name (reader));
      return FALSE;
    }
  fields = gantry_reader_fields (self->reader, &n_fields);
  if (!find_sample_shape (self, fields, n_fields, error))
    return FALSE;
  _gantry_game_host_set_fields (self->host, fields, n_fields);
  self->loader = _gantry_loader_new (self->reader, self->batch, gantry_state_get_seed (self->state),
                                     gantry_component_get_int (settings, "reader-threads"), error);
  if (self->loader == NULL)
    return FALSE;
  self->fingerprint = _gantry_session_fingerprint (self->reader, error);
  return self->fingerprint != NULL;
}

static void
freeze_all (GantrySession *self)
{
  const gchar *const *kinds = _gantry_pipeline_section_kinds ();

  for (guint k = 0; kinds[k] != NULL; k++)
    {
      g_autoptr (GPtrArray) components = gantry_pipeline_list (self->pipeline, kinds[k]);

      for (guint i = 0; i < components->len; i++)
        gantry_component_freeze (components->pdata[i]);
    }
}

gboolean
_gantry_session_make_averages (GantrySession *self, GError **error)
{
  g_autoptr (GPtrArray) settings = gantry_pipeline_list (self->pipeline, GANTRY_AVERAGE_KIND);

  for (guint i = 0; i < settings->len; i++)
    {
      GantryAverage *average = _gantry_average_new (self, settings->pdata[i], error);

      if (average == NULL)
        return FALSE;
      g_ptr_array_add (self->averages, average);
    }
  return TRUE;
}

/**
 * gantry_session_new:
 * @pipeline: a pipeline; it is resolved here if it is not yet
 * @error: return location for an error
 *
 * Opens the data, describes and compiles every phase of the pipeline's game, and makes all variables.  Components are
 * frozen.  Sets the number of OpenMP threads for the calling thread, in which the session is to be used.
 *
 * Returns: (transfer full) (nullable): a session before its first step
 */
GantrySession *
gantry_session_new (GantryPipeline *pipeline, GError **error)
{
  g_autoptr (GantrySession) self = NULL;

  g_return_val_if_fail (GANTRY_IS_PIPELINE (pipeline), NULL);
  self = session_new (pipeline, error);
  if (self == NULL || !open_reader (self, error) || !make_networks (self, error) || !_gantry_session_check_labels (self, error)
      || !_gantry_session_make_programs (self, error))
    return NULL;
  _gantry_session_adopt_programs (self);
  freeze_all (self);
  return g_steal_pointer (&self);
}

/**
 * gantry_session_new_for_sampling:
 * @pipeline: a pipeline; it is resolved here if it is not yet
 * @sample_shape: shape of one sample, such as [1, 32, 32]
 * @error: return location for an error
 *
 * A session that only samples: no data are opened and no phase is compiled.
 *
 * Returns: (transfer full) (nullable): a session
 */
GantrySession *
gantry_session_new_for_sampling (GantryPipeline *pipeline, const GantryShape *sample_shape, GError **error)
{
  g_autoptr (GantrySession) self = NULL;

  g_return_val_if_fail (GANTRY_IS_PIPELINE (pipeline), NULL);
  self = session_new (pipeline, error);
  if (self == NULL)
    return NULL;
  self->sample_shape = *sample_shape;
  self->phase_names = g_new0 (gchar *, 1);
  if (!make_networks (self, error) || !_gantry_session_declare_samplers (self, error))
    return NULL;
  freeze_all (self);
  return g_steal_pointer (&self);
}

/**
 * gantry_session_get_pipeline:
 * @self: a session
 *
 * Returns: (transfer none): its pipeline
 */
GantryPipeline *
gantry_session_get_pipeline (GantrySession *self)
{
  return self->pipeline;
}

/**
 * gantry_session_get_state:
 * @self: a session
 *
 * Returns: (transfer none): all of its variables; what is set here counts from the next run of a phase on
 */
GantryState *
gantry_session_get_state (GantrySession *self)
{
  return self->state;
}

/**
 * gantry_session_get_network:
 * @self: a session
 * @name: a network's name
 *
 * Returns: (transfer none) (nullable): the network
 */
GantryNetwork *
gantry_session_get_network (GantrySession *self, const gchar *name)
{
  for (guint i = 0; i < self->networks->len; i++)
    if (g_str_equal (gantry_network_get_name (self->networks->pdata[i]), name))
      return self->networks->pdata[i];
  return NULL;
}

/**
 * gantry_session_get_phases:
 * @self: a session
 *
 * Returns: (transfer none) (array zero-terminated=1): the phases of a turn, in their order
 */
const gchar *const *
gantry_session_get_phases (GantrySession *self)
{
  return (const gchar *const *) self->phase_names;
}

GantryPhase *
_gantry_session_find_phase (GantrySession *self, const gchar *name)
{
  for (guint i = 0; i < self->phases->len; i++)
    {
      GantryPhase *phase = self->phases->pdata[i];

      if (g_str_equal (phase->name, name))
        return phase;
    }
  return NULL;
}

/* As _gantry_session_find_phase, with an error. */
static GantryPhase *
need_phase (GantrySession *self, const gchar *name, const gchar *besides, GError **error)
{
  GantryPhase *phase = _gantry_session_find_phase (self, name);
  g_autofree gchar *known = NULL;

  if (phase != NULL)
    return phase;
  known = g_strjoinv (", ", self->phase_names);
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "there is no phase '%s'; there are: %s%s", name, known, besides);
  return NULL;
}

GantryPhase *
_gantry_session_need_phase (GantrySession *self, const gchar *name, GError **error)
{
  return need_phase (self, name, "", error);
}

/**
 * gantry_session_get_program:
 * @self: a session
 * @phase: a phase, phases that run together ([method@Gantry.Session.get_run]), or "sample"
 * @error: return location for an error
 *
 * With micro-batches that is what computes the terms and gradients of one part; what moves the variables is a small program of its own.
 *
 * Returns: (transfer none) (nullable): its program
 */
GantryProgram *
gantry_session_get_program (GantrySession *self, const gchar *phase, GError **error)
{
  GantryPhase *found = _gantry_session_find_phase (self, phase);
  GantryJoint *joint = found == NULL ? _gantry_session_find_joint (self, phase) : NULL;
  GantrySampler *sampler;

  if (joint != NULL)
    return _gantry_joint_get_program (joint);
  if (found == NULL && g_str_equal (phase, GANTRY_SAMPLE_PHASE))
    {
      sampler = _gantry_session_get_sampler (self, GANTRY_SAMPLE_CHUNK, error);
      return sampler != NULL ? sampler->program : NULL;
    }
  found = need_phase (self, phase, ", " GANTRY_SAMPLE_PHASE, error);
  return found != NULL ? _gantry_phase_get_shown (found)->program : NULL;
}

/**
 * gantry_session_get_graph:
 * @self: a session
 * @phase: a phase, phases that run together ([method@Gantry.Session.get_run]), or "sample"
 * @error: return location for an error
 *
 * Returns: (transfer none) (nullable): the graph that its program was compiled from
 */
GantryGraph *
gantry_session_get_graph (GantrySession *self, const gchar *phase, GError **error)
{
  GantryPhase *found = _gantry_session_find_phase (self, phase);
  GantryJoint *joint = found == NULL ? _gantry_session_find_joint (self, phase) : NULL;
  GantrySampler *sampler;

  if (joint != NULL)
    return _gantry_joint_get_graph (joint);
  if (found == NULL && g_str_equal (phase, GANTRY_SAMPLE_PHASE))
    {
      sampler = _gantry_session_get_sampler (self, GANTRY_SAMPLE_CHUNK, error);
      return sampler != NULL ? sampler->graph : NULL;
    }
  found = need_phase (self, phase, ", " GANTRY_SAMPLE_PHASE, error);
  return found != NULL ? _gantry_phase_get_shown (found)->graph : NULL;
}
