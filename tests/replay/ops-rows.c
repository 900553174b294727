/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subjects that work along one axis: softmax and what is made of it, normalisation by the norm. */
#include "replay/subjects.h"

/* The maximum is subtracted for range alone: the value does not depend on it. */
static GantryTensor *
logsumexp (GantryTensor *x, guint axis)
{
  GantryTensor *largest = gantry_detach (gantry_max_axes (x, GANTRY_AXIS (axis), TRUE));

  return gantry_add (gantry_log (gantry_sum_axes (gantry_exp (gantry_sub (x, largest)), GANTRY_AXIS (axis), TRUE)), largest);
}

static gboolean
build_logsumexp (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  guint axis = subject_axis (self, x, settings_get_int (self, "dim"));
  GantryTensor *y = logsumexp (x, axis);

  if (!settings_get_bool (self, "keepdim"))
    y = gantry_sum_axes (y, GANTRY_AXIS (axis), FALSE); /* over one element */
  replay_set_only_output (self, y);
  return TRUE;
}

static gboolean
build_log_softmax (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");

  replay_set_only_output (self, gantry_sub (x, logsumexp (x, subject_axis (self, x, settings_get_int (self, "dim")))));
  return TRUE;
}

static gboolean
build_softmax (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  guint axes = GANTRY_AXIS (subject_axis (self, x, settings_get_int (self, "dim")));
  GantryTensor *e = gantry_exp (gantry_sub (x, gantry_detach (gantry_max_axes (x, axes, TRUE))));

  replay_set_only_output (self, gantry_div (e, gantry_sum_axes (e, axes, TRUE)));
  return TRUE;
}

/* 0, 1, ... n - 1 along the last axis: what a label is compared with. */
static GantryTensor *
count_up (GantryGraph *graph, gsize n)
{
  g_autofree gdouble *values = g_new (gdouble, n);

  for (gsize i = 0; i < n; i++)
    values[i] = i;
  return gantry_constant_array (graph, GANTRY_SHAPE (n), values);
}

static gboolean
build_cross_entropy (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  GantryTensor *target = gantry_cast (replay_value (self, "x.target"), self->setup->dtype);
  gsize n = gantry_tensor_get_dim (x, 0), k = gantry_tensor_get_dim (x, 1);
  gdouble smoothing = settings_get_double (self, "label_smoothing");
  GantryTensor *hit = gantry_equal (gantry_reshape (target, GANTRY_SHAPE (n, 1)), count_up (self->graph, k));
  GantryTensor *rest = gantry_constant (self->graph, smoothing / k);
  GantryTensor *wanted = gantry_select (hit, gantry_offset (rest, 1 - smoothing), rest);
  GantryTensor *loss = gantry_neg (gantry_sum_axes (gantry_mul (wanted, gantry_sub (x, logsumexp (x, 1))), GANTRY_AXIS (1), FALSE));
  gboolean mean = g_str_equal (settings_get_string (self, "reduction"), "mean");

  replay_set_only_output (self, mean ? gantry_mean (loss) : gantry_sum (loss));
  return TRUE;
}

static gboolean
build_normalize (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  guint axes = GANTRY_AXIS (subject_axis (self, x, settings_get_int (self, "dim")));
  GantryTensor *eps = gantry_constant (self->graph, settings_get_double (self, "eps"));

  if (!settings_need (self, "p", "2", error))
    return FALSE;
  replay_set_only_output (self, gantry_div (x, gantry_maximum (subject_norm (x, axes, TRUE), eps)));
  return TRUE;
}

const OpSubject op_subjects_rows[] = {
  { "logsumexp", build_logsumexp },
  { "log_softmax", build_log_softmax },
  { "softmax", build_softmax },
  { "cross_entropy", build_cross_entropy },
  { "normalize", build_normalize },
  { NULL, NULL }
};
