/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Blocked tensors: the numbers are those of plain ones, whatever ops there are between convolutions, and nothing is reordered without need. */
#include <math.h>
#include <omp.h>
#include <string.h>

#include "engine/blocking-backend.h"
#include "engine/openblas-fixture.h"

#define N_SEEDS 60
#define N_IMAGES 16
#define POOL 24

typedef struct {
  GRand *rand;
  GantryGraph *graph;
  GantryTensor *pool[POOL];
  guint n, n_weights;
} Maker;

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

static GantryTensor *
make_weight (Maker *maker, const GantryShape *shape)
{
  g_autofree gchar *name = g_strdup_printf ("weight%u", maker->n_weights++);

  return gantry_graph_feed (maker->graph, name, shape, GANTRY_FLOAT64);
}

#define DIM(x, i) gantry_tensor_get_dim (x, i)

static GantryTensor *
make_convolution (Maker *maker, GantryTensor *x)
{
  gsize kernel = MIN (DIM (x, 2), DIM (x, 3)) > 1 ? 1 + dice (maker, 3) : 1;
  GantryConvolution geometry = { .stride = { 1 + dice (maker, 2), 1 }, .padding = { kernel / 2, kernel / 2 } };

  if (dice (maker, 3) > 0)
    return gantry_conv2d (x, make_weight (maker, GANTRY_SHAPE (1 + dice (maker, 5), DIM (x, 1), kernel, kernel)), &geometry);
  geometry.stride[0] = 1;
  return gantry_conv_transpose2d (x, make_weight (maker, GANTRY_SHAPE (DIM (x, 1), 1 + dice (maker, 5), kernel, kernel)), &geometry);
}

/* What batch normalization is made of. */
static GantryTensor *
make_normalized (Maker *maker, GantryTensor *x)
{
  guint axes = GANTRY_AXIS (0) | GANTRY_AXIS (2) | GANTRY_AXIS (3);
  GantryTensor *centred = gantry_sub (x, gantry_mean_axes (x, axes, TRUE));
  GantryTensor *variance = gantry_mean_axes (gantry_square (centred), axes, TRUE);

  return gantry_mul (gantry_mul (centred, gantry_rsqrt (gantry_offset (variance, 0.1))), make_weight (maker, GANTRY_SHAPE (1, DIM (x, 1), 1, 1)));
}

static GantryTensor *
make_arranged (Maker *maker, GantryTensor *x)
{
  gsize c = DIM (x, 1), h = DIM (x, 2), w = DIM (x, 3);
  GantryTensor *parts[] = { x, gantry_tanh (x) }, *rows;
  const guint to_last[] = { 0, 2, 3, 1 }, back[] = { 0, 3, 1, 2 }, turned[] = { 1, 0, 2, 3 };

  switch (dice (maker, 9))
    {
    case 0: return gantry_slice (gantry_concat (parts, 2, 1), 1, dice (maker, c), c);
    case 1: return gantry_slice (gantry_concat (parts, 2, 0), 0, (gsize[]) { 0, 16, 5 }[dice (maker, 3)], N_IMAGES);
    case 2: return gantry_pad (x, 2, dice (maker, 2), 1);
    case 3: return gantry_permute (gantry_tanh (gantry_permute (x, to_last)), back);
    case 4: return gantry_permute (gantry_tanh (gantry_permute (x, turned)), turned);
    case 5:
      rows = gantry_reshape (x, GANTRY_SHAPE (N_IMAGES, c * h * w));
      rows = gantry_matmul_full (rows, FALSE, make_weight (maker, GANTRY_SHAPE (c * h * w, 6)), FALSE);
      return gantry_reshape (gantry_scale (rows, 0.3), GANTRY_SHAPE (N_IMAGES, 1, 2, 3));
    case 6: return gantry_slice (gantry_pad (x, 0, N_IMAGES, 3), 0, dice (maker, 2) * N_IMAGES, N_IMAGES);
    case 7: return gantry_reshape (gantry_square (gantry_reshape (x, GANTRY_SHAPE (2, N_IMAGES / 2, c, h * w))), gantry_tensor_get_shape (x));
    default: return gantry_resize (x, &(const GantryResize) { .interpolation = GANTRY_INTERPOLATION_LINEAR, .size = { h + 1, w } });
    }
}

