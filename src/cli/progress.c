/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/progress.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TERMINAL_SECONDS 0.2
#define PLAIN_SECONDS 5

void
cli_progress_init (CliProgress *self, gboolean is_quiet)
{
  const gchar *terminal = g_getenv ("TERM");

  *self = (CliProgress) { 0 };
  self->is_quiet = is_quiet;
  self->is_terminal = isatty (STDOUT_FILENO) && terminal != NULL && !g_str_equal (terminal, "dumb");
}

void
cli_progress_end (CliProgress *self)
{
  if (self->has_line)
    putchar ('\n');
  self->has_line = FALSE;
  fflush (stdout);
}

/* 90 s: "1:30". */
static gchar *
format_time (gdouble seconds)
{
  const guint64 whole = seconds > 0 && seconds < 1e9 ? (guint64) (seconds + 0.5) : 0;

  if (whole >= 3600)
    return g_strdup_printf ("%" G_GUINT64_FORMAT ":%02u:%02u", whole / 3600, (guint) (whole / 60 % 60), (guint) (whole % 60));
  return g_strdup_printf ("%u:%02u", (guint) (whole / 60), (guint) (whole % 60));
}

static gdouble
get_rate (const GantryTrainingEvent *event)
{
  return event->seconds > 0 ? (event->images - event->start) / event->seconds : 0;
}

static gchar *
format_line (GantryTraining *training, const GantryTrainingEvent *event)
{
  GantrySession *session = gantry_training_get_session (training);
  GString *line = g_string_new (NULL);
  g_auto (GStrv) terms = gantry_session_list_terms (session);
  const gdouble rate = get_rate (event);
  gdouble value = 0;

  g_string_append_printf (line, "%3u%%  %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT " images  %.4g images/s",
                          (guint) (100 * MIN (event->images, event->total) / event->total), event->images, event->total, rate);
  if (rate > 0 && event->images < event->total)
    {
      g_autofree gchar *left = format_time ((event->total - event->images) / rate);

      g_string_append_printf (line, "  ETA %s", left);
    }
  for (guint i = 0; terms[i] != NULL; i++)
    {
      const gchar *dot = strchr (terms[i], '.');

      /* The parts of a term are in the log. */
      if (dot != NULL && strchr (dot + 1, '.') == NULL && gantry_session_get_term (session, terms[i], &value))
        g_string_append_printf (line, "  %s %.4g", terms[i], value);
    }
  return g_string_free (line, FALSE);
}

static void
show_on_terminal (CliProgress *self, const gchar *line)
{
  struct winsize size;
  gint width = 79;

  if (ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
    width = size.ws_col - 1;
  printf ("\r%.*s\033[K", width, line);
  self->has_line = TRUE;
  fflush (stdout);
}

void
cli_progress_event (GantryTraining *training, const GantryTrainingEvent *event, gpointer progress)
{
  CliProgress *self = progress;
  const gboolean is_last = event->kind == GANTRY_TRAINING_FINISHED || event->kind == GANTRY_TRAINING_INTERRUPTED;
  g_autofree gchar *line = NULL;

  if (event->kind == GANTRY_TRAINING_ROLLED_BACK)
    {
      cli_progress_end (self);
      fprintf (stderr, "gantry: warning: %s\n", event->message);
      return;
    }
  if (self->is_quiet)
    return;
  if (event->kind == GANTRY_TRAINING_SAMPLED && !self->is_terminal)
    printf ("samples: %s\n", event->path);
  if (event->kind != GANTRY_TRAINING_STEPPED && !is_last)
    {
      fflush (stdout);
      return;
    }
  if (!is_last && event->seconds - self->shown < (self->is_terminal ? TERMINAL_SECONDS : PLAIN_SECONDS))
    return;
  self->shown = event->seconds;
  line = format_line (training, event);
  if (self->is_terminal)
    show_on_terminal (self, line);
  else
    printf ("%s\n", line);
  fflush (stdout);
  if (is_last)
    {
      g_autofree gchar *time = format_time (event->seconds);

      cli_progress_end (self);
      printf ("%s after %s\n", event->kind == GANTRY_TRAINING_FINISHED ? "finished" : "interrupted and saved", time);
    }
}
