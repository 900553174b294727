# SPDX-License-Identifier: LGPL-2.1-or-later
# Tests of hidden parts link their sources.
ENGINE_TESTS = tests/engine/test-array tests/engine/test-random tests/engine/test-plan tests/engine/test-state \
	tests/engine/test-program tests/engine/test-assign tests/engine/test-simplify tests/engine/test-backend \
	tests/engine/test-allocation tests/engine/test-rewrites tests/engine/test-rewrite-convolution tests/engine/test-rewrite-modulation tests/engine/test-reference \
	tests/engine/test-random-graphs tests/engine/test-layouts
ENGINE_TESTS += tests/engine/test-workspace
check_PROGRAMS += $(ENGINE_TESTS)
TESTS += $(ENGINE_TESTS)

ENGINE_FIXTURE = tests/engine/engine-fixture.c tests/engine/engine-fixture.h

tests_engine_test_array_SOURCES = tests/engine/test-array.c $(ENGINE_FIXTURE)
tests_engine_test_array_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_array_LDADD = $(TEST_LIBS)

tests_engine_test_random_SOURCES = tests/engine/test-random.c $(ENGINE_FIXTURE) src/engine/random.c src/engine/random-private.h
tests_engine_test_random_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_random_LDADD = $(TEST_LIBS)

tests_engine_test_plan_SOURCES = tests/engine/test-plan.c $(ENGINE_FIXTURE) src/engine/plan.c src/engine/plan-private.h
tests_engine_test_plan_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_plan_LDADD = $(TEST_LIBS)

tests_engine_test_state_SOURCES = tests/engine/test-state.c $(ENGINE_FIXTURE)
tests_engine_test_state_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_state_LDADD = $(TEST_LIBS)

tests_engine_test_workspace_SOURCES = tests/engine/test-workspace.c $(ENGINE_FIXTURE)
tests_engine_test_workspace_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_workspace_LDADD = $(TEST_LIBS)

tests_engine_test_program_SOURCES = tests/engine/test-program.c $(ENGINE_FIXTURE)
tests_engine_test_program_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_program_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/engine/test-openblas
TESTS += tests/engine/test-openblas
tests_engine_test_openblas_SOURCES = tests/engine/test-openblas.c tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h $(ENGINE_FIXTURE)
tests_engine_test_openblas_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_openblas_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/engine/test-functions
TESTS += tests/engine/test-functions
tests_engine_test_functions_SOURCES = tests/engine/test-functions.c tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h \
	$(ENGINE_FIXTURE)
tests_engine_test_functions_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_functions_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/engine/test-winograd
TESTS += tests/engine/test-winograd
tests_engine_test_winograd_SOURCES = tests/engine/test-winograd.c tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h $(ENGINE_FIXTURE)
tests_engine_test_winograd_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_winograd_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/engine/test-several
TESTS += tests/engine/test-several
tests_engine_test_several_SOURCES = tests/engine/test-several.c $(ENGINE_FIXTURE)
tests_engine_test_several_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_several_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/engine/test-passes
TESTS += tests/engine/test-passes
tests_engine_test_passes_SOURCES = tests/engine/test-passes.c tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h $(ENGINE_FIXTURE)
tests_engine_test_passes_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_passes_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/engine/test-parity
TESTS += tests/engine/test-parity
tests_engine_test_parity_SOURCES = tests/engine/test-parity.c tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h $(OP_CASES) \
	$(ENGINE_FIXTURE)
tests_engine_test_parity_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_parity_LDADD = $(TEST_LIBS)

tests_engine_test_assign_SOURCES = tests/engine/test-assign.c $(ENGINE_FIXTURE)
tests_engine_test_assign_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_assign_LDADD = $(TEST_LIBS)

tests_engine_test_simplify_SOURCES = tests/engine/test-simplify.c $(ENGINE_FIXTURE)
tests_engine_test_simplify_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_simplify_LDADD = $(TEST_LIBS)

