/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory that lives as long as a graph: taken in blocks, given back at once. */
#include "graph/graph-internal.h"
#include <string.h>

#define BLOCK (64 * 1024)
#define ALIGNMENT 16

struct _GantryArena {
  GPtrArray *blocks;
  guint8 *free;
  gsize left;
};

GantryArena *
_gantry_arena_new (void)
{
  GantryArena *arena = g_new0 (GantryArena, 1);

  arena->blocks = g_ptr_array_new_with_free_func (g_free);
  return arena;
}

void
_gantry_arena_free (GantryArena *arena)
{
  g_ptr_array_unref (arena->blocks);
  g_free (arena);
}

gpointer
_gantry_arena_alloc (GantryArena *arena, gsize size)
{
  gpointer memory;

  size = (size + ALIGNMENT - 1) & ~(gsize) (ALIGNMENT - 1);
  if (size > BLOCK / 4)
    {
      memory = g_malloc0 (size);
      g_ptr_array_add (arena->blocks, memory);
      return memory;
    }
  if (size > arena->left)
    {
      arena->free = g_malloc0 (BLOCK);
      arena->left = BLOCK;
      g_ptr_array_add (arena->blocks, arena->free);
    }
  memory = arena->free;
  arena->free += size;
  arena->left -= size;
  return memory;
}

gpointer
_gantry_arena_copy (GantryArena *arena, gconstpointer data, gsize size)
{
  gpointer copy;

  if (size == 0)
    return NULL;
  copy = _gantry_arena_alloc (arena, size);
  memcpy (copy, data, size);
  return copy;
}
