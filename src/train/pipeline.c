/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "train/pipeline-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#define MAX_INCLUDES 16

G_DEFINE_FINAL_TYPE (GantryPipeline, gantry_pipeline, G_TYPE_OBJECT)

static void
gantry_pipeline_finalize (GObject *object)
{
  GantryPipeline *self = GANTRY_PIPELINE (object);

  g_clear_object (&self->registry);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->sections, g_ptr_array_unref);
  g_clear_pointer (&self->architecture, _gantry_setting_free);
  g_free (self->origin);
  G_OBJECT_CLASS (gantry_pipeline_parent_class)->finalize (object);
}

static void
gantry_pipeline_class_init (GantryPipelineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gantry_pipeline_finalize;
}

static void
gantry_pipeline_init (GantryPipeline *self)
{
  self->sections = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_section_free);
}

/**
 * gantry_pipeline_new:
 * @registry: where its plugins are looked for
 *
 * Returns: (transfer full): an empty pipeline
 */
GantryPipeline *
gantry_pipeline_new (GantryRegistry *registry)
{
  GantryPipeline *self;

  g_return_val_if_fail (GANTRY_IS_REGISTRY (registry), NULL);
  self = g_object_new (GANTRY_TYPE_PIPELINE, NULL);
  self->registry = g_object_ref (registry);
  return self;
}

/**
 * gantry_pipeline_get_registry:
 * @self: a pipeline
 *
 * Returns: (transfer none): its registry
 */
GantryRegistry *
gantry_pipeline_get_registry (GantryPipeline *self)
{
  return self->registry;
}

/* Moves what a file says over what is there already: an including file over the included one. */
static void
merge (GantryPipeline *self, GPtrArray *sections)
{
  for (guint i = 0; i < sections->len; i++)
    {
      GantrySection *section = sections->pdata[i];
      GantrySection *old = _gantry_pipeline_find_section (self, section->kind, section->instance);

      if (old == NULL)
        {
          old = _gantry_section_new (section->kind, section->instance, section->origin);
          g_ptr_array_add (self->sections, old);
        }
      while (section->settings->len > 0)
        _gantry_section_put (old, g_ptr_array_steal_index (section->settings, 0));
    }
}

static void
include_free (GantryInclude *self)
{
  g_free (self->path);
  g_free (self->origin);
  g_free (self);
}

static gboolean load_file (GantryPipeline *self, const gchar *path, const gchar *named_at, GPtrArray *open, GError **error);

static gboolean
load_text (GantryPipeline *self, const gchar *text, const gchar *origin, const gchar *folder, GPtrArray *open, GError **error)
{
  g_autoptr (GPtrArray) sections = g_ptr_array_new_with_free_func ((GDestroyNotify) _gantry_section_free);
  g_autoptr (GPtrArray) includes = g_ptr_array_new_with_free_func ((GDestroyNotify) include_free);

  if (!_gantry_pipeline_parse (text, origin, folder, sections, includes, error))
    return FALSE;
  for (guint i = 0; i < includes->len; i++)
    {
      GantryInclude *include = includes->pdata[i];

      if (!load_file (self, include->path, include->origin, open, error))
        return FALSE;
    }
  merge (self, sections);
  return TRUE;
}

/* Whole text of a file that may be no pipeline at all: a folder, a dataset, a device. */
static gchar *
read_file (const gchar *path, GError **error)
{
  FILE *file;
  gchar *text;
  gsize length;
  gint reason;

  if (g_file_test (path, G_FILE_TEST_IS_DIR))
    {
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "%s: is a folder, not a pipeline file", path);
      return NULL;
    }
  file = g_fopen (path, "rbe");
  if (file == NULL)
    {
      reason = errno;
      g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "%s: cannot be read: %s", path, g_strerror (reason));
      return NULL;
    }
  text = g_malloc (GANTRY_PIPELINE_MAX_BYTES + 2);
  errno = 0;
  length = fread (text, 1, GANTRY_PIPELINE_MAX_BYTES + 1, file);
  reason = ferror (file) ? errno : 0;
  fclose (file);
  text[length] = '\0';
  if (reason != 0)
    g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "%s: cannot be read: %s", path, g_strerror (reason));
  else if (length > GANTRY_PIPELINE_MAX_BYTES)
    g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "%s: over 1 MiB long: not a pipeline file", path);
  else if (memchr (text, '\0', length) != NULL)
    g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "%s: holds a zero byte: not a pipeline file", path);
  else
    return text;
  g_free (text);
  return NULL;
}

static gboolean
load_file (GantryPipeline *self, const gchar *path, const gchar *named_at, GPtrArray *open, GError **error)
{
  g_autofree gchar *full = g_canonicalize_filename (path, NULL);
  g_autofree gchar *folder = g_path_get_dirname (full);
  g_autofree gchar *text = NULL;
  gboolean loaded;

  if (g_ptr_array_find_with_equal_func (open, full, g_str_equal, NULL))
    {
      _gantry_pipeline_set_error (error, named_at, "%s includes itself", path);
      return FALSE;
    }
  if (open->len >= MAX_INCLUDES)
    {
      _gantry_pipeline_set_error (error, named_at, "more than %d files deep in each other", MAX_INCLUDES);
      return FALSE;
    }
  text = read_file (path, error);
  if (text == NULL)
    {
      if (named_at != NULL)
        g_prefix_error (error, "%s: include: ", named_at);
      return FALSE;
    }
  g_ptr_array_add (open, full);
  loaded = load_text (self, text, path, folder, open, error);
  g_ptr_array_set_size (open, open->len - 1);
  return loaded;
}

