# SPDX-License-Identifier: LGPL-2.1-or-later
CORE_TESTS = tests/core/test-component tests/core/test-log tests/core/test-property tests/core/test-registry
check_PROGRAMS += $(CORE_TESTS)
TESTS += $(CORE_TESTS)
VALGRIND_TESTS += $(CORE_TESTS)
# Not under valgrind, where all tests are one process: GLib looks up the cache folder once in each.
check_PROGRAMS += tests/core/test-scan-cache
TESTS += tests/core/test-scan-cache

tests_core_test_component_SOURCES = tests/core/test-component.c tests/core/component-fixture.h
tests_core_test_component_CPPFLAGS = $(TEST_FLAGS)
tests_core_test_component_LDADD = $(TEST_LIBS)
tests_core_test_log_SOURCES = tests/core/test-log.c
tests_core_test_log_CPPFLAGS = $(TEST_FLAGS)
tests_core_test_log_LDADD = $(TEST_LIBS)
tests_core_test_property_SOURCES = tests/core/test-property.c
tests_core_test_property_CPPFLAGS = $(TEST_FLAGS)
tests_core_test_property_LDADD = $(TEST_LIBS)
tests_core_test_registry_SOURCES = tests/core/test-registry.c tests/core/plugin-folder.c tests/core/plugin-folder.h
tests_core_test_registry_CPPFLAGS = $(TEST_FLAGS)
tests_core_test_registry_LDADD = $(TEST_LIBS)
tests_core_test_scan_cache_SOURCES = tests/core/test-scan-cache.c tests/core/plugin-folder.c tests/core/plugin-folder.h
tests_core_test_scan_cache_CPPFLAGS = $(TEST_FLAGS)
tests_core_test_scan_cache_LDADD = $(TEST_LIBS)

include tests/core/bad-plugins/local.mk

# Runs without the help of the environment, so it has to know by itself where the library is.
check_PROGRAMS += tests/core/search-path
tests_core_search_path_SOURCES = tests/core/search-path.c
tests_core_search_path_CPPFLAGS = $(TEST_FLAGS)
tests_core_search_path_LDFLAGS = $(AM_LDFLAGS) -no-install
tests_core_search_path_LDADD = libgantry-1.la $(GLIB_LIBS)

check_PROGRAMS += tests/core/scan-cached
tests_core_scan_cached_SOURCES = tests/core/scan-cached.c src/core/scan-cache.c src/core/scan-record.c src/core/scan-private.h
tests_core_scan_cached_CPPFLAGS = $(TEST_FLAGS)
tests_core_scan_cached_LDFLAGS = $(AM_LDFLAGS) -no-install
tests_core_scan_cached_LDADD = libgantry-1.la $(GLIB_LIBS)
TESTS += tests/core/set-user-id tests/core/symbols
EXTRA_DIST += tests/core/set-user-id tests/core/symbols tests/core/libgantry-1.symbols

.PHONY: update-symbols
update-symbols: libgantry-1.la
	NM='$(NM)' top_srcdir='$(top_srcdir)' top_builddir='$(top_builddir)' $(SHELL) $(top_srcdir)/tests/run-env \
	  $(top_srcdir)/tests/core/symbols --update
