/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is told of a run's parts and of kernels, and batches that are loaded without a turn. */
#include "train/session-fixture.h"

#include <math.h>

typedef struct {
  GPtrArray *phases; /* as they ran */
  gint64 last;       /* end of the part before */
  guint next;        /* kernel that is due */
  gboolean is_open;  /* between inputs and results */
  guint n_freed;
} Log;

static void
on_span (GantrySession *session, const gchar *phase, GantryProgram *program, const GantryProgramSpan *span, gpointer user_data)
{
  Log *log = user_data;

  ck_assert_uint_eq (span->size, sizeof *span);
  ck_assert_int_ge (span->start, log->last);
  ck_assert_int_ge (span->end, span->start);
  log->last = span->end;
  ck_assert (log->is_open == (span->part != GANTRY_PROGRAM_INPUTS));
  if (span->part == GANTRY_PROGRAM_INPUTS)
    g_ptr_array_add (log->phases, g_strdup (phase));
  log->next = span->part == GANTRY_PROGRAM_INPUTS ? 0 : log->next;
  if (span->part == GANTRY_PROGRAM_KERNEL)
    ck_assert_uint_eq (span->kernel, log->next++);
  else
    ck_assert_uint_eq (log->next, span->part == GANTRY_PROGRAM_INPUTS ? 0 : gantry_program_get_n_kernels (program));
  log->is_open = span->part != GANTRY_PROGRAM_RESULTS;
}

static void
on_freed (gpointer data)
{
  ((Log *) data)->n_freed++;
}

static void
assert_phases (Log *log, const gchar *expected)
{
  g_autofree gchar *found = NULL;

  g_ptr_array_add (log->phases, NULL);
  found = g_strjoinv (" ", (gchar **) log->phases->pdata);
  ck_assert_str_eq (found, expected);
  g_ptr_array_set_size (log->phases, 0);
}

START_TEST (every_part_is_told)
{
  g_autoptr (GPtrArray) phases = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GantryPipeline) pipeline = make_pipeline (NULL);
  g_autoptr (GantrySession) session = NULL;
  g_autoptr (GantryArray) images_drawn = NULL;
  Log log = { phases };

  ck_assert (gantry_pipeline_load_text (pipeline, "[average]\nrule=decay\ndecay=0.9\n", "a.ini", &error));
  session = gantry_session_new (pipeline, &error);
  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  gantry_session_set_profile_func (session, on_span, &log, on_freed);
  turn (session, 2);
  images_drawn = gantry_session_sample (session, 3, NULL, &error);
  ck_assert_ptr_nonnull (images_drawn);
  assert_phases (&log, "discriminator+generator average discriminator+generator average sample");
  ck_assert (!log.is_open);
  ck_assert_uint_eq (log.n_freed, 0);
  gantry_session_set_profile_func (session, NULL, NULL, NULL);
  ck_assert_uint_eq (log.n_freed, 1);
  turn (session, 1);
  assert_phases (&log, "");
}
END_TEST

START_TEST (freed_with_the_session)
{
  g_autoptr (GPtrArray) phases = g_ptr_array_new_with_free_func (g_free);
  Log log = { phases };
  GantrySession *session = make_session ();

  gantry_session_set_profile_func (session, on_span, &log, on_freed);
  g_object_unref (session);
  ck_assert_uint_eq (log.n_freed, 1);
}
END_TEST

/* Being watched changes no bit. */
START_TEST (watching_changes_nothing)
{
  g_autoptr (GPtrArray) phases = g_ptr_array_new_with_free_func (g_free);
  Log log = { phases };
  g_autoptr (GantrySession) watched = make_session ();
  g_autoptr (GantrySession) other = make_session ();

  gantry_session_set_profile_func (watched, on_span, &log, NULL);
  turn (watched, 3);
  turn (other, 3);
  assert_equal_states (watched, other);
}
END_TEST

static const gchar *const backends[] = { "--backend=reference", "--backend=openblas;reference" };

