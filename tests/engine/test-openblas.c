/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The openblas backend against the reference: products and convolutions of odd shapes, fused programs, reductions. */
#include "engine/openblas-fixture.h"

#define FEED(name, ...) gantry_graph_feed (graph, name, GANTRY_SHAPE (__VA_ARGS__), gantry_graph_get_dtype (graph))

typedef struct {
  gsize n, c, h, w, o, kh, kw;
  GantryConvolution geometry;
} ConvolutionCase;

static const ConvolutionCase convolutions[] = {
  { 1, 1, 1, 1, 1, 1, 1, { { 1, 1 }, { 0, 0 }, { 1, 1 } } },
  { 3, 2, 5, 7, 4, 3, 3, { { 1, 1 }, { 1, 1 }, { 1, 1 } } },
  { 2, 3, 8, 8, 5, 4, 4, { { 2, 2 }, { 1, 1 }, { 1, 1 } } },
  { 17, 3, 9, 6, 6, 3, 2, { { 2, 1 }, { 0, 2 }, { 1, 1 } } },
  { 33, 4, 7, 7, 8, 3, 3, { { 3, 2 }, { 2, 1 }, { 2, 1 } } },
  { 2, 6, 10, 9, 4, 3, 3, { { 1, 2 }, { 2, 3 }, { 2, 3 }, { 0, 0 }, 2 } },
  { 5, 4, 6, 6, 4, 3, 3, { { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 }, 4 } },
  { 16, 16, 5, 5, 12, 1, 1, { { 1, 1 }, { 0, 0 }, { 1, 1 } } },
  { 4, 5, 6, 6, 7, 1, 1, { { 2, 3 }, { 0, 0 }, { 1, 1 } } },
  { 6, 5, 6, 6, 7, 1, 2, { { 3, 3 }, { 1, 1 }, { 1, 1 } } },
  { 7, 6, 4, 4, 9, 4, 4, { { 1, 1 }, { 0, 0 }, { 1, 1 } } },
  { 2, 3, 5, 5, 2, 3, 3, { { 4, 4 }, { 0, 0 }, { 1, 1 } } },
  { 2, 5, 3, 3, 8, 5, 5, { { 1, 1 }, { 3, 3 }, { 1, 1 } } },
  { 1, 8, 40, 64, 16, 3, 3, { { 1, 1 }, { 1, 1 }, { 1, 1 } } },
  { 32, 16, 16, 16, 32, 4, 4, { { 2, 2 }, { 1, 1 }, { 1, 1 } } },
  { 20, 40, 8, 8, 24, 5, 5, { { 2, 2 }, { 2, 2 }, { 1, 1 } } },
};

/* Batches of full sets of lanes are blocked. */
static const ConvolutionCase blocked_convolutions[] = {
  { 16, 3, 9, 7, 6, 3, 2, { { 2, 1 }, { 0, 2 }, { 1, 1 } } },
  { 64, 5, 8, 8, 9, 4, 4, { { 2, 2 }, { 1, 1 }, { 1, 1 } } },
  { 32, 17, 5, 20, 11, 3, 3, { { 1, 1 }, { 1, 1 }, { 1, 1 } } },
  { 48, 2, 7, 7, 3, 3, 3, { { 3, 2 }, { 2, 1 }, { 2, 1 } } },
  { 16, 6, 6, 7, 12, 3, 3, { { 1, 2 }, { 2, 3 }, { 2, 3 }, { 0, 0 }, 2 } },
  { 128, 4, 3, 3, 4, 3, 3, { { 1, 1 }, { 1, 1 }, { 1, 1 }, { 0, 0 }, 4 } },
  { 64, 7, 4, 4, 10, 4, 4, { { 1, 1 }, { 0, 0 }, { 1, 1 } } },
  { 16, 3, 5, 5, 2, 3, 3, { { 4, 4 }, { 0, 0 }, { 1, 1 } } },
  { 32, 4, 6, 6, 7, 1, 1, { { 2, 3 }, { 0, 0 }, { 1, 1 } } },
  { 16, 5, 3, 3, 8, 5, 5, { { 1, 1 }, { 3, 3 }, { 1, 1 } } },
  { 64, 40, 8, 8, 72, 3, 3, { { 1, 1 }, { 1, 1 }, { 1, 1 } } },
  { 16, 1, 1, 1, 1, 1, 1, { { 1, 1 }, { 0, 0 }, { 1, 1 } } },
  /* few channels on one side */
  { 64, 35, 18, 19, 3, 3, 3, { { 1, 1 }, { 1, 1 }, { 1, 1 } } },
  { 32, 3, 22, 11, 37, 4, 4, { { 2, 2 }, { 1, 1 }, { 1, 1 } } },
  { 16, 16, 12, 9, 4, 5, 2, { { 2, 1 }, { 3, 0 }, { 2, 3 } } },
  { 48, 2, 23, 5, 17, 2, 5, { { 3, 1 }, { 0, 4 }, { 1, 1 } } },
  { 16, 40, 9, 9, 2, 3, 3, { { 1, 1 }, { 2, 2 }, { 2, 2 }, { 0, 0 }, 2 } },
  { 32, 1, 7, 40, 20, 3, 3, { { 4, 2 }, { 1, 1 }, { 1, 1 } } },
};

