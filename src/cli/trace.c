/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/trace.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <stdio.h>

#include "cli/graph.h"

struct _CliTrace {
  gchar *path;
  FILE *file;
  gint64 start; /* of everything; -1 before the first event */
  gint64 phase_start;
  gboolean is_first;
};

CliTrace *
cli_trace_new (const gchar *path)
{
  FILE *file = g_fopen (path, "w");
  CliTrace *self;

  if (file == NULL)
    {
      cli_fail (CLI_BAD_INPUT, "--profile=%s: cannot be written: %s", path, g_strerror (errno));
      return NULL;
    }
  self = g_new0 (CliTrace, 1);
  self->path = g_strdup (path);
  self->file = file;
  self->start = -1;
  self->is_first = TRUE;
  fputs ("{\"displayTimeUnit\":\"ms\",\"traceEvents\":[", file);
  return self;
}

static void
print_string (CliTrace *self, const gchar *text)
{
  fputc ('"', self->file);
  for (const gchar *at = text; *at != '\0'; at++)
    {
      if (*at == '"' || *at == '\\')
        fputc ('\\', self->file);
      if ((guchar) *at < 0x20)
        fprintf (self->file, "\\u%04x", *at);
      else
        fputc (*at, self->file);
    }
  fputc ('"', self->file);
}

static void
begin_event (CliTrace *self, const gchar *name, const gchar *category, gint64 start, gint64 end)
{
  fputs (self->is_first ? "\n{\"name\":" : ",\n{\"name\":", self->file);
  self->is_first = FALSE;
  print_string (self, name);
  fputs (",\"cat\":", self->file);
  print_string (self, category);
  fprintf (self->file, ",\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":%" G_GINT64_FORMAT ".%03d,\"dur\":%" G_GINT64_FORMAT ".%03d",
           (start - self->start) / 1000, (gint) ((start - self->start) % 1000), (end - start) / 1000, (gint) ((end - start) % 1000));
}

static void
add_kernel (CliTrace *self, const gchar *phase, GantryProgram *program, const GantryProgramSpan *span)
{
  GantryKernelReport report = { sizeof report };
  g_autofree gchar *result = NULL;

  gantry_program_get_kernel_report (program, span->kernel, &report);
  result = cli_graph_describe_tensor (report.tensor);
  begin_event (self, report.name, report.backend, span->start, span->end);
  fputs (",\"args\":{\"scope\":", self->file);
  print_string (self, gantry_tensor_get_scope (report.tensor));
  fputs (",\"result\":", self->file);
  print_string (self, result);
  fprintf (self->file, ",\"flops\":%.0f,\"bytes\":%.0f}}", report.flops, report.bytes);
}

void
cli_trace_add (CliTrace *self, const gchar *phase, GantryProgram *program, const GantryProgramSpan *span)
{
  if (self->start < 0)
    self->start = span->start;
  switch (span->part)
    {
    case GANTRY_PROGRAM_INPUTS:
      self->phase_start = span->start;
      begin_event (self, "inputs", "gantry", span->start, span->end);
      fputc ('}', self->file);
      break;
    case GANTRY_PROGRAM_KERNEL:
      add_kernel (self, phase, program, span);
      break;
    case GANTRY_PROGRAM_RESULTS:
      begin_event (self, "results", "gantry", span->start, span->end);
      fputc ('}', self->file);
      begin_event (self, phase, "phase", self->phase_start, span->end);
      fputc ('}', self->file);
      break;
    }
}

static void
on_span (GantrySession *session, const gchar *phase, GantryProgram *program, const GantryProgramSpan *span, gpointer user_data)
{
  cli_trace_add (user_data, phase, program, span);
}

void
cli_trace_watch (CliTrace *self, GantrySession *session)
{
  gantry_session_set_profile_func (session, on_span, self, NULL);
}

gboolean
cli_trace_free (CliTrace *self)
{
  gboolean written;

  if (self == NULL)
    return TRUE;
  fputs ("\n]}\n", self->file);
  written = !ferror (self->file);
  written = fclose (self->file) == 0 && written;
  if (!written)
    cli_fail (CLI_FAILED, "--profile=%s: cannot be written: %s", self->path, g_strerror (errno));
  g_free (self->path);
  g_free (self);
  return written;
}