/**
 * gantry_pipeline_load:
 * @self: a pipeline that is not resolved yet
 * @path: a pipeline file
 * @error: return location for an error
 *
 * Reads a pipeline file over what the pipeline holds already.  The file is UTF-8 text of at most 1 MiB: sections
 * `[KIND]` or `[KIND INSTANCE]` with `key=value` lines; a comment is a line that begins with `#`, or what follows a
 * blank and `#`; a line that begins with a blank continues the value above it, as another item of a list; a value
 * in double quotes keeps its blanks and knows `\n`, `\t`, `\"`, `\\`.  `include=FILE` before the first section reads
 * another file first, whose settings this one overrides.  A section or a key twice in a file is an error.
 * Relative paths start from the file's folder.
 *
 * Returns: whether it could be read; %GANTRY_TRAIN_ERROR_PIPELINE says `FILE:LINE` otherwise
 */
gboolean
gantry_pipeline_load (GantryPipeline *self, const gchar *path, GError **error)
{
  g_autoptr (GPtrArray) open = g_ptr_array_new ();

  g_return_val_if_fail (GANTRY_IS_PIPELINE (self), FALSE);
  g_return_val_if_fail (!self->is_resolved, FALSE);
  if (self->origin == NULL)
    self->origin = g_strdup (path);
  return load_file (self, path, NULL, open, error);
}

/**
 * gantry_pipeline_load_text:
 * @self: a pipeline that is not resolved yet
 * @text: what a pipeline file would hold
 * @origin: what errors call it, in the place of a file's name
 * @error: return location for an error
 *
 * As [method@Gantry.Pipeline.load], for text; relative paths start from the current folder.
 *
 * Returns: whether it could be read; %GANTRY_TRAIN_ERROR_PIPELINE says `ORIGIN:LINE` otherwise
 */
gboolean
gantry_pipeline_load_text (GantryPipeline *self, const gchar *text, const gchar *origin, GError **error)
{
  g_autoptr (GPtrArray) open = g_ptr_array_new ();
  g_autofree gchar *folder = g_get_current_dir ();

  g_return_val_if_fail (GANTRY_IS_PIPELINE (self), FALSE);
  g_return_val_if_fail (!self->is_resolved, FALSE);
  if (self->origin == NULL)
    self->origin = g_strdup (origin);
  return load_text (self, text, origin, folder, open, error);
}

/**
 * gantry_pipeline_list:
 * @self: a resolved pipeline
 * @kind: a kind, such as "loss"; "architecture" lists those of the networks
 *
 * Returns: (transfer container) (element-type Gantry.Component): its components, in the order of the pipeline
 */
GPtrArray *
gantry_pipeline_list (GantryPipeline *self, const gchar *kind)
{
  GPtrArray *components = g_ptr_array_new ();

  g_return_val_if_fail (self->is_resolved, components);
  if (g_str_equal (kind, "architecture"))
    kind = "network";
  for (guint i = 0; i < self->sections->len; i++)
    {
      GantrySection *section = self->sections->pdata[i];

      if (g_str_equal (section->kind, kind) && section->component != NULL)
        g_ptr_array_add (components, section->component);
    }
  return components;
}

/**
 * gantry_pipeline_get:
 * @self: a resolved pipeline
 * @kind: a kind, such as "reader"
 *
 * Returns: (transfer none) (nullable): the only component of that kind; %NULL where there are none or several
 */
GantryComponent *
gantry_pipeline_get (GantryPipeline *self, const gchar *kind)
{
  g_autoptr (GPtrArray) components = gantry_pipeline_list (self, kind);

  return components->len == 1 ? components->pdata[0] : NULL;
}

/**
 * gantry_pipeline_get_settings:
 * @self: a resolved pipeline
 *
 * Returns: (transfer none): the component behind the `[pipeline]` section: `images`, `batch`, `seed`, ...
 */
GantryComponent *
gantry_pipeline_get_settings (GantryPipeline *self)
{
  g_return_val_if_fail (self->is_resolved, NULL);
  return self->settings;
}

/**
 * gantry_pipeline_get_architecture:
 * @self: a resolved pipeline
 * @network: a network's name, such as "generator"
 *
 * Returns: (transfer none) (nullable): the architecture of that network; %NULL where there is no such network
 */
GantryComponent *
gantry_pipeline_get_architecture (GantryPipeline *self, const gchar *network)
{
  GantrySection *section = _gantry_pipeline_find_section (self, "network", network);

  return section != NULL ? section->component : NULL;
}

/**
 * gantry_pipeline_get_text:
 * @self: a resolved pipeline
 * @component: one of its components
 * @key: a property of it
 *
 * Returns: (transfer full) (nullable): its value as a pipeline file says it: the schedule, with every span written out, where it follows
 *   one; %NULL where there is no such component or property
 */
gchar *
gantry_pipeline_get_text (GantryPipeline *self, GantryComponent *component, const gchar *key)
{
  for (guint i = 0; i < self->sections->len; i++)
    {
      GantrySection *section = self->sections->pdata[i];

      if (section->component == component)
        return _gantry_section_get_text (section, key);
    }
  return NULL;
}

/**
 * gantry_pipeline_get_origin:
 * @self: a resolved pipeline
 * @component: one of its components
 * @key: (nullable): a key of it, or %NULL for the component itself
 *
 * Returns: (nullable): where it was set: `FILE:LINE` or an option; %NULL where it was not
 */
const gchar *
gantry_pipeline_get_origin (GantryPipeline *self, GantryComponent *component, const gchar *key)
{
  for (guint i = 0; i < self->sections->len; i++)
    {
      GantrySection *section = self->sections->pdata[i];
      GantrySetting *setting;

      if (section->component != component)
        continue;
      if (key == NULL)
        return section->origin;
      setting = _gantry_section_find (section, key);
      return setting != NULL ? setting->origin : NULL;
    }
  return NULL;
}
