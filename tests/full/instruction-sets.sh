#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The programs of CPU_TESTS of the makefile with the processor's instruction sets taken away one after the other; with all of them `make check` runs them.
programs=${CPU_TESTS?}
. "${GANTRY_TEST_SOURCE:?}/tests/full/common"
cd "$build"
export top_builddir="$build" top_srcdir="$source" OMP_WAIT_POLICY=passive CK_DEFAULT_TIMEOUT=0
passed=0 failed=0
mkdir -p instruction-sets
level_of () { "$source/tests/run-env" gantry doctor 2>/dev/null | sed -n 's/^instruction set  *\([a-z0-9]*\).*/\1/p' || :; }
highest=$(level_of)
[ -n "$highest" ] || { echo "gantry doctor names no instruction set"; exit 1; }
for level in baseline avx2 avx512 avx512bf16; do
  export GANTRY_CPU="$level"
  if [ "$level" = "$highest" ]; then echo "$level: all that this processor has, as in make check"; continue; fi
  if [ "$(level_of)" != "$level" ]; then echo "SKIP $level: this processor has not got it"; continue; fi
  for program in $programs; do
    log=instruction-sets/$level-$(basename "$program").log
    [ -x "$program" ] && file=$program || file=$source/$program
    status=0
    "$source/tests/run-env" "$file" >"$log" 2>&1 || status=$?
    case $status in
      0) passed=$((passed + 1)); echo "PASS $level: $program" ;;
      77) echo "SKIP $level: $program: $(tail -n 1 "$log")" ;;
      *) failed=$((failed + 1)); echo "FAIL $level: $program"; tail -n 60 "$log" ;;
    esac
  done
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
