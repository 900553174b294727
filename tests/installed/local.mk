# SPDX-License-Identifier: LGPL-2.1-or-later
EXTRA_DIST += tests/installed/check tests/installed/least-squares.c

installcheck-local:
	DESTDIR='$(DESTDIR)' bindir='$(bindir)' libdir='$(libdir)' libexecdir='$(libexecdir)' datadir='$(datadir)' mandir='$(mandir)' \
	bashcompletiondir='$(bashcompletiondir)' CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' GANTRY_TEST_SOURCE="`cd '$(srcdir)' && pwd`" \
	$(SHELL) $(srcdir)/tests/installed/check
