/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Leaves with a name: feeds, random draws, scalars that follow a component's property. */
#include "graph/graph-internal.h"

static gboolean
infer_leaf (const GantryOpCall *call, GantryShape *shape, GantryDType *dtype, GError **error)
{
  g_set_error (error, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "a leaf is made by its own constructor");
  return FALSE;
}

#define LEAF(op_name) { .size = sizeof (GantryOp), .name = op_name, .infer = infer_leaf, .flops = _gantry_flops_none }

const GantryOp _gantry_op_feed = LEAF ("feed");
const GantryOp _gantry_op_random = LEAF ("random");
const GantryOp _gantry_op_scalar = LEAF ("scalar");
const GantryOp _gantry_op_variable = LEAF ("variable");
const GantryOp _gantry_op_poison = LEAF ("poison");

GantryTensor *
_gantry_graph_add_leaf (GantryGraph *graph, const GantryOp *op, const GantryShape *shape, GantryDType dtype, const gchar *name)
{
  gint64 ints[1 + GANTRY_MAX_DIMS] = { dtype };
  GantryTensor *tensor;

  for (guint i = 0; i < shape->n_dims; i++)
    ints[1 + i] = (gint64) shape->dims[i];
  tensor = _gantry_graph_add (graph, op, shape, dtype, NULL, 0, ints, 1 + shape->n_dims, NULL, 0);
  tensor->name = _gantry_graph_intern (graph, name);
  return tensor;
}

static GantryTensor *
add_input (GantryGraph *self, const GantryOp *op, GantryInputKind kind, const gchar *name, const GantryShape *shape, GantryDType dtype)
{
  GantryTensor *tensor = _gantry_graph_add_leaf (self, op, shape, dtype, name);

  tensor->input_kind = kind;
  g_hash_table_insert (self->inputs_by_name, (gpointer) tensor->name, tensor);
  g_ptr_array_add (self->inputs, tensor);
  _gantry_graph_note_input (self, tensor);
  return tensor;
}

static gboolean
check_input (GantryGraph *self, const gchar *op, const gchar *name, const GantryShape *shape, GantryDType dtype)
{
  g_autoptr (GError) error = NULL;

  if (name == NULL || *name == '\0')
    {
      gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "%s: a name is needed", op);
      return FALSE;
    }
  if (!_gantry_shape_check (shape, dtype, &error))
    {
      gantry_graph_fail (self, error->domain, error->code, "%s '%s': %s", op, name, error->message);
      return FALSE;
    }
  return TRUE;
}

static gboolean
same_input (const GantryTensor *tensor, const GantryOp *op, GantryInputKind kind, const GantryShape *shape, GantryDType dtype)
{
  return tensor->op == op && tensor->input_kind == kind && tensor->dtype == dtype && gantry_shape_equal (&tensor->shape, shape);
}

static GantryTensor *
fail_taken (GantryGraph *self, const GantryTensor *taken, const gchar *op, const GantryShape *shape, GantryDType dtype)
{
  g_autofree gchar *found = gantry_shape_to_string (&taken->shape);
  g_autofree gchar *asked = gantry_shape_to_string (shape);

  gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "%s '%s': asked as %s %s, but it is already a %s of %s %s", op,
                     taken->name, gantry_dtype_name (dtype), asked, taken->op->name, gantry_dtype_name (taken->dtype), found);
  return gantry_graph_poison (self, shape, dtype);
}

static GantryTensor *
named_input (GantryGraph *self, const GantryOp *op, GantryInputKind kind, const gchar *name, const GantryShape *shape, GantryDType dtype)
{
  GantryTensor *tensor;

  if (!check_input (self, op->name, name, shape, dtype))
    return gantry_graph_poison (self, shape, dtype);
  tensor = g_hash_table_lookup (self->inputs_by_name, name);
  if (tensor == NULL)
    return add_input (self, op, kind, name, shape, dtype);
  if (!same_input (tensor, op, kind, shape, dtype))
    return fail_taken (self, tensor, op->name, shape, dtype);
  _gantry_graph_note_input (self, tensor);
  return tensor;
}

/**
 * gantry_graph_feed:
 * @self: a graph
 * @name: full name, used as it is
 * @shape: its shape
 * @dtype: its dtype
 *
 * An input that is bound to an array before each run.  Asking again with the same name, shape and dtype gives
 * the same tensor; with others it is an error that sticks.
 *
 * Returns: (transfer none): a tensor of @shape
 */
GantryTensor *
gantry_graph_feed (GantryGraph *self, const gchar *name, const GantryShape *shape, GantryDType dtype)
{
  return named_input (self, &_gantry_op_feed, GANTRY_INPUT_FEED, name, shape, dtype);
}

