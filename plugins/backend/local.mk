# SPDX-License-Identifier: LGPL-2.1-or-later
backendexecdir = $(pkglibversionexecdir)/backend
backendexec_LTLIBRARIES =

backendexec_LTLIBRARIES += plugins/backend/reference.la
plugins_backend_reference_la_SOURCES = plugins/backend/reference/reference.c plugins/backend/reference/reference.h \
	plugins/backend/reference/walk.h plugins/backend/reference/unary.c plugins/backend/reference/binary.c \
	plugins/backend/reference/sorting.c plugins/backend/reference/sorting-loops.h plugins/backend/reference/reduction.c \
	plugins/backend/reference/reduction-loops.h plugins/backend/reference/shape.c plugins/backend/reference/shape-loops.h \
	plugins/backend/reference/matmul.c plugins/backend/reference/matmul-loops.h plugins/backend/reference/convolution.c \
	plugins/backend/reference/convolution-loops.h plugins/backend/reference/indexing.c \
	plugins/backend/reference/indexing-loops.h plugins/backend/reference/resampling.c \
	plugins/backend/reference/resampling-loops.h
plugins_backend_reference_la_LDFLAGS = $(PLUGIN_LINK)
plugins_backend_reference_la_LIBADD = $(PLUGIN_LIBS)
# backend/openblas: its loops are compiled once for each dtype and instruction set.
openblas_loops_cflags = $(AM_CFLAGS) -ftree-vectorize $(VECTOR_CFLAGS) -fno-math-errno -fno-trapping-math
openblas_loops_cppflags = $(AM_CPPFLAGS) -DLOOPS_NAME=openblas_loops
openblas_loops_sources = plugins/backend/openblas/loops.c plugins/backend/openblas/loops.h plugins/backend/openblas/loops-elementwise.h \
	plugins/backend/openblas/loops-correlation.h \
	plugins/backend/openblas/loops-functions.h plugins/backend/openblas/loops-lanes.h plugins/backend/openblas/loops-narrow.h \
	plugins/backend/openblas/loops-products.h \
	plugins/backend/openblas/loops-reductions.h plugins/backend/openblas/loops-square.h \
	plugins/backend/openblas/loops-points.h plugins/backend/openblas/loops-tiles.h plugins/backend/openblas/loops-winograd.h \
	plugins/backend/openblas/math-float32.h plugins/backend/openblas/vector.h
openblas_avx2 = -mavx2 -mfma
openblas_avx512 = $(openblas_avx2) -mavx512f -mavx512dq -mavx512bw -mavx512vl -mprefer-vector-width=512

openblas_loops_libs = plugins/backend/openblas/libfloat32-baseline.la plugins/backend/openblas/libfloat64-baseline.la
plugins_backend_openblas_libfloat32_baseline_la_SOURCES = $(openblas_loops_sources)
plugins_backend_openblas_libfloat32_baseline_la_CPPFLAGS = $(openblas_loops_cppflags)_float32_baseline
plugins_backend_openblas_libfloat32_baseline_la_CFLAGS = $(openblas_loops_cflags)
plugins_backend_openblas_libfloat64_baseline_la_SOURCES = $(openblas_loops_sources)
plugins_backend_openblas_libfloat64_baseline_la_CPPFLAGS = $(openblas_loops_cppflags)_float64_baseline -DLOOPS_FLOAT64
plugins_backend_openblas_libfloat64_baseline_la_CFLAGS = $(openblas_loops_cflags)
if X86_LEVELS
openblas_loops_libs += plugins/backend/openblas/libfloat32-avx2.la plugins/backend/openblas/libfloat64-avx2.la \
	plugins/backend/openblas/libfloat32-avx512.la plugins/backend/openblas/libfloat64-avx512.la
