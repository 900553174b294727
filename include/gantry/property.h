/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/macros.h>

G_BEGIN_DECLS

/**
 * GantryPropertyFlags:
 * @GANTRY_SCHEDULABLE: a double that reaches the graph as a scalar tensor, so that a schedule can move it
 * @GANTRY_REQUIRED: a pipeline that does not set it is refused
 *
 * Both are user bits of #GParamFlags, so a component written without the macros can set them too.
 */
typedef enum {
  GANTRY_SCHEDULABLE = 1 << (G_PARAM_USER_SHIFT + 0),
  GANTRY_REQUIRED = 1 << (G_PARAM_USER_SHIFT + 1)
} GantryPropertyFlags;

/**
 * GantryPropertyType:
 *
 * The type of a property: how its text in a pipeline is read, and the #GParamSpec it becomes.
 */
typedef enum {
  GANTRY_PROPERTY_END,
  GANTRY_PROPERTY_BOOL,   /* GParamSpecBoolean: true|false|yes|no|on|off */
  GANTRY_PROPERTY_INT,    /* GParamSpecInt64: counts take k = 10^3, M = 10^6 */
  GANTRY_PROPERTY_DOUBLE, /* GParamSpecDouble */
  GANTRY_PROPERTY_SIZE,   /* GParamSpecUInt64: bytes, K, M, G = 2^10n */
  GANTRY_PROPERTY_STRING, /* GParamSpecString */
  GANTRY_PROPERTY_ENUM,   /* GParamSpecEnum over a type registered from "a|b|c" */
  GANTRY_PROPERTY_LIST,   /* GParamSpecBoxed of G_TYPE_STRV: items separated by ';' or newlines, blanks trimmed */
  GANTRY_PROPERTY_PATH    /* GParamSpecString: relative to the file that names it */
} GantryPropertyType;

/**
 * GantryProperty:
 *
 * One line of a component's property table; written with the macros below.
 */
typedef struct {
  GantryPropertyType type;
  guint flags;
  const gchar *name;
  gdouble minimum;
  gdouble maximum;
  gdouble number;      /* default of bool, int, double, size */
  const gchar *text;   /* default of string, list, path; of an enum the nick */
  const gchar *values; /* an enum's values, "a|b|c" */
  const gchar *unit;   /* "images", "logits", ... or "" */
  const gchar *blurb;
} GantryProperty;

#define GANTRY_BOOL(name, default, flags, blurb) \
  { GANTRY_PROPERTY_BOOL, flags, name, 0, 1, default, NULL, NULL, "", blurb }
#define GANTRY_INT(name, minimum, maximum, default, flags, unit, blurb) \
  { GANTRY_PROPERTY_INT, flags, name, minimum, maximum, default, NULL, NULL, unit, blurb }
#define GANTRY_DOUBLE(name, minimum, maximum, default, flags, unit, blurb) \
  { GANTRY_PROPERTY_DOUBLE, flags, name, minimum, maximum, default, NULL, NULL, unit, blurb }
#define GANTRY_SIZE(name, minimum, maximum, default, flags, unit, blurb) \
  { GANTRY_PROPERTY_SIZE, flags, name, minimum, maximum, default, NULL, NULL, unit, blurb }
#define GANTRY_STRING(name, default, flags, blurb) \
  { GANTRY_PROPERTY_STRING, flags, name, 0, 0, 0, default, NULL, "", blurb }
#define GANTRY_ENUM(name, values, default, flags, blurb) \
  { GANTRY_PROPERTY_ENUM, flags, name, 0, 0, 0, default, values, "", blurb }
#define GANTRY_LIST(name, default, flags, blurb) \
  { GANTRY_PROPERTY_LIST, flags, name, 0, 0, 0, default, NULL, "", blurb }
#define GANTRY_PATH(name, default, flags, blurb) \
  { GANTRY_PROPERTY_PATH, flags, name, 0, 0, 0, default, NULL, "", blurb }
#define GANTRY_END { GANTRY_PROPERTY_END, 0, NULL, 0, 0, 0, NULL, NULL, NULL, NULL }

GANTRY_API const gchar *gantry_param_get_unit (GParamSpec *pspec);
GANTRY_API gboolean gantry_param_is_path (GParamSpec *pspec);
GANTRY_API gchar *gantry_param_describe_type (GParamSpec *pspec);
GANTRY_API gchar *gantry_param_describe_range (GParamSpec *pspec);
GANTRY_API gboolean gantry_param_parse (GParamSpec *pspec, const gchar *text, GValue *value, GError **error);
GANTRY_API gchar *gantry_param_format (GParamSpec *pspec, const GValue *value);

G_END_DECLS
