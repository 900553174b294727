/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Decides where every tensor of a program lies: leaves in the arrays of inputs, variables and constants, results as far as possible where
 * they are wanted in the end, everything else in the workspace, on memory that a kernel may overwrite where it can.
 */
#include <gantry/error.h>

#include "array-private.h"
#include "graph/graph-private.h"
#include "plan-private.h"
#include "program-private.h"

#define NO_BLOCK G_MAXUINT

/* Of a root, by id: fixed memory, or a block of the workspace. */
typedef struct {
  gpointer fixed;
  guint block;
  guint last; /* last step that reads it; the number of steps where it is wanted in the end */
  gboolean read;
} Place;

typedef struct {
  GantryProgram *program;
  GantryCompileFlags flags;
  Place *places;
  GArray *blocks;      /* GantryBlock */
  guint *scratch;      /* block of each step's scratch */
  gboolean *delivered; /* outputs that a kernel writes itself */
  gboolean *committed; /* assignments likewise */
  guint *staged;       /* block of each assignment that is read before all are written */
} Placing;

static GantryStep *
get_step (Placing *placing, guint i)
{
  return &g_array_index (placing->program->steps, GantryStep, i);
}

static GantryResult *
get_result (GArray *results, guint i)
{
  return &g_array_index (results, GantryResult, i);
}

static Place *
get_place (Placing *placing, GantryTensor *tensor)
{
  return &placing->places[gantry_tensor_get_id (_gantry_tensor_get_root (tensor))];
}

static gsize
bytes_of (GantryTensor *tensor)
{
  return gantry_tensor_get_size (tensor) * gantry_dtype_size (gantry_tensor_get_dtype (tensor));
}

static guint
add_block (Placing *placing, gsize bytes, guint first, guint last)
{
  GantryBlock block = { bytes, first, last, 0 };

  if ((placing->flags & GANTRY_COMPILE_NO_REUSE) != 0)
    {
      block.first = 0;
      block.last = placing->program->steps->len;
    }
  g_array_append_val (placing->blocks, block);
  return placing->blocks->len - 1;
}

static void
find_lifetimes (Placing *placing)
{
  GantryLowering *lowering = placing->program->lowering;
  GArray *results[] = { lowering->outputs, lowering->assignments };
  guint n_steps = placing->program->steps->len;

  for (guint s = 0; s < n_steps; s++)
    for (guint i = 0; i < get_step (placing, s)->kernel.n_inputs; i++)
      {
        Place *place = get_place (placing, get_step (placing, s)->kernel.inputs[i]);

        place->last = s;
        place->read = TRUE;
      }
  for (guint k = 0; k < G_N_ELEMENTS (results); k++)
    for (guint i = 0; i < results[k]->len; i++)
      {
        Place *place = get_place (placing, get_result (results[k], i)->tensor);

        place->last = n_steps;
        place->read = TRUE;
      }
}

/* A constant in memory of its own, filled once. */
static gpointer
make_constant (GantryProgram *program, GantryTensor *leaf, GError **error)
{
  GantryArray *array = gantry_array_try_new (gantry_tensor_get_dtype (leaf), gantry_tensor_get_shape (leaf), error);
  guint n_reals;
  const gdouble *reals = gantry_tensor_get_reals (leaf, &n_reals);

  if (array == NULL)
    return NULL;
  for (gsize i = 0; i < gantry_array_get_size (array); i++)
    gantry_array_set_double (array, i, reals[n_reals == 1 ? 0 : i]);
  g_ptr_array_add (program->arrays, array);
  return gantry_array_get_data (array);
}

static gpointer
find_variable (GantryProgram *program, const gchar *name)
{
  GantryArray *array = gantry_state_get (program->state, name);

  if (!g_ptr_array_find (program->arrays, array, NULL))
    {
      g_ptr_array_add (program->arrays, gantry_array_ref (array));
      program->variable_bytes += gantry_array_get_bytes (array);
    }
  return gantry_array_get_data (array);
}

static gpointer
find_leaf (GantryProgram *program, GantryTensor *leaf, GError **error)
{
  GantryInput *input;

  if (_gantry_tensor_get_variable (leaf) != NULL)
    return find_variable (program, gantry_tensor_get_name (leaf));
  if (gantry_tensor_get_name (leaf) == NULL)
    return make_constant (program, leaf, error);
  input = _gantry_program_find_input (program, gantry_tensor_get_name (leaf));
  if (!_gantry_program_ensure_input (input, error))
    return NULL;
  input->live = TRUE;
  return gantry_array_get_data (input->array);
}

static gboolean
place_leaves (Placing *placing, GError **error)
{
  GantryGraph *graph = placing->program->lowering->graph;

  for (guint id = 0; id < gantry_graph_get_n_tensors (graph); id++)
    {
      GantryTensor *tensor = gantry_graph_get_tensor (graph, id);

      if (!placing->places[id].read || gantry_tensor_get_n_inputs (tensor) > 0)
        continue;
      placing->places[id].fixed = find_leaf (placing->program, tensor, error);
      if (placing->places[id].fixed == NULL)
        return FALSE;
    }
  return TRUE;
}

