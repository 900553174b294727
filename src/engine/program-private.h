/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "compile-private.h"
#include "workspace-private.h"

/* An input of the graph. */
typedef struct {
  GantryTensor *tensor; /* of the source graph */
  GantryArray *array;   /* NULL until someone needs it */
  guint64 hash;         /* of the name of a random input */
  gboolean live;        /* something that is computed reads it */
  gboolean bound;
} GantryInput;

typedef struct {
  const gchar *name;
  GantryArray *array;
} GantryOutput;

/* What is left to move after the kernels. */
typedef struct {
  gconstpointer from;
  gpointer to;
  gsize bytes;
} GantryMove;

struct _GantryProgram {
  GObject parent_instance;
  GantryLowering *lowering;
  GantryState *state;
  GPtrArray *backends;
  GArray *steps;           /* GantryStep */
  GArray *inputs;          /* GantryInput */
  GHashTable *input_index; /* name -> index + 1 */
  GArray *outputs;         /* GantryOutput */
  GPtrArray *arrays;       /* variables and constants, kept alive */
  GArray *moves;           /* GantryMove, in order */
  GantryWorkspace *workspace;
  gsize workspace_bytes;
  gsize variable_bytes;
  GantryKernelReport *kernel_reports; /* NULL until asked for */
  GantryProgramProfileFunc profile;   /* NULL: nothing is timed */
  gpointer profile_data;
  GDestroyNotify profile_notify;
};

GantryInput *_gantry_program_find_input (GantryProgram *self, const gchar *name);
gboolean _gantry_program_ensure_input (GantryInput *input, GError **error);
GantryArray *_gantry_program_get_bound (GantryProgram *self, const gchar *name); /* NULL where it is not bound */

/* Decides where every tensor lies, and makes the memory. */
gboolean _gantry_program_place (GantryProgram *self, GantryCompileFlags flags, GError **error);

/* What is left to compute after simplification, whatever kernels come to take it. */
gboolean _gantry_graph_count_flops (GantryGraph *graph, GantryCompileFlags flags, gdouble *flops, GError **error);

gint64 _gantry_profile_now (void);
void _gantry_profile_tell (GantryProgram *self, GantryProgramPart part, guint kernel, gint64 start);
