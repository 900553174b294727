/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A descriptor that is wrong in what the command line says; its code must never run. */
#include "plugin.h"

#include <stdlib.h>

static GType G_GNUC_UNUSED
get_type (void)
{
  abort ();
}

BAD_DESCRIPTOR
