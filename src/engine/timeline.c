/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What runs when, and how much memory is alive at each moment: what storage.c will do with it, before anything is given a place. */
#include "timeline-private.h"

#include "graph/graph-private.h"
#include "plan-private.h"

#define ALIGNMENT 64
#define NONE G_MAXUINT

#define call_of _gantry_timeline_get_call
#define value_of _gantry_timeline_get_value
#define step_of _gantry_timeline_get_step
#define at _gantry_timeline_at

static gsize
align (gsize bytes)
{
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static gsize
bytes_of (GantryTensor *tensor)
{
  return align (gantry_tensor_get_size (tensor) * gantry_dtype_size (gantry_tensor_get_dtype (tensor)));
}

static guint
find_assignment (GantryLowering *lowering, GantryTensor *leaf)
{
  for (guint i = 0; _gantry_tensor_get_variable (leaf) != NULL && i < lowering->assignments->len; i++)
    if (g_str_equal (g_array_index (lowering->assignments, GantryResult, i).name, gantry_tensor_get_name (leaf)))
      return i + 1;
  return 0;
}

static void
add_call (GantryTimeline *self, guint s, guint *makers)
{
  const GantryStep *step = &g_array_index (self->steps, GantryStep, s);
  GantryCall call = { .step = s, .n_inputs = step->kernel.n_inputs, .first = self->values->len, .n_values = step->n_tensors };

  for (guint i = 0; i < call.n_inputs; i++)
    {
      GantryTensor *root = _gantry_tensor_get_root (step->kernel.inputs[i]);
      guint maker = makers[gantry_tensor_get_id (root)];

      call.inputs[i] = maker != NONE ? maker : GANTRY_VALUE_LEAF + find_assignment (self->lowering, root);
    }
  for (guint k = 0; k < step->n_tensors; k++)
    {
      const GantryValue value = { .call = s, .index = k, .bytes = bytes_of (step->tensors[k]) };

      makers[gantry_tensor_get_id (step->tensors[k])] = self->values->len;
      g_array_append_val (self->values, value);
    }
  g_array_append_val (self->calls, call);
  g_array_append_val (self->order, s);
}

static void
add_results (GantryTimeline *self, GArray *results, gboolean are_outputs, const guint *makers)
{
  for (guint i = 0; i < results->len; i++)
    {
      guint maker = makers[gantry_tensor_get_id (_gantry_tensor_get_root (g_array_index (results, GantryResult, i).tensor))];

      if (maker == NONE)
        continue;
      value_of (self, maker)->is_wanted = TRUE;
      if (are_outputs)
        value_of (self, maker)->is_output = TRUE;
      else if (value_of (self, maker)->assignment == 0)
        value_of (self, maker)->assignment = i + 1;
    }
}

GantryTimeline *
_gantry_timeline_new (GantryLowering *lowering, GArray *steps)
{
  const guint n = gantry_graph_get_n_tensors (lowering->graph);
  GantryTimeline *self = g_new0 (GantryTimeline, 1);
  g_autofree guint *makers = g_new (guint, n + 1);

  self->lowering = lowering;
  self->steps = g_array_ref (steps);
  self->calls = g_array_new (FALSE, FALSE, sizeof (GantryCall));
  self->values = g_array_new (FALSE, FALSE, sizeof (GantryValue));
  self->order = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint id = 0; id < n; id++)
    makers[id] = NONE;
  for (guint s = 0; s < steps->len; s++)
    add_call (self, s, makers);
  add_results (self, lowering->outputs, TRUE, makers);
  add_results (self, lowering->assignments, FALSE, makers);
  return self;
}

void
_gantry_timeline_free (GantryTimeline *self)
{
  g_array_unref (self->steps);
  g_array_unref (self->calls);
  g_array_unref (self->values);
  g_array_unref (self->order);
  g_free (self);
}

/* When values, and variables that are assigned, are read last; and in whose memory a value lies. */
typedef struct {
  guint *last;      /* by value: a place; the number of places where it is wanted in the end */
  guint *variables; /* by assignment: a place; NONE: it is not read */
  guint *blocks;    /* by value: the value whose memory it has; NONE where that is not the workspace */
  guint *ends;      /* by value whose memory others have, too: the last place of all */
} Lives;

