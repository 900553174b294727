/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory for time: what is alive at the worst moment, but read only before and after it, is computed again before that later reader, by the same
 * kernel from the same inputs.  Chen et al. 2016 ("Training Deep Nets with Sublinear Memory Cost") cut a network into segments for this; here
 * each tensor is weighed alone, and with it what it is made of where that is not there any more.
 */
#include "timeline-private.h"

#include <string.h>

#define NONE G_MAXUINT
#define FLOPS_A_BYTE 24 /* that are done in the time that it takes to move a byte from or to memory */
#define FREE_SHARE 0.01 /* of the time of the whole, for which nobody is asked */
#define LEAST_GAIN 128  /* less than this part of the workspace is not worth a thought */
#define SMALL_INPUT 16  /* what is less than this part of a result stays alive for it rather than being computed again, too */
#define MAX_DEPTH 16
#define MAX_CHANGES 1024
#define MAX_ROUNDS 4
#define MAX_WORK 2000000 /* calls looked at, ten times what large networks need: graphs of many small tensors have more to weigh than it is worth */

#define call_of _gantry_timeline_get_call
#define value_of _gantry_timeline_get_value
#define at _gantry_timeline_at

/* What a kernel costs. */
typedef struct {
  gdouble bytes; /* moved in the time that it takes */
  gboolean is_light;
} Cost;

typedef struct {
  GantryTimeline *timeline;
  const Cost *costs; /* by step */
  gboolean is_light; /* light kernels alone */
  guint *places;     /* by call; NONE where it is not in the order */
  guint *last;       /* by value: last place that reads it */
  guint fresh;       /* calls from this one on have just been made, for a reader that is to come */
  guint64 work;      /* calls that were looked at */
} Search;

/* A timeline as it was. */
typedef struct {
  guint n_calls;
  guint n_values;
  GArray *calls;
  GArray *order;
} Mark;

static gdouble
size_of (GantryTensor *tensor)
{
  return (gdouble) gantry_tensor_get_size (tensor) * (gdouble) gantry_dtype_size (gantry_tensor_get_dtype (tensor));
}

/* Ops that take no more time than what they read and write takes to be moved. */
static gboolean
is_light (GantryTensor *tensor)
{
  static const gchar *const names[] = {
    "broadcast-to", "cast", "concat", "detach", "max", "pad", "permute", "resample", "select", "slice", "sum", NULL
  };

  return (gantry_tensor_get_op (tensor)->flags & (GANTRY_OP_ELEMENTWISE | GANTRY_OP_VIEW)) != 0
         || g_strv_contains (names, gantry_tensor_get_op_name (tensor));
}

static gboolean
is_input (const GantryKernel *kernel, GantryTensor *tensor)
{
  for (guint i = 0; i < kernel->n_inputs; i++)
    if (kernel->inputs[i] == tensor)
      return TRUE;
  return FALSE;
}

/* All that lies between the inputs of a kernel and its result. */
static Cost
find_cost (const GantryStep *step)
{
  g_autoptr (GPtrArray) pending = g_ptr_array_new ();
  Cost cost = { 0, TRUE };
  gdouble flops = 0;

  for (guint i = 0; i < step->n_tensors; i++)
    {
      cost.bytes += size_of (step->tensors[i]);
      g_ptr_array_add (pending, step->tensors[i]);
    }
  for (guint k = 0; k < pending->len; k++)
    {
      GantryTensor *tensor = pending->pdata[k];

      flops += gantry_tensor_get_flops (tensor);
      cost.is_light = cost.is_light && is_light (tensor);
      for (guint i = 0; i < gantry_tensor_get_n_inputs (tensor); i++)
        {
          GantryTensor *input = gantry_tensor_get_input (tensor, i);

          if (!is_input (&step->kernel, input) && gantry_tensor_get_n_inputs (input) > 0 && !g_ptr_array_find (pending, input, NULL))
            g_ptr_array_add (pending, input);
        }
    }
  cost.bytes += (step->kernel.flops > 0 ? step->kernel.flops : flops) / FLOPS_A_BYTE;
  for (guint i = 0; i < step->kernel.n_inputs; i++)
    cost.bytes += size_of (step->kernel.inputs[i]);
  return cost;
}

static void
find_reads (Search *self)
{
  const GantryTimeline *timeline = self->timeline;

  self->work += timeline->calls->len;
  self->places = g_renew (guint, self->places, timeline->calls->len);
  self->last = g_renew (guint, self->last, timeline->values->len);
  for (guint call = 0; call < timeline->calls->len; call++)
    self->places[call] = NONE;
  for (guint p = 0; p < timeline->order->len; p++)
    {
      const GantryCall *call = call_of (timeline, at (timeline, p));

      self->places[at (timeline, p)] = p;
      for (guint k = 0; k < call->n_values; k++)
        self->last[call->first + k] = p;
      for (guint i = 0; i < call->n_inputs; i++)
        if (call->inputs[i] < GANTRY_VALUE_LEAF)
          self->last[call->inputs[i]] = p;
    }
}

