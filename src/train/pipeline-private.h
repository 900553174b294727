/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/error.h>
#include <gantry/pipeline.h>

#include "train/schedule-private.h"

G_BEGIN_DECLS

/* The kind of [average], behind which there is no plugin; its instance is a network. */
#define GANTRY_AVERAGE_KIND "average"

#define GANTRY_PIPELINE_MAX_BYTES (1 << 20)

/* One key=value of a section, with where it stands. */
typedef struct {
  gchar *key;
  gchar *text;
  gchar *origin;     /* "digits.ini:12" or "--loss.margin" */
  gchar *folder;     /* that relative paths start from */
  gboolean is_lines; /* the text was continued on following lines */
} GantrySetting;

typedef struct {
  gchar *kind;
  gchar *instance; /* NULL where the header names none */
  gchar *origin;
  GPtrArray *settings;
  GantryComponent *component; /* after resolve */
  GantryComponent *host;      /* keys of its own that the host takes; NULL for kinds without */
  GPtrArray *schedules;       /* GantrySchedule, of the properties of both */
} GantrySection;

/* An include= of a file, read before the file's own sections. */
typedef struct {
  gchar *path;
  gchar *origin;
} GantryInclude;

struct _GantryPipeline {
  GObject parent_instance;
  GantryRegistry *registry;
  GPtrArray *sections;
  GantrySetting *architecture; /* --architecture=: of every network */
  gchar *origin;               /* of the first file */
  GantryComponent *settings;   /* after resolve */
  gboolean is_resolved;
};

void _gantry_pipeline_set_error (GError **error, const gchar *origin, const gchar *format, ...) G_GNUC_PRINTF (3, 4);
gchar *_gantry_did_you_mean (const gchar *name, const gchar *const *candidates);
gboolean _gantry_pipeline_is_identifier (const gchar *text);
const gchar *const *_gantry_pipeline_section_kinds (void);

GantrySetting *_gantry_setting_new (const gchar *key, const gchar *text, const gchar *origin, const gchar *folder);
void _gantry_setting_free (GantrySetting *self);
GantrySection *_gantry_section_new (const gchar *kind, const gchar *instance, const gchar *origin);
void _gantry_section_free (GantrySection *self);
GantrySetting *_gantry_section_find (GantrySection *self, const gchar *key);
void _gantry_section_put (GantrySection *self, GantrySetting *setting); /* (transfer full); replaces */
const gchar *_gantry_section_get_instance (GantrySection *self);
GantrySection *_gantry_pipeline_find_section (GantryPipeline *self, const gchar *kind, const gchar *instance);

gboolean _gantry_pipeline_parse (const gchar *text, const gchar *origin, const gchar *folder, GPtrArray *sections, GPtrArray *includes,
                                 GError **error);
gchar *_gantry_pipeline_unquote (const gchar *text, const gchar **end, GError **error);
gchar *_gantry_pipeline_quote (const gchar *text);

const gchar *_gantry_pipeline_get_role (GantryPipeline *self, const gchar *network);

/* The component's keys that are the host's: `weight` and the like; NULL for kinds without. */
GantryComponent *_gantry_host_keys_new (const gchar *kind, const gchar *name, const gchar *instance);
GantryComponent *_gantry_section_get_owner (GantrySection *self, const gchar *key); /* the component, or else its host keys; NULL: nobody's */
GantrySection *_gantry_pipeline_find_component (GantryPipeline *self, gpointer component);
/* Factor of what a loss or regularizer adds; NULL where that is 1 throughout. */
GantryComponent *_gantry_section_get_weight (GantrySection *self);
gchar **_gantry_section_list_matches (GantrySection *self); /* NULL: all */
gchar *_gantry_section_get_text (GantrySection *self, const gchar *key);
gchar **_gantry_section_list_frozen (GantrySection *self); /* patterns of names within the network */
gint64 _gantry_pipeline_get_interval (GantryPipeline *self, GantryComponent *regularizer, gboolean *is_fused);
void _gantry_pipeline_follow_schedules (GantryPipeline *self, guint64 images);

/* The component behind [pipeline]. */
#define GANTRY_TYPE_SETTINGS (_gantry_settings_get_type ())
GType _gantry_settings_get_type (void);
GantryComponent *_gantry_settings_new (void);
gchar **_gantry_settings_list_keys (void);
gboolean _gantry_settings_may_change (const gchar *key);

G_END_DECLS
