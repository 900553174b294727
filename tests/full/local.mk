# SPDX-License-Identifier: LGPL-2.1-or-later
# What takes longer than a developer waits: `make check-full`.  Both the sanitizer build and distcheck run all of `make check`.
TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = $(LOG_COMPILER)
FULL_TESTS = tests/full/sanitizers.sh tests/full/valgrind.sh tests/full/threads.sh tests/full/instruction-sets.sh \
	tests/full/demo.sh tests/full/kills.sh tests/full/memory.sh tests/full/pipelines.sh tests/full/resume.sh tests/full/distcheck.sh
EXTRA_DIST += $(FULL_TESTS) tests/full/common tests/lsan.supp tests/valgrind.supp tests/count-results tests/full/race.c

# Without the sanitizer that they tell: shells load them too.
check_LTLIBRARIES += tests/full/visible-locks.la
tests_full_visible_locks_la_SOURCES = tests/full/visible-locks.c
tests_full_visible_locks_la_CFLAGS = -std=gnu11 $(WARN_CFLAGS)
tests_full_visible_locks_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_full_visible_locks_la_LIBADD = $(GLIB_LIBS) -ldl

.PHONY: check-full
check-full: all $(check_PROGRAMS) $(check_LTLIBRARIES)
	$(MAKE) $(AM_MAKEFLAGS) VERBOSE=1 TESTS='$(FULL_TESTS)' TEST_SUITE_LOG=tests/full/test-suite.log check-TESTS
