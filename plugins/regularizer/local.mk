# SPDX-License-Identifier: LGPL-2.1-or-later
regularizerexecdir = $(pkglibversionexecdir)/regularizer
regularizerexec_LTLIBRARIES =
