# SPDX-License-Identifier: LGPL-2.1-or-later
regularizerexecdir = $(pkglibversionexecdir)/regularizer
regularizerexec_LTLIBRARIES = plugins/regularizer/r1.la

plugins_regularizer_r1_la_SOURCES = plugins/regularizer/r1.c
plugins_regularizer_r1_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_regularizer_r1_la_LDFLAGS = $(PLUGIN_LINK)
plugins_regularizer_r1_la_LIBADD = $(PLUGIN_LIBS)
