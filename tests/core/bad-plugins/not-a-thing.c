/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Its type does not implement the interface of its kind. */
#include "plugin.h"

static GType
get_type (void)
{
  return G_TYPE_OBJECT;
}

BAD_DESCRIPTOR
