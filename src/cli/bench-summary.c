/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Medians and sums of what was measured. */
#include <string.h>

#include "cli/bench.h"

static gint
compare_numbers (gconstpointer a, gconstpointer b)
{
  const gdouble left = *(const gdouble *) a, right = *(const gdouble *) b;

  return (left > right) - (left < right);
}

gdouble
bench_median (const GArray *values)
{
  g_autoptr (GArray) sorted = g_array_copy ((GArray *) values);
  const guint n = sorted->len;

  if (n == 0)
    return 0;
  g_array_sort (sorted, compare_numbers);
  return (g_array_index (sorted, gdouble, (n - 1) / 2) + g_array_index (sorted, gdouble, n / 2)) / 2;
}

void
bench_range (const GArray *values, gdouble *least, gdouble *most)
{
  *least = *most = values->len > 0 ? g_array_index (values, gdouble, 0) : 0;
  for (guint i = 1; i < values->len; i++)
    {
      *least = MIN (*least, g_array_index (values, gdouble, i));
      *most = MAX (*most, g_array_index (values, gdouble, i));
    }
}

gdouble
bench_get_resident_turn (const Bench *self)
{
  gdouble seconds = 0;

  for (guint i = 0; i < self->phases->len; i++)
    {
      const BenchPhase *phase = self->phases->pdata[i];

      seconds += bench_median (phase->seconds) * phase->n_runs / phase->interval;
    }
  return seconds;
}

static gint
compare_kernels (gconstpointer a, gconstpointer b)
{
  const BenchKernel *left = a, *right = b;

  return compare_numbers (&right->seconds, &left->seconds);
}

/* Of a kernel in one run of the phase, which may run the program several times: a part of the batch each. */
static gdouble
get_seconds (const BenchPhase *phase, guint part)
{
  return bench_median (phase->parts[part]) * bench_count_parts (phase);
}

guint
bench_count_parts (const BenchPhase *phase)
{
  return phase->seconds->len > 0 ? MAX (1, phase->parts[0]->len / phase->seconds->len) : 1;
}

GArray *
bench_list_kernels (const BenchPhase *phase)
{
  g_autoptr (GHashTable) index = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GArray *kernels = g_array_new (FALSE, TRUE, sizeof (BenchKernel));

  for (guint i = 0; i < gantry_program_get_n_kernels (phase->program); i++)
    {
      GantryKernelReport report = { sizeof report };
      g_autofree gchar *key = NULL;
      const gchar *scope;
      guint at;
      BenchKernel *kernel;

      gantry_program_get_kernel_report (phase->program, i, &report);
      scope = gantry_tensor_get_scope (report.tensor);
      key = g_strdup_printf ("%s\n%s\n%s", report.backend, report.name, scope);
      at = GPOINTER_TO_UINT (g_hash_table_lookup (index, key));
      if (at == 0)
        {
          g_array_set_size (kernels, kernels->len + 1);
          at = kernels->len;
          g_hash_table_insert (index, g_steal_pointer (&key), GUINT_TO_POINTER (at));
        }
      kernel = &g_array_index (kernels, BenchKernel, at - 1);
      kernel->name = report.name;
      kernel->backend = report.backend;
      kernel->scope = scope;
      kernel->op = report.op;
      kernel->n_calls += bench_count_parts (phase);
      kernel->seconds += get_seconds (phase, i);
      kernel->flops += report.flops * bench_count_parts (phase);
      kernel->bytes += report.bytes * bench_count_parts (phase);
    }
  g_array_sort (kernels, compare_kernels);
  return kernels;
}

void
bench_sum_convolutions (const BenchPhase *phase, gdouble *seconds, gdouble *flops)
{
  *seconds = *flops = 0;
  for (guint i = 0; i < gantry_program_get_n_kernels (phase->program); i++)
    {
      GantryKernelReport report = { sizeof report };

      gantry_program_get_kernel_report (phase->program, i, &report);
      if (strstr (report.op, "conv2d") == NULL) /* "blocked-conv2d-input" too */
        continue;
      *seconds += get_seconds (phase, i);
      *flops += report.flops * bench_count_parts (phase);
    }
}
