# SPDX-License-Identifier: LGPL-2.1-or-later
INTERFACE_TESTS = tests/interface/test-game tests/interface/test-image-fit tests/interface/test-objective
check_PROGRAMS += $(INTERFACE_TESTS)
TESTS += $(INTERFACE_TESTS)
VALGRIND_TESTS += $(INTERFACE_TESTS)

# Made of the library's objects, since it looks at what the library hides.
tests_interface_test_game_SOURCES = tests/interface/test-game.c
tests_interface_test_game_CPPFLAGS = $(TEST_FLAGS)
tests_interface_test_game_LDADD = $(libgantry_1_la_OBJECTS) $(libgantry_1_la_LIBADD) $(CHECK_LIBS)
tests_interface_test_image_fit_SOURCES = tests/interface/test-image-fit.c
tests_interface_test_image_fit_CPPFLAGS = $(TEST_FLAGS)
tests_interface_test_image_fit_LDADD = $(TEST_LIBS)
tests_interface_test_objective_SOURCES = tests/interface/test-objective.c
tests_interface_test_objective_CPPFLAGS = $(TEST_FLAGS)
tests_interface_test_objective_LDADD = $(TEST_LIBS)
