/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/layers.h>

/* Softmax over the last axis. */
GantryTensor *_gantry_attention_weights (GantryTensor *logits);
