/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The compiler's rules one by one: what each saves, and that the numbers stay, NaN and infinities included. */
#include <math.h>

#include "engine/engine-fixture.h"

typedef struct {
  GantryGraph *graph;
  GantryTensor *x, *y;      /* [2, 3] */
  GantryTensor *row;        /* [3] */
  GantryTensor *wide;       /* [2, 4, 3] */
  GantryTensor *narrow;     /* [2, 3] in float32 */
} Inputs;

static GantryTensor *
transpose (GantryTensor *x)
{
  return gantry_permute (x, (guint[]) { 1, 0 });
}

static GantryTensor *
rotate (GantryTensor *x)
{
  return gantry_permute (x, (guint[]) { 1, 2, 0 });
}

static GantryTensor *
swap (GantryTensor *x)
{
  return gantry_permute (x, (guint[]) { 0, 2, 1 });
}

static GantryTensor *
beside (GantryTensor *a, GantryTensor *b, GantryTensor *c)
{
  GantryTensor *parts[] = { a, b, c };

  return gantry_concat (parts, c != NULL ? 3 : 2, 1);
}

static GantryTensor *
fill (const Inputs *in, gdouble value)
{
  return gantry_fill (in->graph, GANTRY_SHAPE (2, 3), GANTRY_FLOAT64, value);
}

static GantryTensor *
truth (const Inputs *in, gboolean value)
{
  return gantry_less (fill (in, value ? 0 : 1), fill (in, value ? 1 : 0));
}

static GantryTensor *
repeat (GantryTensor *x)
{
  return gantry_broadcast_to (x, GANTRY_SHAPE (5, 2, 3));
}

static GantryTensor *
repeat_row (const Inputs *in)
{
  return gantry_broadcast_to (in->row, GANTRY_SHAPE (4, 2, 3));
}

static GantryTensor *
back (GantryTensor *x)
{
  return gantry_cast (x, GANTRY_FLOAT64);
}

/* An op as another rule may leave it: constructors leave out what does nothing. */
static GantryTensor *
apply (const gchar *op, GantryTensor *x, const gint64 *ints, guint n_ints)
{
  return gantry_apply (gantry_op_find (op), &x, 1, ints, n_ints, NULL, 0);
}

#define APPLY(op, x, ...) apply (op, x, (const gint64[]) { __VA_ARGS__ }, sizeof ((gint64[]) { __VA_ARGS__ }) / sizeof (gint64))

#define RULE(name, expression) static GantryTensor *name (const Inputs *in) { return expression; }

