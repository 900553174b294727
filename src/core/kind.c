/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The kinds of components that this process knows. */
#include <gantry/registry.h>

#define MAX_KINDS 63

static GMutex lock;
static guint n_kinds;
static const gchar *names[MAX_KINDS + 1]; /* in order of registration; only appended to, so that lists handed out stay good */
static GType types[MAX_KINDS];

static gint
find_kind (const gchar *kind)
{
  for (guint i = 0; i < n_kinds; i++)
    {
      if (g_str_equal (names[i], kind))
        return i;
    }
  return -1;
}

/**
 * gantry_kind_register:
 * @kind: kebab-case name of a kind, such as "loss"
 * @interface_type: the interface that components of the kind implement
 *
 * Makes a kind of components known.  [func@Gantry.init] does so for the kinds of Gantry itself; registering a kind
 * again with the same interface does nothing.
 */
void
gantry_kind_register (const gchar *kind, GType interface_type)
{
  GType known = interface_type;
  gint i;

  g_return_if_fail (kind != NULL && G_TYPE_IS_INTERFACE (interface_type));
  g_return_if_fail (n_kinds < MAX_KINDS);
  g_mutex_lock (&lock);
  i = find_kind (kind);
  if (i >= 0)
    known = types[i];
  else
    {
      types[n_kinds] = interface_type;
      names[n_kinds] = g_intern_string (kind);
      n_kinds++;
    }
  g_mutex_unlock (&lock);
  if (known != interface_type)
    g_critical ("kind '%s' is already that of %s", kind, g_type_name (known));
}

/**
 * gantry_kind_get_interface:
 * @kind: a kind
 *
 * Returns: the interface that its components implement; %G_TYPE_INVALID if the kind is not known
 */
GType
gantry_kind_get_interface (const gchar *kind)
{
  GType type;
  gint i;

  g_return_val_if_fail (kind != NULL, G_TYPE_INVALID);
  g_mutex_lock (&lock);
  i = find_kind (kind);
  type = i >= 0 ? types[i] : G_TYPE_INVALID;
  g_mutex_unlock (&lock);
  return type;
}

/**
 * gantry_kind_list:
 *
 * Returns: (transfer none) (array zero-terminated=1): the kinds that are known, in order of registration; lives as long
 *   as the process
 */
const gchar *const *
gantry_kind_list (void)
{
  return names;
}