tests_engine_test_rewrite_convolution_SOURCES = tests/engine/test-rewrite-convolution.c $(ENGINE_FIXTURE)
tests_engine_test_rewrite_convolution_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_rewrite_convolution_LDADD = $(TEST_LIBS)
tests_engine_test_rewrite_modulation_SOURCES = tests/engine/test-rewrite-modulation.c tests/engine/openblas-fixture.c \
	tests/engine/openblas-fixture.h $(ENGINE_FIXTURE)
tests_engine_test_rewrite_modulation_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_rewrite_modulation_LDADD = $(TEST_LIBS)
tests_engine_test_rewrites_SOURCES = tests/engine/test-rewrites.c $(ENGINE_FIXTURE)
tests_engine_test_rewrites_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_rewrites_LDADD = $(TEST_LIBS)

tests_engine_test_backend_SOURCES = tests/engine/test-backend.c $(ENGINE_FIXTURE)
tests_engine_test_backend_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_backend_LDADD = $(TEST_LIBS)

ALLOCATION_FIXTURE = tests/engine/allocation-fixture.c tests/engine/allocation-fixture.h
tests_engine_test_allocation_SOURCES = tests/engine/test-allocation.c tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h \
	$(ALLOCATION_FIXTURE) $(ENGINE_FIXTURE)
tests_engine_test_allocation_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_allocation_LDADD = $(TEST_LIBS)

tests_engine_test_reference_SOURCES = tests/engine/test-reference.c $(ENGINE_FIXTURE)
tests_engine_test_reference_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_reference_LDADD = $(TEST_LIBS)

tests_engine_test_layouts_SOURCES = tests/engine/test-layouts.c tests/engine/blocking-backend.c tests/engine/blocking-backend.h \
	tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h $(ENGINE_FIXTURE)
tests_engine_test_layouts_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_layouts_LDADD = $(TEST_LIBS)

RANDOM_GRAPH = tests/engine/random-graph.c tests/engine/random-graph.h tests/engine/random-graph-run.c
tests_engine_test_random_graphs_SOURCES = tests/engine/test-random-graphs.c $(RANDOM_GRAPH) \
	tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h $(OP_CASES) $(ENGINE_FIXTURE)
tests_engine_test_random_graphs_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_random_graphs_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/engine/test-bfloat16
TESTS += tests/engine/test-bfloat16
tests_engine_test_bfloat16_SOURCES = tests/engine/test-bfloat16.c tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h $(ENGINE_FIXTURE)
tests_engine_test_bfloat16_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_bfloat16_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/engine/test-random-float32
TESTS += tests/engine/test-random-float32
tests_engine_test_random_float32_SOURCES = tests/engine/test-random-float32.c $(RANDOM_GRAPH) tests/engine/openblas-fixture.c \
	tests/engine/openblas-fixture.h $(OP_CASES) $(ENGINE_FIXTURE)
tests_engine_test_random_float32_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_random_float32_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/engine/test-openblas-math
TESTS += tests/engine/test-openblas-math
tests_engine_test_openblas_math_SOURCES = tests/engine/test-openblas-math.c tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h \
	$(ENGINE_FIXTURE)
tests_engine_test_openblas_math_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_openblas_math_LDADD = $(TEST_LIBS)

if ONEDNN
check_PROGRAMS += tests/engine/test-onednn
TESTS += tests/engine/test-onednn
tests_engine_test_onednn_SOURCES = tests/engine/test-onednn.c $(ENGINE_FIXTURE)
tests_engine_test_onednn_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_onednn_LDADD = $(TEST_LIBS)
endif

check_PROGRAMS += tests/engine/test-memory
TESTS += tests/engine/test-memory
tests_engine_test_memory_SOURCES = tests/engine/test-memory.c tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h $(ENGINE_FIXTURE)
tests_engine_test_memory_CPPFLAGS = $(TEST_FLAGS)
tests_engine_test_memory_LDADD = $(TEST_LIBS)
