/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Convolutions beside resampling: the same numbers, gradients of both orders included, for fewer FLOPs. */
#include <math.h>

#include "engine/engine-fixture.h"

#define N 3
#define C 4
#define O 5

typedef struct {
  const gchar *name;
  GantryTensor *(*build) (GantryTensor *x, GantryTensor *w, GantryTensor *b);
  gsize kernel;   /* of w */
  gsize size;     /* of x */
  gdouble saved;  /* FLOPs before over those after, of y alone; 1: nothing */
} Case;

static GantryTensor *
up (GantryTensor *x, gdouble factor)
{
  return gantry_resize (x, &(GantryResize) { .interpolation = GANTRY_INTERPOLATION_NEAREST, .scale = { factor, factor } });
}

static GantryTensor *
down (GantryTensor *x, guint factor)
{
  return gantry_avg_pool2d (x, &(GantryPooling) { .kernel = { factor, factor } }, FALSE);
}

static GantryTensor *
conv (GantryTensor *x, GantryTensor *w, guint stride, guint padding)
{
  return gantry_conv2d (x, w, &(GantryConvolution) { .stride = { stride, stride }, .padding = { padding, padding } });
}

static GantryTensor *
bias (GantryTensor *x, GantryTensor *b)
{
  return gantry_add (x, gantry_reshape (b, GANTRY_SHAPE (O, 1, 1)));
}

static GantryTensor *
grouped (GantryTensor *x, GantryTensor *w)
{
  GantryTensor *weight = gantry_slice (gantry_slice (w, 0, 0, 4), 1, 0, 2);

  return gantry_conv2d (x, weight, &(GantryConvolution) { .padding = { 1, 1 }, .groups = 2 });
}

static GantryTensor *
wide (GantryTensor *x, GantryTensor *w, guint factor)
{
  return gantry_resize (conv (x, w, 1, 1), &(GantryResize) { .interpolation = GANTRY_INTERPOLATION_NEAREST, .scale = { 1, factor } });
}

static GantryTensor *
smooth (GantryTensor *x)
{
  return gantry_resize (x, &(GantryResize) { .interpolation = GANTRY_INTERPOLATION_LINEAR, .scale = { 2, 2 } });
}

static GantryTensor *
used_twice (GantryTensor *x, GantryTensor *w)
{
  GantryTensor *y = conv (x, w, 1, 1);

  return gantry_add (down (y, 2), gantry_slice (gantry_slice (gantry_exp (y), 2, 0, 4), 3, 0, 4));
}

#define BUILD(name, expression) \
  static GantryTensor *name (GantryTensor *x, GantryTensor *w, GantryTensor *b G_GNUC_UNUSED) { return expression; }

BUILD (up_conv, conv (up (x, 2), w, 1, 1))
BUILD (up_conv_bias, bias (conv (up (x, 2), w, 1, 1), b))
BUILD (up_3_conv_5, conv (up (x, 3), w, 1, 2))
BUILD (up_conv_narrow, conv (up (x, 2), w, 1, 0))
BUILD (conv_down, down (conv (x, w, 1, 1), 2))
BUILD (conv_bias_down, down (bias (conv (x, w, 1, 1), b), 2))
BUILD (conv_down_4, down (conv (x, w, 1, 1), 4))
BUILD (conv_wide_padding_down, down (conv (x, w, 1, 4), 2))
BUILD (up_pointwise, conv (up (x, 2), w, 1, 0))
BUILD (smooth_pointwise, conv (smooth (x), w, 1, 0))
BUILD (pointwise_down, down (conv (x, w, 1, 0), 2))
BUILD (pointwise_bias_down, down (bias (conv (x, w, 1, 0), b), 2))
BUILD (grouped_down, down (grouped (x, w), 2))
BUILD (kept_up_grouped, grouped (up (x, 2), w))
BUILD (kept_up_strided, conv (up (x, 2), w, 2, 1))
BUILD (kept_up_padded, conv (up (x, 2), w, 1, 3))
BUILD (kept_smooth, conv (smooth (x), w, 1, 1))
BUILD (kept_shared, used_twice (x, w))
BUILD (kept_behind, wide (x, w, 2))

static const Case cases[] = {
  { "up_conv", up_conv, 3, 8, 2.25 },
  { "up_conv_bias", up_conv_bias, 3, 8, 2.25 },
  { "up_3_conv_5", up_3_conv_5, 5, 6, 225. / 49 },
  { "up_conv_narrow", up_conv_narrow, 3, 8, 196 * 9. / (64 * 16) },
  { "conv_down", conv_down, 3, 8, 2.25 },
  { "conv_bias_down", conv_bias_down, 3, 8, 2.25 },
  { "conv_down_4", conv_down_4, 3, 8, 4 },
  { "conv_wide_padding_down", conv_wide_padding_down, 3, 8, 2.25 },
  { "up_pointwise", up_pointwise, 1, 8, 4 },
  { "smooth_pointwise", smooth_pointwise, 1, 8, 4 },
  { "pointwise_down", pointwise_down, 1, 8, 4 },
  { "pointwise_bias_down", pointwise_bias_down, 1, 8, 4 },
  { "grouped_down", grouped_down, 3, 8, 2.25 },
  { "kept_up_grouped", kept_up_grouped, 3, 8, 1 },
  { "kept_up_strided", kept_up_strided, 3, 8, 1 },
  { "kept_up_padded", kept_up_padded, 3, 8, 1 },
  { "kept_smooth", kept_smooth, 3, 8, 1 },
  { "kept_shared", kept_shared, 3, 8, 1 },
  { "kept_behind", kept_behind, 3, 8, 1 },
};

