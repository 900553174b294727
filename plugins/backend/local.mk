# SPDX-License-Identifier: LGPL-2.1-or-later
backendexecdir = $(pkglibversionexecdir)/backend
backendexec_LTLIBRARIES =

backendexec_LTLIBRARIES += plugins/backend/reference.la
plugins_backend_reference_la_SOURCES = plugins/backend/reference/reference.c plugins/backend/reference/reference.h \
	plugins/backend/reference/walk.h plugins/backend/reference/unary.c plugins/backend/reference/unary-loops.h \
	plugins/backend/reference/binary.c plugins/backend/reference/binary-loops.h plugins/backend/reference/reduction.c \
	plugins/backend/reference/reduction-loops.h plugins/backend/reference/shape.c plugins/backend/reference/shape-loops.h \
	plugins/backend/reference/matmul.c plugins/backend/reference/matmul-loops.h plugins/backend/reference/convolution.c \
	plugins/backend/reference/convolution-loops.h
plugins_backend_reference_la_LDFLAGS = $(PLUGIN_LINK)
plugins_backend_reference_la_LIBADD = $(PLUGIN_LIBS)