/* The inputs of a step, as bits, that its output @k may lie on. */
static guint
get_in_place (const GantryStep *step, guint k)
{
  return step->n_tensors > 1 ? step->kernel.in_place_of[k] : step->kernel.in_place;
}

/* Whether output @k of a step may lie on a root that it reads: all inputs that look at the same memory must allow it. */
static gboolean
may_overwrite (Placing *placing, guint s, guint k, Place *place)
{
  const GantryStep *step = get_step (placing, s);

  for (guint i = 0; i < step->kernel.n_inputs; i++)
    if (get_place (placing, step->kernel.inputs[i]) == place && (get_in_place (step, k) & 1u << i) == 0)
      return FALSE;
  return TRUE;
}

/* A kernel may write a variable itself when nothing reads the former value afterwards. */
static gboolean
is_free (Placing *placing, const gchar *variable, guint s, guint k)
{
  GantryGraph *graph = placing->program->lowering->graph;

  for (guint id = 0; id < gantry_graph_get_n_tensors (graph); id++)
    {
      GantryTensor *tensor = gantry_graph_get_tensor (graph, id);
      Place *place = &placing->places[id];

      if (_gantry_tensor_get_variable (tensor) == NULL || !place->read || !g_str_equal (gantry_tensor_get_name (tensor), variable))
        continue;
      if (place->last > s || (place->last == s && !may_overwrite (placing, s, k, place)))
        return FALSE;
    }
  return TRUE;
}

/* Where output @k of a step is wanted in the end, if it may be written there at once. */
static gpointer
find_destination (Placing *placing, guint s, guint k)
{
  GantryLowering *lowering = placing->program->lowering;
  GantryTensor *tensor = get_step (placing, s)->tensors[k];

  for (guint i = 0; i < lowering->outputs->len; i++)
    if (_gantry_tensor_get_root (get_result (lowering->outputs, i)->tensor) == tensor)
      {
        placing->delivered[i] = TRUE;
        return gantry_array_get_data (g_array_index (placing->program->outputs, GantryOutput, i).array);
      }
  if ((placing->flags & GANTRY_COMPILE_NO_REUSE) != 0)
    return NULL;
  for (guint i = 0; i < lowering->assignments->len; i++)
    if (_gantry_tensor_get_root (get_result (lowering->assignments, i)->tensor) == tensor
        && is_free (placing, get_result (lowering->assignments, i)->name, s, k))
      {
        placing->committed[i] = TRUE;
        return find_variable (placing->program, get_result (lowering->assignments, i)->name);
      }
  return NULL;
}

static gboolean
is_taken (Placing *placing, guint s, guint k, guint block)
{
  for (guint before = 0; before < k; before++)
    if (get_place (placing, get_step (placing, s)->tensors[before])->block == block)
      return TRUE;
  return FALSE;
}

/* A block that dies as an input of the step and may be overwritten by its output @k. */
static guint
find_overwritten (Placing *placing, guint s, guint k)
{
  const GantryStep *step = get_step (placing, s);

  for (guint i = 0; i < step->kernel.n_inputs && (placing->flags & GANTRY_COMPILE_NO_REUSE) == 0; i++)
    {
      Place *place = get_place (placing, step->kernel.inputs[i]);

      if (place->block != NO_BLOCK && place->last == s && (get_in_place (step, k) & 1u << i) != 0
          && bytes_of (step->kernel.inputs[i]) == bytes_of (step->tensors[k]) && may_overwrite (placing, s, k, place)
          && !is_taken (placing, s, k, place->block))
        return place->block;
    }
  return NO_BLOCK;
}

static void
place_output (Placing *placing, guint s, guint k)
{
  GantryTensor *tensor = get_step (placing, s)->tensors[k];
  Place *place = get_place (placing, tensor);

  place->fixed = find_destination (placing, s, k);
  if (place->fixed != NULL)
    return;
  place->block = find_overwritten (placing, s, k);
  if (place->block == NO_BLOCK)
    place->block = add_block (placing, bytes_of (tensor), s, MAX (s, place->last)); /* one of several may have no reader */
  else
    g_array_index (placing->blocks, GantryBlock, place->block).last = MAX (s, place->last);
}

static void
place_steps (Placing *placing)
{
  for (guint s = 0; s < placing->program->steps->len; s++)
    {
      const GantryStep *step = get_step (placing, s);

      if (step->kernel.scratch > 0)
        placing->scratch[s] = add_block (placing, step->kernel.scratch, s, s);
      for (guint k = 0; k < step->n_tensors; k++)
        place_output (placing, s, k);
    }
}

