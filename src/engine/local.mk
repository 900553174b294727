# SPDX-License-Identifier: LGPL-2.1-or-later
libgantry_1_la_SOURCES += src/engine/array.c src/engine/array-private.h src/engine/backend.c src/engine/claim.c src/engine/join.c src/engine/compile.c \
	src/engine/compile-private.h src/engine/fold.c src/engine/layouts.c src/engine/layouts-private.h src/engine/layouts-rules.c \
	src/engine/lowering.c src/engine/modulation-private.h src/engine/modulation-sums.c src/engine/modulation-terms.c \
	src/engine/plan.c src/engine/plan-private.h src/engine/program.c \
	src/engine/program-private.h src/engine/random.c src/engine/random-pair.c src/engine/random-private.h src/engine/report.c src/engine/rewrite-arithmetic.c \
	src/engine/rewrite-broadcast.c src/engine/rewrite-convolution.c src/engine/rewrite-modulation.c \
	src/engine/rewrite-product.c src/engine/rewrite-resample.c \
	src/engine/rewrite-shape.c src/engine/rewrite-slicing.c src/engine/rewrite-sum.c \
	src/engine/simplify.c src/engine/simplify-private.h src/engine/state.c \
	src/engine/storage.c
libgantry_1_la_SOURCES += src/engine/profile.c src/engine/workspace.c src/engine/workspace-private.h
libgantry_1_la_SOURCES += src/engine/cpu.c src/engine/cpu-private.h src/engine/blas.c src/engine/blas-rate.c
libgantry_1_la_SOURCES += src/engine/initializer.c src/engine/initializer-private.h src/engine/orthogonal.c
libgantry_1_la_SOURCES += src/engine/order.c src/engine/recompute.c src/engine/timeline.c src/engine/timeline-private.h
