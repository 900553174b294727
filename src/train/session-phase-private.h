/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "train/pipeline-private.h"
#include "train/session-private.h"

G_BEGIN_DECLS

#define GANTRY_MAX_REGULARIZERS 63

/* What a program of a phase is made of. */
typedef struct {
  const GantryGamePhase *phase;
  const GantryGamePlayer *player; /* whose regularization step of its own it is; NULL for the phase itself */
  guint interval;                 /* of that step */
  guint64 due;                    /* fused regularizers of this program, by their place in the pipeline */
  const gdouble *shares;          /* of a whole step, one for each player of the game */
} GantryPlan;

/* *@phase is NULL where a step of its own has nothing to do. */
gboolean _gantry_phase_new (GantrySession *session, const GantryPlan *plan, GantryPhase **phase, GError **error);

G_END_DECLS
