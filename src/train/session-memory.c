/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * memory-budget=: the cheapest way to train that stays within it.  What a way needs is counted before the first step, from the pipeline alone,
 * so that a resumed run takes the same way.
 */
#include "train/average-private.h"
#include "train/pipeline-private.h"
#include "train/session-phase-private.h"

#include <gantry/error.h>
#include <gantry/run.h>
#include <omp.h>

/* What a process has besides: the program, libraries, plugins, symbolic graphs; and for each thread a stack and BLAS's buffer.  Measured. */
#define PROCESS_BYTES ((gsize) 28 << 20)
#define THREAD_BYTES ((gsize) 4 << 20)
#define TENSOR_BYTES 1024 /* of a graph, with what is known of it while the program is made */

/* How a training is to be made. */
typedef struct {
  gsize part; /* samples that are computed at a time */
  gboolean shares;
  gboolean recomputes;
  gsize bytes;       /* that it needs */
} Way;

static gboolean
may_share (GantrySession *self)
{
  return gantry_component_get_bool (gantry_pipeline_get_settings (self->pipeline), "share-activations");
}

static gchar *
describe (GantrySession *self, const Way *way)
{
  g_autoptr (GString) text = g_string_new (NULL);

  if (way->part < self->batch)
    g_string_append_printf (text, "micro-batches of %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, way->part, self->batch);
  else
    g_string_append (text, "whole batches");
  if (way->part == self->batch && !way->shares && may_share (self))
    g_string_append (text, ", phases one by one");
  if (way->recomputes)
    g_string_append (text, ", recomputation");
  return g_strdup (text->str);
}

static gsize
count_state (GantrySession *self)
{
  g_auto (GStrv) names = gantry_state_list (self->state);
  gsize bytes = 0;

  for (guint i = 0; names[i] != NULL; i++)
    bytes += gantry_array_get_bytes (gantry_state_get (self->state, names[i]));
  return bytes;
}

static gsize
count_record (GantrySession *self)
{
  gsize bytes = 0;

  for (guint i = 0; i < self->host->n_fields; i++)
    bytes += gantry_shape_size (&self->host->fields[i].shape) * gantry_dtype_size (self->host->fields[i].dtype);
  return bytes;
}

/* All but the workspace.  The programs of a last batch that is smaller have inputs and outputs of their own. */
static gsize
count_arrays (GantrySession *self, GPtrArray *programs)
{
  GantryComponent *settings = gantry_pipeline_get_settings (self->pipeline);
  const gsize n_samples = gantry_component_get_int (settings, "sample-interval") > 0 ? (gsize) gantry_component_get_int (settings, "samples") : 0;
  gsize bytes = 0;

  for (guint i = 0; i < programs->len; i++)
    {
      GantryProgramReport report = { .size = sizeof report };

      gantry_program_get_report (programs->pdata[i], &report);
      bytes += report.arrays + (gsize) report.n_tensors * TENSOR_BYTES;
    }
  bytes *= self->total % self->batch > 0 ? 2 : 1;
  /* A picture's samples, and what becomes of them. */
  bytes += n_samples * gantry_shape_size (&self->sample_shape) * (gantry_dtype_size (self->dtype) + 2);
  for (guint i = 0; i < self->phases->len; i++)
    {
      const GantryPhase *phase = self->phases->pdata[i];

      bytes += phase->parts != NULL ? _gantry_parts_count_bytes (phase->parts) : 0;
    }
  return bytes + count_state (self) + (_gantry_loader_get_depth (self->loader) * self->batch + 1) * count_record (self)
         + gantry_reader_get_memory (self->reader) + PROCESS_BYTES + (gsize) omp_get_max_threads () * THREAD_BYTES;
}

static gsize
count_workspace (GPtrArray *programs)
{
  gsize most = 0;

  for (guint i = 0; i < programs->len; i++)
    {
      GantryProgramReport report = { .size = sizeof report };

      gantry_program_get_report (programs->pdata[i], &report);
      most = MAX (most, report.workspace);
    }
  return most;
}

static void
forget_phases (GantrySession *self)
{
  g_ptr_array_set_size (self->phases, 0);
  g_ptr_array_set_size (self->averages, 0);
  g_ptr_array_set_size (self->samplers, 0);
  g_clear_pointer (&self->phase_names, g_strfreev);
  g_clear_pointer (&self->shares, g_free);
}

static gboolean
make (GantrySession *self, GError **error)
{
  GantryComponent *settings = gantry_pipeline_get_settings (self->pipeline);

  if (!_gantry_session_make_phases (self, error) || !_gantry_session_make_averages (self, error))
    return FALSE;
  /* Samples are drawn on the way: their program is a part of the training. */
  return self->budget == 0 || gantry_component_get_int (settings, "sample-interval") == 0
         || _gantry_session_get_sampler (self, MIN (GANTRY_SAMPLE_CHUNK, (gsize) gantry_component_get_int (settings, "samples")), error) != NULL;
}

/* Makes everything in one way, and counts what it takes; @workspace is wanted, and what it may be is given back. */
static gboolean
try_way (GantrySession *self, Way *way, gsize *workspace, GError **error)
{
  g_autoptr (GPtrArray) programs = NULL;
  gsize arrays;

  forget_phases (self);
  self->micro_batch = way->part < self->batch ? way->part : 0;
  self->shares_activations = way->shares;
  self->workspace = way->recomputes ? *workspace : G_MAXSIZE;
  if (!make (self, error))
    return FALSE;
  programs = _gantry_session_list_programs (self);
  arrays = count_arrays (self, programs);
  way->bytes = arrays + count_workspace (programs);
  *workspace = self->budget - MIN (arrays, self->budget);
  return TRUE;
}

/* What is made later, such as the program of a last batch that is smaller, has the same room. */
static void
take (GantrySession *self, const Way *way, gsize workspace)
{
  g_autofree gchar *needed = gantry_format_bytes (way->bytes);
  g_autofree gchar *allowed = gantry_format_bytes (self->budget);
  g_autofree gchar *how = describe (self, way);

  self->workspace = workspace;
  self->memory = g_strdup_printf ("%s; %s of %s", how, needed, allowed);
}

static gboolean
refuse (GantrySession *self, const Way *least, const gchar *obstacle, GError **error)
{
  g_autofree gchar *needed = gantry_format_bytes (least->bytes);
  g_autofree gchar *allowed = gantry_format_bytes (self->budget);
  g_autofree gchar *how = describe (self, least);
  const gchar *origin = gantry_pipeline_get_origin (self->pipeline, gantry_pipeline_get_settings (self->pipeline), "memory-budget");

  _gantry_pipeline_set_error (error, origin != NULL ? origin : "[pipeline]",
                              "memory-budget=%s is not enough: the least that this training needs is %s, with %s%s%s", allowed,
                              needed, how, obstacle != NULL ? "; smaller parts cannot be had: " : "", obstacle != NULL ? obstacle : "");
  return FALSE;
}

/* The next smaller parts; 0 where there are none. */
static gsize
halve (GantrySession *self, gsize part)
{
  const gboolean is_given = gantry_component_get_int (gantry_pipeline_get_settings (self->pipeline), "micro-batch") > 0;

  return is_given || part == 1 ? 0 : (part + 1) / 2;
}

/* One way after the other for parts of one size: TRUE with *@is_taken where one is small enough, FALSE where there are no such parts. */
static gboolean
fit_parts (GantrySession *self, gsize part, Way *least, gboolean *is_taken, GError **error)
{
  const Way ways[] = { { part, TRUE, FALSE, 0 }, { part, FALSE, FALSE, 0 }, { part, FALSE, TRUE, 0 } };
  gsize workspace = G_MAXSIZE;

  *is_taken = FALSE;
  for (guint i = part == self->batch && may_share (self) ? 0 : 1; i < G_N_ELEMENTS (ways) && !*is_taken; i++)
    {
      Way way = ways[i];

      if (!try_way (self, &way, &workspace, error))
        return FALSE;
      if (way.bytes < least->bytes)
        *least = way;
      *is_taken = way.bytes <= self->budget;
      if (*is_taken)
        take (self, &way, workspace);
    }
  return TRUE;
}

static gboolean
fit (GantrySession *self, GError **error)
{
  const gsize whole = self->micro_batch > 0 ? self->micro_batch : self->batch;
  Way least = { 0, FALSE, FALSE, G_MAXSIZE };

  for (gsize part = whole; part > 0; part = halve (self, part))
    {
      g_autoptr (GError) reason = NULL;
      gboolean is_taken;

      if (!fit_parts (self, part, &least, &is_taken, &reason))
        {
          /* What is fine as a whole need not be in parts. */
          if (part < whole)
            return refuse (self, &least, reason->message, error);
          g_propagate_error (error, g_steal_pointer (&reason));
          return FALSE;
        }
      if (is_taken)
        return TRUE;
    }
  return refuse (self, &least, NULL, error);
}

/* The phases, in the cheapest way that needs no more memory than the pipeline allows. */
gboolean
_gantry_session_make_programs (GantrySession *self, GError **error)
{
  self->budget = gantry_component_get_size (gantry_pipeline_get_settings (self->pipeline), "memory-budget");
  return self->budget > 0 ? fit (self, error) : make (self, error);
}

/**
 * gantry_session_get_memory:
 * @self: a session
 *
 * What `memory-budget=` of the pipeline has led to, in words, such as "micro-batches of 16 of 64, recomputation; 1.9 GiB of 4.0 GiB": how the
 * training is computed, and how much memory the process takes for that, with all variables, inputs, outputs and batches that are read ahead.
 *
 * Returns: (transfer none) (nullable): the words; %NULL where the pipeline has no budget
 */
const gchar *
gantry_session_get_memory (GantrySession *self)
{
  return self->memory;
}
