# SPDX-License-Identifier: LGPL-2.1-or-later
graph_tests = tests/graph/test-differentiation tests/graph/test-function-shapes tests/graph/test-graph tests/graph/test-shapes tests/graph/test-state
check_PROGRAMS += $(graph_tests)
TESTS += $(graph_tests)
VALGRIND_TESTS += $(graph_tests)

tests_graph_test_differentiation_SOURCES = tests/graph/test-differentiation.c
tests_graph_test_differentiation_CPPFLAGS = $(TEST_FLAGS)
tests_graph_test_differentiation_LDADD = $(TEST_LIBS)
tests_graph_test_function_shapes_SOURCES = tests/graph/test-function-shapes.c
tests_graph_test_function_shapes_CPPFLAGS = $(TEST_FLAGS)
tests_graph_test_function_shapes_LDADD = $(TEST_LIBS)
tests_graph_test_graph_SOURCES = tests/graph/test-graph.c
tests_graph_test_graph_CPPFLAGS = $(TEST_FLAGS)
tests_graph_test_graph_LDADD = $(TEST_LIBS)
tests_graph_test_shapes_SOURCES = tests/graph/test-shapes.c
tests_graph_test_shapes_CPPFLAGS = $(TEST_FLAGS)
tests_graph_test_shapes_LDADD = $(TEST_LIBS)
tests_graph_test_state_SOURCES = tests/graph/test-state.c
tests_graph_test_state_CPPFLAGS = $(TEST_FLAGS)
tests_graph_test_state_LDADD = $(TEST_LIBS)

OP_CASES = tests/graph/function-cases.c tests/graph/op-cases.c tests/graph/op-cases.h tests/graph/op-compositions.c
check_PROGRAMS += tests/graph/test-flops
TESTS += tests/graph/test-flops
VALGRIND_TESTS += tests/graph/test-flops
tests_graph_test_flops_SOURCES = tests/graph/test-flops.c $(OP_CASES) tests/engine/engine-fixture.c tests/engine/engine-fixture.h
tests_graph_test_flops_CPPFLAGS = $(TEST_FLAGS)
tests_graph_test_flops_LDADD = $(TEST_LIBS)

check_PROGRAMS += tests/graph/test-gradients
TESTS += tests/graph/test-gradients
VALGRIND_TESTS += tests/graph/test-gradients
tests_graph_test_gradients_SOURCES = tests/graph/test-gradients.c $(OP_CASES) tests/engine/engine-fixture.c tests/engine/engine-fixture.h
tests_graph_test_gradients_CPPFLAGS = $(TEST_FLAGS)
tests_graph_test_gradients_LDADD = $(TEST_LIBS)

# Indices and images.
spatial_tests = tests/graph/test-spatial tests/graph/test-spatial-values
check_PROGRAMS += $(spatial_tests)
TESTS += $(spatial_tests)
VALGRIND_TESTS += $(spatial_tests)
tests_graph_test_spatial_SOURCES = tests/graph/test-spatial.c tests/engine/engine-fixture.c tests/engine/engine-fixture.h
tests_graph_test_spatial_CPPFLAGS = $(TEST_FLAGS)
tests_graph_test_spatial_LDADD = $(TEST_LIBS)
tests_graph_test_spatial_values_SOURCES = tests/graph/test-spatial-values.c tests/engine/engine-fixture.c tests/engine/engine-fixture.h \
	tests/engine/openblas-fixture.c tests/engine/openblas-fixture.h
tests_graph_test_spatial_values_CPPFLAGS = $(TEST_FLAGS)
tests_graph_test_spatial_values_LDADD = $(TEST_LIBS)

# What the analysis of the batch says: the sources themselves, which the library keeps to itself.
BATCH_AXIS = src/graph/batch-axis.c src/graph/batch-axis-elementwise.c src/graph/batch-axis-shape.c src/graph/batch-axis-product.c \
	src/graph/batch-axis-private.h
batch_tests = tests/graph/test-batch-axis tests/graph/test-batch-brute tests/graph/test-batch-random
check_PROGRAMS += $(batch_tests)
TESTS += $(batch_tests)
VALGRIND_TESTS += tests/graph/test-batch-axis
tests_graph_test_batch_axis_SOURCES = tests/graph/test-batch-axis.c $(BATCH_AXIS)
tests_graph_test_batch_axis_CPPFLAGS = $(TEST_FLAGS)
tests_graph_test_batch_axis_LDADD = $(TEST_LIBS)
tests_graph_test_batch_brute_SOURCES = tests/graph/test-batch-brute.c $(BATCH_AXIS) $(OP_CASES) tests/engine/engine-fixture.c \
	tests/engine/engine-fixture.h
tests_graph_test_batch_brute_CPPFLAGS = $(TEST_FLAGS)
tests_graph_test_batch_brute_LDADD = $(TEST_LIBS)
tests_graph_test_batch_random_SOURCES = tests/graph/test-batch-random.c $(BATCH_AXIS) tests/engine/engine-fixture.c tests/engine/engine-fixture.h
tests_graph_test_batch_random_CPPFLAGS = $(TEST_FLAGS)
tests_graph_test_batch_random_LDADD = $(TEST_LIBS)
