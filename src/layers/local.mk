# SPDX-License-Identifier: LGPL-2.1-or-later
libgantry_1_la_SOURCES +=
