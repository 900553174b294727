/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Ops that plugins bring: found by name, and looked at before they are used. */
#include <gantry/backend.h>
#include <gantry/op-provider.h>

#include "core/error-private.h"

/**
 * GantryOpProvider:
 *
 * A plugin's op.  It is described by the same [struct@Gantry.Op] as a built-in one.
 */
G_DEFINE_INTERFACE (GantryOpProvider, gantry_op_provider, GANTRY_TYPE_COMPONENT)

static void
gantry_op_provider_default_init (GantryOpProviderInterface *iface)
{
}

static gchar *
find_kernel_problem (const GantryOp *op)
{
  if (op->flags & GANTRY_OP_VIEW)
    return op->n_inputs == 1 ? NULL : g_strdup_printf ("it is a view of %d inputs: a view has one", op->n_inputs);
  if (op->float32 == NULL || op->float64 == NULL)
    return g_strdup_printf ("its descriptor has no kernel in %s", op->float32 != NULL ? "float64"
                            : op->float64 != NULL ? "float32" : "float32 and none in float64");
  return NULL;
}

/* What is wrong with a descriptor, as far as can be seen without applying it. */
static gchar *
find_problem (const GantryOp *op, const gchar *name)
{
  const guint known = GANTRY_OP_ELEMENTWISE | GANTRY_OP_VIEW | GANTRY_OP_STOPS_GRADIENT;
  const GantryOp *builtin;

  if (op == NULL)
    return g_strdup ("the plugin gives no descriptor of the op");
  if (op->size != sizeof (GantryOp))
    return g_strdup_printf ("the op's descriptor says it has %" G_GSIZE_FORMAT " bytes; those of this host have %" G_GSIZE_FORMAT, op->size,
                            sizeof (GantryOp));
  if (op->name == NULL)
    return g_strdup ("the op's descriptor has no name");
  if (!g_str_equal (op->name, name))
    return g_strdup_printf ("the op's descriptor is called '%s', not as the plugin", op->name);
  builtin = gantry_op_find (name);
  if (builtin != NULL && builtin != op)
    return g_strdup ("the name is taken by a built-in op");
  if (op->n_inputs < -1 || op->n_inputs == 0 || op->n_inputs > GANTRY_KERNEL_MAX_INPUTS)
    return g_strdup_printf ("the op's descriptor says %d inputs: 1 to %d, or -1 for any number, are possible", op->n_inputs,
                            GANTRY_KERNEL_MAX_INPUTS);
  if (op->flags & ~known)
    return g_strdup_printf ("the op's descriptor has unknown flags: 0x%x", op->flags & ~known);
  if (op->infer == NULL)
    return g_strdup ("the op's descriptor has no shape rule");
  if (op->flags & GANTRY_OP_STOPS_GRADIENT && op->gradient != NULL)
    return g_strdup ("the op's descriptor has a gradient rule, but its flags say that it stops gradients");
  return find_kernel_problem (op);
}

/**
 * gantry_op_provider_get_op:
 * @self: a component of kind `op`
 * @error: return location for an error
 *
 * What a plugin brings, after a look at its descriptor.
 *
 * Returns: (transfer none) (nullable): the op, good for as long as the process lives; %NULL with %GANTRY_CORE_ERROR_PLUGIN, "op/NAME: what
 *   is wrong", where the descriptor's size, name, number of inputs, flags, rules or kernels are not what an op needs
 */
const GantryOp *
gantry_op_provider_get_op (GantryOpProvider *self, GError **error)
{
  const gchar *name;
  const GantryOp *op;
  g_autofree gchar *problem = NULL;

  g_return_val_if_fail (GANTRY_IS_OP_PROVIDER (self), NULL);
  name = gantry_component_get_name (GANTRY_COMPONENT (self));
  op = GANTRY_OP_PROVIDER_GET_IFACE (self)->op;
  problem = find_problem (op, name);
  if (problem == NULL)
    return op;
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "op/%s: %s", name, problem);
  return NULL;
}

/* Of built-in ops and plugins together. */
static gchar *
suggest (GantryRegistry *registry, const gchar *name)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  g_autoptr (GPtrArray) plugins = gantry_registry_list (registry, "op");

  for (const GantryOp *const *op = gantry_op_list (); *op != NULL; op++)
    g_ptr_array_add (names, (gpointer) (*op)->name);
  for (guint i = 0; i < plugins->len; i++)
    g_ptr_array_add (names, (gpointer) ((const GantryPluginInfo *) plugins->pdata[i])->name);
  g_ptr_array_add (names, NULL);
  return _gantry_suggest (name, (const gchar *const *) names->pdata);
}

/**
 * gantry_registry_find_op:
 * @registry: where plugins are found
 * @name: name of an op, such as "conv2d" or that of a plugin of kind `op`
 * @error: return location for an error
 *
 * Finds an op: a built-in one, or else that of the plugin `op/NAME`, which is opened.
 *
 * Returns: (transfer none) (nullable): the op, good for as long as the process lives; %NULL with %GANTRY_CORE_ERROR_UNKNOWN, whose message
 *   has the nearest name, or as [method@Gantry.Registry.create] and [method@Gantry.OpProvider.get_op] fail
 */
const GantryOp *
gantry_registry_find_op (GantryRegistry *registry, const gchar *name, GError **error)
{
  const GantryOp *op;
  g_autoptr (GantryComponent) component = NULL;
  g_autoptr (GError) reason = NULL;

  g_return_val_if_fail (GANTRY_IS_REGISTRY (registry) && name != NULL, NULL);
  op = gantry_op_find (name);
  if (op != NULL)
    return op;
  component = gantry_registry_create (registry, "op", name, NULL, &reason);
  if (component != NULL)
    return gantry_op_provider_get_op (GANTRY_OP_PROVIDER (component), error);
  if (g_error_matches (reason, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN))
    {
      g_autofree gchar *suggestion = suggest (registry, name);

      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no op is called '%s'%s", name, suggestion);
    }
  else
    {
      g_propagate_error (error, g_steal_pointer (&reason));
    }
  return NULL;
}

/**
 * gantry_apply_op:
 * @name: name of an op: a built-in one, or that of a plugin of kind `op` that the process's registry finds
 * @inputs: (array length=n_inputs): what it is applied to, tensors of one graph
 * @n_inputs: how many, at least 1
 * @ints: (array length=n_ints) (nullable): whole-number attributes, copied
 * @n_ints: how many
 * @reals: (array length=n_reals) (nullable): real attributes, copied
 * @n_reals: how many
 *
 * [func@Gantry.apply] by name, so that a plugin can use another's op.  An op that cannot be found or opened is an error that sticks to the
 * graph, like all others of a graph.
 *
 * Returns: (transfer none): the result; a poisoned tensor of the first input's shape after an error
 */
GantryTensor *
gantry_apply_op (const gchar *name, GantryTensor *const *inputs, guint n_inputs,
                 const gint64 *ints, guint n_ints, const gdouble *reals, guint n_reals)
{
  const GantryOp *op;
  GantryTensor *first = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n_inputs && first == NULL; i++)
    first = inputs[i];
  g_return_val_if_fail (name != NULL && first != NULL, NULL);
  op = gantry_registry_find_op (gantry_registry_get_default (), name, &error);
  if (op != NULL)
    return gantry_apply (op, inputs, n_inputs, ints, n_ints, reals, n_reals);
  gantry_graph_fail (gantry_tensor_get_graph (first), error->domain, error->code, "%s", error->message);
  return gantry_graph_poison (gantry_tensor_get_graph (first), gantry_tensor_get_shape (first), gantry_tensor_get_dtype (first));
}
