#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# Everything built with the address and undefined behaviour sanitizers, and all of `make check` under them.
. "${GANTRY_TEST_SOURCE:?}/tests/full/common"
build_in () # FOLDER OPTION
{
  mkdir -p "$build/$1"
  cd "$build/$1"
  [ -f Makefile ] || "$source/configure" -q --enable-sanitizers --enable-werror "$2" CFLAGS='-g -O1'
  make -s -j"$jobs"
}

# Counts what is in the present folder; the last line of this script has all of it.
passed=0 failed=0
count ()
{
  set -- $("$source/tests/count-results" . || :)
  passed=$((passed + $1)) failed=$((failed + $3))
}

status=0
build_in sanitizers --without-onednn
make -s -k check VERBOSE=1 || status=1
count

# LeakSanitizer crashes where it looks at the thread-local memory of oneDNN's threads.
if grep -q '^ONEDNN_LIBS = .' "$build/Makefile"; then
  build_in sanitizers/onednn --with-onednn
  ASAN_OPTIONS=detect_leaks=0 make -s -k check VERBOSE=1 TESTS='tests/engine/test-onednn tests/engine/test-parity tests/train/precision' || status=1
  count
fi
echo "$passed passed, $failed failed"
exit "$status"
