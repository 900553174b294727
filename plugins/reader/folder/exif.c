/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The one tag of EXIF data that changes how a picture looks.  EXIF 2.3, section 4.6; TIFF 6.0, section 2. */
#include "picture.h"

#include <string.h>

#define TAG_ORIENTATION 0x0112
#define TYPE_SHORT 3
#define ENTRY_SIZE 12

typedef struct {
  const guint8 *bytes;
  gsize size;
  gboolean is_big_endian;
} Tiff;

static guint
get_16 (const Tiff *tiff, gsize at)
{
  const guint8 *p = tiff->bytes + at;

  return tiff->is_big_endian ? p[0] << 8 | p[1] : p[1] << 8 | p[0];
}

static guint32
get_32 (const Tiff *tiff, gsize at)
{
  const guint32 first = get_16 (tiff, at), second = get_16 (tiff, at + 2);

  return tiff->is_big_endian ? first << 16 | second : second << 16 | first;
}

guint
picture_get_orientation (const guint8 *bytes, gsize size)
{
  Tiff tiff = { bytes, size, size > 0 && bytes[0] == 'M' };
  gsize at, n_entries;

  if (size < 8 || (memcmp (bytes, "II", 2) != 0 && memcmp (bytes, "MM", 2) != 0) || get_16 (&tiff, 2) != 42)
    return 1;
  at = get_32 (&tiff, 4);
  if (at > size - 2)
    return 1;
  n_entries = get_16 (&tiff, at);
  at += 2;
  for (gsize i = 0; i < n_entries && size - at >= ENTRY_SIZE; i++, at += ENTRY_SIZE)
    {
      guint value;

      if (get_16 (&tiff, at) != TAG_ORIENTATION)
        continue;
      value = get_16 (&tiff, at + 8);
      return get_16 (&tiff, at + 2) == TYPE_SHORT && get_32 (&tiff, at + 4) == 1 && value >= 1 && value <= 8 ? value : 1;
    }
  return 1;
}
