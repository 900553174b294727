/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Batches, read ahead by threads.  Which record comes when depends on the seed and the number of the image alone,
 * so a resumed training needs no more than that number.  Passes over the data follow each other without a seam: the last
 * images of one pass and the first of the next may share a batch, and no image is left out.
 */
#include "train/loader-private.h"

#include <gantry/error.h>

#define DEPTH 4 /* batches ahead, or one more than there are threads */
#define ROUNDS 8
#define PASS_KEY G_GUINT64_CONSTANT (0x9e3779b97f4a7c15)
#define CHANGE_KEY G_GUINT64_CONSTANT (0xa0761d6478bd642f)

typedef struct {
  GantryArray **arrays;
  guint64 sample; /* number of its first image */
  gboolean is_ready;
  GError *error;
} Slot;

struct _GantryLoader {
  GantryReader *reader;
  const GantryField *fields;
  guint n_fields;
  gsize n_records;
  gsize batch;
  guint64 seed;
  guint64 *changes; /* of the order of the data */
  guint n_changes;
  GThread **threads;
  guint n_threads;

  GMutex mutex;
  GCond filled;
  GCond emptied;
  Slot *slots;
  guint n_slots;
  guint64 n_claimed;  /* batches that a thread took on */
  guint64 n_consumed; /* batches that were given out and are done with */
  guint64 start;      /* image number of batch 0 */
  gboolean is_held;   /* a batch is given out */
  gboolean is_stopped;
};

guint
_gantry_loader_get_depth (GantryLoader *self)
{
  return self->n_slots;
}

static guint64
mix (guint64 x)
{
  x ^= x >> 32;
  x *= G_GUINT64_CONSTANT (0xd6e8feb86659fd93);
  x ^= x >> 32;
  x *= G_GUINT64_CONSTANT (0xd6e8feb86659fd93);
  return x ^ x >> 32;
}

/* A Feistel network over 2^(2 half) values, walked until it falls inside: a keyed permutation of 0 ... n - 1. */
static guint64
permute (guint64 key, guint64 value, guint64 n)
{
  guint half = 1;

  while (half < 32 && (G_GUINT64_CONSTANT (1) << 2 * half) < n)
    half++;
  do
    {
      guint64 left = value >> half, right = value & ((G_GUINT64_CONSTANT (1) << half) - 1);

      for (guint round = 0; round < ROUNDS; round++)
        {
          const guint64 next = left ^ (mix (right + key + round * G_GUINT64_CONSTANT (0xbf58476d1ce4e5b9)) & ((G_GUINT64_CONSTANT (1) << half) - 1));

          left = right;
          right = next;
        }
      value = left << half | right;
    }
  while (value >= n);
  return value;
}

guint64
_gantry_loader_get_record (guint64 seed, guint64 sample, guint64 n)
{
  return permute (mix (seed + PASS_KEY * (sample / n + 1)), sample % n, n);
}

guint64
_gantry_loader_get_record_after (guint64 seed, const guint64 *changes, guint n_changes, guint64 sample, guint64 n)
{
  const guint64 pass = sample / n;
  guint64 value = sample % n;

  for (guint i = n_changes; i-- > 0;)
    if (sample >= changes[i])
      {
        const guint64 start = pass == changes[i] / n ? changes[i] % n : 0;
        const guint64 key = mix (mix (seed ^ CHANGE_KEY * (i + 1)) + PASS_KEY * (pass + 1));

        value = start + permute (key, value - start, n - start);
      }
  return permute (mix (seed + PASS_KEY * (pass + 1)), value, n);
}

static void
fill_slot (GantryLoader *self, Slot *slot, guint64 sample)
{
  g_autofree gsize *strides = g_new (gsize, self->n_fields);
  g_autofree gpointer *at = g_new (gpointer, self->n_fields);

  for (guint f = 0; f < self->n_fields; f++)
    strides[f] = gantry_array_get_bytes (slot->arrays[f]) / self->batch;
  for (gsize i = 0; i < self->batch && slot->error == NULL; i++)
    {
      const guint64 record = _gantry_loader_get_record_after (self->seed, self->changes, self->n_changes, sample + i,
                                                              self->n_records);

      for (guint f = 0; f < self->n_fields; f++)
        at[f] = (guint8 *) gantry_array_get_data (slot->arrays[f]) + i * strides[f];
      if (!gantry_reader_read (self->reader, record, at, &slot->error))
        {
          if (slot->error == NULL)
            g_set_error_literal (&slot->error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "cannot be read");
          g_prefix_error (&slot->error, "reader/%s: record %" G_GUINT64_FORMAT ": ", gantry_component_get_name (GANTRY_COMPONENT (self->reader)),
                          record);
        }
    }
}

static gpointer
work (gpointer data)
{
  GantryLoader *self = data;

  g_mutex_lock (&self->mutex);
  while (!self->is_stopped)
    {
      Slot *slot;
      guint64 sample;

      if (self->n_claimed >= self->n_consumed + self->n_slots)
        {
          g_cond_wait (&self->emptied, &self->mutex);
          continue;
        }
      slot = &self->slots[self->n_claimed % self->n_slots];
      sample = self->start + self->n_claimed * self->batch;
      self->n_claimed++;
      g_mutex_unlock (&self->mutex);
      fill_slot (self, slot, sample);
      g_mutex_lock (&self->mutex);
      slot->is_ready = TRUE;
      g_cond_broadcast (&self->filled);
    }
  g_mutex_unlock (&self->mutex);
  return NULL;
}

