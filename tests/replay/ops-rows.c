/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Subjects that work along one axis: softmax and what is made of it, normalisation by the norm. */
#include "replay/subjects.h"

static gboolean
build_logsumexp (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  guint axis = subject_axis (self, x, settings_get_int (self, "dim"));

  replay_set_only_output (self, gantry_logsumexp (x, GANTRY_AXIS (axis), settings_get_bool (self, "keepdim")));
  return TRUE;
}

static gboolean
build_log_softmax (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");

  replay_set_only_output (self, gantry_log_softmax (x, subject_axis (self, x, settings_get_int (self, "dim"))));
  return TRUE;
}

static gboolean
build_softmax (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");

  replay_set_only_output (self, gantry_softmax (x, subject_axis (self, x, settings_get_int (self, "dim"))));
  return TRUE;
}

static gboolean
build_cross_entropy (Replay *self, GError **error)
{
  GantryTensor *loss = gantry_cross_entropy (replay_value (self, "x.input"), replay_value (self, "x.target"),
                                             settings_get_double (self, "label_smoothing"));
  gboolean mean = g_str_equal (settings_get_string (self, "reduction"), "mean");

  replay_set_only_output (self, mean ? gantry_mean (loss) : gantry_sum (loss));
  return TRUE;
}

static gboolean
build_normalize (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");
  guint axes = GANTRY_AXIS (subject_axis (self, x, settings_get_int (self, "dim")));

  if (!settings_need (self, "p", "2", error))
    return FALSE;
  replay_set_only_output (self, gantry_normalize (x, axes, settings_get_double (self, "eps")));
  return TRUE;
}

static gboolean
build_sort (Replay *self, GError **error)
{
  GantryTensor *x = replay_value (self, "x.input");

  settings_get (self, "stable"); /* always: an unstable sort may be one */
  replay_set_only_output (self, gantry_sort (x, subject_axis (self, x, settings_get_int (self, "dim")), settings_get_bool (self, "descending")));
  return TRUE;
}

const OpSubject op_subjects_rows[] = {
  { "logsumexp", build_logsumexp },
  { "log_softmax", build_log_softmax },
  { "softmax", build_softmax },
  { "cross_entropy", build_cross_entropy },
  { "normalize", build_normalize },
  { "sort", build_sort },
  { NULL, NULL }
};
