/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Offers tensors to backends, from the results backwards: what a kernel absorbs is not asked for by anyone and never computed. */
#include <gantry/error.h>
#include <gantry/log.h>

#include "compile-private.h"

gboolean
_gantry_claim_check_inputs (GantryTensor *tensor, const GantryKernel *kernel)
{
  gboolean fits = kernel->name != NULL && kernel->n_inputs <= GANTRY_KERNEL_MAX_INPUTS;

  for (guint i = 0; fits && i < kernel->n_inputs; i++)
    fits = kernel->inputs[i] != NULL && gantry_tensor_get_graph (kernel->inputs[i]) == gantry_tensor_get_graph (tensor)
           && gantry_tensor_get_id (kernel->inputs[i]) < gantry_tensor_get_id (tensor);
  return fits;
}

static gboolean
check_kernel (GantryTensor *tensor, const GantryKernel *kernel, GantryBackend *backend, GError **error)
{
  const gboolean fits = kernel->run != NULL && _gantry_claim_check_inputs (tensor, kernel);

  if (!fits)
    g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "%s: backend %s claims %s with a kernel that cannot be run",
                 gantry_tensor_get_scope (tensor), G_OBJECT_TYPE_NAME (backend), gantry_tensor_get_op_name (tensor));
  return fits;
}

static void
set_default_inputs (GantryTensor *tensor, GantryKernel *kernel)
{
  kernel->n_inputs = MIN (gantry_tensor_get_n_inputs (tensor), GANTRY_KERNEL_MAX_INPUTS);
  for (guint i = 0; i < kernel->n_inputs; i++)
    kernel->inputs[i] = gantry_tensor_get_input (tensor, i);
}

static void
fail_unclaimed (GantryTensor *tensor, GError **error)
{
  g_autoptr (GString) inputs = g_string_new (NULL);
  const gchar *scope = gantry_tensor_get_scope (tensor) != NULL ? gantry_tensor_get_scope (tensor) : "";

  if (gantry_tensor_get_n_inputs (tensor) > GANTRY_KERNEL_MAX_INPUTS)
    {
      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "%s%s%s has %u inputs, a kernel has room for %d", scope,
                   *scope == '\0' ? "" : ": ", gantry_tensor_get_op_name (tensor), gantry_tensor_get_n_inputs (tensor), GANTRY_KERNEL_MAX_INPUTS);
      return;
    }
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
    {
      GantryTensor *input = gantry_tensor_get_input (tensor, i);
      g_autofree gchar *shape = gantry_shape_to_string (gantry_tensor_get_shape (input));

      g_string_append_printf (inputs, "%s%s %s", i == 0 ? "" : ", ", gantry_dtype_name (gantry_tensor_get_dtype (input)), shape);
    }
  g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "%s%sno backend has a kernel for %s of %s", scope,
               *scope == '\0' ? "" : ": ", gantry_tensor_get_op_name (tensor), inputs->str);
}

static gboolean
claim_one (GantryLowering *lowering, GantryTensor *tensor, GantryBackend *const *backends, guint n_backends, GArray *steps, GError **error)
{
  GantryClaim claim = { sizeof claim, tensor, lowering, lowering->precision };

  /* A kernel has room for so many inputs; an op with more of them has to be built as several. */
  for (guint i = 0; i < n_backends && gantry_tensor_get_n_inputs (tensor) <= GANTRY_KERNEL_MAX_INPUTS; i++)
    {
      GantryStep step = { .tensors = { tensor }, .n_tensors = 1, .backend = i };

      step.kernel.size = sizeof step.kernel;
      set_default_inputs (tensor, &step.kernel);
      if (!gantry_backend_claim (backends[i], &claim, &step.kernel))
        continue;
      g_array_append_val (steps, step);
      gantry_debug ("engine", "%u %s: %s of %s", gantry_tensor_get_id (tensor), gantry_tensor_get_op_name (tensor), step.kernel.name,
                    G_OBJECT_TYPE_NAME (backends[i]));
      return check_kernel (tensor, &step.kernel, backends[i], error);
    }
  fail_unclaimed (tensor, error);
  return FALSE;
}

void
_gantry_step_clear (gpointer data)
{
  GantryStep *step = data;

  if (step->kernel.free != NULL && !step->is_repeated)
    step->kernel.free (step->kernel.data);
}

/* A view costs nothing: whoever needs it needs what it looks at. */
static gboolean
claim_needed (GantryLowering *lowering, gboolean *needed, GantryBackend *const *backends, guint n_backends, GArray *steps, GError **error)
{
  for (guint id = gantry_graph_get_n_tensors (lowering->graph); id-- > 0;)
    {
      GantryTensor *tensor = gantry_graph_get_tensor (lowering->graph, id);

      if (!needed[id] || gantry_tensor_get_n_inputs (tensor) == 0)
        continue;
      if (_gantry_tensor_is_view (tensor))
        {
          needed[gantry_tensor_get_id (gantry_tensor_get_input (tensor, 0))] = TRUE;
          continue;
        }
      if (!claim_one (lowering, tensor, backends, n_backends, steps, error))
        return FALSE;
      for (guint i = 0; i < g_array_index (steps, GantryStep, steps->len - 1).kernel.n_inputs; i++)
        needed[gantry_tensor_get_id (g_array_index (steps, GantryStep, steps->len - 1).kernel.inputs[i])] = TRUE;
    }
  return TRUE;
}

GArray *
_gantry_claim_steps (GantryLowering *lowering, GantryBackend *const *backends, guint n_backends, GantryCompileFlags flags, GError **error)
{
  g_autofree gboolean *needed = g_new0 (gboolean, gantry_graph_get_n_tensors (lowering->graph) + 1);
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (GantryStep));
  GArray *results[] = { lowering->outputs, lowering->assignments };

  g_array_set_clear_func (steps, _gantry_step_clear);
  for (guint k = 0; k < G_N_ELEMENTS (results); k++)
    for (guint i = 0; i < results[k]->len; i++)
      needed[gantry_tensor_get_id (g_array_index (results[k], GantryResult, i).tensor)] = TRUE;
  if (!claim_needed (lowering, needed, backends, n_backends, steps, error))
    return NULL;
  for (guint i = 0; i < steps->len / 2; i++)
    {
      GantryStep step = g_array_index (steps, GantryStep, i);

      g_array_index (steps, GantryStep, i) = g_array_index (steps, GantryStep, steps->len - 1 - i);
      g_array_index (steps, GantryStep, steps->len - 1 - i) = step;
    }
  if ((flags & GANTRY_COMPILE_NO_JOIN) == 0 && !_gantry_claim_join_steps (lowering, backends, steps, error))
    return NULL;
  return g_steal_pointer (&steps);
}
