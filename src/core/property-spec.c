/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From one line of a property table to a GParamSpec. */
#include "core/property-private.h"

#include "core/error-private.h"

#include <math.h>
#include <string.h>

static G_DEFINE_QUARK (gantry-param-unit, unit)
static G_DEFINE_QUARK (gantry-param-path, path)
static G_DEFINE_QUARK (gantry-param-list-default, list_default)

/**
 * gantry_param_get_unit:
 * @pspec: a property
 *
 * Returns: (transfer none): the unit of its numbers, such as "images" or "logits"; "" where it has none
 */
const gchar *
gantry_param_get_unit (GParamSpec *pspec)
{
  const gchar *unit = g_param_spec_get_qdata (pspec, unit_quark ());

  return unit != NULL ? unit : "";
}

/**
 * gantry_param_is_path:
 * @pspec: a property
 *
 * Returns: whether its text names a file, relative to the pipeline file that says it
 */
gboolean
gantry_param_is_path (GParamSpec *pspec)
{
  return g_param_spec_get_qdata (pspec, path_quark ()) != NULL;
}

/* Doubles in the table stand for integers that may lie beyond what a double holds exactly. */
static gint64
to_int64 (gdouble number)
{
  if (number >= 9223372036854775808.0)
    return G_MAXINT64;
  if (number <= -9223372036854775808.0)
    return G_MININT64;
  return (gint64) number;
}

static guint64
to_uint64 (gdouble number)
{
  if (number >= 18446744073709551616.0)
    return G_MAXUINT64;
  return number <= 0 ? 0 : (guint64) number;
}

static GType
register_enum (GType owner, const GantryProperty *property, gchar **nicks)
{
  g_autofree gchar *type_name = g_strdup_printf ("%s+%s", g_type_name (owner), property->name);
  GEnumValue *values;
  guint n = g_strv_length (nicks);

  if (g_type_from_name (type_name) != 0)
    return g_type_from_name (type_name);
  values = g_new0 (GEnumValue, n + 1); /* static types keep it */
  for (guint i = 0; i < n; i++)
    {
      values[i].value = i;
      values[i].value_name = g_intern_string (nicks[i]);
      values[i].value_nick = values[i].value_name;
    }
  return g_enum_register_static (type_name, values);
}

static GParamSpec *
enum_to_param (const GantryProperty *property, GType owner, GParamFlags flags, GError **error)
{
  g_auto (GStrv) nicks = g_strsplit (property->values != NULL ? property->values : "", "|", -1);

  for (gint i = 0; nicks[i] != NULL; i++)
    {
      if (property->text != NULL && g_str_equal (nicks[i], property->text))
        return g_param_spec_enum (property->name, property->name, property->blurb, register_enum (owner, property, nicks), i, flags);
    }
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "property '%s': its default '%s' is not one of its values '%s'",
               property->name, property->text, property->values);
  return NULL;
}

static gboolean
check_numbers (const GantryProperty *property, GError **error)
{
  gboolean whole = property->type != GANTRY_PROPERTY_DOUBLE;

  if (!(property->minimum <= property->number && property->number <= property->maximum))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "property '%s': its default %g is not in its range, %g to %g",
                   property->name, property->number, property->minimum, property->maximum);
      return FALSE;
    }
  if (whole && property->number != floor (property->number))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "property '%s': its default %g is not a whole number",
                   property->name, property->number);
      return FALSE;
    }
  return TRUE;
}

static GParamSpec *
make_param (const GantryProperty *property, GType owner, GError **error)
{
  const gchar *name = property->name;
  const gchar *blurb = property->blurb;
  GParamFlags flags = G_PARAM_READWRITE | (property->flags & (GANTRY_SCHEDULABLE | GANTRY_REQUIRED));

  switch (property->type)
    {
    case GANTRY_PROPERTY_BOOL:
      return g_param_spec_boolean (name, name, blurb, property->number != 0, flags);
    case GANTRY_PROPERTY_INT:
      return g_param_spec_int64 (name, name, blurb, to_int64 (property->minimum), to_int64 (property->maximum), to_int64 (property->number),
                                 flags);
    case GANTRY_PROPERTY_SIZE:
      return g_param_spec_uint64 (name, name, blurb, to_uint64 (property->minimum), to_uint64 (property->maximum),
                                  to_uint64 (property->number), flags);
    case GANTRY_PROPERTY_DOUBLE:
      return g_param_spec_double (name, name, blurb, property->minimum, property->maximum, property->number, flags);
    case GANTRY_PROPERTY_STRING:
    case GANTRY_PROPERTY_PATH:
      return g_param_spec_string (name, name, blurb, property->text, flags);
    case GANTRY_PROPERTY_ENUM:
      return enum_to_param (property, owner, flags, error);
    case GANTRY_PROPERTY_LIST:
      return g_param_spec_boxed (name, name, blurb, G_TYPE_STRV, flags);
    case GANTRY_PROPERTY_END:
      break;
    }
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "property '%s': its type %d is not known to this host", name,
               property->type);
  return NULL;
}

GParamSpec *
_gantry_property_to_param (const GantryProperty *property, GType owner, GError **error)
{
  GParamSpec *pspec;

  if (property->name == NULL || !g_param_spec_is_valid_name (property->name) || strchr (property->name, '_') != NULL)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "property '%s': a name is letters, digits and '-'", property->name);
      return NULL;
    }
  if ((property->flags & GANTRY_SCHEDULABLE) && property->type != GANTRY_PROPERTY_DOUBLE)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "property '%s': only a double can be schedulable", property->name);
      return NULL;
    }
  if (property->type <= GANTRY_PROPERTY_SIZE && !check_numbers (property, error))
    return NULL;
  pspec = make_param (property, owner, error);
  if (pspec == NULL)
    return NULL;
  if (property->unit != NULL && property->unit[0] != '\0')
    g_param_spec_set_qdata (pspec, unit_quark (), (gpointer) g_intern_string (property->unit));
  if (property->type == GANTRY_PROPERTY_PATH)
    g_param_spec_set_qdata (pspec, path_quark (), GINT_TO_POINTER (1));
  if (property->type == GANTRY_PROPERTY_LIST)
    g_param_spec_set_qdata_full (pspec, list_default_quark (), _gantry_list_split (property->text != NULL ? property->text : ""),
                                 (GDestroyNotify) g_strfreev);
  return pspec;
}

void
_gantry_param_set_default (GParamSpec *pspec, GValue *value)
{
  gpointer list = g_param_spec_get_qdata (pspec, list_default_quark ());

  if (list != NULL)
    g_value_set_boxed (value, list);
  else
    g_param_value_set_default (pspec, value);
}
