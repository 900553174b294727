/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Labels of classes as a further input of a network, by concatenation.  Mirza & Osindero 2014, section 3.2. */
#pragma once

#include <gantry/gantry.h>

#define CONDITION_PROPERTIES                                                                                                             \
  GANTRY_ENUM ("conditional", "none|concatenate", "none", 0,                                                                             \
               "concatenate appends each sample's label, one number a class, to the latent, and to the discriminator's input as constants"), \
  GANTRY_INT ("classes", 0, 1000000, 0, 0, "classes", "how many classes conditional=concatenate tells apart; labels are 0, 1, ...")

/* Says in a declaration how many classes there are; %FALSE with an error where the two properties do not fit together. */
gboolean condition_declare (gpointer self, GantryArchitectureDeclaration *out, GError **error);

/* x [batch, n, ...] with the label's classes as further elements, or channels that are constant, of axis 1: [batch, n + classes, ...].
   Without conditional= it is x. */
GantryTensor *condition_append (gpointer self, const GantryArchitectureInput *in, GantryTensor *x);
