/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Backend on oneDNN: what it does faster than the loops of `openblas`. */
#include "config.h"

#include "onednn-private.h"

GANTRY_DECLARE_COMPONENT (OnednnBackend, onednn_backend, GANTRY_TYPE_BACKEND)

static const GantryProperty onednn_backend_properties[] = {
  GANTRY_END
};

static const struct {
  const gchar *op;
  gboolean (*claim) (const Onednn *self, const GantryClaim *claim, GantryKernel *kernel);
} families[] = {
  { "conv2d", onednn_claim_convolution },
  { "conv2d-input", onednn_claim_convolution },
  { "conv2d-weight", onednn_claim_convolution },
  { "blocked-conv2d", onednn_claim_convolution },
  { "blocked-conv2d-input", onednn_claim_convolution },
  { "blocked-conv2d-weight", onednn_claim_convolution },
  { "matmul", onednn_claim_matmul },
};

static void
onednn_free (gpointer data)
{
  Onednn *self = data;

  dnnl_stream_destroy (self->stream);
  dnnl_engine_destroy (self->engine);
  g_free (self);
}

/* oneDNN takes a cap once in a process, before anything else is asked of it. */
static gboolean
cap_instructions (GantryCpuLevel level, GError **error)
{
  static const dnnl_cpu_isa_t caps[GANTRY_N_CPU_LEVELS] = {
    [GANTRY_CPU_BASELINE] = dnnl_cpu_isa_sse41, [GANTRY_CPU_AVX2] = dnnl_cpu_isa_avx2,
    [GANTRY_CPU_AVX512] = dnnl_cpu_isa_avx512_core, [GANTRY_CPU_AVX512BF16] = dnnl_cpu_isa_all
  };
  static gint present = -1;

  if (present == (gint) level)
    return TRUE;
  if (present >= 0 || dnnl_set_max_cpu_isa (caps[level]) != dnnl_success)
    {
      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND,
                   "oneDNN cannot be held to %s any more: it is in use with other instructions", gantry_cpu_level_get_name (level));
      return FALSE;
    }
  present = level;
  return TRUE;
}

static gboolean
onednn_backend_open (GantryBackend *backend, GError **error)
{
  Onednn *self;
  dnnl_status_t status;
  GantryCpuLevel level;

  if (gantry_component_get_data (backend) != NULL)
    return TRUE;
  if (!gantry_cpu_get_level (&level, error) || !cap_instructions (level, error))
    return FALSE;
  self = g_new0 (Onednn, 1);
  self->has_bfloat16 = (dnnl_get_effective_cpu_isa () & dnnl_cpu_isa_avx512_core_bf16) == dnnl_cpu_isa_avx512_core_bf16;
  status = dnnl_engine_create (&self->engine, dnnl_cpu, 0);
  if (status == dnnl_success)
    status = dnnl_stream_create (&self->stream, self->engine, dnnl_stream_default_flags);
  if (status != dnnl_success)
    {
      onednn_free (self);
      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "oneDNN has no engine for this processor (status %d)", status);
      return FALSE;
    }
  gantry_component_set_data (backend, self, onednn_free);
  return TRUE;
}

static gboolean
onednn_backend_claim (GantryBackend *backend, const GantryClaim *claim, GantryKernel *kernel)
{
  const gchar *op = gantry_tensor_get_op_name (claim->tensor);

  for (guint i = 0; i < G_N_ELEMENTS (families); i++)
    if (g_str_equal (op, families[i].op))
      return families[i].claim (gantry_component_get_data (backend), claim, kernel);
  return FALSE;
}

static gboolean
onednn_backend_choose_layouts (GantryBackend *backend, const GantryClaim *claim, GantryLayouts *layouts)
{
  return onednn_choose_layouts (gantry_component_get_data (backend), claim, layouts);
}

GantryPrecision
onednn_get_precision (const Onednn *self, const GantryClaim *claim)
{
  gboolean wants_bfloat16 = claim->size > G_STRUCT_OFFSET (GantryClaim, precision) && claim->precision == GANTRY_PRECISION_BFLOAT16;

  return wants_bfloat16 && self->has_bfloat16 ? GANTRY_PRECISION_BFLOAT16 : GANTRY_PRECISION_FULL;
}

void
onednn_describe (dnnl_memory_desc_t *desc, const GantryShape *shape, dnnl_data_type_t type, dnnl_format_tag_t tag)
{
  dnnl_dims_t dims = { 0 };

  for (guint i = 0; i < shape->n_dims; i++)
    dims[i] = (dnnl_dim_t) shape->dims[i];
  dnnl_memory_desc_init_by_tag (desc, shape->n_dims, dims, type, tag);
}

static const gchar *
get_instructions (void)
{
  switch (dnnl_get_effective_cpu_isa ())
    {
    case dnnl_cpu_isa_sse41:
      return "SSE4.1";
    case dnnl_cpu_isa_avx:
      return "AVX";
    case dnnl_cpu_isa_avx2:
      return "AVX2";
    case dnnl_cpu_isa_avx2_vnni:
      return "AVX2 with VNNI";
    case dnnl_cpu_isa_avx512_core:
      return "AVX-512";
    case dnnl_cpu_isa_avx512_core_vnni:
      return "AVX-512 with VNNI";
    case dnnl_cpu_isa_avx512_core_bf16:
      return "AVX-512 with BF16";
    case dnnl_cpu_isa_avx512_core_amx:
      return "AVX-512 with AMX";
    default:
      return "unnamed instructions";
    }
}

static gboolean
onednn_backend_check_precision (GantryBackend *backend, GantryPrecision precision, GError **error)
{
  const Onednn *self = gantry_component_get_data (backend);

  if (precision == GANTRY_PRECISION_FULL || self->has_bfloat16)
    return TRUE;
  g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "oneDNN has %s here, and bfloat16 needs AVX-512 with BF16",
               get_instructions ());
  return FALSE;
}

static gchar *
onednn_backend_describe (GantryBackend *backend)
{
  const Onednn *self = gantry_component_get_data (backend);
  const dnnl_version_t *version = dnnl_version ();

  if (self == NULL)
    return g_strdup ("not open");
  return g_strdup_printf ("oneDNN %d.%d.%d, %s, float32%s", version->major, version->minor, version->patch, get_instructions (),
                          self->has_bfloat16 ? " and bfloat16" : "");
}

static void
onednn_backend_interface (GantryBackendInterface *iface)
{
  iface->open = onednn_backend_open;
  iface->claim = onednn_backend_claim;
  iface->describe = onednn_backend_describe;
  iface->choose_layouts = onednn_backend_choose_layouts;
  iface->check_precision = onednn_backend_check_precision;
}

GANTRY_PLUGIN (OnednnBackend, onednn_backend, backend, "onednn", "1.0", "Convolutions of oneDNN in its own layouts, in float32 and bfloat16")
