/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "core/component-private.h"

#include "core/error-private.h"
#include "core/property-private.h"

#include <gantry/log.h>

#include <string.h>

typedef struct {
  gchar *kind;
  gchar *name;
  gchar *instance;
  GHashTable *values;   /* GParamSpec -> GValue, of the properties that come from a table; complete from the start */
  GHashTable *set_keys; /* names of the properties that were written */
  gboolean frozen;
  gpointer data;
  GDestroyNotify destroy;
} GantryComponentPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GantryComponent, gantry_component, G_TYPE_OBJECT)

static G_DEFINE_QUARK (gantry-component-problem, problem)

static GantryComponentPrivate *
get_private (gpointer self)
{
  return gantry_component_get_instance_private (self);
}

static void
value_free (gpointer data)
{
  g_value_unset (data);
  g_free (data);
}

static GValue *
get_value (gpointer self, GParamSpec *pspec)
{
  GantryComponentPrivate *priv = get_private (self);
  GValue *value = g_hash_table_lookup (priv->values, pspec);

  if (value == NULL)
    {
      value = g_new0 (GValue, 1);
      g_value_init (value, G_PARAM_SPEC_VALUE_TYPE (pspec));
      _gantry_param_set_default (pspec, value);
      g_hash_table_insert (priv->values, pspec, value);
    }
  return value;
}

static void
table_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GantryComponentPrivate *priv = get_private (object);

  if (priv->frozen && !(pspec->flags & GANTRY_SCHEDULABLE))
    {
      gantry_log_message ("component", GANTRY_LOG_ERROR, "%s/%s: %s cannot change any more: the graph is compiled", priv->kind, priv->name,
                          pspec->name);
      return;
    }
  g_value_copy (value, get_value (object, pspec));
  if (!priv->frozen)
    g_hash_table_add (priv->set_keys, (gpointer) pspec->name);
}

static void
table_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_copy (get_value (object, pspec), value);
}

static void
gantry_component_init (GantryComponent *self)
{
  GantryComponentPrivate *priv = get_private (self);

  priv->values = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, value_free);
  priv->set_keys = g_hash_table_new (g_str_hash, g_str_equal);
}

/* Every value exists before anything reads or writes one, so that reading from several threads needs no lock. */
static void
gantry_component_constructed (GObject *object)
{
  g_autofree GParamSpec **pspecs = NULL;
  guint n = 0;

  G_OBJECT_CLASS (gantry_component_parent_class)->constructed (object);
  pspecs = g_object_class_list_properties (G_OBJECT_GET_CLASS (object), &n);
  for (guint i = 0; i < n; i++)
    {
      GObjectClass *owner = g_type_class_peek (pspecs[i]->owner_type);

      if (owner != NULL && owner->set_property == table_set_property)
        get_value (object, pspecs[i]);
    }
}

static void
gantry_component_finalize (GObject *object)
{
  GantryComponentPrivate *priv = get_private (object);

  if (priv->destroy != NULL)
    priv->destroy (priv->data);
  g_hash_table_unref (priv->values);
  g_hash_table_unref (priv->set_keys);
  g_free (priv->kind);
  g_free (priv->name);
  g_free (priv->instance);
  G_OBJECT_CLASS (gantry_component_parent_class)->finalize (object);
}

static void
gantry_component_class_init (GantryComponentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->constructed = gantry_component_constructed;
  object_class->finalize = gantry_component_finalize;
}

/**
 * gantry_component_class_install:
 * @klass: the class that is being initialised
 * @properties: its table, ended by %GANTRY_END; read here only
 * @stride: bytes from one line of the table to the next: what a line was when the plugin was built
 *
 * Makes a property of each line, with its value kept by the host.  Called by [func@Gantry.PLUGIN].  A line that
 * contradicts itself is remembered, and [method@Gantry.Registry.create] refuses the component with it.
 */
void
gantry_component_class_install (GantryComponentClass *klass, const GantryProperty *properties, gsize stride)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_OBJECT_CLASS_TYPE (klass);
  const gchar *line = (const gchar *) properties;

  object_class->set_property = table_set_property;
  object_class->get_property = table_get_property;
  for (guint id = 1;; id++, line += stride)
    {
      GantryProperty property = { 0 };
      GParamSpec *pspec;
      g_autoptr (GError) error = NULL;

      memcpy (&property, line, MIN (stride, sizeof property));
      if (property.type == GANTRY_PROPERTY_END)
        return;
      if (property.name != NULL && g_object_class_find_property (object_class, property.name) != NULL)
        g_set_error (&error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "property '%s': declared twice", property.name);
      pspec = error == NULL ? _gantry_property_to_param (&property, type, &error) : NULL;
      if (pspec == NULL)
        {
          g_type_set_qdata (type, problem_quark (), (gpointer) g_intern_string (error->message));
          return;
        }
      g_object_class_install_property (object_class, id, pspec);
    }
}

