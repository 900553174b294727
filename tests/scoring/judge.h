/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/gantry.h>

#define JUDGE_CLASSES 10

/* The shipped digit classifier as a compiled program: a LeNet of two convolutions, with max pooling, and two linear layers. */
typedef struct _Judge Judge;

Judge *judge_new (const gchar *classifier, gsize batch, GError **error);
void judge_free (Judge *self);
/* Adds the class probabilities of n images, [n, 1, 32, 32] float32 in [-1, 1] one after the other, to rows of JUDGE_CLASSES. */
gboolean judge_classify (Judge *self, const gfloat *images, gsize n, gdouble *probabilities, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Judge, judge_free)

/* exp (mean KL (p(y|x) || p(y))): Salimans et al. 2016, section 4, over one split. */
gdouble judge_score (const gdouble *probabilities, gsize n);
guint judge_class (const gdouble *row);
