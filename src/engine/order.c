/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Orders of the kernels that need less memory than that of construction.  What frees as much as it takes runs as soon as it can, as the
 * optimizer's step does after the gradient that it reads.  Of the rest there runs what was constructed first; or else what was constructed last,
 * so that a branch is gone through, forwards and backwards, before the next one begins.  What takes more than it frees then waits for whoever
 * needs it.
 */
#include "timeline-private.h"

#define call_of _gantry_timeline_get_call
#define value_of _gantry_timeline_get_value

typedef struct {
  const GantryTimeline *timeline;
  GPtrArray *followers; /* by call: GArray of calls that must come after it */
  guint *n_missing;     /* by call: calls that must come before it and have not */
  guint *n_readers;     /* by value: calls to come that read it, and the end where it is wanted */
  GArray *ready;        /* calls that may come next, in the order of construction */
} Ordering;

static void
follow (Ordering *self, guint before, guint after)
{
  g_array_append_val ((GArray *) self->followers->pdata[before], after);
  self->n_missing[after]++;
}

/* A variable's next value is written in its place where all that reads the present one has run: it must not run before them. */
static void
keep_commit (Ordering *self, guint after, guint assignment)
{
  for (guint before = 0; before < after; before++)
    for (guint i = 0; i < call_of (self->timeline, before)->n_inputs; i++)
      if (call_of (self->timeline, before)->inputs[i] == GANTRY_VALUE_LEAF + assignment)
        {
          follow (self, before, after);
          break;
        }
}

static void
connect (Ordering *self, guint number)
{
  const GantryCall *call = call_of (self->timeline, number);

  for (guint k = call->first; k < call->first + call->n_values; k++)
    {
      self->n_readers[k] += value_of (self->timeline, k)->is_wanted;
      if (value_of (self->timeline, k)->assignment > 0)
        keep_commit (self, number, value_of (self->timeline, k)->assignment);
    }
  for (guint i = 0; i < call->n_inputs; i++)
    if (call->inputs[i] < GANTRY_VALUE_LEAF && _gantry_call_is_new_input (call, i))
      {
        follow (self, value_of (self->timeline, call->inputs[i])->call, number);
        self->n_readers[call->inputs[i]]++;
      }
}

/* What is written where it is wanted in the end takes nothing of the workspace. */
static gsize
get_bytes (Ordering *self, guint number)
{
  const GantryValue *value = value_of (self->timeline, number);

  return value->is_output || value->assignment > 0 ? 0 : value->bytes;
}

static gboolean
costs_nothing (Ordering *self, guint number)
{
  const GantryCall *call = call_of (self->timeline, number);
  gsize taken = 0, freed = 0;

  for (guint k = call->first; k < call->first + call->n_values; k++)
    taken += get_bytes (self, k);
  for (guint i = 0; i < call->n_inputs; i++)
    if (call->inputs[i] < GANTRY_VALUE_LEAF && self->n_readers[call->inputs[i]] == 1 && _gantry_call_is_new_input (call, i))
      freed += get_bytes (self, call->inputs[i]);
  return taken <= freed;
}

static guint
take_next (Ordering *self, gboolean last_first)
{
  guint i = 0, number;

  while (i < self->ready->len && !costs_nothing (self, g_array_index (self->ready, guint, i)))
    i++;
  if (i == self->ready->len)
    i = last_first ? i - 1 : 0;
  number = g_array_index (self->ready, guint, i);
  g_array_remove_index (self->ready, i);
  return number;
}

static void
add_ready (Ordering *self, guint number)
{
  guint i = self->ready->len;

  while (i > 0 && g_array_index (self->ready, guint, i - 1) > number)
    i--;
  g_array_insert_val (self->ready, i, number);
}

