/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/ops.h>
#include <gantry/tensors.h>

G_BEGIN_DECLS

typedef struct _GantryContextHost GantryContextHost;

/**
 * GantryContext:
 * @graph: the graph under construction
 * @component: the component whose vfunc is being called
 * @host: the host's
 *
 * First member of every input struct.
 */
typedef struct {
  GantryGraph *graph;
  GantryComponent *component;
  GantryContextHost *host;
} GantryContext;

/* A property of the component as a scalar tensor: schedulable ones move without compiling again. */
#define gantry_scalar(in, key) gantry_context_scalar (&(in)->context, key)
/* Makes an intermediate tensor readable by name after each phase: `KIND.NAME`, such as `r1.gradient-norm`. */
#define gantry_publish(in, name, tensor) gantry_context_publish (&(in)->context, name, tensor)

GANTRY_API GantryTensor *gantry_context_scalar (const GantryContext *context, const gchar *key);
GANTRY_API void gantry_context_publish (const GantryContext *context, const gchar *name, GantryTensor *tensor);

G_END_DECLS
