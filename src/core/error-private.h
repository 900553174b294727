/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/error.h>

G_BEGIN_DECLS

/* Ends a message about a name that is not known: " (did you mean 'hinge'?)", " (there are: a, b)" or nothing. (transfer full) */
gchar *_gantry_suggest (const gchar *name, const gchar *const *candidates);

G_END_DECLS
