/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/error.h>

G_BEGIN_DECLS

/**
 * GantryCpuLevel:
 * @GANTRY_CPU_BASELINE: what the compiler targets anyway
 * @GANTRY_CPU_AVX2: AVX2 and FMA
 * @GANTRY_CPU_AVX512: AVX-512 F, DQ, BW and VL
 * @GANTRY_CPU_AVX512BF16: AVX-512 BF16 as well, which multiplies in bfloat16
 *
 * An instruction set that kernels are compiled for; each contains the ones before.
 */
typedef enum {
  GANTRY_CPU_BASELINE,
  GANTRY_CPU_AVX2,
  GANTRY_CPU_AVX512,
  GANTRY_CPU_AVX512BF16
} GantryCpuLevel;

#define GANTRY_N_CPU_LEVELS 4

GANTRY_API GantryCpuLevel gantry_cpu_detect (void);
GANTRY_API gboolean gantry_cpu_get_level (GantryCpuLevel *level, GError **error);
GANTRY_API const gchar *gantry_cpu_level_get_name (GantryCpuLevel level);
GANTRY_API gchar *gantry_cpu_get_model (void);

G_END_DECLS
