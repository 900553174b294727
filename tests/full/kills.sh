#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A run is killed before every single call that changes its folder, and resumed with the right bits: tests/train/checkpoints takes some of them.
. "${GANTRY_TEST_SOURCE:?}/tests/full/common"
export top_builddir="$build" top_srcdir="$source" GANTRY_TEST_EVERY_CALL=1
exec "$source/tests/run-env" "$source/tests/train/checkpoints"
