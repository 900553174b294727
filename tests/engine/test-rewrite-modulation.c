/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Convolutions with a group a sample: the same numbers, gradients of both orders included, with one convolution of all samples. */
#include <math.h>

#include "engine/openblas-fixture.h"

#define N 16
#define C 8
#define O 10 /* even, for two groups */

typedef enum { PLAIN, DEMODULATED, UNSCALED, PER_SAMPLE, TWO_GROUPS } Kind;

typedef struct {
  const gchar *name;
  Kind kind;
  gsize n, kernel, size;
  gboolean enlarging;   /* a transposed convolution, whose kernels are turned after they were multiplied */
  guint stride;
  gboolean kept;        /* it is left as it is */
} Case;

static const Case cases[] = {
  { "modulated", PLAIN, N, 3, 6, FALSE, 1, FALSE },
  { "demodulated", DEMODULATED, N, 3, 6, FALSE, 1, FALSE },
  { "demodulated, reducing", DEMODULATED, N, 3, 7, FALSE, 2, FALSE },
  { "demodulated, enlarging", DEMODULATED, N, 3, 4, TRUE, 2, FALSE },
  { "demodulated points", DEMODULATED, N, 1, 2, FALSE, 1, FALSE },
  { "demodulated, turned points", DEMODULATED, N, 1, 2, TRUE, 1, FALSE },
  { "unscaled", UNSCALED, N, 3, 6, FALSE, 1, FALSE },
  { "one sample", DEMODULATED, 1, 3, 6, FALSE, 1, TRUE },
  { "kernels of each sample", PER_SAMPLE, N, 3, 6, FALSE, 1, TRUE },
  { "two groups a sample", TWO_GROUPS, N, 3, 6, FALSE, 1, TRUE },
};

static GantryTensor *
reshape (GantryTensor *x, const GantryShape *shape)
{
  return gantry_reshape (x, shape);
}

static GantryTensor *
make_kernels (const Case *c, GantryTensor *w, GantryTensor *s)
{
  const gsize k = c->kernel;
  GantryTensor *shared = reshape (w, GANTRY_SHAPE (1, O, C, k, k)), *own, *length;

  if (c->kind == UNSCALED)
    return gantry_broadcast_to (shared, GANTRY_SHAPE (c->n, O, C, k, k));
  own = gantry_mul (gantry_scale (shared, 0.7), reshape (s, GANTRY_SHAPE (c->n, 1, C, 1, 1)));
  if (c->kind == PER_SAMPLE)
    return gantry_tanh (own);
  if (c->kind != DEMODULATED)
    return own;
  length = gantry_sum_axes (gantry_square (own), GANTRY_AXIS (2) | GANTRY_AXIS (3) | GANTRY_AXIS (4), FALSE);
  return gantry_mul (own, reshape (gantry_rsqrt (gantry_offset (length, 1e-8)), GANTRY_SHAPE (c->n, O, 1, 1, 1)));
}

static GantryTensor *
convolve (const Case *c, GantryTensor *x, GantryTensor *w, GantryTensor *s)
{
  const guint turn[] = { 0, 2, 1, 3, 4 };
  const gsize k = c->kernel;
  const guint groups = (guint) c->n * (c->kind == TWO_GROUPS ? 2 : 1);
  const GantryConvolution geometry = { .stride = { c->stride, c->stride }, .padding = { k / 2, k / 2 }, .groups = groups };
  GantryTensor *kernels = make_kernels (c, w, s), *y;

  x = reshape (x, GANTRY_SHAPE (1, gantry_tensor_get_dim (x, 0) * gantry_tensor_get_dim (x, 1), c->size, c->size));
  if (c->enlarging)
    y = gantry_conv_transpose2d (x, reshape (gantry_permute (kernels, turn), GANTRY_SHAPE (c->n * C, O, k, k)), &geometry);
  else
    y = gantry_conv2d (x, reshape (kernels, GANTRY_SHAPE (c->n * O, C, k, k)), &geometry);
  return reshape (y, GANTRY_SHAPE (c->n, O, gantry_tensor_get_dim (y, 2), gantry_tensor_get_dim (y, 3)));
}

typedef enum { FORWARD, FIRST, SECOND } Order;

/* Two groups take twice the channels. */
static void
build (GantryGraph *graph, const Case *c, Order order)
{
  static const gchar *const names[] = { "dx", "dw", "ds", "ddx", "ddw", "dds" };
  const gsize channels = c->kind == TWO_GROUPS ? 2 * C : C, k = c->kernel;
  GantryTensor *inputs[] = { gantry_graph_feed (graph, "x", GANTRY_SHAPE (c->n, channels, c->size, c->size), GANTRY_FLOAT64),
                             gantry_graph_feed (graph, "w", GANTRY_SHAPE (O, C, k, k), GANTRY_FLOAT64),
                             gantry_graph_feed (graph, "s", GANTRY_SHAPE (c->n, C), GANTRY_FLOAT64) };
  GantryTensor *y = convolve (c, inputs[0], inputs[1], inputs[2]), *first[3], *second[3];

  gantry_graph_output (graph, "y", y);
  if (order == FORWARD)
    return;
  gantry_gradients (gantry_sum (gantry_tanh (y)), inputs, 3, first);
  for (guint i = 0; i < 3; i++)
    gantry_graph_output (graph, names[i], first[i]);
  if (order == FIRST)
    return;
  gantry_gradients (gantry_add (gantry_sum (gantry_square (first[0])), gantry_sum (gantry_square (first[2]))), inputs, 3, second);
  for (guint i = 0; i < 3; i++)
    gantry_graph_output (graph, names[3 + i], second[i]);
}

