/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gantry/cpu.h>

#include <string.h>

#include "engine/cpu-private.h"

#if defined (__x86_64__) || defined (__i386__)
#include <cpuid.h>
#endif

static const gchar *const level_names[] = { "baseline", "avx2", "avx512", "avx512bf16", NULL };

/* The vendor as the processor says it, and its family and model: displayed family and model, extensions added. */
void
_gantry_cpu_identify (GantryCpuIdentity *identity)
{
  memset (identity, 0, sizeof *identity);
#if defined (__x86_64__) || defined (__i386__)
  guint32 eax, ebx, ecx, edx;

  if (!__get_cpuid (0, &eax, &ebx, &ecx, &edx))
    return;
  memcpy (identity->vendor, &ebx, 4);
  memcpy (identity->vendor + 4, &edx, 4);
  memcpy (identity->vendor + 8, &ecx, 4);
  if (!__get_cpuid (1, &eax, &ebx, &ecx, &edx))
    return;
  identity->family = (eax >> 8) & 0xf;
  identity->model = ((eax >> 4) & 0xf) | ((eax >> 12) & 0xf0);
  if (identity->family == 0xf)
    identity->family += (eax >> 20) & 0xff;
#endif
}

/**
 * gantry_cpu_detect:
 *
 * What this processor and its operating system can run, whatever `GANTRY_CPU` says.
 *
 * Returns: the highest level
 */
GantryCpuLevel
gantry_cpu_detect (void)
{
#if defined (__x86_64__)
  __builtin_cpu_init ();
  if (__builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"))
    {
      if (__builtin_cpu_supports ("avx512f") && __builtin_cpu_supports ("avx512dq") && __builtin_cpu_supports ("avx512bw") &&
          __builtin_cpu_supports ("avx512vl"))
        return __builtin_cpu_supports ("avx512bf16") ? GANTRY_CPU_AVX512BF16 : GANTRY_CPU_AVX512;
      return GANTRY_CPU_AVX2;
    }
#endif
  return GANTRY_CPU_BASELINE;
}

/**
 * gantry_cpu_get_level:
 * @level: (out): the level that kernels are to be chosen for
 * @error: return location for an error
 *
 * What [func@Gantry.cpu_detect] finds, but not more than the environment variable `GANTRY_CPU` (`baseline`, `avx2`,
 * `avx512` or `avx512bf16`) allows.
 *
 * Returns: %FALSE with %GANTRY_ENGINE_ERROR_BACKEND if the variable is none of these
 */
gboolean
gantry_cpu_get_level (GantryCpuLevel *level, GError **error)
{
  const gchar *cap = g_getenv ("GANTRY_CPU");

  *level = gantry_cpu_detect ();
  if (cap == NULL || *cap == '\0')
    return TRUE;
  for (guint i = 0; level_names[i] != NULL; i++)
    if (g_str_equal (cap, level_names[i]))
      {
        *level = MIN (*level, i);
        return TRUE;
      }
  g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND,
               "environment variable GANTRY_CPU: '%s' is not an instruction set: baseline, avx2, avx512 or avx512bf16 was expected", cap);
  return FALSE;
}

/**
 * gantry_cpu_level_get_name:
 * @level: a level
 *
 * Returns: (transfer none): its name, as `GANTRY_CPU` takes it
 */
const gchar *
gantry_cpu_level_get_name (GantryCpuLevel level)
{
  return level_names[level];
}

/**
 * gantry_cpu_get_model:
 *
 * The processor in words, for people to read: "AMD EPYC (AuthenticAMD, family 26, model 2)".
 *
 * Returns: (transfer full): one line
 */
gchar *
gantry_cpu_get_model (void)
{
  GantryCpuIdentity identity;
  gchar brand[49] = "unknown processor";

  _gantry_cpu_identify (&identity);
#if defined (__x86_64__) || defined (__i386__)
  guint32 registers[4];

  if (__get_cpuid (0x80000004, &registers[0], &registers[1], &registers[2], &registers[3]))
    for (guint i = 0; i < 3; i++)
      {
        __get_cpuid (0x80000002 + i, &registers[0], &registers[1], &registers[2], &registers[3]);
        memcpy (brand + 16 * i, registers, 16);
      }
  brand[48] = '\0';
#endif
  g_strstrip (brand);
  if (identity.vendor[0] == '\0')
    return g_strdup (brand);
  return g_strdup_printf ("%s (%s, family %u, model %u)", brand, identity.vendor, identity.family, identity.model);
}
