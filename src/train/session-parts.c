/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Micro-batches: a phase that runs on parts of its batch, one after the other, adds up what they give, and takes one step with the sums.  What
 * the parts give is linear in the samples, or else the phase is refused: so the gradients are those of the whole batch.  Nothing but the step
 * writes state, so all parts see the same variables; sums live in the inputs of the step's program and are no variables.
 */
#include "train/session-phase-private.h"

#include "engine/program-private.h"
#include "graph/batch-axis-private.h"
#include "graph/graph-private.h"

#include <gantry/error.h>
#include <math.h>
#include <string.h>

/* What is added up over the parts. */
typedef struct {
  gchar *output;     /* of their programs */
  GantryArray *into; /* input of the step's program; NULL for a number */
  gdouble degree;    /* 0: a sum over the samples, -1: a mean */
  gdouble value;     /* of a number */
  GantryArray *term; /* the same, where it is a term */
} Sum;

struct _GantryParts {
  gsize batch;         /* samples of all parts */
  gsize size;          /* of one, but for a last one with what is left */
  GPtrArray *programs; /* GantryPhase, one a size */
  GPtrArray *sums;     /* Sum */
  GPtrArray *gathers;  /* GantryGather: what is published and no number */
  GPtrArray *draws;    /* names of random tensors that all samples share */
};

static void
sum_free (gpointer data)
{
  Sum *self = data;

  g_clear_pointer (&self->into, gantry_array_unref);
  g_clear_pointer (&self->term, gantry_array_unref);
  g_free (self->output);
  g_free (self);
}

void
_gantry_parts_free (GantryParts *self)
{
  g_clear_pointer (&self->programs, g_ptr_array_unref);
  g_clear_pointer (&self->sums, g_ptr_array_unref);
  g_clear_pointer (&self->gathers, g_ptr_array_unref);
  g_clear_pointer (&self->draws, g_ptr_array_unref);
  g_free (self);
}

/* What is the same in every part counts as a mean does. */
static gdouble
get_degree (const GantryBatchUse *use)
{
  return use->kind == GANTRY_BATCH_SHARED ? use->degree - 1 : use->degree;
}

static Sum *
add_sum (GantryParts *self, gchar *output, gdouble degree)
{
  Sum *sum = g_new0 (Sum, 1);

  sum->output = output;
  sum->degree = degree;
  g_ptr_array_add (self->sums, sum);
  return sum;
}

static gboolean
refuse (GantryPhase *whole, gsize size, const gchar *reason, GError **error)
{
  g_autofree gchar *scope = g_strdup_printf ("phase %s: ", whole->name);

  if (g_str_has_prefix (reason, scope))
    reason += strlen (scope);
  g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "%smicro-batch=%" G_GSIZE_FORMAT ": %s", scope, size, reason);
  return FALSE;
}

/* Whether the parts' values of a tensor add up to that of the whole batch. */
static gboolean
check (GantryParts *self, GantryPhase *whole, GantryBatchAnalysis *analysis, GantryTensor *tensor, const gchar *what, const GantryBatchUse **use,
       GError **error)
{
  g_autofree gchar *reason = NULL;

  *use = _gantry_batch_analysis_get (analysis, tensor);
  if ((*use)->kind == GANTRY_BATCH_SHARED || (*use)->kind == GANTRY_BATCH_SUM)
    return TRUE;
  reason = (*use)->kind == GANTRY_BATCH_MIXED ? _gantry_batch_analysis_explain (analysis, tensor)
                                              : g_strdup_printf ("%s: is of a sample's own, not of the batch", what);
  return refuse (whole, self->size, reason, error);
}

/* What is published and no number takes no part in the step: where parts do not tell it, it cannot be read. */
static gboolean
add_gather (GantryParts *self, const gchar *output, GantryTensor *tensor, const GantryBatchUse *use, GError **error)
{
  GantryGather *gather;

  if (!_gantry_gather_can (tensor, use))
    return TRUE;
  gather = _gantry_gather_new (output, tensor, use, self->batch, error);
  if (gather != NULL)
    g_ptr_array_add (self->gathers, gather);
  return gather != NULL;
}

