/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "replay/settings.h"

/* A case's list of layers as the text of architecture/sequential's property `layers`.  How wide a layer is, the
   list does not say: the shape of its weight, PREFIX NAME.weight of the case, does. */
gchar *layers_to_text (Replay *self, JsonNode *layers, const gchar *prefix, const gchar *separator, GError **error);

/* The network of a list of layers, for samples of the shape of those in the case's tensor @sample. */
GantryNetwork *layers_make_network (Replay *self, JsonNode *layers, const gchar *name, const gchar *role, const gchar *prefix,
                                    const gchar *sample, GError **error);
