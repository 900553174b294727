# SPDX-License-Identifier: LGPL-2.1-or-later
libgantry_1_la_SOURCES += \
	src/layers/attention.c \
	src/layers/batch-norm-private.h \
	src/layers/batch-norm.c \
	src/layers/conditional-batch-norm.c \
	src/layers/convolution.c \
	src/layers/dropout.c \
	src/layers/embedding.c \
	src/layers/group-norm.c \
	src/layers/layer-norm.c \
	src/layers/linear.c \
	src/layers/modulation.c \
	src/layers/moments-private.h \
	src/layers/moments.c \
	src/layers/resampled-convolution.c \
	src/layers/residual.c \
	src/layers/self-attention.c \
	src/layers/spectral-norm.c \
	src/layers/weight-norm.c \
	src/layers/weight-private.h \
	src/layers/weight.c
