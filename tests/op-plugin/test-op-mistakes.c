/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a plugin's op may do wrong: each is an error that names the op. */
#include <stdlib.h>
#include <string.h>

#include "engine/engine-fixture.h"

GANTRY_DECLARE_COMPONENT (Mistaken, mistaken, GANTRY_TYPE_OP_PROVIDER)

static const GantryProperty mistaken_properties[] = { GANTRY_END };

static gboolean
infer_same (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  *shape = *gantry_tensor_get_shape (call->inputs[0]);
  *dtype = gantry_tensor_get_dtype (call->inputs[0]);
  return TRUE;
}

static void
gradient_same (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  dx[0] = dy;
}

static void
copy_float32 (const GantryKernelData *data)
{
  memcpy (data->output, data->inputs[0], gantry_tensor_get_size (data->tensor) * sizeof (gfloat));
}

static void
copy_float64 (const GantryKernelData *data)
{
  memcpy (data->output, data->inputs[0], gantry_tensor_get_size (data->tensor) * sizeof (gdouble));
}

#define RIGHT \
  .size = sizeof (GantryOp), .name = "mistaken", .n_inputs = 1, .infer = infer_same, .gradient = gradient_same, .float32 = copy_float32, \
  .float64 = copy_float64

static const GantryOp right = { RIGHT };

static void
mistaken_interface (GantryOpProviderInterface *iface)
{
  iface->op = &right;
}

GANTRY_PLUGIN (Mistaken, mistaken, op, "mistaken", "1.0", "Copies, unless something is wrong with it")

static GantryComponent *
create (const GantryOp *op)
{
  GantryComponent *component = g_object_new (gantry_plugin_info.get_type (), NULL);

  gantry_component_set_identity (component, "op", "mistaken", NULL);
  GANTRY_OP_PROVIDER_GET_IFACE (component)->op = op;
  return component;
}

#pragma GCC diagnostic ignored "-Woverride-init"
static const struct {
  const GantryOp op;
  const gchar *message;
} descriptors[] = {
  { { RIGHT, .size = 40 }, "op/mistaken: the op's descriptor says it has 40 bytes; those of this host have " },
  { { RIGHT, .size = 4096 }, "op/mistaken: the op's descriptor says it has 4096 bytes; those of this host have " },
  { { RIGHT, .name = NULL }, "op/mistaken: the op's descriptor has no name" },
  { { RIGHT, .name = "other" }, "op/mistaken: the op's descriptor is called 'other', not as the plugin" },
  { { RIGHT, .n_inputs = 0 }, "op/mistaken: the op's descriptor says 0 inputs: 1 to 32, or -1 for any number, are possible" },
  { { RIGHT, .n_inputs = -2 }, "op/mistaken: the op's descriptor says -2 inputs: 1 to 32, or -1" },
  { { RIGHT, .n_inputs = 33 }, "op/mistaken: the op's descriptor says 33 inputs: 1 to 32, or -1" },
  { { RIGHT, .flags = 1u << 20 }, "op/mistaken: the op's descriptor has unknown flags: 0x100000" },
  { { RIGHT, .infer = NULL }, "op/mistaken: the op's descriptor has no shape rule" },
  { { RIGHT, .flags = GANTRY_OP_STOPS_GRADIENT }, "op/mistaken: the op's descriptor has a gradient rule, but its flags say that it stops gradients" },
  { { RIGHT, .flags = GANTRY_OP_VIEW, .n_inputs = 2 }, "op/mistaken: it is a view of 2 inputs: a view has one" },
  { { RIGHT, .float32 = NULL }, "op/mistaken: its descriptor has no kernel in float32" },
  { { RIGHT, .float64 = NULL }, "op/mistaken: its descriptor has no kernel in float64" },
  { { RIGHT, .float32 = NULL, .float64 = NULL }, "op/mistaken: its descriptor has no kernel in float32 and none in float64" }
};

START_TEST (descriptor)
{
  g_autoptr (GantryComponent) component = create (&descriptors[_i].op);
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_op_provider_get_op (GANTRY_OP_PROVIDER (component), &error));
  assert_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, descriptors[_i].message);
}
END_TEST

START_TEST (no_descriptor)
{
  g_autoptr (GantryComponent) component = create (NULL), sound = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert_ptr_null (gantry_op_provider_get_op (GANTRY_OP_PROVIDER (component), &error));
  assert_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "op/mistaken: the plugin gives no descriptor of the op");
  sound = create (&right);
  ck_assert_ptr_eq (gantry_op_provider_get_op (GANTRY_OP_PROVIDER (sound), NULL), &right);
}
END_TEST

START_TEST (builtin_name)
{
  static const GantryOp op = { RIGHT, .name = "relu" };
  g_autoptr (GantryComponent) component = create (&op);
  g_autoptr (GError) error = NULL;

  gantry_component_set_identity (component, "op", "relu", NULL);
  ck_assert_ptr_null (gantry_op_provider_get_op (GANTRY_OP_PROVIDER (component), &error));
  assert_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "op/relu: the name is taken by a built-in op");
}
END_TEST

/* What shows when the op is applied or differentiated. */
static gboolean
infer_silent (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  return FALSE;
}

static gboolean
infer_larger (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  infer_same (call, shape, dtype, error);
  shape->dims[0] *= 2;
  return TRUE;
}