/* v := w and w := v: what is still to be overwritten by another assignment is put aside first. */
static void
place_staged (Placing *placing)
{
  GArray *assignments = placing->program->lowering->assignments;
  guint n_steps = placing->program->steps->len;

  for (guint i = 0; i < assignments->len; i++)
    {
      GantryTensor *root = _gantry_tensor_get_root (get_result (assignments, i)->tensor);

      placing->staged[i] = NO_BLOCK;
      if (_gantry_tensor_get_variable (root) != NULL)
        placing->staged[i] = add_block (placing, bytes_of (root), n_steps, n_steps);
    }
}

static gboolean
make_workspace (Placing *placing, GError **error)
{
  GantryProgram *program = placing->program;
  gboolean fits = _gantry_plan_blocks ((GantryBlock *) (gpointer) placing->blocks->data, placing->blocks->len, &program->workspace_bytes);

  if (fits)
    program->workspace = _gantry_workspace_new (program->workspace_bytes);
  if (program->workspace != NULL)
    return TRUE;
  if (fits)
    g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_MEMORY,
                 "cannot have the %" G_GSIZE_FORMAT " bytes of workspace that the program needs", program->workspace_bytes);
  else
    g_set_error_literal (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_MEMORY, "the program needs more workspace than can be addressed");
  return FALSE;
}

static gpointer
block_address (Placing *placing, guint block)
{
  return (guint8 *) _gantry_workspace_get_memory (placing->program->workspace) + g_array_index (placing->blocks, GantryBlock, block).offset;
}

static gpointer
address (Placing *placing, GantryTensor *tensor)
{
  const Place *place = get_place (placing, tensor);

  return place->fixed != NULL ? place->fixed : block_address (placing, place->block);
}

static void
set_addresses (Placing *placing)
{
  for (guint s = 0; s < placing->program->steps->len; s++)
    {
      GantryStep *step = get_step (placing, s);

      for (guint i = 0; i < step->kernel.n_inputs; i++)
        step->inputs[i] = address (placing, step->kernel.inputs[i]);
      for (guint k = 0; k < step->n_tensors; k++)
        step->outputs[k] = address (placing, step->tensors[k]);
      step->scratch = step->kernel.scratch > 0 ? block_address (placing, placing->scratch[s]) : NULL;
    }
}

static void
add_move (GantryProgram *program, gconstpointer from, gpointer to, gsize bytes)
{
  GantryMove move = { from, to, bytes };

  if (from != to)
    g_array_append_val (program->moves, move);
}

/* Outputs, then what is put aside, then the variables: every read of a variable comes before every write. */
static void
add_moves (Placing *placing)
{
  GantryProgram *program = placing->program;
  GantryLowering *lowering = program->lowering;

  for (guint i = 0; i < lowering->outputs->len; i++)
    if (!placing->delivered[i])
      {
        GantryArray *array = g_array_index (program->outputs, GantryOutput, i).array;

        add_move (program, address (placing, get_result (lowering->outputs, i)->tensor), gantry_array_get_data (array),
                  gantry_array_get_bytes (array));
      }
  for (guint i = 0; i < lowering->assignments->len; i++)
    if (placing->staged[i] != NO_BLOCK)
      add_move (program, address (placing, get_result (lowering->assignments, i)->tensor), block_address (placing, placing->staged[i]),
                bytes_of (get_result (lowering->assignments, i)->tensor));
  for (guint i = 0; i < lowering->assignments->len; i++)
    if (!placing->committed[i])
      {
        GantryResult *result = get_result (lowering->assignments, i);

        add_move (program, placing->staged[i] != NO_BLOCK ? block_address (placing, placing->staged[i]) : address (placing, result->tensor),
                  find_variable (program, result->name), bytes_of (result->tensor));
      }
}

gboolean
_gantry_program_place (GantryProgram *self, GantryCompileFlags flags, GError **error)
{
  guint n_tensors = gantry_graph_get_n_tensors (self->lowering->graph);
  g_autofree Place *places = g_new0 (Place, n_tensors + 1);
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (GantryBlock));
  g_autofree guint *scratch = g_new0 (guint, self->steps->len + 1);
  g_autofree gboolean *delivered = g_new0 (gboolean, self->lowering->outputs->len + 1);
  g_autofree gboolean *committed = g_new0 (gboolean, self->lowering->assignments->len + 1);
  g_autofree guint *staged = g_new0 (guint, self->lowering->assignments->len + 1);
  Placing placing = { self, flags, places, blocks, scratch, delivered, committed, staged };

  for (guint id = 0; id < n_tensors; id++)
    places[id].block = NO_BLOCK;
  find_lifetimes (&placing);
  if (!place_leaves (&placing, error))
    return FALSE;
  place_steps (&placing);
  place_staged (&placing);
  if (!make_workspace (&placing, error))
    return FALSE;
  set_addresses (&placing);
  add_moves (&placing);
  return TRUE;
}
