/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "condition.h"

static gboolean
is_conditional (gpointer self)
{
  return g_str_equal (gantry_component_get_enum (self, "conditional"), "concatenate");
}

gboolean
condition_declare (gpointer self, GantryArchitectureDeclaration *out, GError **error)
{
  const gint64 classes = gantry_component_get_int (self, "classes");

  if (is_conditional (self) == (classes > 0))
    {
      out->classes = (gsize) classes;
      return TRUE;
    }
  if (classes > 0)
    g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE,
                 "classes=%" G_GINT64_FORMAT " with conditional=none: only conditional=concatenate has a use for classes", classes);
  else
    g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "conditional=concatenate without classes=: how many the labels tell apart");
  return FALSE;
}

GantryTensor *
condition_append (gpointer self, const GantryArchitectureInput *in, GantryTensor *x)
{
  const gsize classes = (gsize) gantry_component_get_int (self, "classes");
  GantryShape shape = *gantry_tensor_get_shape (x);
  GantryTensor *parts[2] = { x, NULL };
  GantryShape narrow;

  if (!is_conditional (self))
    return x;
  shape.dims[1] = classes;
  narrow = shape;
  for (guint axis = 2; axis < narrow.n_dims; axis++)
    narrow.dims[axis] = 1;
  parts[1] = gantry_reshape (gantry_one_hot (gantry_architecture_get_input (in, "label"), classes), &narrow);
  parts[1] = gantry_broadcast_to (parts[1], &shape);
  return gantry_concat (parts, 2, 1);
}
