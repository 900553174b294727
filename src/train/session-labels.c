/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Labels of classes: what conditional networks want of the data, and of those who sample them. */
#include "train/session-private.h"

#include <gantry/error.h>

/* The labels that every network can take; 0 where none takes any. */
static gsize
count_classes (GantrySession *self)
{
  gsize least = 0;

  for (guint i = 0; i < self->networks->len; i++)
    {
      const gsize classes = gantry_network_get_classes (self->networks->pdata[i]);

      if (classes > 0)
        least = least == 0 ? classes : MIN (least, classes);
    }
  return least;
}

gboolean
_gantry_session_check_labels (GantrySession *self, GError **error)
{
  const gsize classes = count_classes (self);

  for (guint i = 0; i < self->host->n_fields; i++)
    if (g_str_equal (self->host->fields[i].name, "label"))
      return TRUE;
  if (classes == 0)
    return TRUE;
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA,
               "reader/%s: its records have no labels, but the networks are conditional, with classes=%" G_GSIZE_FORMAT,
               gantry_component_get_name (GANTRY_COMPONENT (self->reader)), classes);
  return FALSE;
}

gboolean
_gantry_session_check_label_values (GantrySession *self, GantryArray *labels, GError **error)
{
  const gint64 *values = gantry_array_get_data (labels);
  const gint64 classes = (gint64) count_classes (self);

  for (gsize i = 0; classes > 0 && i < gantry_array_get_size (labels); i++)
    if (values[i] < 0 || values[i] >= classes)
      {
        g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA,
                     "label %" G_GINT64_FORMAT ", but the networks are conditional with classes=%" G_GINT64_FORMAT
                     ": expected 0 to %" G_GINT64_FORMAT,
                     values[i], classes, classes - 1);
        return FALSE;
      }
  return TRUE;
}

/**
 * gantry_session_get_classes:
 * @self: a session
 *
 * Returns: how many classes the sampling network tells apart by label; 0 where it is not conditional
 */
gsize
gantry_session_get_classes (GantrySession *self)
{
  GantryNetwork *network = gantry_session_get_network (self, self->host->sampler);

  return network != NULL ? gantry_network_get_classes (network) : 0;
}

/* The labels to sample, [n] int64: those given, or one class after the other; NULL without an error where the network takes none. */
gboolean
_gantry_session_choose_labels (GantrySession *self, gsize n, GantryArray *given, GantryArray **labels, GError **error)
{
  const gsize classes = gantry_session_get_classes (self);
  gint64 *values;

  *labels = NULL;
  if (classes == 0 && given != NULL)
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "network %s takes no labels: it is not conditional", self->host->sampler);
      return FALSE;
    }
  if (classes == 0)
    return TRUE;
  if (given != NULL)
    {
      g_autofree gchar *found = gantry_shape_to_string (gantry_array_get_shape (given));

      if (gantry_array_get_dtype (given) != GANTRY_INT64 || !gantry_shape_equal (gantry_array_get_shape (given), GANTRY_SHAPE (n)))
        {
          g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_DATA, "labels are %s %s, expected int64 [%" G_GSIZE_FORMAT "]",
                       gantry_dtype_name (gantry_array_get_dtype (given)), found, n);
          return FALSE;
        }
      if (!_gantry_session_check_label_values (self, given, error))
        return FALSE;
      *labels = gantry_array_ref (given);
      return TRUE;
    }
  *labels = gantry_array_new (GANTRY_INT64, GANTRY_SHAPE (n));
  values = gantry_array_get_data (*labels);
  for (gsize i = 0; i < n; i++)
    values[i] = (gint64) (i % classes);
  return TRUE;
}
