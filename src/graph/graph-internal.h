/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The structures of this floor: nothing above includes this. */
#pragma once

#include "graph/graph-private.h"

typedef struct _GantryArena GantryArena;

struct _GantryTensor {
  GantryGraph *graph;
  guint id;
  const GantryOp *op;
  GantryShape shape;
  GantryDType dtype;
  gboolean poisoned;
  guint n_inputs;
  GantryTensor **inputs;
  guint n_ints;
  gint64 *ints;
  guint n_reals;
  gdouble *reals;
  const gchar *scope;
  const gchar *name;
  const gchar *draw; /* of a random tensor that is drawn as one of another name would be; else NULL */
  GantryInputKind input_kind;
  GantryComponent *component;
  const gchar *key;
  GantryVariable *variable;
};

typedef struct {
  GantryVariable public;
  GantryGraph *graph;
  GantryTensor *leaf;     /* the value before the run */
  GantryTensor *assigned; /* the last assigned value */
  GantryTensor *bound;    /* what reads give instead */
  guint stage;            /* that declared it last, from 1 */
} GantryVariableNode;

typedef struct {
  const gchar *label;
  const gchar *prefix;
} GantryScope;

struct _GantryGraph {
  GObject parent_instance;
  GantryDType dtype;
  GError *error;
  GantryArena *arena;
  GStringChunk *strings;
  GPtrArray *tensors;
  GArray *scopes; /* what was there before each push */
  const gchar *label;
  const gchar *prefix;
  GArray *modes;
  GHashTable *inputs_by_name;
  GPtrArray *inputs;
  GPtrArray *components;
  GHashTable *variables_by_name;
  GPtrArray *variables;
  GPtrArray *assigned;
  GHashTable *outputs_by_name;
  GPtrArray *outputs;        /* names */
  guint stage;               /* steps that were described before the present one */
  GPtrArray *stage_variables; /* those of the present one, in the order in which it declared them */
  GHashTable *stage_names;    /* set of the names of its inputs */
  const guint8 *carries;     /* during a reverse walk: whether a tensor passes a gradient on */
  guint n_carries;
};

GantryArena *_gantry_arena_new (void);
void _gantry_arena_free (GantryArena *arena);
gpointer _gantry_arena_alloc (GantryArena *arena, gsize size); /* zeroed */
gpointer _gantry_arena_copy (GantryArena *arena, gconstpointer data, gsize size);

/* A node as given: nothing is checked. */
GantryTensor *_gantry_graph_add (GantryGraph *graph, const GantryOp *op, const GantryShape *shape, GantryDType dtype,
                                 GantryTensor *const *inputs, guint n_inputs, const gint64 *ints, guint n_ints,
                                 const gdouble *reals, guint n_reals);
/* A leaf whose attributes are its dtype and dimensions. */
GantryTensor *_gantry_graph_add_leaf (GantryGraph *graph, const GantryOp *op, const GantryShape *shape, GantryDType dtype, const gchar *name);
/* The value that a variable has before the run. */
GantryTensor *_gantry_variable_leaf (GantryVariable *variable);
const gchar *_gantry_graph_intern (GantryGraph *graph, const gchar *text);
/* The present step has asked for it. */
void _gantry_graph_note_variable (GantryGraph *graph, GantryVariable *variable);
void _gantry_graph_note_input (GantryGraph *graph, GantryTensor *input);

/* Rejects sizes of 0, too many axes and products that do not fit in memory. */
gboolean _gantry_shape_check (const GantryShape *shape, GantryDType dtype, GError **error);

extern const GantryOp _gantry_op_feed;
extern const GantryOp _gantry_op_random;
extern const GantryOp _gantry_op_scalar;
extern const GantryOp _gantry_op_variable;
extern const GantryOp _gantry_op_fill;
extern const GantryOp _gantry_op_constant;
extern const GantryOp _gantry_op_poison;

typedef struct {
  const GantryOp *ops;
  guint n_ops;
} GantryOpFamily;

extern const GantryOpFamily _gantry_family_unary;
extern const GantryOpFamily _gantry_family_binary;
extern const GantryOpFamily _gantry_family_comparison;
extern const GantryOpFamily _gantry_family_functions;
extern const GantryOpFamily _gantry_family_selection;
extern const GantryOpFamily _gantry_family_reduction;
extern const GantryOpFamily _gantry_family_sorting;
extern const GantryOpFamily _gantry_family_shape;
extern const GantryOpFamily _gantry_family_slicing;
extern const GantryOpFamily _gantry_family_matmul;
extern const GantryOpFamily _gantry_family_convolution;
extern const GantryOpFamily _gantry_family_indexing;
extern const GantryOpFamily _gantry_family_resample;
extern const GantryOpFamily _gantry_family_pooling;

/* What shape rules and constructors share. */
typedef enum {
  GANTRY_OP_TAKES_FLOAT = 1 << 0,
  GANTRY_OP_TAKES_INT = 1 << 1,
  GANTRY_OP_TAKES_BOOL = 1 << 2
} GantryOpTakes;

#define GANTRY_OP_TAKES_NUMBERS (GANTRY_OP_TAKES_FLOAT | GANTRY_OP_TAKES_INT)
#define GANTRY_OP_TAKES_ANY (GANTRY_OP_TAKES_NUMBERS | GANTRY_OP_TAKES_BOOL)

gboolean _gantry_call_expect (const GantryOpCall *call, gint n_ints, gint n_reals, GError **error); /* -1 for any number */
gboolean _gantry_call_takes (const GantryOpCall *call, guint input, guint takes, GError **error);
gboolean _gantry_call_same_dtype (const GantryOpCall *call, guint a, guint b, GError **error);
gboolean _gantry_call_axis (const GantryOpCall *call, gint64 axis, guint n_dims, GError **error);
/* Sets the error to MESSAGE with the two shapes in front: "[2, 3] and [4]: MESSAGE"; returns FALSE. */
gboolean _gantry_shapes_error (GError **error, const GantryShape *a, const GantryShape *b, const gchar *format, ...) G_GNUC_PRINTF (4, 5);
gboolean _gantry_shape_error (GError **error, const GantryShape *shape, const gchar *format, ...) G_GNUC_PRINTF (3, 4);
/* The error "OP: MESSAGE" sticks unless @x is poisoned; gives a poisoned tensor of the shape of @x. */
GantryTensor *_gantry_op_fail (GantryTensor *x, const gchar *op, gint code, const gchar *format, ...) G_GNUC_PRINTF (4, 5);
gdouble _gantry_flops_none (const GantryTensor *y);
gdouble _gantry_flops_of_input (const GantryTensor *y);

/* Whether the reverse walk has use for the gradient of an input. */
gboolean _gantry_gradient_wanted (const GantryTensor *y, guint input);
/* 0 of the dtype of @x, to compare and select with. */
GantryTensor *_gantry_zero (GantryTensor *x);
