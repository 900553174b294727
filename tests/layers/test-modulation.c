/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Modulated and resampled convolutions against their definitions: kernels of each sample's own, zeros between pixels, filters as convolutions. */
#include "layers/model.h"

#include <math.h>

#define N 3
#define C 2
#define O 4
#define H 6
#define W 5

static const gdouble skewed[] = { 1, 5, 3, -1, 0.5 };
static const gdouble twins[] = { 1, 1 };

typedef struct {
  const gchar *name;
  gsize kernel;
  gboolean modulated;
  gboolean demodulate;
  GantryResampledConvolution geometry;
} Row;

static const Row rows[] = {
  { "plain", 3, FALSE, FALSE, { .padding = { 1, 0 } } },
  { "turned", 2, FALSE, FALSE, { .padding = { 0, 1 }, .turned = TRUE } },
  { "enlarged", 3, FALSE, FALSE, { .up = 2, .padding = { 1, 1 } } },
  { "enlarged, turned", 3, FALSE, FALSE, { .up = 2, .padding = { 1, 1 }, .turned = TRUE } },
  { "enlarged much", 2, FALSE, FALSE, { .up = 3, .padding = { 2, 0 }, .taps = skewed, .n_taps = 5 } },
  { "enlarged, few taps", 3, FALSE, FALSE, { .up = 4, .padding = { 1, 1 }, .taps = twins, .n_taps = 2 } },
  { "reduced", 3, FALSE, FALSE, { .down = 2, .padding = { 1, 1 } } },
  { "reduced, turned", 4, FALSE, FALSE, { .down = 2, .padding = { 2, 3 }, .taps = skewed, .n_taps = 5, .turned = TRUE } },
  { "both", 3, FALSE, FALSE, { .up = 3, .down = 2, .padding = { 1, 1 } } },
  { "points enlarged", 1, FALSE, FALSE, { .up = 2 } },
  { "points reduced", 1, FALSE, FALSE, { .down = 2, .padding = { 1, 0 } } },
  { "points, both", 1, FALSE, FALSE, { .up = 3, .down = 2, .taps = skewed, .n_taps = 5 } },
  { "points, both, fewer", 1, FALSE, FALSE, { .up = 2, .down = 3 } },
  { "modulated", 3, TRUE, FALSE, { .padding = { 1, 1 } } },
  { "demodulated", 3, TRUE, TRUE, { .padding = { 1, 1 } } },
  { "demodulated, enlarged", 3, TRUE, TRUE, { .up = 2, .padding = { 1, 1 }, .turned = TRUE } },
  { "demodulated, reduced", 3, TRUE, TRUE, { .down = 2, .padding = { 1, 1 } } },
  { "to colours", 1, TRUE, FALSE, { 0 } },
};

/* Zeros after each element of an axis. */
static GantryTensor *
insert_zeros (GantryTensor *x, guint axis, gsize up)
{
  GantryShape shape = *gantry_tensor_get_shape (x), split = { 5, { 0 } };

  for (guint i = 0; i < 5; i++)
    split.dims[i] = i <= axis ? shape.dims[i] : i == axis + 1 ? 1 : shape.dims[i - 1];
  shape.dims[axis] *= up;
  return gantry_reshape (gantry_pad (gantry_reshape (x, &split), axis + 1, 0, up - 1), &shape);
}

/* Each channel with the taps' outer product. */
static GantryTensor *
filter (GantryTensor *x, const gdouble *taps, gsize n, gdouble gain)
{
  const gsize channels = gantry_tensor_get_dim (x, 1);
  g_autofree gdouble *values = g_new (gdouble, channels * n * n);
  gdouble sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += taps[i];
  for (gsize i = 0; i < channels * n * n; i++)
    values[i] = gain * taps[n - 1 - i / n % n] * taps[n - 1 - i % n] / (sum * sum);
  return gantry_conv2d (x, gantry_constant_array (gantry_tensor_get_graph (x), GANTRY_SHAPE (channels, 1, n, n), values),
                        &(GantryConvolution) { .groups = (guint) channels });
}

static gssize
halve (gdouble n)
{
  return (gssize) floor (n / 2);
}

static GantryTensor *
convolve (GantryTensor *x, GantryTensor *weight, guint groups, const GantryResampledConvolution *g)
{
  static const gdouble standard[] = { 1, 3, 3, 1 };
  const gint up = MAX (g->up, 1), down = MAX (g->down, 1), n = g->taps != NULL ? (gint) g->n_taps : 4;

  for (guint d = 0; d < 2; d++)
    {
      gssize before = g->padding[d] + (up > 1 ? halve (n + up - 1) : 0) + (down > 1 ? halve (n - down + 1) : 0);
      gssize after = g->padding[d] + (up > 1 ? halve (n - up) : 0) + (down > 1 ? halve (n - down) : 0);

      x = gantry_pad_mode (insert_zeros (x, 2 + d, up), 2 + d, before, after, GANTRY_PADDING_CONSTANT, 0);
    }
  if (up > 1 || down > 1)
    x = filter (x, g->taps != NULL ? g->taps : standard, n, up * up);
  if (g->turned)
    weight = gantry_flip (gantry_flip (weight, 2), 3);
  return gantry_conv2d (x, weight, &(GantryConvolution) { .stride = { down, down }, .groups = groups });
}