static void
build_convolution (GantryGraph *graph, gconstpointer data)
{
  const ConvolutionCase *c = data;
  gsize groups = c->geometry.groups == 0 ? 1 : c->geometry.groups;
  GantryTensor *x = FEED ("x", c->n, c->c, c->h, c->w), *weight = FEED ("weight", c->o, c->c / groups, c->kh, c->kw);
  GantryTensor *y = gantry_conv2d (x, weight, &c->geometry);
  GantryTensor *dy = gantry_graph_feed (graph, "dy", gantry_tensor_get_shape (y), gantry_graph_get_dtype (graph));
  GantryTensor *objective = gantry_sum (gantry_mul (y, dy));

  gantry_graph_output (graph, "y", y);
  gantry_graph_output (graph, "dx", gantry_gradient (objective, x));
  gantry_graph_output (graph, "dweight", gantry_gradient (objective, weight));
}

START_TEST (test_convolutions)
{
  openblas_set_level (_i);
  for (guint i = 0; i < G_N_ELEMENTS (convolutions); i++)
    {
      openblas_check (build_convolution, &convolutions[i], GANTRY_FLOAT32);
      openblas_check (build_convolution, &convolutions[i], GANTRY_FLOAT64);
    }
}
END_TEST

START_TEST (test_blocked_convolutions)
{
  openblas_set_level (_i);
  for (guint i = 0; i < G_N_ELEMENTS (blocked_convolutions); i++)
    {
      openblas_check (build_convolution, &blocked_convolutions[i], GANTRY_FLOAT32);
      openblas_check (build_convolution, &blocked_convolutions[i], GANTRY_FLOAT64);
    }
}
END_TEST

typedef struct {
  gsize m, n, k;
} ProductCase;

static const ProductCase products[] = {
  { 1, 1, 1 }, { 1, 7, 3000 }, { 9, 1, 130 }, { 3, 5, 2 }, { 70, 33, 1500 }, { 300, 257, 64 }, { 16, 10, 5000 }, { 1, 1, 2049 },
};

static void
build_product (GantryGraph *graph, gconstpointer data)
{
  const ProductCase *p = data;
  GantryTensor *a = FEED ("a", p->m, p->k), *at = FEED ("at", p->k, p->m), *b = FEED ("b", p->k, p->n), *bt = FEED ("bt", p->n, p->k);

  gantry_graph_output (graph, "nn", gantry_matmul_full (a, FALSE, b, FALSE));
  gantry_graph_output (graph, "nt", gantry_matmul_full (a, FALSE, bt, TRUE));
  gantry_graph_output (graph, "tn", gantry_matmul_full (at, TRUE, b, FALSE));
  gantry_graph_output (graph, "tt", gantry_matmul_full (at, TRUE, bt, TRUE));
}

static void
build_stack (GantryGraph *graph, gconstpointer data)
{
  GantryTensor *a = FEED ("a", 3, 1, 4, 5), *b = FEED ("b", 2, 5, 6), *c = FEED ("c", 5, 6), *d = FEED ("d", 3, 2, 6, 7);

  gantry_graph_output (graph, "broadcast", gantry_matmul (a, b));
  gantry_graph_output (graph, "right-one", gantry_matmul (a, c));
  gantry_graph_output (graph, "left-one", gantry_matmul (c, d));
  gantry_graph_output (graph, "transposed", gantry_matmul_full (a, TRUE, gantry_matmul (a, c), FALSE));
}

