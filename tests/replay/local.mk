# SPDX-License-Identifier: LGPL-2.1-or-later
# tests/conformance [--backend NAME] [--dtype float32|float64] [--round NAME] DIR: replays reference cases.
noinst_PROGRAMS += tests/conformance
tests_conformance_SOURCES = \
	tests/replay/case.c \
	tests/replay/case.h \
	tests/replay/constraints.c \
	tests/replay/evaluate.c \
	tests/replay/layers.c \
	tests/replay/layers.h \
	tests/replay/losses.c \
	tests/replay/main.c \
	tests/replay/networks.c \
	tests/replay/ops.c \
	tests/replay/ops-elementwise.c \
	tests/replay/ops-filter.c \
	tests/replay/ops-layer.c \
	tests/replay/ops-norm.c \
	tests/replay/ops-product.c \
	tests/replay/ops-reduce.c \
	tests/replay/ops-rows.c \
	tests/replay/ops-shape.c \
	tests/replay/ops-spatial.c \
	tests/replay/ops-weight.c \
	tests/replay/optimizers.c \
	tests/replay/regularizers.c \
	tests/replay/replay.c \
	tests/replay/replay.h \
	tests/replay/settings.c \
	tests/replay/settings.h \
	tests/replay/subjects.h \
	tests/replay/training.c
tests_conformance_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests -DCONFORMANCE_BUILD=\"$(abs_top_builddir)\"
tests_conformance_LDADD = libgantry-1.la $(GLIB_LIBS) $(JSON_LIBS) -lm

check_PROGRAMS += tests/replay/test-conformance
TESTS += tests/replay/test-conformance
tests_replay_test_conformance_SOURCES = tests/replay/test-conformance.c
tests_replay_test_conformance_CPPFLAGS = $(TEST_FLAGS)
tests_replay_test_conformance_LDADD = $(TEST_LIBS)
