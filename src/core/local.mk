# SPDX-License-Identifier: LGPL-2.1-or-later
libgantry_1_la_SOURCES += \
	src/core/component.c \
	src/core/component-private.h \
	src/core/component-values.c \
	src/core/descriptor.c \
	src/core/descriptor-private.h \
	src/core/error.c \
	src/core/error-private.h \
	src/core/kind.c \
	src/core/log.c \
	src/core/plugin.c \
	src/core/property.c \
	src/core/property-private.h \
	src/core/property-spec.c \
	src/core/registry.c \
	src/core/registry-open.c \
	src/core/registry-private.h \
	src/core/search-path.c \
	src/core/search-path-private.h \
	src/core/scan.c \
	src/core/scan-cache.c \
	src/core/scan-record.c \
	src/core/scan-private.h

# Not linked with libgantry: the host tells it which one to load.
scanhelperdir = $(libexecdir)/gantry-1
scanhelper_PROGRAMS = gantry-plugin-scan
gantry_plugin_scan_SOURCES = src/core/plugin-scan.c src/core/descriptor.c src/core/descriptor-private.h
gantry_plugin_scan_CPPFLAGS = $(AM_CPPFLAGS)
gantry_plugin_scan_LDADD = $(GLIB_LIBS) -ldl