/* One image of all samples' channels, and a group a sample. */
static GantryTensor *
define (const Row *row, GantryTensor *x, GantryTensor *weight, GantryTensor *styles)
{
  const gsize k = row->kernel;
  GantryTensor *own, *squares, *y;

  if (!row->modulated)
    return convolve (x, weight, 1, &row->geometry);
  own = gantry_mul (gantry_reshape (weight, GANTRY_SHAPE (1, O, C, k, k)), gantry_reshape (styles, GANTRY_SHAPE (N, 1, C, 1, 1)));
  if (row->demodulate)
    {
      squares = gantry_sum_axes (gantry_square (own), GANTRY_AXIS (2) | GANTRY_AXIS (3) | GANTRY_AXIS (4), TRUE);
      own = gantry_mul (own, gantry_rsqrt (gantry_offset (squares, 1e-8)));
    }
  y = convolve (gantry_reshape (x, GANTRY_SHAPE (1, N * C, H, W)), gantry_reshape (own, GANTRY_SHAPE (N * O, C, k, k)), N, &row->geometry);
  return gantry_reshape (y, GANTRY_SHAPE (N, O, gantry_tensor_get_dim (y, 2), gantry_tensor_get_dim (y, 3)));
}

static GantryTensor *
compute (const Row *row, GantryTensor *x, GantryTensor *weight, GantryTensor *styles)
{
  const GantryModulation options = { .demodulate = row->demodulate, .geometry = &row->geometry };

  return row->modulated ? gantry_modulated_conv2d (x, weight, styles, &options) : gantry_conv2d_resample (x, weight, &row->geometry);
}

static GantryProgram *
compile (const Row *row, GantryTensor *(*build) (const Row *, GantryTensor *, GantryTensor *, GantryTensor *), GantryState *state)
{
  static const gchar *const names[] = { "dx", "dw", "ds", "ddx", "ddw", "dds" };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryTensor *inputs[] = { gantry_graph_feed (graph, "x", GANTRY_SHAPE (N, C, H, W), GANTRY_FLOAT64),
                             gantry_graph_feed (graph, "w", GANTRY_SHAPE (O, C, row->kernel, row->kernel), GANTRY_FLOAT64),
                             gantry_graph_feed (graph, "s", GANTRY_SHAPE (N, C), GANTRY_FLOAT64) };
  GantryTensor *y = build (row, inputs[0], inputs[1], inputs[2]), *first[3], *second[3];

  gantry_graph_output (graph, "y", y);
  gantry_gradients (gantry_sum (gantry_tanh (y)), inputs, 3, first);
  gantry_gradients (gantry_add (gantry_sum (gantry_square (first[0])), gantry_sum (gantry_square (first[2]))), inputs, 3, second);
  for (guint i = 0; i < 3; i++)
    {
      gantry_graph_output (graph, names[i], first[i]);
      gantry_graph_output (graph, names[3 + i], second[i]);
    }
  return model_compile (graph, state);
}

static void
run (GantryProgram *program)
{
  static const gchar *const names[] = { "x", "w", "s" };

  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    {
      GantryArray *array = gantry_program_get_input (program, names[k]);

      for (gsize i = 0; i < gantry_array_get_size (array); i++)
        gantry_array_set_double (array, i, 0.6 * sin (1.7 * (gdouble) i + k) + (k == 2 ? 1 : 0));
    }
  model_run (program);
}

START_TEST (definition)
{
  static const gchar *const names[] = { "y", "dx", "dw", "ds", "ddx", "ddw", "dds" };
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) expected = compile (&rows[_i], define, state), found = compile (&rows[_i], compute, state);

  run (expected);
  run (found);
  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    {
      GantryArray *a = gantry_program_get_output (expected, names[k]), *b = gantry_program_get_output (found, names[k]);

      ck_assert_msg (gantry_shape_equal (gantry_array_get_shape (a), gantry_array_get_shape (b)), "%s: %s has another shape", rows[_i].name,
                     names[k]);
      for (gsize i = 0; i < gantry_array_get_size (a); i++)
        {
          const gdouble due = gantry_array_get_double (a, i), y = gantry_array_get_double (b, i);

          ck_assert_msg (fabs (due - y) <= 1e-12 * (1 + fabs (due)), "%s: %s, element %" G_GSIZE_FORMAT " is %.15g, by definition %.15g",
                         rows[_i].name, names[k], i, y, due);
        }
    }
}
END_TEST

