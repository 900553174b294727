/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/macros.h>

G_BEGIN_DECLS

GANTRY_API void gantry_init (void); /* makes the kinds of components known; may be called more than once */
GANTRY_API const gchar *gantry_version (void);

G_END_DECLS