static gchar *
make_unique (GHashTable *taken, const gchar *name)
{
  gchar *unique = g_strdup (name);

  for (guint n = 2; g_hash_table_contains (taken, unique); n++)
    {
      g_free (unique);
      unique = g_strdup_printf ("%s#%u", name, n);
    }
  return unique;
}

/* An earlier stage may have it already; of another shape it is another tensor, whose numbers are drawn by the same name. */
static GantryTensor *
add_random (GantryGraph *self, GantryInputKind kind, const gchar *name, const GantryShape *shape)
{
  GantryTensor *tensor = g_hash_table_lookup (self->inputs_by_name, name);
  g_autofree gchar *base = NULL;
  g_autofree gchar *other = NULL;

  if (tensor == NULL)
    return add_input (self, &_gantry_op_random, kind, name, shape, self->dtype);
  _gantry_graph_note_input (self, tensor);
  if (same_input (tensor, &_gantry_op_random, kind, shape, self->dtype))
    return tensor;
  base = g_strdup_printf ("%s@%u", name, self->stage);
  other = make_unique (self->inputs_by_name, base);
  tensor = add_input (self, &_gantry_op_random, kind, other, shape, self->dtype);
  tensor->draw = _gantry_graph_intern (self, name);
  return tensor;
}

/**
 * gantry_graph_random:
 * @self: a graph
 * @kind: %GANTRY_INPUT_NORMAL (mean 0, variance 1) or %GANTRY_INPUT_UNIFORM (in [0, 1))
 * @name: a name in the present scope; where the full name is taken already, "#2", "#3", ... is appended
 * @shape: its shape; axis 0 is the sample axis
 *
 * An input that is drawn anew in each run, in the graph's dtype, unless an array is bound to it.  Each call makes
 * a new one.
 *
 * Returns: (transfer none): a tensor of @shape
 */
GantryTensor *
gantry_graph_random (GantryGraph *self, GantryInputKind kind, const gchar *name, const GantryShape *shape)
{
  g_autofree gchar *full = NULL;
  g_autofree gchar *unique = NULL;

  if (!check_input (self, "random", name, shape, self->dtype))
    return gantry_graph_poison (self, shape, self->dtype);
  if (kind != GANTRY_INPUT_NORMAL && kind != GANTRY_INPUT_UNIFORM)
    {
      gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "random '%s': kind %d is neither normal nor uniform", name, kind);
      return gantry_graph_poison (self, shape, self->dtype);
    }
  full = gantry_graph_qualify (self, name);
  unique = make_unique (self->stage_names, full);
  return add_random (self, kind, unique, shape);
}

static GantryTensor *
add_scalar (GantryGraph *self, GantryComponent *component, const gchar *key, const gchar *name)
{
  static const GantryShape shape = { 0, { 0 } };
  GantryTensor *tensor = add_input (self, &_gantry_op_scalar, GANTRY_INPUT_SCALAR, name, &shape, self->dtype);

  tensor->component = component;
  tensor->key = _gantry_graph_intern (self, key);
  g_ptr_array_add (self->components, g_object_ref (component));
  return tensor;
}

static GantryTensor *
find_scalar (GantryGraph *self, GantryComponent *component, const gchar *key)
{
  for (guint i = 0; i < self->inputs->len; i++)
    {
      GantryTensor *tensor = g_ptr_array_index (self->inputs, i);

      if (tensor->component == component && component != NULL && g_str_equal (tensor->key, key))
        return tensor;
    }
  return NULL;
}

static gboolean
is_number (const GParamSpec *pspec)
{
  GType type = G_PARAM_SPEC_VALUE_TYPE (pspec);

  return type == G_TYPE_DOUBLE || type == G_TYPE_FLOAT || type == G_TYPE_INT64 || type == G_TYPE_UINT64 || type == G_TYPE_INT ||
         type == G_TYPE_UINT || type == G_TYPE_BOOLEAN;
}

static gboolean
check_scalar (GantryGraph *self, GantryComponent *component, const gchar *key)
{
  GParamSpec *pspec = g_object_class_find_property (G_OBJECT_GET_CLASS (component), key);
  g_autofree GParamSpec **all = NULL;
  g_autofree const gchar **names = NULL;
  const gchar *nearest;
  guint n = 0;

  if (pspec != NULL && is_number (pspec))
    return TRUE;
  if (pspec != NULL)
    {
      gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "scalar '%s': the property is a %s, not a number", key,
                         g_type_name (G_PARAM_SPEC_VALUE_TYPE (pspec)));
      return FALSE;
    }
  all = g_object_class_list_properties (G_OBJECT_GET_CLASS (component), &n);
  names = g_new0 (const gchar *, n + 1);
  for (guint i = 0; i < n; i++)
    names[i] = g_param_spec_get_name (all[i]);
  nearest = gantry_nearest_name (key, names);
  if (nearest != NULL)
    gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "scalar '%s': no such property; the nearest is '%s'", key, nearest);
  else
    gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_NAME, "scalar '%s': no such property", key);
  return FALSE;
}

