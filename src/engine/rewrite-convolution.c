/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Convolutions beside a resampling that repeats pixels or sums neighbours: one convolution with a stride and a larger kernel, which
   visits each small pixel once.  A kernel position of the new one holds the sum of those that meet the same pixel. */
#include <string.h>

#include "simplify-private.h"

#define INPUT(tensor, i) gantry_tensor_get_input (tensor, i)

/* Attributes of the convolutions, each a pair [vertical, horizontal] but for the groups; the adjoints add a size. */
enum { STRIDE = 0, PADDING = 2, DILATION = 4, GROUPS = 6, SIZE = 7, MAX_INTS = 9 };

static const gint64 *
ints (GantryTensor *tensor)
{
  guint n;

  return gantry_tensor_get_ints (tensor, &n);
}

static gdouble
flops (GantryTensor *tensor)
{
  const GantryOp *op = gantry_tensor_get_op (tensor);

  return op->flops != NULL ? op->flops (tensor) : 0;
}

/* A resampling of rows (direction 0) or columns (1) that repeats each element, or sums windows that do not overlap. */
typedef struct {
  guint direction;
  gint64 factor;
  gdouble weight;
  gboolean repeats;
} Window;

static gboolean
read_window (GantryTensor *y, Window *window)
{
  guint n_taps;
  const gdouble *weights = gantry_tensor_get_reals (y, &n_taps);
  const gint64 *starts = ints (y) + 2, *places;
  gint64 rows, columns;

  if (!_gantry_tensor_is (y, "resample") || gantry_tensor_get_n_dims (y) != 4 || ints (y)[0] < 2)
    return FALSE;
  rows = ints (y)[1];
  columns = gantry_tensor_get_dim (INPUT (y, 0), ints (y)[0]);
  places = starts + rows + 1;
  *window = (Window) { ints (y)[0] - 2, rows > columns ? rows / columns : columns / rows, n_taps > 0 ? weights[0] : 0, rows > columns };
  if (window->factor < 2 || n_taps != MAX (rows, columns) || MAX (rows, columns) != window->factor * MIN (rows, columns))
    return FALSE;
  for (gint64 i = 0; i <= rows; i++)
    if (starts[i] != (window->repeats ? i : i * window->factor))
      return FALSE;
  for (guint i = 0; i < n_taps; i++)
    if (weights[i] != window->weight || places[i] != (window->repeats ? i / window->factor : i))
      return FALSE;
  return TRUE;
}

/* Both directions of what repeats or sums, one upon the other; *@x is what they look at. */
static gboolean
read_windows (GantrySimplifier *simplifier, GantryTensor *y, gboolean repeats, Window *windows, GantryTensor **x)
{
  Window outer, inner;

  if (!read_window (y, &outer) || !read_window (INPUT (y, 0), &inner) || outer.direction == inner.direction || outer.repeats != repeats
      || inner.repeats != repeats)
    return FALSE;
  if (!repeats && _gantry_simplifier_is_shared (simplifier, INPUT (y, 0)))
    return FALSE;
  windows[outer.direction] = outer;
  windows[inner.direction] = inner;
  *x = INPUT (INPUT (y, 0), 0);
  return TRUE;
}

/* How a kernel of @size positions spreads over @size + factor - 1 of them, or is gathered from there.  Flipped, position 0 meets the
   last pixel of a window, as it does where the convolution becomes its adjoint. */
static GantryTensor *
spread (GantrySimplifier *simplifier, GantryTensor *weight, const Window *window, gint64 size, gboolean flip, gboolean gather)
{
  gint64 rows = gather ? size : size + window->factor - 1, columns = gather ? size + window->factor - 1 : size;
  g_autofree gint64 *starts = g_new (gint64, rows + 1);
  g_autofree gint64 *places = g_new (gint64, size * window->factor);
  g_autofree gdouble *weights = g_new (gdouble, size * window->factor);
  GantryTaps taps = { rows, starts, places, weights };

  starts[0] = 0;
  for (gint64 row = 0; row < rows; row++)
    {
      gint64 first = flip ? size - 1 - row : gather ? row : row - window->factor + 1;

      starts[row + 1] = starts[row];
      for (gint64 place = MAX (first, 0); place < MIN (first + window->factor, columns); place++)
        {
          places[starts[row + 1]] = place;
          weights[starts[row + 1]++] = window->weight;
        }
    }
  return _gantry_reduce (simplifier, gantry_resample (weight, 2 + window->direction, &taps));
}

static GantryTensor *
turn (GantrySimplifier *simplifier, GantryTensor *weight)
{
  return _gantry_reduce (simplifier, gantry_permute (weight, (const guint[]) { 1, 0, 2, 3 }));
}

static GantryTensor *
convolve (GantrySimplifier *simplifier, const gchar *op, GantryTensor *a, GantryTensor *b, const gint64 *geometry)
{
  GantryTensor *inputs[] = { a, b };

  return _gantry_reduce (simplifier, gantry_apply (gantry_op_find (op), inputs, 2, geometry, strcmp (op, "conv2d") == 0 ? SIZE : MAX_INTS, NULL, 0));
}

static gboolean
is_dense (GantryTensor *convolution, guint direction)
{
  return ints (convolution)[STRIDE + direction] == 1 && ints (convolution)[DILATION + direction] == 1;
}

static void
copy_geometry (GantryTensor *convolution, gint64 *geometry)
{
  guint n;
  const gint64 *from = gantry_tensor_get_ints (convolution, &n);

  memcpy (geometry, from, MIN (n, MAX_INTS) * sizeof *geometry);
}

