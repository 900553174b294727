/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Does something in its constructor that no plugin should. */
#include "plugin.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

static void __attribute__ ((constructor))
misbehave (void)
{
#if defined BAD_SIGNAL
  raise (BAD_SIGNAL);
#elif defined BAD_EXIT
  exit (BAD_EXIT);
#elif defined BAD_LATER
  alarm (1); /* takes down whatever is being opened in a second */
#else
  for (;;)
    pause ();
#endif
}

static GType
get_type (void)
{
  return G_TYPE_NONE;
}

BAD_DESCRIPTOR
