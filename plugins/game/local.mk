# SPDX-License-Identifier: LGPL-2.1-or-later
gameexecdir = $(pkglibversionexecdir)/game
gameexec_LTLIBRARIES = plugins/game/adversarial.la

plugins_game_adversarial_la_SOURCES = plugins/game/adversarial.c
plugins_game_adversarial_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_game_adversarial_la_LDFLAGS = $(PLUGIN_LINK)
plugins_game_adversarial_la_LIBADD = $(PLUGIN_LIBS)
