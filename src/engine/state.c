/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The numbers of named variables: everything that a checkpoint holds. */
#include <gantry/error.h>
#include <gantry/state.h>

#include "initializer-private.h"
#include "random-private.h"

typedef struct {
  gchar *name;
  GantryArray *array;
  gboolean declared;
  gboolean trainable;
} Entry;

struct _GantryState {
  GObject parent_instance;
  guint64 seed;
  GPtrArray *entries;  /* owns them, in order of declaration */
  GHashTable *by_name; /* borrowed keys and values */
};

G_DEFINE_FINAL_TYPE (GantryState, gantry_state, G_TYPE_OBJECT)

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  gantry_array_unref (entry->array);
  g_free (entry);
}

static void
gantry_state_init (GantryState *self)
{
  self->entries = g_ptr_array_new_with_free_func (entry_free);
  self->by_name = g_hash_table_new (g_str_hash, g_str_equal);
}

static void
gantry_state_finalize (GObject *object)
{
  GantryState *self = GANTRY_STATE (object);

  g_hash_table_unref (self->by_name);
  g_ptr_array_unref (self->entries);
  G_OBJECT_CLASS (gantry_state_parent_class)->finalize (object);
}

static void
gantry_state_class_init (GantryStateClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gantry_state_finalize;
}

/**
 * gantry_state_new:
 * @seed: key of every random draw: initial values, latents, noise
 *
 * Makes a state without variables.
 *
 * Returns: (transfer full): the state
 */
GantryState *
gantry_state_new (guint64 seed)
{
  GantryState *self = g_object_new (GANTRY_TYPE_STATE, NULL);

  self->seed = seed;
  return self;
}

/**
 * gantry_state_get_seed:
 * @self: a state
 *
 * Returns: the key of its random draws
 */
guint64
gantry_state_get_seed (GantryState *self)
{
  return self->seed;
}

/**
 * gantry_state_set_seed:
 * @self: a state
 * @seed: key of the draws from now on
 *
 * Changes the key of the draws to come: of the runs of programs that use this state, and of variables not yet declared.
 */
void
gantry_state_set_seed (GantryState *self, guint64 seed)
{
  self->seed = seed;
}

static Entry *
add_entry (GantryState *self, const gchar *name, GantryArray *array)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->name = g_strdup (name);
  entry->array = array;
  g_ptr_array_add (self->entries, entry);
  g_hash_table_insert (self->by_name, entry->name, entry);
  return entry;
}

typedef struct {
  GantryStream stream;
  gboolean normal;
  gsize pair;
  gdouble draws[2]; /* of the pair */
} Source;

static gdouble
draw (gpointer data, gsize i)
{
  Source *source = data;

  if (source->pair != i / 2)
    {
      source->pair = i / 2;
      if (source->normal)
        _gantry_stream_normal (&source->stream, 0, source->pair, source->draws);
      else
        _gantry_stream_uniform (&source->stream, 0, source->pair, source->draws);
    }
  return source->draws[i % 2];
}

static gboolean
initialize (GantryState *self, const GantryVariable *variable, GantryArray *array, GError **error)
{
  const GantryInitializer *initializer = &variable->initializer;
  Source source = { _gantry_stream (self->seed, _gantry_name_hash (variable->name), GANTRY_STEP_INITIAL),
                    gantry_initializer_get_draws (initializer) == GANTRY_INPUT_NORMAL, G_MAXSIZE };

  return _gantry_initializer_fill (initializer, draw, &source, array, error);
}

static gboolean
check_shape (const gchar *name, const GantryShape *expected, const GantryShape *found, GError **error)
{
  g_autofree gchar *expected_text = NULL;
  g_autofree gchar *found_text = NULL;

  if (gantry_shape_equal (expected, found))
    return TRUE;
  expected_text = gantry_shape_to_string (expected);
  found_text = gantry_shape_to_string (found);
  g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_STATE, "variable %s: expected shape %s, found %s", name, expected_text, found_text);
  return FALSE;
}

