/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/random-graph.h"

#include "graph/op-cases.h"

#define POOL 60
#define N_SLOPES 3
#define N_SHAPES 4

typedef struct {
  GRand *rand;
  GantryGraph *graph;
  GantryDType dtype;
  GantryTensor *pool[POOL];
  guint n, n_noises;
} Maker;

/* Of all that is kept: results of other shapes are made to fit. */
static const GantryShape shapes[N_SHAPES] = { { 2, { 3, 4 } }, { 1, { 4 } }, { 2, { 3, 1 } }, { 0, { 0 } } };

static guint
dice (Maker *maker, guint n)
{
  return g_rand_int_range (maker->rand, 0, n);
}

static GantryTensor *
pick (Maker *maker)
{
  return maker->pool[dice (maker, maker->n)];
}

/* One of the pool with a shape that others are made to have. */
static GantryTensor *
pick_square (Maker *maker)
{
  return gantry_broadcast_to (pick (maker), &shapes[0]);
}

static GantryTensor *
make_unary (Maker *maker)
{
  GantryTensor *x = pick (maker);

  switch (dice (maker, 12))
    {
    case 0: return gantry_neg (x);
    case 1: return gantry_tanh (x);
    case 2: return gantry_sigmoid (x);
    case 3: return gantry_softplus (x);
    case 4: return gantry_relu (x);
    case 5: return gantry_leaky_relu (x, 0.2);
    case 6: return gantry_scale (x, (gdouble[]) { 1, -1, 0.5, 0 }[dice (maker, 4)]);
    case 7: return gantry_offset (x, (gdouble[]) { 0, 1, -0.25 }[dice (maker, 3)]);
    case 8: return gantry_detach (x);
    case 9: return gantry_tanh (gantry_square (x));
    case 10: return gantry_rsqrt (gantry_offset (gantry_square (x), 1));
    default: return gantry_abs (x);
    }
}

static GantryTensor *
make_binary (Maker *maker)
{
  GantryTensor *a = pick (maker), *b = pick (maker);

  switch (dice (maker, 7))
    {
    case 0: return gantry_add (a, b);
    case 1: return gantry_sub (a, b);
    case 2: return gantry_tanh (gantry_mul (a, b));
    case 3: return gantry_div (a, gantry_offset (gantry_square (b), 1));
    case 4: return gantry_maximum (a, b);
    case 5: return gantry_minimum (a, b);
    default: return gantry_select (gantry_less (a, b), gantry_scale (a, 2), b);
    }
}

/* Shapes that the pool has come back. */
static GantryTensor *
make_moved (Maker *maker)
{
  GantryTensor *x = pick_square (maker), *y = pick_square (maker);

  switch (dice (maker, 10))
    {
    case 0: return gantry_sum_to (x, &shapes[dice (maker, N_SHAPES)]);
    case 1: return gantry_mean_axes (x, GANTRY_AXIS (0), FALSE);
    case 2: return gantry_max_axes (x, GANTRY_AXIS (1), TRUE);
    case 3: return gantry_transpose (gantry_tanh (gantry_transpose (x)));
    case 4: return gantry_reshape (gantry_square (gantry_reshape (gantry_tanh (x), GANTRY_SHAPE (2, 6))), &shapes[0]);
    case 5: return gantry_slice (gantry_pad (x, 1, 1, 2), 1, dice (maker, 4), 4);
    case 6: return gantry_slice (gantry_concat ((GantryTensor *[]) { x, y }, 2, 0), 0, dice (maker, 4), 3);
    case 7: return gantry_tanh (gantry_matmul_full (gantry_tanh (gantry_matmul_full (x, FALSE, y, TRUE)), FALSE, y, FALSE));
    case 8: return gantry_reshape (gantry_slice (x, 0, 1, 1), &shapes[1]);
    default: return gantry_broadcast_to (x, &shapes[0]);
    }
}

/* As many numbers as that: a part of them, their mean, or all of them again and again, with zeros at an end. */
static GantryTensor *
fit (Maker *maker, GantryTensor *x, gsize size)
{
  gsize have = gantry_tensor_get_size (x), times = size / have;
  GantryTensor *flat = gantry_reshape (x, GANTRY_SHAPE (have));

  if (have > size)
    return dice (maker, 3) > 0 ? gantry_slice (flat, 0, dice (maker, have - size + 1), size)
           : gantry_broadcast_to (gantry_mean (flat), GANTRY_SHAPE (size));
  flat = gantry_reshape (gantry_broadcast_to (flat, GANTRY_SHAPE (times, have)), GANTRY_SHAPE (times * have));
  return dice (maker, 2) == 0 ? gantry_pad (flat, 0, size - times * have, 0) : gantry_pad (flat, 0, 0, size - times * have);
}

