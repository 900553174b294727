/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Kernels of several tensors: when two steps may become one, and where their results may lie. */
#include <string.h>

#include "engine/openblas-fixture.h"

#define N 6

/* A backend of negations and doublings, alone or several at once; what it does wrong, where it does. */
typedef enum {
  RIGHT,
  WITHOUT_RUN, /* a kernel of several tensors that cannot be run */
  READS_OWN    /* one that reads what it computes */
} Mistake;

typedef struct {
  GObject parent_instance;
  Mistake mistake;
} Pairing;

typedef GObjectClass PairingClass;

GType pairing_get_type (void);
static void pairing_interface (GantryBackendInterface *iface);

G_DEFINE_TYPE_WITH_CODE (Pairing, pairing, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (gantry_backend_get_type (), pairing_interface))

static void
pairing_class_init (PairingClass *klass)
{
}

static void
pairing_init (Pairing *self)
{
}

static gboolean
is (GantryTensor *tensor, const gchar *op_name)
{
  return strcmp (gantry_tensor_get_op_name (tensor), op_name) == 0;
}

/* Factors of the outputs: of each the only input, or the first. */
typedef struct {
  guint n;
  gdouble factors[GANTRY_KERNEL_MAX_OUTPUTS];
  guint inputs[GANTRY_KERNEL_MAX_OUTPUTS];
} Factors;

static void
run_several (gpointer data, gconstpointer const *inputs, gpointer const *outputs, gpointer scratch)
{
  const Factors *self = data;

  for (guint k = 0; k < self->n; k++)
    for (guint i = 0; i < N; i++)
      ((gdouble *) outputs[k])[i] = self->factors[k] * ((const gdouble *) inputs[self->inputs[k]])[i];
}

static void
run_one (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  run_several (data, inputs, &output, scratch);
}

static gdouble
get_factor (GantryTensor *tensor)
{
  guint n;

  return is (tensor, "neg") ? -1 : gantry_tensor_get_reals (tensor, &n)[0];
}

static void
fill (GantryKernel *kernel, GantryTensor *const *tensors, guint n)
{
  Factors *data = g_new0 (Factors, 1);

  kernel->n_inputs = 0;
  data->n = n;
  for (guint k = 0; k < n; k++)
    {
      GantryTensor *input = gantry_tensor_get_input (tensors[k], 0);
      guint at = 0;

      while (at < kernel->n_inputs && kernel->inputs[at] != input)
        at++;
      kernel->inputs[at] = input;
      kernel->n_inputs = MAX (kernel->n_inputs, at + 1);
      data->inputs[k] = at;
      data->factors[k] = get_factor (tensors[k]);
    }
  /* only the last output is stored after everything was read */
  kernel->in_place_of[n - 1] = 1u << data->inputs[n - 1];
  kernel->name = "factors";
  kernel->run = run_one;
  kernel->run_several = run_several;
  kernel->data = data;
  kernel->free = g_free;
}

static gboolean
pairing_claim (GantryBackend *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  ck_assert_uint_eq (claim->n_tensors, 0);
  if (!is (claim->tensor, "neg") && !is (claim->tensor, "scale"))
    return FALSE;
  fill (kernel, &claim->tensor, 1);
  return TRUE;
}

static gboolean
pairing_claim_several (GantryBackend *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  Pairing *self = (Pairing *) backend;

  ck_assert_uint_ge (claim->n_tensors, 2);
  ck_assert_ptr_eq (claim->tensors[claim->n_tensors - 1], claim->tensor);
  for (guint k = 1; k < claim->n_tensors; k++)
    ck_assert_uint_lt (gantry_tensor_get_id (claim->tensors[k - 1]), gantry_tensor_get_id (claim->tensors[k]));
  fill (kernel, claim->tensors, claim->n_tensors);
  if (self->mistake == WITHOUT_RUN)
    kernel->run_several = NULL;
  if (self->mistake == READS_OWN)
    kernel->inputs[kernel->n_inputs++] = claim->tensors[0];
  return TRUE;
}

static void
pairing_interface (GantryBackendInterface *iface)
{
  iface->claim = pairing_claim;
  iface->claim_several = pairing_claim_several;
}

static GantryProgram *
compile (GantryGraph *graph, GantryState *state, Mistake mistake, GError **error)
{
  g_autoptr (GantryBackend) first = g_object_new (pairing_get_type (), NULL);
  GantryBackend *backends[] = { first, fixture_reference () };

  ((Pairing *) first)->mistake = mistake;
  return gantry_program_compile_full (graph, state, backends, 2, GANTRY_COMPILE_DEFAULT, error);
}

static GantryTensor *
feed (GantryGraph *graph, const gchar *name)
{
  return gantry_graph_feed (graph, name, GANTRY_SHAPE (N), GANTRY_FLOAT64);
}

static guint
count_tensors (GantryProgram *program, guint kernel)
{
  GantryKernelReport report = { sizeof report };

  gantry_program_get_kernel_report (program, kernel, &report);
  return report.n_tensors;
}

static void
check_output (GantryProgram *program, const gchar *name, gdouble factor)
{
  for (guint i = 0; i < N; i++)
    ck_assert_double_eq (fixture_output (program, name, i), factor * (i + 1));
}

