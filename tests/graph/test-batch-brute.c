/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the analysis says of the batch is true: every op case, with gradients of both orders, is taken with some axes of its operands as the
 * batch; every tensor of which the analysis does not say that it mixes samples is computed at once and in two halves.
 */
#include "engine/engine-fixture.h"
#include "graph/batch-axis-private.h"
#include "graph/op-cases.h"

#include <math.h>
#include <stdlib.h>

#define ELSEWHERE -1 /* an operand without samples */
#define N_MEAN 3     /* samples of half a batch that means are taken of */

typedef struct {
  guint n_attempts; /* problems that could be built at both sizes */
  guint n_checked;  /* tensors that were compared, by kind */
  guint n_samples;
  guint n_sums;
} Tally;

typedef struct {
  const OpCase *row;
  OpProblem *whole, *half;
  GantryProgram *at_once, *parts[2];
  gsize n_half;
} Problem;

static gdouble
read (GantryProgram *program, guint id, gsize i)
{
  g_autofree gchar *name = g_strdup_printf ("t%u", id);

  return gantry_array_get_double (gantry_program_get_output (program, name), i);
}

/* All numbers are outputs. */
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

static gboolean
is_close (gdouble a, gdouble b, gdouble tolerance)
{
  return a == b || fabs (a - b) <= tolerance * (1 + fabs (a) + fabs (b));
}

/* Where element i of the whole is in a half, and in which. */
static gsize
find_in_half (const GantryShape *whole, const GantryBatchUse *use, gsize n_half, gsize i, guint *part)
{
  gsize inner = use->group, row, sample;

  for (guint axis = use->axis + 1; axis < whole->n_dims; axis++)
    inner *= whole->dims[axis];
  row = i / inner;
  sample = row % (2 * n_half);
  *part = sample >= n_half;
  return ((row / (2 * n_half)) * n_half + sample % n_half) * inner + i % inner;
}

static void
check_tensor (const Problem *self, GantryTensor *tensor, const GantryBatchUse *use, Tally *tally)
{
  const guint id = gantry_tensor_get_id (tensor);
  const GantryShape *shape = gantry_tensor_get_shape (tensor);
  const gdouble factor = pow (2, use->degree);

  tally->n_checked++;
  tally->n_samples += use->kind == GANTRY_BATCH_SAMPLE;
  tally->n_sums += use->kind == GANTRY_BATCH_SUM;
  for (gsize i = 0; i < gantry_shape_size (shape); i++)
    {
      const gdouble found = read (self->at_once, id, i);
      gdouble expected;
      guint part;

      if (use->kind == GANTRY_BATCH_SAMPLE)
        {
          const gsize place = find_in_half (shape, use, self->n_half, i, &part);

          expected = read (self->parts[part], id, place);
        }
      else
        {
          expected = read (self->parts[0], id, i);
          if (use->kind == GANTRY_BATCH_SUM)
            expected += read (self->parts[1], id, i);
        }
      if (use->is_zero)
        ck_assert_msg (found == 0, "%s: %s is said to be 0", self->row->op, gantry_tensor_get_op_name (tensor));
      else
        ck_assert_msg (is_close (found, factor * expected, self->row->tolerance > 0 ? 1e-6 : 1e-11),
                       "%s: tensor %u, %s, kind %d axis %u pieces %u degree %g: element %u is %g, %g in parts",
                       self->row->op, id, gantry_tensor_get_op_name (tensor), use->kind, use->axis, (guint) use->pieces, use->degree, (guint) i,
                       found, factor * expected);
    }
}

static gdouble
get_value (gsize input, gsize i)
{
  return 0.5 + (gdouble) ((i * 61 + input * 17 + 5) % 127) / 97;
}

/* The rows of an input that belong to one half. */
static void
fill_input (const Problem *self, GantryBatchAnalysis *analysis, GantryTensor *input, guint number)
{
  const GantryBatchUse *use = _gantry_batch_analysis_get (analysis, input);
  GantryArray *halves[2], *whole = gantry_program_get_input (self->at_once, gantry_tensor_get_name (input));

  for (guint k = 0; k < 2; k++)
    halves[k] = gantry_program_get_input (self->parts[k], gantry_tensor_get_name (input));
  for (gsize i = 0; i < gantry_array_get_size (whole); i++)
    {
      const gdouble value = self->row->low + (self->row->high - self->row->low) * (get_value (number, i) - 0.5) / 1.4;
      guint part = 0;
      gsize place = i;

      gantry_array_set_double (whole, i, value);
      if (use->kind == GANTRY_BATCH_SAMPLE)
        place = find_in_half (gantry_array_get_shape (whole), use, self->n_half, i, &part);
      gantry_array_set_double (halves[part], place, value);
      if (use->kind != GANTRY_BATCH_SAMPLE)
        gantry_array_set_double (halves[1], place, value);
    }
}

