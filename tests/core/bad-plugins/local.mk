# SPDX-License-Identifier: LGPL-2.1-or-later
# Plugins that a host has to survive.  Tests link them into folders of their own, as KIND/NAME.so.
# -rpath makes libtool build modules that are never installed.
BAD_PLUGIN_LINK = $(PLUGIN_LINK) -rpath /nowhere
# Those that would not pass the linker with a plugin's flags.
BAD_PLUGIN_LINK_PLAIN = $(AM_LDFLAGS) -module -avoid-version -shared -rpath /nowhere
BAD_PLUGIN_CPPFLAGS = $(AM_CPPFLAGS)

check_LTLIBRARIES += \
	tests/core/bad-plugins/aborting.la \
	tests/core/bad-plugins/aborting-get-type.la \
	tests/core/bad-plugins/bad-table.la \
	tests/core/bad-plugins/crashing.la \
	tests/core/bad-plugins/delayed.la \
	tests/core/bad-plugins/exiting.la \
	tests/core/bad-plugins/good.la \
	tests/core/bad-plugins/hanging.la \
	tests/core/bad-plugins/larger-size.la \
	tests/core/bad-plugins/newer-minor.la \
	tests/core/bad-plugins/no-get-type.la \
	tests/core/bad-plugins/no-name.la \
	tests/core/bad-plugins/no-summary.la \
	tests/core/bad-plugins/no-symbol.la \
	tests/core/bad-plugins/noisy.la \
	tests/core/bad-plugins/not-a-thing.la \
	tests/core/bad-plugins/not-kebab.la \
	tests/core/bad-plugins/other-name.la \
	tests/core/bad-plugins/small-symbol.la \
	tests/core/bad-plugins/undefined.la \
	tests/core/bad-plugins/wild-pointer.la \
	tests/core/bad-plugins/wrong-kind.la \
	tests/core/bad-plugins/wrong-magic.la \
	tests/core/bad-plugins/wrong-major.la \
	tests/core/bad-plugins/wrong-size.la