/* Signs. */
RULE (neg_neg, gantry_neg (gantry_neg (in->x)))
RULE (neg_scale, gantry_neg (gantry_scale (in->x, 3)))
RULE (neg_sub, gantry_neg (gantry_sub (in->x, in->y)))
RULE (add_neg, gantry_add (in->x, gantry_neg (in->y)))
RULE (neg_add, gantry_add (gantry_neg (in->x), in->y))
RULE (sub_neg, gantry_sub (in->x, gantry_neg (in->y)))
RULE (zero_sub, gantry_sub (fill (in, 0), in->x))
RULE (neg_mul_neg, gantry_mul (gantry_neg (in->x), gantry_neg (in->y)))
RULE (neg_div_neg, gantry_div (gantry_neg (in->x), gantry_neg (in->y)))
RULE (square_neg, gantry_square (gantry_neg (in->x)))
RULE (square_abs, gantry_square (gantry_abs (in->x)))
RULE (abs_neg, gantry_abs (gantry_neg (in->x)))
RULE (abs_abs, gantry_abs (gantry_abs (in->x)))
/* Factors and addends. */
RULE (scale_1, gantry_exp (gantry_scale (in->x, 1)))
RULE (scale_scale, gantry_scale (gantry_scale (in->x, 0.7), 3))
RULE (scale_neg, gantry_scale (gantry_neg (in->x), 3))
RULE (scale_minus_1, gantry_neg (gantry_scale (in->x, -1)))
RULE (mul_fill, gantry_exp (gantry_mul (in->x, fill (in, 1))))
RULE (mul_self, gantry_mul (gantry_square (in->x), gantry_square (gantry_neg (in->x))))
RULE (add_self, gantry_neg (gantry_add (in->x, in->x)))
RULE (div_fill_1, gantry_exp (gantry_div (in->x, fill (in, 1))))
RULE (div_power_of_2, gantry_scale (gantry_div (in->x, fill (in, -8)), 3))
RULE (reciprocal_sqrt, gantry_reciprocal (gantry_sqrt (in->x)))
RULE (offset_0, gantry_exp (gantry_offset (in->x, 0)))
RULE (add_fill_0, gantry_exp (gantry_add (fill (in, 0), in->x)))
RULE (sub_fill_0, gantry_exp (gantry_sub (in->x, fill (in, 0))))
/* The same again. */
RULE (relu_relu, gantry_relu (gantry_relu (in->x)))
RULE (sign_sign, gantry_sign (gantry_sign (in->x)))
RULE (max_self, gantry_maximum (gantry_exp (in->x), gantry_exp (in->x)))
RULE (min_self, gantry_minimum (gantry_exp (in->x), gantry_exp (in->x)))
RULE (detach, gantry_exp (gantry_detach (in->x)))
RULE (same_value, gantry_sub (gantry_exp (in->x), gantry_scale (gantry_exp (in->x), 2)))
RULE (same_value_turned, gantry_sub (gantry_add (in->x, in->y), gantry_scale (gantry_add (in->y, in->x), 2)))
/* Choices. */
RULE (select_true, gantry_select (truth (in, TRUE), gantry_exp (in->x), gantry_square (in->y)))
RULE (select_false, gantry_select (truth (in, FALSE), gantry_exp (in->x), gantry_square (in->y)))
RULE (select_same, gantry_select (gantry_less (in->x, in->y), gantry_exp (in->y), gantry_exp (in->y)))
/* Types. */
RULE (cast_same, gantry_exp (APPLY ("cast", in->x, GANTRY_FLOAT64)))
RULE (cast_wide_narrow, back (gantry_cast (gantry_cast (in->narrow, GANTRY_FLOAT64), GANTRY_FLOAT32)))
RULE (cast_wide_whole, back (gantry_cast (gantry_cast (gantry_exp (in->narrow), GANTRY_FLOAT64), GANTRY_INT64)))
RULE (cast_truth, gantry_cast (gantry_cast (gantry_less (in->x, in->y), GANTRY_INT64), GANTRY_FLOAT64))
/* Shapes. */
RULE (reshape_reshape, gantry_exp (gantry_reshape (APPLY ("reshape", in->x, 6), GANTRY_SHAPE (2, 3))))
RULE (permute_identity, gantry_exp (gantry_permute (in->wide, (guint[]) { 0, 1, 2 })))
RULE (permute_permute, rotate (swap (rotate (in->wide))))
RULE (permute_back, rotate (rotate (rotate (in->wide))))
RULE (permute_ones, gantry_permute (gantry_exp (gantry_reshape (in->row, GANTRY_SHAPE (1, 3, 1))), (guint[]) { 2, 0, 1 }))
RULE (broadcast_same, gantry_exp (APPLY ("broadcast-to", in->x, 2, 3)))
RULE (broadcast_broadcast, gantry_broadcast_to (gantry_broadcast_to (in->row, GANTRY_SHAPE (2, 3)), GANTRY_SHAPE (4, 2, 3)))
RULE (operand_broadcast, gantry_add (in->x, gantry_broadcast_to (in->row, GANTRY_SHAPE (2, 3))))
RULE (unary_broadcast, gantry_exp (repeat (in->x)))
RULE (sum_one, gantry_sum_axes (gantry_reshape (gantry_exp (in->x), GANTRY_SHAPE (2, 1, 3)), GANTRY_AXIS (1), FALSE))
RULE (concat_one, APPLY ("concat", gantry_exp (in->x), 0))
/* Parts. */
RULE (slice_all, gantry_exp (APPLY ("slice", in->x, 1, 0, 3)))
RULE (slice_slice, gantry_slice (gantry_slice (in->wide, 1, 1, 3), 1, 1, 2))
RULE (pad_none, gantry_exp (APPLY ("pad", in->x, 1, 0, 0)))
RULE (pad_pad, gantry_pad (gantry_pad (in->x, 1, 1, 2), 1, 2, 0))
RULE (slice_pad_inside, gantry_slice (gantry_pad (in->wide, 1, 2, 3), 1, 3, 2))
RULE (slice_pad_exact, gantry_exp (gantry_slice (gantry_pad (in->wide, 1, 2, 3), 1, 2, 4)))
RULE (slice_pad_outside, gantry_slice (gantry_pad (in->wide, 1, 2, 3), 1, 6, 3))
RULE (slice_pad_around, gantry_slice (gantry_pad (in->wide, 1, 2, 3), 1, 1, 6))
RULE (slice_concat_one, gantry_slice (beside (in->x, in->y, in->x), 1, 4, 2))
RULE (slice_concat_whole, gantry_exp (gantry_slice (beside (in->x, in->y, in->x), 1, 3, 3)))
RULE (slice_concat_several, gantry_slice (beside (in->x, in->y, in->x), 1, 3, 6))
RULE (slice_broadcast, gantry_slice (repeat (in->x), 0, 1, 3))
RULE (concat_concat, beside (beside (in->x, in->y, NULL), in->x, NULL))
RULE (concat_slices, gantry_exp (beside (gantry_slice (in->wide, 1, 0, 1), gantry_slice (in->wide, 1, 1, 3), NULL)))
RULE (concat_some_slices, beside (gantry_slice (in->wide, 1, 1, 2), gantry_slice (in->wide, 1, 3, 1), gantry_slice (in->wide, 1, 0, 2)))
/* Products and reductions. */
RULE (matmul_transpose_left, gantry_matmul (transpose (in->x), in->y))
RULE (matmul_transpose_right, gantry_matmul (in->x, transpose (in->y)))
RULE (matmul_transpose_both, gantry_matmul_full (transpose (in->x), TRUE, transpose (in->y), FALSE))
RULE (matmul_transpose_stack, gantry_matmul (swap (in->wide), in->wide))
RULE (matmul_broadcast, gantry_matmul_full (repeat (in->x), FALSE, in->y, TRUE))
RULE (matmul_broadcast_stack, gantry_matmul_full (gantry_broadcast_to (in->x, GANTRY_SHAPE (2, 2, 3)), FALSE, in->wide, TRUE))
RULE (sum_broadcast, gantry_sum_axes (repeat (in->x), GANTRY_AXIS (0), FALSE))
RULE (sum_broadcast_more, gantry_sum_axes (repeat_row (in), GANTRY_AXIS (0) | GANTRY_AXIS (2), TRUE))
RULE (sum_broadcast_rest, gantry_sum_axes (repeat_row (in), GANTRY_AXIS (0), FALSE))
RULE (mean_broadcast, gantry_mean_axes (repeat (in->x), GANTRY_AXIS (0), FALSE))
RULE (max_broadcast, gantry_max_axes (repeat (in->x), GANTRY_AXIS (0) | GANTRY_AXIS (2), FALSE))
RULE (sum_factor, gantry_sum_axes (gantry_mul (in->x, in->row), GANTRY_AXIS (0), FALSE))
RULE (sum_factor_kept, gantry_sum_axes (gantry_mul (in->row, in->wide), GANTRY_AXIS (1), TRUE))
RULE (sum_neg, gantry_sum_axes (gantry_neg (in->x), GANTRY_AXIS (1), FALSE))
RULE (sum_split, gantry_sum_axes (gantry_sub (gantry_mul (in->x, in->row), gantry_mul (gantry_scale (in->row, 2), in->y)), GANTRY_AXIS (0), TRUE))
/* Known values. */
RULE (fold_elementwise, gantry_exp (gantry_mul (fill (in, 2), gantry_sqrt (fill (in, 0.5)))))
RULE (fold_sum, gantry_sum (fill (in, 0.25)))
RULE (fold_shape, transpose (gantry_slice (beside (fill (in, 2), fill (in, 2), NULL), 1, 1, 3)))
RULE (fold_pad, gantry_pad (fill (in, 0), 0, 1, 1))

