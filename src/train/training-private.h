/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/training.h>

#include "train/run-folder-private.h"

#include <signal.h>

G_BEGIN_DECLS

typedef struct _GantryObserver GantryObserver;

/* What happens beside the steps of a training: each observer decides when it has something to do. */
struct _GantryObserver {
  /* Called before the first step, after each, and with @is_last when there will be no more. */
  gboolean (*observe) (GantryTraining *training, const GantryObserver *observer, gboolean is_last, GError **error);
  const gchar *interval; /* key of [pipeline]; NULL for those that keep their own time */
};

struct _GantryTraining {
  GObject parent_instance;
  GantrySession *session;
  GantryRunFolder *folder;
  GantryTrainingFunc func;
  gpointer user_data;
  volatile sig_atomic_t is_interrupted;
  guint64 total;
  guint64 start;        /* images when this process began */
  gint64 began;         /* monotonic microseconds */
  gdouble past_seconds; /* of earlier processes */
  guint64 logged_images;
  gdouble logged_seconds;
  guint64 saved_images;
  gboolean is_saved;    /* a checkpoint of saved_images is there */
  gchar *note;          /* what the training begins with, in words; NULL: nothing */
};

extern const GantryObserver _gantry_observers[]; /* ended by one without a function */

gint64 _gantry_training_setting (GantryTraining *self, const gchar *key);
gdouble _gantry_training_seconds (GantryTraining *self); /* of this process */
void _gantry_training_emit (GantryTraining *self, GantryTrainingEventKind kind, const gchar *path, const gchar *message);
gboolean _gantry_training_save (GantryTraining *self, gboolean is_marked, GError **error);
gboolean _gantry_training_write_pipeline (GantryTraining *self, GError **error);

/* training-disk.c */
void _gantry_training_count_disk (GantrySession *session, const gchar *folder, GantryTrainingDisk *disk); /* of what is to come */
gboolean _gantry_training_check_disk (GantrySession *session, const gchar *folder, GError **error);

/* training-rollback.c */
gboolean _gantry_training_check_finite (GantryTraining *self, GError **error);
gboolean _gantry_training_roll_back (GantryTraining *self, const GError *reason, GError **error);

/* training-resume.c */
gboolean _gantry_training_has_changed (GantryPipeline *now, GantryPipeline *then); /* in more than what a resumed run may change */
gboolean _gantry_training_apply_options (GantryPipeline *pipeline, const gchar *const *options, GError **error);
GantryPipeline *_gantry_training_load_pipeline_of (GantryRegistry *registry, GantryCheckpoint *checkpoint, const gchar *path, GError **error);

G_END_DECLS
