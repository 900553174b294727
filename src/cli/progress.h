/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/cli.h"

G_BEGIN_DECLS

/* Shows how a training gets on: one line that changes on a terminal, a line now and then elsewhere. */
typedef struct {
  gboolean is_terminal;
  gboolean is_quiet;
  gdouble shown;       /* seconds when a line was last shown */
  gboolean has_line;   /* a line without its end stands on the terminal */
} CliProgress;

void cli_progress_init (CliProgress *self, gboolean is_quiet);
void cli_progress_event (GantryTraining *training, const GantryTrainingEvent *event, gpointer progress);
void cli_progress_end (CliProgress *self); /* ends an open line */

G_END_DECLS
