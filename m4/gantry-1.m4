# SPDX-License-Identifier: LGPL-2.1-or-later
# gantry-1.m4: for packages that bring plugins of their own.
# serial 1

# GANTRY_PLUGIN_CHECK([MINIMUM-VERSION], [ACTION-IF-FOUND], [ACTION-IF-NOT-FOUND])
# --------------------------------------------------------------------------------
# Looks for the headers and library that plugins are built with.  Sets and substitutes
#   GANTRY_CFLAGS, GANTRY_LIBS   how to compile and link
#   GANTRY_PLUGIN_DIR            where plugins go, below the package's own libdir: $(GANTRY_PLUGIN_DIR)/KIND/NAME.so
#   GANTRY_PLUGIN_LDFLAGS        what libtool needs to know about a plugin
# --with-gantry-plugin-dir=FOLDER replaces the folder.  Without ACTION-IF-NOT-FOUND a missing Gantry stops configure.
AC_DEFUN([GANTRY_PLUGIN_CHECK],
[AC_REQUIRE([PKG_PROG_PKG_CONFIG])
AC_ARG_WITH([gantry-plugin-dir],
  [AS_HELP_STRING([--with-gantry-plugin-dir=FOLDER], [folder of Gantry's plugins @<:@LIBDIR/gantry-1@:>@])],
  [GANTRY_PLUGIN_DIR=$withval], [GANTRY_PLUGIN_DIR=])
PKG_CHECK_MODULES([GANTRY], [gantry-1 m4_ifval([$1], [>= $1])],
  [AS_IF([test -z "$GANTRY_PLUGIN_DIR"],
     [GANTRY_PLUGIN_DIR=`$PKG_CONFIG --define-variable=libdir='${libdir}' --variable=plugindir gantry-1`])
   GANTRY_PLUGIN_LDFLAGS="-module -avoid-version -shared -no-undefined -export-symbols-regex '^gantry_plugin_info\$\$'"
   m4_default([$2], [:])],
  [m4_default([$3], [AC_MSG_ERROR([Gantry's headers are needed: $GANTRY_PKG_ERRORS])])])
AC_SUBST([GANTRY_PLUGIN_DIR])
AC_SUBST([GANTRY_PLUGIN_LDFLAGS])
])
