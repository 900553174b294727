/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "replay/settings.h"

/* A subject of the category `ops`: its formula, written with the public constructors of graphs.  It sets the case's
   outputs; a subject that cannot be written with them is not built. */
typedef struct {
  const gchar *name;
  gboolean (*build) (Replay *self, GError **error);
} OpSubject;

/* Each ends with a NULL name. */
extern const OpSubject op_subjects_elementwise[];
extern const OpSubject op_subjects_rows[];
extern const OpSubject op_subjects_reduce[];
extern const OpSubject op_subjects_shape[];
extern const OpSubject op_subjects_spatial[];
extern const OpSubject op_subjects_product[];
extern const OpSubject op_subjects_norm[];
extern const OpSubject op_subjects_weight[];
extern const OpSubject op_subjects_layer[];
extern const OpSubject op_subjects_filter[];

/* Shared by several. */
guint subject_axis (Replay *self, GantryTensor *x, gint64 dim);          /* a negative dim counts from the end */
void subject_geometry (Replay *self, GantryConvolution *geometry);       /* from stride, padding, dilation, groups, output_padding */
GantryTensor *subject_add_channels (GantryTensor *x, GantryTensor *bias); /* along axis 1; no bias: x itself */
