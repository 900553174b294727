/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gantry/session.h>

#include "interface/game-private.h"
#include "train/loader-private.h"

G_BEGIN_DECLS

#define GANTRY_SAMPLE_PHASE "sample"
#define GANTRY_SAMPLE_CHUNK 64

typedef struct _GantryAverage GantryAverage;
typedef struct _GantryParts GantryParts;
typedef struct _GantryJoint GantryJoint;

/* What a program of a phase is made of. */
typedef struct {
  const GantryGamePhase *phase;
  const GantryGamePlayer *player; /* whose regularization step of its own it is; NULL for the phase itself */
  guint interval;                 /* of that step */
  guint64 due;                    /* fused regularizers of this program, by their place in the pipeline */
  const gdouble *shares;          /* of a whole step, one for each player of the game */
  gsize batch;                    /* samples of a run */
} GantryPlan;

/* One phase of a turn, compiled. */
typedef struct {
  gchar *name;
  GantryPlan plan;
  GantryGraph *graph;
  GantryProgram *program;
  GPtrArray *terms;      /* GantryPhaseTerm */
  GPtrArray *objectives; /* GantryPhaseObjective */
  gboolean is_idle;      /* there is nothing to do, as where a regularizer does not concern the player */
  gboolean is_joined;    /* the graph is that of several phases */
  guint n_runs;          /* in a turn */
  guint interval;        /* runs in every so many turns */
  GPtrArray *variants;   /* GantryPhase: with other fused regularizers, or of another number of samples */
  GHashTable *bound;     /* names of random tensors and scalars that are bound; NULL: none ever was */
  GantryJoint *joint;    /* what runs in a turn in the place of the phase and of those that follow it; NULL: the phase itself */
  GantryParts *parts;    /* what runs before the program, which then is the step alone; NULL where the batch is taken as a whole */
} GantryPhase;

/* A scalar of a phase that can be read after it ran. */
typedef struct {
  gchar *name;   /* "discriminator.loss.real": player and term */
  gchar *alias;  /* the same in a phase of one player: "loss.real" */
  gchar *output; /* of the program */
  gboolean is_vector;
} GantryPhaseTerm;

/* A training that diverged and went back: from then on it draws other numbers. */
typedef struct {
  guint64 to;   /* images of the checkpoint that it went back to */
  guint64 from; /* images when it had diverged */
} GantryRollback;

/* What a player minimises in a phase. */
typedef struct {
  const gchar *player;
  GantryTensor *tensor;
} GantryPhaseObjective;

/* The sampling network for a number of samples. */
typedef struct {
  gsize n;
  gboolean is_live; /* with the weights of the moment */
  GantryGraph *graph;
  GantryProgram *program;
} GantrySampler;

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
  GantryCompileFlags compile_flags;
  gsize batch;
  gsize micro_batch; /* 0: batches are taken as a whole */
  gboolean shares_activations; /* phases that follow each other may run as one */
  gsize budget;      /* bytes that the process may take; 0: any number */
  gsize workspace;   /* bytes that programs may compute in */
  gchar *memory;     /* how the budget is kept, in words; NULL without one */
  guint64 total;     /* images of the whole training */
  guint64 shown;     /* images of the present turn, or else of the last; 0 before the first */
  gdouble *shares;   /* of a whole step, one for each player of the game */
  GPtrArray *phases; /* GantryPhase */
  gchar **phase_names;
  GHashTable *values; /* term -> gdouble */
  GPtrArray *value_names;
  GHashTable *outputs;  /* name -> GantryArray, of the run that had it last */
  GHashTable *bindings; /* phase -> GHashTable: variable -> what it has while the phase runs */
  guint64 images;
  guint64 steps;
  gchar *fingerprint; /* of the data */
  gchar *origin;      /* what a run began with, in words; NULL where it began with nothing */
  GArray *rollbacks;  /* GantryRollback, the earliest first */
  GHashTable *kept;   /* metadata of the checkpoint that this version knows nothing of */

  GPtrArray *averages; /* GantryAverage */
  GantryNetwork *sample_average; /* the sampling network under its average's name; NULL where it has none */
  gboolean is_live;              /* samples are drawn with the weights of the moment all the same */
  GPtrArray *samplers;           /* GantrySampler */

  GantryProgram *critic_program;
  gsize critic_size;
  gboolean is_probability; /* what the critic's program gives */

  GantrySessionProfileFunc profile; /* NULL: nothing is timed */
  gpointer profile_data;
  GDestroyNotify profile_notify;
};