/* What must stay: with NaN, infinities or rounding, the numbers would not. */
RULE (kept_sub_self, gantry_sub (in->x, in->x))
RULE (kept_div_self, gantry_div (in->x, in->x))
RULE (kept_mul_0, gantry_mul (in->x, fill (in, 0)))
RULE (kept_scale_0, gantry_scale (in->x, 0))
RULE (kept_equal_self, back (gantry_equal (in->x, in->x)))
RULE (kept_log_exp, gantry_log (gantry_exp (in->x)))
RULE (kept_square_sqrt, gantry_square (gantry_sqrt (in->x)))
RULE (kept_offsets, gantry_offset (gantry_offset (in->x, 1e20), -1e20))
RULE (kept_cast_whole, back (gantry_cast (in->x, GANTRY_FLOAT32)))
RULE (kept_div_3, gantry_div (in->x, fill (in, 3)))
RULE (kept_slice_pad, gantry_slice (gantry_pad (in->wide, 1, 2, 3), 1, 1, 2))
RULE (kept_slice_pad_axis, gantry_slice (gantry_pad (in->wide, 1, 2, 3), 2, 1, 2))
RULE (kept_slice_concat, gantry_slice (beside (in->x, in->y, NULL), 1, 2, 2))
RULE (kept_concat_turned, beside (gantry_slice (in->wide, 1, 1, 2), gantry_slice (in->wide, 1, 0, 1), NULL))
RULE (kept_sum_real, gantry_sum_axes (repeat_row (in), GANTRY_AXIS (2), FALSE))
RULE (kept_sum_factor, gantry_sum_axes (gantry_mul (in->x, in->row), GANTRY_AXIS (1), FALSE))
RULE (kept_sum_add, gantry_sum_axes (gantry_add (gantry_mul (in->x, in->row), in->y), GANTRY_AXIS (0), FALSE))
RULE (kept_rotate, gantry_matmul_full (rotate (in->wide), FALSE, rotate (in->wide), TRUE))

