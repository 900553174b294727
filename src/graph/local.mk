# SPDX-License-Identifier: LGPL-2.1-or-later
libgantry_1_la_SOURCES += \
	src/graph/arena.c \
	src/graph/arranging.c \
	src/graph/constants.c \
	src/graph/convolution.c \
	src/graph/draws.c \
	src/graph/elementwise-binary.c \
	src/graph/elementwise-unary.c \
	src/graph/gradient.c \
	src/graph/graph-internal.h \
	src/graph/graph-private.h \
	src/graph/graph.c \
	src/graph/indexing.c \
	src/graph/initializer.c \
	src/graph/inputs.c \
	src/graph/matmul.c \
	src/graph/op-table.c \
	src/graph/op.c \
	src/graph/padding.c \
	src/graph/pooling.c \
	src/graph/reductions.c \
	src/graph/resample.c \
	src/graph/resize.c \
	src/graph/sampling.c \
	src/graph/scope.c \
	src/graph/selection.c \
	src/graph/shape.c \
	src/graph/shaping.c \
	src/graph/slicing.c \
	src/graph/taps-private.h \
	src/graph/tensor.c \
	src/graph/tensors.c \
	src/graph/variables.c
