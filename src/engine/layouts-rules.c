/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ops of blocked tensors, by the same constructors: the block is one more axis, the last, that goes wherever its axis goes. */
#include "layouts-private.h"

#define INPUT(tensor, i) gantry_tensor_get_input (tensor, i)

static const gint64 *
ints (GantryTensor *tensor)
{
  guint n;

  return gantry_tensor_get_ints (tensor, &n);
}

static GantryTensor *
apply (GantryRelayout *self, GantryTensor *like, GantryTensor *const *inputs, const gint64 *changed_ints)
{
  guint n_ints, n_reals;
  const gint64 *own_ints = gantry_tensor_get_ints (like, &n_ints);
  const gdouble *reals = gantry_tensor_get_reals (like, &n_reals);

  return _gantry_reduce (self->builder, gantry_apply (gantry_tensor_get_op (like), inputs, gantry_tensor_get_n_inputs (like),
                                                      changed_ints != NULL ? changed_ints : own_ints, n_ints, reals, n_reals));
}

static GantryTensor *
reshape (GantryRelayout *self, GantryTensor *x, const GantryShape *shape)
{
  return _gantry_reduce (self->builder, gantry_reshape (x, shape));
}

/* An operand of what has @n_dims axes and is blocked like @blocking: what is repeated along the axis is repeated along the block, too. */
static GantryTensor *
get_operand (GantryRelayout *self, GantryTensor *x, guint n_dims, GantryBlocking blocking)
{
  GantryShape shape = *gantry_tensor_get_shape (x);
  guint missing = n_dims - shape.n_dims;

  if (shape.n_dims == 0)
    return _gantry_relayout_get_plain (self, x);
  if (blocking.axis >= missing && shape.dims[blocking.axis - missing] != 1)
    return _gantry_relayout_get_blocked (self, x, (GantryBlocking) { blocking.axis - missing, blocking.block });
  if (shape.n_dims == GANTRY_MAX_DIMS)
    return NULL;
  shape.dims[shape.n_dims++] = 1;
  return reshape (self, _gantry_relayout_get_plain (self, x), &shape);
}

static GantryTensor *
apply_elementwise (GantryRelayout *self, GantryTensor *y, guint input, GantryBlocking *blocking)
{
  guint n_inputs = gantry_tensor_get_n_inputs (y), n_dims = gantry_tensor_get_n_dims (y);
  GantryTensor *inputs[4];

  if (n_inputs > G_N_ELEMENTS (inputs))
    return NULL;
  blocking->axis += n_dims - gantry_tensor_get_n_dims (INPUT (y, input));
  for (guint i = 0; i < n_inputs; i++)
    {
      inputs[i] = get_operand (self, INPUT (y, i), n_dims, *blocking);
      if (inputs[i] == NULL)
        return NULL;
    }
  return apply (self, y, inputs, NULL);
}

static GantryTensor *
apply_broadcast (GantryRelayout *self, GantryTensor *y, guint input, GantryBlocking *blocking)
{
  GantryShape shape;
  GantryTensor *x;

  blocking->axis += gantry_tensor_get_n_dims (y) - gantry_tensor_get_n_dims (INPUT (y, 0));
  if (!gantry_shape_block (gantry_tensor_get_shape (y), blocking, &shape))
    return NULL;
  x = get_operand (self, INPUT (y, 0), gantry_tensor_get_n_dims (y), *blocking);
  return x != NULL ? _gantry_reduce (self->builder, gantry_broadcast_to (x, &shape)) : NULL;
}

/* Whoever reduces the axis reduces the block with it, and the result is plain. */
static GantryTensor *
apply_reduction (GantryRelayout *self, GantryTensor *y, guint input, GantryBlocking *blocking)
{
  GantryTensor *x = _gantry_relayout_get_blocked (self, INPUT (y, 0), *blocking), *result;
  guint axes = ints (y)[0], before = 0;
  gboolean keep = ints (y)[1] != 0, is_reduced = (axes & GANTRY_AXIS (blocking->axis)) != 0;

  if (is_reduced)
    axes |= GANTRY_AXIS (gantry_tensor_get_n_dims (x) - 1);
  result = _gantry_reduce (self->builder, _gantry_tensor_is (y, "sum") ? gantry_sum_axes (x, axes, keep) : gantry_max_axes (x, axes, keep));
  if (is_reduced)
    {
      blocking->block = 0;
      return reshape (self, result, gantry_tensor_get_shape (y));
    }
  for (guint axis = 0; axis < blocking->axis; axis++)
    before += (axes & GANTRY_AXIS (axis)) != 0;
  if (!keep)
    blocking->axis -= before;
  return result;
}

