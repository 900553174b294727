/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/component.h>
#include <gantry/error.h>
#include <gantry/shape.h>

G_BEGIN_DECLS

/**
 * GantryTensor:
 *
 * A symbolic value: shape, dtype, the op that makes it.  Borrowed: it is owned by its graph and lives as long.
 * As a boxed type (for bindings) its copy holds the graph.
 */
typedef struct _GantryTensor GantryTensor;

/**
 * GantryMode:
 * @GANTRY_MODE_TRAIN: batch statistics, state is written
 * @GANTRY_MODE_FROZEN: batch statistics, state is left alone
 * @GANTRY_MODE_EVALUATE: stored statistics, state is left alone
 */
typedef enum {
  GANTRY_MODE_TRAIN,
  GANTRY_MODE_FROZEN,
  GANTRY_MODE_EVALUATE
} GantryMode;

/**
 * GantryInitializerKind:
 * @GANTRY_INITIALIZER_CONSTANT: a
 * @GANTRY_INITIALIZER_NORMAL: mean a, standard deviation b
 * @GANTRY_INITIALIZER_UNIFORM: from a to b
 * @GANTRY_INITIALIZER_UNIT_VECTOR: normal draws divided by their Euclidean norm
 * @GANTRY_INITIALIZER_TRUNCATED_NORMAL: normal of mean 0 and standard deviation a, cut off at b standard deviations;
 *   a is that before the cut
 * @GANTRY_INITIALIZER_XAVIER_UNIFORM: within a sqrt(6 / (fan_in + fan_out)) of 0.  Glorot & Bengio 2010, eq. 16
 * @GANTRY_INITIALIZER_XAVIER_NORMAL: normal, standard deviation a sqrt(2 / (fan_in + fan_out))
 * @GANTRY_INITIALIZER_KAIMING_UNIFORM: within a sqrt(3 / fan) of 0, with fan_in, or fan_out where b is 1.  He et al. 2015, eq. 10 and 14
 * @GANTRY_INITIALIZER_KAIMING_NORMAL: normal, standard deviation a / sqrt(fan), likewise
 * @GANTRY_INITIALIZER_ORTHOGONAL: as a matrix [outputs, rest]: a times orthonormal rows, or columns where there are more rows than
 *   columns, distributed evenly.  Saxe et al. 2014
 *
 * fan_in is the number of elements behind one index of axis 0, fan_out that behind one of axis 1, as PyTorch counts them also
 * where a transposed convolution has its inputs on axis 0.
 */
typedef enum {
  GANTRY_INITIALIZER_CONSTANT,
  GANTRY_INITIALIZER_NORMAL,
  GANTRY_INITIALIZER_UNIFORM,
  GANTRY_INITIALIZER_UNIT_VECTOR,
  GANTRY_INITIALIZER_TRUNCATED_NORMAL,
  GANTRY_INITIALIZER_XAVIER_UNIFORM,
  GANTRY_INITIALIZER_XAVIER_NORMAL,
  GANTRY_INITIALIZER_KAIMING_UNIFORM,
  GANTRY_INITIALIZER_KAIMING_NORMAL,
  GANTRY_INITIALIZER_ORTHOGONAL
} GantryInitializerKind;

/**
 * GantryFan:
 * @GANTRY_FAN_IN: inputs of one output: activations keep their variance
 * @GANTRY_FAN_OUT: outputs of one input: gradients keep theirs
 */
typedef enum {
  GANTRY_FAN_IN,
  GANTRY_FAN_OUT
} GantryFan;

/**
 * GantryInitializer:
 *
 * How a variable is filled when it is made.  Draws come from (seed, name) alone.
 */
typedef struct {
  GantryInitializerKind kind;
  gdouble a;
  gdouble b;
} GantryInitializer;

