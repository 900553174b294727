/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images of the sampling network, in evaluate mode. */
#include "train/session-private.h"

#include <gantry/error.h>
#include <string.h>

#define MAX_SAMPLERS 4

static GantryProgram *
compile (GantrySession *self, GantryGraph *graph, GantryState *state, GError **error)
{
  if (!gantry_graph_finish (graph, error))
    return NULL;
  return _gantry_session_compile (self, graph, state, error);
}

static void
prepend_batch (const GantryShape *one, gsize n, GantryShape *shape)
{
  shape->n_dims = one->n_dims + 1;
  shape->dims[0] = n;
  memcpy (shape->dims + 1, one->dims, one->n_dims * sizeof one->dims[0]);
}

static GantryNetwork *
get_sampler (GantrySession *self, GError **error)
{
  GantryNetwork *network = gantry_session_get_network (self, self->host->sampler);

  if (gantry_network_get_latent_shape (network)->n_dims > 0)
    return network;
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "network %s takes no latents: it cannot be sampled",
               gantry_network_get_name (network));
  return NULL;
}

void
_gantry_sampler_free (GantrySampler *self)
{
  g_clear_object (&self->program);
  g_clear_object (&self->graph);
  g_free (self);
}

static GantryGraph *
describe (GantrySession *self, GantryNetwork *network, gsize n)
{
  GantryGraph *graph = gantry_graph_new (self->dtype);
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();
  GantryShape shape;

  prepend_batch (gantry_network_get_latent_shape (network), n, &shape);
  gantry_tensors_set (inputs, "latent", gantry_graph_feed (graph, "latent", &shape, self->dtype));
  if (gantry_network_get_classes (network) > 0)
    gantry_tensors_set (inputs, "label", gantry_graph_feed (graph, "label", GANTRY_SHAPE (n), GANTRY_INT64));
  gantry_graph_output (graph, "image",
                       gantry_network_apply_named (network, graph, inputs, gantry_sample_name (&self->sample_shape), GANTRY_MODE_EVALUATE));
  return graph;
}

/* A network's variables, which a program would declare as well. */
static gboolean
declare_variables (GantrySession *self, GantryNetwork *network, GError **error)
{
  g_autoptr (GantryGraph) graph = describe (self, network, 1);
  g_autoptr (GPtrArray) variables = gantry_graph_list_variables (graph);

  if (!gantry_graph_finish (graph, error))
    return FALSE;
  for (guint i = 0; i < variables->len; i++)
    if (!gantry_state_declare (self->state, variables->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* Those of both are there, whichever samples are drawn with. */
gboolean
_gantry_session_declare_samplers (GantrySession *self, GError **error)
{
  GantryNetwork *network = get_sampler (self, error);

  return network != NULL && declare_variables (self, network, error)
         && (self->sample_average == NULL || declare_variables (self, self->sample_average, error));
}

/* The last programs are kept: a run asks for the same sizes again and again, and many samples take two. */
GantrySampler *
_gantry_session_get_sampler (GantrySession *self, gsize n, GError **error)
{
  GantryNetwork *network = get_sampler (self, error);
  const gboolean is_live = self->sample_average == NULL || self->is_live;
  g_autoptr (GantryGraph) graph = NULL;
  GantryProgram *program;
  GantrySampler *sampler;

  if (network == NULL)
    return NULL;
  for (guint i = 0; i < self->samplers->len; i++)
    {
      sampler = self->samplers->pdata[i];
      if (sampler->n == n && sampler->is_live == is_live)
        return sampler;
    }
  graph = describe (self, is_live ? network : self->sample_average, n);
  program = compile (self, graph, self->state, error);
  if (program == NULL)
    return NULL;
  if (self->samplers->len == MAX_SAMPLERS)
    g_ptr_array_remove_index (self->samplers, 0);
  sampler = g_new (GantrySampler, 1);
  *sampler = (GantrySampler) { n, is_live, g_steal_pointer (&graph), program };
  g_ptr_array_add (self->samplers, sampler);
  _gantry_session_adopt_programs (self);
  return sampler;
}

/**
 * gantry_session_set_weights:
 * @self: a session
 * @weights: which weights samples are drawn with from now on
 * @error: return location for an error
 *
 * Where the pipeline keeps an average of the sampling network, samples are drawn with it unless this says otherwise.
 *
 * Returns: whether there are such weights
 */
gboolean
gantry_session_set_weights (GantrySession *self, GantryWeights weights, GError **error)
{
  const gboolean is_live = weights == GANTRY_WEIGHTS_LIVE;

  if (!is_live && self->sample_average == NULL)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "the pipeline keeps no average of %s: write [average]",
                   self->host->sampler);
      return FALSE;
    }
  self->is_live = is_live;
  return TRUE;
}

/**
 * gantry_session_draw_latents:
 * @self: a session
 * @seed: decides the numbers
 * @n: how many latents
 * @error: return location for an error
 *
 * Standard normal latents for the sampling network.  The first k of n latents are the k latents of the same seed.
 *
 * Returns: (transfer full) (nullable): [n, ...], in the session's dtype
 */
GantryArray *
gantry_session_draw_latents (GantrySession *self, guint64 seed, gsize n, GError **error)
{
  GantryNetwork *network = get_sampler (self, error);
  const GantryRun run = { sizeof run, 0, 0 };
  g_autoptr (GantryState) state = NULL;
  g_autoptr (GantryGraph) graph = NULL;
  g_autoptr (GantryProgram) program = NULL;
  GantryShape shape;

  if (network == NULL)
    return NULL;
  g_return_val_if_fail (n > 0, NULL);
  prepend_batch (gantry_network_get_latent_shape (network), n, &shape);
  state = gantry_state_new (seed);
  graph = gantry_graph_new (self->dtype);
  gantry_graph_output (graph, "latent", gantry_graph_random (graph, GANTRY_INPUT_NORMAL, "sample.latent", &shape));
  program = compile (self, graph, state, error);
  if (program == NULL || !gantry_program_run (program, &run, error))
    return NULL;
  return gantry_array_copy (gantry_program_get_output (program, "latent"));
}

static gboolean
check_latents (GantrySession *self, gsize n, GantryArray *latents, GError **error)
{
  g_autofree gchar *found = NULL;
  g_autofree gchar *due = NULL;
  GantryNetwork *network = get_sampler (self, error);
  GantryShape shape;

  if (network == NULL)
    return FALSE;
  prepend_batch (gantry_network_get_latent_shape (network), n, &shape);
  if (gantry_shape_equal (gantry_array_get_shape (latents), &shape))
    return TRUE;
  found = gantry_shape_to_string (gantry_array_get_shape (latents));
  due = gantry_shape_to_string (&shape);
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "latents are %s, expected %s", found, due);
  return FALSE;
}

