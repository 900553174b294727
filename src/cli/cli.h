/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands of `gantry` share.  They use the library's public headers alone. */
#pragma once

#include <gantry/gantry.h>

G_BEGIN_DECLS

/* Exit statuses. */
enum {
  CLI_DONE = 0,
  CLI_FAILED = 1,       /* the run failed */
  CLI_BAD_INPUT = 2,    /* the command line, a pipeline, a plugin or data is not what it should be */
  CLI_INTERRUPTED = 130 /* interrupted, and saved */
};

typedef struct {
  const gchar *name;
  const gchar *summary;
  gint (*run) (gint argc, gchar **argv); /* argv[0] is the command's name */
} CliCommand;

gint cli_checkpoints (gint argc, gchar **argv);
gint cli_bench (gint argc, gchar **argv);
gint cli_doctor (gint argc, gchar **argv);
gint cli_film (gint argc, gchar **argv);
gint cli_graph (gint argc, gchar **argv);
gint cli_inspect (gint argc, gchar **argv);
gint cli_list (gint argc, gchar **argv);
gint cli_sample (gint argc, gchar **argv);
gint cli_train (gint argc, gchar **argv);

/* The registry that --plugin-path was applied to, scanned: NULL with a message printed where it cannot be. (transfer none) */
GantryRegistry *cli_get_registry (void);

/* Print `gantry: MESSAGE` to stderr and return a status, so that a command can end with them. */
gint cli_fail (gint status, const gchar *format, ...) G_GNUC_PRINTF (2, 3);
gint cli_fail_error (gint status, const GError *error);

/* Reads a command's options with GOption; prints what is wrong.  `parameters` and `summary` are for --help. */
gboolean cli_parse_options (gint *argc, gchar ***argv, const GOptionEntry *entries, const gchar *parameters, const gchar *summary);

/* For commands that take a pipeline: reads the options of `entries`, then the one pipeline file that is named, changed by
   the other options, and resolves it.  Prints what is wrong and gives NULL. (transfer full) */
GantryPipeline *cli_parse_pipeline (gint *argc, gchar ***argv, const GOptionEntry *entries, const gchar *parameters, const gchar *summary);

/* " (did you mean 'x'?)" or "". (transfer full) */
gchar *cli_suggest (const gchar *name, const gchar *const *candidates);

/* Escape sequences, empty unless standard output is a terminal that shows them. */
const gchar *cli_bold (void);
const gchar *cli_dim (void);
const gchar *cli_plain (void);

G_END_DECLS
