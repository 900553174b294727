/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gantry/blas.h>
#include <gantry/cpu.h>

#include <dlfcn.h>
#include <gmodule.h>
#include <string.h>

#include "engine/cpu-private.h"

#define CORETYPE "OPENBLAS_CORETYPE"
#define THREADS "OPENBLAS_NUM_THREADS"

/* Intel models with AVX2 or more that every OpenBLAS still in use has in its table. */
static const guint8 known_intel_models[] = {
  0x3c, 0x3f, 0x45, 0x46,                         /* Haswell */
  0x3d, 0x47, 0x4f, 0x56,                         /* Broadwell */
  0x4e, 0x5e, 0x8e, 0x9e, 0xa5, 0xa6,             /* Skylake, Kaby Lake, Coffee Lake, Comet Lake */
  0x55, 0x66, 0x6a, 0x6c, 0x7e                    /* Skylake-X and Cascade Lake, Cannon Lake, Ice Lake */
};

/* Whether every OpenBLAS in use recognises this processor; one that does not may take kernels far below it. */
static gboolean
is_known_to_openblas (const GantryCpuIdentity *identity)
{
  if (g_str_equal (identity->vendor, "AuthenticAMD") || g_str_equal (identity->vendor, "HygonGenuine"))
    return identity->family <= 0x18;
  if (g_str_equal (identity->vendor, "GenuineIntel") && identity->family == 6)
    return memchr (known_intel_models, (int) identity->model, sizeof known_intel_models) != NULL;
  return FALSE;
}

/* The kernels to ask for, or NULL to let the library choose; why, in either case. */
static const gchar *
choose_core (GantryCpuLevel level, gchar **reason)
{
  static const gchar *const cores[] = { "Prescott", "Haswell", "SkylakeX", "SkylakeX" };
  GantryCpuLevel detected = gantry_cpu_detect ();
  GantryCpuIdentity identity;

  if (g_getenv (CORETYPE) != NULL)
    {
      *reason = g_strdup_printf (CORETYPE "=%s is set in the environment", g_getenv (CORETYPE));
      return NULL;
    }
  if (level < detected)
    {
      *reason = g_strdup_printf ("GANTRY_CPU=%s", gantry_cpu_level_get_name (level));
      return cores[level];
    }
  _gantry_cpu_identify (&identity);
  if (level == GANTRY_CPU_BASELINE || is_known_to_openblas (&identity))
    {
      *reason = g_strdup ("chosen by the library, which knows this processor");
      return NULL;
    }
  *reason = g_strdup_printf ("asked for: the processor has %s and the library may not know it", gantry_cpu_level_get_name (level));
  return cores[level];
}

/* The library reads the environment once, while it is opened: both variables are as they were afterwards. */
static GModule *
open_library (const gchar *soname, const gchar *core)
{
  gboolean set_threads = g_getenv (THREADS) == NULL;
  GModule *module;

  if (core != NULL)
    g_setenv (CORETYPE, core, TRUE);
  if (set_threads)
    g_setenv (THREADS, "1", TRUE);
  module = g_module_open (soname, G_MODULE_BIND_LOCAL);
  if (core != NULL)
    g_unsetenv (CORETYPE);
  if (set_threads)
    g_unsetenv (THREADS);
  return module;
}

static GantryBlas *
load (GError **error)
{
  const gchar *soname = GANTRY_OPENBLAS_SONAME;
  g_autofree gchar *reason = NULL;
  const gchar *core;
  GantryCpuLevel level;
  GModule *module;
  gpointer sgemm, dgemm, set_num_threads, get_config, get_corename;
  GantryBlas *blas;
  Dl_info info;

  if (!gantry_cpu_get_level (&level, error))
    return NULL;
  core = choose_core (level, &reason);
  module = open_library (soname, core);
  if (module == NULL)
    {
      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND,
                   "OpenBLAS cannot be opened: %s; it was looked for as %s, from Debian's package libopenblas0", g_module_error (), soname);
      return NULL;
    }
  if (!g_module_symbol (module, "cblas_sgemm", &sgemm) || !g_module_symbol (module, "cblas_dgemm", &dgemm) ||
      !g_module_symbol (module, "openblas_set_num_threads", &set_num_threads) ||
      !g_module_symbol (module, "openblas_get_config", &get_config) || !g_module_symbol (module, "openblas_get_corename", &get_corename))
    {
      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND,
                   "%s is not an OpenBLAS with CBLAS: %s; Debian's package libopenblas0 has one", g_module_name (module), g_module_error ());
      g_module_close (module);
      return NULL;
    }
  if (strstr (((const gchar *(*) (void)) get_config) (), "USE64BITINT") != NULL)
    {
      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND,
                   "%s takes 64-bit integers where 32-bit ones were expected; Debian's package libopenblas0 has the right one",
                   g_module_name (module));
      g_module_close (module);
      return NULL;
    }
  g_module_make_resident (module);
  ((void (*) (int)) set_num_threads) (1);

  blas = g_new0 (GantryBlas, 1);
  blas->size = sizeof *blas;
  blas->file = dladdr (sgemm, &info) != 0 ? realpath (info.dli_fname, NULL) : NULL;
  if (blas->file == NULL)
    blas->file = g_strdup (soname);
  blas->config = g_strstrip (g_strdup (((const gchar *(*) (void)) get_config) ()));
  blas->core = g_strdup (((const gchar *(*) (void)) get_corename) ());
  blas->reason = g_steal_pointer (&reason);
  blas->sgemm = sgemm;
  blas->dgemm = dgemm;
  return blas;
}

/**
 * gantry_blas_open:
 * @error: return location for an error
 *
 * Opens OpenBLAS, once for the process, with the kernels that fit this processor: OpenBLAS chooses by a table of
 * processors, and takes old kernels on one that is not in it.  A core type set in the environment
 * (`OPENBLAS_CORETYPE`) is respected.  An attempt that failed may be repeated.
 *
 * Call it before other threads read or write the environment.
 *
 * Returns: (transfer none): the library, which stays open as long as the process; %NULL with
 *   %GANTRY_ENGINE_ERROR_BACKEND if it cannot be opened
 */
const GantryBlas *
gantry_blas_open (GError **error)
{
  static GMutex mutex;
  static GantryBlas *blas;
  const GantryBlas *result;

  g_mutex_lock (&mutex);
  if (blas == NULL)
    blas = load (error);
  result = blas;
  g_mutex_unlock (&mutex);
  return result;
}
