/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A shared library that has nothing to do with Gantry. */
#include <gantry/macros.h>

GANTRY_API int something_else (void);

int
something_else (void)
{
  return 42;
}
