/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* svg-scopes FILE: prints the scopes that a picture of `gantry graph` has, a line each; fails where it is no well-formed XML, where boxes
   lie upon each other, or where anything is outside the drawing. */
#include <glib.h>

#include <stdio.h>
#include <stdlib.h>

typedef struct {
  gdouble x, y, width, height;
} Rectangle;

typedef struct {
  GArray *boxes;         /* Rectangle */
  gdouble right, bottom; /* of the drawing */
  gdouble x, y;          /* of the phase */
  guint n_arrows;
} Picture;

static const gchar *
find (const gchar **names, const gchar **values, const gchar *name)
{
  for (guint i = 0; names[i] != NULL; i++)
    if (g_str_equal (names[i], name))
      return values[i];
  return NULL;
}

static gdouble
get_number (const gchar **names, const gchar **values, const gchar *name)
{
  const gchar *text = find (names, values, name);

  return text != NULL ? g_ascii_strtod (text, NULL) : 0;
}

static void
add_rectangle (Picture *picture, const gchar **names, const gchar **values, GError **error)
{
  const gchar *class = find (names, values, "class");
  Rectangle r = { picture->x + get_number (names, values, "x"), picture->y + get_number (names, values, "y"), get_number (names, values, "width"),
                  get_number (names, values, "height") };

  if (class == NULL)
    return;
  if (r.x < 0 || r.y < 0 || r.width <= 0 || r.height <= 0 || r.x + r.width > picture->right || r.y + r.height > picture->bottom)
    g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "a %s at %g, %g is outside the drawing", class, r.x, r.y);
  else if (g_str_equal (class, "forward") || g_str_equal (class, "gradient") || g_str_equal (class, "data"))
    g_array_append_val (picture->boxes, r);
}

/* Of an arrow: all numbers of its path, by turns along x and y but for H and V. */
static void
check_path (Picture *picture, const gchar *path, GError **error)
{
  gboolean is_x = TRUE;

  for (const gchar *c = path; *c != '\0';)
    {
      gchar *end;
      gdouble value;

      if (g_ascii_isalpha (*c) || *c == ' ' || *c == ',')
        {
          is_x = *c == 'H' ? TRUE : *c == 'V' ? FALSE : g_ascii_isalpha (*c) ? TRUE : is_x;
          c++;
          continue;
        }
      value = g_ascii_strtod (c, &end) + (is_x ? picture->x : picture->y);
      if (end == c || value < 0 || value > (is_x ? picture->right : picture->bottom))
        {
          g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "an arrow leaves the drawing: %s", path);
          return;
        }
      is_x = !is_x;
      c = end;
    }
  picture->n_arrows++;
}

static void
start (GMarkupParseContext *context, const gchar *element, const gchar **names, const gchar **values, gpointer data, GError **error)
{
  Picture *picture = data;
  const gchar *scope = find (names, values, "data-scope"), *transform = find (names, values, "transform");

  if (g_str_equal (element, "svg"))
    {
      picture->right = get_number (names, values, "width");
      picture->bottom = get_number (names, values, "height");
    }
  if (scope != NULL)
    puts (scope);
  if (transform != NULL && sscanf (transform, "translate(%lf,%lf)", &picture->x, &picture->y) != 2)
    g_set_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, "transform=%s", transform);
  else if (g_str_equal (element, "rect"))
    add_rectangle (picture, names, values, error);
  else if (g_str_equal (element, "path") && find (names, values, "marker-end") != NULL)
    check_path (picture, find (names, values, "d"), error);
}

static gboolean
overlap (const Rectangle *a, const Rectangle *b)
{
  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height && b->y < a->y + a->height;
}

int
main (int argc, char **argv)
{
  static const GMarkupParser parser = { .start_element = start };
  Picture picture = { g_array_new (FALSE, FALSE, sizeof (Rectangle)), 0, 0, 0, 0, 0 };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &picture, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree gchar *text = NULL;
  gsize length;
  gint status = EXIT_SUCCESS;

  if (argc != 2 || !g_file_get_contents (argv[1], &text, &length, &error) || !g_markup_parse_context_parse (context, text, length, &error)
      || !g_markup_parse_context_end_parse (context, &error))
    {
      fprintf (stderr, "svg-scopes: %s\n", error != NULL ? error->message : "one file");
      return EXIT_FAILURE;
    }
  for (guint i = 0; i < picture.boxes->len; i++)
    for (guint k = 0; k < i; k++)
      if (overlap (&g_array_index (picture.boxes, Rectangle, i), &g_array_index (picture.boxes, Rectangle, k)))
        {
          fprintf (stderr, "svg-scopes: boxes %u and %u lie upon each other\n", k, i);
          status = EXIT_FAILURE;
        }
  if (picture.boxes->len < 2 || picture.n_arrows < 2)
    {
      fprintf (stderr, "svg-scopes: %u boxes and %u arrows are too few\n", picture.boxes->len, picture.n_arrows);
      status = EXIT_FAILURE;
    }
  g_array_unref (picture.boxes);
  return status;
}
