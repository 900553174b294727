# SPDX-License-Identifier: LGPL-2.1-or-later
lossexecdir = $(pkglibversionexecdir)/loss
lossexec_LTLIBRARIES = plugins/loss/hinge.la plugins/loss/non-saturating.la

plugins_loss_hinge_la_SOURCES = plugins/loss/hinge.c
plugins_loss_hinge_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_loss_hinge_la_LDFLAGS = $(PLUGIN_LINK)
plugins_loss_hinge_la_LIBADD = $(PLUGIN_LIBS)

plugins_loss_non_saturating_la_SOURCES = plugins/loss/non-saturating.c
plugins_loss_non_saturating_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_loss_non_saturating_la_LDFLAGS = $(PLUGIN_LINK)
plugins_loss_non_saturating_la_LIBADD = $(PLUGIN_LIBS)
