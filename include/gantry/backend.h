/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/op.h>
#include <gantry/registry.h>

G_BEGIN_DECLS

/**
 * GantryPrecision:
 * @GANTRY_PRECISION_FULL: numbers are multiplied as they are
 * @GANTRY_PRECISION_BFLOAT16: float32 factors of convolutions and matrix products are rounded to bfloat16, and added up in float32
 *
 * What a program may round where it multiplies.  Everything that is stored keeps its dtype.
 */
typedef enum {
  GANTRY_PRECISION_FULL,
  GANTRY_PRECISION_BFLOAT16
} GantryPrecision;

/**
 * GantryClaim:
 * @tensor: what is to be computed
 * @precision: how convolutions and matrix products may be; a backend that cannot may compute in full precision
 * @tensors: (array length=n_tensors) (nullable): where several tensors are offered at once, all of them in the order of construction; the last
 *   is @tensor
 * @n_tensors: how many; 0 where one tensor is offered
 *
 * What the engine offers to a backend: one tensor that has to be computed.  A backend may take it alone, or
 * take with it tensors that it is made from, wherever nothing else needs them.
 */
typedef struct {
  gsize size;
  GantryTensor *tensor;
  gpointer host; /* the engine's */
  GantryPrecision precision;
  GantryTensor *const *tensors;
  guint n_tensors;
} GantryClaim;

/* How many tensors, outputs and variables of the program read this one. */
GANTRY_API guint gantry_claim_count_uses (const GantryClaim *claim, GantryTensor *tensor);

#define GANTRY_KERNEL_MAX_INPUTS 32
#define GANTRY_KERNEL_MAX_OUTPUTS 8

/**
 * GantryKernel:
 * @name: what reports call it, such as "gemm-conv2d"; constant
 * @inputs: tensors that it reads, by default the claimed tensor's inputs; naming others absorbs those between
 * @n_inputs: how many
 * @in_place: bit i set where the output may lie on the memory of input i
 * @scratch: bytes of scratch that a run needs, from the planned workspace, 64-byte aligned
 * @run: computes; allocates nothing, fails never; @data is the member below; must give the same bits for any
 *   number of OpenMP threads
 * @data: what `claim` prepared
 * @free: frees @data
 * @flops: floating point operations of a run, where they are others than those of the ops that it computes; 0 for those
 * @run_several: in the place of @run where several tensors were claimed: @outputs are in the order of the claim, and none of them lies on another
 * @in_place_of: for each of several outputs what @in_place is for the one: inputs that it may lie on; whatever is written there, nothing that
 *   the kernel computes later may need the input
 *
 * Filled by a backend when it claims; zeroed by the engine beforehand.
 */
typedef struct {
  gsize size;
  const gchar *name;
  GantryTensor *inputs[GANTRY_KERNEL_MAX_INPUTS];
  guint n_inputs;
  guint in_place;
  gsize scratch;
  void (*run) (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch);
  gpointer data;
  GDestroyNotify free;
  gdouble flops;
  void (*run_several) (gpointer data, gconstpointer const *inputs, gpointer const *outputs, gpointer scratch);
  guint in_place_of[GANTRY_KERNEL_MAX_OUTPUTS];
} GantryKernel;

/**
 * GantryLayouts:
 * @inputs: of the first and the second input of a convolution
 * @result: of what it computes
 *
 * How a backend wants the tensors of a convolution to lie in memory.  Zeroed beforehand: plain.
 */
typedef struct {
  gsize size;
  GantryBlocking inputs[2];
  GantryBlocking result;
} GantryLayouts;

#define GANTRY_TYPE_BACKEND (gantry_backend_get_type ())
GANTRY_API G_DECLARE_INTERFACE (GantryBackend, gantry_backend, GANTRY, BACKEND, GObject)

/**
 * GantryBackendInterface:
 * @open: finds what it runs on (a library, an instruction set); called once before the first claim
 * @claim: fills @kernel and returns %TRUE, or returns %FALSE and the next backend of the list is asked
 * @describe: one line for `gantry doctor`, (transfer full)
 * @choose_layouts: (nullable): for an offered conv2d, conv2d-input or conv2d-weight: returns whether the backend would claim it, and with what
 *   layouts.  Where one is blocked, it is then offered as "blocked-conv2d", "blocked-conv2d-input" or "blocked-conv2d-weight", with blocked
 *   shapes: its `ints` are those of the plain op, followed by axis and block of the first input, of the second, and of the result.
 *   %NULL: the backend takes everything as it is
 * @check_precision: (nullable): whether it can, or why it cannot; %NULL: full precision alone
 * @claim_several: (nullable): for tensors that kernels of this backend compute one by one, over the same elements: fills @kernel with one that
 *   computes them all and returns %TRUE, or returns %FALSE.  None of them may be an input of it.  It is taken where all that it reads is there before
 *   anyone needs what it computes.  %NULL: a kernel computes one tensor
 */
struct _GantryBackendInterface {
  GTypeInterface parent_iface;
  gboolean (*open) (GantryBackend *self, GError **error);
  gboolean (*claim) (GantryBackend *self, const GantryClaim *claim, GantryKernel *kernel);
  gchar *(*describe) (GantryBackend *self);
  gboolean (*choose_layouts) (GantryBackend *self, const GantryClaim *claim, GantryLayouts *layouts);
  gboolean (*check_precision) (GantryBackend *self, GantryPrecision precision, GError **error);
  gboolean (*claim_several) (GantryBackend *self, const GantryClaim *claim, GantryKernel *kernel);
  gpointer reserved[5];
};

GANTRY_API gboolean gantry_backend_open (GantryBackend *self, GError **error);
GANTRY_API gboolean gantry_backend_claim (GantryBackend *self, const GantryClaim *claim, GantryKernel *kernel);
GANTRY_API gboolean gantry_backend_claim_several (GantryBackend *self, const GantryClaim *claim, GantryKernel *kernel);
GANTRY_API gboolean gantry_backend_choose_layouts (GantryBackend *self, const GantryClaim *claim, GantryLayouts *layouts);
GANTRY_API gboolean gantry_backend_check_precision (GantryBackend *self, GantryPrecision precision, GError **error);
GANTRY_API gchar *gantry_backend_describe (GantryBackend *self);
GANTRY_API GPtrArray *gantry_backends_open (GantryRegistry *registry, const gchar *const *names, GError **error);

G_END_DECLS