/* Kernels' FLOPs add up to the program's, whatever was fused or is computed twice; names and traffic are there. */
START_TEST (kernels_add_up)
{
  const gchar *options[] = { backends[_i], NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session_with (options, &error);
  const gchar *const *phases;

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  phases = gantry_session_get_phases (session);
  for (guint i = 0; phases[i] != NULL; i++)
    {
      GantryProgram *program = gantry_session_get_program (session, phases[i], NULL);
      GantryProgramReport whole = { sizeof whole };
      gdouble flops = 0;
      guint n_fall_throughs = 0, n_products = 0;

      gantry_program_get_report (program, &whole);
      for (guint k = 0; k < gantry_program_get_n_kernels (program); k++)
        {
          GantryKernelReport report = { sizeof report };
          const gchar *name, *backend;

          gantry_program_get_kernel_report (program, k, &report);
          ck_assert_ptr_eq (report.tensor, gantry_program_get_kernel (program, k, &name, &backend));
          ck_assert_str_eq (report.name, name);
          ck_assert_str_eq (report.backend, backend);
          ck_assert_ptr_nonnull (report.op);
          ck_assert_double_ge (report.bytes, gantry_tensor_get_size (report.tensor) * gantry_dtype_size (gantry_tensor_get_dtype (report.tensor)));
          flops += report.flops;
          n_fall_throughs += report.fell_through;
          n_products += g_str_equal (report.op, "matmul");
        }
      ck_assert_double_eq_tol (flops, whole.flops, 1e-6 * whole.flops);
      ck_assert_double_gt (flops, 0);
      ck_assert_uint_eq (n_fall_throughs, whole.n_fall_throughs);
      ck_assert_uint_ge (n_products, 4);
    }
}
END_TEST

START_TEST (short_reports)
{
  g_autoptr (GantrySession) session = make_session ();
  GantryProgram *program = gantry_session_get_program (session, "generator", NULL);
  GantryKernelReport report = { .size = G_STRUCT_OFFSET (GantryKernelReport, flops), .flops = -1 };

  gantry_program_get_kernel_report (program, 0, &report);
  ck_assert_ptr_nonnull (report.op);
  ck_assert_double_eq (report.flops, -1);
}
END_TEST

/* A batch that was loaded is what the phases of a turn see; loading is no turn. */
START_TEST (loaded_batch)
{
  g_autoptr (GantrySession) by_turn = make_session ();
  g_autoptr (GantrySession) by_hand = make_session ();
  g_autoptr (GError) error = NULL;

  turn (by_turn, 1);
  ck_assert_msg (gantry_session_load (by_hand, &error), "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (gantry_session_get_images (by_hand), 0);
  ck_assert (gantry_session_run_phase (by_hand, "discriminator", &error));
  ck_assert (gantry_session_run_phase (by_hand, "generator", &error));
  assert_equal_states (by_turn, by_hand);
}
END_TEST

START_TEST (parts_of_a_turn)
{
  const gchar *options[] = { "--game.discriminator-steps=3", "--regularizer.r1.interval=4", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session_with (options, &error);
  guint interval = 0;

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  ck_assert_uint_eq (gantry_session_get_turn (session, "discriminator", &interval), 3);
  ck_assert_uint_eq (interval, 1);
  ck_assert_uint_eq (gantry_session_get_turn (session, "discriminator-regularization", &interval), 1);
  ck_assert_uint_eq (interval, 4);
  ck_assert_uint_eq (gantry_session_get_turn (session, "generator", NULL), 1);
  ck_assert_uint_eq (gantry_session_get_turn (session, "encoder", &interval), 0);
}
END_TEST

/* All that a session runs is in one workspace, what is compiled later too. */
START_TEST (one_workspace)
{
  const gchar *options[] = { "--regularizer.r1.interval=2", "--regularizer.r1.step=fused", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GantrySession) session = make_session_with (options, &error);
  GantryProgram *discriminator, *generator;

  ck_assert_msg (session != NULL, "%s", error != NULL ? error->message : "");
  discriminator = gantry_session_get_program (session, "discriminator", NULL);
  generator = gantry_session_get_program (session, "generator", NULL);
  ck_assert (gantry_program_shares_workspace (discriminator, generator));
  turn (session, 1);
  ck_assert (gantry_program_shares_workspace (discriminator, gantry_session_get_program (session, "sample", NULL)));
  ck_assert (gantry_program_shares_workspace (discriminator, generator));
  turn (session, 2);
}
END_TEST

START_TEST (rate_of_products)
{
  g_autoptr (GError) error = NULL;
  const gdouble single = gantry_blas_measure (GANTRY_FLOAT32, 1, &error), twice = gantry_blas_measure (GANTRY_FLOAT64, 3, &error);

  ck_assert_msg (single > 0 && twice > 0, "%s", error != NULL ? error->message : "no rate");
  ck_assert (isfinite (single) && single < 1e15);
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("profile");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, every_part_is_told);
  tcase_add_test (tests, freed_with_the_session);
  tcase_add_test (tests, watching_changes_nothing);
  tcase_add_loop_test (tests, kernels_add_up, 0, G_N_ELEMENTS (backends));
  tcase_add_test (tests, short_reports);
  tcase_add_test (tests, loaded_batch);
  tcase_add_test (tests, parts_of_a_turn);
  tcase_add_test (tests, one_workspace);
  tcase_add_test (tests, rate_of_products);
  return fixture_run (tests);
}