/* One direction, the same op: sums of a convolution's pixels; a product with pixels that are repeated in its small side. */
static GantryTensor *
stride_more (GantrySimplifier *simplifier, GantryTensor *convolution, const Window *window, GantryTensor *small)
{
  guint d = window->direction;
  gint64 geometry[MAX_INTS];
  GantryTensor *a = INPUT (convolution, 0), *b = INPUT (convolution, 1), *result;

  if (!is_dense (convolution, d))
    return NULL;
  copy_geometry (convolution, geometry);
  geometry[STRIDE + d] = window->factor;
  if (_gantry_tensor_is (convolution, "conv2d-weight"))
    {
      gint64 size = geometry[SIZE + d];

      geometry[SIZE + d] += window->factor - 1;
      result = convolve (simplifier, "conv2d-weight", a, small, geometry);
      return spread (simplifier, result, window, size, FALSE, TRUE);
    }
  b = spread (simplifier, b, window, gantry_tensor_get_dim (b, 2 + d), FALSE, FALSE);
  return convolve (simplifier, gantry_tensor_get_op_name (convolution), small != NULL ? small : a, b, geometry);
}

/* Both directions, and the op becomes its adjoint: pixels of the large side are repeated, or summed. */
static GantryTensor *
exchange (GantrySimplifier *simplifier, GantryTensor *convolution, const Window *windows, GantryTensor *small)
{
  gboolean is_weight = _gantry_tensor_is (convolution, "conv2d-weight"), is_forward = _gantry_tensor_is (convolution, "conv2d");
  GantryTensor *b = INPUT (convolution, 1);
  gint64 geometry[MAX_INTS], size[2];

  copy_geometry (convolution, geometry);
  for (guint d = 0; d < 2; d++)
    {
      size[d] = is_weight ? geometry[SIZE + d] : (gint64) gantry_tensor_get_dim (b, 2 + d);
      if (!is_dense (convolution, d) || geometry[GROUPS] != 1 || geometry[PADDING + d] >= size[d])
        return NULL;
      geometry[STRIDE + d] = windows[d].factor;
      geometry[PADDING + d] = size[d] - 1 - geometry[PADDING + d];
      geometry[SIZE + d] = is_weight ? size[d] + windows[d].factor - 1 : (gint64) gantry_tensor_get_dim (convolution, 2 + d);
    }
  if (is_weight)
    {
      GantryTensor *weight = turn (simplifier, convolve (simplifier, "conv2d-weight", b, small, geometry));

      for (guint d = 0; d < 2; d++)
        weight = spread (simplifier, weight, &windows[d], size[d], TRUE, TRUE);
      return weight;
    }
  for (guint d = 0; d < 2; d++)
    b = spread (simplifier, b, &windows[d], size[d], TRUE, FALSE);
  if (is_forward)
    return convolve (simplifier, "conv2d-input", small, turn (simplifier, b), geometry);
  return convolve (simplifier, "conv2d", INPUT (convolution, 0), turn (simplifier, b), geometry);
}

/* FLOPs of what @y is made from and was not there before tensor @first. */
static gdouble
new_flops (GantryTensor *y, guint first)
{
  gdouble sum = 0;

  if (gantry_tensor_get_id (y) < first)
    return 0;
  for (guint i = 0; i < gantry_tensor_get_n_inputs (y); i++)
    sum += new_flops (INPUT (y, i), first);
  return sum + flops (y);
}

/* Kernels are small, but so may batches be. */
static GantryTensor *
if_less (GantryTensor *equal, guint first, gdouble before)
{
  return equal != NULL && new_flops (equal, first) < before ? equal : NULL;
}

static GantryTensor *
rewrite_product (GantrySimplifier *simplifier, GantryTensor *y, guint first)
{
  gboolean is_weight = _gantry_tensor_is (y, "conv2d-weight"), is_adjoint = _gantry_tensor_is (y, "conv2d-input");
  GantryTensor *repeated = INPUT (y, is_weight ? 1 : 0), *small;
  GantryTensor *equal = NULL;
  Window windows[2];

  if ((is_weight || is_adjoint) && read_window (repeated, &windows[0]) && windows[0].repeats)
    equal = stride_more (simplifier, y, &windows[0], INPUT (repeated, 0));
  else if (!is_adjoint && read_windows (simplifier, INPUT (y, 0), TRUE, windows, &small))
    equal = exchange (simplifier, y, windows, small);
  return if_less (equal, first, flops (y));
}

static GantryTensor *
rewrite_sums (GantrySimplifier *simplifier, GantryTensor *y, guint first)
{
  GantryTensor *x = INPUT (y, 0);
  GantryTensor *equal = NULL;
  Window windows[2];

  if (read_windows (simplifier, y, FALSE, windows, &x) && _gantry_tensor_is (x, "conv2d-input") && !_gantry_simplifier_is_shared (simplifier, x))
    equal = exchange (simplifier, x, windows, NULL);
  else if (read_window (y, &windows[0]) && !windows[0].repeats && (x = INPUT (y, 0)) != NULL && _gantry_tensor_is (x, "conv2d")
           && !_gantry_simplifier_is_shared (simplifier, x))
    equal = stride_more (simplifier, x, &windows[0], NULL);
  return if_less (equal, first, flops (y) + flops (x));
}

GantryTensor *
_gantry_rewrite_convolution (GantrySimplifier *simplifier, GantryTensor *y)
{
  guint first = gantry_graph_get_n_tensors (gantry_tensor_get_graph (y));

  if (_gantry_tensor_is (y, "conv2d") || _gantry_tensor_is (y, "conv2d-input") || _gantry_tensor_is (y, "conv2d-weight"))
    return rewrite_product (simplifier, y, first);
  return _gantry_tensor_is (y, "resample") ? rewrite_sums (simplifier, y, first) : NULL;
}
