/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/gantry.h>
#include <json-glib/json-glib.h>

/* What is not built ends a case with NOT_BUILT, which is a skip; everything else that stops one is a failure. */
typedef enum {
  REPLAY_ERROR_NOT_BUILT,
  REPLAY_ERROR_CASE
} ReplayError;

#define REPLAY_ERROR (replay_error_quark ())
GQuark replay_error_quark (void);

/* A reference case: a description in JSON and the tensors beside it. */
typedef struct {
  gchar *name; /* for the report alone: nothing may depend on it */
  gchar *category;
  gchar *subject;
  gchar *round;
  gint64 order;
  gdouble rtol;
  JsonObject *config;
  JsonObject *tensor_atol;
  gchar **inputs;
  gchar **parameters;
  gchar **buffers;
  gchar **outputs;
  gchar **gradients;
  GantryCheckpoint *tensors; /* NULL until loaded */
  gchar *tensors_path;
  JsonParser *parser;
} Case;

Case *case_load (const gchar *path, GError **error); /* NULL without an error: a JSON file that describes no case */
gboolean case_load_tensors (Case *self, GError **error);
void case_free (Case *self);
GantryArray *case_get_tensor (const Case *self, const gchar *name); /* NULL if absent */
gdouble case_get_atol (const Case *self, const gchar *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Case, case_free)
