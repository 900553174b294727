# SPDX-License-Identifier: LGPL-2.1-or-later
# The program uses the library as any other program would: what is public, and nothing else.
bin_PROGRAMS += gantry
gantry_SOURCES = \
	src/cli/checkpoints.c \
	src/cli/bench.c \
	src/cli/bench.h \
	src/cli/bench-json.c \
	src/cli/bench-reader.c \
	src/cli/bench-summary.c \
	src/cli/bench-text.c \
	src/cli/cli.h \
	src/cli/common.c \
	src/cli/doctor.c \
	src/cli/film.c \
	src/cli/graph.c \
	src/cli/graph.h \
	src/cli/graph-boxes.c \
	src/cli/graph-boxes.h \
	src/cli/graph-dot.c \
	src/cli/graph-layout.c \
	src/cli/graph-summary.c \
	src/cli/graph-svg.c \
	src/cli/graph-text.c \
	src/cli/inspect.c \
	src/cli/inspect.h \
	src/cli/inspect-json.c \
	src/cli/inspect-text.c \
	src/cli/json.c \
	src/cli/json.h \
	src/cli/list.c \
	src/cli/main.c \
	src/cli/pipeline.c \
	src/cli/progress.c \
	src/cli/progress.h \
	src/cli/sample.c \
	src/cli/trace.c \
	src/cli/trace.h \
	src/cli/train.c
gantry_CPPFLAGS = $(AM_CPPFLAGS)
gantry_LDADD = libgantry-1.la $(GLIB_LIBS) $(JSON_LIBS) -lm