static GantryProgram *
compile (const Case *c, Order order, GantryCompileFlags flags, GantryBackend *backend)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GError) error = NULL;
  GantryBackend *backends[] = { backend, fixture_reference () };
  GantryProgram *program;

  build (graph, c, order);
  program = gantry_program_compile_full (graph, state, backends, 2, flags, &error);
  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  return program;
}

static void
run (GantryProgram *program)
{
  static const gchar *const names[] = { "x", "w", "s" };

  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    {
      GantryArray *array = gantry_program_get_input (program, names[k]);

      for (gsize i = 0; array != NULL && i < gantry_array_get_size (array); i++)
        gantry_array_set_double (array, i, 0.5 * sin (1.7 * (gdouble) i + k) + (k == 2 ? 1 : 0));
    }
  fixture_run (program, 0, 0);
}

static void
compare (const Case *c, GantryProgram *plain, GantryProgram *simple)
{
  static const gchar *const names[] = { "y", "dx", "dw", "ds", "ddx", "ddw", "dds" };

  run (plain);
  run (simple);
  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    for (gsize i = 0; i < gantry_array_get_size (gantry_program_get_output (plain, names[k])); i++)
      {
        gdouble a = fixture_output (plain, names[k], i), b = fixture_output (simple, names[k], i);

        ck_assert_msg (fabs (a - b) <= 1e-11 * (1 + fabs (a)), "%s: %s, element %" G_GSIZE_FORMAT " is %.17g, simplified %.17g", c->name, names[k],
                       i, a, b);
      }
}

START_TEST (keeps_numbers)
{
  g_autoptr (GantryBackend) openblas = openblas_open ();
  g_autoptr (GantryProgram) plain = compile (&cases[_i], SECOND, GANTRY_COMPILE_NO_SIMPLIFY, fixture_reference ());
  g_autoptr (GantryProgram) simple = compile (&cases[_i], SECOND, GANTRY_COMPILE_DEFAULT, fixture_reference ());
  g_autoptr (GantryProgram) flat = compile (&cases[_i], SECOND, GANTRY_COMPILE_NO_LAYOUTS, openblas);
  g_autoptr (GantryProgram) blocked = compile (&cases[_i], SECOND, GANTRY_COMPILE_DEFAULT, openblas);

  compare (&cases[_i], plain, simple);
  compare (&cases[_i], plain, flat);
  compare (&cases[_i], plain, blocked);
}
END_TEST

/* Convolutions of one image, and all of them. */
static guint
count_convolutions (GantryProgram *program, const gchar *prefix, guint *n_single)
{
  guint n = 0;

  *n_single = 0;
  for (guint i = 0; i < gantry_program_get_n_kernels (program); i++)
    {
      GantryTensor *tensor = gantry_program_get_kernel (program, i, NULL, NULL);

      if (!g_str_has_prefix (gantry_tensor_get_op_name (tensor), prefix))
        continue;
      n++;
      *n_single += gantry_tensor_get_dim (gantry_tensor_get_input (tensor, 0), 0) == 1;
    }
  return n;
}

/* Of what one application costs, and with gradients of the first order. */
START_TEST (saves_work)
{
  const Case *c = &cases[_i];

  for (Order order = FORWARD; order <= FIRST; order++)
    {
      g_autoptr (GantryProgram) plain = compile (c, order, GANTRY_COMPILE_NO_SIMPLIFY, fixture_reference ());
      g_autoptr (GantryProgram) simple = compile (c, order, GANTRY_COMPILE_DEFAULT, fixture_reference ());
      GantryProgramReport before = { .size = sizeof before }, after = { .size = sizeof after };
      guint n_single, n = count_convolutions (simple, "conv2d", &n_single);

      gantry_program_get_report (plain, &before);
      gantry_program_get_report (simple, &after);
      ck_assert_uint_eq (n, order == FORWARD ? 1 : 3);
      ck_assert_msg (n_single == (c->kept ? n : 0), "%s: %u of %u convolutions have one image", c->name, n_single, n);
      ck_assert_msg (after.flops < before.flops || ((c->kept || c->kind == UNSCALED) && after.flops <= before.flops),
                     "%s, order %d: %g FLOPs before and %g after", c->name, order, before.flops, after.flops);
    }
}
END_TEST

START_TEST (becomes_blocked)
{
  g_autoptr (GantryBackend) openblas = openblas_open ();
  g_autoptr (GantryProgram) program = compile (&cases[_i], FIRST, GANTRY_COMPILE_DEFAULT, openblas);
  guint n_single, n = count_convolutions (program, "blocked-conv2d", &n_single);

  ck_assert_uint_eq (n, cases[_i].kept ? 0 : 3);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("rewrite-modulation");
  TCase *tcase = tcase_create ("rewrite-modulation");

  tcase_set_timeout (tcase, 60);
  tcase_add_loop_test (tcase, keeps_numbers, 0, G_N_ELEMENTS (cases));
  tcase_add_loop_test (tcase, saves_work, 0, G_N_ELEMENTS (cases));
  tcase_add_loop_test (tcase, becomes_blocked, 0, G_N_ELEMENTS (cases));
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
