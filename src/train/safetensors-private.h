/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/array.h>
#include <gantry/error.h>

G_BEGIN_DECLS

#define GANTRY_SAFETENSORS_MAX_HEADER (100u * 1000 * 1000)

/* One tensor as a safetensors header describes it. */
typedef struct {
  gchar *name;
  const gchar *dtype; /* "F32": constant */
  gsize item;         /* bytes of an element in the file */
  GantryShape shape;
  guint64 begin;
  guint64 end;
} GantrySafetensor;

/* Parses and checks a header for @data_size bytes of data behind it. */
gboolean _gantry_safetensors_parse (const gchar *json, gsize length, guint64 data_size, GPtrArray *tensors, GHashTable *metadata,
                                    GError **error);
void _gantry_safetensor_free (GantrySafetensor *self);

G_END_DECLS
