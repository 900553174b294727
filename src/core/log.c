/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gantry/error.h>
#include <gantry/log.h>

#include <stdlib.h>
#include <string.h>

#define DEFAULT_LEVEL GANTRY_LOG_INFO

static GMutex lock;
static GHashTable *thresholds;            /* category -> level, what was asked for by name */
static gint general_level = DEFAULT_LEVEL; /* of every other category */
static gint highest_level = DEFAULT_LEVEL; /* no category lets more through: the quick answer */
static GantryLogFunc handler;
static gpointer handler_data;

static gboolean
parse_level (const gchar *text, gint *level)
{
  if (text[0] < '0' || text[0] > '0' + GANTRY_LOG_TRACE || text[1] != '\0')
    return FALSE;
  *level = text[0] - '0';
  return TRUE;
}

/**
 * gantry_log_set_thresholds:
 * @spec: (nullable): comma-separated `CATEGORY:LEVEL`, or a bare `LEVEL` for all other categories, such as
 *   `registry:5,loss:4`; levels are 0 (silent) to 5 (trace); %NULL or "" for the default, level 3 for all
 * @error: return location for an error
 *
 * Sets which messages reach the handler.  The environment variable `GANTRY_DEBUG` has the same form and is read
 * before the first message; a call of this function replaces what it said.
 *
 * Returns: %FALSE with %GANTRY_CORE_ERROR_VALUE if @spec cannot be read; nothing is changed then
 */
gboolean
gantry_log_set_thresholds (const gchar *spec, GError **error)
{
  g_autoptr (GHashTable) table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_auto (GStrv) parts = g_strsplit (spec != NULL ? spec : "", ",", -1);
  gint general = DEFAULT_LEVEL;
  gint highest;
  GHashTableIter iter;
  gpointer value;

  for (gsize i = 0; parts[i] != NULL; i++)
    {
      gchar *part = g_strstrip (parts[i]);
      gchar *colon = strchr (part, ':');
      gint level = 0;

      if (part[0] == '\0')
        continue;
      if (!parse_level (colon != NULL ? colon + 1 : part, &level) || colon == part)
        {
          g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE,
                       "log levels: '%s' is not CATEGORY:LEVEL with a level from 0 (silent) to 5 (trace)", part);
          return FALSE;
        }
      if (colon == NULL)
        general = level;
      else
        g_hash_table_replace (table, g_strndup (part, colon - part), GINT_TO_POINTER (level));
    }
  highest = general;
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    highest = MAX (highest, GPOINTER_TO_INT (value));

  g_mutex_lock (&lock);
  g_clear_pointer (&thresholds, g_hash_table_unref);
  thresholds = g_steal_pointer (&table);
  general_level = general;
  g_atomic_int_set (&highest_level, highest);
  g_mutex_unlock (&lock);
  return TRUE;
}

static void
read_environment (void)
{
  static gsize done;
  const gchar *spec;
  g_autoptr (GError) error = NULL;

  if (!g_once_init_enter (&done))
    return;
  spec = secure_getenv ("GANTRY_DEBUG");
  if (spec != NULL && thresholds == NULL)
    gantry_log_set_thresholds (spec, &error);
  g_once_init_leave (&done, 1);
  if (error != NULL)
    gantry_log_message ("log", GANTRY_LOG_WARNING, "GANTRY_DEBUG: %s", error->message);
}

/**
 * gantry_log_set_handler:
 * @func: (nullable) (scope notified) (closure user_data): receives the messages, possibly from several threads
 * @user_data: given to @func
 *
 * Says where the library's messages go.  Without a handler they go nowhere: the library never prints.
 */
void
gantry_log_set_handler (GantryLogFunc func, gpointer user_data)
{
  g_mutex_lock (&lock);
  handler = func;
  handler_data = user_data;
  g_mutex_unlock (&lock);
}

/**
 * gantry_log_enabled:
 * @category: a category, such as "registry"
 * @level: a level
 *
 * Returns: whether messages of that category and level pass the thresholds
 */
gboolean
gantry_log_enabled (const gchar *category, GantryLogLevel level)
{
  gpointer found = NULL;
  gint threshold;

  read_environment ();
  if ((gint) level > g_atomic_int_get (&highest_level))
    return FALSE;
  g_mutex_lock (&lock);
  if (thresholds != NULL && g_hash_table_lookup_extended (thresholds, category, NULL, &found))
    threshold = GPOINTER_TO_INT (found);
  else
    threshold = general_level;
  g_mutex_unlock (&lock);
  return (gint) level <= threshold;
}

/**
 * gantry_log_message:
 * @category: the category, such as "registry"
 * @level: the level
 * @format: printf format of one line without a newline
 * @...: its arguments
 *
 * Hands a message to the handler if it passes the thresholds.
 */
void
gantry_log_message (const gchar *category, GantryLogLevel level, const gchar *format, ...)
{
  GantryLogFunc func;
  gpointer data;
  g_autofree gchar *message = NULL;
  va_list args;

  if (!gantry_log_enabled (category, level))
    return;
  g_mutex_lock (&lock);
  func = handler;
  data = handler_data;
  g_mutex_unlock (&lock);
  if (func == NULL)
    return;
  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  func (category, level, message, data);
}