typedef struct {
  const gchar *name;
  GantryTensor *(*build) (const Inputs *in);
  guint before, after; /* kernels */
  gboolean exact;      /* not a bit changes, but for the sign of a zero */
} Rule;

#define ROW(rule, before, after, exact) { #rule, rule, before, after, exact }

static const Rule rules[] = {
  ROW (neg_neg, 2, 0, TRUE), ROW (neg_scale, 2, 1, TRUE), ROW (neg_sub, 2, 1, TRUE), ROW (add_neg, 2, 1, TRUE), ROW (neg_add, 2, 1, TRUE),
  ROW (sub_neg, 2, 1, TRUE), ROW (zero_sub, 1, 1, TRUE), ROW (neg_mul_neg, 3, 1, TRUE), ROW (neg_div_neg, 3, 1, TRUE),
  ROW (square_neg, 2, 1, TRUE), ROW (square_abs, 2, 1, TRUE), ROW (abs_neg, 2, 1, TRUE), ROW (abs_abs, 2, 1, TRUE),
  ROW (scale_1, 2, 1, TRUE), ROW (scale_scale, 2, 1, FALSE), ROW (scale_neg, 2, 1, TRUE), ROW (scale_minus_1, 2, 0, TRUE),
  ROW (mul_fill, 2, 1, TRUE), ROW (mul_self, 4, 2, TRUE), ROW (add_self, 2, 1, TRUE), ROW (div_fill_1, 2, 1, TRUE),
  ROW (div_power_of_2, 2, 1, TRUE), ROW (reciprocal_sqrt, 2, 1, FALSE), ROW (offset_0, 2, 1, TRUE), ROW (add_fill_0, 2, 1, TRUE),
  ROW (sub_fill_0, 2, 1, TRUE),
  ROW (relu_relu, 2, 1, TRUE), ROW (sign_sign, 2, 1, TRUE), ROW (max_self, 3, 1, TRUE), ROW (min_self, 3, 1, TRUE), ROW (detach, 2, 1, TRUE),
  ROW (same_value, 4, 3, TRUE), ROW (same_value_turned, 4, 3, TRUE),
  ROW (select_true, 4, 1, TRUE), ROW (select_false, 4, 1, TRUE), ROW (select_same, 4, 1, TRUE),
  ROW (cast_same, 2, 1, TRUE), ROW (cast_wide_narrow, 3, 1, TRUE), ROW (cast_wide_whole, 4, 3, TRUE), ROW (cast_truth, 3, 2, TRUE),
  ROW (reshape_reshape, 1, 1, TRUE), ROW (permute_identity, 2, 1, TRUE), ROW (permute_permute, 3, 1, TRUE), ROW (permute_back, 3, 0, TRUE),
  ROW (permute_ones, 2, 1, TRUE), ROW (broadcast_same, 2, 1, TRUE), ROW (broadcast_broadcast, 2, 1, TRUE), ROW (operand_broadcast, 2, 1, TRUE),
  ROW (unary_broadcast, 2, 2, TRUE), ROW (sum_one, 2, 1, TRUE), ROW (concat_one, 2, 1, TRUE),
  ROW (slice_all, 2, 1, TRUE), ROW (slice_slice, 2, 1, TRUE), ROW (pad_none, 2, 1, TRUE), ROW (pad_pad, 2, 1, TRUE),
  ROW (slice_pad_inside, 2, 1, TRUE), ROW (slice_pad_exact, 3, 1, TRUE), ROW (slice_pad_outside, 2, 0, TRUE), ROW (slice_pad_around, 2, 1, TRUE),
  ROW (slice_concat_one, 2, 1, TRUE), ROW (slice_concat_whole, 3, 1, TRUE), ROW (slice_concat_several, 2, 1, TRUE),
  ROW (slice_broadcast, 2, 1, TRUE), ROW (concat_concat, 2, 1, TRUE), ROW (concat_slices, 4, 1, TRUE), ROW (concat_some_slices, 4, 3, TRUE),
  ROW (matmul_transpose_left, 2, 1, TRUE), ROW (matmul_transpose_right, 2, 1, TRUE), ROW (matmul_transpose_both, 3, 1, TRUE),
  ROW (matmul_transpose_stack, 2, 1, TRUE), ROW (matmul_broadcast, 2, 2, TRUE), ROW (matmul_broadcast_stack, 2, 1, TRUE),
  ROW (sum_broadcast, 2, 1, FALSE),
  ROW (sum_broadcast_more, 2, 3, FALSE), ROW (sum_broadcast_rest, 2, 2, FALSE), ROW (mean_broadcast, 3, 0, FALSE), ROW (max_broadcast, 2, 1, TRUE),
  ROW (sum_factor, 2, 2, FALSE), ROW (sum_factor_kept, 2, 2, FALSE), ROW (sum_neg, 2, 2, TRUE), ROW (sum_split, 5, 6, FALSE),
  ROW (fold_elementwise, 3, 0, FALSE), ROW (fold_sum, 1, 0, TRUE), ROW (fold_shape, 3, 0, TRUE), ROW (fold_pad, 1, 0, TRUE),
  ROW (kept_sub_self, 1, 1, TRUE), ROW (kept_div_self, 1, 1, TRUE), ROW (kept_mul_0, 1, 1, TRUE), ROW (kept_scale_0, 1, 1, TRUE),
  ROW (kept_equal_self, 2, 2, TRUE), ROW (kept_log_exp, 2, 2, TRUE), ROW (kept_square_sqrt, 2, 2, TRUE), ROW (kept_offsets, 2, 2, TRUE),
  ROW (kept_cast_whole, 2, 2, TRUE), ROW (kept_div_3, 1, 1, TRUE), ROW (kept_slice_pad, 2, 2, TRUE), ROW (kept_slice_pad_axis, 2, 2, TRUE),
  ROW (kept_slice_concat, 2, 2, TRUE), ROW (kept_concat_turned, 3, 3, TRUE), ROW (kept_sum_real, 2, 2, TRUE), ROW (kept_rotate, 3, 2, TRUE),
  ROW (kept_sum_factor, 2, 2, TRUE), ROW (kept_sum_add, 3, 3, TRUE)
};