static GantryProgram *
compile (const Case *c, gboolean gradients, GantryCompileFlags flags)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryTensor *inputs[] = { gantry_graph_feed (graph, "x", GANTRY_SHAPE (N, C, c->size, c->size), GANTRY_FLOAT64),
                             gantry_graph_feed (graph, "w", GANTRY_SHAPE (O, C, c->kernel, c->kernel), GANTRY_FLOAT64),
                             gantry_graph_feed (graph, "b", GANTRY_SHAPE (O), GANTRY_FLOAT64) };
  GantryTensor *y = c->build (inputs[0], inputs[1], inputs[2]);
  static const gchar *const names[] = { "dx", "dw", "db", "ddx", "ddw", "ddb" };
  GantryTensor *first[3], *second[3];

  gantry_graph_output (graph, "y", y);
  if (gradients)
    {
      gantry_gradients (gantry_sum (gantry_tanh (y)), inputs, 3, first);
      gantry_gradients (gantry_add (gantry_sum (gantry_square (first[0])), gantry_sum (gantry_square (first[1]))), inputs, 3, second);
      for (guint i = 0; i < 3; i++)
        {
          gantry_graph_output (graph, names[i], first[i]);
          gantry_graph_output (graph, names[3 + i], second[i]);
        }
    }
  return fixture_compile_full (graph, state, flags);
}

static void
run (GantryProgram *program)
{
  static const gchar *const names[] = { "x", "w", "b" };

  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    {
      GantryArray *array = gantry_program_get_input (program, names[k]);

      for (gsize i = 0; i < gantry_array_get_size (array); i++)
        gantry_array_set_double (array, i, 0.4 * sin (1.7 * (gdouble) i + k));
    }
  fixture_run (program, 0, 0);
}

START_TEST (keeps_numbers)
{
  static const gchar *const names[] = { "y", "dx", "dw", "db", "ddx", "ddw", "ddb" };
  g_autoptr (GantryProgram) plain = compile (&cases[_i], TRUE, GANTRY_COMPILE_NO_SIMPLIFY);
  g_autoptr (GantryProgram) simple = compile (&cases[_i], TRUE, GANTRY_COMPILE_DEFAULT);

  run (plain);
  run (simple);
  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    for (gsize i = 0; i < gantry_array_get_size (gantry_program_get_output (plain, names[k])); i++)
      {
        gdouble a = fixture_output (plain, names[k], i), b = fixture_output (simple, names[k], i);

        ck_assert_msg (fabs (a - b) <= 1e-12 * (1 + fabs (a)), "%s: %s, element %" G_GSIZE_FORMAT " is %.17g, simplified %.17g", cases[_i].name,
                       names[k], i, a, b);
      }
}
END_TEST

/* As if the padding had to be multiplied too: the ratios are then those of the kernels' pixels. */
static gdouble
count_all_products (GantryTensor *y)
{
  const gchar *op = gantry_tensor_get_op_name (y);
  GantryTensor *weight = g_str_has_suffix (op, "-weight") ? y : gantry_tensor_get_input (y, 1);
  GantryTensor *result = g_str_equal (op, "conv2d") ? y : gantry_tensor_get_input (y, g_str_has_suffix (op, "-weight") ? 1 : 0);

  return 2.0 * gantry_tensor_get_size (result) * gantry_tensor_get_size (weight) / gantry_tensor_get_dim (weight, 0);
}

static gdouble
count_convolution_flops (GantryProgram *program)
{
  gdouble sum = 0;

  for (guint i = 0; i < gantry_program_get_n_kernels (program); i++)
    {
      GantryTensor *tensor = gantry_program_get_kernel (program, i, NULL, NULL);

      if (g_str_has_prefix (gantry_tensor_get_op_name (tensor), "conv2d"))
        sum += count_all_products (tensor);
    }
  return sum;
}

START_TEST (saves_work)
{
  const Case *c = &cases[_i];

  for (guint gradients = 0; gradients < 2; gradients++)
    {
      g_autoptr (GantryProgram) plain = compile (c, gradients, GANTRY_COMPILE_NO_SIMPLIFY), simple = compile (c, gradients, GANTRY_COMPILE_DEFAULT);
      gdouble saved = count_convolution_flops (plain) / count_convolution_flops (simple);

      /* Of gradients some convolutions are not beside a resampling. */
      ck_assert_msg (gradients ? saved >= (c->saved > 1 ? 1.1 : 1) : fabs (saved - c->saved) < 1e-9,
                     "%s: convolutions take %g times fewer FLOPs, not %g", c->name, saved, c->saved);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("rewrite-convolution");
  TCase *tcase = tcase_create ("rewrite-convolution");

  tcase_add_loop_test (tcase, keeps_numbers, 0, G_N_ELEMENTS (cases));
  tcase_add_loop_test (tcase, saves_work, 0, G_N_ELEMENTS (cases));
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
