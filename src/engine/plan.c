/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Places blocks of known lifetimes in one workspace: the largest first, each at the lowest offset that is free all the while. */
#include "plan-private.h"

#define ALIGNMENT 64

static gint
compare_offsets (gconstpointer a, gconstpointer b)
{
  const GantryBlock *left = *(GantryBlock *const *) a, *right = *(GantryBlock *const *) b;

  return (left->offset > right->offset) - (left->offset < right->offset);
}

/* Ties are settled by the order of the schedule, so that a plan does not depend on the sort. */
static gint
compare_sizes (gconstpointer a, gconstpointer b)
{
  const GantryBlock *left = *(GantryBlock *const *) a, *right = *(GantryBlock *const *) b;

  if (left->bytes != right->bytes)
    return (left->bytes < right->bytes) - (left->bytes > right->bytes);
  return (left > right) - (left < right);
}

static gboolean
live_together (const GantryBlock *a, const GantryBlock *b)
{
  return a->first <= b->last && b->first <= a->last;
}

static gsize
align (gsize bytes)
{
  return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

/* @neighbours is scratch for as many pointers as there are blocks placed. */
static void
place (GantryBlock *block, GPtrArray *placed, GPtrArray *neighbours)
{
  g_ptr_array_set_size (neighbours, 0);
  for (guint i = 0; i < placed->len; i++)
    if (live_together (g_ptr_array_index (placed, i), block))
      g_ptr_array_add (neighbours, g_ptr_array_index (placed, i));
  g_ptr_array_sort (neighbours, compare_offsets);
  block->offset = 0;
  for (guint i = 0; i < neighbours->len; i++)
    {
      GantryBlock *other = g_ptr_array_index (neighbours, i);

      if (other->offset >= block->offset && other->offset - block->offset >= align (block->bytes))
        break;
      block->offset = MAX (block->offset, other->offset + align (other->bytes));
    }
}

gboolean
_gantry_plan_blocks (GantryBlock *blocks, guint n_blocks, gsize *workspace)
{
  g_autoptr (GPtrArray) order = g_ptr_array_new ();
  g_autoptr (GPtrArray) placed = g_ptr_array_new ();
  g_autoptr (GPtrArray) neighbours = g_ptr_array_new ();
  gsize total = 0;

  *workspace = 0;
  for (guint i = 0; i < n_blocks; i++)
    {
      /* No offset is above the sum of all sizes: where that fits, nothing below overflows. */
      if (blocks[i].bytes > G_MAXSIZE - ALIGNMENT || !g_size_checked_add (&total, total, align (blocks[i].bytes)))
        return FALSE;
      g_ptr_array_add (order, &blocks[i]);
    }
  g_ptr_array_sort (order, compare_sizes);
  for (guint i = 0; i < order->len; i++)
    {
      GantryBlock *block = g_ptr_array_index (order, i);

      place (block, placed, neighbours);
      g_ptr_array_add (placed, block);
      *workspace = MAX (*workspace, block->offset + align (block->bytes));
    }
  return TRUE;
}