/* session.c */
GantryPhase *_gantry_session_find_phase (GantrySession *self, const gchar *name);
GantryPhase *_gantry_session_need_phase (GantrySession *self, const gchar *name, GError **error);

/* session-labels.c */
gboolean _gantry_session_check_labels (GantrySession *self, GError **error); /* whether the data have what the networks want */
gboolean _gantry_session_check_label_values (GantrySession *self, GantryArray *labels, GError **error);
gboolean _gantry_session_choose_labels (GantrySession *self, gsize n, GantryArray *given, GantryArray **labels, GError **error);

/* session-bind.c: the numbers that variables have while a phase runs, and their own again. */
void _gantry_session_put_bound (GantrySession *self, const gchar *phase);
void _gantry_session_put_back (GantrySession *self, const gchar *phase);
gboolean _gantry_session_is_bound (GantrySession *self, const GantryPhase *phase); /* to other numbers than a turn would have */

/* session-outputs.c */
void _gantry_session_keep_outputs (GantrySession *self, GantryPhase *phase); /* which has just run */

/* session-run.c */
gchar *_gantry_session_terms_to_text (GantrySession *self); /* "discriminator.r1=0.5 ..." */
gboolean _gantry_session_terms_from_text (GantrySession *self, const gchar *text);
gboolean _gantry_session_feed (GantrySession *self, GantryPhase *phase, GantryArray *const *arrays, GError **error);
guint64 _gantry_session_get_turn_images (GantrySession *self); /* real images that the present turn shows, or the last did */
gboolean _gantry_session_is_short_turn (GantrySession *self);   /* whether fewer images are left than a turn shows */
gboolean _gantry_session_was_short_turn (GantrySession *self);  /* whether the last turn was such a one */

/* session-phase.c, session-phases.c */
gboolean _gantry_session_make_phases (GantrySession *self, GError **error);
/* The variant that is due in a step, for so many samples; compiled when it is first asked for. */
GantryPhase *_gantry_phase_for (GantryPhase *self, GantrySession *session, guint64 step, gsize n, GError **error);
GantryPhase *_gantry_phase_get_shown (GantryPhase *self); /* whose program computes what is seen: itself, or its first part */
void _gantry_phase_free (GantryPhase *self);

/* session-turn.c: phases that run as one program, because both compute the same of the same samples. */
gboolean _gantry_session_join_phases (GantrySession *self, guint64 period, GError **error); /* of steps */
GantryGraph *_gantry_joint_get_graph (GantryJoint *self);
GantryProgram *_gantry_joint_get_program (GantryJoint *self);
GantryJoint *_gantry_session_find_joint (GantrySession *self, const gchar *name); /* of this step, "discriminator+generator" */
GantryJoint *_gantry_joint_for (GantrySession *self, const GantryPhase *first); /* what a turn runs in its place now, or NULL */
const gchar *_gantry_joint_get_name (GantryJoint *self);
GPtrArray *_gantry_joint_list (GantryJoint *self); /* GantryPhase: its phases, with one graph and one program (transfer none) */
guint _gantry_joint_get_last (GantryJoint *self);  /* place of the last of them among the phases of the session */
void _gantry_joint_free (GantryJoint *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GantryPhase, _gantry_phase_free)

/* session-sample.c */
GantrySampler *_gantry_session_get_sampler (GantrySession *self, gsize n, GError **error);
gboolean _gantry_session_declare_samplers (GantrySession *self, GError **error); /* the variables, without a program */
void _gantry_sampler_free (GantrySampler *self);
/* Rows @from ... of one array to rows @to ... of another; rows of equal size, possibly of different dtypes. */
void _gantry_session_copy_rows (GantryArray *source, gsize from, GantryArray *target, gsize to, gsize n_rows);

/* session-profile.c: to be called when there is a program that was not there before. */
void _gantry_session_adopt_programs (GantrySession *self);

GPtrArray *_gantry_session_list_programs (GantrySession *self); /* GantryProgram (transfer container) */

/* session-memory.c: phases and averages, within the memory that the pipeline allows */
gboolean _gantry_session_make_programs (GantrySession *self, GError **error);
gboolean _gantry_session_make_averages (GantrySession *self, GError **error);

/* session.c: on the session's backends, in its precision */
GantryProgram *_gantry_session_compile (GantrySession *self, GantryGraph *graph, GantryState *state, GError **error);

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