/**
 * gantry_graph_scalar:
 * @self: a graph
 * @component: whose property it is; the graph holds a reference
 * @key: name of a numeric property
 *
 * The present value of a property as a scalar of the graph's dtype: read at each run, so it may follow a schedule.
 * Its input name is "KIND.INSTANCE.KEY".
 *
 * Returns: (transfer none): a tensor of shape []
 */
GantryTensor *
gantry_graph_scalar (GantryGraph *self, GantryComponent *component, const gchar *key)
{
  GantryTensor *tensor = find_scalar (self, component, key);
  g_autofree gchar *name = NULL;
  g_autofree gchar *unique = NULL;
  const gchar *kind, *instance;

  if (tensor != NULL)
    {
      _gantry_graph_note_input (self, tensor);
      return tensor;
    }
  if (!GANTRY_IS_COMPONENT (component))
    {
      gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "scalar '%s': no component", key);
      return gantry_graph_poison (self, GANTRY_SCALAR, self->dtype);
    }
  if (!check_scalar (self, component, key))
    return gantry_graph_poison (self, GANTRY_SCALAR, self->dtype);
  kind = gantry_component_get_kind (component);
  instance = gantry_component_get_instance (component);
  if (instance == NULL)
    instance = gantry_component_get_name (component);
  name = g_strdup_printf ("%s.%s.%s", kind != NULL ? kind : "component", instance != NULL ? instance : G_OBJECT_TYPE_NAME (component), key);
  unique = make_unique (self->inputs_by_name, name);
  return add_scalar (self, component, key, unique);
}

/**
 * gantry_graph_find_input:
 * @self: a graph
 * @name: full name of a feed, random tensor or scalar
 *
 * Returns: (transfer none) (nullable): the input, %NULL where there is none of that name
 */
GantryTensor *
gantry_graph_find_input (GantryGraph *self, const gchar *name)
{
  return g_hash_table_lookup (self->inputs_by_name, name);
}

/**
 * gantry_graph_list_inputs:
 * @self: a graph
 *
 * Returns: (transfer container) (element-type GantryTensor): feeds, random tensors and scalars in the order they
 *   were made
 */
GPtrArray *
gantry_graph_list_inputs (GantryGraph *self)
{
  return g_ptr_array_copy (self->inputs, NULL, NULL);
}

static GantryTensor *
import_scalar (GantryGraph *to, GantryTensor *leaf)
{
  GantryTensor *tensor = find_scalar (to, leaf->component, leaf->key);

  return tensor != NULL ? tensor : add_scalar (to, leaf->component, leaf->key, leaf->name);
}

static GantryTensor *
import_variable (GantryGraph *to, const GantryVariable *variable)
{
  const gchar *prefix = to->prefix;
  GantryVariable *copy;

  to->prefix = "";
  copy = gantry_graph_variable (to, variable->name, &variable->shape, variable->dtype, &variable->initializer, variable->trainable);
  to->prefix = prefix;
  return _gantry_variable_leaf (copy);
}

GantryTensor *
_gantry_graph_import (GantryGraph *to, GantryTensor *leaf)
{
  const gchar *label = _gantry_graph_swap_label (to, leaf->scope);
  GantryTensor *tensor;

  if (leaf->op == &_gantry_op_feed || leaf->op == &_gantry_op_random)
    {
      tensor = named_input (to, leaf->op, leaf->input_kind, leaf->name, &leaf->shape, leaf->dtype);
      tensor->draw = leaf->draw != NULL ? _gantry_graph_intern (to, leaf->draw) : NULL;
    }
  else if (leaf->op == &_gantry_op_scalar)
    tensor = import_scalar (to, leaf);
  else if (leaf->op == &_gantry_op_variable)
    tensor = import_variable (to, leaf->variable);
  else if (leaf->op == &_gantry_op_poison)
    tensor = gantry_graph_poison (to, &leaf->shape, leaf->dtype);
  else
    tensor = _gantry_graph_apply (to, leaf->op, NULL, 0, leaf->ints, leaf->n_ints, leaf->reals, leaf->n_reals);
  to->label = label;
  return tensor;
}
