/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/session.h>

#include "interface/game-private.h"
#include "train/loader-private.h"

G_BEGIN_DECLS

#define GANTRY_SAMPLE_PHASE "sample"
#define GANTRY_SAMPLE_CHUNK 64

typedef struct _GantryAverage GantryAverage;

/* One phase of a turn, compiled. */
typedef struct {
  gchar *name;
  GantryGraph *graph;
  GantryProgram *program;
  GPtrArray *terms; /* GantryPhaseTerm */
  guint n_runs;     /* in a turn */
  guint interval;   /* runs in every so many turns */
  guint64 due;      /* which of the regularizers that are fused into every so many steps it has, by their place in the pipeline */
  GPtrArray *variants; /* GantryPhase: with others of these; NULL where it has all of them always */
} GantryPhase;

/* A scalar of a phase that can be read after it ran. */
typedef struct {
  gchar *name;   /* "discriminator.loss.real": player and term */
  gchar *output; /* of the program */
  gboolean is_vector;
} GantryPhaseTerm;

/* A training that diverged and went back: from then on it draws other numbers. */
typedef struct {
  guint64 to;   /* images of the checkpoint that it went back to */
  guint64 from; /* images when it had diverged */
} GantryRollback;

struct _GantrySession {
  GObject parent_instance;
  GantryPipeline *pipeline;
  GantryGameHost *host;
  GantryReader *reader; /* NULL where nothing is read */
  GantryLoader *loader;
  GantryShape sample_shape;
  GPtrArray *networks; /* GantryNetwork, as the host declares them */
  GPtrArray *backends;
  GantryState *state;
  GantryDType dtype;
  gsize batch;
  GPtrArray *phases; /* GantryPhase */
  gchar **phase_names;
  GHashTable *values; /* term -> gdouble */
  GPtrArray *value_names;
  guint64 images;
  guint64 steps;
  gchar *fingerprint; /* of the data */
  gchar *origin;      /* what a run began with, in words; NULL where it began with nothing */
  GArray *rollbacks;  /* GantryRollback, the earliest first */
  GHashTable *kept;   /* metadata of the checkpoint that this version knows nothing of */

  GPtrArray *averages; /* GantryAverage */
  GantryNetwork *sample_average; /* the sampling network under its average's name; NULL where it has none */
  gboolean is_live;              /* samples are drawn with the weights of the moment all the same */
  GantryGraph *sample_graph;
  GantryProgram *sample_program;
  gsize sample_size;

  GantryProgram *critic_program;
  gsize critic_size;
  gboolean is_probability; /* what the critic's program gives */
};

/* session.c */
GantryPhase *_gantry_session_find_phase (GantrySession *self, const gchar *name);
GantryPhase *_gantry_session_need_phase (GantrySession *self, const gchar *name, GError **error);

/* session-labels.c */
gboolean _gantry_session_check_labels (GantrySession *self, GError **error); /* whether the data have what the networks want */
gboolean _gantry_session_check_label_values (GantrySession *self, GantryArray *labels, GError **error);
gboolean _gantry_session_choose_labels (GantrySession *self, gsize n, GantryArray *given, GantryArray **labels, GError **error);

/* session-run.c */
gchar *_gantry_session_terms_to_text (GantrySession *self); /* "discriminator.r1=0.5 ..." */
gboolean _gantry_session_terms_from_text (GantrySession *self, const gchar *text);
guint64 _gantry_session_get_turn_images (GantrySession *self); /* real images that a turn shows */

/* session-phase.c, session-phases.c */
gboolean _gantry_session_make_phases (GantrySession *self, GError **error);
GantryPhase *_gantry_phase_at (GantryPhase *self, GantrySession *session, guint64 step); /* the variant that is due */
void _gantry_phase_free (GantryPhase *self);

/* session-sample.c */
/* Rows @from ... of one array to rows @to ... of another; rows of equal size, possibly of different dtypes. */
void _gantry_session_copy_rows (GantryArray *source, gsize from, GantryArray *target, gsize to, gsize n_rows);
gboolean _gantry_session_compile_sampler (GantrySession *self, gsize n, GError **error);

/* session-checkpoint.c */
gchar *_gantry_session_fingerprint (GantryReader *reader, GError **error);
gboolean _gantry_session_check_format (GantryCheckpoint *checkpoint, GError **error);
gboolean _gantry_session_take_counters (GantrySession *self, GantryCheckpoint *checkpoint, GError **error); /* and what else is no variable */

/* session-rollback.c */
guint64 _gantry_session_get_draw_seed (GantrySession *self); /* of the draws of a phase: another after each rollback */
void _gantry_session_add_rollback (GantrySession *self, guint64 from); /* to the present number of images */
gchar *_gantry_session_rollbacks_to_text (GantrySession *self);         /* "1000<1600 ..."; NULL where there was none */
gboolean _gantry_session_rollbacks_from_text (GantrySession *self, const gchar *text);
const gchar *_gantry_session_find_broken (GantrySession *self, gdouble *value); /* a variable with what is no finite number, or NULL */

/* session-adopt.c */

/* What a session took of a checkpoint of another pipeline. */
typedef struct {
  guint n_taken;
  GPtrArray *fresh;    /* names of variables that the checkpoint does not have, or that were left out */
  GPtrArray *leftover; /* names of variables of the checkpoint that have no place */
  gboolean has_other_data;
} GantryAdoption;

void _gantry_adoption_clear (GantryAdoption *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (GantryAdoption, _gantry_adoption_clear)
gchar *_gantry_adoption_describe (const GantryAdoption *self);
/* Weights of networks and averages alone; @only and @without are patterns of names, NULL or ended by NULL. */
gboolean _gantry_session_warm_start (GantrySession *self, GantryCheckpoint *checkpoint, const gchar *const *only, const gchar *const *without,
                                     GantryAdoption *adoption, GError **error);
/* All that has a place, and the counters. */
gboolean _gantry_session_continue (GantrySession *self, GantryCheckpoint *checkpoint, GantryPipeline *then, GantryAdoption *adoption,
                                   GError **error);

G_END_DECLS
