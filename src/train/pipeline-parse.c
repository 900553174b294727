/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The key-file dialect of pipelines: from text to sections, each line with its number. */
#include "train/pipeline-private.h"

#include <string.h>

typedef struct {
  const gchar *file;
  const gchar *folder;
  GPtrArray *sections;
  GPtrArray *includes;
  GantrySection *section; /* that lines belong to; NULL before the first header */
  GantrySetting *setting; /* that an indented line continues */
  guint line;
} Parser;

static gchar *
parser_origin (Parser *parser)
{
  return g_strdup_printf ("%s:%u", parser->file, parser->line);
}

static void
parser_fail (Parser *parser, GError **error, const gchar *format, ...)
{
  g_autofree gchar *origin = parser_origin (parser);
  g_autofree gchar *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  _gantry_pipeline_set_error (error, origin, "%s", message);
}

gboolean
_gantry_pipeline_is_identifier (const gchar *text)
{
  if (!g_ascii_islower (*text))
    return FALSE;
  for (; *text != '\0'; text++)
    if (!g_ascii_islower (*text) && !g_ascii_isdigit (*text) && *text != '-')
      return FALSE;
  return TRUE;
}

/* Cuts a comment: a '#' that follows a blank. */
static void
cut_comment (gchar *text)
{
  for (gchar *hash = text; (hash = strchr (hash, '#')) != NULL; hash++)
    if (hash != text && g_ascii_isspace (hash[-1]))
      {
        *hash = '\0';
        break;
      }
  g_strchomp (text);
}

gchar *
_gantry_pipeline_unquote (const gchar *text, const gchar **end, GError **error)
{
  g_autoptr (GString) value = g_string_new (NULL);

  for (text++; *text != '"'; text++)
    {
      if (*text == '\0')
        {
          g_set_error_literal (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "a quoted value without its closing quote");
          return NULL;
        }
      if (*text != '\\')
        {
          g_string_append_c (value, *text);
          continue;
        }
      switch (*++text)
        {
        case 'n': g_string_append_c (value, '\n'); break;
        case 't': g_string_append_c (value, '\t'); break;
        case '"':
        case '\\': g_string_append_c (value, *text); break;
        default:
          g_set_error (error, GANTRY_TRAIN_ERROR, GANTRY_TRAIN_ERROR_PIPELINE, "unknown escape in a quoted value: expected \\n, \\t, \\\" or \\\\");
          return NULL;
        }
    }
  *end = text + 1;
  return g_strdup (value->str);
}

gchar *
_gantry_pipeline_quote (const gchar *text)
{
  gboolean plain = *text != '"' && *text != '#' && !g_ascii_isspace (*text);
  g_autoptr (GString) value = NULL;

  for (const gchar *c = text; *c != '\0'; c++)
    if (*c == '\n' || *c == '\r' || (g_ascii_isspace (*c) && (c[1] == '#' || c[1] == '\0')))
      plain = FALSE;
  if (plain)
    return g_strdup (text);
  value = g_string_new ("\"");
  for (const gchar *c = text; *c != '\0'; c++)
    switch (*c)
      {
      case '\n': g_string_append (value, "\\n"); break;
      case '\t': g_string_append (value, "\\t"); break;
      case '"':
      case '\\': g_string_append_c (value, '\\'); G_GNUC_FALLTHROUGH;
      default: g_string_append_c (value, *c); break;
      }
  g_string_append_c (value, '"');
  return g_strdup (value->str);
}

static gboolean
check_kind (Parser *parser, const gchar *kind, GError **error)
{
  const gchar *const *kinds = _gantry_pipeline_section_kinds ();
  g_autofree gchar *hint = NULL;

  if (g_strv_contains (kinds, kind))
    return TRUE;
  if (g_str_equal (kind, "architecture"))
    parser_fail (parser, error, "[architecture] is no section: a network names its own, as in [generator] plugin=dcgan");
  else if (g_str_equal (kind, "backend"))
    parser_fail (parser, error, "[backend] is no section: backend= of [pipeline] lists them");
  else
    {
      g_autofree gchar *list = g_strjoinv (" ", (gchar **) kinds);

      hint = _gantry_did_you_mean (kind, kinds);
      parser_fail (parser, error, "unknown section [%s]: expected one of %s%s", kind, list, hint);
    }
  return FALSE;
}

