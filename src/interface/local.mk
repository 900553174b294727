# SPDX-License-Identifier: LGPL-2.1-or-later
libgantry_1_la_SOURCES += \
	src/interface/architecture.c \
	src/interface/average.c \
	src/interface/call-private.h \
	src/interface/call.c \
	src/interface/clip.c \
	src/interface/context.c \
	src/interface/game-declaration.c \
	src/interface/game-private.h \
	src/interface/game.c \
	src/interface/image-fit.c \
	src/interface/init.c \
	src/interface/loss.c \
	src/interface/network.c \
	src/interface/objective-private.h \
	src/interface/objective.c \
	src/interface/op-provider.c \
	src/interface/optimizer.c \
	src/interface/reader.c \
	src/interface/regularizer.c
