/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The component behind a pipeline's [pipeline] section: what belongs to no other component. */
#include "train/pipeline-private.h"

typedef struct {
  GantryComponent parent_instance;
} GantrySettings;

typedef struct {
  GantryComponentClass parent_class;
} GantrySettingsClass;

G_DEFINE_TYPE (GantrySettings, _gantry_settings, GANTRY_TYPE_COMPONENT)

static const GantryProperty settings_properties[] = {
  GANTRY_INT ("images", 1, 1e15, 1, GANTRY_REQUIRED, "images", "length of the training, in real images shown"),
  GANTRY_INT ("batch", 1, 1 << 20, 64, 0, "images", "images of one step; passes over the data follow without a seam"),
  GANTRY_INT ("micro-batch", 0, 1 << 20, 0, 0, "images",
              "images that are computed at a time, their gradients added up to those of the batch; 0 takes the batch as a whole"),
  GANTRY_BOOL ("share-activations", TRUE, 0,
               "phases that follow each other compute once what both compute of the same samples: faster, with more memory"),
  GANTRY_SIZE ("memory-budget", 0, 1e15, 0, 0, "bytes",
               "memory that the training may take: micro-batches and recomputation are chosen so that it does; 0 for any"),
  GANTRY_INT ("seed", 0, 9007199254740991.0, 1, 0, "", "decides initial weights, latents and the order of the data"),
  GANTRY_ENUM ("dtype", "float32|float64", "float32", 0, "numbers that networks compute with"),
  GANTRY_ENUM ("precision", "float32|bfloat16", "float32", 0, "bfloat16 rounds what convolutions and matrix products multiply, and nothing else"),
  GANTRY_LIST ("backend", "auto", 0, "compute backends, the preferred one first; auto: onednn where it is installed, openblas, reference"),
  GANTRY_INT ("threads", 0, 1024, 0, 0, "threads", "threads that compute; 0 takes OMP_NUM_THREADS, or one a processor"),
  GANTRY_INT ("reader-threads", 1, 64, 1, 0, "threads", "threads that read ahead"),
  GANTRY_DOUBLE ("clip-gradients", 0, 1e12, 0, 0, "", "largest common norm of a player's gradients; 0 does not clip"),
  GANTRY_INT ("log-interval", 1, 1e15, 2000, 0, "images", "distance between two lines of the log"),
  GANTRY_INT ("sample-interval", 0, 1e15, 20000, 0, "images", "distance between two sample grids; 0 draws none"),
  GANTRY_INT ("checkpoint-interval", 0, 1e15, 20000, 0, "images", "distance between two checkpoints; 0 saves at the end alone"),
  GANTRY_INT ("samples", 1, 10000, 64, 0, "images", "images in a sample grid"),
  GANTRY_INT ("keep", 0, 1000000, 3, 0, "checkpoints", "newest checkpoints that are kept; 0 keeps all"),
  GANTRY_INT ("mark", 0, 1e15, 0, 0, "images", "distance between two checkpoints that stay, whatever keep= says; 0 marks none"),
  GANTRY_END
};

/* Settings that a resumed run may have otherwise than the run it continues: they do not change what a step computes. */
static const gchar *const settings_changeable[] = {
  "images", "micro-batch", "share-activations", "memory-budget", "threads", "reader-threads", "backend", "log-interval", "sample-interval",
  "checkpoint-interval", "samples", "keep", "mark", NULL
};

static void
_gantry_settings_class_init (GantrySettingsClass *klass)
{
  gantry_component_class_install (GANTRY_COMPONENT_CLASS (klass), settings_properties, sizeof settings_properties[0]);
}

static void
_gantry_settings_init (GantrySettings *self)
{
}

GantryComponent *
_gantry_settings_new (void)
{
  GantryComponent *self = g_object_new (GANTRY_TYPE_SETTINGS, NULL);

  gantry_component_set_identity (self, "pipeline", "settings", "settings");
  return self;
}

gchar **
_gantry_settings_list_keys (void)
{
  g_autoptr (GStrvBuilder) keys = g_strv_builder_new ();

  for (const GantryProperty *property = settings_properties; property->type != GANTRY_PROPERTY_END; property++)
    g_strv_builder_add (keys, property->name);
  return g_strv_builder_end (keys);
}

gboolean
_gantry_settings_may_change (const gchar *key)
{
  return g_strv_contains (settings_changeable, key);
}