static GantryTensor *
make_elementwise (Maker *maker, GantryTensor *x)
{
  gsize c = DIM (x, 1);
  GantryTensor *y = pick (maker);

  switch (dice (maker, 9))
    {
    case 0: return gantry_leaky_relu (x, 0.2);
    case 1: return gantry_tanh (gantry_add (x, make_weight (maker, GANTRY_SHAPE (c, 1, 1))));
    case 2: return gantry_mul (x, gantry_mean_axes (x, GANTRY_AXIS (1) | GANTRY_AXIS (2) | GANTRY_AXIS (3), TRUE));
    case 3: return gantry_mul (x, make_weight (maker, GANTRY_SHAPE (N_IMAGES, 1, 1, 1)));
    case 4: return gantry_select (gantry_less (x, make_weight (maker, GANTRY_SHAPE (DIM (x, 3)))), gantry_scale (x, 0.5), gantry_tanh (x));
    case 5: return gantry_sub (x, gantry_max_axes (x, GANTRY_AXIS (1), TRUE));
    case 6: return gantry_add (x, gantry_mean_axes (gantry_square (y), GANTRY_AXIS (1) | GANTRY_AXIS (2) | GANTRY_AXIS (3), TRUE));
    case 7: return gantry_sub (x, gantry_mean_axes (gantry_square (x), GANTRY_AXIS (0), FALSE));
    default: return gantry_shape_equal (gantry_tensor_get_shape (x), gantry_tensor_get_shape (y)) ? gantry_mul (x, gantry_tanh (y)) : gantry_tanh (x);
    }
}

/* Images through layers of all kinds; gradients with respect to the images, and of their square. */
static GantryGraph *
make_graph (guint32 seed)
{
  Maker maker = { .rand = g_rand_new_with_seed (seed), .graph = gantry_graph_new (GANTRY_FLOAT64) };
  GantryTensor *x = gantry_graph_feed (maker.graph, "x", GANTRY_SHAPE (N_IMAGES, 2, 3, 4), GANTRY_FLOAT64), *total = NULL, *slope;

  maker.pool[maker.n++] = make_convolution (&maker, x);
  while (maker.n < POOL)
    {
      GantryTensor *last = dice (&maker, 3) > 0 ? maker.pool[maker.n - 1] : pick (&maker), *next;

      next = gantry_tensor_get_size (last) > 2000 ? gantry_slice (gantry_slice (last, 2, 0, 1), 1, 0, 1)
             : (GantryTensor *(*[]) (Maker *, GantryTensor *)) { make_convolution, make_normalized, make_arranged, make_elementwise }
                 [dice (&maker, 4)] (&maker, last);
      maker.pool[maker.n++] = next;
    }
  for (guint i = POOL - 4; i < POOL; i++)
    {
      GantryTensor *term = gantry_mean (gantry_tanh (maker.pool[i]));

      total = total == NULL ? term : gantry_add (total, term);
    }
  slope = gantry_gradient (total, x);
  gantry_graph_output (maker.graph, "last", maker.pool[POOL - 1]);
  gantry_graph_output (maker.graph, "total", total);
  gantry_graph_output (maker.graph, "slope", slope);
  gantry_graph_output (maker.graph, "curve", gantry_gradient (gantry_sum (gantry_square (slope)), gantry_graph_find_input (maker.graph, "weight0")));
  g_rand_free (maker.rand);
  return maker.graph;
}

