/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What each part of a run costs: kernels one by one, by formula and by the clock. */
#include <string.h>
#include <time.h>

#include "program-private.h"

gint64
_gantry_profile_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

void
_gantry_profile_tell (GantryProgram *self, GantryProgramPart part, guint kernel, gint64 start)
{
  const GantryProgramSpan span = { sizeof span, part, kernel, start, _gantry_profile_now () };

  self->profile (self, &span, self->profile_data);
}

/**
 * gantry_program_set_profile_func:
 * @self: a program
 * @func: (nullable) (scope notified) (closure user_data) (destroy notify): is told of each part of each run, in the thread that runs it; %NULL for
 *   nobody
 * @user_data: passed to @func
 * @notify: (nullable): frees @user_data when another function takes its place or the program is disposed of
 *
 * Has the parts of every run timed.  The clock is read twice a kernel, which is far below what a kernel takes; without a function
 * it is not read at all.
 */
void
gantry_program_set_profile_func (GantryProgram *self, GantryProgramProfileFunc func, gpointer user_data, GDestroyNotify notify)
{
  if (self->profile_notify != NULL)
    self->profile_notify (self->profile_data);
  self->profile = func;
  self->profile_data = user_data;
  self->profile_notify = notify;
}

static gboolean
is_input (const GantryKernel *kernel, GantryTensor *tensor)
{
  for (guint i = 0; i < kernel->n_inputs; i++)
    if (kernel->inputs[i] == tensor)
      return TRUE;
  return FALSE;
}

static void
visit (GantryTensor *tensor, GPtrArray *pending, GHashTable *seen)
{
  if (g_hash_table_add (seen, tensor))
    g_ptr_array_add (pending, tensor);
}

/* The tensors that a kernel computes: what lies between its inputs and its results.  What two kernels compute is the first one's, and what runs
 * again (@taken is NULL) counts again. */
static void
attribute (GantryProgram *self, const GantryStep *step, gboolean *taken, GantryKernelReport *report)
{
  g_autoptr (GPtrArray) pending = g_ptr_array_new ();
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  gdouble most = -1;

  for (guint i = 0; i < step->n_tensors; i++)
    visit (step->tensors[i], pending, seen);
  for (guint at = 0; at < pending->len; at++)
    {
      GantryTensor *tensor = pending->pdata[at];
      const gboolean is_taken = taken != NULL && taken[gantry_tensor_get_id (tensor)];
      const gdouble flops = gantry_tensor_get_flops (tensor);

      if (flops > most)
        report->op = gantry_tensor_get_op_name (tensor);
      most = MAX (most, flops);
      report->flops += is_taken ? 0 : flops;
      if (taken != NULL)
        taken[gantry_tensor_get_id (tensor)] = TRUE;
      for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
        if (!is_input (&step->kernel, gantry_tensor_get_input (tensor, i)))
          visit (gantry_tensor_get_input (tensor, i), pending, seen);
    }
}

static gdouble
bytes_of (GantryTensor *tensor)
{
  return (gdouble) gantry_tensor_get_size (tensor) * (gdouble) gantry_dtype_size (gantry_tensor_get_dtype (tensor));
}

/* The results and each input once; two views of one tensor are one. */
static gdouble
count_traffic (const GantryStep *step)
{
  gdouble bytes = 0;

  for (guint i = 0; i < step->n_tensors; i++)
    bytes += bytes_of (step->tensors[i]);
  for (guint i = 0; i < step->kernel.n_inputs; i++)
    {
      GantryTensor *root = _gantry_tensor_get_root (step->kernel.inputs[i]);
      gboolean is_new = TRUE;

      for (guint k = 0; k < i; k++)
        is_new = is_new && _gantry_tensor_get_root (step->kernel.inputs[k]) != root;
      bytes += is_new ? bytes_of (root) : 0;
    }
  return bytes;
}

/* Made when it is first asked for: a program that nobody looks at does without. */
static void
make_reports (GantryProgram *self)
{
  g_autofree gboolean *taken = g_new0 (gboolean, gantry_graph_get_n_tensors (self->lowering->graph) + 1);

  self->kernel_reports = g_new0 (GantryKernelReport, self->steps->len + 1);
  for (guint i = 0; i < self->steps->len; i++)
    {
      const GantryStep *step = &g_array_index (self->steps, GantryStep, i);
      GantryKernelReport *report = &self->kernel_reports[i];

      report->tensor = gantry_program_get_kernel (self, i, &report->name, &report->backend);
      report->fell_through = step->backend > 0;
      report->bytes = count_traffic (step);
      report->scratch = step->kernel.scratch;
      report->n_tensors = step->n_tensors;
      report->is_repeated = step->is_repeated;
      attribute (self, step, step->is_repeated ? NULL : taken, report);
      if (step->kernel.flops > 0)
        report->flops = step->kernel.flops;
    }
}

/**
 * gantry_program_get_kernel_report:
 * @self: a program
 * @i: index in the order of execution, below [method@Gantry.Program.get_n_kernels]
 * @report: (out caller-allocates): filled as far as its `size` says
 *
 * What a kernel computes and what that costs by formula: the FLOPs of [method@Gantry.Tensor.get_flops], or those that the kernel says it needs where
 * it computes the same in another way; they add up over all kernels, but for repeated ones, to those of [method@Gantry.Program.get_report]; and the
 * bytes that have to be read and written if everything is touched once.
 */
void
gantry_program_get_kernel_report (GantryProgram *self, guint i, GantryKernelReport *report)
{
  GantryKernelReport full;

  g_return_if_fail (i < self->steps->len);
  if (self->kernel_reports == NULL)
    make_reports (self);
  full = self->kernel_reports[i];
  full.size = report->size;
  memcpy (report, &full, MIN (report->size, sizeof full));
}
