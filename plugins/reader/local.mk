# SPDX-License-Identifier: LGPL-2.1-or-later
readerexecdir = $(pkglibversionexecdir)/reader
readerexec_LTLIBRARIES =

readerexec_LTLIBRARIES += plugins/reader/idx.la
plugins_reader_idx_la_SOURCES = plugins/reader/idx.c
plugins_reader_idx_la_CPPFLAGS = $(AM_CPPFLAGS) $(ZLIB_CFLAGS)
plugins_reader_idx_la_LDFLAGS = $(PLUGIN_LINK)
plugins_reader_idx_la_LIBADD = $(PLUGIN_LIBS) $(ZLIB_LIBS)

readerexec_LTLIBRARIES += plugins/reader/mixture.la
plugins_reader_mixture_la_SOURCES = plugins/reader/mixture.c
plugins_reader_mixture_la_CPPFLAGS = $(AM_CPPFLAGS)
plugins_reader_mixture_la_LDFLAGS = $(PLUGIN_LINK)
plugins_reader_mixture_la_LIBADD = $(PLUGIN_LIBS) -lm

readerexec_LTLIBRARIES += plugins/reader/folder.la
plugins_reader_folder_la_SOURCES = plugins/reader/folder/description.c plugins/reader/folder/exif.c plugins/reader/folder/folder.c \
	plugins/reader/folder/jpeg.c plugins/reader/folder/listing.c plugins/reader/folder/listing.h plugins/reader/folder/picture.c \
	plugins/reader/folder/picture.h plugins/reader/folder/png.c
plugins_reader_folder_la_CPPFLAGS = $(AM_CPPFLAGS) $(JPEG_CFLAGS) $(PNG_CFLAGS)
plugins_reader_folder_la_LDFLAGS = $(PLUGIN_LINK)
plugins_reader_folder_la_LIBADD = $(PLUGIN_LIBS) $(JPEG_LIBS) $(PNG_LIBS)