plugins_backend_openblas_libfloat32_avx2_la_SOURCES = $(openblas_loops_sources)
plugins_backend_openblas_libfloat32_avx2_la_CPPFLAGS = $(openblas_loops_cppflags)_float32_avx2
plugins_backend_openblas_libfloat32_avx2_la_CFLAGS = $(openblas_loops_cflags) $(openblas_avx2)
plugins_backend_openblas_libfloat64_avx2_la_SOURCES = $(openblas_loops_sources)
plugins_backend_openblas_libfloat64_avx2_la_CPPFLAGS = $(openblas_loops_cppflags)_float64_avx2 -DLOOPS_FLOAT64
plugins_backend_openblas_libfloat64_avx2_la_CFLAGS = $(openblas_loops_cflags) $(openblas_avx2)
plugins_backend_openblas_libfloat32_avx512_la_SOURCES = $(openblas_loops_sources)
plugins_backend_openblas_libfloat32_avx512_la_CPPFLAGS = $(openblas_loops_cppflags)_float32_avx512
plugins_backend_openblas_libfloat32_avx512_la_CFLAGS = $(openblas_loops_cflags) $(openblas_avx512)
plugins_backend_openblas_libfloat64_avx512_la_SOURCES = $(openblas_loops_sources)
plugins_backend_openblas_libfloat64_avx512_la_CPPFLAGS = $(openblas_loops_cppflags)_float64_avx512 -DLOOPS_FLOAT64
plugins_backend_openblas_libfloat64_avx512_la_CFLAGS = $(openblas_loops_cflags) $(openblas_avx512)
openblas_loops_libs += plugins/backend/openblas/libbfloat16.la
plugins_backend_openblas_libbfloat16_la_SOURCES = plugins/backend/openblas/products-bfloat16.c plugins/backend/openblas/loops.h \
	plugins/backend/openblas/loops-correlation.h \
	plugins/backend/openblas/loops-square.h plugins/backend/openblas/loops-products.h plugins/backend/openblas/vector.h
plugins_backend_openblas_libbfloat16_la_CFLAGS = $(openblas_loops_cflags) $(openblas_avx512) -mavx512bf16
endif
noinst_LTLIBRARIES += $(openblas_loops_libs)

backendexec_LTLIBRARIES += plugins/backend/openblas.la
plugins_backend_openblas_la_SOURCES = \
	plugins/backend/openblas/assemble.c \
	plugins/backend/openblas/buffers.c \
	plugins/backend/openblas/convolution.c \
	plugins/backend/openblas/axis-taps.c \
	plugins/backend/openblas/convolution.h \
	plugins/backend/openblas/correlation.c \
	plugins/backend/openblas/direct.h \
	plugins/backend/openblas/direct-correlation.c \
	plugins/backend/openblas/direct-correlation.h \
	plugins/backend/openblas/direct-correlation-plan.c \
	plugins/backend/openblas/direct-taps.c \
	plugins/backend/openblas/direct-taps.h \
	plugins/backend/openblas/direct-taps-plan.c \
	plugins/backend/openblas/elementwise.c \
	plugins/backend/openblas/several.c \
	plugins/backend/openblas/fuse.c \
	plugins/backend/openblas/fuse.h \
	plugins/backend/openblas/indexing.c \
	plugins/backend/openblas/lanes.c \
	plugins/backend/openblas/matmul.c \
	plugins/backend/openblas/movement.c \
	plugins/backend/openblas/narrow.c \
	plugins/backend/openblas/openblas-private.h \
	plugins/backend/openblas/openblas.c \
	plugins/backend/openblas/product.c \
	plugins/backend/openblas/program.c \
	plugins/backend/openblas/program.h \
	plugins/backend/openblas/reduction-plan.c \
	plugins/backend/openblas/reduction.c \
	plugins/backend/openblas/reduction.h \
	plugins/backend/openblas/resample.c \
	plugins/backend/openblas/taps.c \
	plugins/backend/openblas/taps.h \
	plugins/backend/openblas/taps-plan.c \
	plugins/backend/openblas/threads.c \
	plugins/backend/openblas/winograd.c \
	plugins/backend/openblas/winograd.h \
	plugins/backend/openblas/winograd-choice.c \
	plugins/backend/openblas/winograd-plan.c \
	plugins/backend/openblas/winograd-weight.c
plugins_backend_openblas_la_LDFLAGS = $(PLUGIN_LINK)
plugins_backend_openblas_la_LIBADD = $(openblas_loops_libs) $(PLUGIN_LIBS)

# backend/onednn: where configure found the library.
if ONEDNN
backendexec_LTLIBRARIES += plugins/backend/onednn.la
plugins_backend_onednn_la_SOURCES = plugins/backend/onednn/convolution.c plugins/backend/onednn/convolution.h \
	plugins/backend/onednn/geometry.c plugins/backend/onednn/matmul.c plugins/backend/onednn/onednn.c \
	plugins/backend/onednn/onednn-private.h plugins/backend/onednn/operation.c plugins/backend/onednn/operation.h \
	plugins/backend/onednn/run.c
plugins_backend_onednn_la_LDFLAGS = $(PLUGIN_LINK)
plugins_backend_onednn_la_LIBADD = $(ONEDNN_LIBS) $(PLUGIN_LIBS)
endif