static GArray *
run_graph (GantryGraph *graph, GantryBackend *backend, GantryCompileFlags flags, GantryProgramReport *report)
{
  GantryBackend *backends[] = { backend, fixture_reference () };
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryProgram) program = gantry_program_compile_full (graph, state, backends, 2, flags, &error);
  g_autoptr (GPtrArray) inputs = gantry_graph_list_inputs (graph);
  g_auto (GStrv) outputs = gantry_graph_list_outputs (graph);
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (gdouble));

  ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
  for (guint i = 0; i < inputs->len; i++)
    {
      GantryArray *array = gantry_program_get_input (program, gantry_tensor_get_name (inputs->pdata[i]));

      for (gsize k = 0; k < gantry_array_get_size (array); k++)
        gantry_array_set_double (array, k, sin (1 + 7.3 * k + i));
    }
  fixture_run (program, 0, 0);
  for (guint i = 0; outputs[i] != NULL; i++)
    {
      GantryArray *array = gantry_program_get_output (program, outputs[i]);

      g_array_append_vals (numbers, gantry_array_get_data (array), gantry_array_get_size (array));
    }
  *report = (GantryProgramReport) { .size = sizeof *report };
  gantry_program_get_report (program, report);
  return numbers;
}

static void
check_close (guint seed, const gchar *what, GArray *a, GArray *b)
{
  ck_assert_uint_eq (a->len, b->len);
  for (guint i = 0; i < a->len; i++)
    {
      gdouble left = g_array_index (a, gdouble, i), right = g_array_index (b, gdouble, i);

      ck_assert_msg (fabs (left - right) <= 1e-8 * fmax (1, fabs (left)), "seed %u: %s: number %u is %.17g and becomes %.17g", seed, what, i, left,
                     right);
    }
}

START_TEST (test_random)
{
  g_autoptr (GantryGraph) graph = make_graph (_i);
  g_autoptr (GantryBackend) openblas = NULL;
  GantryProgramReport report;
  g_autoptr (GArray) truth = run_graph (graph, fixture_reference (), GANTRY_COMPILE_NO_SIMPLIFY, &report), plain = NULL, blocked = NULL, alone = NULL;

  openblas_set_level (_i % GANTRY_N_CPU_LEVELS);
  openblas = openblas_open ();
  omp_set_num_threads (2);
  plain = run_graph (graph, openblas, GANTRY_COMPILE_NO_LAYOUTS, &report);
  ck_assert_uint_eq (report.n_blocked, 0);
  ck_assert_uint_eq (report.n_reorders, 0);
  blocked = run_graph (graph, openblas, GANTRY_COMPILE_DEFAULT, &report);
  ck_assert_uint_gt (report.n_blocked, 0);
  omp_set_num_threads (1);
  alone = run_graph (graph, openblas, GANTRY_COMPILE_DEFAULT, &report);
  check_close (_i, "plain", truth, plain);
  check_close (_i, "blocked", truth, blocked);
  ck_assert_msg (memcmp (blocked->data, alone->data, alone->len * sizeof (gdouble)) == 0, "seed %d: other bits with another number of threads", _i);
}
END_TEST

/* Any axis of images may be blocked: channels as oneDNN does it, rows, columns. */
START_TEST (test_axes)
{
  g_autoptr (GantryGraph) graph = make_graph (_i);
  GantryProgramReport report;
  g_autoptr (GArray) truth = run_graph (graph, fixture_reference (), GANTRY_COMPILE_NO_SIMPLIFY, &report);

  for (guint axis = 0; axis < 4; axis++)
    {
      g_autoptr (GantryBackend) backend = blocking_backend_new (axis);
      g_autoptr (GArray) blocked = run_graph (graph, backend, GANTRY_COMPILE_DEFAULT, &report);

      check_close (_i, "blocked", truth, blocked);
      ck_assert (axis != 0 || report.n_blocked > 0);
    }
}
END_TEST

static const gchar dcgan[] =
  "[pipeline]\nimages=1k\nbatch=16\nseed=1\n[reader]\nplugin=idx\nimages=%s/data/digits/t10k-images-idx3-ubyte.gz\nresolution=32\n"
  "[generator]\nplugin=dcgan\nwidth=4\n[discriminator]\nplugin=dcgan\nwidth=4\n[loss]\nplugin=non-saturating\n[optimizer]\nplugin=adam\n";

