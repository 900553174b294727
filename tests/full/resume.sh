#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Resuming, of every shipped pipeline, with one thread and with two.
. "${GANTRY_TEST_SOURCE:?}/tests/full/common"
cd "$build"
export top_builddir="$build" top_srcdir="$source"
exec "$source/tests/run-env" "$source/tests/train/resume-pipelines" 1 2
