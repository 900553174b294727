/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/graph.h>

/* A stream of draws: one for each (seed, name, step). */
typedef struct {
  guint32 key[2];
} GantryStream;

/* The step of the draws that fill a new variable; no run has it. */
#define GANTRY_STEP_INITIAL G_MAXUINT64

void _gantry_philox4x32 (const guint32 counter[4], const guint32 key[2], guint32 result[4]);
guint64 _gantry_name_hash (const gchar *name);
GantryStream _gantry_stream (guint64 seed, guint64 name_hash, guint64 step);
/* Two draws: elements 2 * @pair and 2 * @pair + 1 of a sample. */
void _gantry_stream_uniform (const GantryStream *stream, guint64 sample, guint64 pair, gdouble draws[2]);
void _gantry_stream_normal (const GantryStream *stream, guint64 sample, guint64 pair, gdouble draws[2]);
/* Draws for @n_samples samples of @sample_size elements each, the first of them having the global index @sample. */
void _gantry_stream_fill (const GantryStream *stream, GantryInputKind kind, guint64 sample, gsize n_samples, gsize sample_size,
                          GantryDType dtype, gpointer data);
