/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images of any size made square, row by row. */
#include <gantry/image-fit.h>

#include <gantry/error.h>
#include <math.h>
#include <string.h>

#define MAX_CHANNELS 4
#define MAX_SIDE 1000000
#define MAX_RESOLUTION 16384
#define N_ORIENTATIONS 8

/*
 * The taps of one output position along an axis of the square: so many weights, from position `first` of the image on. Where the square is larger
 * than the image, taps outside of it are left out, and `covered` is the sum of those that are left.
 */
typedef struct {
  gsize first;
  gsize count;
  const gdouble *weights;
  gdouble covered;
} Taps;

typedef struct {
  Taps *taps;
  gdouble *weights;
} Axis;

struct _GantryImageFitter {
  gsize channels;
  gsize height;
  gsize width;
  gsize resolution;
  guint orientation;
  gboolean is_padded;
  Axis columns;
  Axis rows;
  gsize n_rows;    /* that were added */
  gsize first_due; /* the first output row that later rows contribute to */
  gdouble *line;   /* [channels, resolution]: one row, resized */
  gdouble *sums;   /* [channels, resolution, resolution] */
  GArray *border;  /* of guint32, where it is padded */
};

static gboolean
is_flipped_vertically (guint orientation)
{
  return orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
}

static gboolean
is_flipped_horizontally (guint orientation)
{
  return orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
}

static gboolean
is_transposed (guint orientation)
{
  return orientation >= 5;
}

/* Where a square begins along an axis of the image, negative where it is larger. An odd pixel is left over at the end that is shown last. */
static gssize
find_origin (gsize length, gsize size, gboolean is_flipped)
{
  const gssize spare = (gssize) length - (gssize) size;
  const gssize half = spare >= 0 ? spare / 2 : -(-spare / 2);

  return is_flipped ? spare - half : half;
}

/*
 * Triangle filter, antialiased: its half width is one input pixel when enlarging and one output pixel when
 * shrinking; positions are pixel centres, taps outside of the square are left out and the rest is normalised.
 */
static void
axis_init (Axis *axis, gsize length, gsize size, gssize origin, gsize out)
{
  const gdouble scale = (gdouble) size / (gdouble) out;
  const gdouble radius = MAX (scale, 1);
  const gsize most = 2 * (gsize) ceil (radius) + 1;
  gdouble *next;

  axis->taps = g_new (Taps, out);
  axis->weights = next = g_new (gdouble, out * most);
  for (gsize i = 0; i < out; i++)
    {
      const gdouble centre = ((gdouble) i + 0.5) * scale;
      gssize first = (gssize) MAX (floor (centre - radius), 0);
      gssize end = MIN ((gssize) ceil (centre + radius), (gssize) size);
      Taps *taps = &axis->taps[i];
      gdouble sum = 0;
      gsize skipped;

      end = MIN (end, first + (gssize) most);
      for (gssize j = first; j < end; j++)
        {
          next[j - first] = MAX (1 - fabs ((gdouble) j + 0.5 - centre) / radius, 0);
          sum += next[j - first];
        }
      for (gssize j = first; j < end; j++)
        next[j - first] /= sum;
      /* What is outside of the image, or weighs nothing. */
      for (; end > first && (end + origin > (gssize) length || next[end - 1 - first] == 0); end--)
        ;
      for (skipped = 0; first < end && (first + origin < 0 || next[skipped] == 0); first++)
        skipped++;
      *taps = (Taps) { (gsize) MAX (first + origin, 0), (gsize) (end - first), next + skipped, 1 };
      if (size > length)
        {
          taps->covered = 0;
          for (gsize j = 0; j < taps->count; j++)
            taps->covered += taps->weights[j];
        }
      next += skipped + taps->count;
    }
}

static gint
compare_pixels (gconstpointer a, gconstpointer b)
{
  const guint32 x = *(const guint32 *) a;
  const guint32 y = *(const guint32 *) b;

  return x < y ? -1 : x > y;
}

/* The most frequent value of the border, all channels together; the least of those that are equally frequent. */
static guint32
find_background (GArray *border)
{
  guint32 best = 0;
  gsize most = 0;

  g_array_sort (border, compare_pixels);
  for (guint start = 0, end; start < border->len; start = end)
    {
      const guint32 value = g_array_index (border, guint32, start);

      for (end = start; end < border->len && g_array_index (border, guint32, end) == value; end++)
        ;
      if (end - start > most)
        {
          most = end - start;
          best = value;
        }
    }
  return best;
}

static void
add_to_border (GantryImageFitter *self, const guint8 *row, gsize pixel_stride, gsize channel_stride)
{
  const gboolean is_edge = self->n_rows == 0 || self->n_rows == self->height - 1;

  for (gsize x = 0; x < self->width; x += is_edge || x == self->width - 1 ? 1 : self->width - 1)
    {
      guint32 value = 0;

      for (gsize c = 0; c < self->channels; c++)
        value = value << 8 | row[x * pixel_stride + c * channel_stride];
      g_array_append_val (self->border, value);
    }
}

