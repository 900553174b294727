/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A compiled graph: binding inputs, running, reading outputs. */
#include <gantry/error.h>

#include <string.h>

#include "graph/graph-private.h"
#include "program-private.h"
#include "random-private.h"

G_DEFINE_FINAL_TYPE (GantryProgram, gantry_program, G_TYPE_OBJECT)

static void
clear_input (gpointer data)
{
  g_clear_pointer (&((GantryInput *) data)->array, gantry_array_unref);
}

static void
clear_output (gpointer data)
{
  g_clear_pointer (&((GantryOutput *) data)->array, gantry_array_unref);
}

static void
gantry_program_init (GantryProgram *self)
{
  self->backends = g_ptr_array_new_with_free_func (g_object_unref);
  self->inputs = g_array_new (FALSE, FALSE, sizeof (GantryInput));
  g_array_set_clear_func (self->inputs, clear_input);
  self->input_index = g_hash_table_new (g_str_hash, g_str_equal);
  self->outputs = g_array_new (FALSE, FALSE, sizeof (GantryOutput));
  g_array_set_clear_func (self->outputs, clear_output);
  self->arrays = g_ptr_array_new_with_free_func ((GDestroyNotify) gantry_array_unref);
  self->moves = g_array_new (FALSE, FALSE, sizeof (GantryMove));
}

static void
gantry_program_finalize (GObject *object)
{
  GantryProgram *self = GANTRY_PROGRAM (object);

  /* Kernels may look at the backend and at tensors while they are freed. */
  g_clear_pointer (&self->steps, g_array_unref);
  g_ptr_array_unref (self->backends);
  g_hash_table_unref (self->input_index);
  g_array_unref (self->inputs);
  g_array_unref (self->outputs);
  g_ptr_array_unref (self->arrays);
  g_array_unref (self->moves);
  g_clear_pointer (&self->workspace, _gantry_workspace_unref);
  g_free (self->kernel_reports);
  gantry_program_set_profile_func (self, NULL, NULL, NULL);
  g_clear_pointer (&self->lowering, _gantry_lowering_free);
  g_clear_object (&self->state);
  G_OBJECT_CLASS (gantry_program_parent_class)->finalize (object);
}

static void
gantry_program_class_init (GantryProgramClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gantry_program_finalize;
}

GantryInput *
_gantry_program_find_input (GantryProgram *self, const gchar *name)
{
  guint index = GPOINTER_TO_UINT (g_hash_table_lookup (self->input_index, name));

  return index == 0 ? NULL : &g_array_index (self->inputs, GantryInput, index - 1);
}

gboolean
_gantry_program_ensure_input (GantryInput *input, GError **error)
{
  if (input->array == NULL)
    input->array = gantry_array_try_new (gantry_tensor_get_dtype (input->tensor), gantry_tensor_get_shape (input->tensor), error);
  if (input->array == NULL)
    g_prefix_error (error, "input %s: ", gantry_tensor_get_name (input->tensor));
  return input->array != NULL;
}

GantryArray *
_gantry_program_get_bound (GantryProgram *self, const gchar *name)
{
  const GantryInput *input = _gantry_program_find_input (self, name);

  return input != NULL && input->bound ? input->array : NULL;
}

/**
 * gantry_program_get_input:
 * @self: a program
 * @name: full name of an input
 *
 * The memory that runs read an input from, to be filled in place; from now on the input counts as bound, until
 * [method@Gantry.Program.bind] unbinds it.
 *
 * Returns: (transfer none) (nullable): the input's array, or %NULL where the graph has no such input (or its memory cannot be had)
 */
GantryArray *
gantry_program_get_input (GantryProgram *self, const gchar *name)
{
  GantryInput *input = _gantry_program_find_input (self, name);

  if (input == NULL || !_gantry_program_ensure_input (input, NULL))
    return NULL;
  input->bound = TRUE;
  return input->array;
}

static gboolean
fail_unknown (GantryProgram *self, const gchar *name, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const gchar *nearest;

  for (guint i = 0; i < self->inputs->len; i++)
    g_ptr_array_add (names, (gpointer) gantry_tensor_get_name (g_array_index (self->inputs, GantryInput, i).tensor));
  g_ptr_array_add (names, NULL);
  nearest = gantry_nearest_name (name, (const gchar *const *) names->pdata);
  if (nearest != NULL)
    g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_INPUT, "there is no input '%s'; the nearest is '%s'", name, nearest);
  else
    g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_INPUT, "there is no input '%s'", name);
  return FALSE;
}

/**
 * gantry_program_bind:
 * @self: a program
 * @name: full name of a feed, a random input or a scalar
 * @values: (nullable): its values from now on, copied and converted, or %NULL: a random input is drawn again, a scalar follows its
 *   property again, and a feed has to be bound before the next run
 * @error: return location for an error
 *
 * Fails with %GANTRY_ENGINE_ERROR_INPUT where there is no such input or the shape is another, %GANTRY_ENGINE_ERROR_MEMORY where the memory of an
 * input that nothing reads cannot be had.
 *
 * Returns: whether it is bound
 */
