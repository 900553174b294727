/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Two steps over the same elements, of which one reads what the other reads or computes, become one where their backend has a kernel for
 * both: what they share is then read once.
 *
 * One step in the place of two must come after everything that either reads and before everyone who reads what either computes.  Where
 * another step needs a result of the first and the second needs one of that step, there is no such place, and they stay two.
 */
#include <gantry/error.h>
#include <gantry/log.h>

#include <stdlib.h>
#include <string.h>

#include "compile-private.h"

#define FAR 200
#define MAX_REFUSED 8

typedef struct {
  GantryLowering *lowering;
  GantryBackend *const *backends;
  GArray *steps;  /* GantryStep */
  guint8 *wanted; /* by id of a root: an output or an assignment of the program */
  GError *error;
} Joining;

static GantryStep *
get_step (Joining *self, guint i)
{
  return &g_array_index (self->steps, GantryStep, i);
}

static gsize
find_extent (const GantryStep *step)
{
  gsize extent = 0;

  for (guint i = 0; i < step->n_tensors; i++)
    extent = MAX (extent, gantry_tensor_get_size (step->tensors[i]));
  for (guint i = 0; i < step->kernel.n_inputs; i++)
    extent = MAX (extent, gantry_tensor_get_size (step->kernel.inputs[i]));
  return extent;
}

static gboolean
reads (const GantryKernel *kernel, GantryTensor *root)
{
  for (guint i = 0; i < kernel->n_inputs; i++)
    if (_gantry_tensor_get_root (kernel->inputs[i]) == root)
      return TRUE;
  return FALSE;
}

static gboolean
computes (const GantryStep *step, GantryTensor *root)
{
  for (guint i = 0; i < step->n_tensors; i++)
    if (step->tensors[i] == root)
      return TRUE;
  return FALSE;
}

/* Whether step @j reads a tensor of all of its elements that step @i reads, too, or computes. */
static gboolean
share (Joining *self, guint i, guint j)
{
  const GantryStep *first = get_step (self, i);
  const GantryKernel *kernel = &get_step (self, j)->kernel;

  for (guint k = 0; k < kernel->n_inputs; k++)
    if (gantry_tensor_get_size (kernel->inputs[k]) == get_step (self, j)->extent)
      {
        GantryTensor *root = _gantry_tensor_get_root (kernel->inputs[k]);

        if (computes (first, root) || reads (&first->kernel, root))
          return TRUE;
      }
  return FALSE;
}

/* Where a step of the kernel in the place of steps i < j would come: before the step of that index.  FALSE where there is no such place. */
static gboolean
find_place (Joining *self, guint i, guint j, const GantryKernel *kernel, guint *place)
{
  guint after = i + 1;

  *place = j;
  for (guint k = i + 1; k < j && *place == j; k++)
    for (guint t = 0; t < get_step (self, i)->n_tensors; t++)
      if (reads (&get_step (self, k)->kernel, get_step (self, i)->tensors[t]))
        *place = k;
  for (guint k = j; k-- > i + 1 && after == i + 1;)
    for (guint t = 0; t < get_step (self, k)->n_tensors; t++)
      if (reads (kernel, get_step (self, k)->tensors[t]))
        after = k + 1;
  return after <= *place;
}

