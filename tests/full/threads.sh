#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A build of its own with clang's thread sanitizer, with libomp, whose tool Archer tells it what OpenMP does, and with tests/full/visible-locks.c, which
# tells it what GLib does: no race in the programs of THREAD_TESTS of the makefile, in a training, a resumed one, samples and measurements.
programs=${THREAD_TESTS?}
. "${GANTRY_TEST_SOURCE:?}/tests/full/common"
clang=$(command -v clang) || { echo "clang was not found: Debian package clang"; exit 77; }
mkdir -p "$build/threads"
cd "$build/threads"
# shellcheck disable=SC2046
"$clang" -g -fsanitize=thread -fopenmp $(pkg-config --cflags glib-2.0) "$source/tests/full/race.c" -o race $(pkg-config --libs glib-2.0) 2>race.log ||
  { cat race.log; echo "clang cannot link with libomp and its thread sanitizer: Debian packages libomp-dev libclang-rt-dev"; exit 77; }
archer=$(dirname "$(ldd ./race | sed -n 's/.*libomp[^ ]* => \([^ ]*\) .*/\1/p')")/libarcher.so
[ -f "$archer" ] || { echo "libomp has no tool Archer: Debian package libomp-dev"; exit 77; }
[ -f Makefile ] || "$source/configure" -q --enable-sanitizers=thread CC="$clang" CFLAGS='-g -O1 -Wno-pass-failed'
make -s -j"$jobs"
# shellcheck disable=SC2086
make -s -j"$jobs" $programs tests/full/visible-locks.la tests/train/deaf.la tests/train/fragile.la tests/train/outspoken.la tests/train/two-matches.la

# What is not built with the sanitizer (GLib, BLAS, oneDNN, libgomp) is not looked at: it would see no lock there.
# libomp does not wait for its own threads to end.
export TSAN_OPTIONS='ignore_noninstrumented_modules=1 report_thread_leaks=0 exitcode=66'
export OMP_TOOL_LIBRARIES="$archer" OMP_NUM_THREADS=2 CK_DEFAULT_TIMEOUT=0
export top_builddir="$build/threads" top_srcdir="$source"
passed=0 failed=0
good () { passed=$((passed + 1)); echo "PASS $*"; }
bad () { failed=$((failed + 1)); echo "FAIL $*"; }
seen () { "$source/tests/run-env" env LD_PRELOAD="$build/threads/tests/full/.libs/visible-locks.so" "$@"; }

# check WHAT COMMAND ...
check ()
{
  what=$1; shift
  if seen "$@" >output.log 2>&1 && ! grep -q 'WARNING: ThreadSanitizer' output.log; then good "$what"; else tail -n 80 output.log; bad "$what"; fi
}

# It sees what OpenMP and GLib do, and a race where there is one.
for way in threads team; do
  check "no race in $way" ./race $way
  status=0
  seen ./race $way-race >output.log 2>&1 || status=$?
  if [ "$status" -eq 66 ] && grep -q 'data race' output.log; then good "a race in $way is found"; else cat output.log; bad "a race in $way is found"; fi
done
for program in $programs; do check "$program" "$program"; done

data=$source/data/pipelines
rm -rf runs
for backend in auto 'openblas;reference'; do
  check "train, backend=$backend" gantry train "$data/digits.ini" --images=256 --checkpoint-interval=128 --backend="$backend" --output="runs/$backend"
done
check "resume" gantry train --resume=runs/auto --images=384
check "sample" gantry sample runs/auto --count=20 --output=runs/samples.png
check "photos" gantry train "$data/photos.ini" --images=48 --batch=16 --output=runs/photos
check "bench" gantry bench "$data/photos.ini" --batch=16 --repeat=1 --warm-up=1
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
