/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a critic says of samples, in evaluate mode, and the picture of points that shows it. */
#include "train/session-private.h"

#include <gantry/error.h>
#include <gantry/image-scatter.h>
#include <gantry/log.h>
#include <gantry/loss.h>
#include <string.h>

#define CHUNK 1024
#define N_REAL 1000 /* real points in a picture, or as many as generated ones */

/* The network of the first player that tells real from generated. */
static GantryNetwork *
find_critic (GantrySession *self)
{
  for (guint i = 0; i < self->host->players->len; i++)
    {
      const GantryGamePlayer *player = self->host->players->pdata[i];

      if (player->side == GANTRY_SIDE_DISCRIMINATOR)
        return gantry_session_get_network (self, player->network);
    }
  return NULL;
}

/* One number a sample, [n]: of a critic that judges patches the mean. */
static GantryTensor *
average (GantryTensor *x)
{
  return gantry_scale (gantry_sum_per_sample (x), (gdouble) gantry_tensor_get_dim (x, 0) / gantry_tensor_get_size (x));
}

/* The first loss says how its logits are to be read. */
static GantryTensor *
read_logits (GantrySession *self, GantryGraph *graph, GantryTensor *logits, gboolean *is_probability)
{
  g_autoptr (GPtrArray) losses = gantry_pipeline_list (self->pipeline, "loss");
  GantryTensor *probability = NULL;

  if (losses->len > 0)
    {
      const GantryLossProbabilityInput in = { { graph, losses->pdata[0], NULL }, sizeof in, logits };

      probability = gantry_loss_probability (losses->pdata[0], &in);
    }
  *is_probability = probability != NULL;
  return probability != NULL ? probability : logits;
}

/* A session that only samples has what was restored: a critic of fresh weights would say nothing. */
static gboolean
check_variables (GantrySession *self, GantryNetwork *critic, GantryGraph *graph, GError **error)
{
  g_autoptr (GPtrArray) variables = gantry_graph_list_variables (graph);

  for (guint i = 0; i < variables->len; i++)
    {
      const GantryVariable *variable = variables->pdata[i];

      if (gantry_state_get (self->state, variable->name) != NULL)
        continue;
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_CHECKPOINT, "the variable %s of the critic %s is missing: it was not restored",
                   variable->name, gantry_network_get_name (critic));
      return FALSE;
    }
  return TRUE;
}

static gboolean
compile (GantrySession *self, GantryNetwork *critic, gsize n, GError **error)
{
  const gchar *sample = gantry_sample_name (&self->sample_shape);
  g_autoptr (GantryGraph) graph = gantry_graph_new (self->dtype);
  g_autoptr (GantryProgram) program = NULL;
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();
  g_autoptr (GantryTensors) outputs = NULL;
  GantryTensor *logits;
  GantryShape shape = { self->sample_shape.n_dims + 1, { n } };

  if (self->critic_program != NULL && self->critic_size == n)
    return TRUE;
  memcpy (shape.dims + 1, self->sample_shape.dims, self->sample_shape.n_dims * sizeof shape.dims[0]);
  gantry_tensors_set (inputs, sample, gantry_graph_feed (graph, "sample", &shape, self->dtype));
  if (gantry_network_get_classes (critic) > 0)
    gantry_tensors_set (inputs, "label", gantry_graph_feed (graph, "label", GANTRY_SHAPE (n), GANTRY_INT64));
  outputs = gantry_network_apply (critic, graph, inputs, GANTRY_MODE_EVALUATE);
  logits = gantry_tensors_get (outputs, "logits");
  if (logits == NULL)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "the critic %s gives no output `logits`",
                   gantry_network_get_name (critic));
      return FALSE;
    }
  gantry_graph_output (graph, "value", average (read_logits (self, graph, logits, &self->is_probability)));
  if (!gantry_graph_finish (graph, error) || !check_variables (self, critic, graph, error))
    return FALSE;
  program = _gantry_session_compile (self, graph, self->state, error);
  if (program == NULL)
    return FALSE;
  g_set_object (&self->critic_program, program);
  _gantry_session_adopt_programs (self);
  self->critic_size = n;
  return TRUE;
}

static gboolean
check_samples (GantrySession *self, GantryNetwork *critic, GantryArray *samples, GantryArray *labels, GError **error)
{
  const GantryShape *shape = gantry_array_get_shape (samples);
  g_autofree gchar *found = gantry_shape_to_string (shape);
  g_autofree gchar *due = gantry_shape_to_string (&self->sample_shape);
  const gsize classes = gantry_network_get_classes (critic);

  if (shape->n_dims != self->sample_shape.n_dims + 1 || shape->dims[0] == 0
      || memcmp (shape->dims + 1, self->sample_shape.dims, self->sample_shape.n_dims * sizeof shape->dims[0]) != 0)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "samples are %s, expected n of %s", found, due);
      return FALSE;
    }
  if ((classes > 0) != (labels != NULL))
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA,
                   classes > 0 ? "the critic %s is conditional: it needs labels" : "the critic %s takes no labels: it is not conditional",
                   gantry_network_get_name (critic));
      return FALSE;
    }
  if (labels == NULL)
    return TRUE;
  if (gantry_array_get_dtype (labels) != GANTRY_INT64 || !gantry_shape_equal (gantry_array_get_shape (labels), GANTRY_SHAPE (shape->dims[0])))
    {
      g_autofree gchar *text = gantry_shape_to_string (gantry_array_get_shape (labels));

      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "labels are %s %s, expected int64 [%" G_GSIZE_FORMAT "]",
                   gantry_dtype_name (gantry_array_get_dtype (labels)), text, shape->dims[0]);
      return FALSE;
    }
  return _gantry_session_check_label_values (self, labels, error);
}

