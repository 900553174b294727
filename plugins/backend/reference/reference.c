/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The reference backend: one plain loop an op, against which every other kernel is checked. */
#include <string.h>

#include "reference.h"

GANTRY_DECLARE_COMPONENT (ReferenceBackend, reference_backend, GANTRY_TYPE_BACKEND)

static const GantryProperty reference_backend_properties[] = { GANTRY_END };

ReferenceLoop
reference_find (const ReferenceEntry *entries, guint n_entries, const gchar *name, GantryDType dtype)
{
  for (guint i = 0; i < n_entries; i++)
    if (strcmp (entries[i].name, name) == 0)
      switch (dtype)
        {
        case GANTRY_FLOAT32:
          return entries[i].float32;
        case GANTRY_FLOAT64:
          return entries[i].float64;
        case GANTRY_INT64:
          return entries[i].int64;
        case GANTRY_BOOL8:
          return entries[i].bool8;
        }
  return NULL;
}

static void
run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const ReferenceCall *call = data;

  call->loop (call, inputs, output);
}

static void
loop_custom (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const GantryKernelData kernel = { sizeof kernel, call->tensor, inputs, output, NULL };

  call->custom (&kernel);
}

static GantryKernelFunc
find_custom (GantryTensor *tensor)
{
  const GantryOp *op = gantry_tensor_get_op (tensor);

  switch (gantry_tensor_get_dtype (tensor))
    {
    case GANTRY_FLOAT32:
      return op->float32;
    case GANTRY_FLOAT64:
      return op->float64;
    default:
      return NULL;
    }
}

static ReferenceLoop
find_loop (GantryTensor *tensor)
{
  static ReferenceLoop (*const families[]) (GantryTensor *) = {
    reference_find_unary, reference_find_binary, reference_find_reduction, reference_find_sorting, reference_find_shape,
    reference_find_matmul, reference_find_convolution, reference_find_indexing, reference_find_resampling
  };
  ReferenceLoop loop = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (families) && loop == NULL; i++)
    loop = families[i](tensor);
  return loop;
}

/* An elementwise loop reads an element before it writes it: the output may lie on any input that is not broadcast. */
static guint
find_in_place (GantryTensor *tensor)
{
  guint in_place = 0;

  if ((gantry_tensor_get_op (tensor)->flags & GANTRY_OP_ELEMENTWISE) == 0)
    return 0;
  for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor) && i < GANTRY_KERNEL_MAX_INPUTS; i++)
    {
      GantryTensor *input = gantry_tensor_get_input (tensor, i);

      if (gantry_tensor_get_dtype (input) == gantry_tensor_get_dtype (tensor)
          && gantry_shape_equal (reference_shape (input), reference_shape (tensor)))
        in_place |= 1u << i;
    }
  return in_place;
}

static gboolean
reference_backend_claim (GantryBackend *self, const GantryClaim *claim, GantryKernel *kernel)
{
  ReferenceCall call = { .loop = find_loop (claim->tensor), .tensor = claim->tensor };

  if (call.loop != NULL)
    kernel->in_place = find_in_place (claim->tensor);
  else if ((call.custom = find_custom (claim->tensor)) != NULL)
    call.loop = loop_custom;
  else
    return FALSE;
  kernel->name = gantry_tensor_get_op_name (claim->tensor);
  kernel->run = run;
  kernel->data = g_memdup2 (&call, sizeof call);
  kernel->free = g_free;
  return TRUE;
}

static gchar *
reference_backend_describe (GantryBackend *self)
{
  return g_strdup ("plain loops in one thread, float32, float64 and int64");
}

static void
reference_backend_interface (GantryBackendInterface *iface)
{
  iface->claim = reference_backend_claim;
  iface->describe = reference_backend_describe;
}

GANTRY_PLUGIN (ReferenceBackend, reference_backend, backend, "reference", "1.0", "Naive kernels that every other backend is checked against")