static gboolean
check (gsize channels, gsize height, gsize width, guint orientation, const gchar *fit, gsize resolution, GError **error)
{
  static const gchar *const fits[] = { "pad", "resize", "crop", NULL };

  if (channels < 1 || channels > MAX_CHANNELS || height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE || resolution < 1 ||
      resolution > MAX_RESOLUTION)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA,
                   "an image [%" G_GSIZE_FORMAT ", %" G_GSIZE_FORMAT ", %" G_GSIZE_FORMAT "] cannot be fitted to %" G_GSIZE_FORMAT
                   " pixels: expected 1 to %d channels, 1 to %d pixels and a result of 1 to %d",
                   channels, height, width, resolution, MAX_CHANNELS, MAX_SIDE, MAX_RESOLUTION);
      return FALSE;
    }
  if (orientation < 1 || orientation > N_ORIENTATIONS)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "orientation %u: expected 1 to %d", orientation, N_ORIENTATIONS);
      return FALSE;
    }
  if (!g_strv_contains (fits, fit))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "fit `%s`: expected one of %s; nearest is `%s`", fit, GANTRY_IMAGE_FITS,
                   gantry_nearest_name (fit, fits));
      return FALSE;
    }
  if (g_str_equal (fit, "crop") && MIN (height, width) < resolution)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA,
                   "an image of %" G_GSIZE_FORMAT "x%" G_GSIZE_FORMAT " pixels is too small to crop %" G_GSIZE_FORMAT
                   " pixels: fit=pad and fit=resize take it",
                   height, width, resolution);
      return FALSE;
    }
  return TRUE;
}

/**
 * gantry_image_fitter_new:
 * @channels: 1 to 4
 * @height: rows that will be added, 1 to 1,000,000
 * @width: pixels of a row, 1 to 1,000,000
 * @orientation: how the image is to be turned and mirrored, 1 to 8 as in the tag Orientation of TIFF and EXIF; 1 leaves it as it is
 * @fit: one of %GANTRY_IMAGE_FITS
 * @resolution: height and width of the result, 1 to 16384
 * @error: return location for an error
 *
 * Begins a square image, for readers whose images are too large to be held.  What the values of @fit do is told at
 * [func@Gantry.image_fit]; the orientation counts first.  Its memory depends on the result and on the length of a row, not on the number of rows.
 *
 * Returns: (transfer full) (nullable): a fitter, or %NULL with an error where an argument is out of its range, or an image smaller than the
 *   resolution was to be cropped
 */
GantryImageFitter *
gantry_image_fitter_new (gsize channels, gsize height, gsize width, guint orientation, const gchar *fit, gsize resolution, GError **error)
{
  GantryImageFitter *self;
  gsize size;

  if (!check (channels, height, width, orientation, fit, resolution, error))
    return NULL;
  self = g_new0 (GantryImageFitter, 1);
  self->channels = channels;
  self->height = height;
  self->width = width;
  self->orientation = orientation;
  self->resolution = resolution;
  self->is_padded = g_str_equal (fit, "pad");
  if (self->is_padded)
    size = MAX (MAX (height, width), resolution);
  else
    size = g_str_equal (fit, "crop") ? resolution : MIN (height, width);
  axis_init (&self->columns, width, size, find_origin (width, size, is_flipped_horizontally (orientation)), resolution);
  axis_init (&self->rows, height, size, find_origin (height, size, is_flipped_vertically (orientation)), resolution);
  self->line = g_new (gdouble, channels * resolution);
  self->sums = g_new0 (gdouble, channels * resolution * resolution);
  if (self->is_padded)
    self->border = g_array_new (FALSE, FALSE, sizeof (guint32));
  return self;
}

/**
 * gantry_image_fitter_free:
 * @self: (nullable): a fitter
 *
 * Frees a fitter, whether it is finished or not.
 */
void
gantry_image_fitter_free (GantryImageFitter *self)
{
  if (self == NULL)
    return;
  g_free (self->columns.taps);
  g_free (self->columns.weights);
  g_free (self->rows.taps);
  g_free (self->rows.weights);
  g_free (self->line);
  g_free (self->sums);
  g_clear_pointer (&self->border, g_array_unref);
  g_free (self);
}

static void
resize_row (GantryImageFitter *self, const guint8 *row, gsize pixel_stride, gsize channel_stride)
{
  for (gsize x = 0; x < self->resolution; x++)
    {
      const Taps *taps = &self->columns.taps[x];

      for (gsize c = 0; c < self->channels; c++)
        {
          const guint8 *at = row + taps->first * pixel_stride + c * channel_stride;
          gdouble sum = 0;

          for (gsize j = 0; j < taps->count; j++)
            sum += taps->weights[j] * at[j * pixel_stride];
          self->line[c * self->resolution + x] = sum;
        }
    }
}