gboolean
gantry_program_bind (GantryProgram *self, const gchar *name, GantryArray *values, GError **error)
{
  GantryInput *input = _gantry_program_find_input (self, name);

  if (input == NULL)
    return fail_unknown (self, name, error);
  if (values == NULL)
    {
      input->bound = FALSE;
      return TRUE;
    }
  if (!_gantry_program_ensure_input (input, error))
    return FALSE;
  if (!gantry_array_assign (input->array, values, error))
    {
      g_prefix_error (error, "input %s: ", name);
      return FALSE;
    }
  input->bound = TRUE;
  return TRUE;
}

static gboolean
check_bound (GantryProgram *self, GError **error)
{
  for (guint i = 0; i < self->inputs->len; i++)
    {
      const GantryInput *input = &g_array_index (self->inputs, GantryInput, i);

      if (input->live && !input->bound && gantry_tensor_get_input_kind (input->tensor) == GANTRY_INPUT_FEED)
        {
          g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_INPUT, "input '%s' is not bound", gantry_tensor_get_name (input->tensor));
          return FALSE;
        }
    }
  return TRUE;
}

static void
draw_input (GantryProgram *self, GantryInput *input, const GantryRun *run)
{
  const GantryShape *shape = gantry_array_get_shape (input->array);
  GantryStream stream = _gantry_stream (gantry_state_get_seed (self->state), input->hash, run->step);
  gsize n_samples = shape->n_dims > 0 ? shape->dims[0] : 1;

  if (n_samples > 0)
    _gantry_stream_fill (&stream, gantry_tensor_get_input_kind (input->tensor), shape->n_dims > 0 ? run->sample : 0, n_samples,
                         gantry_array_get_size (input->array) / n_samples, gantry_array_get_dtype (input->array),
                         gantry_array_get_data (input->array));
}

/* GLib turns every type of number into a double, but not a boolean. */
static void
read_property (GantryInput *input)
{
  GObject *component = G_OBJECT (_gantry_tensor_get_component (input->tensor));
  const gchar *key = _gantry_tensor_get_key (input->tensor);
  GType type = G_PARAM_SPEC_VALUE_TYPE (g_object_class_find_property (G_OBJECT_GET_CLASS (component), key));
  GValue value = G_VALUE_INIT;

  g_value_init (&value, type == G_TYPE_BOOLEAN ? G_TYPE_BOOLEAN : G_TYPE_DOUBLE);
  g_object_get_property (component, key, &value);
  gantry_array_set_double (input->array, 0, type == G_TYPE_BOOLEAN ? g_value_get_boolean (&value) : g_value_get_double (&value));
  g_value_unset (&value);
}

static void
fill_inputs (GantryProgram *self, const GantryRun *run)
{
  for (guint i = 0; i < self->inputs->len; i++)
    {
      GantryInput *input = &g_array_index (self->inputs, GantryInput, i);

      if (!input->live || input->bound)
        continue;
      if (gantry_tensor_get_input_kind (input->tensor) == GANTRY_INPUT_SCALAR)
        read_property (input);
      else
        draw_input (self, input, run);
    }
}

static void
move_results (GantryProgram *self)
{
  for (guint i = 0; i < self->moves->len; i++)
    {
      const GantryMove *move = &g_array_index (self->moves, GantryMove, i);

      memcpy (move->to, move->from, move->bytes);
    }
}

/**
 * gantry_program_run:
 * @self: a program
 * @run: the step and the global index of the batch's first sample, for random draws; the step is below 2^64 - 1
 * @error: return location for an error
 *
 * Computes the outputs and the new values of the variables, from the bound inputs and the present values of variables and properties.
 * Allocates nothing.
 *
 * Fails with %GANTRY_ENGINE_ERROR_INPUT where an input that is needed is not bound; then nothing was changed.
 *
 * Returns: whether it was run
 */
gboolean
gantry_program_run (GantryProgram *self, const GantryRun *run, GError **error)
{
  const gboolean is_timed = self->profile != NULL;
  gint64 start = is_timed ? _gantry_profile_now () : 0;

  if (!check_bound (self, error))
    return FALSE;
  fill_inputs (self, run);
  if (is_timed)
    _gantry_profile_tell (self, GANTRY_PROGRAM_INPUTS, 0, start);
  for (guint i = 0; i < self->steps->len; i++)
    {
      const GantryStep *step = &g_array_index (self->steps, GantryStep, i);

      start = is_timed ? _gantry_profile_now () : 0;
      if (step->n_tensors > 1)
        step->kernel.run_several (step->kernel.data, step->inputs, step->outputs, step->scratch);
      else
        step->kernel.run (step->kernel.data, step->inputs, step->outputs[0], step->scratch);
      if (is_timed)
        _gantry_profile_tell (self, GANTRY_PROGRAM_KERNEL, i, start);
    }
  start = is_timed ? _gantry_profile_now () : 0;
  move_results (self);
  if (is_timed)
    _gantry_profile_tell (self, GANTRY_PROGRAM_RESULTS, 0, start);
  return TRUE;
}

/**
 * gantry_program_get_output:
 * @self: a program
 * @name: name of an output of the graph
 *
 * The values of an output after the last run; the next run overwrites them.
 *
 * Returns: (transfer none) (nullable): the array, the same after every run, or %NULL where there is no such output
 */
GantryArray *
gantry_program_get_output (GantryProgram *self, const gchar *name)
{
  for (guint i = 0; i < self->outputs->len; i++)
    if (g_str_equal (g_array_index (self->outputs, GantryOutput, i).name, name))
      return g_array_index (self->outputs, GantryOutput, i).array;
  return NULL;
}