#define GANTRY_CONSTANT(value) (&(const GantryInitializer) { GANTRY_INITIALIZER_CONSTANT, value, 0 })
#define GANTRY_NORMAL(mean, deviation) (&(const GantryInitializer) { GANTRY_INITIALIZER_NORMAL, mean, deviation })
#define GANTRY_UNIFORM(low, high) (&(const GantryInitializer) { GANTRY_INITIALIZER_UNIFORM, low, high })
#define GANTRY_UNIT_VECTOR (&(const GantryInitializer) { GANTRY_INITIALIZER_UNIT_VECTOR, 0, 0 })
#define GANTRY_TRUNCATED_NORMAL(deviation, bound) (&(const GantryInitializer) { GANTRY_INITIALIZER_TRUNCATED_NORMAL, deviation, bound })
#define GANTRY_XAVIER_UNIFORM(gain) (&(const GantryInitializer) { GANTRY_INITIALIZER_XAVIER_UNIFORM, gain, 0 })
#define GANTRY_XAVIER_NORMAL(gain) (&(const GantryInitializer) { GANTRY_INITIALIZER_XAVIER_NORMAL, gain, 0 })
#define GANTRY_KAIMING_UNIFORM(gain, fan) (&(const GantryInitializer) { GANTRY_INITIALIZER_KAIMING_UNIFORM, gain, fan })
#define GANTRY_KAIMING_NORMAL(gain, fan) (&(const GantryInitializer) { GANTRY_INITIALIZER_KAIMING_NORMAL, gain, fan })
#define GANTRY_ORTHOGONAL(gain) (&(const GantryInitializer) { GANTRY_INITIALIZER_ORTHOGONAL, gain, 0 })

/* Gains that make up for what an activation takes from the variance.  He et al. 2015; PyTorch's for the hyperbolic tangent. */
#define GANTRY_GAIN_LINEAR 1.0
#define GANTRY_GAIN_TANH (5.0 / 3)
#define GANTRY_GAIN_RELU G_SQRT2
#define GANTRY_GAIN_LEAKY_RELU(slope) sqrt (2 / (1 + (gdouble) (slope) * (slope))) /* needs math.h */

/**
 * GantryVariable:
 * @name: full name, such as "generator.main.0.weight"
 *
 * A graph's declaration of named state; the numbers are in a [class@Gantry.State].  Owned by its graph.
 */
typedef struct {
  const gchar *name;
  GantryShape shape;
  GantryDType dtype;
  GantryInitializer initializer;
  gboolean trainable;
} GantryVariable;

/**
 * GantryInputKind:
 */
typedef enum {
  GANTRY_INPUT_FEED,    /* bound before each run */
  GANTRY_INPUT_NORMAL,  /* standard normal draws unless bound */
  GANTRY_INPUT_UNIFORM, /* uniform draws in [0, 1) unless bound */
  GANTRY_INPUT_SCALAR   /* the present value of a component's property unless bound */
} GantryInputKind;

#define GANTRY_TYPE_GRAPH (gantry_graph_get_type ())
GANTRY_API G_DECLARE_FINAL_TYPE (GantryGraph, gantry_graph, GANTRY, GRAPH, GObject)

#define GANTRY_TYPE_TENSOR (gantry_tensor_get_type ())
GANTRY_API GType gantry_tensor_get_type (void);

GANTRY_API GantryGraph *gantry_graph_new (GantryDType dtype);
GANTRY_API GantryDType gantry_graph_get_dtype (GantryGraph *self);
GANTRY_API gboolean gantry_graph_finish (GantryGraph *self, GError **error);
GANTRY_API gboolean gantry_graph_has_failed (GantryGraph *self);
GANTRY_API void gantry_graph_fail (GantryGraph *self, GQuark domain, gint code, const gchar *format, ...) G_GNUC_PRINTF (4, 5);
GANTRY_API GantryTensor *gantry_graph_poison (GantryGraph *self, const GantryShape *shape, GantryDType dtype);

/* Scopes: a label is said in errors; a prefix names variables and random tensors made inside. */
GANTRY_API void gantry_graph_push_label (GantryGraph *self, const gchar *format, ...) G_GNUC_PRINTF (2, 3);
GANTRY_API void gantry_graph_push_scope (GantryGraph *self, const gchar *name);  /* appended to the prefix, and a label */
GANTRY_API void gantry_graph_push_owner (GantryGraph *self, const gchar *owner); /* a new prefix, and a label */
GANTRY_API void gantry_graph_pop (GantryGraph *self);
GANTRY_API gchar *gantry_graph_get_label (GantryGraph *self);  /* "loss/hinge: discriminator" */
GANTRY_API gchar *gantry_graph_get_prefix (GantryGraph *self); /* "generator.main" */
GANTRY_API gchar *gantry_graph_qualify (GantryGraph *self, const gchar *name); /* prefix.name */
GANTRY_API void gantry_graph_push_mode (GantryGraph *self, GantryMode mode);
GANTRY_API void gantry_graph_pop_mode (GantryGraph *self);
GANTRY_API GantryMode gantry_graph_get_mode (GantryGraph *self);