static GantryGraph *
make_siblings (void)
{
  GantryGraph *graph = gantry_graph_new (GANTRY_FLOAT64);
  GantryTensor *x = feed (graph, "x");

  gantry_graph_output (graph, "minus", gantry_neg (x));
  gantry_graph_output (graph, "square", gantry_square (x)); /* another backend's, between them */
  gantry_graph_output (graph, "double", gantry_scale (x, 2));
  gantry_graph_output (graph, "triple", gantry_scale (x, 3));
  return graph;
}

START_TEST (test_siblings)
{
  g_autoptr (GantryGraph) graph = make_siblings ();
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = compile (graph, state, RIGHT, NULL);
  GantryKernelReport report = { sizeof report };

  ck_assert_uint_eq (gantry_program_get_n_kernels (program), 2);
  ck_assert_uint_eq (count_tensors (program, 0), 1);
  ck_assert_uint_eq (count_tensors (program, 1), 3);
  gantry_program_get_kernel_report (program, 1, &report);
  ck_assert_double_eq (report.bytes, 4 * N * sizeof (gdouble)); /* x once */
  fixture_bind_ramp (program, "x", 1, 1);
  fixture_run (program, 0, 0);
  check_output (program, "minus", -1);
  check_output (program, "double", 2);
  check_output (program, "triple", 3);
}
END_TEST

/* One of the two needs the other's result through a kernel of somebody else, which lies behind the first alone. */
START_TEST (test_moves_ahead)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  GantryTensor *x = feed (graph, "x"), *minus = gantry_neg (x);

  gantry_graph_output (graph, "exp", gantry_exp (minus));
  gantry_graph_output (graph, "double", gantry_scale (x, 2));
  program = compile (graph, state, RIGHT, NULL);
  ck_assert_uint_eq (gantry_program_get_n_kernels (program), 2);
  ck_assert_uint_eq (count_tensors (program, 0), 2); /* before exp, which reads one of them */
  fixture_bind_ramp (program, "x", 1, 1);
  fixture_run (program, 0, 0);
  check_output (program, "double", 2);
}
END_TEST

START_TEST (test_refuses)
{
  g_autoptr (GantryGraph) graph = make_siblings ();
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = compile (graph, state, READS_OWN, NULL);
  g_autoptr (GError) error = NULL;

  ck_assert_uint_eq (gantry_program_get_n_kernels (program), 4);
  fixture_bind_ramp (program, "x", 1, 1);
  fixture_run (program, 0, 0);
  check_output (program, "triple", 3);
  ck_assert_ptr_null (compile (graph, state, WITHOUT_RUN, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "cannot be run");
}
END_TEST

/* More than a kernel computes: they are taken as several. */
START_TEST (test_many)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  GantryTensor *x = feed (graph, "x");
  guint n = 0;

  for (guint i = 0; i < 11; i++)
    {
      g_autofree gchar *name = g_strdup_printf ("y%u", i);

      gantry_graph_output (graph, name, gantry_scale (x, 2 + i));
    }
  program = compile (graph, state, RIGHT, NULL);
  for (guint i = 0; i < gantry_program_get_n_kernels (program); i++)
    {
      ck_assert_uint_le (count_tensors (program, i), GANTRY_KERNEL_MAX_OUTPUTS);
      n += count_tensors (program, i);
    }
  ck_assert_uint_eq (n, 11);
  ck_assert_uint_lt (gantry_program_get_n_kernels (program), 4);
  fixture_bind_ramp (program, "x", 1, 1);
  fixture_run (program, 0, 0);
  check_output (program, "y0", 2);
  check_output (program, "y10", 12);
}
END_TEST

/* Both variables are read by one kernel that assigns both: the first result may lie on neither. */
START_TEST (test_assignments)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  g_autoptr (GantryProgram) program = NULL;
  GantryVariable *a = gantry_graph_variable (graph, "a", GANTRY_SHAPE (N), GANTRY_FLOAT64, GANTRY_CONSTANT (1), FALSE);
  GantryVariable *b = gantry_graph_variable (graph, "b", GANTRY_SHAPE (N), GANTRY_FLOAT64, GANTRY_CONSTANT (0), FALSE);
  GantryTensor *old = gantry_graph_read (graph, a);

  gantry_graph_assign (graph, a, gantry_scale (old, 2));
  gantry_graph_assign (graph, b, gantry_scale (old, 3));
  program = compile (graph, state, RIGHT, NULL);
  ck_assert_uint_eq (gantry_program_get_n_kernels (program), 1);
  for (guint run = 0; run < 3; run++)
    {
      fixture_run (program, run, 0);
      ck_assert_double_eq (fixture_get (state, "a", N - 1), 2 << run);
      ck_assert_double_eq (fixture_get (state, "b", N - 1), 3 << run);
    }
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("several");
  TCase *tcase = tcase_create ("several");

  tcase_add_test (tcase, test_siblings);
  tcase_add_test (tcase, test_moves_ahead);
  tcase_add_test (tcase, test_refuses);
  tcase_add_test (tcase, test_many);
  tcase_add_test (tcase, test_assignments);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
