# SPDX-License-Identifier: LGPL-2.1-or-later
CLI_TESTS = tests/cli/bench tests/cli/commands tests/cli/completion tests/cli/doctor tests/cli/graph tests/cli/inspect tests/cli/levels
TESTS += $(CLI_TESTS)
EXTRA_DIST += $(CLI_TESTS) tests/cli/golden

check_LTLIBRARIES += tests/cli/every-property.la tests/cli/hinge.la
tests_cli_every_property_la_SOURCES = tests/cli/every-property.c
tests_cli_every_property_la_CPPFLAGS = $(AM_CPPFLAGS) -DFIXTURE_KIND=loss -DFIXTURE_INTERFACE=GANTRY_TYPE_LOSS \
	-DFIXTURE_NAME='"every-property"'
tests_cli_every_property_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_cli_every_property_la_LIBADD = $(PLUGIN_LIBS)
tests_cli_hinge_la_SOURCES = tests/cli/every-property.c
tests_cli_hinge_la_CPPFLAGS = $(AM_CPPFLAGS) -DFIXTURE_KIND=regularizer -DFIXTURE_INTERFACE=GANTRY_TYPE_REGULARIZER \
	-DFIXTURE_NAME='"hinge"'
tests_cli_hinge_la_LDFLAGS = $(BAD_PLUGIN_LINK)
tests_cli_hinge_la_LIBADD = $(PLUGIN_LIBS)

.PHONY: update-golden
update-golden: all tests/cli/every-property.la
	top_srcdir='$(top_srcdir)' top_builddir='$(top_builddir)' $(SHELL) $(top_srcdir)/tests/run-env $(top_srcdir)/tests/cli/inspect --update

check_PROGRAMS += tests/cli/svg-scopes
tests_cli_svg_scopes_SOURCES = tests/cli/svg-scopes.c
tests_cli_svg_scopes_CPPFLAGS = $(TEST_FLAGS)
tests_cli_svg_scopes_LDADD = $(GLIB_LIBS)
