/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <gantry/image-fit.h>

#include <gantry/error.h>
#include <math.h>
#include <string.h>

#define MAX_CHANNELS 4
#define MAX_SIDE 16384

typedef struct {
  const guint8 *pixels; /* [channels, height, width] */
  gsize channels;
  gsize height;
  gsize width;
} Image;

/* The taps of one output position: so many weights, from input position `first` on. */
typedef struct {
  gsize first;
  gsize count;
  const gdouble *weights;
} Taps;

/*
 * Triangle filter, antialiased: its half width is one input pixel when enlarging and one output pixel when
 * shrinking; positions are pixel centres, taps outside of the image are left out and the rest is normalised.
 */
static Taps *
make_taps (gsize in, gsize out, gdouble **weights)
{
  const gdouble scale = (gdouble) in / (gdouble) out;
  const gdouble radius = MAX (scale, 1);
  const gsize most = 2 * (gsize) ceil (radius) + 1;
  Taps *taps = g_new (Taps, out);
  gdouble *next = *weights = g_new (gdouble, out * most);

  for (gsize i = 0; i < out; i++)
    {
      const gdouble centre = ((gdouble) i + 0.5) * scale;
      const gsize first = (gsize) MAX (floor (centre - radius), 0);
      const gsize end = MIN ((gsize) ceil (centre + radius), in);
      gdouble sum = 0;

      taps[i] = (Taps){ first, MIN (end - first, most), next };
      for (gsize j = 0; j < taps[i].count; j++)
        {
          const gdouble weight = 1 - fabs ((gdouble) (first + j) + 0.5 - centre) / radius;

          next[j] = MAX (weight, 0);
          sum += next[j];
        }
      for (gsize j = 0; j < taps[i].count; j++)
        next[j] /= sum;
      next += taps[i].count;
    }
  return taps;
}

static void
resize_rows (const guint8 *in, gsize height, gsize in_width, const Taps *taps, gsize out_width, gdouble *out)
{
  for (gsize y = 0; y < height; y++)
    {
      for (gsize x = 0; x < out_width; x++)
        {
          gdouble sum = 0;

          for (gsize j = 0; j < taps[x].count; j++)
            sum += taps[x].weights[j] * in[y * in_width + taps[x].first + j];
          out[y * out_width + x] = sum;
        }
    }
}

static void
resize_columns (const gdouble *in, gsize width, const Taps *taps, gsize out_height, guint8 *out)
{
  for (gsize y = 0; y < out_height; y++)
    {
      for (gsize x = 0; x < width; x++)
        {
          gdouble sum = 0;

          for (gsize j = 0; j < taps[y].count; j++)
            sum += taps[y].weights[j] * in[(taps[y].first + j) * width + x];
          out[y * width + x] = (guint8) CLAMP (floor (sum + 0.5), 0, 255);
        }
    }
}

static guint8 *
resize (const Image *image, gsize height, gsize width)
{
  g_autofree gdouble *row_weights = NULL;
  g_autofree gdouble *column_weights = NULL;
  g_autofree Taps *columns = make_taps (image->width, width, &column_weights);
  g_autofree Taps *rows = make_taps (image->height, height, &row_weights);
  g_autofree gdouble *between = g_new (gdouble, image->height * width);
  guint8 *result = g_malloc (image->channels * height * width);

  for (gsize c = 0; c < image->channels; c++)
    {
      resize_rows (image->pixels + c * image->height * image->width, image->height, image->width, columns, width, between);
      resize_columns (between, width, rows, height, result + c * height * width);
    }
  return result;
}

/* A square from the middle, at most as large as the image. */
static void
copy_centre (const Image *image, gsize size, guint8 *result)
{
  const gsize top = (image->height - size) / 2;
  const gsize left = (image->width - size) / 2;

  for (gsize c = 0; c < image->channels; c++)
    {
      for (gsize y = 0; y < size; y++)
        memcpy (result + (c * size + y) * size, image->pixels + (c * image->height + top + y) * image->width + left, size);
    }
}

static guint32
get_pixel (const Image *image, gsize y, gsize x)
{
  guint32 value = 0;

  for (gsize c = 0; c < image->channels; c++)
    value = value << 8 | image->pixels[(c * image->height + y) * image->width + x];
  return value;
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
find_background (const Image *image)
{
  g_autoptr (GArray) border = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint32 best = 0;
  gsize most = 0;

  for (gsize y = 0; y < image->height; y++)
    {
      const gboolean edge = y == 0 || y == image->height - 1;

      for (gsize x = 0; x < image->width; x += edge || x == image->width - 1 ? 1 : image->width - 1)
        {
          guint32 value = get_pixel (image, y, x);

          g_array_append_val (border, value);
        }
    }
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

static guint8 *
pad (const Image *image, gsize size)
{
  const guint32 background = find_background (image);
  const gsize top = (size - image->height) / 2;
  const gsize left = (size - image->width) / 2;
  guint8 *result = g_malloc (image->channels * size * size);

  for (gsize c = 0; c < image->channels; c++)
    {
      guint8 *plane = result + c * size * size;

      memset (plane, background >> 8 * (image->channels - 1 - c) & 0xff, size * size);
      for (gsize y = 0; y < image->height; y++)
        memcpy (plane + (top + y) * size + left, image->pixels + (c * image->height + y) * image->width, image->width);
    }
  return result;
}

static void
fit_pad (const Image *image, gsize resolution, guint8 *result)
{
  const gsize size = MAX (MAX (image->height, image->width), resolution);
  g_autofree guint8 *square = pad (image, size);
  const Image padded = { square, image->channels, size, size };
  g_autofree guint8 *resized = size > resolution ? resize (&padded, resolution, resolution) : NULL;

  memcpy (result, resized != NULL ? resized : square, image->channels * resolution * resolution);
}

static void
fit_resize (const Image *image, gsize resolution, guint8 *result)
{
  const gsize shorter = MIN (image->height, image->width);
  g_autofree guint8 *square = g_malloc (image->channels * shorter * shorter);
  const Image middle = { square, image->channels, shorter, shorter };
  g_autofree guint8 *resized = NULL;

  copy_centre (image, shorter, square);
  resized = resize (&middle, resolution, resolution);
  memcpy (result, resized, image->channels * resolution * resolution);
}

/**
 * gantry_image_fit:
 * @pixels: an image, [channels, height, width], from 0 to 255
 * @channels: 1 to 4
 * @height: in pixels, 1 to 16384
 * @width: in pixels, 1 to 16384
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
  const Image image = { pixels, channels, height, width };
  static const gchar *const fits[] = { "pad", "resize", "crop", NULL };

  if (channels < 1 || channels > MAX_CHANNELS || height < 1 || width < 1 || height > MAX_SIDE || width > MAX_SIDE || resolution < 1 ||
      resolution > MAX_SIDE)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA,
                   "an image [%" G_GSIZE_FORMAT ", %" G_GSIZE_FORMAT ", %" G_GSIZE_FORMAT "] cannot be fitted to %" G_GSIZE_FORMAT
                   " pixels: expected 1 to %d channels and 1 to %d pixels",
                   channels, height, width, resolution, MAX_CHANNELS, MAX_SIDE);
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
  if (g_str_equal (fit, "crop"))
    copy_centre (&image, resolution, result);
  else if (g_str_equal (fit, "pad"))
    fit_pad (&image, resolution, result);
  else
    fit_resize (&image, resolution, result);
  return TRUE;
}
