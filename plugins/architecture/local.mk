# SPDX-License-Identifier: LGPL-2.1-or-later
architectureexecdir = $(pkglibversionexecdir)/architecture
architectureexec_LTLIBRARIES =