/**
 * gantry_image_fitter_add_row:
 * @self: a fitter that lacks rows
 * @row: pixels of the next row, from 0 to 255
 * @pixel_stride: distance of two neighbours in @row
 * @channel_stride: distance of two channels of a pixel
 *
 * Adds the next row, from the top of the image as it is stored, that is before it is turned.
 */
void
gantry_image_fitter_add_row (GantryImageFitter *self, const guint8 *row, gsize pixel_stride, gsize channel_stride)
{
  const gsize resolution = self->resolution, y = self->n_rows;
  const Taps *taps = self->rows.taps;
  gboolean is_resized = FALSE;

  g_return_if_fail (y < self->height);
  if (self->is_padded)
    add_to_border (self, row, pixel_stride, channel_stride);
  while (self->first_due < resolution && taps[self->first_due].first + taps[self->first_due].count <= y)
    self->first_due++;
  for (gsize i = self->first_due; i < resolution && taps[i].first <= y; i++)
    {
      const gdouble weight = y - taps[i].first < taps[i].count ? taps[i].weights[y - taps[i].first] : 0;

      if (weight == 0)
        continue;
      if (!is_resized)
        resize_row (self, row, pixel_stride, channel_stride);
      is_resized = TRUE;
      for (gsize c = 0; c < self->channels; c++)
        {
          const gdouble *line = self->line + c * resolution;
          gdouble *sums = self->sums + (c * resolution + i) * resolution;

          for (gsize x = 0; x < resolution; x++)
            sums[x] += weight * line[x];
        }
    }
  self->n_rows++;
}

/**
 * gantry_image_fitter_finish:
 * @self: a fitter
 * @result: (out caller-allocates): the square image, [channels, resolution, resolution], from 0 to 255
 * @error: return location for an error
 *
 * Gives the result.
 *
 * Returns: %FALSE with an error where rows are missing
 */
gboolean
gantry_image_fitter_finish (GantryImageFitter *self, guint8 *result, GError **error)
{
  const gsize resolution = self->resolution;
  const guint32 background = self->is_padded ? find_background (self->border) : 0;

  if (self->n_rows < self->height)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "an image of %" G_GSIZE_FORMAT " rows got %" G_GSIZE_FORMAT, self->height,
                   self->n_rows);
      return FALSE;
    }
  for (gsize c = 0; c < self->channels; c++)
    for (gsize y = 0; y < resolution; y++)
      for (gsize x = 0; x < resolution; x++)
        {
          gsize from_y = is_transposed (self->orientation) ? x : y;
          gsize from_x = is_transposed (self->orientation) ? y : x;
          gdouble value, covered;

          if (is_flipped_vertically (self->orientation))
            from_y = resolution - 1 - from_y;
          if (is_flipped_horizontally (self->orientation))
            from_x = resolution - 1 - from_x;
          value = self->sums[(c * resolution + from_y) * resolution + from_x];
          covered = self->rows.taps[from_y].covered * self->columns.taps[from_x].covered;
          if (covered != 1)
            value += (1 - covered) * (background >> 8 * (self->channels - 1 - c) & 0xff);
          result[(c * resolution + y) * resolution + x] = (guint8) CLAMP (floor (value + 0.5), 0, 255);
        }
  return TRUE;
}

/**
 * gantry_image_fit:
 * @pixels: an image, [channels, height, width], from 0 to 255
 * @channels: 1 to 4
 * @height: in pixels, 1 to 1,000,000
 * @width: in pixels, 1 to 1,000,000
 * @fit: one of %GANTRY_IMAGE_FITS
 * @resolution: height and width of the result, 1 to 16384
 * @result: (out caller-allocates): the square image, [channels, resolution, resolution]
 * @error: return location for an error
 *
 * Makes a square image of a given resolution, for readers.  `pad` puts the image in the middle of the most
 * frequent value of its border, and shrinks the whole where the image is larger; `resize` takes the
 * largest square from its middle and resizes it; `crop` cuts the middle out as it is.  Resizing
 * uses an antialiased triangle filter.
 *
 * Returns: %FALSE with an error where an argument is out of its range, or an image smaller than the resolution
 *   was to be cropped
 */
gboolean
gantry_image_fit (const guint8 *pixels, gsize channels, gsize height, gsize width, const gchar *fit, gsize resolution, guint8 *result, GError **error)
{
  g_autoptr (GantryImageFitter) fitter = gantry_image_fitter_new (channels, height, width, 1, fit, resolution, error);

  if (fitter == NULL)
    return FALSE;
  for (gsize y = 0; y < height; y++)
    gantry_image_fitter_add_row (fitter, pixels + y * width, 1, height * width);
  return gantry_image_fitter_finish (fitter, result, error);
}
