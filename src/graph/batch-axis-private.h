/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What becomes of the batch in a graph: what every tensor has to do with the samples. */
#pragma once

#include <gantry/op.h>

G_BEGIN_DECLS

/*
 * A description at two sizes of its batch gives two graphs of the same ops; what differs between them is the batch.  From the sizes of inputs
 * the rules of ops tell, tensor by tensor, whether sample i of a result is made of sample i alone.
 */
typedef enum {
  GANTRY_BATCH_SHARED, /* the same for every sample, and for every batch */
  GANTRY_BATCH_SAMPLE, /* one part a sample along an axis, made of that sample alone */
  GANTRY_BATCH_SUM,    /* a sum over all samples of what is made of one sample each */
  GANTRY_BATCH_MIXED   /* made of several samples in another way */
} GantryBatchKind;

/*
 * The axis of a GANTRY_BATCH_SAMPLE has pieces * batch * group elements: element (j * batch + i) * group + k is of sample i.  Several pieces
 * are batches behind each other, as where real and generated samples are judged together.
 *
 * Numbers grow by the batch to the power of the degree: a GANTRY_BATCH_SUM is a sum where that is 0 and a mean where it is -1.
 */
typedef struct {
  GantryBatchKind kind;
  guint axis;
  gsize pieces;
  gsize group;
  gdouble degree;
  gboolean is_zero;    /* all elements are 0, of any degree */
  const gchar *reason; /* why it is the first that is mixed; NULL where an input is */
} GantryBatchUse;

typedef struct _GantryBatchAnalysis GantryBatchAnalysis;

/* Of @graph, with @other the same description at another size of the batch. */
GantryBatchAnalysis *_gantry_batch_analysis_new (GantryGraph *graph, gsize batch, GantryGraph *other, gsize other_batch, GError **error);
void _gantry_batch_analysis_free (GantryBatchAnalysis *self);
const GantryBatchUse *_gantry_batch_analysis_get (GantryBatchAnalysis *self, GantryTensor *tensor); /* a tensor of @graph */
/* The first tensor that mixes samples, of those that a mixed one is made from. */
GantryTensor *_gantry_batch_analysis_find_cause (GantryBatchAnalysis *self, GantryTensor *mixed);
/* "SCOPE: OP: REASON" of it (transfer full). */
gchar *_gantry_batch_analysis_explain (GantryBatchAnalysis *self, GantryTensor *mixed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryBatchAnalysis, _gantry_batch_analysis_free)

/* A tensor in both graphs, as a rule sees it. */
typedef struct {
  GantryTensor *tensor;
  GantryTensor *other;
  gsize batch;
  gsize other_batch;
  const GantryBatchUse *const *inputs;
  guint n_inputs;
} GantryBatchCall;

typedef void (*GantryBatchRule) (const GantryBatchCall *call, GantryBatchUse *use);

/* NULL where the op is none of the family. */
GantryBatchRule _gantry_batch_find_elementwise_rule (const gchar *op);
GantryBatchRule _gantry_batch_find_shape_rule (const gchar *op);
GantryBatchRule _gantry_batch_find_product_rule (const gchar *op);
void _gantry_batch_reshape_rule (const GantryBatchCall *call, GantryBatchUse *use);
void _gantry_batch_function_rule (const GantryBatchCall *call, GantryBatchUse *use); /* of any function of elements */

void _gantry_batch_mix (GantryBatchUse *use, const gchar *reason);
gboolean _gantry_batch_same_layout (const GantryBatchUse *a, const GantryBatchUse *b);
gboolean _gantry_batch_same_attributes (const GantryBatchCall *call);
/* The power of the batch that a number of both graphs follows. */
gboolean _gantry_batch_find_degree (const GantryBatchCall *call, gdouble number, gdouble other, gdouble *degree);
/* The one axis whose size differs; -1 where none does, -2 where several do. */
gint _gantry_batch_find_axis (const GantryBatchCall *call);

G_END_DECLS