static gboolean
check_terms (GantryParts *self, GantryPhase *whole, GantryBatchAnalysis *analysis, GError **error)
{
  for (guint i = 0; i < whole->terms->len; i++)
    {
      const GantryPhaseTerm *term = whole->terms->pdata[i];
      GantryTensor *tensor = gantry_graph_find_output (whole->graph, term->output);
      const GantryBatchUse *use = _gantry_batch_analysis_get (analysis, tensor);

      if (gantry_tensor_get_size (tensor) != 1 && !add_gather (self, term->output, tensor, use, error))
        return FALSE;
      if (gantry_tensor_get_size (tensor) != 1)
        continue;
      if (!check (self, whole, analysis, tensor, term->name, &use, error))
        return FALSE;
      add_sum (self, g_strdup (term->output), get_degree (use))->term = gantry_array_new (gantry_tensor_get_dtype (tensor),
                                                                                         gantry_tensor_get_shape (tensor));
    }
  return TRUE;
}

/* State that does not depend on the samples moves in the step; a mean over them is added up; anything else cannot be told from parts. */
static gboolean
check_state (GantryParts *self, GantryPhase *whole, GantryBatchAnalysis *analysis, GHashTable *averaged, GError **error)
{
  g_autoptr (GPtrArray) assigned = _gantry_graph_list_assigned (whole->graph);

  for (guint i = 0; i < assigned->len; i++)
    {
      GantryVariable *variable = assigned->pdata[i];
      GantryTensor *value = gantry_graph_get_assigned (whole->graph, variable);
      const GantryBatchUse *use;

      if (!check (self, whole, analysis, value, variable->name, &use, error))
        return FALSE;
      if (use->kind == GANTRY_BATCH_SUM)
        {
          g_hash_table_add (averaged, g_strdup (variable->name));
          add_sum (self, _gantry_part_state_name (variable->name), use->degree);
        }
    }
  return TRUE;
}

static gboolean
check_inputs (GantryParts *self, GantryPhase *whole, GantryBatchAnalysis *analysis)
{
  g_autoptr (GPtrArray) inputs = gantry_graph_list_inputs (whole->graph);

  for (guint i = 0; i < inputs->len; i++)
    {
      GantryTensor *input = inputs->pdata[i];

      if (g_str_equal (gantry_tensor_get_op_name (input), "random") && gantry_tensor_get_n_dims (input) > 0
          && _gantry_batch_analysis_get (analysis, input)->kind == GANTRY_BATCH_SHARED)
        g_ptr_array_add (self->draws, g_strdup (gantry_tensor_get_name (input)));
    }
  return TRUE;
}

/* The gradients of each player's objective, which add up as the objective does. */
static gboolean
add_gradients (GantryParts *self, GantryPhase *whole, GantryBatchAnalysis *analysis, GantryPhase *part, GError **error)
{
  g_auto (GStrv) outputs = gantry_graph_list_outputs (part->graph);

  for (guint i = 0; i < whole->objectives->len; i++)
    {
      const GantryPhaseObjective *objective = whole->objectives->pdata[i];
      g_autofree gchar *prefix = _gantry_part_gradient_name (objective->player, "");
      const GantryBatchUse *use;

      if (!check (self, whole, analysis, objective->tensor, objective->player, &use, error))
        return FALSE;
      for (guint k = 0; outputs[k] != NULL; k++)
        if (g_str_has_prefix (outputs[k], prefix))
          add_sum (self, g_strdup (outputs[k]), get_degree (use));
    }
  return TRUE;
}

