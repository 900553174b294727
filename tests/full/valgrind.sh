#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The tests named in VALGRIND_TESTS of the makefile: no error and no definite leak under valgrind's memcheck.
programs=${VALGRIND_TESTS?}
. "${GANTRY_TEST_SOURCE:?}/tests/full/common"
command -v valgrind >/dev/null || { echo "valgrind was not found: Debian package valgrind"; exit 77; }
cd "$build"
mkdir -p valgrind
suppressions="--suppressions=$source/tests/valgrind.supp"
glib=$(pkg-config --variable=prefix glib-2.0)/share/glib-2.0/valgrind/glib.supp
[ -f "$glib" ] && suppressions="$suppressions --suppressions=$glib"
# The vector code of libjpeg-turbo computes more than there is, and throws it away.
export JSIMD_FORCENONE=1
passed=0 failed=0
for program in $programs; do
  log=valgrind/$(basename "$program").log
  # One process, so that what the tests allocate is looked at where they end; threads that sleep, so that they make way for each other.
  if top_builddir=$build top_srcdir=$source CK_FORK=no CK_DEFAULT_TIMEOUT=0 OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive G_SLICE=always-malloc \
    "$source/tests/run-env" ./libtool --mode=execute valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite \
    --show-leak-kinds=definite --trace-children=no $suppressions "$program" >"$log" 2>&1; then
    passed=$((passed + 1)); echo "PASS $program"
  else
    failed=$((failed + 1)); echo "FAIL $program"; tail -n 60 "$log"
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
