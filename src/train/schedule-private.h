/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/property.h>

G_BEGIN_DECLS

/* A number that is a function of the images shown, and of nothing else. */
typedef struct _GantrySchedule GantrySchedule;

/* Whether the text of a schedulable property is more than a number. */
gboolean _gantry_schedule_is_text (const gchar *text);
/* @length: images of the training, over which a schedule goes that names no span. */
GantrySchedule *_gantry_schedule_parse (GParamSpec *pspec, const gchar *text, guint64 length, GError **error);
void _gantry_schedule_free (GantrySchedule *self);
gdouble _gantry_schedule_at (const GantrySchedule *self, guint64 images);
const gchar *_gantry_schedule_get_key (const GantrySchedule *self);
const gchar *_gantry_schedule_get_text (const GantrySchedule *self); /* with every span written out */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantrySchedule, _gantry_schedule_free)

G_END_DECLS
