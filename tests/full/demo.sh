#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The shipped pipeline, trained as `./bootstrap demo` does it, draws every digit: each is at least 2 % of 1,000 samples, and they score 6 or more.
. "${GANTRY_TEST_SOURCE:?}/tests/full/common"
cd "$build"
rm -rf full-demo
export top_builddir="$build" top_srcdir="$source"
"$source/tests/run-env" gantry train "$source/data/pipelines/digits.ini" --output=full-demo
"$source/tests/run-env" tests/scoring/digits-score full-demo --minimum-share=2 --minimum-score=6
