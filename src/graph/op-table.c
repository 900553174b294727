/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The built-in ops by name. */
#include "graph/graph-internal.h"

static const GantryOp *const leaves[] = {
  &_gantry_op_feed, &_gantry_op_random, &_gantry_op_scalar, &_gantry_op_variable, &_gantry_op_fill, &_gantry_op_constant, &_gantry_op_poison
};

static const GantryOpFamily *const families[] = {
  &_gantry_family_unary, &_gantry_family_functions, &_gantry_family_binary, &_gantry_family_comparison,
  &_gantry_family_selection, &_gantry_family_reduction, &_gantry_family_sorting,
  &_gantry_family_shape, &_gantry_family_slicing, &_gantry_family_matmul, &_gantry_family_convolution,
  &_gantry_family_indexing, &_gantry_family_resample, &_gantry_family_pooling
};

typedef struct {
  GHashTable *by_name;
  GPtrArray *list;
} Table;

static gpointer
make_table (gpointer unused)
{
  Table *table = g_new0 (Table, 1);

  table->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  table->list = g_ptr_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (leaves); i++)
    g_hash_table_insert (table->by_name, (gpointer) leaves[i]->name, (gpointer) leaves[i]);
  for (guint f = 0; f < G_N_ELEMENTS (families); f++)
    for (guint i = 0; i < families[f]->n_ops; i++)
      {
        const GantryOp *op = &families[f]->ops[i];

        g_hash_table_insert (table->by_name, (gpointer) op->name, (gpointer) op);
        g_ptr_array_add (table->list, (gpointer) op);
      }
  g_ptr_array_add (table->list, NULL);
  return table;
}

static const Table *
get_table (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, make_table, NULL);
}

/**
 * gantry_op_find:
 * @name: name of an op, such as "conv2d-input"
 *
 * Returns: (transfer none) (nullable): the built-in op, %NULL where there is none of that name
 */
const GantryOp *
gantry_op_find (const gchar *name)
{
  return g_hash_table_lookup (get_table ()->by_name, name);
}

/**
 * gantry_op_list:
 *
 * Returns: (transfer none) (array zero-terminated=1): the built-in ops that take inputs; leaves are made by constructors
 */
const GantryOp *const *
gantry_op_list (void)
{
  return (const GantryOp *const *) get_table ()->list->pdata;
}