static void
stop (GantryLoader *self)
{
  g_mutex_lock (&self->mutex);
  self->is_stopped = TRUE;
  g_cond_broadcast (&self->emptied);
  g_mutex_unlock (&self->mutex);
  for (guint i = 0; i < self->n_threads; i++)
    if (self->threads[i] != NULL)
      g_thread_join (g_steal_pointer (&self->threads[i]));
}

static gboolean
check_fields (GantryLoader *self, GError **error)
{
  const gchar *name = gantry_component_get_name (GANTRY_COMPONENT (self->reader));

  if (self->n_fields == 0 || self->n_fields > GANTRY_READER_MAX_FIELDS)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "reader/%s: records of %u fields: expected 1 to %d", name, self->n_fields,
                   GANTRY_READER_MAX_FIELDS);
      return FALSE;
    }
  if (self->n_records < self->batch)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA,
                   "reader/%s: %" G_GSIZE_FORMAT " records are fewer than a batch of %" G_GSIZE_FORMAT
                   ": give it more data, or set batch=%" G_GSIZE_FORMAT " or less in [pipeline]",
                   name, self->n_records, self->batch, self->n_records);
      return FALSE;
    }
  return TRUE;
}

GantryLoader *
_gantry_loader_new (GantryReader *reader, gsize batch, guint64 seed, guint n_threads, GError **error)
{
  g_autoptr (GantryLoader) self = g_new0 (GantryLoader, 1);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->filled);
  g_cond_init (&self->emptied);
  self->reader = g_object_ref (reader);
  self->batch = batch;
  self->seed = seed;
  self->n_records = gantry_reader_count (reader);
  self->fields = gantry_reader_fields (reader, &self->n_fields);
  if (!check_fields (self, error))
    return NULL;
  self->n_threads = (gantry_reader_get_flags (reader) & GANTRY_READER_THREAD_SAFE) != 0 ? MAX (n_threads, 1) : 1;
  self->n_slots = MAX (DEPTH, self->n_threads + 1);
  self->slots = g_new0 (Slot, self->n_slots);
  for (guint s = 0; s < self->n_slots; s++)
    {
      self->slots[s].arrays = g_new0 (GantryArray *, self->n_fields);
      for (guint f = 0; f < self->n_fields; f++)
        {
          GantryShape shape = { self->fields[f].shape.n_dims + 1, { batch } };

          for (guint d = 0; d < self->fields[f].shape.n_dims; d++)
            shape.dims[d + 1] = self->fields[f].shape.dims[d];
          self->slots[s].arrays[f] = gantry_array_new (self->fields[f].dtype, &shape);
        }
    }
  self->threads = g_new0 (GThread *, self->n_threads);
  return g_steal_pointer (&self);
}

void
_gantry_loader_free (GantryLoader *self)
{
  if (self == NULL)
    return;
  stop (self);
  for (guint s = 0; s < self->n_slots; s++)
    {
      for (guint f = 0; self->slots[s].arrays != NULL && f < self->n_fields; f++)
        g_clear_pointer (&self->slots[s].arrays[f], gantry_array_unref);
      g_free (self->slots[s].arrays);
      g_clear_error (&self->slots[s].error);
    }
  g_free (self->slots);
  g_free (self->threads);
  g_free (self->changes);
  g_object_unref (self->reader);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->filled);
  g_cond_clear (&self->emptied);
  g_free (self);
}

void
_gantry_loader_set_changes (GantryLoader *self, const guint64 *changes, guint n_changes)
{
  stop (self);
  g_free (self->changes);
  self->changes = g_memdup2 (changes, n_changes * sizeof *changes);
  self->n_changes = n_changes;
}

void
_gantry_loader_seek (GantryLoader *self, guint64 sample)
{
  stop (self);
  for (guint s = 0; s < self->n_slots; s++)
    {
      self->slots[s].is_ready = FALSE;
      g_clear_error (&self->slots[s].error);
    }
  self->start = sample;
  self->n_claimed = self->n_consumed = 0;
  self->is_held = self->is_stopped = FALSE;
}

/* Threads start with the first batch that is wanted: a session that only samples reads nothing. */
static void
start (GantryLoader *self)
{
  for (guint i = 0; i < self->n_threads; i++)
    if (self->threads[i] == NULL)
      self->threads[i] = g_thread_new ("gantry-reader", work, self);
}

GantryArray *const *
_gantry_loader_next (GantryLoader *self, GError **error)
{
  Slot *slot;

  start (self);
  g_mutex_lock (&self->mutex);
  if (self->is_held)
    {
      self->slots[self->n_consumed % self->n_slots].is_ready = FALSE;
      self->n_consumed++;
      self->is_held = FALSE;
      g_cond_broadcast (&self->emptied);
    }
  slot = &self->slots[self->n_consumed % self->n_slots];
  while (!slot->is_ready)
    g_cond_wait (&self->filled, &self->mutex);
  g_mutex_unlock (&self->mutex);
  if (slot->error != NULL)
    {
      g_propagate_error (error, g_error_copy (slot->error));
      return NULL;
    }
  self->is_held = TRUE;
  return slot->arrays;
}