START_TEST (test_products)
{
  openblas_set_level (_i);
  for (guint dtype = GANTRY_FLOAT32; dtype <= GANTRY_FLOAT64; dtype++)
    {
      for (guint i = 0; i < G_N_ELEMENTS (products); i++)
        openblas_check (build_product, &products[i], dtype);
      openblas_check (build_stack, NULL, dtype);
    }
}
END_TEST

static void
build_elementwise (GantryGraph *graph, gconstpointer data)
{
  GantryTensor *x = FEED ("x", 5, 6, 7, 11), *y = FEED ("y", 5, 6, 7, 11), *channel = FEED ("channel", 1, 6, 1, 1);
  GantryTensor *row = FEED ("row", 11), *sample = FEED ("sample", 5, 1, 1, 1), *hole = FEED ("hole", 5, 1, 7, 1);
  GantryTensor *one = gantry_graph_feed (graph, "one", GANTRY_SCALAR, gantry_graph_get_dtype (graph));
  GantryTensor *mask = gantry_greater (x, gantry_mul (y, row));

  gantry_graph_output (graph, "mask", mask);
  gantry_graph_output (graph, "less", gantry_less (gantry_scale (x, 2), channel));
  gantry_graph_output (graph, "equal", gantry_equal (gantry_sign (x), gantry_sign (y)));
  gantry_graph_output (graph, "select", gantry_select (mask, gantry_add (x, sample), gantry_mul (hole, y)));
  gantry_graph_output (graph, "normalized", gantry_add (gantry_mul (gantry_mul (gantry_sub (x, channel), gantry_rsqrt (gantry_exp (channel))),
                                                                    gantry_offset (gantry_square (one), 1)), row));
  gantry_graph_output (graph, "chain", gantry_tanh (gantry_sub (gantry_softplus (gantry_neg (x)), gantry_sigmoid (gantry_div (y, gantry_exp (x))))));
  gantry_graph_output (graph, "clipped", gantry_maximum (gantry_minimum (gantry_leaky_relu (x, 0.2), gantry_abs (y)), sample));
  gantry_graph_output (graph, "wide", gantry_broadcast_to (gantry_reshape (row, GANTRY_SHAPE (11, 1)), GANTRY_SHAPE (3, 11, 13)));
  gantry_graph_output (graph, "roots", gantry_mul (gantry_sqrt (gantry_abs (x)), gantry_log (gantry_reciprocal (gantry_abs (y)))));
  gantry_graph_output (graph, "scalar", gantry_relu (gantry_scale (gantry_square (one), 3)));
  gantry_graph_output (graph, "cast", gantry_mul (gantry_cast (mask, gantry_graph_get_dtype (graph)), hole));
}

static void
build_reductions (GantryGraph *graph, gconstpointer data)
{
  GantryTensor *x = FEED ("x", 33, 6, 9, 13), *y = FEED ("y", 33, 6, 9, 13), *channel = FEED ("channel", 1, 6, 1, 1);
  GantryTensor *tall = FEED ("tall", 20000, 3), *wide = FEED ("wide", 3, 20000), *product = gantry_mul (x, gantry_sub (y, channel));

  for (guint axes = 1; axes < 16; axes++)
    {
      g_autofree gchar *sum = g_strdup_printf ("sum-%u", axes), *max = g_strdup_printf ("max-%u", axes), *fused = g_strdup_printf ("fused-%u", axes);

      gantry_graph_output (graph, sum, gantry_sum_axes (x, axes, axes % 2 == 0));
      gantry_graph_output (graph, max, gantry_max_axes (x, axes, FALSE));
      gantry_graph_output (graph, fused, gantry_sum_axes (product, axes, TRUE));
    }
  for (guint axes = 1; axes < 4; axes++)
    {
      g_autofree gchar *first = g_strdup_printf ("tall-%u", axes), *second = g_strdup_printf ("wide-%u", axes);

      gantry_graph_output (graph, first, gantry_sum_axes (tall, axes, FALSE));
      gantry_graph_output (graph, second, gantry_sum_axes (gantry_square (wide), axes, FALSE));
    }
}

