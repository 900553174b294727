# SPDX-License-Identifier: LGPL-2.1-or-later
READER_TESTS = tests/reader/test-damage tests/reader/test-folder tests/reader/test-folder-training tests/reader/test-limits tests/reader/test-pictures
check_PROGRAMS += $(READER_TESTS)
TESTS += $(READER_TESTS)
VALGRIND_TESTS += tests/reader/test-pictures
PICTURE_FIXTURE = tests/reader/picture-fixture.c tests/reader/picture-fixture.h $(TRAIN_FIXTURE)
PICTURE_FLAGS = $(TEST_FLAGS) $(JPEG_CFLAGS) $(PNG_CFLAGS) $(ZLIB_CFLAGS)
PICTURE_LIBS = $(TEST_LIBS) $(JPEG_LIBS) $(PNG_LIBS) $(ZLIB_LIBS)

tests_reader_test_damage_SOURCES = tests/reader/test-damage.c $(PICTURE_FIXTURE)
tests_reader_test_damage_CPPFLAGS = $(PICTURE_FLAGS)
tests_reader_test_damage_LDADD = $(PICTURE_LIBS)
tests_reader_test_folder_SOURCES = tests/reader/test-folder.c $(PICTURE_FIXTURE)
tests_reader_test_folder_CPPFLAGS = $(PICTURE_FLAGS)
tests_reader_test_folder_LDADD = $(PICTURE_LIBS)
tests_reader_test_folder_training_SOURCES = tests/reader/test-folder-training.c $(PICTURE_FIXTURE)
tests_reader_test_folder_training_CPPFLAGS = $(PICTURE_FLAGS)
tests_reader_test_folder_training_LDADD = $(PICTURE_LIBS)
tests_reader_test_limits_SOURCES = tests/reader/test-limits.c $(PICTURE_FIXTURE)
tests_reader_test_limits_CPPFLAGS = $(PICTURE_FLAGS)
tests_reader_test_limits_LDADD = $(PICTURE_LIBS)
tests_reader_test_pictures_SOURCES = tests/reader/test-pictures.c $(PICTURE_FIXTURE)
tests_reader_test_pictures_CPPFLAGS = $(PICTURE_FLAGS)
tests_reader_test_pictures_LDADD = $(PICTURE_LIBS)

TESTS += tests/reader/bad-files
EXTRA_DIST += tests/reader/bad-files