static GantryProgram *
compile (const Rule *rule, GantryCompileFlags flags)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  Inputs in = { graph, gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3), GANTRY_FLOAT64),
                gantry_graph_feed (graph, "y", GANTRY_SHAPE (2, 3), GANTRY_FLOAT64),
                gantry_graph_feed (graph, "row", GANTRY_SHAPE (3), GANTRY_FLOAT64),
                gantry_graph_feed (graph, "wide", GANTRY_SHAPE (2, 4, 3), GANTRY_FLOAT64),
                gantry_graph_feed (graph, "narrow", GANTRY_SHAPE (2, 3), GANTRY_FLOAT32) };

  gantry_graph_output (graph, "result", rule->build (&in));
  return fixture_compile_full (graph, state, flags);
}

/* Of both signs, none of them simple; or what is hard to keep. */
static gdouble
number (gsize i, gboolean special)
{
  static const gdouble specials[] = { NAN, 1.7, -INFINITY, 0, -0.3, INFINITY, -0.0, 2 };

  return special ? specials[i % G_N_ELEMENTS (specials)] : 1.3 * sin (1.7 * i + 0.4);
}

static void
run (GantryProgram *program, gboolean special)
{
  static const gchar *const names[] = { "x", "y", "row", "wide", "narrow" };
  gsize next = 0;

  for (guint k = 0; k < G_N_ELEMENTS (names); k++)
    {
      GantryArray *array = gantry_program_get_input (program, names[k]);

      for (gsize i = 0; i < gantry_array_get_size (array); i++)
        gantry_array_set_double (array, i, number (next++, special));
    }
  fixture_run (program, 0, 0);
}

