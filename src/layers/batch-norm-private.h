/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/layers.h>

/* Moving averages of a batch normalization, and how many batches they saw; the count may be NULL. */
typedef struct {
  GantryVariable *mean;
  GantryVariable *variance;
  GantryVariable *count;
} GantryBatchStatistics;

/*
 * Normalises by the statistics that the graph's mode asks for, and moves the averages when training.  The weight and the bias
 * broadcast with x [batch, channels, ...] and may be NULL; a momentum of 0 means 0.1.
 */
GantryTensor *_gantry_batch_norm_apply (GantryTensor *x, const gchar *op, const GantryBatchStatistics *statistics, GantryTensor *weight,
                                        GantryTensor *bias, gdouble eps, gdouble momentum);