static gboolean
parse_header (Parser *parser, const gchar *line, GError **error)
{
  const gchar *close = strchr (line, ']');
  g_autofree gchar *inside = NULL;
  g_autofree gchar *rest = NULL;
  g_autofree gchar *origin = parser_origin (parser);
  g_auto (GStrv) words = NULL;
  const gchar *kind, *instance;

  if (close == NULL)
    {
      parser_fail (parser, error, "a section header without its ]: expected [KIND] or [KIND INSTANCE]");
      return FALSE;
    }
  rest = g_strdup (close + 1);
  cut_comment (rest);
  if (*g_strstrip (rest) != '\0')
    {
      parser_fail (parser, error, "'%s' after a section header: a key=value stands on a line of its own", rest);
      return FALSE;
    }
  inside = g_strstrip (g_strndup (line + 1, close - line - 1));
  words = g_regex_split_simple ("[ \t]+", inside, 0, 0);
  kind = words[0] != NULL ? words[0] : "";
  instance = *kind != '\0' ? words[1] : NULL;
  if (*kind == '\0' || (instance != NULL && words[2] != NULL))
    {
      parser_fail (parser, error, "[%s]: expected [KIND] or [KIND INSTANCE]", inside);
      return FALSE;
    }
  if (instance == NULL && (g_str_equal (kind, "generator") || g_str_equal (kind, "discriminator")))
    {
      instance = kind;
      kind = "network";
    }
  if (!check_kind (parser, kind, error))
    return FALSE;
  if (instance != NULL && !_gantry_pipeline_is_identifier (instance))
    {
      parser_fail (parser, error, "[%s]: '%s' is no name: expected small letters, digits and dashes", inside, instance);
      return FALSE;
    }
  if (instance != NULL && g_str_equal (kind, "pipeline"))
    {
      parser_fail (parser, error, "[%s]: there is one [pipeline] section, without a name", inside);
      return FALSE;
    }
  if (instance == NULL && g_str_equal (kind, "network"))
    {
      parser_fail (parser, error, "[network]: expected [network NAME], such as [network generator]");
      return FALSE;
    }
  for (guint i = 0; i < parser->sections->len; i++)
    {
      GantrySection *other = parser->sections->pdata[i];

      if (g_str_equal (other->kind, kind) && g_strcmp0 (other->instance, instance) == 0)
        {
          parser_fail (parser, error, "duplicate section [%s]: the first is at %s", inside, other->origin);
          return FALSE;
        }
    }
  parser->section = _gantry_section_new (kind, instance, origin);
  parser->setting = NULL;
  g_ptr_array_add (parser->sections, parser->section);
  return TRUE;
}

static gchar *
parse_value (Parser *parser, const gchar *text, GError **error)
{
  g_autofree gchar *value = NULL;
  const gchar *end = NULL;

  while (g_ascii_isspace (*text))
    text++;
  if (*text == '"')
    {
      g_autoptr (GError) local = NULL;
      g_autofree gchar *rest = NULL;

      value = _gantry_pipeline_unquote (text, &end, &local);
      if (value == NULL)
        {
          parser_fail (parser, error, "%s", local->message);
          return NULL;
        }
      rest = g_strdup (end);
      cut_comment (rest);
      if (*g_strstrip (rest) != '\0')
        {
          parser_fail (parser, error, "'%s' after a quoted value", rest);
          return NULL;
        }
      return g_steal_pointer (&value);
    }
  /* The blank before a comment may be the one after the equals sign. */
  value = *text == '#' && g_ascii_isspace (text[-1]) ? g_strdup ("") : g_strdup (text);
  cut_comment (value);
  return g_steal_pointer (&value);
}

