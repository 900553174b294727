/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/bench.h"
#include "cli/json.h"

static void
add_seconds (JsonBuilder *json, const GArray *values)
{
  gdouble least, most;

  bench_range (values, &least, &most);
  cli_json_begin_object (json, "seconds");
  cli_json_add_number (json, "median", bench_median (values));
  cli_json_add_number (json, "least", least);
  cli_json_add_number (json, "most", most);
  cli_json_begin_array (json, "all");
  for (guint i = 0; i < values->len; i++)
    cli_json_add_value (json, g_array_index (values, gdouble, i));
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static void
add_rate (const Bench *self, JsonBuilder *json, gdouble seconds, gdouble flops)
{
  const gdouble products = bench_median (self->rates);

  cli_json_add_number (json, "flops", flops);
  cli_json_add_number (json, "flops_per_second", seconds > 0 ? flops / seconds : 0);
  json_builder_set_member_name (json, "share_of_products");
  if (products > 0 && seconds > 0)
    cli_json_add_value (json, flops / seconds / products);
  else
    json_builder_add_null_value (json);
}

static void
add_kernels (const Bench *self, const BenchPhase *phase, JsonBuilder *json)
{
  g_autoptr (GArray) kernels = bench_list_kernels (phase);

  cli_json_begin_array (json, "kernels");
  for (guint i = 0; i < MIN (self->n_kernels, kernels->len); i++)
    {
      const BenchKernel *kernel = &g_array_index (kernels, BenchKernel, i);

      json_builder_begin_object (json);
      cli_json_add_text (json, "name", kernel->name);
      cli_json_add_text (json, "backend", kernel->backend);
      cli_json_add_text (json, "scope", kernel->scope);
      cli_json_add_text (json, "op", kernel->op);
      cli_json_add_count (json, "calls", kernel->n_calls);
      cli_json_add_number (json, "seconds", kernel->seconds);
      cli_json_add_number (json, "flops", kernel->flops);
      cli_json_add_number (json, "bytes", kernel->bytes);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}

static void
add_phase (const Bench *self, const BenchPhase *phase, JsonBuilder *json)
{
  const guint n_kernels = gantry_program_get_n_kernels (phase->program);
  const gdouble median = bench_median (phase->seconds);
  gdouble seconds, flops, all = 0;

  for (guint i = 0; i < n_kernels; i++)
    all += bench_median (phase->parts[i]) * bench_count_parts (phase);
  json_builder_begin_object (json);
  cli_json_add_text (json, "name", phase->name);
  cli_json_add_count (json, "runs", phase->n_runs);
  cli_json_add_count (json, "interval", phase->interval);
  cli_json_add_count (json, "images", (gint64) phase->n_images);
  add_seconds (json, phase->seconds);
  cli_json_add_number (json, "images_per_second", median > 0 ? (gdouble) phase->n_images / median : 0);
  add_rate (self, json, median, phase->report.flops * bench_count_parts (phase));
  cli_json_begin_object (json, "convolutions");
  bench_sum_convolutions (phase, &seconds, &flops);
  cli_json_add_number (json, "seconds", seconds);
  add_rate (self, json, seconds, flops);
  json_builder_end_object (json);
  cli_json_add_number (json, "kernel_seconds", all);
  cli_json_add_number (json, "input_seconds", bench_median (phase->parts[n_kernels]));
  cli_json_add_number (json, "result_seconds", bench_median (phase->parts[n_kernels + 1]));
  cli_json_add_count (json, "workspace", (gint64) phase->report.workspace);
  cli_json_add_count (json, "variables", (gint64) phase->report.variables);
  cli_json_add_count (json, "parts", bench_count_parts (phase));
  cli_json_add_count (json, "n_kernels", n_kernels);
  cli_json_add_count (json, "n_fall_throughs", phase->report.n_fall_throughs);
  cli_json_add_count (json, "n_blocked", phase->report.n_blocked);
  cli_json_add_count (json, "n_reorders", phase->report.n_reorders);
  cli_json_add_count (json, "n_repeated", phase->report.n_repeated);
  add_kernels (self, phase, json);
  json_builder_end_object (json);
}

static void
add_turns (const Bench *self, JsonBuilder *json)
{
  const gdouble resident = bench_get_resident_turn (self), read = bench_median (self->turns);

  cli_json_begin_object (json, "turn");
  cli_json_add_count (json, "images", (gint64) self->turn_images);
  cli_json_add_number (json, "resident_seconds", resident);
  cli_json_add_number (json, "resident_images_per_second", resident > 0 ? (gdouble) self->turn_images / resident : 0);
  add_seconds (json, self->turns);
  cli_json_add_number (json, "images_per_second", read > 0 ? (gdouble) self->turn_images / read : 0);
  json_builder_end_object (json);
  cli_json_begin_object (json, "reader");
  cli_json_add_number (json, "images_per_second", self->reader.rate);
  cli_json_add_count (json, "threads", self->reader.n_threads);
  cli_json_add_count (json, "files", self->reader.n_files);
  cli_json_add_count (json, "cold_files", self->reader.n_cold);
  json_builder_end_object (json);
}

static void
add_settings (const Bench *self, JsonBuilder *json)
{
  GantryComponent *settings = gantry_pipeline_get_settings (self->pipeline);
  g_auto (GStrv) backends = gantry_component_get_list (settings, "backend");

  cli_json_add_text (json, "pipeline", self->path);
  cli_json_add_count (json, "batch", gantry_component_get_int (settings, "batch"));
  cli_json_add_text (json, "dtype", gantry_dtype_name (self->dtype));
  cli_json_add_count (json, "threads", self->n_threads);
  cli_json_begin_array (json, "backends");
  for (guint i = 0; backends != NULL && backends[i] != NULL; i++)
    json_builder_add_string_value (json, backends[i]);
  json_builder_end_array (json);
  json_builder_set_member_name (json, "products_flops_per_second");
  if (self->rates->len > 0)
    json_builder_add_double_value (json, bench_median (self->rates));
  else
    json_builder_add_null_value (json);
}

gboolean
bench_print_json (const Bench *self, FILE *file)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();

  json_builder_begin_object (json);
  add_settings (self, json);
  cli_json_begin_array (json, "phases");
  for (guint i = 0; i < self->phases->len; i++)
    add_phase (self, self->phases->pdata[i], json);
  json_builder_end_array (json);
  if (self->turns->len > 0)
    add_turns (self, json);
  cli_json_add_count (json, "peak_memory", (gint64) self->peak);
  if (self->memory != NULL)
    cli_json_add_text (json, "memory", self->memory);
  json_builder_end_object (json);
  return cli_json_print (json, file);
}
