/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From a graph to a program. */
#include <gantry/error.h>

#include "graph/graph-private.h"
#include "program-private.h"
#include "random-private.h"
#include "timeline-private.h"

static gboolean
declare_variables (GantryProgram *self, GError **error)
{
  g_autoptr (GPtrArray) variables = gantry_graph_list_variables (self->lowering->source);

  for (guint i = 0; i < variables->len; i++)
    if (!gantry_state_declare (self->state, g_ptr_array_index (variables, i), error))
      return FALSE;
  return TRUE;
}

static void
list_inputs (GantryProgram *self)
{
  g_autoptr (GPtrArray) tensors = gantry_graph_list_inputs (self->lowering->source);

  for (guint i = 0; i < tensors->len; i++)
    {
      GantryInput input = { .tensor = g_ptr_array_index (tensors, i) };

      input.hash = _gantry_name_hash (_gantry_tensor_get_draw (input.tensor));
      g_array_append_val (self->inputs, input);
      g_hash_table_insert (self->input_index, (gpointer) gantry_tensor_get_name (input.tensor), GUINT_TO_POINTER (i + 1));
    }
}

static gboolean
make_outputs (GantryProgram *self, GError **error)
{
  for (guint i = 0; i < self->lowering->outputs->len; i++)
    {
      const GantryResult *result = &g_array_index (self->lowering->outputs, GantryResult, i);
      GantryOutput output = { result->name, NULL };

      output.array = gantry_array_try_new (gantry_tensor_get_dtype (result->tensor), gantry_tensor_get_shape (result->tensor), error);
      if (output.array == NULL)
        {
          g_prefix_error (error, "output %s: ", result->name);
          return FALSE;
        }
      g_array_append_val (self->outputs, output);
    }
  return TRUE;
}

static gboolean
open_backends (GantryProgram *self, GantryBackend *const *backends, guint n_backends, GError **error)
{
  for (guint i = 0; i < n_backends; i++)
    {
      if (!gantry_backend_open (backends[i], error))
        return FALSE;
      g_ptr_array_add (self->backends, g_object_ref (backends[i]));
    }
  return TRUE;
}

/* One backend that can is enough: what it leaves is computed in full precision. */
static gboolean
check_precision (GantryProgram *self, GantryPrecision precision, GError **error)
{
  g_autoptr (GString) reasons = g_string_new (NULL);

  for (guint i = 0; i < self->backends->len; i++)
    {
      g_autoptr (GError) reason = NULL;

      if (gantry_backend_check_precision (self->backends->pdata[i], precision, &reason))
        return TRUE;
      g_string_append_printf (reasons, "%s%s", i > 0 ? "; " : "", reason->message);
    }
  g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "no backend multiplies in bfloat16: %s", reasons->str);
  return FALSE;
}

/* Where every tensor has memory of its own there is nothing to be saved, and what is looked at runs as it was built. */
static void
save_memory (GantryProgram *self, GantryCompileFlags flags, gsize workspace)
{
  g_autoptr (GantryTimeline) timeline = NULL;

  if ((flags & (GANTRY_COMPILE_NO_REUSE | GANTRY_COMPILE_NO_SIMPLIFY | GANTRY_COMPILE_IN_ORDER)) != 0)
    return;
  timeline = _gantry_timeline_new (self->lowering, self->steps);
  _gantry_timeline_reorder (timeline);
  _gantry_timeline_recompute (timeline, workspace);
  g_array_unref (self->steps);
  self->steps = _gantry_timeline_take_steps (timeline);
}

/**
 * gantry_program_compile_within:
 * @graph: what is to be computed: its outputs and assigned variables
 * @state: holds the variables; missing ones are made
 * @backends: (array length=n_backends): backends in order of preference; each tensor goes to the first that claims it
 * @n_backends: how many
 * @flags: what to leave out, and what may be rounded
 * @workspace: bytes of workspace that are wanted, %G_MAXSIZE for any number
 * @error: return location for an error
 *
 * [func@Gantry.Program.compile_full] for little memory: kernels run again rather than have their results kept, until the workspace is as small as
 * wanted, or no smaller one is found; [method@Gantry.Program.get_report] says which.  The numbers are the same to the bit.
 *
 * Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost".
 *
 * Returns: (transfer full) (nullable): the program, or %NULL with @error set
 */
GantryProgram *
gantry_program_compile_within (GantryGraph *graph, GantryState *state, GantryBackend *const *backends, guint n_backends,
                               GantryCompileFlags flags, gsize workspace, GError **error)
{
  g_autoptr (GantryProgram) self = g_object_new (GANTRY_TYPE_PROGRAM, NULL);

  self->state = g_object_ref (state);
  self->lowering = _gantry_lowering_new (graph, flags, error);
  if (self->lowering == NULL || !open_backends (self, backends, n_backends, error) ||
      !check_precision (self, self->lowering->precision, error) || !declare_variables (self, error))
    return NULL;
  if ((flags & (GANTRY_COMPILE_NO_SIMPLIFY | GANTRY_COMPILE_NO_LAYOUTS)) == 0
      && !_gantry_lowering_choose_layouts (self->lowering, backends, n_backends, error))
    return NULL;
  list_inputs (self);
  self->steps = _gantry_claim_steps (self->lowering, backends, n_backends, flags, error);
  if (self->steps == NULL)
    return NULL;
  save_memory (self, flags, workspace);
  if (!make_outputs (self, error) || !_gantry_program_place (self, flags, error))
    return NULL;
  return g_steal_pointer (&self);
}

/**
 * gantry_program_compile_full:
 * @graph: what is to be computed: its outputs and assigned variables
 * @state: holds the variables; missing ones are made
 * @backends: (array length=n_backends): backends in order of preference; each tensor goes to the first that claims it
 * @n_backends: how many
 * @flags: what to leave out, and what may be rounded
 * @error: return location for an error
 *
 * [func@Gantry.Program.compile] with flags.  Fails also with %GANTRY_ENGINE_ERROR_BACKEND where %GANTRY_COMPILE_BFLOAT16 is given and no backend
 * can do it on this processor.
 *
 * Returns: (transfer full) (nullable): the program, or %NULL with @error set
 */
GantryProgram *
gantry_program_compile_full (GantryGraph *graph, GantryState *state, GantryBackend *const *backends, guint n_backends,
                             GantryCompileFlags flags, GError **error)
{
  return gantry_program_compile_within (graph, state, backends, n_backends, flags, G_MAXSIZE, error);
}

/**
 * gantry_program_compile:
 * @graph: what is to be computed: its outputs and assigned variables
 * @state: holds the variables; missing ones are made
 * @backends: (array length=n_backends): backends in order of preference; each tensor goes to the first that claims it
 * @n_backends: how many
 * @error: return location for an error
 *
 * Simplifies a graph, finds kernels, plans memory and allocates all of it.  The graph may not be changed afterwards.
 *
 * Fails with the error that sticks to the graph; %GANTRY_ENGINE_ERROR_BACKEND where no backend claims an op that is needed;
 * %GANTRY_ENGINE_ERROR_STATE where a variable of @state has another shape or dtype; %GANTRY_ENGINE_ERROR_MEMORY where memory cannot be had.
 *
 * Returns: (transfer full) (nullable): the program, or %NULL with @error set
 */
GantryProgram *
gantry_program_compile (GantryGraph *graph, GantryState *state, GantryBackend *const *backends, guint n_backends, GError **error)
{
  return gantry_program_compile_full (graph, state, backends, n_backends, GANTRY_COMPILE_DEFAULT, error);
}
