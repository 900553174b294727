#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Everything built with the address and undefined behaviour sanitizers, and all of `make check` under them.
. "${GANTRY_TEST_SOURCE:?}/tests/full/common"
mkdir -p "$build/sanitizers"
cd "$build/sanitizers"
[ -f Makefile ] || "$source/configure" -q --enable-sanitizers --enable-werror CFLAGS='-g -O1'
make -s -j"$jobs"
make -s -k check VERBOSE=1 || { "$source/tests/count-results" . || :; exit 1; }
exec "$source/tests/count-results" .