/* Inputs are leaves or what other steps compute before; what comes later, or is computed by nobody or by the kernel itself, is not there. */
static gboolean
are_computed (Joining *self, guint i, guint j, const GantryKernel *kernel)
{
  for (guint k = 0; k < kernel->n_inputs; k++)
    {
      GantryTensor *root = _gantry_tensor_get_root (kernel->inputs[k]);
      gboolean found = gantry_tensor_get_n_inputs (root) == 0;

      for (guint s = j; s-- > 0 && !found;)
        found = s != i && computes (get_step (self, s), root);
      if (!found)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_wanted (Joining *self, guint i, guint j, GantryTensor *tensor)
{
  gboolean wanted = self->wanted[gantry_tensor_get_id (tensor)];

  for (guint k = 0; k < self->steps->len && !wanted; k++)
    wanted = k != i && k != j && reads (&get_step (self, k)->kernel, tensor);
  return wanted;
}

static gint
compare_ids (gconstpointer a, gconstpointer b)
{
  return (gint) gantry_tensor_get_id (*(GantryTensor *const *) a) - (gint) gantry_tensor_get_id (*(GantryTensor *const *) b);
}

/* What one step in the place of two has to compute: all, or all that someone else reads. */
static guint
list_tensors (Joining *self, guint i, guint j, gboolean all, GantryTensor **tensors)
{
  const guint both[] = { i, j };
  guint n = 0;

  for (guint b = 0; b < G_N_ELEMENTS (both); b++)
    for (guint t = 0; t < get_step (self, both[b])->n_tensors; t++)
      if (all || is_wanted (self, i, j, get_step (self, both[b])->tensors[t]))
        tensors[n++] = get_step (self, both[b])->tensors[t];
  qsort (tensors, n, sizeof *tensors, compare_ids);
  return n;
}

static void
free_kernel (GantryKernel *kernel)
{
  if (kernel->free != NULL)
    kernel->free (kernel->data);
}

static gboolean
check_kernel (const GantryStep *step, GantryBackend *backend, GError **error)
{
  GantryTensor *last = _gantry_step_get_tensor (step);

  if (step->kernel.run_several != NULL && _gantry_claim_check_inputs (last, &step->kernel))
    return TRUE;
  g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND,
               "%s: backend %s claims %u tensors, the last a %s, with a kernel that cannot be run", gantry_tensor_get_scope (last),
               G_OBJECT_TYPE_NAME (backend), step->n_tensors, gantry_tensor_get_op_name (last));
  return FALSE;
}

/* Puts one step in the place of two, if their backend has a kernel for it that can be run there. */
static gboolean
offer (Joining *self, guint i, guint j, GantryStep *step, guint *place)
{
  const GantryClaim claim = { sizeof claim, _gantry_step_get_tensor (step), self->lowering, self->lowering->precision, step->tensors,
                              step->n_tensors };

  step->kernel.size = sizeof step->kernel;
  if (!gantry_backend_claim_several (self->backends[step->backend], &claim, &step->kernel))
    return FALSE;
  if (check_kernel (step, self->backends[step->backend], &self->error) && are_computed (self, i, j, &step->kernel)
      && find_place (self, i, j, &step->kernel, place))
    return TRUE;
  free_kernel (&step->kernel);
  memset (&step->kernel, 0, sizeof step->kernel);
  return FALSE;
}

static gboolean
claim (Joining *self, guint i, guint j, GantryStep *step, guint *place)
{
  const guint n = get_step (self, i)->n_tensors + get_step (self, j)->n_tensors;

  if (n > GANTRY_KERNEL_MAX_OUTPUTS)
    return FALSE;
  step->backend = get_step (self, j)->backend;
  step->n_tensors = list_tensors (self, i, j, FALSE, step->tensors);
  if (step->n_tensors > 1 && step->n_tensors < n && offer (self, i, j, step, place))
    return TRUE;
  step->n_tensors = list_tensors (self, i, j, TRUE, step->tensors);
  return self->error == NULL && offer (self, i, j, step, place);
}

static void
put (Joining *self, guint i, guint j, GantryStep *step, guint place)
{
  gantry_debug ("engine", "%u %s and %u others: %s", gantry_tensor_get_id (_gantry_step_get_tensor (step)),
                gantry_tensor_get_op_name (_gantry_step_get_tensor (step)), step->n_tensors - 1, step->kernel.name);
  step->extent = find_extent (step);
  /* places are those before the two are gone, and the first lies before it */
  g_array_remove_index (self->steps, j);
  g_array_insert_val (self->steps, place, *step);
  g_array_remove_index (self->steps, i);
}

/* The kernel of two may compute by itself what another one computed for both. */
static void
drop_unread (Joining *self)
{
  for (guint s = self->steps->len; s-- > 0;)
    {
      gboolean wanted = FALSE;

      for (guint t = 0; t < get_step (self, s)->n_tensors; t++)
        wanted = wanted || is_wanted (self, s, s, get_step (self, s)->tensors[t]);
      if (!wanted)
        g_array_remove_index (self->steps, s);
    }
}

static guint
find_step (Joining *self, GantryTensor *tensor)
{
  guint i = 0;

  while (!computes (get_step (self, i), tensor))
    i++;
  return i;
}

/* Joins a step with the nearest one before it that it can be joined with; @j becomes the index of both.  Who is far away, or comes after several
 * with whom it could not be, is not asked for: graphs may have thousands of steps. */
static gboolean
join (Joining *self, guint *j)
{
  const guint first = *j > FAR ? *j - FAR : 0;
  guint n_refused = 0;

  for (guint i = *j; i-- > first && n_refused < MAX_REFUSED && self->error == NULL;)
    {
      GantryStep step = { .n_tensors = 0 };
      guint place;

      if (get_step (self, i)->backend != get_step (self, *j)->backend || get_step (self, i)->extent != get_step (self, *j)->extent
          || !share (self, i, *j) || !find_place (self, i, *j, &get_step (self, *j)->kernel, &place))
        continue;
      if (!claim (self, i, *j, &step, &place))
        {
          n_refused++;
          continue;
        }
      put (self, i, *j, &step, place);
      drop_unread (self);
      *j = find_step (self, step.tensors[0]);
      return TRUE;
    }
  return FALSE;
}

gboolean
_gantry_claim_join_steps (GantryLowering *lowering, GantryBackend *const *backends, GArray *steps, GError **error)
{
  g_autofree guint8 *wanted = g_new0 (guint8, gantry_graph_get_n_tensors (lowering->graph) + 1);
  Joining self = { lowering, backends, steps, wanted, NULL };
  GArray *results[] = { lowering->outputs, lowering->assignments };

  for (guint k = 0; k < G_N_ELEMENTS (results); k++)
    for (guint i = 0; i < results[k]->len; i++)
      wanted[gantry_tensor_get_id (_gantry_tensor_get_root (g_array_index (results[k], GantryResult, i).tensor))] = TRUE;
  for (guint i = 0; i < steps->len; i++)
    get_step (&self, i)->extent = find_extent (get_step (&self, i));
  for (guint j = 0; j < steps->len && self.error == NULL; j++)
    {
      const guint n_later = steps->len - j - 1;

      while (join (&self, &j))
        ;
      j = steps->len > n_later ? steps->len - n_later - 1 : j;
    }
  if (self.error != NULL)
    g_propagate_error (error, self.error);
  return self.error == NULL;
}
