/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How tensors are offered to backends, with backends made for the purpose. */
#include <string.h>

#include "engine/engine-fixture.h"

/* A backend that claims what its function says. */
typedef struct {
  GObject parent_instance;
  gboolean (*claim) (const GantryClaim *claim, GantryKernel *kernel);
  guint opened;
  gboolean broken;
} Picky;

typedef GObjectClass PickyClass;

GType picky_get_type (void);
static void picky_interface (GantryBackendInterface *iface);

G_DEFINE_TYPE_WITH_CODE (Picky, picky, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (gantry_backend_get_type (), picky_interface))

static void
picky_class_init (PickyClass *klass)
{
}

static void
picky_init (Picky *self)
{
}

static gboolean
picky_open (GantryBackend *backend, GError **error)
{
  Picky *self = (Picky *) backend;

  self->opened++;
  if (self->broken)
    g_set_error_literal (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "no such library");
  return !self->broken;
}

static gboolean
picky_claim (GantryBackend *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  return ((Picky *) backend)->claim (claim, kernel);
}

static void
picky_interface (GantryBackendInterface *iface)
{
  iface->open = picky_open;
  iface->claim = picky_claim;
}

static GantryBackend *
picky_new (gboolean (*claim) (const GantryClaim *claim, GantryKernel *kernel))
{
  Picky *self = g_object_new (picky_get_type (), NULL);

  self->claim = claim;
  return (GantryBackend *) self;
}

static gboolean
is (GantryTensor *tensor, const gchar *op_name)
{
  return strcmp (gantry_tensor_get_op_name (tensor), op_name) == 0;
}

#define N 6

static void
run_fused (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const gdouble *a = inputs[0], *b = inputs[1], *c = inputs[2];
  gdouble *y = output, *products = scratch;

  for (guint i = 0; i < N; i++)
    products[i] = a[i] * b[i];
  for (guint i = 0; i < N; i++)
    y[i] = products[i] + c[i];
}

/* a b + c at once, where nothing else reads the product. */
static gboolean
claim_fused (const GantryClaim *claim, GantryKernel *kernel)
{
  GantryTensor *product;

  if (!is (claim->tensor, "add") || !is (gantry_tensor_get_input (claim->tensor, 0), "mul"))
    return FALSE;
  product = gantry_tensor_get_input (claim->tensor, 0);
  if (gantry_claim_count_uses (claim, product) != 1)
    return FALSE;
  kernel->name = "fused";
  kernel->inputs[0] = gantry_tensor_get_input (product, 0);
  kernel->inputs[1] = gantry_tensor_get_input (product, 1);
  kernel->inputs[2] = gantry_tensor_get_input (claim->tensor, 1);
  kernel->n_inputs = 3;
  kernel->scratch = N * sizeof (gdouble);
  kernel->run = run_fused;
  return TRUE;
}

static GantryProgram *
compile (gboolean other_use, GantryBackend *first, GError **error)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryTensor *a = gantry_graph_feed (graph, "a", GANTRY_SHAPE (N), GANTRY_FLOAT64);
  GantryTensor *b = gantry_graph_feed (graph, "b", GANTRY_SHAPE (N), GANTRY_FLOAT64);
  GantryTensor *product = gantry_mul (a, b);
  GantryBackend *backends[] = { first, fixture_reference () };

  gantry_graph_output (graph, "y", gantry_add (product, gantry_exp (gantry_scale (a, 0))));
  if (other_use)
    gantry_graph_output (graph, "product", product);
  return gantry_program_compile (graph, state, backends, 2, error);
}

static void
check_products (GantryProgram *program)
{
  fixture_bind_ramp (program, "a", 1, 1);
  fixture_bind_ramp (program, "b", 2, 1);
  fixture_run (program, 0, 0);
  for (guint i = 0; i < N; i++)
    ck_assert_double_eq (fixture_output (program, "y", i), (i + 1) * (i + 2) + 1);
}