/* The programs of parts: of the usual size, and of what is left. */
static gboolean
make_programs (GantryParts *self, GantrySession *session, const GantryPlan *plan, GHashTable *averaged, GError **error)
{
  const gsize sizes[] = { self->size, self->batch % self->size };

  for (guint i = 0; i < G_N_ELEMENTS (sizes) && sizes[i] > 0; i++)
    {
      const GantryDescription how = { GANTRY_DESCRIBE_PART, sizes[i], averaged };
      GantryPhase *part = _gantry_phase_describe (session, plan, &how, error);

      if (part == NULL)
        return FALSE;
      g_ptr_array_add (self->programs, part);
      if (!_gantry_phase_compile (part, session, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
make_step (GantryParts *self, GantrySession *session, const GantryPlan *plan, GHashTable *averaged, GantryPhase **step, GError **error)
{
  const GantryDescription how = { GANTRY_DESCRIBE_APPLY, self->batch, averaged };
  g_autoptr (GantryPhase) made = _gantry_phase_describe (session, plan, &how, error);

  if (made == NULL || !_gantry_phase_compile (made, session, error))
    return FALSE;
  for (guint i = 0; i < self->sums->len; i++)
    {
      Sum *sum = self->sums->pdata[i];
      GantryArray *into = gantry_graph_find_input (made->graph, sum->output) != NULL ? gantry_program_get_input (made->program, sum->output) : NULL;

      if (into != NULL)
        sum->into = gantry_array_ref (into);
    }
  *step = g_steal_pointer (&made);
  return TRUE;
}

/* Adopts the terms of the whole batch; the step adds its own, such as the norm of the gradients. */
static void
join_terms (GantryPhase *step, GantryPhase *whole)
{
  while (step->terms->len > 0)
    g_ptr_array_add (whole->terms, g_ptr_array_steal_index (step->terms, 0));
  g_ptr_array_unref (step->terms);
  step->terms = g_ptr_array_ref (whole->terms);
}

gboolean
_gantry_parts_new (GantrySession *session, const GantryPlan *plan, GantryPhase **phase, GError **error)
{
  g_autoptr (GantryParts) self = g_new0 (GantryParts, 1);
  const GantryDescription here = { GANTRY_DESCRIBE_TERMS, plan->batch, NULL }, there = { GANTRY_DESCRIBE_TERMS, 2 * plan->batch, NULL };
  g_autoptr (GHashTable) averaged = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GantryPhase) whole = _gantry_phase_describe (session, plan, &here, error);
  g_autoptr (GantryPhase) twice = NULL;
  g_autoptr (GantryBatchAnalysis) analysis = NULL;
  g_autoptr (GError) reason = NULL;

  *phase = NULL;
  if (whole == NULL || whole->is_idle)
    return whole != NULL;
  self->batch = plan->batch;
  self->size = session->micro_batch;
  self->programs = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_phase_free);
  self->sums = g_ptr_array_new_with_free_func (sum_free);
  self->gathers = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_gather_free);
  self->draws = g_ptr_array_new_with_free_func (g_free);
  twice = _gantry_phase_describe (session, plan, &there, &reason);
  if (twice != NULL)
    analysis = _gantry_batch_analysis_new (whole->graph, plan->batch, twice->graph, 2 * plan->batch, &reason);
  if (analysis == NULL)
    return refuse (whole, self->size, reason->message, error);
  if (!check_terms (self, whole, analysis, error) || !check_state (self, whole, analysis, averaged, error)
      || !check_inputs (self, whole, analysis) || !make_programs (self, session, plan, averaged, error)
      || !add_gradients (self, whole, analysis, self->programs->pdata[0], error) || !make_step (self, session, plan, averaged, phase, error))
    return FALSE;
  join_terms (*phase, whole);
  (*phase)->parts = g_steal_pointer (&self);
  return TRUE;
}

GPtrArray *
_gantry_parts_list (GantryParts *self)
{
  return self->programs;
}

GantryPhase *
_gantry_parts_get_first (GantryParts *self)
{
  return self->programs->pdata[0];
}

gsize
_gantry_parts_count_bytes (GantryParts *self)
{
  gsize bytes = 0;

  for (guint i = 0; i < self->gathers->len; i++)
    bytes += gantry_array_get_bytes (_gantry_gather_get_array (self->gathers->pdata[i]));
  return bytes;
}

/* What the whole batch has bound, in parts; it is bound in the step's program, which has the same inputs. */
static gboolean
fill_inputs (GantryParts *self, GantryPhase *step, GantryPhase *part, gsize at, gsize n, GError **error)
{
  g_autoptr (GPtrArray) inputs = gantry_graph_list_inputs (part->graph);

  for (guint i = 0; i < inputs->len; i++)
    {
      const gchar *name = gantry_tensor_get_name (inputs->pdata[i]);
      GantryArray *whole = _gantry_program_get_bound (step->program, name);
      GantryArray *input;

      if (whole == NULL)
        {
          gantry_program_bind (part->program, name, NULL, NULL);
          continue;
        }
      input = gantry_program_get_input (part->program, name);
      if (gantry_shape_equal (gantry_array_get_shape (whole), gantry_array_get_shape (input)))
        {
          if (!gantry_array_assign (input, whole, error))
            return FALSE;
        }
      else
        {
          _gantry_session_copy_rows (whole, at, input, 0, n);
        }
    }
  return TRUE;
}

/* Draws that all samples share are those of the first part. */
static void
share_draws (GantryParts *self, GantryPhase *step, GantryPhase *part)
{
  for (guint i = 0; i < self->draws->len; i++)
    {
      const gchar *name = self->draws->pdata[i];
      GantryArray *first = gantry_program_get_input (_gantry_parts_get_first (self)->program, name);

      if (_gantry_program_get_bound (step->program, name) == NULL)
        gantry_program_bind (part->program, name, first, NULL);
    }
}

#define ADD(type) \
  do \
    { \
      const type *source = gantry_array_get_data (from); \
      type *target = gantry_array_get_data (into); \
 \
      for (gsize i = 0; i < n; i++) \
        target[i] = is_first ? (type) (weight * source[i]) : (type) (target[i] + weight * source[i]); \
    } \
  while (0)

static void
add_array (GantryArray *into, GantryArray *from, gdouble weight, gboolean is_first)
{
  const gsize n = gantry_array_get_size (into);

  if (gantry_array_get_dtype (into) == GANTRY_FLOAT64)
    ADD (gdouble);
  else
    ADD (gfloat);
}

static void
add_up (GantryParts *self, GantryPhase *part, gsize n, gboolean is_first)
{
  for (guint i = 0; i < self->sums->len; i++)
    {
      Sum *sum = self->sums->pdata[i];
      GantryArray *output = gantry_program_get_output (part->program, sum->output);
      const gdouble weight = pow ((gdouble) n / (gdouble) self->batch, -sum->degree);

      if (sum->into != NULL)
        add_array (sum->into, output, weight, is_first);
      else
        sum->value = (is_first ? 0 : sum->value) + weight * gantry_array_get_double (output, 0);
      if (sum->term != NULL)
        gantry_array_set_double (sum->term, 0, sum->value);
    }
}

gboolean
_gantry_parts_run (GantryPhase *step, const GantryRun *run, GError **error)
{
  GantryParts *self = step->parts;

  for (gsize at = 0; at < self->batch; at += self->size)
    {
      const gsize n = MIN (self->size, self->batch - at);
      GantryPhase *part = self->programs->pdata[n == self->size ? 0 : 1];
      const GantryRun share = { sizeof share, run->step, run->sample + at };

      if (!fill_inputs (self, step, part, at, n, error))
        return FALSE;
      if (at > 0)
        share_draws (self, step, part);
      if (!gantry_program_run (part->program, &share, error))
        return FALSE;
      add_up (self, part, n, at == 0);
      for (guint i = 0; i < self->gathers->len; i++)
        _gantry_gather_add (self->gathers->pdata[i], part->program, at, n);
    }
  return gantry_program_run (step->program, run, error);
}

gboolean
_gantry_parts_get_term (GantryParts *self, const gchar *output, gdouble *value)
{
  for (guint i = 0; i < self->sums->len; i++)
    {
      const Sum *sum = self->sums->pdata[i];

      if (sum->into == NULL && g_str_equal (sum->output, output))
        {
          *value = sum->value;
          return TRUE;
        }
    }
  return FALSE;
}

GantryArray *
_gantry_parts_get_output (GantryParts *self, const gchar *output)
{
  for (guint i = 0; i < self->sums->len; i++)
    if (g_str_equal (((Sum *) self->sums->pdata[i])->output, output))
      return ((Sum *) self->sums->pdata[i])->term;
  for (guint i = 0; i < self->gathers->len; i++)
    if (g_str_equal (_gantry_gather_get_output (self->gathers->pdata[i]), output))
      return _gantry_gather_get_array (self->gathers->pdata[i]);
  return NULL;
}
