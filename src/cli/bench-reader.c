/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* How fast a reader is with nothing else to do: passes over its records, before each of which its files leave the kernel's memory. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "cli/bench.h"

#define SECONDS 0.5
#define MAX_PASSES 50
#define MAX_DEPTH 16 /* of folders */

/* Whether its first byte would have to come from the device. */
static gboolean
is_cold (gint fd)
{
  guint8 byte;
  struct iovec one = { &byte, 1 };

  return preadv2 (fd, &one, 1, 0, RWF_NOWAIT) < 0 && errno == EAGAIN;
}

static void
drop_file (const gchar *path, BenchReader *reader)
{
  const gint fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  struct stat status;

  if (fd < 0)
    return;
  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_size > 0)
    {
      fdatasync (fd); /* what is not on the device yet cannot be dropped */
      reader->n_files++;
      if (posix_fadvise (fd, 0, 0, POSIX_FADV_DONTNEED) == 0)
        reader->n_cold += is_cold (fd);
    }
  close (fd);
}

static void
drop_path (const gchar *path, guint depth, BenchReader *reader)
{
  g_autoptr (GDir) dir = depth < MAX_DEPTH && g_file_test (path, G_FILE_TEST_IS_DIR) ? g_dir_open (path, 0, NULL) : NULL;
  const gchar *name;

  if (dir == NULL)
    {
      drop_file (path, reader);
      return;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree gchar *child = g_build_filename (path, name, NULL);

      drop_path (child, depth + 1, reader);
    }
}

/* Everything that a property of the reader names. */
static void
drop_files (GantryComponent *component, BenchReader *reader)
{
  guint n = 0;
  g_autofree GParamSpec **pspecs = gantry_component_list_properties (component, &n);

  reader->n_files = reader->n_cold = 0;
  for (guint i = 0; i < n; i++)
    if (gantry_param_is_path (pspecs[i]))
      {
        g_autofree gchar *path = gantry_component_get_string (component, pspecs[i]->name);

        if (path != NULL && *path != '\0')
          drop_path (path, 0, reader);
      }
}

/* Memory for a record. */
static gpointer *
new_record (const GantryField *fields, guint n_fields)
{
  gpointer *record = g_new0 (gpointer, n_fields + 1);

  for (guint f = 0; f < n_fields; f++)
    record[f] = g_malloc (gantry_shape_size (&fields[f].shape) * gantry_dtype_size (fields[f].dtype));
  return record;
}

static void
free_record (gpointer *record, guint n_fields)
{
  for (guint f = 0; f < n_fields; f++)
    g_free (record[f]);
  g_free (record);
}

/* Until the time is over; how many records were read. */
static gsize
read_pass (GantryReader *self, guint n_threads, gdouble seconds, GError **error)
{
  const gint64 end = g_get_monotonic_time () + (gint64) (1e6 * seconds);
  const gsize n_records = gantry_reader_count (self);
  guint n_fields = 0;
  const GantryField *fields = gantry_reader_fields (self, &n_fields);
  GError *first = NULL;
  gsize n_read = 0;

#pragma omp parallel num_threads (n_threads) reduction (+ : n_read)
  {
    gpointer *record = new_record (fields, n_fields);

#pragma omp for schedule (dynamic, 4)
    for (gsize i = 0; i < n_records; i++)
      {
        g_autoptr (GError) reason = NULL;

        if (g_atomic_pointer_get (&first) != NULL || g_get_monotonic_time () >= end)
          continue;
        if (gantry_reader_read (self, i, record, &reason))
          n_read++;
        else if (reason != NULL && g_atomic_pointer_compare_and_exchange (&first, NULL, reason))
          reason = NULL;
      }
    free_record (record, n_fields);
  }
  if (first != NULL)
    g_propagate_error (error, first);
  return first == NULL ? n_read : 0;
}

gboolean
bench_measure_reader (GantryPipeline *pipeline, guint n_threads, BenchReader *reader, GError **error)
{
  GantryComponent *component = gantry_pipeline_get (pipeline, "reader");
  GantryReader *self = GANTRY_READER (component);
  gdouble seconds = 0;
  gsize n_read = 0;

  reader->n_threads = (gantry_reader_get_flags (self) & GANTRY_READER_THREAD_SAFE) != 0 ? n_threads : 1;
  for (guint i = 0; i < MAX_PASSES && seconds < SECONDS; i++)
    {
      gint64 start;
      gsize n;

      drop_files (component, reader);
      start = g_get_monotonic_time ();
      n = read_pass (self, reader->n_threads, SECONDS - seconds, error);
      if (n == 0)
        return FALSE;
      n_read += n;
      seconds += 1e-6 * (gdouble) (g_get_monotonic_time () - start);
    }
  reader->rate = (gdouble) n_read / seconds;
  return TRUE;
}
