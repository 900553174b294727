/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <string.h>

#include "cli/bench.h"
#include "cli/graph.h"

#define MAX_SCOPE 56
#define FLOPS_A_BYTE 4 /* below this a kernel is a matter of memory, and GB/s are shown */

static gdouble
per_second (gdouble amount, gdouble seconds)
{
  return seconds > 0 ? amount / seconds : 0;
}

/* "phase discriminator: game/..." without its first part. */
static const gchar *
skip_phase (const gchar *scope)
{
  const gchar *colon = g_str_has_prefix (scope, "phase ") ? strstr (scope, ": ") : NULL;

  return colon != NULL ? colon + 2 : scope;
}

static void
print_kernels (const Bench *self, const BenchPhase *phase, FILE *file)
{
  g_autoptr (GArray) kernels = bench_list_kernels (phase);
  const gdouble total = bench_median (phase->seconds);
  gint width = 0;

  if (self->n_kernels > 0)
    fprintf (file, "  %-24s %-9s %5s %9s %6s  %14s  %s\n", "kernel", "backend", "calls", "ms", "share", "rate", "scope");
  for (guint i = 0; i < MIN (self->n_kernels, kernels->len); i++)
    {
      const BenchKernel *kernel = &g_array_index (kernels, BenchKernel, i);
      const gboolean is_memory = kernel->flops < FLOPS_A_BYTE * kernel->bytes;
      const gchar *scope = skip_phase (kernel->scope);
      const gsize length = strlen (scope);

      width = length > MAX_SCOPE ? 3 : 0;
      fprintf (file, "  %-24s %-9s %5u %9.3f %5.1f%%  %7.1f %s  %.*s%s\n", kernel->name, kernel->backend, kernel->n_calls, 1e3 * kernel->seconds,
               100 * per_second (kernel->seconds, total), 1e-9 * per_second (is_memory ? kernel->bytes : kernel->flops, kernel->seconds),
               is_memory ? "GB/s   " : "GFLOP/s", width, "...", scope + (length > MAX_SCOPE ? length - MAX_SCOPE + 3 : 0));
    }
}

static void
print_rate (const Bench *self, const gchar *title, gdouble seconds, gdouble flops, FILE *file)
{
  g_autofree gchar *count = cli_graph_format_count (flops);
  const gdouble rate = per_second (flops, seconds), products = bench_median (self->rates);

  fprintf (file, "  %s: %.2f ms, %s FLOPs, %.1f GFLOP/s", title, 1e3 * seconds, count, 1e-9 * rate);
  if (products > 0)
    fprintf (file, ", %.0f %% of the rate of products", 100 * rate / products);
  fputc ('\n', file);
}

static void
print_phase (const Bench *self, const BenchPhase *phase, FILE *file)
{
  const gdouble median = bench_median (phase->seconds);
  g_autofree gchar *workspace = cli_graph_format_bytes (phase->report.workspace);
  g_autofree gchar *variables = cli_graph_format_bytes (phase->report.variables);
  gdouble least, most, seconds, flops;

  bench_range (phase->seconds, &least, &most);
  fprintf (file, "\n%s%s%s: %.2f ms (%.2f to %.2f in %u runs), %.1f images/s", cli_bold (), phase->name, cli_plain (), 1e3 * median, 1e3 * least,
           1e3 * most, phase->seconds->len, per_second (phase->n_images, median));
  if (phase->n_runs > 1)
    fprintf (file, ", %u times a turn", phase->n_runs);
  if (phase->interval > 1)
    fprintf (file, ", in every %u. turn", phase->interval);
  fputc ('\n', file);
  print_rate (self, "all", median, phase->report.flops * bench_count_parts (phase), file);
  bench_sum_convolutions (phase, &seconds, &flops);
  if (flops > 0)
    print_rate (self, "convolutions", seconds, flops, file);
  fprintf (file, "  workspace %s, variables %s; %u kernels, %u of them fell through to a later backend", workspace, variables,
           phase->report.n_kernels, phase->report.n_fall_throughs);
  if (phase->report.n_repeated > 0)
    fprintf (file, ", %u run again to save memory", phase->report.n_repeated);
  if (phase->report.n_reorders > 0)
    fprintf (file, ", %u bring tensors into other layouts", phase->report.n_reorders);
  fputc ('\n', file);
  print_kernels (self, phase, file);
}

static void
print_turns (const Bench *self, FILE *file)
{
  const gdouble resident = bench_get_resident_turn (self), read = bench_median (self->turns);

  if (self->turns->len == 0)
    return;
  fprintf (file, "\na turn on resident data: %.2f ms, %.1f images/s\n", 1e3 * resident, per_second (self->turn_images, resident));
  fprintf (file, "a turn with the reader: %.2f ms, %.1f images/s\n", 1e3 * read, per_second (self->turn_images, read));
  fprintf (file, "the reader alone: %.1f images/s with %u thread%s, decoded and fitted", self->reader.rate, self->reader.n_threads,
           self->reader.n_threads == 1 ? "" : "s");
  if (self->reader.n_files > 0)
    fprintf (file, "; cold: %u of %u files", self->reader.n_cold, self->reader.n_files);
  fputc ('\n', file);
}

void
bench_print_text (const Bench *self, FILE *file)
{
  g_autofree gchar *peak = cli_graph_format_bytes (self->peak);
  GantryComponent *settings = gantry_pipeline_get_settings (self->pipeline);
  g_autofree gchar *backends = gantry_component_get_text (settings, "backend", NULL);
  const gdouble products = bench_median (self->rates);

  fprintf (file, "%s: batch %" G_GINT64_FORMAT ", %s, %u thread%s, backends %s\n", self->path, gantry_component_get_int (settings, "batch"),
           gantry_dtype_name (self->dtype), self->n_threads, self->n_threads == 1 ? "" : "s", backends);
  if (products > 0)
    fprintf (file, "products of matrices, by OpenBLAS: %.1f GFLOP/s\n", 1e-9 * products);
  for (guint i = 0; i < self->phases->len; i++)
    print_phase (self, self->phases->pdata[i], file);
  print_turns (self, file);
  fprintf (file, "\npeak memory of the process: %s\n", peak);
  if (self->memory != NULL)
    fprintf (file, "memory: %s\n", self->memory);
}
