/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/checkpoint.h>
#include <gantry/network.h>
#include <gantry/pipeline.h>
#include <gantry/program.h>

G_BEGIN_DECLS

/**
 * GantrySession:
 *
 * A pipeline being trained: networks, players, compiled phases, state, batches.
 */
#define GANTRY_TYPE_SESSION (gantry_session_get_type ())
GANTRY_API G_DECLARE_FINAL_TYPE (GantrySession, gantry_session, GANTRY, SESSION, GObject)

/**
 * GantryWeights:
 * @GANTRY_WEIGHTS_LIVE: those that are trained
 * @GANTRY_WEIGHTS_AVERAGE: their average, which an [average] of the pipeline keeps
 */
typedef enum {
  GANTRY_WEIGHTS_LIVE,
  GANTRY_WEIGHTS_AVERAGE
} GantryWeights;

/**
 * GantrySessionProfileFunc:
 * @session: the session
 * @phase: which phase it is, "average" or "sample"
 * @program: the program that runs
 * @span: the part of its run that ended
 * @user_data: what was given with the function
 *
 * Is told of everything that a session runs.
 */
typedef void (*GantrySessionProfileFunc) (GantrySession *session, const gchar *phase, GantryProgram *program, const GantryProgramSpan *span,
                                          gpointer user_data);

GANTRY_API GantrySession *gantry_session_new (GantryPipeline *pipeline, GError **error); /* resolved; opens the reader */
GANTRY_API GantrySession *gantry_session_new_for_sampling (GantryPipeline *pipeline, const GantryShape *sample_shape, GError **error);
GANTRY_API GantrySession *gantry_session_new_from_checkpoint (GantryRegistry *registry, GantryCheckpoint *checkpoint, GError **error);
GANTRY_API GantryPipeline *gantry_session_get_pipeline (GantrySession *self);
GANTRY_API GantryState *gantry_session_get_state (GantrySession *self);
GANTRY_API GantryNetwork *gantry_session_get_network (GantrySession *self, const gchar *name);
GANTRY_API const gchar *gantry_session_get_memory (GantrySession *self);
GANTRY_API const gchar *const *gantry_session_get_phases (GantrySession *self);
GANTRY_API const gchar *gantry_session_get_run (GantrySession *self, guint i, guint *n_runs, guint *interval);
GANTRY_API GantryProgram *gantry_session_get_program (GantrySession *self, const gchar *phase, GError **error);
GANTRY_API GantryGraph *gantry_session_get_graph (GantrySession *self, const gchar *phase, GError **error);

/* One whole turn on the next batch, or one phase at a time on what is bound. */
GANTRY_API gboolean gantry_session_turn (GantrySession *self, GError **error);
GANTRY_API gboolean gantry_session_bind (GantrySession *self, const gchar *phase, const gchar *name, GantryArray *values, GError **error);
GANTRY_API gboolean gantry_session_run_phase (GantrySession *self, const gchar *phase, GError **error);
GANTRY_API gboolean gantry_session_move_averages (GantrySession *self, GError **error); /* done by a turn */
GANTRY_API gboolean gantry_session_get_term (GantrySession *self, const gchar *name, gdouble *value);
GANTRY_API gchar **gantry_session_list_terms (GantrySession *self);
/* Terms and published tensors of any shape: of the last run of a phase that has them. */
GANTRY_API GantryArray *gantry_session_get_output (GantrySession *self, const gchar *name, GError **error);
GANTRY_API gchar **gantry_session_list_outputs (GantrySession *self);
GANTRY_API guint64 gantry_session_get_images (GantrySession *self); /* real images shown so far */
GANTRY_API guint64 gantry_session_get_steps (GantrySession *self);

/* Images of the sampling network: [n, channels, height, width], from latents [n, ...] or from the run's fixed ones. */
GANTRY_API gboolean gantry_session_set_weights (GantrySession *self, GantryWeights weights, GError **error);
GANTRY_API GantryArray *gantry_session_sample (GantrySession *self, gsize n, GantryArray *latents, GError **error);
/* Of a conditional network; [n] labels of classes, or NULL for one class after the other. */
GANTRY_API GantryArray *gantry_session_sample_labels (GantrySession *self, gsize n, GantryArray *latents, GantryArray *labels, GError **error);
GANTRY_API gsize gantry_session_get_classes (GantrySession *self); /* 0: the sampling network takes no labels */
GANTRY_API GantryArray *gantry_session_draw_latents (GantrySession *self, guint64 seed, gsize n, GError **error);
GANTRY_API GantryArray *gantry_session_read_real (GantrySession *self, gsize n, GError **error);
/* What the critic says of samples, [n]; labels for a conditional one. */
GANTRY_API GantryArray *gantry_session_judge (GantrySession *self, GantryArray *samples, GantryArray *labels, gboolean *is_probability,
                                              GError **error);
GANTRY_API gboolean gantry_session_save_points (GantrySession *self, GantryArray *points, gint64 label, const gchar *path, GError **error);

GANTRY_API GantryCheckpoint *gantry_session_to_checkpoint (GantrySession *self);
GANTRY_API gboolean gantry_session_restore (GantrySession *self, GantryCheckpoint *checkpoint, GError **error);

/* For benchmarks. */
GANTRY_API gboolean gantry_session_load (GantrySession *self, GError **error);
GANTRY_API guint gantry_session_get_turn (GantrySession *self, const gchar *phase, guint *interval);
GANTRY_API void gantry_session_set_profile_func (GantrySession *self, GantrySessionProfileFunc func, gpointer user_data, GDestroyNotify notify);

G_END_DECLS
