/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/macros.h>

G_BEGIN_DECLS

/**
 * GantryLogLevel:
 * @GANTRY_LOG_ERROR: something failed (level 1)
 * @GANTRY_LOG_WARNING: something is not as it should be (level 2)
 * @GANTRY_LOG_INFO: once a run (level 3)
 * @GANTRY_LOG_DEBUG: once a phase or file (level 4)
 * @GANTRY_LOG_TRACE: once a step or op (level 5)
 */
typedef enum {
  GANTRY_LOG_ERROR = 1,
  GANTRY_LOG_WARNING,
  GANTRY_LOG_INFO,
  GANTRY_LOG_DEBUG,
  GANTRY_LOG_TRACE
} GantryLogLevel;

/**
 * GantryLogFunc:
 * @category: the category, such as "registry"
 * @level: the level
 * @message: one line without a newline
 * @user_data: what was given to [func@Gantry.log_set_handler]
 *
 * Receives the messages of the library, which itself never prints.
 */
typedef void (*GantryLogFunc) (const gchar *category, GantryLogLevel level, const gchar *message, gpointer user_data);

GANTRY_API void gantry_log_set_handler (GantryLogFunc func, gpointer user_data);
GANTRY_API gboolean gantry_log_set_thresholds (const gchar *spec, GError **error);
GANTRY_API gboolean gantry_log_enabled (const gchar *category, GantryLogLevel level);
GANTRY_API void gantry_log_message (const gchar *category, GantryLogLevel level, const gchar *format, ...) G_GNUC_PRINTF (3, 4);

#ifdef GANTRY_DISABLE_DEBUG
#define gantry_debug(category, ...) G_STMT_START { } G_STMT_END
#else
/* Costs one comparison when the category is quiet; compiled out with -DGANTRY_DISABLE_DEBUG. */
#define gantry_debug(category, ...) \
  G_STMT_START { \
    if (gantry_log_enabled (category, GANTRY_LOG_DEBUG)) \
      gantry_log_message (category, GANTRY_LOG_DEBUG, __VA_ARGS__); \
  } G_STMT_END
#endif

G_END_DECLS