void
_gantry_session_copy_rows (GantryArray *source, gsize from, GantryArray *target, gsize to, gsize n_rows)
{
  const gsize row = gantry_array_get_size (source) / gantry_array_get_shape (source)->dims[0];

  if (gantry_array_get_dtype (source) == gantry_array_get_dtype (target))
    {
      const gsize bytes = row * gantry_dtype_size (gantry_array_get_dtype (source));

      memcpy ((guint8 *) gantry_array_get_data (target) + to * bytes, (guint8 *) gantry_array_get_data (source) + from * bytes, n_rows * bytes);
      return;
    }
  for (gsize i = 0; i < n_rows * row; i++)
    gantry_array_set_double (target, to * row + i, gantry_array_get_double (source, from * row + i));
}

/**
 * gantry_session_sample:
 * @self: a session
 * @n: how many samples
 * @latents: (nullable): [n, ...]; %NULL for the fixed ones that the session's seed gives
 * @error: return location for an error
 *
 * Runs the game's sampling network in evaluate mode: stored statistics, nothing is written; with the average of its weights where the
 * pipeline keeps one.  A conditional network is asked for one class after the other: sample i is of class
 * i mod [method@Gantry.Session.get_classes].
 *
 * Returns: (transfer full) (nullable): [n, ...], images in [-1, 1]
 */
GantryArray *
gantry_session_sample (GantrySession *self, gsize n, GantryArray *latents, GError **error)
{
  return gantry_session_sample_labels (self, n, latents, NULL, error);
}

/* Fills the program's inputs with rows @at ... and runs it. */
static GantryArray *
sample_chunk (GantrySession *self, GantryArray *latents, GantryArray *labels, gsize at, gsize count, GError **error)
{
  const GantryRun run = { sizeof run, 0, at };
  GantrySampler *sampler = _gantry_session_get_sampler (self, count, error);

  if (sampler == NULL)
    return NULL;
  _gantry_session_copy_rows (latents, at, gantry_program_get_input (sampler->program, "latent"), 0, count);
  if (labels != NULL)
    _gantry_session_copy_rows (labels, at, gantry_program_get_input (sampler->program, "label"), 0, count);
  return gantry_program_run (sampler->program, &run, error) ? gantry_program_get_output (sampler->program, "image") : NULL;
}

