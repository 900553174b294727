/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/reader.h>

G_BEGIN_DECLS

/* Threads that read batches ahead of the training. */
typedef struct _GantryLoader GantryLoader;

/* Record that image number @sample of a training shows, of @n records: a permutation of them in each pass. */
guint64 _gantry_loader_get_record (guint64 seed, guint64 sample, guint64 n);

/*
 * The same where the order was changed from the images @changes on, one after the other: what is left of the pass that a change falls into comes
 * in another order, and each later pass does.  Still every record comes once in a pass.
 */
guint64 _gantry_loader_get_record_after (guint64 seed, const guint64 *changes, guint n_changes, guint64 sample, guint64 n);

guint _gantry_loader_get_depth (GantryLoader *self); /* batches that it holds */
GantryLoader *_gantry_loader_new (GantryReader *reader, gsize batch, guint64 seed, guint n_threads, GError **error);
void _gantry_loader_free (GantryLoader *self);

/* Other orders from these images on, which are copied; counts for what is read after the next seek. */
void _gantry_loader_set_changes (GantryLoader *self, const guint64 *changes, guint n_changes);
/* The next batch starts with image number @sample. */
void _gantry_loader_seek (GantryLoader *self, guint64 sample);
/* One array a field, [batch, ...], valid until the next call. */
GantryArray *const *_gantry_loader_next (GantryLoader *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryLoader, _gantry_loader_free)

G_END_DECLS