tests_core_bad_plugins_wrong_magic_la_SOURCES = tests/core/bad-plugins/descriptor.c tests/core/bad-plugins/plugin.h
tests_core_bad_plugins_wrong_magic_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"wrong-magic"' -DBAD_MAGIC='"GANTRY-9"'
tests_core_bad_plugins_wrong_magic_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_wrong_magic_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_wrong_major_la_SOURCES = tests/core/bad-plugins/descriptor.c
tests_core_bad_plugins_wrong_major_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"wrong-major"' -DBAD_MAJOR=99
tests_core_bad_plugins_wrong_major_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_wrong_major_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_newer_minor_la_SOURCES = tests/core/bad-plugins/descriptor.c
tests_core_bad_plugins_newer_minor_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"newer-minor"' -DBAD_MINOR=77
tests_core_bad_plugins_newer_minor_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_newer_minor_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_wrong_size_la_SOURCES = tests/core/bad-plugins/descriptor.c
tests_core_bad_plugins_wrong_size_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"wrong-size"' -DBAD_SIZE=40
tests_core_bad_plugins_wrong_size_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_wrong_size_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_larger_size_la_SOURCES = tests/core/bad-plugins/descriptor.c
tests_core_bad_plugins_larger_size_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"larger-size"' -DBAD_SIZE=4096
tests_core_bad_plugins_larger_size_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_larger_size_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_wrong_kind_la_SOURCES = tests/core/bad-plugins/descriptor.c
tests_core_bad_plugins_wrong_kind_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"wrong-kind"' -DBAD_KIND='"loss"'
tests_core_bad_plugins_wrong_kind_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_wrong_kind_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_no_name_la_SOURCES = tests/core/bad-plugins/descriptor.c
tests_core_bad_plugins_no_name_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME=NULL
tests_core_bad_plugins_no_name_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_no_name_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_no_summary_la_SOURCES = tests/core/bad-plugins/descriptor.c
tests_core_bad_plugins_no_summary_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"no-summary"' -DBAD_SUMMARY=NULL
tests_core_bad_plugins_no_summary_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_no_summary_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_no_get_type_la_SOURCES = tests/core/bad-plugins/descriptor.c
tests_core_bad_plugins_no_get_type_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"no-get-type"' -DBAD_GET_TYPE=NULL
tests_core_bad_plugins_no_get_type_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_no_get_type_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_wild_pointer_la_SOURCES = tests/core/bad-plugins/descriptor.c
tests_core_bad_plugins_wild_pointer_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"wild-pointer"' -DBAD_SUMMARY='((const gchar *) 8)'
tests_core_bad_plugins_wild_pointer_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_wild_pointer_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_not_kebab_la_SOURCES = tests/core/bad-plugins/descriptor.c
tests_core_bad_plugins_not_kebab_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"Not_Kebab"'
tests_core_bad_plugins_not_kebab_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_not_kebab_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_other_name_la_SOURCES = tests/core/bad-plugins/descriptor.c
tests_core_bad_plugins_other_name_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"another-name"'
tests_core_bad_plugins_other_name_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_other_name_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_aborting_get_type_la_SOURCES = tests/core/bad-plugins/descriptor.c
tests_core_bad_plugins_aborting_get_type_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"aborting-get-type"'
tests_core_bad_plugins_aborting_get_type_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_aborting_get_type_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_crashing_la_SOURCES = tests/core/bad-plugins/constructor.c
tests_core_bad_plugins_crashing_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"crashing"' -DBAD_SIGNAL=SIGSEGV
tests_core_bad_plugins_crashing_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_crashing_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_aborting_la_SOURCES = tests/core/bad-plugins/constructor.c
tests_core_bad_plugins_aborting_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"aborting"' -DBAD_SIGNAL=SIGABRT
tests_core_bad_plugins_aborting_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_aborting_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_exiting_la_SOURCES = tests/core/bad-plugins/constructor.c
tests_core_bad_plugins_exiting_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"exiting"' -DBAD_EXIT=3
tests_core_bad_plugins_exiting_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_exiting_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_hanging_la_SOURCES = tests/core/bad-plugins/constructor.c
tests_core_bad_plugins_hanging_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"hanging"'
tests_core_bad_plugins_hanging_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_hanging_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_delayed_la_SOURCES = tests/core/bad-plugins/constructor.c
tests_core_bad_plugins_delayed_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"delayed"' -DBAD_LATER
tests_core_bad_plugins_delayed_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_delayed_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_good_la_SOURCES = tests/core/bad-plugins/good.c
tests_core_bad_plugins_good_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS)
tests_core_bad_plugins_good_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_good_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_noisy_la_SOURCES = tests/core/bad-plugins/noisy.c
tests_core_bad_plugins_noisy_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS)
tests_core_bad_plugins_noisy_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_noisy_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_no_symbol_la_SOURCES = tests/core/bad-plugins/no-symbol.c
tests_core_bad_plugins_no_symbol_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS)
tests_core_bad_plugins_no_symbol_la_LDFLAGS = $(BAD_PLUGIN_LINK_PLAIN)
tests_core_bad_plugins_no_symbol_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_small_symbol_la_SOURCES = tests/core/bad-plugins/small-symbol.c
tests_core_bad_plugins_small_symbol_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS)
tests_core_bad_plugins_small_symbol_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_small_symbol_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_undefined_la_SOURCES = tests/core/bad-plugins/undefined.c
tests_core_bad_plugins_undefined_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"undefined"'
tests_core_bad_plugins_undefined_la_LDFLAGS = $(BAD_PLUGIN_LINK_PLAIN)
tests_core_bad_plugins_undefined_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_not_a_thing_la_SOURCES = tests/core/bad-plugins/not-a-thing.c
tests_core_bad_plugins_not_a_thing_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS) -DBAD_NAME='"not-a-thing"'
tests_core_bad_plugins_not_a_thing_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_not_a_thing_la_LIBADD = $(PLUGIN_LIBS)

tests_core_bad_plugins_bad_table_la_SOURCES = tests/core/bad-plugins/bad-table.c
tests_core_bad_plugins_bad_table_la_CPPFLAGS = $(BAD_PLUGIN_CPPFLAGS)
tests_core_bad_plugins_bad_table_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_core_bad_plugins_bad_table_la_LIBADD = $(PLUGIN_LIBS)
