/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gantry/architecture.h>
#include <gantry/backend.h>
#include <gantry/game.h>
#include <gantry/init.h>
#include <gantry/loss.h>
#include <gantry/op-provider.h>
#include <gantry/optimizer.h>
#include <gantry/reader.h>
#include <gantry/registry.h>
#include <gantry/regularizer.h>

/**
 * gantry_init:
 *
 * Makes the kinds of components known to the registry.  Called once by every program before it uses the
 * library; further calls do nothing.
 */
void
gantry_init (void)
{
  static gsize done;

  if (!g_once_init_enter (&done))
    return;
  gantry_kind_register ("architecture", GANTRY_TYPE_ARCHITECTURE);
  gantry_kind_register ("backend", GANTRY_TYPE_BACKEND);
  gantry_kind_register ("game", GANTRY_TYPE_GAME);
  gantry_kind_register ("loss", GANTRY_TYPE_LOSS);
  gantry_kind_register ("op", GANTRY_TYPE_OP_PROVIDER);
  gantry_kind_register ("optimizer", GANTRY_TYPE_OPTIMIZER);
  gantry_kind_register ("reader", GANTRY_TYPE_READER);
  gantry_kind_register ("regularizer", GANTRY_TYPE_REGULARIZER);
  g_once_init_leave (&done, 1);
}

/**
 * gantry_version:
 *
 * Returns: (transfer none): version of the library, such as "0.1.0"
 */
const gchar *
gantry_version (void)
{
  return PACKAGE_VERSION;
}
