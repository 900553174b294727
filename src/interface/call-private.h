/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/context.h>

/*
 * Calls into a plugin: the label that its errors get, where what it publishes goes, and what is checked of
 * what it gives back.
 */

struct _GantryContextHost {
  GantryTensors *terms; /* gets what is published; NULL: outputs of the graph */
  const gchar *term;    /* what published names start with */
  gpointer game;        /* the GantryGameHost while a game plays */
};

gchar *_gantry_component_label (gpointer component);
void _gantry_push_prefix (GantryGraph *graph, const gchar *prefix);
void _gantry_context_begin (const GantryContext *context, const gchar *vfunc);
void _gantry_context_end (const GantryContext *context);
void _gantry_context_fail (const GantryContext *context, GantryGraphError code, const gchar *format, ...) G_GNUC_PRINTF (3, 4);
GantryTensor *_gantry_context_check (const GantryContext *context, const gchar *what, GantryTensor *given, const GantryShape *shape);
