/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Points of known distributions in one or two dimensions.  The ring of 8 is that of Nagarajan & Kolter 2017 (radius 2, deviation
 * 0.02); the grid of 25 and the Swiss roll have the scales of Gulrajani et al. 2017.
 */
#include <gantry/gantry.h>

#include <math.h>

GANTRY_DECLARE_COMPONENT (MixtureReader, mixture_reader, GANTRY_TYPE_READER)

#define KINDS "gaussian-1d|ring|grid|swiss-roll"

static const GantryProperty mixture_reader_properties[] = {
  GANTRY_ENUM ("kind", KINDS, "ring", 0, "distribution"),
  GANTRY_INT ("count", 1, 1e12, 100000, 0, "points", "size of the data set"),
  GANTRY_INT ("modes", 0, 1e6, 0, 0, "", "components of a ring, or of a grid, where it is a square; 0: 8 and 25"),
  GANTRY_DOUBLE ("radius", 0, 1e6, 0, 0, "", "of the ring or roll, half the width of the grid; 0: 2, and 4 for a grid"),
  GANTRY_DOUBLE ("deviation", 0, 1e6, 0, 0, "", "of each component; 0: 0.5 for gaussian-1d, 0.02 for ring, 0.05 for grid, 0.035 for swiss-roll"),
  GANTRY_DOUBLE ("mean", -1e6, 1e6, 0, 0, "", "of each coordinate"),
  GANTRY_INT ("seed", 0, 9007199254740991.0, 1, 0, "", "decides the points"),
  GANTRY_END
};

/* What each kind is unless the properties say otherwise. */
static const struct {
  const gchar *name;
  gsize n_dims;
  gint64 modes;
  gdouble radius, deviation;
} kinds[] = {
  { "gaussian-1d", 1, 0, 0, 0.5 },
  { "ring", 2, 8, 2, 0.02 },
  { "grid", 2, 25, 4, 0.05 },
  { "swiss-roll", 2, 0, 2, 0.035 },
};

enum { GAUSSIAN, RING, GRID, ROLL };

typedef struct {
  guint kind;
  gint64 count, modes, side;
  gdouble radius, deviation, mean;
  guint64 seed;
  GantryField fields[2];
} Data;

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError **error, const gchar *format, ...)
{
  va_list args;

  va_start (args, format);
  if (error != NULL)
    *error = g_error_new_valist (GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, format, args);
  va_end (args);
  return FALSE;
}

static gboolean
mixture_reader_open (GantryReader *reader, GError **error)
{
  g_autofree gchar *kind = g_strdup (gantry_component_get_enum (reader, "kind"));
  const gint64 modes = gantry_component_get_int (reader, "modes");
  const gdouble radius = gantry_component_get_double (reader, "radius");
  const gdouble deviation = gantry_component_get_double (reader, "deviation");
  Data *data = g_new0 (Data, 1);

  gantry_component_set_data (reader, data, g_free);
  while (!g_str_equal (kinds[data->kind].name, kind))
    data->kind++;
  if (modes > 0 && kinds[data->kind].modes == 0)
    return fail (error, "modes=%" G_GINT64_FORMAT ": kind=%s has no components: kind=ring and kind=grid have", modes, kind);
  if (radius > 0 && kinds[data->kind].radius == 0)
    return fail (error, "radius=%g: kind=%s has no radius: expected mean= and deviation=", radius, kind);
  data->modes = modes > 0 ? modes : kinds[data->kind].modes;
  data->side = llround (sqrt (data->modes));
  if (data->kind == GRID && (data->side * data->side != data->modes || data->side < 2))
    return fail (error, "modes=%" G_GINT64_FORMAT ": a grid has a square number of components from 4 up; nearest is %" G_GINT64_FORMAT, data->modes,
                 MAX (data->side, 2) * MAX (data->side, 2));
  data->radius = radius > 0 ? radius : kinds[data->kind].radius;
  data->deviation = deviation > 0 ? deviation : kinds[data->kind].deviation;
  data->mean = gantry_component_get_double (reader, "mean");
  data->count = gantry_component_get_int (reader, "count");
  data->seed = gantry_component_get_int (reader, "seed");
  data->fields[0] = (GantryField) { "point", { 1, { kinds[data->kind].n_dims } }, GANTRY_FLOAT32 };
  data->fields[1] = (GantryField) { "label", { 0, { 0 } }, GANTRY_INT64 };
  return TRUE;
}

static gsize
mixture_reader_count (GantryReader *reader)
{
  Data *data = gantry_component_get_data (reader);

  return data->count;
}

static const GantryField *
mixture_reader_fields (GantryReader *reader, guint *n_fields)
{
  Data *data = gantry_component_get_data (reader);

  *n_fields = data->modes > 0 ? 2 : 1;
  return data->fields;
}

/* The centre of a component, or the point of the roll, that @draw in [0, 1) chooses. */
static gint64
choose_centre (const Data *data, gdouble draw, gdouble centre[2])
{
  const gint64 mode = MIN ((gint64) (draw * data->modes), data->modes - 1);

  switch (data->kind)
    {
    case RING:
      centre[0] = data->radius * cos (2 * G_PI * mode / data->modes);
      centre[1] = data->radius * sin (2 * G_PI * mode / data->modes);
      break;
    case GRID:
      centre[0] = data->radius * (2.0 * (mode % data->side) / (data->side - 1) - 1);
      centre[1] = data->radius * (2.0 * (mode / data->side) / (data->side - 1) - 1);
      break;
    case ROLL:
      /* From three quarters of a turn to nine quarters. */
      centre[0] = data->radius * (1 + 2 * draw) / 3 * cos (1.5 * G_PI * (1 + 2 * draw));
      centre[1] = data->radius * (1 + 2 * draw) / 3 * sin (1.5 * G_PI * (1 + 2 * draw));
      break;
    default: centre[0] = centre[1] = 0;
    }
  return mode;
}

static gboolean
mixture_reader_read (GantryReader *reader, gsize index, gpointer const *fields, GError **error)
{
  Data *data = gantry_component_get_data (reader);
  gdouble choice[2], noise[2], centre[2];
  gfloat *point = fields[0];
  gint64 mode;

  gantry_random_pair (GANTRY_INPUT_UNIFORM, data->seed, "mixture.component", index, 0, choice);
  gantry_random_pair (GANTRY_INPUT_NORMAL, data->seed, "mixture.deviation", index, 0, noise);
  mode = choose_centre (data, choice[0], centre);
  for (gsize d = 0; d < data->fields[0].shape.dims[0]; d++)
    point[d] = data->mean + centre[d] + data->deviation * noise[d];
  if (data->modes > 0)
    *(gint64 *) fields[1] = mode;
  return TRUE;
}

static void
mixture_reader_interface (GantryReaderInterface *iface)
{
  iface->flags = GANTRY_READER_THREAD_SAFE;
  iface->open = mixture_reader_open;
  iface->count = mixture_reader_count;
  iface->fields = mixture_reader_fields;
  iface->read = mixture_reader_read;
}

GANTRY_PLUGIN (MixtureReader, mixture_reader, reader, "mixture", "1.0", "Points of a known distribution: a Gaussian, a ring, a grid, a Swiss roll")