static void
find_last_reads (const GantryTimeline *self, Lives *lives)
{
  for (guint i = 0; i < self->lowering->assignments->len; i++)
    lives->variables[i] = NONE;
  for (guint p = 0; p < self->order->len; p++)
    {
      const GantryCall *call = call_of (self, at (self, p));

      for (guint k = call->first; k < call->first + call->n_values; k++)
        lives->last[k] = value_of (self, k)->is_wanted ? self->order->len : p;
      for (guint i = 0; i < call->n_inputs; i++)
        if (call->inputs[i] > GANTRY_VALUE_LEAF)
          lives->variables[call->inputs[i] - GANTRY_VALUE_LEAF - 1] = p;
        else if (call->inputs[i] < GANTRY_VALUE_LEAF && lives->last[call->inputs[i]] < self->order->len)
          lives->last[call->inputs[i]] = p;
    }
}

static guint
get_in_place (const GantryTimeline *self, const GantryValue *value)
{
  const GantryStep *step = step_of (self, value->call);

  return step->n_tensors > 1 ? step->kernel.in_place_of[value->index] : step->kernel.in_place;
}

/* Whether a value may lie where @source does, which is read for it: all inputs of that memory must allow it. */
static gboolean
may_overwrite (const GantryTimeline *self, const Lives *lives, const GantryValue *value, guint source)
{
  const GantryCall *call = call_of (self, value->call);

  for (guint i = 0; i < call->n_inputs; i++)
    if ((get_in_place (self, value) & 1u << i) == 0
        && (call->inputs[i] == source || (source < GANTRY_VALUE_LEAF && call->inputs[i] < GANTRY_VALUE_LEAF
                                          && lives->blocks[call->inputs[i]] == lives->blocks[source])))
      return FALSE;
  return TRUE;
}

static gboolean
is_taken (const GantryTimeline *self, const Lives *lives, guint number, guint block)
{
  for (guint before = call_of (self, value_of (self, number)->call)->first; before < number; before++)
    if (lives->blocks[before] == block)
      return TRUE;
  return FALSE;
}

static guint
choose_block (const GantryTimeline *self, const Lives *lives, guint number, guint p)
{
  const GantryValue *value = value_of (self, number);
  const GantryCall *call = call_of (self, value->call);

  if (value->is_output)
    return NONE;
  if (value->assignment > 0)
    {
      guint last = lives->variables[value->assignment - 1];

      if (last == NONE || last < p || (last == p && may_overwrite (self, lives, value, GANTRY_VALUE_LEAF + value->assignment)))
        return NONE;
    }
  for (guint i = 0; i < call->n_inputs; i++)
    {
      guint source = call->inputs[i];

      if (source < GANTRY_VALUE_LEAF && lives->blocks[source] != NONE && lives->last[source] == p && (get_in_place (self, value) & 1u << i) != 0
          && value_of (self, source)->bytes == value->bytes && may_overwrite (self, lives, value, source)
          && !is_taken (self, lives, number, lives->blocks[source]))
        return lives->blocks[source];
    }
  return number;
}

static void
choose_blocks (const GantryTimeline *self, Lives *lives)
{
  for (guint p = 0; p < self->order->len; p++)
    {
      const GantryCall *call = call_of (self, at (self, p));

      for (guint k = call->first; k < call->first + call->n_values; k++)
        {
          lives->blocks[k] = choose_block (self, lives, k, p);
          if (lives->blocks[k] != NONE)
            lives->ends[lives->blocks[k]] = lives->last[k];
        }
    }
}

static Lives
find_lives (const GantryTimeline *self)
{
  const guint n = self->values->len + 1;
  Lives lives = { g_new0 (guint, n), g_new0 (guint, self->lowering->assignments->len + 1), g_new0 (guint, n), g_new0 (guint, n) };

  find_last_reads (self, &lives);
  choose_blocks (self, &lives);
  return lives;
}

