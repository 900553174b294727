/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Backend on GEMM and OpenMP loops, in float32 and float64. */
#include <gantry/gantry.h>

#include "config.h"

#include "openblas-private.h"

GANTRY_DECLARE_COMPONENT (OpenblasBackend, openblas_backend, GANTRY_TYPE_BACKEND)

static const GantryProperty openblas_backend_properties[] = {
  GANTRY_END
};

static const struct {
  const gchar *op;
  gboolean (*claim) (const Openblas *self, const GantryClaim *claim, GantryKernel *kernel);
} families[] = {
  { "conv2d", openblas_claim_convolution },
  { "conv2d-input", openblas_claim_convolution },
  { "conv2d-weight", openblas_claim_convolution },
  { "blocked-conv2d", openblas_claim_convolution },
  { "blocked-conv2d-input", openblas_claim_convolution },
  { "blocked-conv2d-weight", openblas_claim_convolution },
  { "matmul", openblas_claim_matmul },
  { "sum", openblas_claim_reduction },
  { "max", openblas_claim_reduction },
  { "scale", openblas_claim_scale },
  { "permute", openblas_claim_movement },
  { "slice", openblas_claim_movement },
  { "pad", openblas_claim_movement },
  { "concat", openblas_claim_movement },
  { "resample", openblas_claim_resample },
  { "max-pool-index", openblas_claim_max_pool_index },
  { "gather", openblas_claim_indexing },
  { "scatter-add", openblas_claim_indexing },
  { "index-select", openblas_claim_indexing },
  { "index-add", openblas_claim_indexing },
};

void
openblas_fill_kernel (GantryKernel *kernel, const gchar *name, gsize scratch,
                      void (*run) (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch), gpointer data,
                      GDestroyNotify free_data)
{
  kernel->name = name;
  kernel->scratch = scratch;
  kernel->run = run;
  kernel->data = data;
  kernel->free = free_data;
}

static const gchar *const winograd_names[N_WINOGRADS] = { "auto", "never", "always" };

static gboolean
get_winograd (WinogradUse *use, GError **error)
{
  const gchar *name = g_getenv ("GANTRY_WINOGRAD");

  *use = WINOGRAD_AUTO;
  if (name == NULL || *name == '\0')
    return TRUE;
  for (; *use < N_WINOGRADS; (*use)++)
    if (g_str_equal (name, winograd_names[*use]))
      return TRUE;
  g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND,
               "environment variable GANTRY_WINOGRAD: '%s' was found; auto, never or always was expected", name);
  return FALSE;
}

static gboolean
openblas_backend_open (GantryBackend *backend, GError **error)
{
  static const Loops *const loops[GANTRY_N_CPU_LEVELS][2] = {
    [GANTRY_CPU_BASELINE] = { &openblas_loops_float32_baseline, &openblas_loops_float64_baseline },
#ifdef GANTRY_X86_LEVELS
    [GANTRY_CPU_AVX2] = { &openblas_loops_float32_avx2, &openblas_loops_float64_avx2 },
    [GANTRY_CPU_AVX512] = { &openblas_loops_float32_avx512, &openblas_loops_float64_avx512 },
    [GANTRY_CPU_AVX512BF16] = { &openblas_loops_float32_avx512, &openblas_loops_float64_avx512 },
#endif
  };
  const Products *const bfloat16[GANTRY_N_CPU_LEVELS] = {
#ifdef GANTRY_X86_LEVELS
    [GANTRY_CPU_AVX512BF16] = openblas_products_bfloat16,
#endif
  };
  g_autofree Openblas *self = NULL;
  WinogradUse winograd;

  if (gantry_component_get_data (backend) != NULL)
    return TRUE;
  self = g_new0 (Openblas, 1);
  if (!gantry_cpu_get_level (&self->level, error) || !get_winograd (&winograd, error))
    return FALSE;
  self->blas = gantry_blas_open (error);
  if (self->blas == NULL)
    return FALSE;
  openblas_wait_briefly ();
  while (loops[self->level][0] == NULL)
    self->level--;
  for (guint i = 0; i < 2; i++)
    self->numeric[i] = (Numeric) { loops[self->level][i], loops[self->level][i]->products, self->blas, winograd };
  self->bfloat16 = (Numeric) { loops[self->level][0], bfloat16[self->level], self->blas, winograd };
  gantry_component_set_data (backend, g_steal_pointer (&self), g_free);
  return TRUE;
}

static gboolean
openblas_backend_claim (GantryBackend *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  const Openblas *self = gantry_component_get_data (backend);
  const gchar *op = gantry_tensor_get_op_name (claim->tensor);

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_str_equal (op, families[i].op))
      return families[i].claim (self, claim, kernel);
  return openblas_claim_elementwise (self, claim, kernel);
}

static gboolean
openblas_backend_claim_several (GantryBackend *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  return openblas_claim_several (gantry_component_get_data (backend), claim, kernel);
}

static gboolean
openblas_backend_choose_layouts (GantryBackend *backend, const GantryClaim *claim, GantryLayouts *layouts)
{
  return openblas_choose_layouts (gantry_component_get_data (backend), claim, layouts);
}

static gboolean
openblas_backend_check_precision (GantryBackend *backend, GantryPrecision precision, GError **error)
{
  const Openblas *self = gantry_component_get_data (backend);

  if (precision == GANTRY_PRECISION_FULL || self->bfloat16.products != NULL)
    return TRUE;
  g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "openblas has %s loops here, and bfloat16 needs %s",
               gantry_cpu_level_get_name (self->level), gantry_cpu_level_get_name (GANTRY_CPU_AVX512BF16));
  return FALSE;
}

static gchar *
openblas_backend_describe (GantryBackend *backend)
{
  const Openblas *self = gantry_component_get_data (backend);

  if (self == NULL)
    return g_strdup ("not open");
  return g_strdup_printf ("%s kernels of OpenBLAS, %s loops, float32%s float64%s, Winograd convolutions: %s", self->blas->core,
                          gantry_cpu_level_get_name (self->level), self->bfloat16.products != NULL ? "," : " and",
                          self->bfloat16.products != NULL ? " and bfloat16" : "", winograd_names[self->numeric[0].winograd]);
}

static void
openblas_backend_interface (GantryBackendInterface *iface)
{
  iface->open = openblas_backend_open;
  iface->claim = openblas_backend_claim;
  iface->describe = openblas_backend_describe;
  iface->choose_layouts = openblas_backend_choose_layouts;
  iface->check_precision = openblas_backend_check_precision;
  iface->claim_several = openblas_backend_claim_several;
}

GANTRY_PLUGIN (OpenblasBackend, openblas_backend, backend, "openblas", "0.1.0", "Fast on a CPU: OpenBLAS products, vector loops, fused chains")