static Mark
mark (const GantryTimeline *timeline)
{
  return (Mark) { timeline->calls->len, timeline->values->len, g_array_copy (timeline->calls), g_array_copy (timeline->order) };
}

static void
clear_mark (Mark *self)
{
  g_clear_pointer (&self->calls, g_array_unref);
  g_clear_pointer (&self->order, g_array_unref);
}

static void
go_back (Search *self, const Mark *to)
{
  GantryTimeline *timeline = self->timeline;

  g_array_unref (timeline->calls);
  g_array_unref (timeline->order);
  timeline->calls = g_array_copy (to->calls);
  timeline->order = g_array_copy (to->order);
  g_array_set_size (timeline->values, to->n_values);
  find_reads (self);
}

static gboolean
may_repeat (const Search *self, guint call)
{
  return !self->is_light || self->costs[call_of (self->timeline, call)->step].is_light;
}

/* Of the calls that make the same as a value, the last before a place. */
static guint
find_newest (const Search *self, guint value, guint place)
{
  const GantryValue *known = value_of (self->timeline, value);
  guint newest = value;

  for (guint call = 0; call < self->timeline->calls->len; call++)
    {
      const guint found = self->places[call], best = self->places[value_of (self->timeline, newest)->call];

      if (call_of (self->timeline, call)->step == call_of (self->timeline, known->call)->step && found < place && (best >= place || found > best))
        newest = call_of (self->timeline, call)->first + known->index;
    }
  return newest;
}

/* Makes a value anew at a place, where the calls that were there move on: @place is the place after it then. */
static guint
repeat (Search *self, guint value, guint *place, guint depth, gdouble *cost)
{
  GantryTimeline *timeline = self->timeline;
  const GantryValue former = *value_of (timeline, value);
  GantryCall call = *call_of (timeline, former.call);
  const guint first = call.first;
  guint sources[GANTRY_KERNEL_MAX_INPUTS];

  memcpy (sources, call.inputs, sizeof sources);
  for (guint i = 0; i < call.n_inputs; i++)
    {
      guint newest;

      if (sources[i] >= GANTRY_VALUE_LEAF)
        continue;
      newest = find_newest (self, sources[i], *place);
      /* What is not alive any more is made again, too, or stays alive until then. */
      if (self->last[newest] < *place && value_of (timeline, newest)->call < self->fresh && depth < MAX_DEPTH
          && value_of (timeline, newest)->bytes > former.bytes / SMALL_INPUT && may_repeat (self, value_of (timeline, newest)->call))
        newest = repeat (self, newest, place, depth + 1, cost);
      call.inputs[i] = newest;
    }
  call.first = timeline->values->len;
  for (guint k = 0; k < call.n_values; k++)
    {
      const GantryValue made = { .call = timeline->calls->len, .index = k, .bytes = value_of (timeline, first + k)->bytes };

      g_array_append_val (timeline->values, made);
    }
  g_array_append_val (timeline->calls, call);
  g_array_insert_val (timeline->order, *place, value_of (timeline, call.first)->call);
  *cost += self->costs[call.step].bytes;
  *place += 1;
  find_reads (self);
  return call.first + former.index;
}

/* What nobody reads any more need not be made, and so on; all that is left out is before the place. */
static void
leave_out (Search *self, guint value, guint *place, gdouble *cost)
{
  GantryTimeline *timeline = self->timeline;
  const guint number = value_of (timeline, value)->call;
  const GantryCall call = *call_of (timeline, number);

  if (self->places[number] == NONE)
    return;
  for (guint k = call.first; k < call.first + call.n_values; k++)
    if (value_of (timeline, k)->is_wanted || self->last[k] != self->places[number])
      return;
  g_array_remove_index (timeline->order, self->places[number]);
  *place -= 1;
  *cost -= self->costs[call.step].bytes;
  find_reads (self);
  for (guint i = 0; i < call.n_inputs; i++)
    if (call.inputs[i] < GANTRY_VALUE_LEAF)
      leave_out (self, call.inputs[i], place, cost);
}

