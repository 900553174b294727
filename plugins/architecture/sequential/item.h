/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/gantry.h>

/* One item of the list of layers, read from its text. */

typedef struct _Item Item;
typedef struct _Layer Layer;

typedef struct {
  gboolean given;
  GantryInitializer value;
} Initial;

struct _Item {
  const Layer *layer;
  gchar *text;
  gchar *name; /* what the names of its variables start with */
  GantryShape dims;
  gsize channels; /* or features */
  gsize kernel;
  GantryConvolution geometry;
  gsize groups;
  gboolean bias;
  gboolean spectral;
  gboolean affine;
  gdouble slope;
  gdouble eps;
  gdouble momentum;
  Initial initial;
  Initial bias_initial;
};

typedef gboolean (*OptionParser) (const gchar *text, gpointer field);

typedef struct {
  const gchar *key;
  OptionParser parse;
  gsize offset;
  gboolean required;
} Option;

struct _Layer {
  const gchar *name;
  gboolean has_variables;
  gboolean has_dims;
  GantryTensor *(*apply) (GantryTensor *x, const Item *item);
  const Option *options; /* ended by a NULL key */
};

/* The layers that there are, NULL-terminated, in layers.c. */
extern const Layer *const layers[];

gboolean parse_count (const gchar *text, gpointer field);         /* gsize from 1 */
gboolean parse_pair (const gchar *text, gpointer field);          /* guint[2] from 0: "2" or "2x1" */
gboolean parse_positive_pair (const gchar *text, gpointer field); /* guint[2] from 1 */
gboolean parse_switch (const gchar *text, gpointer field);        /* gboolean: yes or no */
gboolean parse_real (const gchar *text, gpointer field);          /* gdouble, from 0 */
gboolean parse_initial (const gchar *text, gpointer field);       /* Initial: normal(0,0.02), uniform(-1,1), constant(0) */
gboolean parse_dims (const gchar *text, GantryShape *shape);      /* "128x4x4" */
const gchar *describe_parser (OptionParser parse);

/* Items of a list, (transfer full) (element-type Item); NULL with an error that says which item. */
GPtrArray *parse_items (const gchar *const *texts, GError **error);