static void
build_movement (GantryGraph *graph, gconstpointer data)
{
  static const guint orders[][4] = { { 0, 1, 2, 3 }, { 0, 2, 3, 1 }, { 3, 2, 1, 0 }, { 1, 0, 2, 3 }, { 0, 3, 1, 2 }, { 2, 0, 3, 1 } };
  GantryTensor *x = FEED ("x", 4, 5, 21, 18), *y = FEED ("y", 4, 3, 21, 18);
  GantryTensor *parts[] = { x, y, x };

  for (guint i = 0; i < G_N_ELEMENTS (orders); i++)
    {
      g_autofree gchar *name = g_strdup_printf ("permute-%u", i);

      gantry_graph_output (graph, name, gantry_permute (x, orders[i]));
    }
  gantry_graph_output (graph, "transpose", gantry_transpose (x));
  for (guint axis = 0; axis < 4; axis++)
    {
      g_autofree gchar *slice = g_strdup_printf ("slice-%u", axis), *pad = g_strdup_printf ("pad-%u", axis);

      gantry_graph_output (graph, slice, gantry_slice (x, axis, 1, 2));
      gantry_graph_output (graph, pad, gantry_pad (x, axis, axis, 2));
    }
  gantry_graph_output (graph, "concat", gantry_concat (parts, 3, 1));
}

START_TEST (test_loops)
{
  openblas_set_level (_i);
  for (guint dtype = GANTRY_FLOAT32; dtype <= GANTRY_FLOAT64; dtype++)
    {
      openblas_check (build_elementwise, NULL, dtype);
      openblas_check (build_reductions, NULL, dtype);
      openblas_check (build_movement, NULL, dtype);
    }
}
END_TEST

/* Long chains, with many inputs and shared parts, keep their value however they are cut into programs. */
static void
build_long_chain (GantryGraph *graph, gconstpointer data)
{
  GantryTensor *total = FEED ("x", 40, 50), *shared = gantry_scale (total, 0.5);

  for (guint i = 0; i < 40; i++)
    {
      g_autofree gchar *name = g_strdup_printf ("y%u", i);
      GantryTensor *y = FEED (name, 40, 50);

      total = gantry_add (gantry_scale (gantry_mul (total, gantry_offset (y, 0.5)), 0.7), gantry_mul (shared, y));
      total = i % 3 == 0 ? gantry_tanh (total) : total;
    }
  gantry_graph_output (graph, "total", total);
  gantry_graph_output (graph, "gradient", gantry_gradient (gantry_sum (total), shared));
}

/* One kernel: (x - mean) * scale + bias, then a slope for what is negative. */
static void
build_normalization (GantryGraph *graph, gconstpointer data)
{
  GantryTensor *x = FEED ("x", 8, 6, 4, 4), *mean = FEED ("mean", 1, 6, 1, 1), *scale = FEED ("scale", 1, 6, 1, 1);

  gantry_graph_output (graph, "y", gantry_leaky_relu (gantry_add (gantry_mul (gantry_sub (x, mean), scale), mean), 0.2));
}

/* One kernel, too: the products are never stored. */
static void
build_inner_product (GantryGraph *graph, gconstpointer data)
{
  GantryTensor *x = FEED ("x", 8, 6, 4, 4), *y = FEED ("y", 8, 6, 4, 4), *scale = FEED ("scale", 1, 6, 1, 1);

  guint axes = GANTRY_AXIS (0) | GANTRY_AXIS (2) | GANTRY_AXIS (3);

  gantry_graph_output (graph, "y", gantry_sum_axes (gantry_mul (gantry_mul (x, scale), y), axes, TRUE));
}

START_TEST (test_fusion)
{
  openblas_check (build_long_chain, NULL, GANTRY_FLOAT32);
  openblas_check (build_long_chain, NULL, GANTRY_FLOAT64);
  ck_assert_uint_eq (openblas_count_kernels (build_normalization, NULL), 1);
  ck_assert_uint_eq (openblas_count_kernels (build_inner_product, NULL), 1);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("openblas");
  TCase *tcase = tcase_create ("openblas");

  tcase_set_timeout (tcase, 300);
  tcase_add_loop_test (tcase, test_convolutions, 0, GANTRY_N_CPU_LEVELS);
  tcase_add_loop_test (tcase, test_blocked_convolutions, 0, GANTRY_N_CPU_LEVELS);
  tcase_add_loop_test (tcase, test_products, 0, GANTRY_N_CPU_LEVELS);
  tcase_add_loop_test (tcase, test_loops, 0, GANTRY_N_CPU_LEVELS);
  tcase_add_test (tcase, test_fusion);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
