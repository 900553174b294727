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
};

extern const GantryObserver _gantry_observers[]; /* ended by one without a function */

gint64 _gantry_training_setting (GantryTraining *self, const gchar *key);
gdouble _gantry_training_seconds (GantryTraining *self); /* of this process */
void _gantry_training_emit (GantryTraining *self, GantryTrainingEventKind kind, const gchar *path);
gboolean _gantry_training_save (GantryTraining *self, GError **error);
guint64 _gantry_training_count_bytes (GantrySession *session);

G_END_DECLS
