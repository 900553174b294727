/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Keys that the host takes from a component's section for itself: one table a kind, and a component behind it. */
#include "train/average-private.h"
#include "train/pipeline-private.h"

#define WEIGHT_AND_MATCH \
  GANTRY_DOUBLE ("weight", 0, 1e6, 1, GANTRY_SCHEDULABLE, "", "multiplies what it adds to an objective"), \
  GANTRY_LIST ("match", NULL, 0, "matches of the game that it applies to; none for all")

static const GantryProperty loss_table[] = { WEIGHT_AND_MATCH, GANTRY_END };

static const GantryProperty regularizer_table[] = {
  GANTRY_INT ("interval", 1, 1000000, 1, 0, "steps", "it is part of every so many steps, so many times as strong"),
  GANTRY_ENUM ("step", "separate|fused", "separate", 0, "whether it then takes a step of its own, or is added to the ordinary one"),
  WEIGHT_AND_MATCH,
  GANTRY_END
};

static const GantryProperty network_table[] = {
  GANTRY_STRING ("role", NULL, 0, "role that its architecture plays; by default what the game says"),
  GANTRY_LIST ("freeze", NULL, 0, "patterns of names of variables that are not trained"),
  GANTRY_END
};

typedef struct {
  GantryComponent parent_instance;
} GantryHostKeys;

typedef struct {
  GantryComponentClass parent_class;
} GantryHostKeysClass;

#define DEFINE_KEYS(Name, name, table) \
  typedef GantryHostKeys Name; \
  typedef GantryHostKeysClass Name##Class; \
  static GType name##_get_type (void); \
  G_DEFINE_TYPE (Name, name, GANTRY_TYPE_COMPONENT) \
  static void name##_class_init (Name##Class *klass) \
  { \
    gantry_component_class_install (GANTRY_COMPONENT_CLASS (klass), table, sizeof table[0]); \
  } \
  static void name##_init (Name *self) \
  { \
  }

DEFINE_KEYS (GantryLossKeys, loss_keys, loss_table)
DEFINE_KEYS (GantryRegularizerKeys, regularizer_keys, regularizer_table)
DEFINE_KEYS (GantryNetworkKeys, network_keys, network_table)

GantryComponent *
_gantry_host_keys_new (const gchar *kind, const gchar *name, const gchar *instance)
{
  const GType type = g_str_equal (kind, "loss")          ? loss_keys_get_type ()
                     : g_str_equal (kind, "regularizer") ? regularizer_keys_get_type ()
                     : g_str_equal (kind, "network")     ? network_keys_get_type ()
                                                         : G_TYPE_INVALID;
  GantryComponent *self;

  if (type == G_TYPE_INVALID)
    return NULL;
  self = g_object_new (type, NULL);
  gantry_component_set_identity (self, kind, name, instance);
  return self;
}

/**
 * gantry_pipeline_new_keys:
 * @kind: a kind of plugin, or `pipeline`, `average` or `network`, whose sections have no plugin's properties or those of an architecture
 *
 * The keys that a section of a pipeline has beside `plugin` and the properties of its plugin, such as `weight` of a loss, as properties of
 * a component: their types, ranges, defaults and descriptions are those that pipelines are checked by.
 *
 * Returns: (transfer full) (nullable): a component, or %NULL where there are none
 */
GantryComponent *
gantry_pipeline_new_keys (const gchar *kind)
{
  if (g_str_equal (kind, "pipeline"))
    return _gantry_settings_new ();
  if (g_str_equal (kind, GANTRY_AVERAGE_KIND))
    return _gantry_average_settings_new ("");
  if (g_str_equal (kind, "architecture"))
    kind = "network";
  return _gantry_host_keys_new (kind, kind, kind);
}
