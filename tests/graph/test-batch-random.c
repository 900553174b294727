/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Graphs drawn from a seed at two sizes of the batch: every tensor that the analysis does not call mixed is computed at once and in two halves.
 * GANTRY_TEST_SEEDS=1000 draws as many.
 */
#include "engine/engine-fixture.h"
#include "graph/batch-axis-private.h"

#include <math.h>
#include <stdlib.h>

#define N_HALF 3
#define WIDTH 4
#define N_STEPS 24
#define N_SEEDS 60

typedef struct {
  GRand *rand;
  GantryGraph *graph;
  gsize n;
  GPtrArray *pool;
} Drawing;

static GantryTensor *
pick (Drawing *self)
{
  return self->pool->pdata[g_rand_int_range (self->rand, 0, (gint) self->pool->len)];
}

static gboolean
can_broadcast (GantryTensor *a, GantryTensor *b)
{
  GantryShape both;

  return gantry_shape_broadcast (gantry_tensor_get_shape (a), gantry_tensor_get_shape (b), &both);
}

static gsize
count_rows (GantryTensor *x)
{
  return gantry_tensor_get_n_dims (x) > 0 ? gantry_tensor_get_dim (x, 0) : 0;
}

static GantryTensor *
apply_to_one (Drawing *self, GantryTensor *x, gint kind, guint axis)
{
  const guint n_dims = gantry_tensor_get_n_dims (x);

  switch (kind)
    {
    case 0:
      return gantry_tanh (x);
    case 1:
      return gantry_relu (gantry_offset (x, 0.25));
    case 2:
      return gantry_scale (gantry_square (x), 0.5);
    case 3:
      return n_dims > 0 ? gantry_mean_axes (x, GANTRY_AXIS (axis), TRUE) : x;
    case 4:
      return n_dims > 0 ? gantry_sum_axes (x, GANTRY_AXIS (axis), FALSE) : x;
    case 5:
      return gantry_mean (x);
    case 6:
      return n_dims == 2 ? gantry_permute (x, (const guint[]) { 1, 0 }) : gantry_neg (x);
    case 7:
      return n_dims == 2 && gantry_tensor_get_dim (x, 1) > 1 ? gantry_slice (x, 1, 1, 1) : gantry_abs (x);
    case 8:
      return n_dims == 2 ? gantry_softmax (x, axis) : gantry_sigmoid (x);
    case 9:
      return gantry_reshape (x, GANTRY_SHAPE (gantry_tensor_get_size (x)));
    default:
      return n_dims > 0 ? gantry_max_axes (x, GANTRY_AXIS (axis), TRUE) : gantry_detach (x);
    }
}

static GantryTensor *
apply_to_two (Drawing *self, GantryTensor *a, GantryTensor *b, gint kind)
{
  const gboolean beside = gantry_tensor_get_n_dims (a) == 2 && gantry_tensor_get_n_dims (b) == 2;

  if (kind == 0 && beside && gantry_tensor_get_dim (a, 1) == count_rows (b))
    return gantry_matmul (a, b);
  if (kind == 1 && beside && count_rows (a) == count_rows (b))
    return gantry_matmul_full (a, TRUE, b, FALSE);
  if (kind == 2 && beside && gantry_tensor_get_dim (a, 1) == gantry_tensor_get_dim (b, 1))
    return gantry_slice (gantry_concat ((GantryTensor *[]) { a, b }, 2, 0), 0, count_rows (a), count_rows (b));
  if (!can_broadcast (a, b))
    return NULL;
  switch (kind)
    {
    case 3:
      return gantry_sub (a, b);
    case 4:
      return gantry_maximum (a, b);
    case 5:
      return gantry_select (gantry_greater (a, b), gantry_mul (a, b), gantry_sub (b, a));
    case 6:
      return gantry_div (a, gantry_offset (gantry_square (b), 1));
    default:
      return gantry_add (a, gantry_mul (a, b));
    }
}

