/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/session.h>

G_BEGIN_DECLS

/**
 * GantryTraining:
 *
 * A session in a run folder: `pipeline.ini`, `log.jsonl`, `checkpoints/`, `samples/`, `lock`.
 */
#define GANTRY_TYPE_TRAINING (gantry_training_get_type ())
GANTRY_API G_DECLARE_FINAL_TYPE (GantryTraining, gantry_training, GANTRY, TRAINING, GObject)

/**
 * GantryTrainingEventKind:
 * @GANTRY_TRAINING_STARTED: before the first step
 * @GANTRY_TRAINING_STEPPED: after each step
 * @GANTRY_TRAINING_LOGGED: a line was added to the log
 * @GANTRY_TRAINING_SAMPLED: a grid of samples was written
 * @GANTRY_TRAINING_SAVED: a checkpoint was written
 * @GANTRY_TRAINING_FINISHED: after the last step, everything is saved
 * @GANTRY_TRAINING_INTERRUPTED: stopped early on request, everything is saved
 * @GANTRY_TRAINING_ROLLED_BACK: diverged, and went back to the newest checkpoint, to go on with other random numbers
 */
typedef enum {
  GANTRY_TRAINING_STARTED,
  GANTRY_TRAINING_STEPPED,
  GANTRY_TRAINING_LOGGED,
  GANTRY_TRAINING_SAMPLED,
  GANTRY_TRAINING_SAVED,
  GANTRY_TRAINING_FINISHED,
  GANTRY_TRAINING_INTERRUPTED,
  GANTRY_TRAINING_ROLLED_BACK
} GantryTrainingEventKind;

/**
 * GantryTrainingEvent:
 * @kind: what happened
 * @images: real images shown so far
 * @total: how many will have been shown in the end
 * @steps: steps done so far
 * @start: images that were shown before this process took over
 * @seconds: time that this process has trained for
 * @path: the file that was written or gone back to, or %NULL
 * @message: what happened, in words, or %NULL
 */
typedef struct {
  gsize size;
  GantryTrainingEventKind kind;
  guint64 images;
  guint64 total;
  guint64 steps;
  guint64 start;
  gdouble seconds;
  const gchar *path;
  const gchar *message;
} GantryTrainingEvent;

/**
 * GantryWarmStart:
 * @from: a run folder, whose newest checkpoint is taken, or a checkpoint
 * @only: (nullable): patterns of names, ended by %NULL: no other variables are taken
 * @without: (nullable): patterns of names, ended by %NULL: these variables are not taken
 *
 * Where the weights of a new run come from.  Names are those of variables, as `generator.main.0.weight`; in patterns, `*` and `?` stand for
 * any characters and any one character.  A pattern that means a variable means its average too.
 */
typedef struct {
  gsize size;
  const gchar *from;
  const gchar *const *only;
  const gchar *const *without;
} GantryWarmStart;

/**
 * GantryTrainingDisk:
 * @bytes: that are written beside what is there, at most
 * @checkpoint_bytes: about what one checkpoint takes
 * @n_checkpoints: checkpoints that come to be there beside those that are
 * @n_marked: how many of these are marked, so that they stay
 * @n_samples: sample pictures that come to be there
 *
 * About what a training needs on disk until it ends.
 */
typedef struct {
  gsize size;
  guint64 bytes;
  guint64 checkpoint_bytes;
  guint64 n_checkpoints;
  guint64 n_marked;
  guint64 n_samples;
} GantryTrainingDisk;

/**
 * GantryTrainingFunc:
 * @training: the training
 * @event: what happened
 * @user_data: what was given with the function
 *
 * Hears of what happens, in the thread that trains.
 */
typedef void (*GantryTrainingFunc) (GantryTraining *training, const GantryTrainingEvent *event, gpointer user_data);

GANTRY_API GantryTraining *gantry_training_new (GantryPipeline *pipeline, const gchar *folder, GError **error);
GANTRY_API GantryTraining *gantry_training_new_from (GantryPipeline *pipeline, const gchar *folder, const GantryWarmStart *start, GError **error);
GANTRY_API GantryTraining *gantry_training_resume (GantryRegistry *registry, const gchar *folder, const gchar *const *options, GError **error);
GANTRY_API GantryTraining *gantry_training_fork (GantryRegistry *registry, const gchar *run, const gchar *folder, const gchar *const *options,
                                                 GError **error);
GANTRY_API const gchar *gantry_training_get_note (GantryTraining *self); /* what it begins with, in words; NULL: nothing */
GANTRY_API void gantry_training_get_disk (GantryTraining *self, GantryTrainingDisk *disk);
GANTRY_API GantrySession *gantry_training_get_session (GantryTraining *self);
GANTRY_API const gchar *gantry_training_get_folder (GantryTraining *self);
GANTRY_API void gantry_training_set_func (GantryTraining *self, GantryTrainingFunc func, gpointer user_data);
GANTRY_API gboolean gantry_training_run (GantryTraining *self, GError **error);
GANTRY_API void gantry_training_interrupt (GantryTraining *self); /* may be called by a signal handler */
GANTRY_API gboolean gantry_training_was_interrupted (GantryTraining *self);

GANTRY_API gchar *gantry_training_find_checkpoint (const gchar *path, GError **error); /* of a run folder, or the file itself */

G_END_DECLS