static gboolean
infer_empty (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  infer_same (call, shape, dtype, error);
  shape->dims[0] = 0;
  return TRUE;
}

static gboolean
infer_no_dtype (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  infer_same (call, shape, dtype, error);
  *dtype = (GantryDType) 17;
  return TRUE;
}

static gboolean
infer_float64 (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  infer_same (call, shape, dtype, error);
  *dtype = GANTRY_FLOAT64;
  return TRUE;
}

static void
gradient_sums (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  dx[0] = gantry_sum (dy);
}

static void
gradient_casts (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  dx[0] = gantry_cast (dy, GANTRY_FLOAT64);
}

static void
gradient_elsewhere (GantryTensor *y, GantryTensor *dy, GantryTensor **dx)
{
  static GantryGraph *other;

  if (other == NULL)
    other = gantry_graph_new (GANTRY_FLOAT32);
  dx[0] = gantry_fill (other, gantry_tensor_get_shape (dy), GANTRY_FLOAT32, 1);
}

static const struct {
  const GantryOp op;
  GantryGraphError code;
  const gchar *message;
} rules[] = {
  { { RIGHT, .infer = infer_silent }, GANTRY_GRAPH_ERROR_SHAPE, "mistaken: the shape rule failed without saying why" },
  { { RIGHT, .infer = infer_empty }, GANTRY_GRAPH_ERROR_SHAPE, "mistaken: [0, 3]: axis 0 has size 0, at least 1 is needed" },
  { { RIGHT, .infer = infer_no_dtype }, GANTRY_GRAPH_ERROR_DTYPE, "mistaken: the shape rule gives a dtype that is none: 17" },
  { { RIGHT, .infer = infer_larger, .flags = GANTRY_OP_VIEW }, GANTRY_GRAPH_ERROR_SHAPE,
    "mistaken: [2, 3] and [4, 3]: the op is a view, but its shape rule gives float32 for elements of float32" },
  { { RIGHT, .infer = infer_float64, .flags = GANTRY_OP_VIEW }, GANTRY_GRAPH_ERROR_SHAPE,
    "mistaken: [2, 3] and [2, 3]: the op is a view, but its shape rule gives float64 for elements of float32" },
  { { RIGHT, .gradient = NULL }, GANTRY_GRAPH_ERROR_GRADIENT, "mistaken: the op has no gradient rule" },
  { { RIGHT, .gradient = gradient_sums }, GANTRY_GRAPH_ERROR_GRADIENT,
    "mistaken: the gradient rule gives float32 [] for input 0, which is float32 [2, 3]" },
  { { RIGHT, .gradient = gradient_casts }, GANTRY_GRAPH_ERROR_GRADIENT,
    "mistaken: the gradient rule gives float64 [2, 3] for input 0, which is float32 [2, 3]" },
  { { RIGHT, .gradient = gradient_elsewhere }, GANTRY_GRAPH_ERROR_GRADIENT,
    "mistaken: the gradient rule gives a tensor of another graph for input 0" }
};

START_TEST (rule)
{
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3), GANTRY_FLOAT32), *slope;
  g_autoptr (GError) error = NULL;

  slope = gantry_gradient (gantry_sum (gantry_apply (&rules[_i].op, &x, 1, NULL, 0, NULL, 0)), x);
  ck_assert (gantry_tensor_is_poisoned (slope));
  ck_assert (gantry_shape_equal (gantry_tensor_get_shape (slope), GANTRY_SHAPE (2, 3)));
  ck_assert (!gantry_graph_finish (graph, &error));
  assert_error (error, GANTRY_GRAPH_ERROR, rules[_i].code, rules[_i].message);
}
END_TEST

/* A backend may have a kernel of its own, so that none is there shows when the program is compiled. */
START_TEST (kernel_of_no_backend)
{
  static const GantryOp op = { RIGHT, .float32 = NULL };
  g_autoptr (GantryGraph) graph = gantry_graph_new (GANTRY_FLOAT32);
  g_autoptr (GantryState) state = gantry_state_new (1);
  GantryTensor *x = gantry_graph_feed (graph, "x", GANTRY_SHAPE (2, 3), GANTRY_FLOAT32);
  GantryBackend *backends[] = { fixture_reference () };
  g_autoptr (GantryProgram) program = NULL;
  g_autoptr (GError) error = NULL;

  gantry_graph_push_label (graph, "loss/mine");
  gantry_graph_output (graph, "y", gantry_apply (&op, &x, 1, NULL, 0, NULL, 0));
  program = gantry_program_compile (graph, state, backends, 1, &error);
  ck_assert_ptr_null (program);
  assert_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "loss/mine: no backend has a kernel for mistaken of float32 [2, 3]");
}
END_TEST

int
main (void)
{
  Suite *suite = suite_create ("op-mistakes");
  TCase *tcase = tcase_create ("op-mistakes");

  gantry_init ();
  tcase_add_loop_test (tcase, descriptor, 0, G_N_ELEMENTS (descriptors));
  tcase_add_test (tcase, no_descriptor);
  tcase_add_test (tcase, builtin_name);
  tcase_add_loop_test (tcase, rule, 0, G_N_ELEMENTS (rules));
  tcase_add_test (tcase, kernel_of_no_backend);
  suite_add_tcase (suite, tcase);
  return fixture_main (suite);
}
