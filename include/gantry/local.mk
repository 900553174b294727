# SPDX-License-Identifier: LGPL-2.1-or-later
gantryincludedir = $(includedir)/gantry-1/gantry
gantryinclude_HEADERS = \
	include/gantry/architecture.h \
	include/gantry/array-file.h \
	include/gantry/array.h \
	include/gantry/average.h \
	include/gantry/backend.h \
	include/gantry/blas.h \
	include/gantry/checkpoint.h \
	include/gantry/component.h \
	include/gantry/context.h \
	include/gantry/cpu.h \
	include/gantry/error.h \
	include/gantry/game.h \
	include/gantry/gantry.h \
	include/gantry/graph.h \
	include/gantry/image-film.h \
	include/gantry/image-fit.h \
	include/gantry/image-grid.h \
	include/gantry/image-scatter.h \
	include/gantry/init.h \
	include/gantry/initializer.h \
	include/gantry/layers.h \
	include/gantry/log.h \
	include/gantry/loss.h \
	include/gantry/macros.h \
	include/gantry/match.h \
	include/gantry/network.h \
	include/gantry/objective.h \
	include/gantry/op.h \
	include/gantry/op-provider.h \
	include/gantry/ops.h \
	include/gantry/optimizer.h \
	include/gantry/pipeline.h \
	include/gantry/plugin.h \
	include/gantry/program.h \
	include/gantry/property.h \
	include/gantry/random.h \
	include/gantry/reader.h \
	include/gantry/registry.h \
	include/gantry/regularizer.h \
	include/gantry/run.h \
	include/gantry/session.h \
	include/gantry/shape.h \
	include/gantry/state.h \
	include/gantry/tensors.h \
	include/gantry/training.h
