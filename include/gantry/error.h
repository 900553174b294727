/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/macros.h>

G_BEGIN_DECLS

/**
 * GantryCoreError:
 * @GANTRY_CORE_ERROR_UNKNOWN: no plugin, property or kind of that name
 * @GANTRY_CORE_ERROR_VALUE: a property's value cannot be read or is out of its range
 * @GANTRY_CORE_ERROR_FROZEN: a property was written after the component was compiled
 * @GANTRY_CORE_ERROR_PLUGIN: a plugin cannot be opened or does not fit this host
 * @GANTRY_CORE_ERROR_KIND: a plugin's type does not implement the interface of its kind
 */
typedef enum {
  GANTRY_CORE_ERROR_UNKNOWN,
  GANTRY_CORE_ERROR_VALUE,
  GANTRY_CORE_ERROR_FROZEN,
  GANTRY_CORE_ERROR_PLUGIN,
  GANTRY_CORE_ERROR_KIND
} GantryCoreError;

/**
 * GantryGraphError:
 * @GANTRY_GRAPH_ERROR_SHAPE: shapes that do not fit
 * @GANTRY_GRAPH_ERROR_DTYPE: dtypes that do not mix
 * @GANTRY_GRAPH_ERROR_ARGUMENT: an argument out of its range
 * @GANTRY_GRAPH_ERROR_GRADIENT: an op without a gradient rule, or a parameter that gets no gradient
 * @GANTRY_GRAPH_ERROR_NAME: a name that is not known, or already taken by something else
 */
typedef enum {
  GANTRY_GRAPH_ERROR_SHAPE,
  GANTRY_GRAPH_ERROR_DTYPE,
  GANTRY_GRAPH_ERROR_ARGUMENT,
  GANTRY_GRAPH_ERROR_GRADIENT,
  GANTRY_GRAPH_ERROR_NAME
} GantryGraphError;

/**
 * GantryEngineError:
 * @GANTRY_ENGINE_ERROR_BACKEND: no backend has a kernel, or a backend cannot be opened
 * @GANTRY_ENGINE_ERROR_INPUT: an input that is missing, or whose array does not fit
 * @GANTRY_ENGINE_ERROR_STATE: a variable that is missing, or whose array does not fit
 * @GANTRY_ENGINE_ERROR_MEMORY: memory cannot be had
 */
typedef enum {
  GANTRY_ENGINE_ERROR_BACKEND,
  GANTRY_ENGINE_ERROR_INPUT,
  GANTRY_ENGINE_ERROR_STATE,
  GANTRY_ENGINE_ERROR_MEMORY
} GantryEngineError;

/**
 * GantryTrainError:
 * @GANTRY_TRAIN_ERROR_PIPELINE: the pipeline says something that cannot be
 * @GANTRY_TRAIN_ERROR_DATA: a dataset that cannot be read or does not fit
 * @GANTRY_TRAIN_ERROR_CHECKPOINT: a checkpoint that cannot be read or written, or does not fit
 * @GANTRY_TRAIN_ERROR_RUN: a run directory that cannot be used
 * @GANTRY_TRAIN_ERROR_DIVERGED: a loss is not a finite number
 * @GANTRY_TRAIN_ERROR_OUTPUT: an output that no phase has, or that is not there yet
 */
typedef enum {
  GANTRY_TRAIN_ERROR_PIPELINE,
  GANTRY_TRAIN_ERROR_DATA,
  GANTRY_TRAIN_ERROR_CHECKPOINT,
  GANTRY_TRAIN_ERROR_RUN,
  GANTRY_TRAIN_ERROR_DIVERGED,
  GANTRY_TRAIN_ERROR_OUTPUT
} GantryTrainError;

#define GANTRY_CORE_ERROR (gantry_core_error_quark ())
#define GANTRY_GRAPH_ERROR (gantry_graph_error_quark ())
#define GANTRY_ENGINE_ERROR (gantry_engine_error_quark ())
#define GANTRY_TRAIN_ERROR (gantry_train_error_quark ())

GANTRY_API GQuark gantry_core_error_quark (void);
GANTRY_API GQuark gantry_graph_error_quark (void);
GANTRY_API GQuark gantry_engine_error_quark (void);
GANTRY_API GQuark gantry_train_error_quark (void);

GANTRY_API gboolean gantry_set_file_error (GError **error, GQuark domain, gint code, const gchar *path, const gchar *format, ...)
  G_GNUC_PRINTF (5, 6);
GANTRY_API const gchar *gantry_nearest_name (const gchar *name, const gchar *const *candidates);

G_END_DECLS