/* Only what comes from outside is reordered: real images and latents, which are plain. */
START_TEST (test_dcgan)
{
  static const gchar *const phases[] = { "discriminator", "generator" };
  static const guint n_reorders[] = { 2, 1 };
  g_autofree gchar *text = g_strdup_printf (dcgan, g_getenv ("GANTRY_TEST_SOURCE"));
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryPipeline) pipeline = NULL;
  g_autoptr (GantrySession) session = NULL;

  gantry_init ();
  fixture_reference ();
  pipeline = gantry_pipeline_new (gantry_registry_get_default ());
  ck_assert_msg (gantry_pipeline_load_text (pipeline, text, "p.ini", &error) && gantry_pipeline_resolve (pipeline, &error), "%s",
                 error != NULL ? error->message : "");
  session = gantry_session_new (pipeline, &error);
  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  for (guint i = 0; i < G_N_ELEMENTS (phases); i++)
    {
      GantryProgram *program = gantry_session_get_program (session, phases[i], &error);
      GantryProgramReport report = { .size = sizeof report };
      guint n_convolutions = 0;

      ck_assert_msg (program != NULL, "%s", error != NULL ? error->message : "");
      gantry_program_get_report (program, &report);
      for (guint k = 0; k < gantry_program_get_n_kernels (program); k++)
        n_convolutions += strstr (gantry_tensor_get_op_name (gantry_program_get_kernel (program, k, NULL, NULL)), "conv2d") != NULL;
      ck_assert_uint_gt (n_convolutions, 8);
      ck_assert_uint_eq (report.n_blocked, n_convolutions);
      ck_assert_uint_eq (report.n_reorders, n_reorders[i]);
    }
}
END_TEST

/* A batch that no set of lanes divides is left as it is. */
START_TEST (test_odd_batch)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryBackend) openblas = openblas_open ();
  g_autoptr (GArray) numbers = NULL;
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (18, 2, 3, 3), GANTRY_FLOAT64);
  GantryTensor *weight = gantry_graph_feed (graph, "weight", GANTRY_SHAPE (2, 2, 1, 1), GANTRY_FLOAT64);
  GantryProgramReport report;

  gantry_graph_output (graph, "y", gantry_conv2d (x, weight, NULL));
  numbers = run_graph (graph, openblas, GANTRY_COMPILE_DEFAULT, &report);
  ck_assert_uint_eq (report.n_blocked, 0);
  ck_assert_uint_eq (report.n_reorders, 0);
}
END_TEST

START_TEST (test_shapes)
{
  const GantryBlocking batch = { 0, 16 }, channels = { 1, 8 }, plain = { 0, 0 };
  GantryShape result, back;

  ck_assert (gantry_shape_block (GANTRY_SHAPE (64, 3, 32, 32), &batch, &result));
  ck_assert (gantry_shape_equal (&result, GANTRY_SHAPE (4, 3, 32, 32, 16)));
  ck_assert (gantry_shape_unblock (&result, &batch, &back));
  ck_assert (gantry_shape_equal (&back, GANTRY_SHAPE (64, 3, 32, 32)));
  ck_assert (gantry_shape_block (GANTRY_SHAPE (2, 24, 5), &channels, &result));
  ck_assert (gantry_shape_equal (&result, GANTRY_SHAPE (2, 3, 5, 8)));
  ck_assert (gantry_shape_block (GANTRY_SHAPE (2, 3), &plain, &result));
  ck_assert (gantry_shape_equal (&result, GANTRY_SHAPE (2, 3)));
  ck_assert (!gantry_shape_block (GANTRY_SHAPE (15, 3), &batch, &result));
  ck_assert (!gantry_shape_block (GANTRY_SHAPE (16), &channels, &result));
  ck_assert (!gantry_shape_block (GANTRY_SHAPE (16, 1, 1, 1, 1, 1, 1, 1), &batch, &result));
  ck_assert (!gantry_shape_unblock (GANTRY_SHAPE (4, 3, 15), &batch, &result));
  ck_assert (!gantry_shape_unblock (GANTRY_SHAPE (16), &batch, &result));
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("layouts");
  TCase *tcase = tcase_create ("layouts");

  tcase_set_timeout (tcase, 120);
  tcase_add_test (tcase, test_shapes);
  tcase_add_loop_test (tcase, test_random, 0, N_SEEDS);
  tcase_add_loop_test (tcase, test_axes, 0, N_SEEDS);
  tcase_add_test (tcase, test_dcgan);
  tcase_add_test (tcase, test_odd_batch);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