/* Where infinite terms of both signs are added up, a NaN may come out as the infinity that their factor is. */
static gboolean
same (gdouble a, gdouble b, gboolean exact)
{
  return a == b || (isnan (a) && isnan (b)) || (!exact && (fabs (a - b) <= 4e-16 * (1 + fabs (a)) || (isnan (a) && isinf (b))));
}

START_TEST (keeps_numbers)
{
  const Rule *rule = &rules[_i];
  g_autoptr (GantryProgram) plain = compile (rule, GANTRY_COMPILE_NO_SIMPLIFY), simple = compile (rule, GANTRY_COMPILE_DEFAULT);
  gsize size = gantry_array_get_size (gantry_program_get_output (plain, "result"));

  ck_assert_uint_eq (gantry_array_get_size (gantry_program_get_output (simple, "result")), size);
  for (guint special = 0; special < 2; special++)
    {
      run (plain, special);
      run (simple, special);
      for (gsize i = 0; i < size; i++)
        {
          gdouble a = fixture_output (plain, "result", i), b = fixture_output (simple, "result", i);

          ck_assert_msg (same (a, b, rule->exact), "%s: element %" G_GSIZE_FORMAT " is %.17g, simplified %.17g", rule->name, i, a, b);
        }
    }
}
END_TEST

START_TEST (saves_work)
{
  const Rule *rule = &rules[_i];
  g_autoptr (GantryProgram) plain = compile (rule, GANTRY_COMPILE_NO_SIMPLIFY), simple = compile (rule, GANTRY_COMPILE_DEFAULT);
  GantryProgramReport before = { .size = sizeof before }, after = { .size = sizeof after };

  gantry_program_get_report (plain, &before);
  gantry_program_get_report (simple, &after);
  ck_assert_msg (before.n_kernels == rule->before && after.n_kernels == rule->after, "%s: %u kernels before and %u after, not %u and %u", rule->name,
                 before.n_kernels, after.n_kernels, rule->before, rule->after);
  ck_assert_msg (after.flops <= before.flops, "%s: %g FLOPs before and %g after", rule->name, before.flops, after.flops);
  ck_assert_msg (after.workspace <= before.workspace, "%s: a workspace of %" G_GSIZE_FORMAT " bytes before and %" G_GSIZE_FORMAT " after", rule->name,
                 before.workspace, after.workspace);
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("rewrites");
  TCase *tcase = tcase_create ("rewrites");

  tcase_add_loop_test (tcase, keeps_numbers, 0, G_N_ELEMENTS (rules));
  tcase_add_loop_test (tcase, saves_work, 0, G_N_ELEMENTS (rules));
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