/* The slope of what is summed at one of the inputs, as a penalty wants it. */
static GantryTensor *
differentiate (Drawing *self, GantryTensor *x, GantryTensor *on)
{
  return gantry_tensor_depends_on (x, on) ? gantry_gradient (gantry_sum (x), on) : NULL;
}

static void
add_input (Drawing *self, const gchar *name, gsize rows, gsize columns)
{
  const GantryShape shape = { columns > 0 ? 2 : 1, { rows, columns } };

  g_ptr_array_add (self->pool, gantry_graph_feed (self->graph, name, &shape, GANTRY_FLOAT64));
}

/* All choices are made from the seed and from how many axes there are, never from how long they are. */
static GantryGraph *
draw (guint32 seed, gsize n)
{
  Drawing self = { g_rand_new_with_seed (seed), gantry_graph_new (GANTRY_FLOAT64), n, g_ptr_array_new () };

  add_input (&self, "x", n, WIDTH);
  add_input (&self, "y", n, WIDTH);
  add_input (&self, "label", n, 0);
  add_input (&self, "bias", WIDTH, 0);
  add_input (&self, "weight", WIDTH, WIDTH);
  for (guint i = 0; i < N_STEPS; i++)
    {
      GantryTensor *a = pick (&self), *b = pick (&self), *made;
      const gint how = g_rand_int_range (self.rand, 0, 8), one = g_rand_int_range (self.rand, 0, 11), two = g_rand_int_range (self.rand, 0, 9);
      const guint axis = (guint) g_rand_int_range (self.rand, 0, 2);

      if (how == 0)
        made = differentiate (&self, a, self.pool->pdata[axis]);
      else if (how < 4)
        made = apply_to_one (&self, a, one, axis % MAX (1, gantry_tensor_get_n_dims (a)));
      else
        made = apply_to_two (&self, a, b, two);
      if (made != NULL)
        g_ptr_array_add (self.pool, made);
    }
  g_rand_free (self.rand);
  g_ptr_array_unref (self.pool);
  return self.graph;
}

static void
show (GantryGraph *graph)
{
  const guint n = gantry_graph_get_n_tensors (graph);

  for (guint id = 0; id < n; id++)
    {
      g_autofree gchar *name = g_strdup_printf ("t%u", id);

      gantry_graph_output (graph, name, gantry_graph_get_tensor (graph, id));
    }
}

/* Where element i of the whole is in a half, and in which. */
static gsize
find_in_half (const GantryShape *whole, const GantryBatchUse *use, gsize i, guint *part)
{
  gsize inner = use->group, row, sample;

  for (guint axis = use->axis + 1; axis < whole->n_dims; axis++)
    inner *= whole->dims[axis];
  row = i / inner;
  sample = row % (2 * N_HALF);
  *part = sample >= N_HALF;
  return ((row / (2 * N_HALF)) * N_HALF + sample % N_HALF) * inner + i % inner;
}

static gdouble
read (GantryProgram *program, guint id, gsize i)
{
  g_autofree gchar *name = g_strdup_printf ("t%u", id);

  return gantry_array_get_double (gantry_program_get_output (program, name), i);
}

static void
check_tensor (guint32 seed, GantryTensor *tensor, const GantryBatchUse *use, GantryProgram *whole, GantryProgram *const *halves)
{
  const guint id = gantry_tensor_get_id (tensor);

  for (gsize i = 0; i < gantry_tensor_get_size (tensor); i++)
    {
      const gdouble found = read (whole, id, i);
      guint part = 0;
      const gsize place = use->kind == GANTRY_BATCH_SAMPLE ? find_in_half (gantry_tensor_get_shape (tensor), use, i, &part) : i;
      gdouble expected = read (halves[part], id, place);

      if (use->kind == GANTRY_BATCH_SUM)
        expected += read (halves[1], id, place);
      expected *= use->is_zero ? 0 : pow (2, use->degree);
      ck_assert_msg (found == expected || fabs (found - expected) <= 1e-10 * (1 + fabs (found)),
                     "seed %u: tensor %u, %s: element %u is %g, %g in parts", seed, id, gantry_tensor_get_op_name (tensor), (guint) i, found,
                     expected);
    }
}

