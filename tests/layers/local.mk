# SPDX-License-Identifier: LGPL-2.1-or-later
MODEL_SOURCES = tests/layers/model.c tests/layers/program.c tests/layers/model.h
LAYERS_TESTS = tests/layers/test-adam tests/layers/test-dcgan tests/layers/test-initializer tests/layers/test-layer-gradients \
	tests/layers/test-layers tests/layers/test-losses tests/layers/test-norms tests/layers/test-sequential
LAYERS_TESTS += tests/layers/test-attention tests/layers/test-weights
check_PROGRAMS += $(LAYERS_TESTS)
TESTS += $(LAYERS_TESTS)

tests_layers_test_adam_SOURCES = tests/layers/test-adam.c $(MODEL_SOURCES)
tests_layers_test_adam_CPPFLAGS = $(TEST_FLAGS)
tests_layers_test_adam_LDADD = $(TEST_LIBS)
tests_layers_test_dcgan_SOURCES = tests/layers/test-dcgan.c $(MODEL_SOURCES)
tests_layers_test_dcgan_CPPFLAGS = $(TEST_FLAGS)
tests_layers_test_dcgan_LDADD = $(TEST_LIBS)
tests_layers_test_initializer_SOURCES = tests/layers/test-initializer.c $(MODEL_SOURCES)
tests_layers_test_initializer_CPPFLAGS = $(TEST_FLAGS)
tests_layers_test_initializer_LDADD = $(TEST_LIBS)
tests_layers_test_layer_gradients_SOURCES = tests/layers/test-layer-gradients.c tests/layers/layer-cases.c tests/layers/layer-cases.h \
	tests/layers/layer-problem.c $(MODEL_SOURCES)
tests_layers_test_layer_gradients_CPPFLAGS = $(TEST_FLAGS)
tests_layers_test_layer_gradients_LDADD = $(TEST_LIBS)
tests_layers_test_norms_SOURCES = tests/layers/test-norms.c $(MODEL_SOURCES)
tests_layers_test_norms_CPPFLAGS = $(TEST_FLAGS)
tests_layers_test_norms_LDADD = $(TEST_LIBS)
tests_layers_test_layers_SOURCES = tests/layers/test-layers.c $(MODEL_SOURCES)
tests_layers_test_layers_CPPFLAGS = $(TEST_FLAGS)
tests_layers_test_layers_LDADD = $(TEST_LIBS)
tests_layers_test_losses_SOURCES = tests/layers/test-losses.c $(MODEL_SOURCES)
tests_layers_test_losses_CPPFLAGS = $(TEST_FLAGS)
tests_layers_test_losses_LDADD = $(TEST_LIBS)
tests_layers_test_sequential_SOURCES = tests/layers/test-sequential.c $(MODEL_SOURCES)
tests_layers_test_sequential_CPPFLAGS = $(TEST_FLAGS)
tests_layers_test_sequential_LDADD = $(TEST_LIBS)
tests_layers_test_attention_SOURCES = tests/layers/test-attention.c $(MODEL_SOURCES)
tests_layers_test_attention_CPPFLAGS = $(TEST_FLAGS)
tests_layers_test_attention_LDADD = $(TEST_LIBS)
tests_layers_test_weights_SOURCES = tests/layers/test-weights.c $(MODEL_SOURCES)
tests_layers_test_weights_CPPFLAGS = $(TEST_FLAGS)
tests_layers_test_weights_LDADD = $(TEST_LIBS)
