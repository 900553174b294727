/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <check.h>
#include <gantry/gantry.h>
#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>

/* The scanned registry of the build tree. */
GantryRegistry *fixture_registry (void);

/* A new folder for a test's files; removed with all that is in it. */
gchar *fixture_folder (void);
gchar *fixture_write (const gchar *folder, const gchar *name, const gchar *data, gssize size);
void fixture_remove (const gchar *folder);

/* Runs a test case as a suite: the status of main. */
gint fixture_run (TCase *tests);
