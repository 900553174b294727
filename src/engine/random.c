/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Random numbers without a state: Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").  The seed is the
 * key of a first call whose counter is (hash of the name, step); two words of its result are the key of the calls that draw, whose
 * counter is (sample, pair of elements).  So a draw depends on its name, step, sample and element alone: not on threads or batches.
 */
#include <math.h>

#include "random-private.h"

#define ROUNDS 10

/* Bijection of the counter, chosen by the key. */
void
_gantry_philox4x32 (const guint32 counter[4], const guint32 key[2], guint32 result[4])
{
  guint32 c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3], k0 = key[0], k1 = key[1];

  for (guint round = 0; round < ROUNDS; round++)
    {
      guint64 product0 = (guint64) 0xD2511F53u * c0;
      guint64 product1 = (guint64) 0xCD9E8D57u * c2;

      c0 = (guint32) (product1 >> 32) ^ c1 ^ k0;
      c2 = (guint32) (product0 >> 32) ^ c3 ^ k1;
      c1 = (guint32) product1;
      c3 = (guint32) product0;
      k0 += 0x9E3779B9u;
      k1 += 0xBB67AE85u;
    }
  result[0] = c0;
  result[1] = c1;
  result[2] = c2;
  result[3] = c3;
}

/* FNV-1a, 64 bits. */
guint64
_gantry_name_hash (const gchar *name)
{
  guint64 hash = 0xCBF29CE484222325u;

  for (const guchar *c = (const guchar *) name; *c != '\0'; c++)
    hash = (hash ^ *c) * 0x100000001B3u;
  return hash;
}

static void
draw (const guint32 key[2], guint64 high, guint64 low, guint32 words[4])
{
  guint32 counter[4] = { (guint32) low, (guint32) (low >> 32), (guint32) high, (guint32) (high >> 32) };

  _gantry_philox4x32 (counter, key, words);
}

GantryStream
_gantry_stream (guint64 seed, guint64 name_hash, guint64 step)
{
  guint32 key[2] = { (guint32) seed, (guint32) (seed >> 32) };
  guint32 words[4];

  draw (key, step, name_hash, words);
  return (GantryStream) { { words[0], words[1] } };
}

/* 53 bits of two words: [0, 1). */
static gdouble
unit (guint32 low, guint32 high)
{
  return (gdouble) (((guint64) high << 32 | low) >> 11) * 0x1p-53;
}

void
_gantry_stream_uniform (const GantryStream *stream, guint64 sample, guint64 pair, gdouble draws[2])
{
  guint32 words[4];

  draw (stream->key, sample, pair, words);
  draws[0] = unit (words[0], words[1]);
  draws[1] = unit (words[2], words[3]);
}

/* Box & Muller 1958.  1 - u lies in (0, 1]: its logarithm is finite. */
void
_gantry_stream_normal (const GantryStream *stream, guint64 sample, guint64 pair, gdouble draws[2])
{
  gdouble radius;
  gdouble angle;

  _gantry_stream_uniform (stream, sample, pair, draws);
  radius = sqrt (-2 * log (1 - draws[0]));
  angle = 2 * G_PI * draws[1];
  draws[0] = radius * cos (angle);
  draws[1] = radius * sin (angle);
}

/* The largest float32 below 1: a draw just below 1 must not be rounded up to it. */
static gfloat
round_draw (gdouble draw, GantryInputKind kind)
{
  gfloat rounded = (gfloat) draw;

  return kind == GANTRY_INPUT_UNIFORM && rounded >= 1 ? 0x1.fffffep-1f : rounded;
}

void
_gantry_stream_fill (const GantryStream *stream, GantryInputKind kind, guint64 sample, gsize n_samples, gsize sample_size,
                     GantryDType dtype, gpointer data)
{
  gsize n_pairs = sample_size / 2 + sample_size % 2;

#pragma omp parallel for collapse (2) schedule (static) if (n_samples * n_pairs > 4096)
  for (gsize s = 0; s < n_samples; s++)
    for (gsize pair = 0; pair < n_pairs; pair++)
      {
        gdouble draws[2];

        if (kind == GANTRY_INPUT_NORMAL)
          _gantry_stream_normal (stream, sample + s, pair, draws);
        else
          _gantry_stream_uniform (stream, sample + s, pair, draws);
        for (gsize i = 0; i < 2 && 2 * pair + i < sample_size; i++)
          {
            gsize element = s * sample_size + 2 * pair + i;

            if (dtype == GANTRY_FLOAT32)
              ((gfloat *) data)[element] = round_draw (draws[i], kind);
            else
              ((gdouble *) data)[element] = draws[i];
          }
      }
}
