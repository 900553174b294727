#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# The tarball builds by itself, passes its tests, installs, works installed, and uninstalls to nothing.
. "${GANTRY_TEST_SOURCE:?}/tests/full/common"
cd "$build"
exec make -s -j"$jobs" distcheck
