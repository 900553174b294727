/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A backend for tests of layouts: convolutions alone, in float64, with naive loops over images that are blocked along any axis. */
#pragma once

#include <gantry/gantry.h>

/* Blocks of two along the axis, where they fit. */
GantryBackend *blocking_backend_new (guint axis);
