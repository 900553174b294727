/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Softmax, its logarithm, and the cross-entropies, each without overflow for any finite operand. */
#include "graph/graph-internal.h"
#include <math.h>

/* The operand moved such that its largest element is 0: softmax does not depend on where it is. */
static GantryTensor *
shift (GantryTensor *x, guint axes)
{
  return gantry_sub (x, gantry_detach (gantry_max_axes (x, axes, TRUE)));
}

static gboolean
has_axis (GantryTensor *x, const gchar *op, guint axis)
{
  g_autofree gchar *text = NULL;

  if (x->poisoned || axis < x->shape.n_dims)
    return TRUE;
  text = gantry_shape_to_string (&x->shape);
  _gantry_op_fail (x, op, GANTRY_GRAPH_ERROR_SHAPE, "%s: axis %u is out of range, there are %u", text, axis, x->shape.n_dims);
  return FALSE;
}

/**
 * gantry_logsumexp:
 * @x: a real tensor
 * @axes: a set of axes; 0 gives @x
 * @keep: whether the reduced axes stay, with size 1
 *
 * Returns: (transfer none): log of the sum of exp(x) over the axes; -infinity where all of x is
 */
GantryTensor *
gantry_logsumexp (GantryTensor *x, guint axes, gboolean keep)
{
  GantryTensor *largest, *infinite, *y;

  g_return_val_if_fail (x != NULL, NULL);
  if (axes == 0)
    return x;
  largest = gantry_detach (gantry_max_axes (x, axes, TRUE));
  if (largest->poisoned)
    return gantry_max_axes (x, axes, keep);
  infinite = gantry_equal (gantry_abs (largest), gantry_fill (x->graph, GANTRY_SCALAR, x->dtype, INFINITY));
  largest = gantry_select (infinite, _gantry_zero (x), largest);
  y = gantry_log (gantry_sum_axes (gantry_exp (gantry_sub (x, largest)), axes, keep));
  return gantry_add (y, gantry_reshape (largest, &y->shape));
}

/**
 * gantry_softmax:
 * @x: a real tensor
 * @axis: an axis
 *
 * Returns: (transfer none): exp(x) divided by its sum over the axis
 */
GantryTensor *
gantry_softmax (GantryTensor *x, guint axis)
{
  GantryTensor *e;

  g_return_val_if_fail (x != NULL, NULL);
  if (!has_axis (x, "softmax", axis))
    return gantry_graph_poison (x->graph, &x->shape, x->dtype);
  e = gantry_exp (shift (x, GANTRY_AXIS (axis)));
  return gantry_div (e, gantry_sum_axes (e, GANTRY_AXIS (axis), TRUE));
}

/**
 * gantry_log_softmax:
 * @x: a real tensor
 * @axis: an axis
 *
 * Returns: (transfer none): logarithm of the softmax over the axis, exact where that is tiny, too
 */
GantryTensor *
gantry_log_softmax (GantryTensor *x, guint axis)
{
  GantryTensor *shifted;

  g_return_val_if_fail (x != NULL, NULL);
  if (!has_axis (x, "log-softmax", axis))
    return gantry_graph_poison (x->graph, &x->shape, x->dtype);
  shifted = shift (x, GANTRY_AXIS (axis));
  return gantry_sub (shifted, gantry_log (gantry_sum_axes (gantry_exp (shifted), GANTRY_AXIS (axis), TRUE)));
}

static GantryTensor *
reject_labels (GantryTensor *logits, const GantryTensor *labels)
{
  g_autofree gchar *a = gantry_shape_to_string (&logits->shape);
  g_autofree gchar *b = gantry_shape_to_string (&labels->shape);

  return _gantry_op_fail (logits, "cross-entropy", GANTRY_GRAPH_ERROR_SHAPE,
                          "%s and %s %s: logits [batch, classes, ...] and int64 labels [batch, ...] are needed", a,
                          gantry_dtype_name (labels->dtype), b);
}

/* [batch, ...] to [batch, 1, ...]; FALSE where that is not what the logits need. */
static gboolean
match_labels (const GantryTensor *logits, const GantryTensor *labels, GantryShape *shape)
{
  if (logits->shape.n_dims < 2 || labels->shape.n_dims + 1 != logits->shape.n_dims || labels->dtype != GANTRY_INT64)
    return FALSE;
  *shape = logits->shape;
  shape->dims[1] = 1;
  for (guint i = 0; i < labels->shape.n_dims; i++)
    if (labels->shape.dims[i] != logits->shape.dims[i == 0 ? 0 : i + 1])
      return FALSE;
  return TRUE;
}

/**
 * gantry_cross_entropy:
 * @logits: a real tensor, [batch, classes, ...]
 * @labels: an int64 tensor, [batch, ...]: numbers of classes, from 0
 * @smoothing: part of the probability that all classes share, from 0 to 1
 *
 * Cross-entropy of the softmax over axis 1 and a distribution that has 1 - @smoothing at the label and @smoothing / classes
 * everywhere (smoothing: Szegedy et al. 2016, section 7).  The loss of a label that is no class is NaN.
 *
 * Returns: (transfer none): a loss for each label, [batch, ...]
 */
GantryTensor *
gantry_cross_entropy (GantryTensor *logits, GantryTensor *labels, gdouble smoothing)
{
  GantryTensor *log_p, *loss;
  GantryShape shape;

  g_return_val_if_fail (logits != NULL && labels != NULL, NULL);
  if (logits->poisoned || labels->poisoned)
    return gantry_graph_poison (logits->graph, &labels->shape, logits->dtype);
  if (!match_labels (logits, labels, &shape))
    return reject_labels (logits, labels);
  if (!(smoothing >= 0 && smoothing <= 1))
    return _gantry_op_fail (logits, "cross-entropy", GANTRY_GRAPH_ERROR_ARGUMENT, "smoothing is %g, a number from 0 to 1 is needed", smoothing);
  log_p = gantry_log_softmax (logits, 1);
  loss = gantry_gather (log_p, 1, gantry_reshape (labels, &shape));
  if (smoothing > 0)
    loss = gantry_add (gantry_scale (loss, 1 - smoothing), gantry_scale (gantry_mean_axes (log_p, GANTRY_AXIS (1), TRUE), smoothing));
  return gantry_neg (gantry_reshape (loss, &labels->shape));
}

/**
 * gantry_binary_cross_entropy:
 * @logits: a real tensor
 * @targets: probabilities, from 0 to 1, of the same dtype, of a shape that broadcasts with that of @logits
 *
 * Returns: (transfer none): -t log(sigmoid(x)) - (1 - t) log(1 - sigmoid(x)) element by element, exact where it is tiny, too
 */
GantryTensor *
gantry_binary_cross_entropy (GantryTensor *logits, GantryTensor *targets)
{
  return gantry_add (gantry_mul (targets, gantry_softplus (gantry_neg (logits))),
                     gantry_mul (gantry_offset (gantry_neg (targets), 1), gantry_softplus (logits)));
}