/* A variable that was set before it was declared keeps its numbers, in the declared type. */
static gboolean
adopt (Entry *entry, const GantryVariable *variable, GError **error)
{
  GantryDType dtype = gantry_array_get_dtype (entry->array);

  if (!check_shape (variable->name, &variable->shape, gantry_array_get_shape (entry->array), error))
    return FALSE;
  if (dtype != variable->dtype && entry->declared)
    {
      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_STATE, "variable %s: declared as %s, but it is %s", variable->name,
                   gantry_dtype_name (variable->dtype), gantry_dtype_name (dtype));
      return FALSE;
    }
  if (dtype != variable->dtype)
    {
      GantryArray *converted = gantry_array_try_new (variable->dtype, &variable->shape, error);

      if (converted == NULL)
        return FALSE;
      gantry_array_assign (converted, entry->array, NULL);
      gantry_array_unref (entry->array);
      entry->array = converted;
    }
  return TRUE;
}

/**
 * gantry_state_declare:
 * @self: a state
 * @variable: name, shape, dtype and initialiser
 * @error: return location for an error
 *
 * Makes a variable and fills it as its initialiser says, from draws that depend on the seed and its name alone.  One that is there
 * already is left as it is.
 *
 * Fails with %GANTRY_ENGINE_ERROR_STATE where it is there with another shape or dtype, %GANTRY_ENGINE_ERROR_MEMORY where the
 * memory cannot be had.
 *
 * Returns: whether the state has such a variable now
 */
gboolean
gantry_state_declare (GantryState *self, const GantryVariable *variable, GError **error)
{
  Entry *entry = g_hash_table_lookup (self->by_name, variable->name);

  if (entry == NULL)
    {
      g_autoptr (GantryArray) array = gantry_array_try_new (variable->dtype, &variable->shape, error);

      if (array == NULL || !initialize (self, variable, array, error))
        {
          g_prefix_error (error, "variable %s: ", variable->name);
          return FALSE;
        }
      entry = add_entry (self, variable->name, g_steal_pointer (&array));
    }
  else if (!adopt (entry, variable, error))
    return FALSE;
  entry->declared = TRUE;
  entry->trainable = entry->trainable || variable->trainable;
  return TRUE;
}

/**
 * gantry_state_get:
 * @self: a state
 * @name: full name of a variable
 *
 * The variable's numbers themselves: they change when a program that assigns the variable runs, and may be written between runs.
 *
 * Returns: (transfer none) (nullable): the numbers, or %NULL where there is no such variable
 */
GantryArray *
gantry_state_get (GantryState *self, const gchar *name)
{
  Entry *entry = g_hash_table_lookup (self->by_name, name);

  return entry == NULL ? NULL : entry->array;
}

/**
 * gantry_state_set:
 * @self: a state
 * @name: full name of a variable
 * @values: its new numbers
 * @error: return location for an error
 *
 * Copies numbers into a variable, converting them to its type.  A variable that is not there yet is made with the shape and type of
 * @values, and a later declaration has to agree with its shape.
 *
 * Fails with %GANTRY_ENGINE_ERROR_STATE where the shapes differ, %GANTRY_ENGINE_ERROR_MEMORY where the memory cannot be had.
 *
 * Returns: whether it was set
 */
gboolean
gantry_state_set (GantryState *self, const gchar *name, GantryArray *values, GError **error)
{
  Entry *entry = g_hash_table_lookup (self->by_name, name);
  GantryArray *array;

  if (entry != NULL)
    return check_shape (name, gantry_array_get_shape (entry->array), gantry_array_get_shape (values), error)
           && gantry_array_assign (entry->array, values, error);
  array = gantry_array_try_new (gantry_array_get_dtype (values), gantry_array_get_shape (values), error);
  if (array == NULL)
    {
      g_prefix_error (error, "variable %s: ", name);
      return FALSE;
    }
  gantry_array_assign (array, values, NULL);
  add_entry (self, name, array);
  return TRUE;
}

/**
 * gantry_state_is_trainable:
 * @self: a state
 * @name: full name of a variable
 *
 * Returns: whether some graph declared it as trainable
 */
gboolean
gantry_state_is_trainable (GantryState *self, const gchar *name)
{
  Entry *entry = g_hash_table_lookup (self->by_name, name);

  return entry != NULL && entry->trainable;
}

/**
 * gantry_state_list:
 * @self: a state
 *
 * Returns: (transfer full) (array zero-terminated=1): names of the variables, in the order they were made
 */
gchar **
gantry_state_list (GantryState *self)
{
  gchar **names = g_new0 (gchar *, self->entries->len + 1);

  for (guint i = 0; i < self->entries->len; i++)
    names[i] = g_strdup (((Entry *) g_ptr_array_index (self->entries, i))->name);
  return names;
}
