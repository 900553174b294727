/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "train/training-fixture.h"

#define SIZE 4 /* of the images */

extern gchar *folder;
extern gchar *images;

void setup (void);
void teardown (void);
void write_images (guint8 tint);
GantryPipeline *make_pipeline (const gchar *const *options);
GantrySession *make_session_with (const gchar *const *options, GError **error);
GantrySession *make_session (void);
void turn (GantrySession *session, guint n);
void assert_equal_arrays (GantryArray *a, GantryArray *b, const gchar *name);
void assert_equal_states (GantrySession *a, GantrySession *b);
