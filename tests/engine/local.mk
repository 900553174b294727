# SPDX-License-Identifier: LGPL-2.1-or-later
ENGINE_FIXTURE = tests/engine/engine-fixture.c tests/engine/engine-fixture.h

check_PROGRAMS += tests/engine/test-program
TESTS += tests/engine/test-program
tests_engine_test_program_SOURCES = tests/engine/test-program.c $(ENGINE_FIXTURE)
tests_engine_test_program_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_program_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/engine/test-openblas
TESTS += tests/engine/test-openblas
tests_engine_test_openblas_SOURCES = tests/engine/test-openblas.c tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h $(ENGINE_FIXTURE)
tests_engine_test_openblas_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_openblas_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/engine/test-parity
TESTS += tests/engine/test-parity
tests_engine_test_parity_SOURCES = tests/engine/test-parity.c tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h $(OP_CASES) \
	$(ENGINE_FIXTURE)
tests_engine_test_parity_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_parity_LDADD = $(TEST_LIBS)
