/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a tensor answers. */
#include "graph/graph-internal.h"

static GantryTensor *
gantry_tensor_copy (GantryTensor *tensor)
{
  g_object_ref (tensor->graph);
  return tensor;
}

static void
gantry_tensor_free (GantryTensor *tensor)
{
  g_object_unref (tensor->graph);
}

G_DEFINE_BOXED_TYPE (GantryTensor, gantry_tensor, gantry_tensor_copy, gantry_tensor_free)

/**
 * gantry_tensor_get_graph:
 * @tensor: a tensor
 *
 * Returns: (transfer none): the graph that owns it
 */
GantryGraph *
gantry_tensor_get_graph (const GantryTensor *tensor)
{
  return tensor->graph;
}

/**
 * gantry_tensor_get_id:
 * @tensor: a tensor
 *
 * Returns: its number in construction order, from 0: larger than those of its inputs
 */
guint
gantry_tensor_get_id (const GantryTensor *tensor)
{
  return tensor->id;
}

/**
 * gantry_tensor_get_shape:
 * @tensor: a tensor
 *
 * Returns: (transfer none): its shape
 */
const GantryShape *
gantry_tensor_get_shape (const GantryTensor *tensor)
{
  return &tensor->shape;
}

/**
 * gantry_tensor_get_n_dims:
 * @tensor: a tensor
 *
 * Returns: number of axes, 0 for a scalar
 */
guint
gantry_tensor_get_n_dims (const GantryTensor *tensor)
{
  return tensor->shape.n_dims;
}

/**
 * gantry_tensor_get_dim:
 * @tensor: a tensor
 * @axis: an axis, from 0
 *
 * Returns: size of the axis; 1 past the last one
 */
gsize
gantry_tensor_get_dim (const GantryTensor *tensor, guint axis)
{
  return axis < tensor->shape.n_dims ? tensor->shape.dims[axis] : 1;
}

/**
 * gantry_tensor_get_size:
 * @tensor: a tensor
 *
 * Returns: number of elements
 */
gsize
gantry_tensor_get_size (const GantryTensor *tensor)
{
  return gantry_shape_size (&tensor->shape);
}

/**
 * gantry_tensor_get_dtype:
 * @tensor: a tensor
 *
 * Returns: what its elements are
 */
GantryDType
gantry_tensor_get_dtype (const GantryTensor *tensor)
{
  return tensor->dtype;
}

/**
 * gantry_tensor_get_op:
 * @tensor: a tensor
 *
 * Returns: (transfer none): the op that makes it
 */
const GantryOp *
gantry_tensor_get_op (const GantryTensor *tensor)
{
  return tensor->op;
}

/**
 * gantry_tensor_get_op_name:
 * @tensor: a tensor
 *
 * Returns: (transfer none): name of the op that makes it; "feed", "random", "scalar", "variable", "fill" and
 *   "constant" for leaves, "poison" for the result of an error
 */
const gchar *
gantry_tensor_get_op_name (const GantryTensor *tensor)
{
  return tensor->op->name;
}

/**
 * gantry_tensor_get_flops:
 * @tensor: a tensor
 *
 * One formula an op, of shapes and attributes alone. A multiplication and an addition count one each, and so does an element of any other elementwise
 * op, a function like `exp` too, and a comparison; a sum or maximum counts one for each element that goes in.  Moving and converting
 * data counts nothing. `matmul` and the three convolutions count two for each product; products with the zeros of a padding do not count, since
 * nobody has to compute them. `resample` counts two for each weight that is not 0 and element that it is applied to.
 *
 * Returns: floating point operations of one evaluation, from its inputs
 */
gdouble
gantry_tensor_get_flops (const GantryTensor *tensor)
{
  return tensor->op->flops != NULL ? tensor->op->flops (tensor) : (gdouble) gantry_shape_size (&tensor->shape);
}

/**
 * gantry_tensor_get_scope:
 * @tensor: a tensor
 *
 * Returns: (transfer none): the label it was made in, such as "generator: main.0"; "" outside of everything
 */
const gchar *
gantry_tensor_get_scope (const GantryTensor *tensor)
{
  return tensor->scope;
}

/**
 * gantry_tensor_get_name:
 * @tensor: a tensor
 *
 * Returns: (transfer none) (nullable): full name of an input, or of the variable whose value from before the run
 *   it is; %NULL for a computed tensor
 */
const gchar *
gantry_tensor_get_name (const GantryTensor *tensor)
{
  return tensor->name;
}

/**
 * gantry_tensor_get_input_kind:
 * @tensor: a feed, random tensor or scalar
 *
 * Returns: which of them; %GANTRY_INPUT_FEED for what is no input
 */
GantryInputKind
gantry_tensor_get_input_kind (const GantryTensor *tensor)
{
  return tensor->input_kind;
}

/**
 * gantry_tensor_get_n_inputs:
 * @tensor: a tensor
 *
 * Returns: how many tensors it is made from
 */
guint
gantry_tensor_get_n_inputs (const GantryTensor *tensor)
{
  return tensor->n_inputs;
}

/**
 * gantry_tensor_get_input:
 * @tensor: a tensor
 * @i: below [method@Gantry.Tensor.get_n_inputs]
 *
 * Returns: (transfer none) (nullable): the tensor that is its input @i; %NULL past the last
 */
GantryTensor *
gantry_tensor_get_input (const GantryTensor *tensor, guint i)
{
  return i < tensor->n_inputs ? tensor->inputs[i] : NULL;
}

/**
 * gantry_tensor_get_ints:
 * @tensor: a tensor
 * @n_ints: (out) (optional): how many
 *
 * Returns: (transfer none) (array length=n_ints) (nullable): the op's whole-number attributes
 */
const gint64 *
gantry_tensor_get_ints (const GantryTensor *tensor, guint *n_ints)
{
  if (n_ints != NULL)
    *n_ints = tensor->n_ints;
  return tensor->ints;
}

/**
 * gantry_tensor_get_reals:
 * @tensor: a tensor
 * @n_reals: (out) (optional): how many
 *
 * Returns: (transfer none) (array length=n_reals) (nullable): the op's real attributes
 */
const gdouble *
gantry_tensor_get_reals (const GantryTensor *tensor, guint *n_reals)
{
  if (n_reals != NULL)
    *n_reals = tensor->n_reals;
  return tensor->reals;
}

/**
 * gantry_tensor_is_poisoned:
 * @tensor: a tensor
 *
 * Returns: whether it comes from an error
 */
gboolean
gantry_tensor_is_poisoned (const GantryTensor *tensor)
{
  return tensor->poisoned;
}

GantryComponent *
_gantry_tensor_get_component (const GantryTensor *tensor)
{
  return tensor->component;
}

const gchar *
_gantry_tensor_get_key (const GantryTensor *tensor)
{
  return tensor->key;
}

GantryVariable *
_gantry_tensor_get_variable (const GantryTensor *tensor)
{
  return tensor->variable;
}
