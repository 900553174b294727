/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "layers/layer-cases.h"

static gboolean
is_differentiated (GantryTensor *input)
{
  return gantry_tensor_get_input_kind (input) == GANTRY_INPUT_FEED && gantry_dtype_is_float (gantry_tensor_get_dtype (input));
}

/* What the layer can be differentiated by, with the names. */
static GPtrArray *
list_targets (GantryGraph *graph, GPtrArray *names)
{
  g_autoptr (GPtrArray) inputs = gantry_graph_list_inputs (graph);
  g_autoptr (GPtrArray) variables = gantry_graph_list_variables (graph);
  GPtrArray *targets = g_ptr_array_new ();

  for (guint i = 0; i < inputs->len; i++)
    if (is_differentiated (inputs->pdata[i]))
      {
        g_ptr_array_add (targets, inputs->pdata[i]);
        g_ptr_array_add (names, g_strdup (gantry_tensor_get_name (inputs->pdata[i])));
      }
  for (guint i = 0; i < variables->len; i++)
    {
      GantryVariable *variable = variables->pdata[i];

      if (!variable->trainable)
        continue;
      g_ptr_array_add (targets, gantry_graph_read (graph, variable));
      g_ptr_array_add (names, g_strdup (variable->name));
    }
  return targets;
}

static GantryTensor *
like (GantryGraph *graph, const gchar *letter, guint k, GantryTensor *x)
{
  g_autofree gchar *name = g_strdup_printf ("%s%u", letter, k);

  return gantry_graph_feed (graph, name, gantry_tensor_get_shape (x), gantry_tensor_get_dtype (x));
}

static void
add_outputs (GantryGraph *graph, const gchar *letter, GantryTensor **tensors, guint n)
{
  for (guint k = 0; k < n; k++)
    {
      g_autofree gchar *name = g_strdup_printf ("%s%u", letter, k);

      gantry_graph_output (graph, name, tensors[k]);
    }
}

LayerProblem *
layer_problem_new (const LayerCase *row, guint draw, GantryDType dtype)
{
  LayerProblem *self = g_new0 (LayerProblem, 1);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1000 + draw);
  g_autoptr (GPtrArray) targets = NULL, names = g_ptr_array_new ();
  g_autofree GantryTensor **slopes = NULL;
  GantryTensor *y, *sum, *product;

  self->graph = gantry_graph_new (dtype);
  gantry_graph_push_mode (self->graph, row->mode);
  y = row->build (self->graph, rand);
  gantry_graph_pop_mode (self->graph);

  targets = list_targets (self->graph, names);
  self->n = targets->len;
  slopes = g_new0 (GantryTensor *, self->n);
  sum = gantry_sum (gantry_mul (y, like (self->graph, "c", 0, y)));
  gantry_gradients (sum, (GantryTensor **) targets->pdata, self->n, slopes);
  add_outputs (self->graph, "g", slopes, self->n);
  product = gantry_constant (self->graph, 0);
  for (guint k = 0; k < self->n; k++)
    product = gantry_add (product, gantry_sum (gantry_mul (slopes[k], like (self->graph, "v", k, slopes[k]))));
  gantry_gradients (product, (GantryTensor **) targets->pdata, self->n, slopes);
  add_outputs (self->graph, "h", slopes, self->n);
  gantry_graph_output (self->graph, "S", sum);
  gantry_graph_output (self->graph, "P", product);

  g_ptr_array_add (names, NULL);
  self->names = (gchar **) g_ptr_array_free (g_steal_pointer (&names), FALSE);
  return self;
}

void
layer_problem_free (LayerProblem *self)
{
  g_object_unref (self->graph);
  g_strfreev (self->names);
  g_free (self);
}

static void
fill (GRand *rand, GantryArray *array)
{
  const gboolean is_float = gantry_dtype_is_float (gantry_array_get_dtype (array));

  /* Few different numbers in float32 too; indices are 0 or 1. */
  for (gsize i = 0; i < gantry_array_get_size (array); i++)
    gantry_array_set_double (array, i, is_float ? g_rand_int_range (rand, -4096, 4096) / 4096.0 : g_rand_int_range (rand, 0, 2));
}

void
layer_problem_fill (const LayerProblem *self, GantryProgram *program, GantryState *state)
{
  g_autoptr (GPtrArray) inputs = gantry_graph_list_inputs (self->graph);
  g_auto (GStrv) variables = gantry_state_list (state);
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint i = 0; i < inputs->len; i++)
    {
      GantryArray *array = gantry_program_get_input (program, gantry_tensor_get_name (inputs->pdata[i]));

      if (array != NULL && gantry_tensor_get_input_kind (inputs->pdata[i]) == GANTRY_INPUT_FEED)
        fill (rand, array);
    }
  for (guint i = 0; variables[i] != NULL; i++)
    if (gantry_state_is_trainable (state, variables[i]))
      fill (rand, gantry_state_get (state, variables[i]));
}

GantryArray *
layer_problem_get (const LayerProblem *self, GantryProgram *program, GantryState *state, guint k)
{
  GantryArray *array = gantry_state_get (state, self->names[k]);

  return array != NULL ? array : gantry_program_get_input (program, self->names[k]);
}
