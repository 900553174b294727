/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* FLOPs by formula, against operations counted one by one: of every tensor of the problems that op-cases.c and its like make. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "engine/engine-fixture.h"
#include "graph/op-cases.h"

static const gchar *const free_ops[] = { "reshape", "permute", "broadcast-to", "slice", "pad", "concat", "gather", "index-select", "cast",
                                         "detach", "feed", "fill", "constant", "random", "scalar", "variable", NULL };
static const gchar *const input_ops[] = { "sum", "max", "scatter-add", "index-add", "arg-max", "arg-min", NULL };

static gsize
dim (GantryTensor *tensor, guint d)
{
  return gantry_tensor_get_shape (tensor)->dims[d];
}

/* The loops of a convolution: one product where a position of the kernel lies on the image. */
static gdouble
count_convolution (GantryTensor *tensor, GantryTensor *x, GantryTensor *w, GantryTensor *y)
{
  guint n;
  const gint64 *ints = gantry_tensor_get_ints (tensor, &n);
  gdouble products = 0;

  for (gsize row = 0; row < dim (y, 2); row++)
    for (gsize column = 0; column < dim (y, 3); column++)
      for (gsize i = 0; i < dim (w, 2); i++)
        for (gsize k = 0; k < dim (w, 3); k++)
          {
            const gint64 at_row = (gint64) row * ints[0] - ints[2] + (gint64) i * ints[4];
            const gint64 at_column = (gint64) column * ints[1] - ints[3] + (gint64) k * ints[5];

            if (at_row >= 0 && at_row < (gint64) dim (x, 2) && at_column >= 0 && at_column < (gint64) dim (x, 3))
              products++;
          }
  return 2 * products * dim (y, 0) * dim (y, 1) * dim (w, 1);
}

static gdouble
count_product (GantryTensor *y)
{
  guint n;
  const gint64 *ints = gantry_tensor_get_ints (y, &n);
  GantryTensor *a = gantry_tensor_get_input (y, 0);
  const guint n_dims = gantry_tensor_get_shape (a)->n_dims;

  return 2.0 * gantry_tensor_get_size (y) * dim (a, ints[0] ? n_dims - 2 : n_dims - 1);
}

/* Each weight of the matrix, none of which is 0, is applied to one element of every line. */
static gdouble
count_taps (GantryTensor *y)
{
  guint n_taps, n;

  gantry_tensor_get_reals (y, &n_taps);
  return 2.0 * n_taps * gantry_tensor_get_size (y) / dim (y, gantry_tensor_get_ints (y, &n)[0]);
}

static gdouble
count_comparisons (GantryTensor *y)
{
  guint n, log2 = 0;
  const gsize length = dim (y, gantry_tensor_get_ints (y, &n)[0]);

  while ((gsize) 1 << log2 < length)
    log2++;
  return (gdouble) gantry_tensor_get_size (y) * MAX (log2, 1);
}

static gdouble
count (GantryTensor *y)
{
  const gchar *op = gantry_tensor_get_op_name (y);
  GantryTensor *a = gantry_tensor_get_n_inputs (y) > 0 ? gantry_tensor_get_input (y, 0) : NULL;
  GantryTensor *b = gantry_tensor_get_n_inputs (y) > 1 ? gantry_tensor_get_input (y, 1) : NULL;
  guint n;

  if (g_strv_contains (free_ops, op))
    return 0;
  if (g_strv_contains (input_ops, op))
    return gantry_tensor_get_size (a);
  if (g_str_equal (op, "conv2d"))
    return count_convolution (y, a, b, y);
  if (g_str_equal (op, "conv2d-input"))
    return count_convolution (y, y, b, a);
  if (g_str_equal (op, "conv2d-weight"))
    return count_convolution (y, a, y, b);
  if (g_str_equal (op, "matmul"))
    return count_product (y);
  if (g_str_equal (op, "resample"))
    return count_taps (y);
  if (g_str_equal (op, "arg-sort"))
    return count_comparisons (y);
  if (g_str_equal (op, "max-pool-index"))
    return (gdouble) gantry_tensor_get_size (y) * gantry_tensor_get_ints (y, &n)[0] * gantry_tensor_get_ints (y, &n)[1];
  ck_assert_msg ((gantry_tensor_get_op (y)->flags & GANTRY_OP_ELEMENTWISE) != 0, "%s is not counted by this test", op);
  return gantry_tensor_get_size (y);
}

START_TEST (test_counts)
{
  const OpCase *row = op_case_at (_i);

  for (guint v = 0; v < op_case_count_variants (row); v++)
    {
      g_autoptr (OpProblem) problem = op_problem_new (row, &row->variants[v], GANTRY_FLOAT64);

      for (guint i = 0; i < gantry_graph_get_n_tensors (problem->graph); i++)
        {
          GantryTensor *y = gantry_graph_get_tensor (problem->graph, i);
          g_autofree gchar *shape = gantry_shape_to_string (gantry_tensor_get_shape (y));

          ck_assert_msg (gantry_tensor_get_flops (y) == count (y), "row %s, variant %u: %s %s: %g, counted %g", row->op, v,
                         gantry_tensor_get_op_name (y), shape, gantry_tensor_get_flops (y), count (y));
        }
    }
}
END_TEST

/* What the rules above rest on, in numbers anyone can check. */
START_TEST (test_hand_counts)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (1, 1, 3, 3), GANTRY_FLOAT32);
  GantryTensor *w = gantry_graph_feed (graph, "w", GANTRY_SHAPE (1, 1, 3, 3), GANTRY_FLOAT32);
  GantryTensor *wide = gantry_graph_feed (graph, "wide", GANTRY_SHAPE (2, 4, 8, 8), GANTRY_FLOAT32);
  GantryTensor *grouped = gantry_graph_feed (graph, "grouped", GANTRY_SHAPE (6, 2, 3, 3), GANTRY_FLOAT32);
  const GantryConvolution same = { .padding = { 1, 1 } }, none = { .stride = { 1, 1 } };
  const GantryConvolution strided = { .stride = { 2, 2 }, .padding = { 1, 1 }, .groups = 2 };

  /* 4 corners of 4 products, 4 sides of 6, a centre of 9. */
  ck_assert_double_eq (gantry_tensor_get_flops (gantry_conv2d (x, w, &same)), 2 * (4 * 4 + 4 * 6 + 9));
  ck_assert_double_eq (gantry_tensor_get_flops (gantry_conv2d (x, w, &none)), 2 * 9);
  /* Of 4 places the first has a row of padding: 2 + 3 + 3 + 3 rows, and as many columns. */
  ck_assert_double_eq (gantry_tensor_get_flops (gantry_conv2d (wide, grouped, &strided)), 2.0 * 2 * 6 * 2 * 11 * 11);
  /* 9 places of 9 products, all of which land inside. */
  ck_assert_double_eq (gantry_tensor_get_flops (gantry_conv_transpose2d (x, w, &none)), 2 * 81);
  ck_assert_double_eq (gantry_tensor_get_flops (gantry_exp (wide)), 512);
  ck_assert_double_eq (gantry_tensor_get_flops (gantry_add (wide, x)), 0); /* shapes that do not fit: nothing is computed */
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("flops");
  TCase *tcase = tcase_create ("flops");

  tcase_add_loop_test (tcase, test_counts, 0, op_case_count ());
  tcase_add_test (tcase, test_hand_counts);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