/* Something of the pool in a shape and a range.  Noise of its own keeps it off the points where a derivative jumps. */
static GantryTensor *
make_operand (Maker *maker, const GantryShape *shape, gdouble low, gdouble high)
{
  GantryTensor *x = gantry_reshape (fit (maker, pick (maker), gantry_shape_size (shape)), shape);
  g_autofree gchar *name = g_strdup_printf ("noise%u", maker->n_noises++);

  x = gantry_add (x, gantry_graph_random (maker->graph, GANTRY_INPUT_NORMAL, name, shape));
  return gantry_offset (gantry_scale (gantry_sigmoid (x), high - low), low);
}

/* A row of the table of ops, whichever it has: what comes out is brought back to a shape of the pool. */
static GantryTensor *
make_row (Maker *maker)
{
  const OpCase *row = op_case_at (dice (maker, op_case_count ()));
  const OpVariant *variant = &row->variants[dice (maker, op_case_count_variants (row))];
  const GantryShape *shape = &shapes[dice (maker, N_SHAPES)];
  GantryTensor *x[OP_CASE_MAX_OPERANDS] = { NULL }, *y;

  for (guint k = 0; k < row->n_operands; k++)
    x[k] = make_operand (maker, &variant->shapes[k], row->low, row->high);
  y = row->build (x, variant);
  if (!gantry_dtype_is_float (gantry_tensor_get_dtype (y)))
    y = gantry_cast (y, maker->dtype);
  return gantry_tanh (gantry_reshape (fit (maker, y, gantry_shape_size (shape)), shape));
}

static GantryTensor *
make_leaf (Maker *maker, guint i)
{
  const GantryShape *shape = &shapes[dice (maker, N_SHAPES)];
  g_autofree gchar *name = g_strdup_printf ("leaf%u", i);

  switch (dice (maker, 4))
    {
    case 0: return gantry_graph_feed (maker->graph, name, shape, maker->dtype);
    case 1: return gantry_graph_random (maker->graph, GANTRY_INPUT_NORMAL, name, shape);
    case 2: return gantry_fill (maker->graph, shape, maker->dtype, (gdouble[]) { 0, 1, -1, 0.3 }[dice (maker, 4)]);
    default:
      return gantry_graph_read (maker->graph, gantry_graph_variable (maker->graph, name, shape, maker->dtype, GANTRY_NORMAL (0, 1), TRUE));
    }
}

/* Reads variables again, which may have been assigned meanwhile. */
static GantryTensor *
make_read (Maker *maker)
{
  g_autoptr (GPtrArray) variables = gantry_graph_list_variables (maker->graph);

  return variables->len == 0 ? pick (maker) : gantry_graph_read (maker->graph, g_ptr_array_index (variables, dice (maker, variables->len)));
}

static void
assign_something (Maker *maker)
{
  g_autoptr (GPtrArray) variables = gantry_graph_list_variables (maker->graph);
  GantryTensor *value = pick (maker);

  for (guint i = 0; i < variables->len; i++)
    {
      GantryVariable *variable = g_ptr_array_index (variables, i);

      if (dice (maker, 3) == 0 && gantry_shape_equal (&variable->shape, gantry_tensor_get_shape (value)))
        gantry_graph_assign (maker->graph, variable, value);
    }
}

/* A loss, its gradients, and the gradient of the sum of the squares of one. */
static void
add_gradients (Maker *maker)
{
  GantryTensor *loss = gantry_mean (gantry_square (pick (maker))), *on[N_SLOPES], *slopes[N_SLOPES];

  for (guint i = 0; i < 3; i++)
    loss = gantry_add (loss, gantry_mean (gantry_tanh (pick (maker))));
  for (guint i = 0; i < N_SLOPES; i++)
    on[i] = maker->pool[dice (maker, MIN (maker->n, 14))];
  gantry_gradients (loss, on, N_SLOPES, slopes);
  gantry_graph_output (maker->graph, "loss", loss);
  for (guint i = 0; i < N_SLOPES; i++)
    {
      g_autofree gchar *name = g_strdup_printf ("slope%u", i);

      gantry_graph_output (maker->graph, name, slopes[i]);
    }
  gantry_graph_output (maker->graph, "again", gantry_gradient (gantry_sum (gantry_square (slopes[0])), on[1]));
}