/**
 * gantry_session_judge:
 * @self: a session
 * @samples: [n, ...], of the shape of the data
 * @labels: (nullable): [n] int64, for a conditional critic; %NULL for others
 * @is_probability: (out) (optional): whether the values are probabilities
 * @error: return location for an error
 *
 * What the game's first critic says of samples, in evaluate mode: stored statistics, nothing is drawn and nothing is written, so a training
 * goes on as if it had not been asked.  The values are the probability that a sample is real where the pipeline's first loss trains
 * a classifier ([method@Gantry.Loss.probability]), and the critic's logits otherwise; the mean of them where it gives several for a sample.
 * A session that only samples judges with the critic that its checkpoint has.
 *
 * Returns: (transfer full) (nullable): [n], in the session's dtype
 */
GantryArray *
gantry_session_judge (GantrySession *self, GantryArray *samples, GantryArray *labels, gboolean *is_probability, GError **error)
{
  const GantryRun run = { sizeof run, 0, 0 };
  GantryNetwork *critic = find_critic (self);
  g_autoptr (GantryArray) values = NULL;
  gsize n, chunk;

  if (critic == NULL)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "the game has no player that tells real from generated samples");
      return NULL;
    }
  if (!check_samples (self, critic, samples, labels, error))
    return NULL;
  n = gantry_array_get_shape (samples)->dims[0];
  chunk = MIN (n, CHUNK);
  if (!compile (self, critic, chunk, error))
    return NULL;
  if (is_probability != NULL)
    *is_probability = self->is_probability;
  values = gantry_array_new (self->dtype, GANTRY_SHAPE (n));
  for (gsize at = 0; at < n; at += chunk)
    {
      const gsize count = MIN (chunk, n - at);

      _gantry_session_copy_rows (samples, at, gantry_program_get_input (self->critic_program, "sample"), 0, count);
      if (labels != NULL)
        _gantry_session_copy_rows (labels, at, gantry_program_get_input (self->critic_program, "label"), 0, count);
      if (!gantry_program_run (self->critic_program, &run, error))
        return NULL;
      _gantry_session_copy_rows (gantry_program_get_output (self->critic_program, "value"), 0, values, at, count);
    }
  return g_steal_pointer (&values);
}

/* All of one class; NULL where the critic takes none. */
static GantryArray *
make_labels (GantryNetwork *critic, gsize n, gint64 label)
{
  GantryArray *labels;

  if (gantry_network_get_classes (critic) == 0)
    return NULL;
  labels = gantry_array_new (GANTRY_INT64, GANTRY_SHAPE (n));
  for (gsize i = 0; i < n; i++)
    ((gint64 *) gantry_array_get_data (labels))[i] = label;
  return labels;
}

/**
 * gantry_session_save_points:
 * @self: a session whose samples are points in one or two dimensions
 * @points: such samples, [n, 1] or [n, 2]
 * @label: the class that they were asked for; -1 for none, or different ones
 * @path: a PNG file, replaced as a whole
 * @error: return location for an error
 *
 * Draws points upon real ones and what the critic says of every place ([func@Gantry.image_scatter_save_critic],
 * [method@Gantry.Session.judge]).  There are as many real points as generated ones, at least 1000.  Without real points or without the critic, as
 * where the data or the critic's variables are not at hand, the picture lacks them, which the log says.  What a conditional critic says depends on
 * the class: it is shown where all points are of one.
 *
 * Returns: whether it could be written
 */
gboolean
gantry_session_save_points (GantrySession *self, GantryArray *points, gint64 label, const gchar *path, GError **error)
{
  GantryNetwork *critic = find_critic (self);
  g_autoptr (GError) no_data = NULL;
  g_autoptr (GError) no_critic = NULL;
  g_autoptr (GantryArray) real = NULL;
  g_autoptr (GantryArray) grid = NULL;
  g_autoptr (GantryArray) labels = NULL;
  g_autoptr (GantryArray) values = NULL;
  gboolean is_probability = FALSE;

  real = gantry_session_read_real (self, MAX (gantry_array_get_shape (points)->dims[0], N_REAL), &no_data);
  if (real == NULL)
    gantry_log_message ("session", GANTRY_LOG_WARNING, "%s: without real points: %s", path, no_data->message);
  if (critic == NULL || (gantry_network_get_classes (critic) > 0 && label < 0))
    return gantry_image_scatter_save (points, real, path, error);
  grid = gantry_image_scatter_grid (points, real, error);
  if (grid == NULL)
    return FALSE;
  labels = make_labels (critic, gantry_array_get_shape (grid)->dims[0], label);
  values = gantry_session_judge (self, grid, labels, &is_probability, &no_critic);
  if (values == NULL)
    gantry_log_message ("session", GANTRY_LOG_WARNING, "%s: without the critic: %s", path, no_critic->message);
  return gantry_image_scatter_save_critic (points, real, values, is_probability, path, error);
}