static void
clear_lives (Lives *self)
{
  g_free (self->last);
  g_free (self->variables);
  g_free (self->blocks);
  g_free (self->ends);
}

gsize
_gantry_timeline_measure (const GantryTimeline *self, gsize *live, guint *worst)
{
  Lives lives = find_lives (self);
  g_autofree gsize *freed = g_new0 (gsize, self->order->len + 2); /* by place */
  gsize present = 0, most = 0;

  for (guint p = 0; p < self->order->len; p++)
    {
      const GantryCall *call = call_of (self, at (self, p));
      gsize now;

      present -= freed[p];
      for (guint k = call->first; k < call->first + call->n_values; k++)
        if (lives.blocks[k] == k)
          {
            present += value_of (self, k)->bytes;
            freed[lives.ends[k] + 1] += value_of (self, k)->bytes;
          }
      now = present + align (step_of (self, at (self, p))->kernel.scratch);
      if (live != NULL)
        live[p] = now;
      if (worst != NULL && now > most)
        *worst = p;
      most = MAX (most, now);
    }
  clear_lives (&lives);
  return most;
}

gsize
_gantry_timeline_pack (const GantryTimeline *self)
{
  Lives lives = find_lives (self);
  g_autoptr (GArray) blocks = g_array_new (FALSE, FALSE, sizeof (GantryBlock));
  gsize workspace;

  for (guint p = 0; p < self->order->len; p++)
    {
      const GantryCall *call = call_of (self, at (self, p));
      const GantryBlock scratch = { step_of (self, at (self, p))->kernel.scratch, p, p, 0 };

      if (scratch.bytes > 0)
        g_array_append_val (blocks, scratch);
      for (guint k = call->first; k < call->first + call->n_values; k++)
        {
          const GantryBlock block = { value_of (self, k)->bytes, p, lives.ends[k], 0 };

          if (lives.blocks[k] == k)
            g_array_append_val (blocks, block);
        }
    }
  clear_lives (&lives);
  return _gantry_plan_blocks ((GantryBlock *) (gpointer) blocks->data, blocks->len, &workspace) ? workspace : G_MAXSIZE;
}

/* What a kernel reads in the place of @tensor: the same view of what was computed again. */
static GantryTensor *
look_again (GantryTensor *tensor, GantryTensor *root)
{
  GantryTensor *input;

  if (!_gantry_tensor_is_view (tensor))
    return root;
  input = look_again (gantry_tensor_get_input (tensor, 0), root);
  return _gantry_tensor_repeat (tensor, &input);
}

GArray *
_gantry_timeline_take_steps (GantryTimeline *self)
{
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (GantryStep));
  g_autofree GantryTensor **repeated = g_new0 (GantryTensor *, self->values->len + 1);
  g_autofree gboolean *has_run = g_new0 (gboolean, self->steps->len + 1);

  for (guint p = 0; p < self->order->len; p++)
    {
      const GantryCall *call = call_of (self, at (self, p));
      GantryStep step = *step_of (self, at (self, p));

      step.is_repeated = has_run[call->step];
      has_run[call->step] = TRUE;
      if (step.is_repeated)
        {
          for (guint k = 0; k < step.n_tensors; k++)
            step.tensors[k] = repeated[call->first + k] = _gantry_tensor_repeat (step.tensors[k], NULL);
        }
      for (guint i = 0; i < call->n_inputs; i++)
        if (call->inputs[i] < GANTRY_VALUE_LEAF && repeated[call->inputs[i]] != NULL)
          step.kernel.inputs[i] = look_again (step.kernel.inputs[i], repeated[call->inputs[i]]);
      g_array_append_val (steps, step);
    }
  for (guint s = 0; s < self->steps->len; s++)
    if (!has_run[s])
      _gantry_step_clear (&g_array_index (self->steps, GantryStep, s));
  g_array_set_clear_func (steps, _gantry_step_clear);
  g_array_set_clear_func (self->steps, NULL);
  _gantry_lowering_recount (self->lowering);
  return steps;
}