static void
check_problem (Problem *self, Tally *tally)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryBatchAnalysis) analysis =
      _gantry_batch_analysis_new (self->whole->graph, 2 * self->n_half, self->half->graph, self->n_half, &error);
  g_autoptr (GPtrArray) inputs = gantry_graph_list_inputs (self->whole->graph);
  const guint n = gantry_graph_get_n_tensors (self->whole->graph);
  gboolean is_mixed = FALSE;

  if (analysis == NULL)
    return;
  for (guint i = 0; i < inputs->len; i++)
    is_mixed |= _gantry_batch_analysis_get (analysis, inputs->pdata[i])->kind == GANTRY_BATCH_MIXED;
  if (is_mixed)
    return;
  tally->n_attempts++;
  show (self->whole->graph);
  show (self->half->graph);
  self->at_once = fixture_compile_full (self->whole->graph, state, GANTRY_COMPILE_NO_SIMPLIFY);
  for (guint k = 0; k < 2; k++)
    self->parts[k] = fixture_compile_full (self->half->graph, state, GANTRY_COMPILE_NO_SIMPLIFY);
  for (guint i = 0; i < inputs->len; i++)
    fill_input (self, analysis, inputs->pdata[i], i);
  fixture_run (self->at_once, 0, 0);
  for (guint k = 0; k < 2; k++)
    fixture_run (self->parts[k], 0, 0);
  for (guint id = 0; id < n; id++)
    {
      GantryTensor *tensor = gantry_graph_get_tensor (self->whole->graph, id);
      const GantryBatchUse *use = _gantry_batch_analysis_get (analysis, tensor);

      if (use->kind != GANTRY_BATCH_MIXED)
        check_tensor (self, tensor, use, tally);
    }
  g_clear_object (&self->at_once);
  g_clear_object (&self->parts[0]);
  g_clear_object (&self->parts[1]);
}

/* Doubles the chosen axes, and one of the whole-number attributes, such as the size of a reshape. */
static void
check_choice (const OpCase *row, const OpVariant *variant, const gint *axes, gsize n_half, gint attribute, Tally *tally)
{
  OpVariant doubled = *variant;
  g_autoptr (OpProblem) whole = NULL;
  g_autoptr (OpProblem) half = NULL;

  for (guint k = 0; k < row->n_operands; k++)
    if (axes[k] != ELSEWHERE)
      doubled.shapes[k].dims[axes[k]] *= 2;
  if (attribute >= 0)
    doubled.ints[attribute] *= 2;
  whole = op_problem_new (row, &doubled, GANTRY_FLOAT64);
  half = op_problem_new (row, variant, GANTRY_FLOAT64);
  if (!gantry_graph_has_failed (whole->graph) && !gantry_graph_has_failed (half->graph))
    check_problem (&(Problem) { .row = row, .whole = whole, .half = half, .n_half = n_half }, tally);
}

/* All sets of axes of one size, one an operand at most. */
static void
check_axes (const OpCase *row, const OpVariant *variant, gint *axes, guint operand, gsize n_half, Tally *tally)
{
  if (operand == row->n_operands)
    {
      for (gint attribute = -1; attribute < (gint) G_N_ELEMENTS (variant->ints) && n_half > 0; attribute++)
        if (attribute < 0 || (variant->ints[attribute] > 0 && (variant->ints[attribute] % (gint64) n_half == 0)))
          check_choice (row, variant, axes, n_half, attribute, tally);
      return;
    }
  for (gint axis = ELSEWHERE; axis < (gint) variant->shapes[operand].n_dims; axis++)
    {
      const gsize size = axis >= 0 ? variant->shapes[operand].dims[axis] : n_half;

      axes[operand] = axis;
      if (size > 1 || axis < 0)
        if (n_half == 0 || size == n_half)
          check_axes (row, variant, axes, operand + 1, size, tally);
    }
}

/* The row whose operands are means over a batch of their own. */
static const OpCase *reduced_row;
static guint reduced;

static GantryTensor *
build_reduced (GantryTensor *const *x, const OpVariant *variant)
{
  GantryTensor *means[OP_CASE_MAX_OPERANDS];

  for (guint k = 0; k < reduced_row->n_operands; k++)
    means[k] = (reduced >> k & 1) != 0 ? gantry_mean_axes (x[k], GANTRY_AXIS (0), FALSE) : x[k];
  return reduced_row->build (means, variant);
}

/* Every set of operands is taken as means over the batch. */
static void
check_means (const OpCase *row, const OpVariant *variant, Tally *tally)
{
  OpCase wrapped = *row;

  wrapped.build = build_reduced;
  reduced_row = row;
  for (reduced = 1; reduced < 1u << row->n_operands; reduced++)
    {
      OpVariant batches = *variant;
      gint axes[OP_CASE_MAX_OPERANDS];
      gboolean fits = TRUE;

      for (guint k = 0; k < row->n_operands; k++)
        {
          GantryShape *shape = &batches.shapes[k];

          axes[k] = (reduced >> k & 1) != 0 ? 0 : ELSEWHERE;
          fits = fits && shape->n_dims < GANTRY_MAX_DIMS;
          if (axes[k] == ELSEWHERE || !fits)
            continue;
          memmove (shape->dims + 1, shape->dims, shape->n_dims * sizeof shape->dims[0]);
          shape->dims[0] = N_MEAN;
          shape->n_dims++;
        }
      if (fits)
        check_choice (&wrapped, &batches, axes, N_MEAN, -1, tally);
    }
}

START_TEST (op_case)
{
  const OpCase *row = op_case_at ((guint) _i);
  Tally tally = { 0 };

  for (guint v = 0; v < op_case_count_variants (row); v++)
    {
      gint axes[OP_CASE_MAX_OPERANDS];

      check_axes (row, &row->variants[v], axes, 0, 0, &tally);
      check_means (row, &row->variants[v], &tally);
    }
  if (g_getenv ("GANTRY_TEST_VERBOSE") != NULL)
    g_printerr ("%-20s %4u problems %6u tensors %6u of samples %5u sums\n", row->op, tally.n_attempts, tally.n_checked, tally.n_samples,
                tally.n_sums);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("batch-brute");
  TCase *tcase = tcase_create ("op-cases");

  tcase_set_timeout (tcase, 120);
  tcase_add_loop_test (tcase, op_case, 0, (int) op_case_count ());
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