/* Inputs.  Names are full names, unique in a graph: asking twice for a feed gives the same tensor. */
GANTRY_API GantryTensor *gantry_graph_feed (GantryGraph *self, const gchar *name, const GantryShape *shape, GantryDType dtype);
GANTRY_API GantryTensor *gantry_graph_random (GantryGraph *self, GantryInputKind kind, const gchar *name, const GantryShape *shape);
GANTRY_API GantryTensor *gantry_graph_bernoulli (GantryGraph *self, const gchar *name, const GantryShape *shape, gdouble probability); /* 0, 1 */
GANTRY_API GantryTensor *gantry_graph_integers (GantryGraph *self, const gchar *name, const GantryShape *shape, gsize n); /* int64 below n */
GANTRY_API GantryTensor *gantry_graph_scalar (GantryGraph *self, GantryComponent *component, const gchar *key);
GANTRY_API GantryTensor *gantry_graph_find_input (GantryGraph *self, const gchar *name);
GANTRY_API GPtrArray *gantry_graph_list_inputs (GantryGraph *self);

/* State: a read gives the value last assigned in construction order; all writes commit after the last read. */
GANTRY_API GantryVariable *gantry_graph_variable (GantryGraph *self, const gchar *name, const GantryShape *shape, GantryDType dtype,
                                                  const GantryInitializer *initializer, gboolean trainable);
GANTRY_API GantryVariable *gantry_graph_find_variable (GantryGraph *self, const gchar *full_name);
GANTRY_API GPtrArray *gantry_graph_list_variables (GantryGraph *self);
GANTRY_API GantryTensor *gantry_graph_read (GantryGraph *self, GantryVariable *variable);
GANTRY_API void gantry_graph_assign (GantryGraph *self, GantryVariable *variable, GantryTensor *value);
GANTRY_API GantryTensor *gantry_graph_get_assigned (GantryGraph *self, GantryVariable *variable); /* NULL if only read */
GANTRY_API void gantry_graph_bind (GantryGraph *self, GantryVariable *variable, GantryTensor *value); /* NULL: no longer */

/* What a program must deliver. */
GANTRY_API void gantry_graph_output (GantryGraph *self, const gchar *name, GantryTensor *tensor);
GANTRY_API GantryTensor *gantry_graph_find_output (GantryGraph *self, const gchar *name);
GANTRY_API gchar **gantry_graph_list_outputs (GantryGraph *self);
GANTRY_API guint gantry_graph_get_n_tensors (GantryGraph *self);
GANTRY_API GantryTensor *gantry_graph_get_tensor (GantryGraph *self, guint id);

/* A tensor. */
GANTRY_API GantryGraph *gantry_tensor_get_graph (const GantryTensor *tensor);
GANTRY_API guint gantry_tensor_get_id (const GantryTensor *tensor); /* construction order */
GANTRY_API const GantryShape *gantry_tensor_get_shape (const GantryTensor *tensor);
GANTRY_API guint gantry_tensor_get_n_dims (const GantryTensor *tensor);
GANTRY_API gsize gantry_tensor_get_dim (const GantryTensor *tensor, guint axis); /* 1 past the last axis */
GANTRY_API gsize gantry_tensor_get_size (const GantryTensor *tensor);
GANTRY_API GantryDType gantry_tensor_get_dtype (const GantryTensor *tensor);
GANTRY_API const gchar *gantry_tensor_get_op_name (const GantryTensor *tensor);
GANTRY_API const gchar *gantry_tensor_get_scope (const GantryTensor *tensor); /* label it was made in */
GANTRY_API const gchar *gantry_tensor_get_name (const GantryTensor *tensor);  /* of an input or a read variable, else NULL */
GANTRY_API GantryInputKind gantry_tensor_get_input_kind (const GantryTensor *tensor);
GANTRY_API guint gantry_tensor_get_n_inputs (const GantryTensor *tensor);
GANTRY_API GantryTensor *gantry_tensor_get_input (const GantryTensor *tensor, guint i);
GANTRY_API const gint64 *gantry_tensor_get_ints (const GantryTensor *tensor, guint *n_ints);
GANTRY_API const gdouble *gantry_tensor_get_reals (const GantryTensor *tensor, guint *n_reals);
GANTRY_API gboolean gantry_tensor_is_poisoned (const GantryTensor *tensor);

/* Differentiation, to any order: what comes back are tensors like any other. */
GANTRY_API GantryTensor *gantry_gradient (GantryTensor *scalar, GantryTensor *with_respect_to);
GANTRY_API void gantry_gradients (GantryTensor *scalar, GantryTensor *const *with_respect_to, guint n, GantryTensor **gradients);
GANTRY_API gboolean gantry_tensor_depends_on (GantryTensor *tensor, GantryTensor *on); /* through differentiable paths */

G_END_DECLS