START_TEST (test_absorbs)
{
  g_autoptr (GantryBackend) first = picky_new (claim_fused);
  g_autoptr (GantryProgram) program = compile (FALSE, first, NULL);
  GantryProgramReport report = { .size = sizeof report };
  const gchar *kernel, *backend;

  ck_assert_uint_eq (fixture_count_kernels (program, "mul"), 0);
  gantry_program_get_report (program, &report);
  ck_assert_uint_eq (report.n_kernels, 3);
  ck_assert_uint_eq (report.n_fall_throughs, 2);
  gantry_program_get_kernel (program, 2, &kernel, &backend);
  ck_assert_str_eq (kernel, "fused");
  ck_assert_str_eq (backend, "Picky");
  ck_assert_uint_eq (((Picky *) first)->opened, 1);
  check_products (program);
}
END_TEST

START_TEST (test_does_not_absorb_what_others_use)
{
  g_autoptr (GantryBackend) first = picky_new (claim_fused);
  g_autoptr (GantryProgram) program = compile (TRUE, first, NULL);

  ck_assert_uint_eq (fixture_count_kernels (program, "mul"), 1);
  check_products (program);
}
END_TEST

/* Even a backend that absorbs what others use computes the right numbers. */
static gboolean
claim_greedily (const GantryClaim *claim, GantryKernel *kernel)
{
  GantryClaim other = *claim;

  if (!is (claim->tensor, "add"))
    return FALSE;
  kernel->name = "greedy";
  kernel->inputs[2] = kernel->inputs[1];
  kernel->inputs[1] = gantry_tensor_get_input (gantry_tensor_get_input (other.tensor, 0), 1);
  kernel->inputs[0] = gantry_tensor_get_input (gantry_tensor_get_input (other.tensor, 0), 0);
  kernel->n_inputs = 3;
  kernel->scratch = N * sizeof (gdouble);
  kernel->run = run_fused;
  return TRUE;
}

START_TEST (test_absorbed_twice)
{
  g_autoptr (GantryBackend) first = picky_new (claim_greedily);
  g_autoptr (GantryProgram) program = compile (TRUE, first, NULL);

  ck_assert_uint_eq (fixture_count_kernels (program, "mul"), 1);
  check_products (program);
  ck_assert_double_eq (fixture_output (program, "product", 2), 12);
}
END_TEST

/* a + transpose (a) at once: the output may lie on the first input, which is the second one too. */
static void
run_symmetric (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const gdouble *a = inputs[0], *b = inputs[1];
  gdouble *y = output;

  for (guint i = 0; i < 3; i++)
    for (guint j = 0; j < 3; j++)
      y[3 * i + j] = a[3 * i + j] + b[3 * j + i];
}

static gboolean
claim_symmetric (const GantryClaim *claim, GantryKernel *kernel)
{
  if (!is (claim->tensor, "add") || !is (gantry_tensor_get_input (claim->tensor, 1), "permute"))
    return FALSE;
  kernel->name = "symmetric";
  kernel->inputs[1] = gantry_tensor_get_input (gantry_tensor_get_input (claim->tensor, 1), 0);
  kernel->in_place = 1 << 0;
  kernel->run = run_symmetric;
  return TRUE;
}

START_TEST (test_aliased_inputs)
{
  g_autoptr (GantryBackend) first = picky_new (claim_symmetric);
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT64);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryTensor *a = gantry_offset (gantry_graph_feed (graph, "a", GANTRY_SHAPE (3, 3), GANTRY_FLOAT64), 1);
  GantryBackend *backends[] = { first, fixture_reference () };
  g_autoptr (GantryProgram) program = NULL;

  gantry_graph_output (graph, "y", gantry_neg (gantry_add (a, gantry_transpose (a))));
  program = gantry_program_compile (graph, state, backends, 2, NULL);
  ck_assert_uint_eq (gantry_program_get_n_kernels (program), 3);
  fixture_bind_ramp (program, "a", 0, 1);
  fixture_run (program, 0, 0);
  for (guint i = 0; i < 9; i++)
    ck_assert_double_eq (fixture_output (program, "y", i), -(i + 1. + i % 3 * 3 + i / 3 + 1));
}
END_TEST

static gboolean
claim_badly (const GantryClaim *claim, GantryKernel *kernel)
{
  kernel->name = "bad";
  kernel->run = run_fused;
  kernel->inputs[0] = claim->tensor;
  return TRUE;
}

START_TEST (test_bad_kernel)
{
  g_autoptr (GantryBackend) first = picky_new (claim_badly);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (compile (FALSE, first, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "cannot be run");
}
END_TEST

START_TEST (test_cannot_open)
{
  g_autoptr (GantryBackend) first = picky_new (claim_fused);
  g_autoptr (GError) error = NULL;

  ((Picky *) first)->broken = TRUE;
  ck_assert_ptr_null (compile (FALSE, first, &error));
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "no such library");
}
END_TEST

