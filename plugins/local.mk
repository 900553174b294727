# SPDX-License-Identifier: LGPL-2.1-or-later
# plugins/KIND/NAME.c is one plugin, installed as KIND/NAME.so; in the build tree a link stands where the installed file would.
# A kind's install-directory variable is called *execdir, so that plugins belong to the exec phase of an installation.
PLUGIN_LINK = $(AM_LDFLAGS) -module -avoid-version -shared -no-undefined -export-symbols-regex '^gantry_plugin_info$$'
PLUGIN_LIBS = libgantry-1.la $(GLIB_LIBS) -lm
PLUGIN_KINDS = architecture backend game loss optimizer reader regularizer

include plugins/architecture/local.mk
include plugins/backend/local.mk
include plugins/game/local.mk
include plugins/loss/local.mk
include plugins/optimizer/local.mk
include plugins/reader/local.mk
include plugins/regularizer/local.mk

PLUGINS = $(architectureexec_LTLIBRARIES) $(backendexec_LTLIBRARIES) $(gameexec_LTLIBRARIES) $(lossexec_LTLIBRARIES) \
	$(optimizerexec_LTLIBRARIES) $(readerexec_LTLIBRARIES) $(regularizerexec_LTLIBRARIES)

all-local: plugin-links

.PHONY: plugin-links
plugin-links: $(PLUGINS)
	@for la in $(PLUGINS); do \
	  so=`basename $$la .la`.so; \
	  $(LN_S) -f .libs/$$so `dirname $$la`/$$so; \
	done

# Installing links plugins again, with the library where it will be.
install-architectureexecLTLIBRARIES install-backendexecLTLIBRARIES install-gameexecLTLIBRARIES install-lossexecLTLIBRARIES \
install-optimizerexecLTLIBRARIES install-readerexecLTLIBRARIES install-regularizerexecLTLIBRARIES: install-libLTLIBRARIES

# libtool's .la files are of no use beside modules that are opened by path.  Without them libtool cannot uninstall, so that is
# done here, by name: what other packages put into the folders stays.
install-exec-hook:
	@for la in $(PLUGINS); do rm -f "$(DESTDIR)$(pkglibversionexecdir)/$${la#plugins/}"; done

uninstall-hook:
	@for la in $(PLUGINS); do \
	  plugin=$${la#plugins/}; \
	  rm -f "$(DESTDIR)$(pkglibversionexecdir)/$${plugin%.la}.so"; \
	done
	@for kind in $(PLUGIN_KINDS); do rmdir "$(DESTDIR)$(pkglibversionexecdir)/$$kind" 2>/dev/null || :; done
	@rmdir "$(DESTDIR)$(pkglibversionexecdir)" 2>/dev/null || :

clean-local:
	rm -f $(PLUGINS:.la=.so)
