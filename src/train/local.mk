# SPDX-License-Identifier: LGPL-2.1-or-later
libgantry_1_la_SOURCES += \
	src/train/average-private.h \
	src/train/average.c \
	src/train/checkpoint.c \
	src/train/file-private.h \
	src/train/file.c \
	src/train/image-grid.c \
	src/train/loader-private.h \
	src/train/loader.c \
	src/train/observers.c \
	src/train/pipeline-option.c \
	src/train/pipeline-parse.c \
	src/train/pipeline-private.h \
	src/train/pipeline-resolve.c \
	src/train/pipeline-section.c \
	src/train/pipeline-text.c \
	src/train/pipeline.c \
	src/train/run-folder-private.h \
	src/train/run-folder.c \
	src/train/run-log.c \
	src/train/safetensors-header.c \
	src/train/safetensors-private.h \
	src/train/schedule-private.h \
	src/train/schedule.c \
	src/train/session-checkpoint.c \
	src/train/session-labels.c \
	src/train/session-phase-private.h \
	src/train/session-phase.c \
	src/train/session-phases.c \
	src/train/session-private.h \
	src/train/session-run.c \
	src/train/session-sample.c \
	src/train/session.c \
	src/train/settings.c \
	src/train/training-private.h \
	src/train/training-resume.c \
	src/train/training.c
