# SPDX-License-Identifier: LGPL-2.1-or-later
SOURCE_TESTS = tests/source/tree tests/source/test-tree tests/source/headers
TESTS += $(SOURCE_TESTS)
EXTRA_DIST += $(SOURCE_TESTS)
