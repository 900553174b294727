/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host's side of the scan: asks the helper about one file at a time, so that it knows which one took it down. */
#include "config.h"

#include "core/scan-private.h"

#include <gantry/error.h>
#include <gantry/log.h>

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define LONGEST_LINE 65536
#define START_TIMEOUT 30000 /* milliseconds in which the helper itself has to start */

typedef struct {
  GPid pid;
  gint fd;
  guint answered;
  GString *input;
} Helper;

typedef enum {
  ANSWER_LINE,
  ANSWER_DEAD,
  ANSWER_LATE
} Answer;

gchar *
_gantry_scan_helper_path (void)
{
  const gchar *named = secure_getenv ("GANTRY_SCAN_HELPER");

  return g_strdup (named != NULL && named[0] != '\0' ? named : GANTRY_SCAN_HELPER);
}

/* How a child ended, in words. */
static gchar *
describe_end (gint status)
{
  if (WIFSIGNALED (status))
    {
      const gchar *name = sigabbrev_np (WTERMSIG (status));

      return g_strdup_printf ("crashes when it is opened: signal %s%s (%s)", name != NULL ? "SIG" : "", name != NULL ? name : "?",
                              strsignal (WTERMSIG (status)));
    }
  return g_strdup_printf ("ends the process when it is opened: exit status %d", WIFEXITED (status) ? WEXITSTATUS (status) : -1);
}

/* Ends the helper, if it has not ended by itself, and tells how it did where it did. (nullable) */
static gchar *
helper_stop (Helper *helper, gboolean died)
{
  gint status = 0;
  pid_t got;

  if (helper->pid == 0)
    return NULL;
  if (!died)
    kill (helper->pid, SIGKILL);
  do
    got = waitpid (helper->pid, &status, 0);
  while (got < 0 && errno == EINTR);
  close (helper->fd);
  g_string_free (helper->input, TRUE);
  memset (helper, 0, sizeof *helper);
  if (!died)
    return NULL;
  return got < 0 ? g_strdup ("ends the process when it is opened") : describe_end (status);
}

static Answer
helper_read_line (Helper *helper, guint timeout, gchar **line)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) timeout * 1000;

  for (;;)
    {
      gchar *end = memchr (helper->input->str, '\n', helper->input->len);
      gint64 left = (deadline - g_get_monotonic_time () + 999) / 1000;
      struct pollfd wait = { helper->fd, POLLIN, 0 };
      gchar buffer[4096];
      gssize n;

      if (end != NULL)
        {
          *line = g_strndup (helper->input->str, end - helper->input->str);
          g_string_erase (helper->input, 0, end - helper->input->str + 1);
          return ANSWER_LINE;
        }
      if (left <= 0 || helper->input->len > LONGEST_LINE)
        return ANSWER_LATE;
      n = poll (&wait, 1, (gint) MIN (left, G_MAXINT));
      if (n < 0 && errno != EINTR)
        return ANSWER_LATE;
      if (n <= 0)
        continue;
      n = recv (helper->fd, buffer, sizeof buffer, 0);
      if (n < 0 && (errno == EINTR || errno == EAGAIN))
        continue;
      if (n <= 0)
        return ANSWER_DEAD;
      g_string_append_len (helper->input, buffer, n);
    }
}

static gboolean
helper_start (Helper *helper, GError **error)
{
  g_autofree gchar *path = _gantry_scan_helper_path ();
  g_autofree gchar *greeting = NULL;
  g_autofree gchar *end = NULL;
  g_autoptr (GError) cause = NULL;
  Dl_info here = { 0 };
  gint ends[2];
  Answer answer;

  dladdr ((gpointer) _gantry_scan_files, &here);
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "plugin scan: no socket pair: %s", g_strerror (errno));
      return FALSE;
    }
  {
    const gchar *arguments[] = { path, here.dli_fname, NULL };
    gboolean started = g_spawn_async_with_pipes_and_fds (NULL, arguments, NULL,
                                                         G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL,
                                                         NULL, NULL, ends[1], -1, -1, NULL, NULL, 0, &helper->pid, NULL, NULL, NULL, &cause);

    close (ends[1]);
    if (!started)
      {
        close (ends[0]);
        helper->pid = 0;
        g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "plugin scan: the helper '%s' cannot be started: %s", path,
                     cause->message);
        return FALSE;
      }
  }
  helper->fd = ends[0];
  helper->answered = 0;
  helper->input = g_string_new (NULL);
  answer = helper_read_line (helper, START_TIMEOUT, &greeting);
  if (answer == ANSWER_LINE && g_str_equal (greeting, "gantry-plugin-scan 1"))
    return TRUE;
  end = helper_stop (helper, answer == ANSWER_DEAD);
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_PLUGIN, "plugin scan: '%s' does not behave as the scan helper of this version (%s)",
               path, answer == ANSWER_DEAD ? "it ended" : answer == ANSWER_LATE ? "it said nothing" : greeting);
  return FALSE;
}

static Answer
helper_ask (Helper *helper, const gchar *path, guint timeout, gchar **line)
{
  g_autofree gchar *escaped = g_strescape (path, NULL);
  g_autofree gchar *request = g_strconcat (escaped, "\n", NULL);
  gsize length = strlen (request);

  for (gsize sent = 0; sent < length;)
    {
      gssize n = send (helper->fd, request + sent, length - sent, MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return ANSWER_DEAD;
      sent += n;
    }
  return helper_read_line (helper, timeout, line);
}

static gboolean
scan_file (Helper *helper, const gchar *path, guint timeout, GantryScanResult *result, GError **error)
{
  for (;;)
    {
      g_autofree gchar *line = NULL;
      g_autofree gchar *end = NULL;
      gboolean fresh;
      Answer answer;

      if (helper->pid == 0 && !helper_start (helper, error))
        return FALSE;
      fresh = helper->answered == 0;
      answer = helper_ask (helper, path, timeout, &line);
      if (answer == ANSWER_LINE && _gantry_scan_parse (line, result))
        {
          helper->answered++;
          return TRUE;
        }
      end = helper_stop (helper, answer == ANSWER_DEAD);
      /* What was opened before may be to blame, a thread of it say: a file is judged by what it does alone. */
      if (answer == ANSWER_DEAD && !fresh)
        continue;
      result->is_late = answer == ANSWER_LATE;
      if (answer == ANSWER_LATE)
        result->reason = g_strdup_printf ("hangs when it is opened: no answer within %g s", timeout / 1000.0);
      else
        result->reason = end != NULL ? g_steal_pointer (&end) : g_strdup ("disturbs the scan when it is opened");
      return TRUE;
    }
}

GPtrArray *
_gantry_scan_files (const gchar *const *paths, guint timeout, GError **error)
{
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_scan_result_free);
  Helper helper = { 0 };
  gboolean good = TRUE;

  for (gsize i = 0; good && paths[i] != NULL; i++)
    {
      GantryScanResult *result = g_new0 (GantryScanResult, 1);

      g_ptr_array_add (results, result);
      good = scan_file (&helper, paths[i], timeout, result, error);
      if (good)
        gantry_debug ("registry", "%s: %s", paths[i], result->reason != NULL ? result->reason : "ok");
    }
  g_free (helper_stop (&helper, FALSE));
  return good ? g_steal_pointer (&results) : NULL;
}
