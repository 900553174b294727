# SPDX-License-Identifier: LGPL-2.1-or-later
LAYERS_TESTS = tests/layers/test-dcgan tests/layers/test-sequential
check_PROGRAMS += $(LAYERS_TESTS)
TESTS += $(LAYERS_TESTS)

tests_layers_test_dcgan_SOURCES = tests/layers/test-dcgan.c tests/layers/model.c tests/layers/model.h
tests_layers_test_dcgan_CPPFLAGS = $(TEST_FLAGS)
tests_layers_test_dcgan_LDADD = $(TEST_LIBS)
tests_layers_test_sequential_SOURCES = tests/layers/test-sequential.c tests/layers/model.c tests/layers/model.h
tests_layers_test_sequential_CPPFLAGS = $(TEST_FLAGS)
tests_layers_test_sequential_LDADD = $(TEST_LIBS)
