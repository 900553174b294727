/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plugin of the kind "thing", which the test registers; what is wrong with one is said by the macros below. */
#pragma once

#include <gantry/plugin.h>

#ifndef BAD_NAME
#define BAD_NAME "unnamed"
#endif
#ifndef BAD_MAGIC
#define BAD_MAGIC { 'G', 'A', 'N', 'T', 'R', 'Y', '-', '1' }
#endif
#ifndef BAD_MAJOR
#define BAD_MAJOR GANTRY_ABI_MAJOR
#endif
#ifndef BAD_MINOR
#define BAD_MINOR GANTRY_ABI_MINOR
#endif
#ifndef BAD_SIZE
#define BAD_SIZE sizeof (GantryPluginDescriptor)
#endif
#ifndef BAD_KIND
#define BAD_KIND "thing"
#endif
#ifndef BAD_SUMMARY
#define BAD_SUMMARY "A thing"
#endif
#ifndef BAD_GET_TYPE
#define BAD_GET_TYPE get_type
#endif

#define BAD_DESCRIPTOR \
  GANTRY_API extern const GantryPluginDescriptor gantry_plugin_info; \
  const GantryPluginDescriptor gantry_plugin_info = { \
    BAD_MAGIC, BAD_MAJOR, BAD_MINOR, BAD_SIZE, BAD_KIND, BAD_NAME, "1.0", "LGPL-2.1-or-later", BAD_SUMMARY, "tests", BAD_GET_TYPE \
  };
