/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "picture.h"

typedef struct {
  gchar *name; /* from the listed folder on */
  guint64 size;
  gint64 label;
} ListedFile;

/* The pictures below a folder. */
typedef struct {
  gchar *root;
  gboolean is_strict;
  GPtrArray *files;   /* of ListedFile, by name */
  GPtrArray *classes; /* names, in the order of labels; of no matter where there is less than two */
  gsize n_beside;     /* files that are in no subfolder */
  gsize n_others;     /* files that are no pictures */
  gchar *first_other;
} Listing;

Listing *listing_new (const gchar *root, gboolean is_strict, GError **error);
void listing_free (Listing *self);
gchar *listing_get_path (Listing *self, gsize index);
gboolean listing_has_labels (Listing *self);
/* A sum of names and sizes. */
gchar *listing_digest (Listing *self);
/* What there is, and what was left out, in one line. */
gchar *listing_describe (Listing *self, gsize n_records);

/* Says in the log what is wrong with a file. */
void listing_report (const gchar *path, const gchar *what, const gchar *consequence);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Listing, listing_free)
