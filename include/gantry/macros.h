/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

/* Marks what libgantry-1.so exports: everything else is hidden. */
#define GANTRY_API __attribute__ ((visibility ("default")))

/* The plugin ABI.  A plugin is accepted when its major is equal and its minor is not above the host's. */
#define GANTRY_ABI_MAJOR 1
#define GANTRY_ABI_MINOR 0