static gboolean
parse_assignment (Parser *parser, const gchar *line, GError **error)
{
  const gchar *equals = strchr (line, '=');
  g_autofree gchar *key = NULL;
  g_autofree gchar *value = NULL;
  g_autofree gchar *origin = parser_origin (parser);
  GantrySetting *first;

  if (equals == NULL)
    {
      g_autofree gchar *shown = g_strndup (line, 60);

      parser_fail (parser, error, "'%s': expected key=value, [KIND] or a # comment", g_strstrip (shown));
      return FALSE;
    }
  key = g_strstrip (g_strndup (line, equals - line));
  if (!_gantry_pipeline_is_identifier (key))
    {
      parser_fail (parser, error, "'%s' is no key: expected small letters, digits and dashes", key);
      return FALSE;
    }
  value = parse_value (parser, equals + 1, error);
  if (value == NULL)
    return FALSE;
  if (parser->section == NULL)
    {
      GantryInclude *include;

      if (!g_str_equal (key, "include"))
        {
          parser_fail (parser, error, "%s= before any section: only include= may stand here", key);
          return FALSE;
        }
      include = g_new0 (GantryInclude, 1);
      include->path = g_canonicalize_filename (value, parser->folder);
      include->origin = g_steal_pointer (&origin);
      g_ptr_array_add (parser->includes, include);
      return TRUE;
    }
  if (g_str_equal (key, "include"))
    {
      parser_fail (parser, error, "include= inside a section: it stands before the first one");
      return FALSE;
    }
  first = _gantry_section_find (parser->section, key);
  if (first != NULL)
    {
      parser_fail (parser, error, "duplicate key %s: the first is at %s", key, first->origin);
      return FALSE;
    }
  parser->setting = _gantry_setting_new (key, value, origin, parser->folder);
  _gantry_section_put (parser->section, parser->setting);
  return TRUE;
}

static gboolean
parse_continuation (Parser *parser, gchar *line, GError **error)
{
  gchar *text = g_strstrip (line);
  g_autofree gchar *joined = NULL;

  if (*text == '\0' || *text == '#')
    return TRUE;
  cut_comment (text);
  if (parser->setting == NULL)
    {
      parser_fail (parser, error, "'%s' begins with a blank, as the continuation of a value does, but there is no value above it", text);
      return FALSE;
    }
  joined = *parser->setting->text != '\0' ? g_strconcat (parser->setting->text, "\n", text, NULL) : g_strdup (text);
  g_free (parser->setting->text);
  parser->setting->text = g_steal_pointer (&joined);
  parser->setting->is_lines = TRUE;
  return TRUE;
}

static gboolean
parse_line (Parser *parser, gchar *line, GError **error)
{
  gsize length = strlen (line);

  if (length > 0 && line[length - 1] == '\r')
    line[length - 1] = '\0';
  if (!g_utf8_validate (line, -1, NULL))
    {
      parser_fail (parser, error, "not valid UTF-8 text");
      return FALSE;
    }
  if (*line == '\0' || *line == '#')
    return TRUE;
  if (*line == ' ' || *line == '\t')
    return parse_continuation (parser, line, error);
  if (*line == '[')
    return parse_header (parser, line, error);
  return parse_assignment (parser, line, error);
}

/* Appends the sections and includes of @text. */
gboolean
_gantry_pipeline_parse (const gchar *text, const gchar *origin, const gchar *folder, GPtrArray *sections, GPtrArray *includes, GError **error)
{
  Parser parser = { origin, folder, sections, includes, NULL, NULL, 0 };
  g_auto (GStrv) lines = NULL;

  if (g_str_has_prefix (text, "\xef\xbb\xbf"))
    text += 3;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      parser.line = i + 1;
      if (!parse_line (&parser, lines[i], error))
        return FALSE;
    }
  return TRUE;
}
