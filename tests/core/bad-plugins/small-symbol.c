/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The symbol is there, but is a number. */
#include <gantry/macros.h>

GANTRY_API extern const int gantry_plugin_info;
const int gantry_plugin_info = 1;