static void
fill (GantryGraph *graph, GantryProgram *whole, GantryProgram *const *halves)
{
  g_autoptr (GPtrArray) inputs = gantry_graph_list_inputs (graph);

  for (guint k = 0; k < inputs->len; k++)
    {
      const gchar *name = gantry_tensor_get_name (inputs->pdata[k]);
      GantryArray *all = gantry_program_get_input (whole, name);
      GantryArray *first = gantry_program_get_input (halves[0], name), *second = gantry_program_get_input (halves[1], name);
      const gsize n = gantry_array_get_size (all), n_part = gantry_array_get_size (first);

      for (gsize i = 0; i < n; i++)
        {
          gantry_array_set_double (all, i, sin (i * 1.7 + k * 2.3));
          gantry_array_set_double (i < n_part ? first : second, i % n_part, sin (i * 1.7 + k * 2.3));
          if (n == n_part)
            gantry_array_set_double (second, i, sin (i * 1.7 + k * 2.3));
        }
    }
}

/* How many tensors of a graph were compared. */
static guint
check_seed (guint32 seed)
{
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryGraph) graph = draw (seed, 2 * N_HALF);
  g_autoptr (GantryGraph) half = draw (seed, N_HALF);
  g_autoptr (GantryBatchAnalysis) analysis = NULL;
  g_autoptr (GantryProgram) whole = NULL;
  g_autoptr (GantryProgram) first = NULL;
  g_autoptr (GantryProgram) second = NULL;
  const guint n = gantry_graph_get_n_tensors (graph);
  guint n_checked = 0;

  if (gantry_graph_has_failed (graph) || gantry_graph_has_failed (half))
    return 0;
  analysis = _gantry_batch_analysis_new (graph, 2 * N_HALF, half, N_HALF, NULL);
  if (analysis == NULL)
    return 0;
  show (graph);
  show (half);
  whole = fixture_compile_full (graph, state, GANTRY_COMPILE_NO_SIMPLIFY);
  first = fixture_compile_full (half, state, GANTRY_COMPILE_NO_SIMPLIFY);
  second = fixture_compile_full (half, state, GANTRY_COMPILE_NO_SIMPLIFY);
  fill (graph, whole, (GantryProgram *[]) { first, second });
  fixture_run (whole, 0, 0);
  fixture_run (first, 0, 0);
  fixture_run (second, 0, 0);
  for (guint id = 0; id < n; id++)
    {
      GantryTensor *tensor = gantry_graph_get_tensor (graph, id);
      const GantryBatchUse *use = _gantry_batch_analysis_get (analysis, tensor);

      if (use->kind == GANTRY_BATCH_MIXED)
        continue;
      check_tensor (seed, tensor, use, whole, (GantryProgram *[]) { first, second });
      n_checked++;
    }
  return n_checked;
}

START_TEST (random_graphs)
{
  const gchar *asked = g_getenv ("GANTRY_TEST_SEEDS");
  const guint n = asked != NULL ? (guint) g_ascii_strtoull (asked, NULL, 10) : N_SEEDS;
  guint n_checked = 0, n_graphs = 0;

  for (guint32 seed = 0; seed < n; seed++)
    {
      const guint n_of_one = check_seed (seed);

      n_checked += n_of_one;
      n_graphs += n_of_one > 0;
    }
  ck_assert_msg (n_graphs * 2 > n, "%u of %u graphs were the same at both sizes", n_graphs, n);
  ck_assert_msg (n_checked > 15 * n, "%u tensors compared", n_checked);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("batch-random");
  TCase *tcase = tcase_create ("graphs");

  tcase_set_timeout (tcase, 300);
  tcase_add_test (tcase, random_graphs);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
