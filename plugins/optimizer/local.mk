# SPDX-License-Identifier: LGPL-2.1-or-later
optimizerexecdir = $(pkglibversionexecdir)/optimizer
optimizerexec_LTLIBRARIES = plugins/optimizer/adam.la plugins/optimizer/rmsprop.la plugins/optimizer/sgd.la

plugins_optimizer_adam_la_SOURCES = plugins/optimizer/adam.c
plugins_optimizer_adam_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_optimizer_adam_la_LDFLAGS = $(PLUGIN_LINK)
plugins_optimizer_adam_la_LIBADD = $(PLUGIN_LIBS)

plugins_optimizer_rmsprop_la_SOURCES = plugins/optimizer/rmsprop.c
plugins_optimizer_rmsprop_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_optimizer_rmsprop_la_LDFLAGS = $(PLUGIN_LINK)
plugins_optimizer_rmsprop_la_LIBADD = $(PLUGIN_LIBS)

plugins_optimizer_sgd_la_SOURCES = plugins/optimizer/sgd.c
plugins_optimizer_sgd_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_optimizer_sgd_la_LDFLAGS = $(PLUGIN_LINK)
plugins_optimizer_sgd_la_LIBADD = $(PLUGIN_LIBS)
