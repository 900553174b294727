# SPDX-License-Identifier: LGPL-2.1-or-later
TRAIN_TESTS = tests/train/test-checkpoint tests/train/test-course tests/train/test-critic tests/train/test-idx tests/train/test-loader tests/train/test-mixture \
	tests/train/test-parts tests/train/test-sizes \
	tests/train/test-pipeline tests/train/test-schedule tests/train/test-session tests/train/test-simultaneous tests/train/test-turns tests/train/test-labels \
	tests/train/test-matches
TRAIN_TESTS += tests/train/test-film
TRAIN_TESTS += tests/train/test-profile
TRAIN_TESTS += tests/train/test-moving tests/train/test-seeing
TRAIN_TESTS += tests/train/test-sharing
check_PROGRAMS += $(TRAIN_TESTS)
TESTS += $(TRAIN_TESTS)
VALGRIND_TESTS += tests/train/test-checkpoint tests/train/test-pipeline
TRAIN_FIXTURE = tests/train/training-fixture.c tests/train/training-fixture.h

tests_train_test_checkpoint_SOURCES = tests/train/test-checkpoint.c $(TRAIN_FIXTURE)
tests_train_test_checkpoint_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_checkpoint_LDADD = $(TEST_LIBS)
tests_train_test_film_SOURCES = tests/train/test-film.c $(TRAIN_FIXTURE)
tests_train_test_film_CPPFLAGS = $(TEST_FLAGS) $(PNG_CFLAGS)
tests_train_test_film_LDADD = $(TEST_LIBS) $(PNG_LIBS)
tests_train_test_idx_SOURCES = tests/train/test-idx.c $(TRAIN_FIXTURE)
tests_train_test_idx_CPPFLAGS = $(TEST_FLAGS) $(ZLIB_CFLAGS)
tests_train_test_idx_LDADD = $(TEST_LIBS) $(ZLIB_LIBS)
# What it tests is no symbol of the library.
tests_train_test_labels_SOURCES = tests/train/test-labels.c $(TRAIN_FIXTURE)
tests_train_test_labels_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_labels_LDADD = $(TEST_LIBS)
tests_train_test_loader_SOURCES = tests/train/test-loader.c src/train/loader.c src/train/loader-private.h $(TRAIN_FIXTURE)
tests_train_test_loader_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_loader_LDADD = $(TEST_LIBS)
tests_train_test_mixture_SOURCES = tests/train/test-mixture.c $(TRAIN_FIXTURE)
tests_train_test_mixture_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_mixture_LDADD = $(TEST_LIBS) -lm
tests_train_test_pipeline_SOURCES = tests/train/test-pipeline.c $(TRAIN_FIXTURE)
tests_train_test_pipeline_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_pipeline_LDADD = $(TEST_LIBS)
# What it tests is no symbol of the library.
tests_train_test_schedule_SOURCES = tests/train/test-schedule.c src/train/schedule.c src/train/schedule-private.h $(TRAIN_FIXTURE)
tests_train_test_schedule_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_schedule_LDADD = $(TEST_LIBS)
SESSION_FIXTURE = tests/train/session-fixture.c tests/train/session-fixture.h
tests_train_test_course_SOURCES = tests/train/test-course.c $(TRAIN_FIXTURE) $(SESSION_FIXTURE)
tests_train_test_course_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_course_LDADD = $(TEST_LIBS)
tests_train_test_critic_SOURCES = tests/train/test-critic.c $(TRAIN_FIXTURE)
tests_train_test_critic_CPPFLAGS = $(TEST_FLAGS) $(PNG_CFLAGS)
tests_train_test_critic_LDADD = $(TEST_LIBS) $(PNG_LIBS) -lm
tests_train_test_simultaneous_SOURCES = tests/train/test-simultaneous.c $(TRAIN_FIXTURE)
tests_train_test_simultaneous_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_simultaneous_LDADD = $(TEST_LIBS) -lm
tests_train_test_matches_SOURCES = tests/train/test-matches.c $(TRAIN_FIXTURE)
tests_train_test_matches_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_matches_LDADD = $(TEST_LIBS) -lm
tests_train_test_parts_SOURCES = tests/train/test-parts.c $(TRAIN_FIXTURE) $(SESSION_FIXTURE)
tests_train_test_parts_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_parts_LDADD = $(TEST_LIBS)
tests_train_test_sizes_SOURCES = tests/train/test-sizes.c $(TRAIN_FIXTURE) $(SESSION_FIXTURE)
tests_train_test_sizes_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_sizes_LDADD = $(TEST_LIBS)
tests_train_test_profile_SOURCES = tests/train/test-profile.c $(TRAIN_FIXTURE) $(SESSION_FIXTURE)
tests_train_test_profile_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_profile_LDADD = $(TEST_LIBS) -lm
tests_train_test_session_SOURCES = tests/train/test-session.c $(TRAIN_FIXTURE) $(SESSION_FIXTURE)
tests_train_test_session_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_session_LDADD = $(TEST_LIBS)
tests_train_test_turns_SOURCES = tests/train/test-turns.c $(TRAIN_FIXTURE)
tests_train_test_turns_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_turns_LDADD = $(TEST_LIBS)

