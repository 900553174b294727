# SPDX-License-Identifier: LGPL-2.1-or-later
AM_TESTS_ENVIRONMENT = top_srcdir='$(top_srcdir)'; top_builddir='$(top_builddir)'; export top_srcdir top_builddir; \
	CC='$(CC)'; NM='$(NM)'; GLIB_CFLAGS='$(GLIB_CFLAGS)'; VALGRIND_TESTS='$(VALGRIND_TESTS)'; export CC NM GLIB_CFLAGS VALGRIND_TESTS; \
	THREAD_TESTS='$(THREAD_TESTS)'; CPU_TESTS='$(CPU_TESTS)'; export THREAD_TESTS CPU_TESTS; \
	OMP_WAIT_POLICY=passive; export OMP_WAIT_POLICY;
# Tests run beside each other: threads that wait give the processor to the next test.
LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/run-env
TEST_FLAGS = $(AM_CPPFLAGS) $(CHECK_CFLAGS) -I$(top_srcdir)/tests
if ONEDNN
TEST_FLAGS += -DWITH_ONEDNN
endif
TEST_LIBS = libgantry-1.la $(GLIB_LIBS) $(JSON_LIBS) $(CHECK_LIBS) -lm
# Run under valgrind by `make check-full`.
VALGRIND_TESTS =
# Under the thread sanitizer.
THREAD_TESTS = tests/engine/test-openblas tests/engine/test-parity tests/engine/test-functions tests/engine/test-random \
	tests/engine/test-random-float32 tests/engine/test-bfloat16 \
	tests/train/test-loader tests/train/test-session tests/train/test-parts tests/train/test-turns tests/reader/test-folder-training
if ONEDNN
THREAD_TESTS += tests/engine/test-onednn
endif
# With each instruction set taken away.
CPU_TESTS = tests/engine/test-parity tests/engine/test-layouts tests/engine/test-program tests/engine/test-assign tests/engine/test-rewrites \
	tests/engine/test-rewrite-convolution tests/engine/test-workspace tests/replay/test-conformance $(LAYERS_TESTS) $(TRAIN_TESTS) \
	tests/reader/test-folder-training tests/train/precision tests/train/sizes tests/train/resume
EXTRA_DIST += tests/run-env tests/reference

.PHONY: clean-test-cache
clean-local: clean-test-cache
clean-test-cache:
	rm -rf tests/cache

include tests/core/local.mk
include tests/graph/local.mk
include tests/engine/local.mk
include tests/interface/local.mk
include tests/op-plugin/local.mk
include tests/layers/local.mk
include tests/train/local.mk
include tests/reader/local.mk
include tests/cli/local.mk
include tests/replay/local.mk
include tests/scoring/local.mk
include tests/installed/local.mk
include tests/source/local.mk
include tests/bench/local.mk
include tests/full/local.mk
