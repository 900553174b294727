/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <json-glib/json-glib.h>

#include "cli/bench.h"

#include <math.h>
#include <string.h>

/* JSON-GLib writes 1e-07 as 1e-07.0, which is no number: its neighbour has a fraction, which is left as it is. */
static void
add_value (JsonBuilder *json, gdouble number)
{
  gchar text[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_dtostr (text, sizeof text, number);
  if (strchr (text, 'e') != NULL && strchr (text, '.') == NULL)
    number = nextafter (number, 0);
  json_builder_add_double_value (json, number);
}

static void
add_number (JsonBuilder *json, const gchar *member, gdouble number)
{
  json_builder_set_member_name (json, member);
  add_value (json, number);
}

static void
add_count (JsonBuilder *json, const gchar *member, gint64 count)
{
  json_builder_set_member_name (json, member);
  json_builder_add_int_value (json, count);
}

static void
add_text (JsonBuilder *json, const gchar *member, const gchar *text)
{
  json_builder_set_member_name (json, member);
  json_builder_add_string_value (json, text);
}

static void
begin (JsonBuilder *json, const gchar *member)
{
  json_builder_set_member_name (json, member);
  json_builder_begin_object (json);
}

static void
add_seconds (JsonBuilder *json, const GArray *values)
{
  gdouble least, most;

  bench_range (values, &least, &most);
  begin (json, "seconds");
  add_number (json, "median", bench_median (values));
  add_number (json, "least", least);
  add_number (json, "most", most);
  json_builder_set_member_name (json, "all");
  json_builder_begin_array (json);
  for (guint i = 0; i < values->len; i++)
    add_value (json, g_array_index (values, gdouble, i));
  json_builder_end_array (json);
  json_builder_end_object (json);
}

static void
add_rate (const Bench *self, JsonBuilder *json, gdouble seconds, gdouble flops)
{
  const gdouble products = bench_median (self->rates);

  add_number (json, "flops", flops);
  add_number (json, "flops_per_second", seconds > 0 ? flops / seconds : 0);
  json_builder_set_member_name (json, "share_of_products");
  if (products > 0 && seconds > 0)
    add_value (json, flops / seconds / products);
  else
    json_builder_add_null_value (json);
}

static void
add_kernels (const Bench *self, const BenchPhase *phase, JsonBuilder *json)
{
  g_autoptr (GArray) kernels = bench_list_kernels (phase);

  json_builder_set_member_name (json, "kernels");
  json_builder_begin_array (json);
  for (guint i = 0; i < MIN (self->n_kernels, kernels->len); i++)
    {
      const BenchKernel *kernel = &g_array_index (kernels, BenchKernel, i);

      json_builder_begin_object (json);
      add_text (json, "name", kernel->name);
      add_text (json, "backend", kernel->backend);
      add_text (json, "scope", kernel->scope);
      add_text (json, "op", kernel->op);
      add_count (json, "calls", kernel->n_calls);
      add_number (json, "seconds", kernel->seconds);
      add_number (json, "flops", kernel->flops);
      add_number (json, "bytes", kernel->bytes);
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
  add_text (json, "name", phase->name);
  add_count (json, "runs", phase->n_runs);
  add_count (json, "interval", phase->interval);
  add_count (json, "images", (gint64) phase->n_images);
  add_seconds (json, phase->seconds);
  add_number (json, "images_per_second", median > 0 ? (gdouble) phase->n_images / median : 0);
  add_rate (self, json, median, phase->report.flops * bench_count_parts (phase));
  begin (json, "convolutions");
  bench_sum_convolutions (phase, &seconds, &flops);
  add_number (json, "seconds", seconds);
  add_rate (self, json, seconds, flops);
  json_builder_end_object (json);
  add_number (json, "kernel_seconds", all);
  add_number (json, "input_seconds", bench_median (phase->parts[n_kernels]));
  add_number (json, "result_seconds", bench_median (phase->parts[n_kernels + 1]));
  add_count (json, "workspace", (gint64) phase->report.workspace);
  add_count (json, "variables", (gint64) phase->report.variables);
  add_count (json, "parts", bench_count_parts (phase));
  add_count (json, "n_kernels", n_kernels);
  add_count (json, "n_fall_throughs", phase->report.n_fall_throughs);
  add_count (json, "n_blocked", phase->report.n_blocked);
  add_count (json, "n_reorders", phase->report.n_reorders);
  add_kernels (self, phase, json);
  json_builder_end_object (json);
}

static void
add_turns (const Bench *self, JsonBuilder *json)
{
  const gdouble resident = bench_get_resident_turn (self), read = bench_median (self->turns);

  begin (json, "turn");
  add_count (json, "images", (gint64) self->turn_images);
  add_number (json, "resident_seconds", resident);
  add_number (json, "resident_images_per_second", resident > 0 ? (gdouble) self->turn_images / resident : 0);
  add_seconds (json, self->turns);
  add_number (json, "images_per_second", read > 0 ? (gdouble) self->turn_images / read : 0);
  json_builder_end_object (json);
  begin (json, "reader");
  add_number (json, "images_per_second", self->reader.rate);
  add_count (json, "threads", self->reader.n_threads);
  add_count (json, "files", self->reader.n_files);
  add_count (json, "cold_files", self->reader.n_cold);
  json_builder_end_object (json);
}

static void
add_settings (const Bench *self, JsonBuilder *json)
{
  GantryComponent *settings = gantry_pipeline_get_settings (self->pipeline);
  g_auto (GStrv) backends = gantry_component_get_list (settings, "backend");

  add_text (json, "pipeline", self->path);
  add_count (json, "batch", gantry_component_get_int (settings, "batch"));
  add_text (json, "dtype", gantry_dtype_name (self->dtype));
  add_count (json, "threads", self->n_threads);
  json_builder_set_member_name (json, "backends");
  json_builder_begin_array (json);
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
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree gchar *text = NULL;

  json_builder_begin_object (json);
  add_settings (self, json);
  json_builder_set_member_name (json, "phases");
  json_builder_begin_array (json);
  for (guint i = 0; i < self->phases->len; i++)
    add_phase (self, self->phases->pdata[i], json);
  json_builder_end_array (json);
  if (self->turns->len > 0)
    add_turns (self, json);
  add_count (json, "peak_memory", (gint64) self->peak);
  json_builder_end_object (json);
  root = json_builder_get_root (json);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  text = json_generator_to_data (generator, NULL);
  return fprintf (file, "%s\n", text) > 0;
}