/* Has a value made anew before the call at a place, for that one and all later ones; @worst moves with what is there. */
static gdouble
split (Search *self, guint value, guint place, guint *worst)
{
  gdouble cost = 0;
  guint made;

  self->fresh = self->timeline->calls->len;
  made = repeat (self, value, &place, 0, &cost);

  for (; place < self->timeline->order->len; place++)
    {
      GantryCall *call = call_of (self->timeline, at (self->timeline, place));

      for (guint i = 0; i < call->n_inputs; i++)
        if (call->inputs[i] == value)
          call->inputs[i] = made;
    }
  find_reads (self);
  leave_out (self, value, worst, &cost);
  return MAX (cost, 1);
}

/* The first place after the worst that reads a value which nothing reads there; NONE where it has to be alive. */
static guint
find_reader (const Search *self, guint value, guint worst)
{
  const GantryTimeline *timeline = self->timeline;

  for (guint p = worst; p < timeline->order->len; p++)
    {
      const GantryCall *call = call_of (timeline, at (timeline, p));

      for (guint i = 0; i < call->n_inputs; i++)
        if (call->inputs[i] == value)
          return p > worst ? p : NONE;
    }
  return NONE;
}

/* Makes the change that saves most for what it costs, if there is one. */
static gboolean
improve (Search *self, gsize most, const gsize *live, guint worst, gdouble *rest)
{
  GantryTimeline *timeline = self->timeline;
  Mark before = mark (timeline);
  const guint n_values = timeline->values->len;
  guint best = NONE, best_reader = NONE;
  gdouble best_score = 0;

  for (guint value = 0; value < n_values && self->work < MAX_WORK; value++)
    {
      const GantryValue *candidate = value_of (timeline, value); /* until values are added */
      g_autofree gsize *then = NULL;
      guint reader, place = worst;
      gdouble cost;

      if (candidate->is_wanted || candidate->bytes < most / LEAST_GAIN || self->places[candidate->call] >= worst || self->last[value] <= worst
          || !may_repeat (self, candidate->call))
        continue;
      reader = find_reader (self, value, worst);
      if (reader == NONE)
        continue;
      cost = split (self, value, reader, &place);
      then = g_new (gsize, timeline->order->len);
      if (cost <= *rest && _gantry_timeline_measure (timeline, then, NULL) <= most && then[place] < live[worst]
          && (gdouble) (live[worst] - then[place]) / cost > best_score)
        {
          best = value;
          best_reader = reader;
          best_score = (gdouble) (live[worst] - then[place]) / cost;
        }
      go_back (self, &before);
    }
  clear_mark (&before);
  if (best == NONE)
    return FALSE;
  *rest -= split (self, best, best_reader, &worst);
  return TRUE;
}

/* As long as the worst moment gets better; what was of no use in the end is taken back. */
static void
search (Search *self, gsize wanted, gdouble rest)
{
  GantryTimeline *timeline = self->timeline;
  Mark best = mark (timeline);
  gsize least = G_MAXSIZE;

  find_reads (self);
  for (guint i = 0; i < MAX_CHANGES; i++)
    {
      g_autofree gsize *live = g_new (gsize, timeline->order->len + 1);
      guint worst = 0;
      const gsize most = _gantry_timeline_measure (timeline, live, &worst);

      if (least == G_MAXSIZE || most < least - least / LEAST_GAIN)
        {
          clear_mark (&best);
          best = mark (timeline);
          least = most;
        }
      if (most <= wanted || self->work >= MAX_WORK || !improve (self, most, live, worst, &rest))
        break;
    }
  go_back (self, &best);
  clear_mark (&best);
}

/* What is alive fits before what is placed does: gaps between the blocks come on top. */
static void
search_within (Search *self, gsize wanted)
{
  for (guint i = 0; i < MAX_ROUNDS; i++)
    {
      const gsize most = _gantry_timeline_measure (self->timeline, NULL, NULL), packed = _gantry_timeline_pack (self->timeline);
      const gsize gaps = packed - MIN (most, packed);

      if (packed <= wanted)
        return;
      search (self, wanted - MIN (gaps, wanted), G_MAXDOUBLE);
    }
}

void
_gantry_timeline_recompute (GantryTimeline *self, gsize wanted)
{
  g_autofree Cost *costs = g_new (Cost, self->steps->len + 1);
  Search all = { self, costs, TRUE, NULL, NULL, 0, 0 };
  gdouble whole = 0;

  for (guint s = 0; s < self->steps->len; s++)
    {
      costs[s] = find_cost (&g_array_index (self->steps, GantryStep, s));
      whole += costs[s].bytes;
    }
  search (&all, 0, FREE_SHARE * whole);
  all.is_light = FALSE;
  all.work = 0;
  search_within (&all, wanted);
  g_free (all.places);
  g_free (all.last);
}