static void
free_counted (gpointer data)
{
  ++*(guint *) data;
}

static guint n_freed;

static gboolean
claim_counted (const GantryClaim *claim, GantryKernel *kernel)
{
  kernel->name = "counted";
  kernel->run = run_fused;
  kernel->data = &n_freed;
  kernel->free = free_counted;
  return is (claim->tensor, "exp");
}

START_TEST (test_frees_data)
{
  g_autoptr (GantryBackend) first = picky_new (claim_counted);
  GantryProgram *program = compile (FALSE, first, NULL);

  ck_assert_uint_eq (n_freed, 0);
  g_object_unref (program);
  ck_assert_uint_eq (n_freed, 1);
}
END_TEST

/* An op that is not built in: cubes, with kernels in its descriptor. */
static gboolean
infer_cube (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *shape = *gantry_tensor_get_shape (call->inputs[0]);
  *dtype = gantry_tensor_get_dtype (call->inputs[0]);
  return TRUE;
}

static void
cube_float32 (const GantryKernelData *data)
{
  const gfloat *x = data->inputs[0];

  for (gsize i = 0; i < gantry_tensor_get_size (data->tensor); i++)
    ((gfloat *) data->output)[i] = x[i] * x[i] * x[i];
}

static const GantryOp cube = { .size = sizeof cube, .name = "test-cube", .n_inputs = 1, .infer = infer_cube, .float32 = cube_float32 };

START_TEST (test_custom_op)
{
  GantryBackend *backends[] = { fixture_reference () };

  for (guint i = 0; i < 2; i++)
    {
      GantryDType dtype = i == 0 ? GANTRY_FLOAT32 : GANTRY_FLOAT64;
      g_autoptr (GantryGraph) graph = gantry_graph_new (dtype);
      g_autoptr (GantryState) state = gantry_state_new (1);
      GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (4), dtype);
      g_autoptr (GantryProgram) program = NULL;
      g_autoptr (GError) error = NULL;

      gantry_graph_push_label (graph, "loss/cubic");
      gantry_graph_output (graph, "y", gantry_apply (&cube, &x, 1, NULL, 0, NULL, 0));
      gantry_graph_pop (graph);
      program = gantry_program_compile (graph, state, backends, 1, &error);
      if (i == 0)
        {
          fixture_bind_ramp (program, "x", 0, 1);
          fixture_run (program, 0, 0);
          ck_assert_double_eq (fixture_output (program, "y", 3), 27);
        }
      else
        assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "loss/cubic: no backend has a kernel for test-cube of float64 [4]");
    }
}
END_TEST

START_TEST (test_open_by_name)
{
  const gchar *const unknown[] = { "referenze", NULL }, *const known[] = { "reference", NULL };
  GantryRegistry *registry = gantry_registry_get_default ();
  g_autoptr (GPtrArray) backends = NULL, defaults = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;

  fixture_reference ();
  ck_assert_ptr_null (gantry_backends_open (registry, unknown, &error));
  assert_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "reference");
  backends = gantry_backends_open (registry, known, NULL);
  ck_assert_uint_eq (backends->len, 1);
  text = gantry_backend_describe (g_ptr_array_index (backends, 0));
  ck_assert (*text != '\0');
  defaults = gantry_backends_open (registry, NULL, NULL);
  ck_assert_uint_ge (defaults->len, 1);
  ck_assert_str_eq (gantry_component_get_name (g_ptr_array_index (defaults, defaults->len - 1)), "reference");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("backend");
  TCase *tcase = tcase_create ("backend");

  tcase_add_test (tcase, test_absorbs);
  tcase_add_test (tcase, test_does_not_absorb_what_others_use);
  tcase_add_test (tcase, test_absorbed_twice);
  tcase_add_test (tcase, test_aliased_inputs);
  tcase_add_test (tcase, test_bad_kernel);
  tcase_add_test (tcase, test_cannot_open);
  tcase_add_test (tcase, test_frees_data);
  tcase_add_test (tcase, test_custom_op);
  tcase_add_test (tcase, test_open_by_name);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
