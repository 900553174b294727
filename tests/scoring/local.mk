# SPDX-License-Identifier: LGPL-2.1-or-later
noinst_PROGRAMS += tests/scoring/digits-score
tests_scoring_digits_score_SOURCES = tests/scoring/digits-score.c tests/scoring/judge.c tests/scoring/judge.h
tests_scoring_digits_score_CPPFLAGS = $(TEST_FLAGS)
tests_scoring_digits_score_LDADD = libgantry-1.la $(GLIB_LIBS) -lm
TESTS += tests/scoring/real-digits
EXTRA_DIST += tests/scoring/real-digits