tests_train_test_moving_SOURCES = tests/train/test-moving.c $(TRAIN_FIXTURE) $(SESSION_FIXTURE)
tests_train_test_moving_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_moving_LDADD = $(TEST_LIBS) -lm
tests_train_test_sharing_SOURCES = tests/train/test-sharing.c $(TRAIN_FIXTURE) $(SESSION_FIXTURE) $(ALLOCATION_FIXTURE)
tests_train_test_sharing_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_sharing_LDADD = $(TEST_LIBS)
tests_train_test_seeing_SOURCES = tests/train/test-seeing.c $(TRAIN_FIXTURE) $(SESSION_FIXTURE)
tests_train_test_seeing_CPPFLAGS = $(TEST_FLAGS)
tests_train_test_seeing_LDADD = $(TEST_LIBS) -lm

check_LTLIBRARIES += tests/train/outspoken.la
tests_train_outspoken_la_SOURCES = tests/train/outspoken.c
tests_train_outspoken_la_CPPFLAGS = $(AM_CPPFLAGS)
tests_train_outspoken_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_train_outspoken_la_LIBADD = $(PLUGIN_LIBS)
check_LTLIBRARIES += tests/train/deaf.la tests/train/fragile.la tests/train/interpose.la tests/train/two-matches.la
tests_train_interpose_la_SOURCES = tests/train/interpose.c
tests_train_interpose_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_train_interpose_la_LIBADD = -ldl
tests_train_fragile_la_SOURCES = tests/train/fragile.c
tests_train_fragile_la_CPPFLAGS = $(AM_CPPFLAGS)
tests_train_fragile_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_train_fragile_la_LIBADD = $(PLUGIN_LIBS)
tests_train_two_matches_la_SOURCES = tests/train/two-matches.c
tests_train_two_matches_la_CPPFLAGS = $(AM_CPPFLAGS)
tests_train_two_matches_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_train_two_matches_la_LIBADD = $(PLUGIN_LIBS)
tests_train_deaf_la_SOURCES = tests/train/deaf.c
tests_train_deaf_la_CPPFLAGS = $(AM_CPPFLAGS)
tests_train_deaf_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_train_deaf_la_LIBADD = $(PLUGIN_LIBS)

check_PROGRAMS += tests/train/compare-checkpoints
tests_train_compare_checkpoints_SOURCES = tests/train/compare-checkpoints.c
tests_train_compare_checkpoints_CPPFLAGS = $(TEST_FLAGS)
tests_train_compare_checkpoints_LDADD = $(TEST_LIBS)
RUN_TESTS = tests/train/budget tests/train/checkpoints tests/train/forks tests/train/precision tests/train/resume tests/train/resume-pipelines \
	tests/train/rollback tests/train/run-folder tests/train/sizes
TESTS += $(RUN_TESTS)
EXTRA_DIST += $(RUN_TESTS) tests/train/budget-peaks tests/train/data tests/train/run-common
