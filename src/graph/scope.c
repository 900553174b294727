/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where in a graph one is: labels that errors say, prefixes that name variables, the mode of an application. */
#include "graph/graph-internal.h"

static void
push (GantryGraph *self, const gchar *label, const gchar *prefix)
{
  GantryScope before = { self->label, self->prefix };
  g_autofree gchar *joined = *self->label != '\0' ? g_strdup_printf ("%s: %s", self->label, label) : g_strdup (label);

  g_array_append_val (self->scopes, before);
  self->label = _gantry_graph_intern (self, joined);
  if (prefix != NULL)
    self->prefix = _gantry_graph_intern (self, prefix);
}

/**
 * gantry_graph_push_label:
 * @self: a graph
 * @format: the label, as of printf(), such as "loss/hinge"
 * @...: what it formats
 *
 * Errors from here to the matching [method@Gantry.Graph.pop] say the label; names stay as they are.
 */
void
gantry_graph_push_label (GantryGraph *self, const gchar *format, ...)
{
  g_autofree gchar *label = NULL;
  va_list arguments;

  va_start (arguments, format);
  label = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  push (self, label, NULL);
}

/**
 * gantry_graph_push_scope:
 * @self: a graph
 * @name: what is appended to the prefix after a dot, such as "main.0"
 *
 * Variables and random tensors made from here to the matching [method@Gantry.Graph.pop] have @name in their
 * names, and errors say it.
 */
void
gantry_graph_push_scope (GantryGraph *self, const gchar *name)
{
  g_autofree gchar *prefix = gantry_graph_qualify (self, name);

  push (self, name, prefix);
}

/**
 * gantry_graph_push_owner:
 * @self: a graph
 * @owner: the new prefix, such as a network's name; "" for none
 *
 * Replaces the prefix until the matching [method@Gantry.Graph.pop], so that a network's variables have the
 * same names wherever it is applied; errors say @owner after what was said before.
 */
void
gantry_graph_push_owner (GantryGraph *self, const gchar *owner)
{
  push (self, owner, owner);
}

/**
 * gantry_graph_pop:
 * @self: a graph
 *
 * Goes back to where one was before the last label, scope or owner.  More pops than pushes are an error that
 * sticks.
 */
void
gantry_graph_pop (GantryGraph *self)
{
  GantryScope *before;

  if (self->scopes->len == 0)
    {
      gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "pop: no scope was pushed");
      return;
    }
  before = &g_array_index (self->scopes, GantryScope, self->scopes->len - 1);
  self->label = before->label;
  self->prefix = before->prefix;
  g_array_set_size (self->scopes, self->scopes->len - 1);
}

/**
 * gantry_graph_get_label:
 * @self: a graph
 *
 * Returns: (transfer full): what errors say now, such as "loss/hinge: discriminator"; "" outside of everything
 */
gchar *
gantry_graph_get_label (GantryGraph *self)
{
  return g_strdup (self->label);
}

/**
 * gantry_graph_get_prefix:
 * @self: a graph
 *
 * Returns: (transfer full): what names begin with now, such as "generator.main"; "" outside of everything
 */
gchar *
gantry_graph_get_prefix (GantryGraph *self)
{
  return g_strdup (self->prefix);
}

/**
 * gantry_graph_qualify:
 * @self: a graph
 * @name: a name in the present scope
 *
 * Returns: (transfer full): the full name, "PREFIX.NAME", or @name where there is no prefix
 */
gchar *
gantry_graph_qualify (GantryGraph *self, const gchar *name)
{
  return *self->prefix != '\0' ? g_strdup_printf ("%s.%s", self->prefix, name) : g_strdup (name);
}

/**
 * gantry_graph_push_mode:
 * @self: a graph
 * @mode: how layers behave until the matching [method@Gantry.Graph.pop_mode]
 */
void
gantry_graph_push_mode (GantryGraph *self, GantryMode mode)
{
  g_array_append_val (self->modes, mode);
}

/**
 * gantry_graph_pop_mode:
 * @self: a graph
 *
 * Goes back to the mode before.  More pops than pushes are an error that sticks.
 */
void
gantry_graph_pop_mode (GantryGraph *self)
{
  if (self->modes->len == 0)
    {
      gantry_graph_fail (self, GANTRY_GRAPH_ERROR, GANTRY_GRAPH_ERROR_ARGUMENT, "pop: no mode was pushed");
      return;
    }
  g_array_set_size (self->modes, self->modes->len - 1);
}

/**
 * gantry_graph_get_mode:
 * @self: a graph
 *
 * Returns: the mode pushed last, %GANTRY_MODE_TRAIN at first
 */
GantryMode
gantry_graph_get_mode (GantryGraph *self)
{
  return self->modes->len > 0 ? g_array_index (self->modes, GantryMode, self->modes->len - 1) : GANTRY_MODE_TRAIN;
}

const gchar *
_gantry_graph_swap_label (GantryGraph *graph, const gchar *label)
{
  const gchar *before = graph->label;

  graph->label = _gantry_graph_intern (graph, label);
  return before;
}
