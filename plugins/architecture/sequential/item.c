/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the items of the list: LAYER [NAME or DIMS] [KEY=VALUE ...]. */
#include "item.h"

static void
item_free (gpointer data)
{
  Item *item = data;

  g_free (item->text);
  g_free (item->name);
  g_free (item);
}

static const Layer *
find_layer (const gchar *name, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (const Layer *const *layer = list_layers (); *layer != NULL; layer++)
    {
      if (g_str_equal ((*layer)->name, name))
        return *layer;
      g_ptr_array_add (names, (gpointer) (*layer)->name);
    }
  g_ptr_array_add (names, NULL);
  g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no layer `%s`; nearest is `%s`", name,
               gantry_nearest_name (name, (const gchar *const *) names->pdata));
  return NULL;
}

static const Option *
find_option (const Layer *layer, const gchar *key, GError **error)
{
  g_autoptr (GPtrArray) keys = g_ptr_array_new ();

  for (const Option *option = layer->options; option->key != NULL; option++)
    {
      if (g_str_equal (option->key, key))
        return option;
      g_ptr_array_add (keys, (gpointer) option->key);
    }
  g_ptr_array_add (keys, NULL);
  if (keys->len == 1)
    g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no option `%s`: %s takes none", key, layer->name);
  else
    g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_UNKNOWN, "no option `%s` of %s; nearest is `%s`", key, layer->name,
                 gantry_nearest_name (key, (const gchar *const *) keys->pdata));
  return NULL;
}

static gboolean
parse_option (Item *item, const gchar *word, GHashTable *seen, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (word, "=", 2);
  const Option *option = find_option (item->layer, parts[0], error);

  if (option == NULL)
    return FALSE;
  if (!g_hash_table_add (seen, (gpointer) option->key))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "`%s` is said twice", option->key);
      return FALSE;
    }
  if (!option->parse (parts[1], (gchar *) item + option->offset))
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "`%s`: expected %s", word, describe_parser (option->parse));
      return FALSE;
    }
  return TRUE;
}

/* The word without `=` after the layer: dimensions of a reshape, the name of a layer that has variables or draws. */
static gboolean
parse_position (Item *item, const gchar *word, GError **error)
{
  const gboolean is_name = strspn (word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.") == strlen (word);

  if (item->layer->has_dims)
    {
      if (parse_dims (word, &item->dims))
        return TRUE;
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "`%s`: expected dimensions without the batch, such as 128x4x4", word);
      return FALSE;
    }
  if (!item->layer->has_name)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "`%s`: %s has no variables and takes no name", word, item->layer->name);
      return FALSE;
    }
  if (!is_name || g_str_has_prefix (word, ".") || g_str_has_suffix (word, ".") || strstr (word, "..") != NULL)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "`%s` is no name: expected letters, digits, `_`, `-`, and dots between them",
                   word);
      return FALSE;
    }
  g_free (item->name);
  item->name = g_strdup (word);
  return TRUE;
}

static gboolean
check_complete (const Item *item, GHashTable *seen, GError **error)
{
  if (item->layer->has_dims && item->dims.n_dims == 0)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "%s needs dimensions, such as `%s 128x4x4`", item->layer->name,
                   item->layer->name);
      return FALSE;
    }
  for (const Option *option = item->layer->options; option->key != NULL; option++)
    {
      if (option->required && !g_hash_table_contains (seen, option->key))
        {
          g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "%s needs `%s=`", item->layer->name, option->key);
          return FALSE;
        }
    }
  if ((item->spectral != FALSE) + (item->weight_norm != FALSE) + (item->standardized != FALSE) > 1)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "expected one of spectral=, weight-norm= and standardized= at most");
      return FALSE;
    }
  return TRUE;
}

static gboolean
parse_words (Item *item, gchar **words, GError **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  item->layer = find_layer (words[0], error);
  if (item->layer == NULL)
    return FALSE;
  item->affine = !item->layer->plain;
  for (guint i = 1; words[i] != NULL; i++)
    {
      if (strchr (words[i], '=') != NULL)
        {
          if (!parse_option (item, words[i], seen, error))
            return FALSE;
        }
      else if (i > 1)
        {
          g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "`%s`: expected KEY=VALUE", words[i]);
          return FALSE;
        }
      else if (!parse_position (item, words[i], error))
        {
          return FALSE;
        }
    }
  return check_complete (item, seen, error);
}

static Item *
parse_item (const gchar *text, guint index, GError **error)
{
  g_auto (GStrv) split = g_strsplit_set (text, " \t", -1);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  Item *item = g_new (Item, 1);

  *item = (Item) { .text = g_strdup (text), .name = g_strdup_printf ("%u", index), .groups = 1, .bias = TRUE, .slope = 0.2, .alpha = 1,
                   .count_padding = TRUE };
  for (guint i = 0; split[i] != NULL; i++)
    {
      if (*split[i] != '\0')
        g_ptr_array_add (words, split[i]);
    }
  g_ptr_array_add (words, NULL);
  if (words->len > 1 && parse_words (item, (gchar **) words->pdata, error))
    return item;
  if (words->len == 1)
    g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "is empty");
  item_free (item);
  return NULL;
}

GPtrArray *
parse_items (const gchar *const *texts, GError **error)
{
  g_autoptr (GPtrArray) items = g_ptr_array_new_with_free_func (item_free);
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; texts != NULL && texts[i] != NULL; i++)
    {
      Item *item = parse_item (texts[i], i, error);

      if (item == NULL)
        {
          g_prefix_error (error, "layers: item %u `%s`: ", i + 1, texts[i]);
          return NULL;
        }
      g_ptr_array_add (items, item);
      if (item->layer->has_name && !g_hash_table_add (names, item->name))
        {
          g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "layers: item %u `%s`: the name `%s` is taken by an earlier item", i + 1,
                       texts[i], item->name);
          return NULL;
        }
    }
  if (items->len == 0)
    {
      g_set_error (error, GANTRY_CORE_ERROR, GANTRY_CORE_ERROR_VALUE, "layers: no layers are listed");
      return NULL;
    }
  return g_steal_pointer (&items);
}
