/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A file of the Trace Event Format, which browsers' trace viewers show: an event a kernel, and one around those of each phase. */
#pragma once

#include "cli/cli.h"

typedef struct _CliTrace CliTrace;

CliTrace *cli_trace_new (const gchar *path); /* prints what is wrong and gives NULL */
void cli_trace_add (CliTrace *self, const gchar *phase, GantryProgram *program, const GantryProgramSpan *span);
void cli_trace_watch (CliTrace *self, GantrySession *session); /* everything that the session runs */
gboolean cli_trace_free (CliTrace *self);                      /* ends the file; prints what is wrong; NULL is well */
