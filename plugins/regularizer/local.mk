# SPDX-License-Identifier: LGPL-2.1-or-later
regularizerexecdir = $(pkglibversionexecdir)/regularizer
regularizerexec_LTLIBRARIES = plugins/regularizer/gradient-penalty.la plugins/regularizer/r1.la plugins/regularizer/weight-clip.la

plugins_regularizer_gradient_penalty_la_SOURCES = plugins/regularizer/gradient-penalty.c
plugins_regularizer_gradient_penalty_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_regularizer_gradient_penalty_la_LDFLAGS = $(PLUGIN_LINK)
plugins_regularizer_gradient_penalty_la_LIBADD = $(PLUGIN_LIBS)

plugins_regularizer_r1_la_SOURCES = plugins/regularizer/r1.c
plugins_regularizer_r1_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_regularizer_r1_la_LDFLAGS = $(PLUGIN_LINK)
plugins_regularizer_r1_la_LIBADD = $(PLUGIN_LIBS)

plugins_regularizer_weight_clip_la_SOURCES = plugins/regularizer/weight-clip.c
plugins_regularizer_weight_clip_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_regularizer_weight_clip_la_LDFLAGS = $(PLUGIN_LINK)
plugins_regularizer_weight_clip_la_LIBADD = $(PLUGIN_LIBS)