/**
 * gantry_session_sample_labels:
 * @self: a session
 * @n: how many samples
 * @latents: (nullable): [n, ...]; %NULL for the fixed ones that the session's seed gives
 * @labels: (nullable): [n] int64, the classes to sample; %NULL for one after the other
 * @error: return location for an error
 *
 * As [method@Gantry.Session.sample], with the labels that a conditional network is asked for.  Labels for a network
 * that takes none, and those out of range, are errors.
 *
 * Returns: (transfer full) (nullable): [n, ...], images in [-1, 1]
 */
GantryArray *
gantry_session_sample_labels (GantrySession *self, gsize n, GantryArray *latents, GantryArray *labels, GError **error)
{
  const gsize chunk = MIN (n, GANTRY_SAMPLE_CHUNK);
  g_autoptr (GantryArray) drawn = NULL;
  g_autoptr (GantryArray) chosen = NULL;
  g_autoptr (GantryArray) images = NULL;
  GantryShape shape;

  g_return_val_if_fail (n > 0, NULL);
  if (latents == NULL)
    latents = drawn = gantry_session_draw_latents (self, gantry_state_get_seed (self->state), n, error);
  if (latents == NULL || !check_latents (self, n, latents, error) || !_gantry_session_choose_labels (self, n, labels, &chosen, error))
    return NULL;
  for (gsize at = 0; at < n; at += chunk)
    {
      const gsize count = MIN (chunk, n - at);
      GantryArray *output = sample_chunk (self, latents, chosen, at, count, error);

      if (output == NULL)
        return NULL;
      if (images == NULL)
        {
          shape = *gantry_array_get_shape (output);
          shape.dims[0] = n;
          images = gantry_array_new (self->dtype, &shape);
        }
      _gantry_session_copy_rows (output, 0, images, at, count);
    }
  return g_steal_pointer (&images);
}

/**
 * gantry_session_read_real:
 * @self: a session
 * @n: how many records
 * @error: return location for an error
 *
 * The first records of the data, as the networks see them: images, or else the first field of numbers.  A session that only
 * samples opens its reader here.  It may be called during a training only where the reader is thread-safe.
 *
 * Returns: (transfer full) (nullable): [n, ...], float32, or fewer where the data have fewer
 */
GantryArray *
gantry_session_read_real (GantrySession *self, gsize n, GError **error)
{
  GantryReader *reader = self->reader != NULL ? self->reader : GANTRY_READER (gantry_pipeline_get (self->pipeline, "reader"));
  g_autoptr (GPtrArray) record = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GantryArray) real = NULL;
  const GantryField *fields;
  guint n_fields = 0, found = GANTRY_READER_MAX_FIELDS;
  GantryShape shape;

  g_return_val_if_fail (n > 0, NULL);
  if (self->loader != NULL && (gantry_reader_get_flags (reader) & GANTRY_READER_THREAD_SAFE) == 0)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "reader/%s: is not thread-safe: it reads for the training alone",
                   gantry_component_get_name ((GantryComponent *) reader));
      return NULL;
    }
  if (self->reader == NULL && !gantry_reader_open (reader, error))
    return NULL;
  self->reader = reader;
  fields = gantry_reader_fields (reader, &n_fields);
  for (guint f = 0; f < n_fields; f++)
    {
      if (gantry_dtype_is_float (fields[f].dtype) && gantry_shape_equal (&fields[f].shape, &self->sample_shape) && found >= n_fields)
        found = f;
      g_ptr_array_add (record, g_malloc (MAX (1, gantry_shape_size (&fields[f].shape) * gantry_dtype_size (fields[f].dtype))));
    }
  if (found >= n_fields)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "reader/%s: its records are not of the shape that is sampled",
                   gantry_component_get_name ((GantryComponent *) reader));
      return NULL;
    }
  n = MIN (n, gantry_reader_count (reader));
  prepend_batch (&self->sample_shape, n, &shape);
  real = gantry_array_new (fields[found].dtype, &shape);
  for (gsize i = 0; i < n; i++)
    {
      const gsize bytes = gantry_array_get_bytes (real) / n;

      if (!gantry_reader_read (reader, i, record->pdata, error))
        return NULL;
      memcpy ((guint8 *) gantry_array_get_data (real) + i * bytes, record->pdata[found], bytes);
    }
  return g_steal_pointer (&real);
}
