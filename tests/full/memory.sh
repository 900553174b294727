#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Trainings within a memory budget, as the kernel counts it.
. "${GANTRY_TEST_SOURCE:?}/tests/full/common"
cd "$build"
export top_builddir="$build" top_srcdir="$source"
exec "$source/tests/run-env" "$source/tests/train/budget-peaks"
