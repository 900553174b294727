/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "compile-private.h"

/* Of an input that no call makes; added to it: 1 + the assignment whose variable it reads, or 0. */
#define GANTRY_VALUE_LEAF 0x80000000u

/* A kernel that runs once. */
typedef struct {
  guint step;     /* whose kernel it is */
  guint n_inputs;
  guint inputs[GANTRY_KERNEL_MAX_INPUTS]; /* values */
  guint first;    /* the first of the values that it makes, one after the other */
  guint n_values;
} GantryCall;

/* What a call makes: the memory of a tensor, for a time. */
typedef struct {
  guint call;
  guint index;        /* among what the call makes */
  gsize bytes;
  gboolean is_wanted; /* an output or a variable is made of it */
  gboolean is_output; /* of an output's memory */
  guint assignment;   /* 1 + that whose variable's memory it may have, or 0 */
} GantryValue;

/* Kernels in an order, to be tried out before memory is given to anything. */
typedef struct {
  GantryLowering *lowering;
  GArray *steps;  /* GantryStep, as they were claimed */
  GArray *calls;  /* GantryCall; first one for each step */
  GArray *values; /* GantryValue */
  GArray *order;  /* guint: calls */
} GantryTimeline;

static inline GantryCall *
_gantry_timeline_get_call (const GantryTimeline *self, guint call)
{
  return &g_array_index (self->calls, GantryCall, call);
}

static inline GantryValue *
_gantry_timeline_get_value (const GantryTimeline *self, guint value)
{
  return &g_array_index (self->values, GantryValue, value);
}

static inline GantryStep *
_gantry_timeline_get_step (const GantryTimeline *self, guint call)
{
  return &g_array_index (self->steps, GantryStep, _gantry_timeline_get_call (self, call)->step);
}

/* What runs at a place of the order. */
static inline guint
_gantry_timeline_at (const GantryTimeline *self, guint place)
{
  return g_array_index (self->order, guint, place);
}

/* Whether an input is none of those before it. */
static inline gboolean
_gantry_call_is_new_input (const GantryCall *call, guint input)
{
  for (guint i = 0; i < input; i++)
    if (call->inputs[i] == call->inputs[input])
      return FALSE;
  return TRUE;
}

GantryTimeline *_gantry_timeline_new (GantryLowering *lowering, GArray *steps);
void _gantry_timeline_free (GantryTimeline *self);
/* The workspace that storage.c will need, but for gaps between blocks; @live: the part of it that is alive at each place. */
gsize _gantry_timeline_measure (const GantryTimeline *self, gsize *live, guint *worst);
/* The same with the gaps. */
gsize _gantry_timeline_pack (const GantryTimeline *self);
/* order.c: an order that takes less, where there is one; before any call is repeated. */
void _gantry_timeline_reorder (GantryTimeline *self);
/* recompute.c: repeats calls, light ones for a small share of the time, and any where the workspace is larger than wanted. */
void _gantry_timeline_recompute (GantryTimeline *self, gsize wanted);
/* The steps as they are to run (transfer full); what was claimed is empty then. */
GArray *_gantry_timeline_take_steps (GantryTimeline *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryTimeline, _gantry_timeline_free)