static gsize
count_before (const GantryShape *shape, guint axis)
{
  GantryShape before = *shape;

  before.n_dims = axis;
  return gantry_shape_size (&before);
}

/* Where the axis is still one, at the same distance from the first. */
static GantryTensor *
apply_reshape (GantryRelayout *self, GantryTensor *y, guint input, GantryBlocking *blocking)
{
  const GantryShape *from = gantry_tensor_get_shape (INPUT (y, 0)), *to = gantry_tensor_get_shape (y);
  gsize before = count_before (from, blocking->axis), size = from->dims[blocking->axis];
  GantryTensor *x = _gantry_relayout_get_blocked (self, INPUT (y, 0), *blocking);
  GantryShape shape;

  for (guint axis = 0; axis < to->n_dims; axis++)
    if (to->dims[axis] == size && count_before (to, axis) == before)
      {
        blocking->axis = axis;
        return gantry_shape_block (to, blocking, &shape) ? reshape (self, x, &shape) : NULL;
      }
  return NULL;
}

static GantryTensor *
apply_permute (GantryRelayout *self, GantryTensor *y, guint input, GantryBlocking *blocking)
{
  GantryTensor *x = _gantry_relayout_get_blocked (self, INPUT (y, 0), *blocking);
  guint axes[GANTRY_MAX_DIMS], n_dims = gantry_tensor_get_n_dims (y), from = blocking->axis;

  for (guint axis = 0; axis < n_dims; axis++)
    {
      axes[axis] = ints (y)[axis];
      if (axes[axis] == from)
        blocking->axis = axis;
    }
  axes[n_dims] = n_dims;
  return _gantry_reduce (self->builder, gantry_permute (x, axes));
}

/* slice and pad along the blocked axis move whole blocks or none. */
static GantryTensor *
apply_part (GantryRelayout *self, GantryTensor *y, guint input, GantryBlocking *blocking)
{
  GantryTensor *x = _gantry_relayout_get_blocked (self, INPUT (y, 0), *blocking);
  gint64 size = (gint64) blocking->block, changed[] = { ints (y)[0], ints (y)[1], ints (y)[2] };

  if (changed[0] != blocking->axis)
    return apply (self, y, &x, NULL);
  if (changed[1] % size != 0 || changed[2] % size != 0)
    return NULL;
  changed[1] /= size;
  changed[2] /= size;
  return apply (self, y, &x, changed);
}

static GantryTensor *
apply_concat (GantryRelayout *self, GantryTensor *y, guint input, GantryBlocking *blocking)
{
  guint n = gantry_tensor_get_n_inputs (y);
  g_autofree GantryTensor **inputs = g_new (GantryTensor *, n);

  for (guint i = 0; i < n; i++)
    {
      inputs[i] = _gantry_relayout_get_blocked (self, INPUT (y, i), *blocking);
      if (inputs[i] == NULL)
        return NULL;
    }
  return apply (self, y, inputs, NULL);
}

static GantryTensor *
apply_resample (GantryRelayout *self, GantryTensor *y, guint input, GantryBlocking *blocking)
{
  GantryTensor *x;

  if (ints (y)[0] == blocking->axis)
    return NULL;
  x = _gantry_relayout_get_blocked (self, INPUT (y, 0), *blocking);
  return apply (self, y, &x, NULL);
}

GantryTensor *
_gantry_relayout_apply (GantryRelayout *self, GantryTensor *y, guint input, GantryBlocking *blocking)
{
  static const struct {
    const gchar *name;
    GantryTensor *(*apply) (GantryRelayout *self, GantryTensor *y, guint input, GantryBlocking *blocking);
  } rules[] = {
    { "broadcast-to", apply_broadcast }, { "sum", apply_reduction }, { "max", apply_reduction }, { "reshape", apply_reshape },
    { "permute", apply_permute }, { "slice", apply_part }, { "pad", apply_part }, { "concat", apply_concat }, { "resample", apply_resample }
  };
  const GantryOp *op = gantry_tensor_get_op (y);

  /* The shape rule of a plugin's op may want what it was given. */
  if (gantry_op_find (op->name) != op)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    if (_gantry_tensor_is (y, rules[i].name))
      return rules[i].apply (self, y, input, blocking);
  return (op->flags & GANTRY_OP_ELEMENTWISE) != 0 ? apply_elementwise (self, y, input, blocking) : NULL;
}