const gchar *
_gantry_component_class_problem (GType type)
{
  return g_type_get_qdata (type, problem_quark ());
}

/**
 * gantry_component_get_kind:
 * @self: a component
 *
 * Returns: (transfer none) (nullable): its kind, such as "loss"; %NULL before [method@Gantry.Component.set_identity]
 */
const gchar *
gantry_component_get_kind (GantryComponent *self)
{
  g_return_val_if_fail (GANTRY_IS_COMPONENT (self), NULL);
  return get_private (self)->kind;
}

/**
 * gantry_component_get_name:
 * @self: a component
 *
 * Returns: (transfer none) (nullable): the name of its plugin, such as "hinge"; %NULL before
 *   [method@Gantry.Component.set_identity]
 */
const gchar *
gantry_component_get_name (GantryComponent *self)
{
  g_return_val_if_fail (GANTRY_IS_COMPONENT (self), NULL);
  return get_private (self)->name;
}

/**
 * gantry_component_get_instance:
 * @self: a component
 *
 * Returns: (transfer none) (nullable): what its pipeline calls it, by default its name; %NULL before
 *   [method@Gantry.Component.set_identity]
 */
const gchar *
gantry_component_get_instance (GantryComponent *self)
{
  g_return_val_if_fail (GANTRY_IS_COMPONENT (self), NULL);
  return get_private (self)->instance;
}

/**
 * gantry_component_set_identity:
 * @self: a component
 * @kind: its kind, such as "loss"
 * @name: its name within the kind, such as "hinge"
 * @instance: (nullable): what its pipeline calls it; %NULL for @name
 *
 * Says what a component is called in messages, scopes and checkpoints; the registry does so when it makes one.
 */
void
gantry_component_set_identity (GantryComponent *self, const gchar *kind, const gchar *name, const gchar *instance)
{
  GantryComponentPrivate *priv = get_private (self);

  g_return_if_fail (GANTRY_IS_COMPONENT (self) && kind != NULL && name != NULL);
  g_free (priv->kind);
  g_free (priv->name);
  g_free (priv->instance);
  priv->kind = g_strdup (kind);
  priv->name = g_strdup (name);
  priv->instance = g_strdup (instance != NULL ? instance : name);
}

/**
 * gantry_component_freeze:
 * @self: a component
 *
 * Ends the time in which properties can be written: what was compiled from them would not follow.  Properties flagged
 * %GANTRY_SCHEDULABLE still can be moved by `g_object_set`, which is what schedules do.
 */
void
gantry_component_freeze (GantryComponent *self)
{
  g_return_if_fail (GANTRY_IS_COMPONENT (self));
  get_private (self)->frozen = TRUE;
}

/**
 * gantry_component_is_frozen:
 * @self: a component
 *
 * Returns: whether [method@Gantry.Component.freeze] was called
 */
gboolean
gantry_component_is_frozen (GantryComponent *self)
{
  g_return_val_if_fail (GANTRY_IS_COMPONENT (self), FALSE);
  return get_private (self)->frozen;
}

/**
 * gantry_component_set_data:
 * @self: (type GantryComponent): a component
 * @data: (nullable): private data of the plugin
 * @destroy: (nullable): frees @data, with the component or when other data takes its place
 *
 * Keeps what a component needs between calls, since its instance struct holds nothing of its own.
 */
void
gantry_component_set_data (gpointer self, gpointer data, GDestroyNotify destroy)
{
  GantryComponentPrivate *priv = get_private (self);
  gpointer old = priv->data;
  GDestroyNotify old_destroy = priv->destroy;

  g_return_if_fail (GANTRY_IS_COMPONENT (self));
  priv->data = data;
  priv->destroy = destroy;
  if (old_destroy != NULL)
    old_destroy (old);
}

/**
 * gantry_component_get_data:
 * @self: (type GantryComponent): a component
 *
 * Returns: (transfer none) (nullable): what [func@Gantry.Component.set_data] was given
 */
gpointer
gantry_component_get_data (gpointer self)
{
  g_return_val_if_fail (GANTRY_IS_COMPONENT (self), NULL);
  return get_private (self)->data;
}

void
_gantry_component_mark_set (GantryComponent *self, GParamSpec *pspec)
{
  g_hash_table_add (get_private (self)->set_keys, (gpointer) pspec->name);
}

/**
 * gantry_component_is_set:
 * @self: a component
 * @key: the name of a property
 *
 * Returns: whether it was written, be it with its default, before the component was frozen
 */
gboolean
gantry_component_is_set (GantryComponent *self, const gchar *key)
{
  g_return_val_if_fail (GANTRY_IS_COMPONENT (self) && key != NULL, FALSE);
  return g_hash_table_contains (get_private (self)->set_keys, key);
}
