/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* gantry-plugin-scan LIBRARY: opens plugins for the host, which outlives what their constructors do.
 * Reads one escaped path a line from the socket that is its standard input, and answers with one record a line, sent
 * before the next file is opened.  Calls nothing of a plugin but its constructors. */
#include "config.h"

#include "core/descriptor-private.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void
answer (gint fd, const gchar *word, ...)
{
  GString *line = g_string_new (word);
  va_list args;
  const gchar *field;
  gsize sent = 0;

  va_start (args, word);
  while ((field = va_arg (args, const gchar *)) != NULL)
    {
      g_autofree gchar *escaped = g_strescape (field, NULL);

      g_string_append_printf (line, "\t%s", escaped);
    }
  va_end (args);
  g_string_append_c (line, '\n');
  while (sent < line->len)
    {
      gssize n = write (fd, line->str + sent, line->len - sent);

      if (n < 0 && errno != EINTR)
        _exit (1);
      sent += MAX (n, 0);
    }
  g_string_free (line, TRUE);
}

static gchar *
file_problem (const gchar *path)
{
  gchar magic[SELFMAG];
  gssize n = -1;
  gint fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gint failure = errno;

  if (fd >= 0)
    {
      n = read (fd, magic, sizeof magic);
      failure = errno;
      close (fd);
    }
  if (n < 0)
    return g_strdup_printf ("cannot be read: %s", g_strerror (failure));
  if (n < SELFMAG || memcmp (magic, ELFMAG, SELFMAG) != 0)
    return g_strdup ("is not an ELF file");
  return NULL;
}

static gchar *
open_plugin (const gchar *path, const GantryPluginDescriptor **descriptor)
{
  gchar *problem = file_problem (path);
  struct link_map *own = NULL;
  struct link_map *owner = NULL;
  const ElfW (Sym) *symbol = NULL;
  gpointer library;
  Dl_info info;

  if (problem != NULL)
    return problem;
  library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
  if (library == NULL)
    return g_strdup_printf ("cannot be opened: %s", dlerror ());
  *descriptor = dlsym (library, GANTRY_PLUGIN_SYMBOL);
  /* A library that it links with may have the symbol: that one does not count. */
  if (*descriptor != NULL && dlinfo (library, RTLD_DI_LINKMAP, &own) == 0 &&
      dladdr1 (*descriptor, &info, (void **) &owner, RTLD_DL_LINKMAP) != 0 && own != owner)
    *descriptor = NULL;
  if (*descriptor == NULL)
    return g_strdup ("exports no symbol '" GANTRY_PLUGIN_SYMBOL "': it is not a Gantry plugin");
  if (dladdr1 (*descriptor, &info, (void **) &symbol, RTLD_DL_SYMENT) == 0)
    symbol = NULL;
  return _gantry_descriptor_problem (*descriptor, symbol != NULL ? symbol->st_size : 0);
}

static void
scan (gint fd, const gchar *path)
{
  const GantryPluginDescriptor *descriptor = NULL;
  g_autofree gchar *problem = open_plugin (path, &descriptor);
  gchar major[16], minor[16];

  if (problem != NULL)
    {
      answer (fd, "broken", problem, NULL);
      return;
    }
  g_snprintf (major, sizeof major, "%u", descriptor->abi_major);
  g_snprintf (minor, sizeof minor, "%u", descriptor->abi_minor);
  answer (fd, "ok", major, minor, descriptor->kind, descriptor->name, descriptor->version, descriptor->licence, descriptor->summary,
          descriptor->origin, NULL);
}

gint
main (gint argc, gchar **argv)
{
  static const gint deadly[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP };
  const struct rlimit none = { 0, 0 };
  gint fd = fcntl (STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  gint null = open ("/dev/null", O_RDWR | O_CLOEXEC);
  g_autofree gchar *line = NULL;
  gsize room = 0;
  gssize length;
  FILE *requests = fd >= 0 ? fdopen (fd, "r") : NULL;

  if (argc > 2 || requests == NULL || null < 0)
    {
      fprintf (stderr, "gantry-plugin-scan: started by libgantry, not by hand\n");
      return 2;
    }
  /* Nothing that a plugin reads or writes reaches the host; a crash is told by its signal and leaves no core file. */
  for (gint standard = STDIN_FILENO; standard <= STDERR_FILENO; standard++)
    dup2 (null, standard);
  setrlimit (RLIMIT_CORE, &none);
  for (gsize i = 0; i < G_N_ELEMENTS (deadly); i++)
    signal (deadly[i], SIG_DFL);
  /* The library that the host runs, so that plugins find the same one wherever it was loaded from. */
  if (argc == 2)
    dlopen (argv[1], RTLD_NOW | RTLD_GLOBAL);

  answer (fd, "gantry-plugin-scan 1", NULL);
  while ((length = getline (&line, &room, requests)) > 0)
    {
      g_autofree gchar *path = NULL;

      if (line[length - 1] == '\n')
        line[length - 1] = '\0';
      path = g_strcompress (line);
      scan (fd, path);
    }
  /* Destructors of plugins are none of the host's concern. */
  _exit (0);
}
