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
dist_pipelines_DATA = data/pipelines/digits.ini data/pipelines/photos.ini

dist_doc_DATA = README.md data/doc/architecture.md data/doc/writing-a-plugin.md
EXTRA_DIST += data/doc/pictures/digits.png

dist_man_MANS += data/man/gantry.1
completiondir = $(bashcompletiondir)
dist_completion_DATA = data/completions/gantry
