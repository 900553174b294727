/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Category `ops`: finds the subject and differentiates what it says. */
#include "replay/subjects.h"

static const OpSubject *
find_subject (const gchar *name)
{
  const OpSubject *const families[] = { op_subjects_elementwise, op_subjects_rows,    op_subjects_reduce,
                                        op_subjects_shape,       op_subjects_product, op_subjects_norm,
                                        op_subjects_weight,      op_subjects_layer,   op_subjects_spatial,
                                        op_subjects_filter };

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    for (const OpSubject *subject = families[i]; subject->name != NULL; subject++)
      if (g_str_equal (subject->name, name))
        return subject;
  return NULL;
}

gboolean
replay_op (Replay *self, GError **error)
{
  const OpSubject *subject = find_subject (self->item->subject);

  if (subject == NULL)
    return settings_skip (error, "no op or layer %s is built", self->item->subject);
  return subject->build (self, error) && settings_check_all_seen (self, error) && replay_differentiate (self, error)
         && replay_evaluate (self, error);
}

guint
subject_axis (Replay *self, GantryTensor *x, gint64 dim)
{
  gint64 n_dims = gantry_tensor_get_n_dims (x);

  if (dim < 0)
    dim += n_dims;
  if (dim >= 0 && dim < n_dims)
    return dim;
  gantry_graph_fail (self->graph, REPLAY_ERROR, REPLAY_ERROR_CASE, "axis %" G_GINT64_FORMAT " of %" G_GINT64_FORMAT, dim, n_dims);
  return 0;
}

GantryTensor *
subject_add_channels (GantryTensor *x, GantryTensor *bias)
{
  GantryShape shape = { gantry_tensor_get_n_dims (x), { 0 } };

  if (bias == NULL)
    return x;
  for (guint i = 0; i < shape.n_dims; i++)
    shape.dims[i] = i == 1 ? gantry_tensor_get_size (bias) : 1;
  return gantry_add (x, gantry_reshape (bias, &shape));
}
