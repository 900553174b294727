/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/registry.h>

G_BEGIN_DECLS

/* Scans if that was not done yet. */
gboolean _gantry_registry_ensure_scanned (GantryRegistry *self, GError **error);

G_END_DECLS