/* Means of as many groups of numbers as a square has: of a large tensor no more is left out than does not make a group. */
static GantryTensor *
gather (Maker *maker, GantryTensor *x)
{
  const gsize n = gantry_shape_size (&shapes[0]), size = gantry_tensor_get_size (x), share = size / n;
  GantryTensor *flat;

  if (share == 0)
    return gantry_tanh (gantry_reshape (fit (maker, x, n), &shapes[0]));
  flat = gantry_slice (gantry_reshape (x, GANTRY_SHAPE (size)), 0, 0, n * share);
  return gantry_tanh (gantry_reshape (gantry_mean_axes (gantry_reshape (flat, GANTRY_SHAPE (n, share)), GANTRY_AXIS (1), FALSE), &shapes[0]));
}

/* Convolutions of a batch, of a size that backends keep in blocks or one that they do not, with what stands between convolutions. */
static GantryTensor *
make_images (Maker *maker)
{
  static const gsize batches[] = { 16, 32, 48, 64, 12, 3 };
  const gsize n = batches[dice (maker, G_N_ELEMENTS (batches))], size = 3 + dice (maker, 4);
  gsize channels = 1 + dice (maker, 3);
  const guint n_layers = 1 + dice (maker, 3);
  GantryTensor *x = make_operand (maker, GANTRY_SHAPE (n, channels, size, size), -1, 1);

  for (guint i = 0; i < n_layers; i++)
    {
      const gsize kernel = 1 + dice (maker, 3), stride = 1 + dice (maker, 2), pad = dice (maker, (guint) kernel), next = 1 + dice (maker, 4);
      const gboolean is_transposed = dice (maker, 3) == 0;
      const GantryConvolution geometry = { .stride = { stride, stride }, .padding = { pad, pad } };
      const gsize extent = gantry_tensor_get_shape (x)->dims[2];
      GantryTensor *y;

      if (is_transposed ? (extent - 1) * stride + kernel <= 2 * pad : extent + 2 * pad < kernel)
        continue;
      y = is_transposed ? gantry_conv_transpose2d (x, make_operand (maker, GANTRY_SHAPE (channels, next, kernel, kernel), -1, 1), &geometry)
                        : gantry_conv2d (x, make_operand (maker, GANTRY_SHAPE (next, channels, kernel, kernel), -1, 1), &geometry);
      channels = next;
      switch (dice (maker, 5))
        {
        case 0: x = gantry_leaky_relu (gantry_add (y, make_operand (maker, GANTRY_SHAPE (channels, 1, 1), -1, 1)), 0.2); break;
        case 1: x = gantry_tanh (gantry_sub (y, gantry_mean_axes (y, GANTRY_AXIS (0) | GANTRY_AXIS (2) | GANTRY_AXIS (3), TRUE))); break;
        case 2: x = gantry_softplus (gantry_concat ((GantryTensor *[]) { y, gantry_neg (y) }, 2, 1)); channels *= 2; break;
        case 3: x = gantry_add (y, gantry_tanh (y)); break;
        default: x = gantry_tanh (y); break;
        }
    }
  return gather (maker, x);
}

static GantryGraph *
make_graph (guint32 seed, GantryDType dtype, gboolean has_images)
{
  Maker maker = { g_rand_new_with_seed (seed), gantry_graph_new (dtype), dtype, { NULL }, 0, 0 };

  for (; maker.n < 10; maker.n++)
    maker.pool[maker.n] = make_leaf (&maker, maker.n);
  for (; maker.n < POOL; maker.n++)
    {
      GantryTensor *(*const makers[]) (Maker *) = { make_unary, make_unary, make_binary, make_binary, make_moved, make_read, make_row, make_row,
                                                    make_row };

      maker.pool[maker.n] = has_images && dice (&maker, 12) == 0 ? make_images (&maker) : makers[dice (&maker, G_N_ELEMENTS (makers))](&maker);
      if (dice (&maker, 6) == 0)
        assign_something (&maker);
    }
  for (guint i = 0; i < 4; i++)
    {
      g_autofree gchar *name = g_strdup_printf ("output%u", i);

      gantry_graph_output (maker.graph, name, pick (&maker));
    }
  add_gradients (&maker);
  g_rand_free (maker.rand);
  return maker.graph;
}

GantryGraph *
random_graph_new (guint32 seed)
{
  return make_graph (seed, GANTRY_FLOAT64, FALSE);
}

GantryGraph *
random_graph_new_with_images (guint32 seed, GantryDType dtype)
{
  return make_graph (seed, dtype, TRUE);
}