static void
run (Ordering *self, guint number)
{
  const GantryCall *call = call_of (self->timeline, number);
  const GArray *followers = self->followers->pdata[number];

  for (guint i = 0; i < call->n_inputs; i++)
    if (call->inputs[i] < GANTRY_VALUE_LEAF && _gantry_call_is_new_input (call, i))
      self->n_readers[call->inputs[i]]--;
  for (guint i = 0; i < followers->len; i++)
    if (--self->n_missing[g_array_index (followers, guint, i)] == 0)
      add_ready (self, g_array_index (followers, guint, i));
}

static void
find_places (Ordering *self, GArray *order, guint *places, guint *last)
{
  for (guint p = 0; p < order->len; p++)
    {
      const GantryCall *call = call_of (self->timeline, g_array_index (order, guint, p));

      places[g_array_index (order, guint, p)] = p;
      for (guint i = 0; i < call->n_inputs; i++)
        if (call->inputs[i] < GANTRY_VALUE_LEAF)
          last[call->inputs[i]] = value_of (self->timeline, call->inputs[i])->is_wanted ? order->len : p;
    }
}

/* Takes the calls from the last to the first, so that whoever reads a value is where it will be. */
static void
wait (Ordering *self, GArray *order)
{
  g_autofree guint *places = g_new0 (guint, self->timeline->calls->len + 1);
  g_autofree guint *last = g_new0 (guint, self->timeline->values->len + 1);

  for (guint p = order->len; p-- > 0;)
    {
      const guint number = g_array_index (order, guint, p);
      const GantryCall *call = call_of (self->timeline, number);
      const GArray *followers = self->followers->pdata[number];
      gsize taken = 0, freed = 0;
      guint first = order->len;

      find_places (self, order, places, last);
      for (guint k = call->first; k < call->first + call->n_values; k++)
        taken += get_bytes (self, k);
      for (guint i = 0; i < call->n_inputs; i++)
        if (call->inputs[i] < GANTRY_VALUE_LEAF && last[call->inputs[i]] == p && _gantry_call_is_new_input (call, i))
          freed += get_bytes (self, call->inputs[i]);
      for (guint i = 0; i < followers->len; i++)
        first = MIN (first, places[g_array_index (followers, guint, i)]);
      if (taken <= freed || first == p + 1 || followers->len == 0)
        continue;
      g_array_remove_index (order, p);
      g_array_insert_val (order, first - 1, number);
    }
}

static GArray *
make_order (const GantryTimeline *timeline, gboolean last_first)
{
  const guint n = timeline->calls->len;
  g_autoptr (GPtrArray) followers = g_ptr_array_new_full (n, (GDestroyNotify) g_array_unref);
  g_autofree guint *n_missing = g_new0 (guint, n + 1);
  g_autofree guint *n_readers = g_new0 (guint, timeline->values->len + 1);
  g_autoptr (GArray) ready = g_array_new (FALSE, FALSE, sizeof (guint));
  GArray *order = g_array_new (FALSE, FALSE, sizeof (guint));
  Ordering self = { timeline, followers, n_missing, n_readers, ready };

  for (guint number = 0; number < n; number++)
    g_ptr_array_add (followers, g_array_new (FALSE, FALSE, sizeof (guint)));
  for (guint number = 0; number < n; number++)
    connect (&self, number);
  for (guint number = 0; number < n; number++)
    if (n_missing[number] == 0)
      g_array_append_val (ready, number);
  while (ready->len > 0)
    {
      guint number = take_next (&self, last_first);

      g_array_append_val (order, number);
      run (&self, number);
    }
  wait (&self, order);
  return order;
}

void
_gantry_timeline_reorder (GantryTimeline *self)
{
  g_autoptr (GArray) best = g_array_ref (self->order);
  gsize least = _gantry_timeline_measure (self, NULL, NULL);

  for (guint i = 0; i < 2; i++)
    {
      gsize bytes;

      g_array_unref (self->order);
      self->order = make_order (self, i == 1);
      bytes = _gantry_timeline_measure (self, NULL, NULL);
      if (bytes < least)
        {
          g_array_unref (best);
          best = g_array_ref (self->order);
          least = bytes;
        }
    }
  g_array_unref (self->order);
  self->order = g_steal_pointer (&best);
}
