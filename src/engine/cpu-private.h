/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

typedef struct {
  gchar vendor[13]; /* "AuthenticAMD", "GenuineIntel", ...; empty where there is no such instruction */
  guint family;
  guint model;
} GantryCpuIdentity;

void _gantry_cpu_identify (GantryCpuIdentity *identity);
