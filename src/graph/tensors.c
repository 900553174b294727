/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Named tensors in order. */
#include <gantry/tensors.h>

typedef struct {
  gchar *name;
  GantryTensor *tensor;
  GantryGraph *graph;
} Entry;

struct _GantryTensors {
  gatomicrefcount references;
  GArray *entries;
};

G_DEFINE_BOXED_TYPE (GantryTensors, gantry_tensors, gantry_tensors_ref, gantry_tensors_unref)

static void
entry_clear (gpointer data)
{
  Entry *entry = data;

  g_free (entry->name);
  g_object_unref (entry->graph);
}

/**
 * gantry_tensors_new:
 *
 * Returns: (transfer full): no tensors yet
 */
GantryTensors *
gantry_tensors_new (void)
{
  GantryTensors *self = g_new0 (GantryTensors, 1);

  g_atomic_ref_count_init (&self->references);
  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, entry_clear);
  return self;
}

/**
 * gantry_tensors_ref:
 * @self: named tensors
 *
 * Returns: (transfer full): @self
 */
GantryTensors *
gantry_tensors_ref (GantryTensors *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

/**
 * gantry_tensors_unref:
 * @self: (transfer full): named tensors
 */
void
gantry_tensors_unref (GantryTensors *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  g_array_unref (self->entries);
  g_free (self);
}

static Entry *
find (const GantryTensors *self, const gchar *name)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = &g_array_index (self->entries, Entry, i);

      if (g_str_equal (entry->name, name))
        return entry;
    }
  return NULL;
}

/**
 * gantry_tensors_set:
 * @self: named tensors
 * @name: the name, such as "logits"
 * @tensor: the tensor; its graph is held as long as it is in @self
 *
 * Appends a tensor, or replaces the one of that name in its place.
 */
void
gantry_tensors_set (GantryTensors *self, const gchar *name, GantryTensor *tensor)
{
  Entry *entry;
  Entry fresh;

  g_return_if_fail (name != NULL && tensor != NULL);
  fresh = (Entry) { g_strdup (name), tensor, g_object_ref (gantry_tensor_get_graph (tensor)) };
  entry = find (self, name);
  if (entry == NULL)
    {
      g_array_append_val (self->entries, fresh);
      return;
    }
  entry_clear (entry);
  *entry = fresh;
}

/**
 * gantry_tensors_get:
 * @self: named tensors
 * @name: a name
 *
 * Returns: (transfer none) (nullable): the tensor of that name, %NULL where there is none
 */
GantryTensor *
gantry_tensors_get (const GantryTensors *self, const gchar *name)
{
  Entry *entry = find (self, name);

  return entry != NULL ? entry->tensor : NULL;
}

/**
 * gantry_tensors_get_n:
 * @self: named tensors
 *
 * Returns: how many there are
 */
guint
gantry_tensors_get_n (const GantryTensors *self)
{
  return self->entries->len;
}

/**
 * gantry_tensors_get_name:
 * @self: named tensors
 * @i: below [method@Gantry.Tensors.get_n]
 *
 * Returns: (transfer none) (nullable): name of the tensor that was set as number @i; %NULL past the last
 */
const gchar *
gantry_tensors_get_name (const GantryTensors *self, guint i)
{
  return i < self->entries->len ? g_array_index (self->entries, Entry, i).name : NULL;
}
