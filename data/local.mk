# SPDX-License-Identifier: LGPL-2.1-or-later
# The pipelines name their data relative to themselves: the folders stand beside each other in the source and installed.
digitsdir = $(pkgdatadir)/digits
dist_digits_DATA = \
	data/digits/LICENSE \
	data/digits/t10k-images-idx3-ubyte.gz \
	data/digits/t10k-labels-idx1-ubyte.gz
classifiersdir = $(pkgdatadir)/classifiers
dist_classifiers_DATA = \
	data/classifiers/LICENSE \
	data/classifiers/digits-lenet.safetensors

include data/photos/local.mk

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = data/gantry-1.pc
m4macrodir = $(datadir)/aclocal
dist_m4macro_DATA = m4/gantry-1.m4

pipelinesdir = $(pkgdatadir)/pipelines
dist_pipelines_DATA = \
	data/pipelines/digits-conditional.ini \
	data/pipelines/digits-mlp.ini \
	data/pipelines/digits.ini \
	data/pipelines/gaussian-1d.ini \
	data/pipelines/photos.ini \
	data/pipelines/ring-minimax.ini \
	data/pipelines/ring-non-saturating.ini \
	data/pipelines/ring-r1.ini \
	data/pipelines/ring-wgan-clip.ini \
	data/pipelines/ring-wgan-gp.ini
# What they include.
commonpipelinesdir = $(pipelinesdir)/common
dist_commonpipelines_DATA = data/pipelines/common/ring.ini

dist_doc_DATA = README.md data/doc/architecture.md data/doc/pipelines.md data/doc/writing-a-plugin.md
PICTURES = \
	data/doc/pictures/digits-conditional.png \
	data/doc/pictures/digits-mlp.png \
	data/doc/pictures/digits.png \
	data/doc/pictures/gaussian-1d.png \
	data/doc/pictures/photos.png \
	data/doc/pictures/ring-minimax.png \
	data/doc/pictures/ring-non-saturating.png \
	data/doc/pictures/ring-r1.png \
	data/doc/pictures/ring-wgan-clip.png \
	data/doc/pictures/ring-wgan-gp.png
EXTRA_DIST += $(PICTURES) data/doc/pictures/make-pictures

dist_man_MANS += data/man/gantry.1
completiondir = $(bashcompletiondir)
dist_completion_DATA = data/completions/gantry
