# SPDX-License-Identifier: LGPL-2.1-or-later
# An op as a third party writes it, and a loss that uses it.  Tests link them into a folder of their own, as KIND/NAME.so.
check_LTLIBRARIES += tests/op-plugin/softsign.la tests/op-plugin/softsign-loss.la

tests_op_plugin_softsign_la_SOURCES = tests/op-plugin/softsign.c
tests_op_plugin_softsign_la_CPPFLAGS = $(AM_CPPFLAGS)
tests_op_plugin_softsign_la_LDFLAGS = $(PLUGIN_LINK) -rpath /nowhere
tests_op_plugin_softsign_la_LIBADD = $(PLUGIN_LIBS)

tests_op_plugin_softsign_loss_la_SOURCES = tests/op-plugin/softsign-loss.c
tests_op_plugin_softsign_loss_la_CPPFLAGS = $(AM_CPPFLAGS)
tests_op_plugin_softsign_loss_la_LDFLAGS = $(PLUGIN_LINK) -rpath /nowhere
tests_op_plugin_softsign_loss_la_LIBADD = $(PLUGIN_LIBS)

check_PROGRAMS += tests/op-plugin/test-op-plugin tests/op-plugin/test-op-mistakes
TESTS += tests/op-plugin/test-op-plugin tests/op-plugin/test-op-mistakes tests/op-plugin/commands
VALGRIND_TESTS += tests/op-plugin/test-op-mistakes
EXTRA_DIST += tests/op-plugin/commands

tests_op_plugin_test_op_plugin_SOURCES = tests/op-plugin/test-op-plugin.c tests/core/plugin-folder.c tests/core/plugin-folder.h $(ENGINE_FIXTURE)
tests_op_plugin_test_op_plugin_CPPFLAGS = $(TEST_FLAGS)
tests_op_plugin_test_op_plugin_LDADD = $(TEST_LIBS)
tests_op_plugin_test_op_mistakes_SOURCES = tests/op-plugin/test-op-mistakes.c $(ENGINE_FIXTURE)
tests_op_plugin_test_op_mistakes_CPPFLAGS = $(TEST_FLAGS)
tests_op_plugin_test_op_mistakes_LDADD = $(TEST_LIBS)
