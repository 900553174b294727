/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Calls a function that no library has: found when it is opened, not in the middle of a run. */
#include "plugin.h"

GType gantry_function_of_a_later_version (void);

static GType
get_type (void)
{
  return gantry_function_of_a_later_version ();
}

BAD_DESCRIPTOR
