/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "judge.h"

#include <math.h>
#include <string.h>

#define SIDE 32

struct _Judge {
  GantryProgram *program;
  gsize batch;
};

/* A trained array of the classifier as a variable of the graph; its numbers go into the state. */
static GantryTensor *
weight (GantryGraph *graph, GantryState *state, GantryCheckpoint *file, const gchar *name, GError **error)
{
  GantryArray *values = gantry_checkpoint_get (file, name);
  GantryVariable *variable;

  if (values == NULL)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_CHECKPOINT, "the classifier has no array '%s'", name);
      return NULL;
    }
  variable = gantry_graph_variable (graph, name, gantry_array_get_shape (values), GANTRY_FLOAT32, GANTRY_CONSTANT (0), FALSE);
  if (!gantry_state_declare (state, variable, error) || !gantry_state_set (state, variable->name, values, error))
    return NULL;
  return gantry_graph_read (graph, variable);
}

/* The larger of each 2 x 2 neighbours: [n, c, h, w] -> [n, c, h/2, w/2]. */
static GantryTensor *
max_pool (GantryTensor *x)
{
  gsize n = gantry_tensor_get_dim (x, 0), c = gantry_tensor_get_dim (x, 1);
  gsize h = gantry_tensor_get_dim (x, 2) / 2, w = gantry_tensor_get_dim (x, 3) / 2;

  return gantry_max_axes (gantry_reshape (x, GANTRY_SHAPE (n, c, h, 2, w, 2)), GANTRY_AXIS (3) | GANTRY_AXIS (5), FALSE);
}

static GantryTensor *
convolution (GantryTensor *x, GantryTensor *kernel, GantryTensor *bias)
{
  GantryConvolution geometry = { 0 };
  GantryTensor *y = gantry_conv2d (x, kernel, &geometry);

  y = gantry_add (y, gantry_reshape (bias, GANTRY_SHAPE (gantry_tensor_get_size (bias), 1, 1)));
  return max_pool (gantry_relu (y));
}

static GantryTensor *
linear (GantryTensor *x, GantryTensor *matrix, GantryTensor *bias)
{
  return gantry_add (gantry_matmul_full (x, FALSE, matrix, TRUE), bias);
}

static GantryTensor *
softmax (GantryTensor *logits)
{
  GantryTensor *e = gantry_exp (gantry_sub (logits, gantry_max_axes (logits, GANTRY_AXIS (1), TRUE)));

  return gantry_div (e, gantry_sum_axes (e, GANTRY_AXIS (1), TRUE));
}

static gboolean
describe (GantryGraph *graph, GantryState *state, GantryCheckpoint *file, gsize batch, GError **error)
{
  static const gchar *names[] = { "c1.weight", "c1.bias", "c2.weight", "c2.bias", "f1.weight", "f1.bias", "f2.weight", "f2.bias" };
  GantryTensor *w[G_N_ELEMENTS (names)], *x;

  gantry_graph_push_owner (graph, "judge");
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if ((w[i] = weight (graph, state, file, names[i], error)) == NULL)
      return FALSE;

  x = gantry_graph_feed (graph, "images", GANTRY_SHAPE (batch, 1, SIDE, SIDE), GANTRY_FLOAT32);
  x = gantry_scale (gantry_offset (x, 1), 0.5);
  x = convolution (x, w[0], w[1]);
  x = convolution (x, w[2], w[3]);
  x = gantry_relu (linear (gantry_flatten (x), w[4], w[5]));
  x = softmax (linear (x, w[6], w[7]));
  gantry_graph_output (graph, "probabilities", x);
  gantry_graph_pop (graph);
  return gantry_graph_finish (graph, error);
}

Judge *
judge_new (const gchar *classifier, gsize batch, GError **error)
{
  g_autoptr (GantryCheckpoint) file = gantry_checkpoint_load (classifier, error);
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (0);
  g_autoptr (GPtrArray) backends = NULL;
  g_autoptr (GantryProgram) program = NULL;
  Judge *self;

  if (file == NULL || !describe (graph, state, file, batch, error))
    return NULL;
  backends = gantry_backends_open (gantry_registry_get_default (), NULL, error);
  if (backends == NULL)
    return NULL;
  program = gantry_program_compile (graph, state, (GantryBackend **) backends->pdata, backends->len, error);
  if (program == NULL)
    return NULL;
  self = g_new0 (Judge, 1);
  self->program = g_steal_pointer (&program);
  self->batch = batch;
  return self;
}

void
judge_free (Judge *self)
{
  g_clear_object (&self->program);
  g_free (self);
}

gboolean
judge_classify (Judge *self, const gfloat *images, gsize n, gdouble *probabilities, GError **error)
{
  const gsize pixels = SIDE * SIDE;
  gfloat *input = gantry_array_get_data (gantry_program_get_input (self->program, "images"));

  for (gsize first = 0; first < n; first += self->batch)
    {
      GantryRun run = { sizeof run, 0, first };
      gsize length = MIN (self->batch, n - first);
      const gfloat *output;

      memcpy (input, images + first * pixels, length * pixels * sizeof *input);
      if (!gantry_program_run (self->program, &run, error))
        return FALSE;
      output = gantry_array_get_data (gantry_program_get_output (self->program, "probabilities"));
      for (gsize i = 0; i < length * JUDGE_CLASSES; i++)
        probabilities[first * JUDGE_CLASSES + i] = output[i];
    }
  return TRUE;
}

guint
judge_class (const gdouble *row)
{
  guint best = 0;

  for (guint k = 1; k < JUDGE_CLASSES; k++)
    if (row[k] > row[best])
      best = k;
  return best;
}

gdouble
judge_score (const gdouble *probabilities, gsize n)
{
  gdouble marginal[JUDGE_CLASSES] = { 0 }, divergence = 0;

  for (gsize i = 0; i < n * JUDGE_CLASSES; i++)
    marginal[i % JUDGE_CLASSES] += probabilities[i] / n;
  for (gsize i = 0; i < n * JUDGE_CLASSES; i++)
    if (probabilities[i] > 0)
      divergence += probabilities[i] * log (probabilities[i] / marginal[i % JUDGE_CLASSES]);
  return exp (divergence / n);
}
