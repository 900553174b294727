/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "graph/batch-axis-private.h"
#include "train/pipeline-private.h"
#include "train/session-private.h"

G_BEGIN_DECLS

#define GANTRY_MAX_REGULARIZERS 63

/* What a description of a phase is for. */
typedef enum {
  GANTRY_DESCRIBE_STEP,  /* the whole: objectives, their gradients, the step */
  GANTRY_DESCRIBE_TERMS, /* objectives and terms alone */
  GANTRY_DESCRIBE_PART,  /* objectives of a part of the batch, with gradients as outputs; no state is written */
  GANTRY_DESCRIBE_APPLY  /* the step, from gradients that are inputs */
} GantryPurpose;

typedef struct {
  GantryPurpose purpose;
  gsize batch;
  GHashTable *averaged; /* names of variables whose next values are means over the parts */
  GantryGraph *graph;   /* behind what is described in it already; NULL for one of its own */
} GantryDescription;

/* *@phase is NULL where a step of its own has nothing to do. */
gboolean _gantry_phase_new (GantrySession *session, const GantryPlan *plan, GantryPhase **phase, GError **error);
GantryPhase *_gantry_phase_describe (GantrySession *session, const GantryPlan *plan, const GantryDescription *how, GError **error);
gboolean _gantry_phase_compile (GantryPhase *self, GantrySession *session, GError **error);

/* What parts give to the step, by the same name as output and as input (transfer full). */
gchar *_gantry_part_gradient_name (const gchar *player, const gchar *variable);
gchar *_gantry_part_state_name (const gchar *variable);

/* session-parts.c: as _gantry_phase_new(), for a phase that takes its batch in parts. */
gboolean _gantry_parts_new (GantrySession *session, const GantryPlan *plan, GantryPhase **phase, GError **error);
void _gantry_parts_free (GantryParts *self);
GantryPhase *_gantry_parts_get_first (GantryParts *self);
GPtrArray *_gantry_parts_list (GantryParts *self); /* GantryPhase, one a size of a part (transfer none) */
gsize _gantry_parts_count_bytes (GantryParts *self); /* of its own, besides its programs */
gboolean _gantry_parts_run (GantryPhase *step, const GantryRun *run, GError **error);
gboolean _gantry_parts_get_term (GantryParts *self, const gchar *output, gdouble *value); /* of the whole batch */
GantryArray *_gantry_parts_get_output (GantryParts *self, const gchar *output); /* likewise; NULL where parts cannot tell */

/* session-gather.c */
typedef struct _GantryGather GantryGather;

gboolean _gantry_gather_can (GantryTensor *tensor, const GantryBatchUse *use);
GantryGather *_gantry_gather_new (const gchar *output, GantryTensor *tensor, const GantryBatchUse *use, gsize batch, GError **error);
void _gantry_gather_free (GantryGather *self);
void _gantry_gather_add (GantryGather *self, GantryProgram *program, gsize at, gsize n);
const gchar *_gantry_gather_get_output (GantryGather *self);
GantryArray *_gantry_gather_get_array (GantryGather *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryParts, _gantry_parts_free)

G_END_DECLS
