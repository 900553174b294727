# SPDX-License-Identifier: LGPL-2.1-or-later
architectureexecdir = $(pkglibversionexecdir)/architecture
architectureexec_LTLIBRARIES = plugins/architecture/dcgan.la plugins/architecture/mlp.la plugins/architecture/resnet.la \
	plugins/architecture/sequential.la

plugins_architecture_dcgan_la_SOURCES = plugins/architecture/dcgan.c plugins/architecture/condition.c plugins/architecture/condition.h
plugins_architecture_dcgan_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_architecture_dcgan_la_LDFLAGS = $(PLUGIN_LINK)
plugins_architecture_dcgan_la_LIBADD = $(PLUGIN_LIBS)

plugins_architecture_mlp_la_SOURCES = plugins/architecture/mlp.c plugins/architecture/condition.c plugins/architecture/condition.h
plugins_architecture_mlp_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_architecture_mlp_la_LDFLAGS = $(PLUGIN_LINK)
plugins_architecture_mlp_la_LIBADD = $(PLUGIN_LIBS)

plugins_architecture_resnet_la_SOURCES = plugins/architecture/resnet/resnet.c plugins/architecture/condition.c plugins/architecture/condition.h
plugins_architecture_resnet_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_architecture_resnet_la_LDFLAGS = $(PLUGIN_LINK)
plugins_architecture_resnet_la_LIBADD = $(PLUGIN_LIBS)

plugins_architecture_sequential_la_SOURCES = \
	plugins/architecture/sequential/item.c \
	plugins/architecture/sequential/item.h \
	plugins/architecture/sequential/layers.c \
	plugins/architecture/sequential/norms.c \
	plugins/architecture/sequential/plain.c \
	plugins/architecture/sequential/sequential.c \
	plugins/architecture/sequential/values.c
plugins_architecture_sequential_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_architecture_sequential_la_LDFLAGS = $(PLUGIN_LINK)
plugins_architecture_sequential_la_LIBADD = $(PLUGIN_LIBS)
