/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "train/pipeline-private.h"
#include "train/session-private.h"

G_BEGIN_DECLS

/* The component behind [average]. */
#define GANTRY_TYPE_AVERAGE_SETTINGS (_gantry_average_settings_get_type ())
GType _gantry_average_settings_get_type (void);
GantryComponent *_gantry_average_settings_new (const gchar *network);
gboolean _gantry_average_settings_check (GantrySection *section, GError **error); /* whether its keys fit together */

/* Average of all variables of a network, "NETWORK-ema.NAME" of "NETWORK.NAME". */
gchar *_gantry_average_name (const gchar *network);
GantryAverage *_gantry_average_new (GantrySession *session, GantryComponent *settings, GError **error);
GantryProgram *_gantry_average_get_program (GantryAverage *self);
void _gantry_average_free (GantryAverage *self);
gboolean _gantry_average_run (GantryAverage *self, GantrySession *session, GError **error); /* after the phases of a turn */
gboolean _gantry_average_copy (GantryAverage *self, GantryState *state, GError **error);    /* begins anew at the present weights */

G_END_DECLS
