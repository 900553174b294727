/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/log.h>
#include <gantry/plugin.h>

static G_DEFINE_QUARK (gantry-plugin-descriptor, descriptor)

/**
 * gantry_plugin_register_type:
 * @descriptor: the plugin's descriptor
 * @interface_type: the interface of its kind
 * @instance_size: size of its instance struct, which is that of #GantryComponent
 * @class_init: installs its properties
 * @interface_init: fills its vtable
 *
 * Registers the type `gantry+KIND+NAME`, derived from #GantryComponent.  Called by [func@Gantry.PLUGIN].
 *
 * Returns: the type; %G_TYPE_NONE if another file of this process has registered that name already, or the struct is
 *   too small
 */
GType
gantry_plugin_register_type (const GantryPluginDescriptor *descriptor, GType interface_type, gsize instance_size, GClassInitFunc class_init,
                             GInterfaceInitFunc interface_init)
{
  g_autofree gchar *type_name = NULL;
  GInterfaceInfo interface_info = { interface_init, NULL, NULL };
  GTypeQuery parent;
  GTypeInfo info = { 0 };
  GType type;

  g_return_val_if_fail (descriptor != NULL && descriptor->kind != NULL && descriptor->name != NULL, G_TYPE_NONE);
  type_name = g_strdup_printf ("gantry+%s+%s", descriptor->kind, descriptor->name);
  type = g_type_from_name (type_name);
  if (type != 0)
    return g_type_get_qdata (type, descriptor_quark ()) == descriptor ? type : G_TYPE_NONE;

  g_type_query (GANTRY_TYPE_COMPONENT, &parent);
  if (instance_size < parent.instance_size || instance_size > G_MAXUINT16)
    {
      gantry_log_message ("registry", GANTRY_LOG_ERROR, "%s: an instance of %" G_GSIZE_FORMAT " bytes is not one of a component, which has %u",
                          type_name, instance_size, parent.instance_size);
      return G_TYPE_NONE;
    }
  info.class_size = parent.class_size;
  info.class_init = class_init;
  info.instance_size = instance_size;
  type = g_type_register_static (GANTRY_TYPE_COMPONENT, type_name, &info, G_TYPE_FLAG_NONE);
  g_type_set_qdata (type, descriptor_quark (), (gpointer) descriptor);
  g_type_add_interface_static (type, interface_type, &interface_info);
  return type;
}
