# SPDX-License-Identifier: LGPL-2.1-or-later
lossexecdir = $(pkglibversionexecdir)/loss
lossexec_LTLIBRARIES = plugins/loss/hinge.la plugins/loss/least-squares.la plugins/loss/minimax.la plugins/loss/non-saturating.la \
	plugins/loss/wasserstein.la

plugins_loss_hinge_la_SOURCES = plugins/loss/hinge.c
plugins_loss_hinge_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_loss_hinge_la_LDFLAGS = $(PLUGIN_LINK)
plugins_loss_hinge_la_LIBADD = $(PLUGIN_LIBS)

plugins_loss_least_squares_la_SOURCES = plugins/loss/least-squares.c
plugins_loss_least_squares_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_loss_least_squares_la_LDFLAGS = $(PLUGIN_LINK)
plugins_loss_least_squares_la_LIBADD = $(PLUGIN_LIBS)

plugins_loss_minimax_la_SOURCES = plugins/loss/minimax.c plugins/loss/logistic.c plugins/loss/logistic.h
plugins_loss_minimax_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_loss_minimax_la_LDFLAGS = $(PLUGIN_LINK)
plugins_loss_minimax_la_LIBADD = $(PLUGIN_LIBS)

plugins_loss_non_saturating_la_SOURCES = plugins/loss/non-saturating.c plugins/loss/logistic.c plugins/loss/logistic.h
plugins_loss_non_saturating_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_loss_non_saturating_la_LDFLAGS = $(PLUGIN_LINK)
plugins_loss_non_saturating_la_LIBADD = $(PLUGIN_LIBS)

plugins_loss_wasserstein_la_SOURCES = plugins/loss/wasserstein.c
plugins_loss_wasserstein_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_loss_wasserstein_la_LDFLAGS = $(PLUGIN_LINK)
plugins_loss_wasserstein_la_LIBADD = $(PLUGIN_LIBS)
