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
  gchar *name; /* what the names of its variables and draws start with */
  GantryShape dims;
  gsize channels; /* or features */
  gsize kernel;
  GantryConvolution geometry;
  gsize groups;
  gboolean bias;
  gboolean spectral;
  gboolean weight_norm;
  gboolean standardized;
  gboolean affine;
  gboolean per_channel;
  gboolean count_padding;
  gdouble slope;
  gdouble alpha;
  gdouble probability;
  guint window[2];
  guint factor[2];
  GantryInterpolation interpolation;
  GantrySelfAttention attention;
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
  gboolean has_name; /* it has variables or draws */
  gboolean has_dims;
  GantryTensor *(*apply) (GantryTensor *x, const Item *item);
  const Option *options; /* ended by a NULL key */
  gboolean plain;        /* not affine unless it is said */
};

#define OPTION(key, parse, field, required) { key, parse, G_STRUCT_OFFSET (Item, field), required }

/* The layers that there are, each ended by a NULL name. */
extern const Layer weight_layers[]; /* with weights */
extern const Layer norm_layers[];   /* normalizations */
extern const Layer plain_layers[];  /* without variables */
const Layer *const *list_layers (void); /* all of them, NULL-terminated */

gboolean parse_count (const gchar *text, gpointer field);         /* gsize from 1 */
gboolean parse_pair (const gchar *text, gpointer field);          /* guint[2] from 0: "2" or "2x1" */
gboolean parse_positive_pair (const gchar *text, gpointer field); /* guint[2] from 1 */
gboolean parse_switch (const gchar *text, gpointer field);        /* gboolean: yes or no */
gboolean parse_real (const gchar *text, gpointer field);          /* gdouble, from 0 */
gboolean parse_probability (const gchar *text, gpointer field);   /* gdouble, from 0 to below 1 */
gboolean parse_interpolation (const gchar *text, gpointer field); /* GantryInterpolation */
gboolean parse_attention (const gchar *text, gpointer field);     /* GantrySelfAttention */
gboolean parse_initial (const gchar *text, gpointer field);       /* Initial: normal(0,0.02), uniform(-1,1), constant(0) */
gboolean parse_dims (const gchar *text, GantryShape *shape);      /* "128x4x4" */
const gchar *describe_parser (OptionParser parse);

/* Items of a list, (transfer full) (element-type Item); NULL with an error that says which item. */
GPtrArray *parse_items (const gchar *const *texts, GError **error);