static GantryTensor *
feed (GantryGraph *graph, const gchar *name, const GantryShape *shape)
{
  return gantry_graph_feed (graph, name, shape, GANTRY_FLOAT64);
}

/* Kernels of every sample have length 1, whatever the styles: a sum of independent inputs of variance 1 keeps it. */
START_TEST (demodulation_keeps_variance)
{
  static const gdouble x[] = { 1, 0, 0, 1 }, w[] = { 3, 4 }, s[] = { 5, 5, 1, 0.25 };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  const GantryModulation options = { .demodulate = TRUE, .eps = 1e-30 };
  GantryTensor *y;

  y = gantry_modulated_conv2d (feed (graph, "x", GANTRY_SHAPE (2, 2, 1, 1)), feed (graph, "w", GANTRY_SHAPE (1, 2, 1, 1)),
                               feed (graph, "s", GANTRY_SHAPE (2, 2)), &options);
  gantry_graph_output (graph, "y", y);
  program = model_compile (graph, state);
  model_bind (program, "x", x);
  model_bind (program, "w", w);
  model_bind (program, "s", s);
  model_run (program);
  assert_near (model_output (program, "y", 0), 0.6, 1e-14);
  assert_near (model_output (program, "y", 1), 1 / sqrt (10), 1e-14);
}
END_TEST

START_TEST (mistakes)
{
  static const gdouble difference[] = { 1, -1 };
  const GantryResampledConvolution none = { .up = 2, .taps = difference, .n_taps = 0 }, zero = { .up = 2, .taps = difference, .n_taps = 2 };
  const struct {
    const GantryShape *x, *w, *s;
    const GantryResampledConvolution *geometry;
    const gchar *message;
  } mistakes[] = {
    { GANTRY_SHAPE (2, 3, 4, 4), GANTRY_SHAPE (5, 3, 3, 3), GANTRY_SHAPE (2, 4), NULL,
      "modulated-conv2d: images [2, 3, 4, 4], kernels [5, 3, 3, 3], styles [2, 4], expected [batch, channels, height, width]" },
    { GANTRY_SHAPE (2, 3, 4, 4), GANTRY_SHAPE (5, 3, 3, 3), GANTRY_SHAPE (3, 3), NULL, "styles [3, 3]" },
    { GANTRY_SHAPE (2, 3), GANTRY_SHAPE (5, 3, 3, 3), GANTRY_SHAPE (2, 3), NULL, "images [2, 3]" },
    { GANTRY_SHAPE (2, 3, 4, 4), GANTRY_SHAPE (5, 2, 3, 3), NULL, NULL, "conv2d-resample: images [2, 3, 4, 4], kernels [5, 2, 3, 3], expected" },
    { GANTRY_SHAPE (2, 3, 4, 4), GANTRY_SHAPE (3), NULL, NULL, "conv2d-resample: images [2, 3, 4, 4], kernels [3]" },
    { GANTRY_SHAPE (2, 3, 2, 2), GANTRY_SHAPE (5, 3, 3, 3), NULL, NULL, "the vertical kernel of 3" },
    { GANTRY_SHAPE (2, 3, 4, 4), GANTRY_SHAPE (5, 3, 3, 3), NULL, &none, "0 taps" },
    { GANTRY_SHAPE (2, 3, 4, 4), GANTRY_SHAPE (5, 3, 3, 3), NULL, &zero, "taps and gain must be finite" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
      GantryTensor *x = feed (graph, "x", mistakes[i].x), *w = feed (graph, "w", mistakes[i].w), *y;
      g_autofree gchar *message = NULL;

      y = mistakes[i].s != NULL ? gantry_modulated_conv2d (x, w, feed (graph, "s", mistakes[i].s), NULL)
                                : gantry_conv2d_resample (x, w, mistakes[i].geometry);
      ck_assert (gantry_tensor_is_poisoned (y));
      message = model_finish (graph);
      ck_assert_msg (message != NULL && strstr (message, mistakes[i].message) != NULL, "mistake %u: %s", i, message);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("modulation");
  TCase *tests = tcase_create ("all");
  SRunner *runner = srunner_create (suite);
  int failed;

  tcase_set_timeout (tests, 60);
  tcase_add_loop_test (tests, definition, 0, G_N_ELEMENTS (rows));
  tcase_add_test (tests, demodulation_keeps_variance);
  tcase_add_test (tests, mistakes);
  suite_add_tcase (suite, tests);
  srunner_run_all (runner, CK_ENV);
  failed = srunner_ntests_failed (runner);
  srunner_free (runner);
  return failed > 0;
}
