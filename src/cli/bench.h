/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What `gantry bench` measured. */
#pragma once

#include <stdio.h>

#include "cli/trace.h"

/* One kernel of a program, or those of a phase that share name, scope and backend. */
typedef struct {
  const gchar *name;
  const gchar *backend;
  const gchar *scope;
  const gchar *op;
  guint n_calls;
  gdouble seconds; /* of a run; the median of each kernel, summed */
  gdouble flops;
  gdouble bytes;
} BenchKernel;

typedef struct {
  gchar *name;
  GantryProgram *program;
  guint n_runs;    /* in a turn */
  guint interval;  /* that it is part of every so many turns of */
  gsize n_images;  /* of a run */
  gboolean is_phase; /* not samples */
  GantryProgramReport report;
  GArray *seconds; /* gdouble, a timed run each */
  GArray **parts;  /* of each kernel, of what comes before and of what comes after them: gdouble, a timed run each */
} BenchPhase;

/* A reader with nothing else to do. */
typedef struct {
  gdouble rate; /* records a second, decoded and fitted */
  guint n_threads;
  guint n_files; /* that its properties name, or that are in folders that they name */
  guint n_cold;  /* of them, that were in no memory before */
} BenchReader;

typedef struct {
  const gchar *path;
  GantryPipeline *pipeline;
  GantrySession *session;
  GPtrArray *phases;
  gboolean is_sampling;
  guint n_repeats;
  guint n_kernels;   /* to be shown */
  guint n_threads;
  GantryDType dtype;
  GArray *rates;     /* gdouble: FLOP/s of products of matrices */
  GArray *turns;     /* gdouble: seconds of turns with the reader */
  BenchReader reader;
  gsize turn_images;
  gsize peak;        /* bytes of memory, of the process */
  gchar *memory;     /* how a budget for that is kept; NULL without one */
  BenchPhase *running; /* the phase whose parts are recorded, or NULL */
  CliTrace *trace;
} Bench;

gdouble bench_median (const GArray *values); /* of gdouble; 0 of none */
void bench_range (const GArray *values, gdouble *least, gdouble *most);
guint bench_count_parts (const BenchPhase *phase); /* micro-batches of a run; 1 where there are none */
gdouble bench_get_resident_turn (const Bench *self);
gboolean bench_measure_reader (GantryPipeline *pipeline, guint n_threads, BenchReader *reader, GError **error);
/* The kernels of a phase, the dearest first. */
GArray *bench_list_kernels (const BenchPhase *phase);
/* All kernels whose FLOPs are mostly convolution. */
void bench_sum_convolutions (const BenchPhase *phase, gdouble *seconds, gdouble *flops);

void bench_print_text (const Bench *self, FILE *file);
gboolean bench_print_json (const Bench *self, FILE *file);
