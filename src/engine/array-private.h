/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* Zeroed memory aligned to 64 bytes, or NULL; @block is what g_free() wants. */
gpointer _gantry_memory_new (gsize bytes, gpointer *block);
