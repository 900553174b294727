/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* `gantry graph --format=svg`: a picture, phases side by side.  A frame a scope, a box what is computed in one, a dashed box beside it what
   its gradient takes. */
#include "cli/graph-boxes.h"

#define MARGIN 24.0
#define HEADER 64.0
#define LANE 11.0
#define BEND 28.0

typedef struct {
  const GraphPicture *picture;
  GString *out;
  GPtrArray *left, *right; /* targets that have a lane in the margins, the nearest first */
} Drawing;

static void
draw (Drawing *self, const gchar *format, ...) G_GNUC_PRINTF (2, 3);

/* With a point, whatever the locale. */
static const gchar *
number (gdouble value, gchar *buffer)
{
  return g_ascii_formatd (buffer, G_ASCII_DTOSTR_BUF_SIZE, "%.1f", value);
}

#define N(value) number (value, (gchar[G_ASCII_DTOSTR_BUF_SIZE]) { 0 })

static void
draw (Drawing *self, const gchar *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_string_append_vprintf (self->out, format, arguments);
  va_end (arguments);
}

/* What does not fit is cut: the whole is in the tooltip. */
static gchar *
fit (const gchar *text, gdouble width, gdouble character)
{
  glong room = (glong) (width / character), length = g_utf8_strlen (text, -1);
  g_autofree gchar *start = NULL;

  if (length <= room)
    return g_markup_escape_text (text, -1);
  start = g_utf8_substring (text, 0, MAX (room - 1, 1));
  {
    g_autofree gchar *escaped = g_markup_escape_text (start, -1);

    return g_strconcat (escaped, "\xe2\x80\xa6", NULL);
  }
}

static void
draw_text (Drawing *self, const gchar *class, gdouble x, gdouble y, gdouble width, gdouble character, const gchar *text)
{
  g_autofree gchar *fitted = fit (text, width, character);

  draw (self, "<text class=\"%s\" x=\"%s\" y=\"%s\">%s</text>\n", class, N (x), N (y), fitted);
}

static void
draw_shape (Drawing *self, const gchar *class, gdouble x, gdouble y, gdouble width, gdouble height, gdouble radius)
{
  draw (self, "<rect class=\"%s\" x=\"%s\" y=\"%s\" width=\"%s\" height=\"%s\" rx=\"%s\"/>\n", class, N (x), N (y), N (width), N (height),
        N (radius));
}

static gchar *
list_ops (const GraphBox *box)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; i < box->ops->len; i++)
    g_ptr_array_add (names, box->ops->pdata[i]);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (", ", (gchar **) names->pdata);
}

static gchar *
describe_cost (const GraphBox *box)
{
  g_autofree gchar *flops = cli_graph_format_count (box->flops);

  if (box->n_variables > 1)
    return g_strdup_printf ("%u variables, %s FLOPs", box->n_variables, flops);
  if (box->n_parameters > 0)
    return g_strdup_printf ("%" G_GUINT64_FORMAT " parameters, %s FLOPs", box->n_parameters, flops);
  return g_strdup_printf ("%s FLOPs", flops);
}

static gchar *
describe_result (GantryTensor *tensor)
{
  g_autofree gchar *shape = gantry_shape_to_string (gantry_tensor_get_shape (tensor));

  return g_strdup_printf ("%s %s", shape, gantry_dtype_name (gantry_tensor_get_dtype (tensor)));
}

static void
open_group (Drawing *self, const gchar *class, const gchar *scope, const gchar *detail)
{
  g_autofree gchar *escaped = g_markup_escape_text (scope, -1), *text = detail != NULL ? g_markup_escape_text (detail, -1) : NULL;

  draw (self, "<g class=\"%s\" data-scope=\"%s\">\n<title>%s%s%s</title>\n", class, escaped, escaped, text != NULL ? "\n" : "",
        text != NULL ? text : "");
}

static void
draw_input (Drawing *self, const GraphBox *box)
{
  g_autofree gchar *result = describe_result (box->result);

  open_group (self, "input", box->scope, NULL);
  draw_shape (self, "data", box->x, box->y, box->width, box->height, box->height / 2);
  draw_text (self, "name", box->x + 20, box->y + 18, box->width - 40, 7.2, box->title);
  draw_text (self, "shape", box->x + 20, box->y + 33, box->width - 40, 6.4, result);
  draw (self, "</g>\n");
}

static void
draw_gradient (Drawing *self, const GraphBox *box)
{
  gdouble x = box->x + GRAPH_BOX_WIDTH + GRAPH_TWIN_GAP;
  g_autofree gchar *flops = cli_graph_format_count (box->gradient_flops);
  g_autofree gchar *tensors = g_strdup_printf ("%u tensor%s", box->n_gradient, box->n_gradient == 1 ? "" : "s");
  g_autofree gchar *cost = g_strdup_printf ("%s FLOPs", flops);

  draw (self, "<path class=\"twin\" d=\"M%s,%s H%s\"/>\n", N (box->x + GRAPH_BOX_WIDTH), N (box->y + box->height / 2), N (x));
  draw_shape (self, "gradient", x, box->y, GRAPH_GRADIENT_WIDTH, box->height, 5);
  draw_text (self, "name", x + 12, box->y + 19, GRAPH_GRADIENT_WIDTH - 24, 7.2, "gradient");
  draw_text (self, "shape", x + 12, box->y + 36, GRAPH_GRADIENT_WIDTH - 24, 6.4, tensors);
  draw_text (self, "cost", x + 12, box->y + 52, GRAPH_GRADIENT_WIDTH - 24, 6.4, cost);
}

static void
draw_box (Drawing *self, const GraphBox *box, const gchar *name)
{
  g_autofree gchar *ops = list_ops (box), *cost = describe_cost (box), *result = NULL;
  gdouble room = GRAPH_BOX_WIDTH - 24;

  if (box->result != NULL && box->n_variables < 2)
    result = describe_result (box->result);
  open_group (self, "box", box->scope, ops);
  draw_shape (self, "forward", box->x, box->y, GRAPH_BOX_WIDTH, box->height, 5);
  draw_text (self, "name", box->x + 12, box->y + 18, room, 7.2, name);
  draw_text (self, "ops", box->x + 12, box->y + 34, room, 6.4, ops);
  if (result != NULL)
    draw_text (self, "shape", box->x + 12, box->y + 49, room, 6.4, result);
  draw_text (self, "cost", box->x + 12, box->y + 65, room, 6.4, cost);
  if (box->n_gradient > 0)
    draw_gradient (self, box);
  draw (self, "</g>\n");
}

static gchar *
join_names (const gchar *around, const GraphBox *box)
{
  return around != NULL ? g_strdup_printf ("%s: %s", around, box->title) : g_strdup (box->title);
}

static void
draw_frames (Drawing *self, const GraphBox *box, guint depth)
{
  gboolean is_core = cli_graph_box_get_core (box) != NULL;

  if (!cli_graph_box_is_frame (box))
    return;
  open_group (self, "frame", box->scope, NULL);
  if (!is_core)
    draw_shape (self, depth % 2 == 0 ? "even" : "odd", box->x, box->y, box->width, box->height, 8);
  draw (self, "</g>\n");
  for (guint i = 0; i < box->children->len; i++)
    draw_frames (self, box->children->pdata[i], is_core ? depth : depth + 1);
}

static void
draw_boxes (Drawing *self, const GraphBox *box, const gchar *around)
{
  g_autofree gchar *name = join_names (around, box);
  gboolean is_core = cli_graph_box_get_core (box) != NULL;

  if (box->is_input)
    draw_input (self, box);
  else if (!cli_graph_box_is_frame (box))
    draw_box (self, box, name);
  for (guint i = 0; i < box->children->len; i++)
    draw_boxes (self, box->children->pdata[i], is_core ? name : NULL);
}

static void
draw_titles (Drawing *self, const GraphBox *box, const gchar *around)
{
  g_autofree gchar *title = join_names (around, box);
  gboolean is_core = cli_graph_box_get_core (box) != NULL;

  if (!is_core && cli_graph_box_is_frame (box) && box->parent != NULL)
    draw_text (self, "scope", box->x + 12, box->y + 18, box->width - 24, 7.2, title);
  for (guint i = 0; i < box->children->len; i++)
    draw_titles (self, box->children->pdata[i], is_core ? title : NULL);
}

typedef struct {
  gdouble x, y;
} Point;

/* The middle of one side of one of the two boxes: -1 above, 1 below. */
static Point
get_port (const GraphBox *box, gboolean gradient, gint side)
{
  gdouble width = gradient ? GRAPH_GRADIENT_WIDTH : GRAPH_BOX_WIDTH;

  return (Point) { box->x + (gradient ? GRAPH_BOX_WIDTH + GRAPH_TWIN_GAP : 0) + width / 2, side < 0 ? box->y : box->y + box->height };
}

/* Whether a curve from one port to another runs over a box. */
static gboolean
is_blocked (const GraphBox *box, Point a, Point b, gdouble bend)
{
  for (guint i = 0; i < box->children->len; i++)
    if (is_blocked (box->children->pdata[i], a, b, bend))
      return TRUE;
  if (cli_graph_box_is_frame (box))
    return FALSE;
  for (guint step = 1; step < 64; step++)
    {
      gdouble t = step / 64.0, s = 1 - t;
      gdouble x = s * s * s * a.x + 3 * s * s * t * a.x + 3 * s * t * t * b.x + t * t * t * b.x;
      gdouble y = s * s * s * a.y + 3 * s * s * t * (a.y + bend) + 3 * s * t * t * (b.y - bend) + t * t * t * b.y;

      if (x > box->x - 3 && x < box->x + box->width + 3 && y > box->y + 1 && y < box->y + box->height - 1)
        return TRUE;
    }
  return FALSE;
}

static gdouble
get_lane (GPtrArray *targets, const GraphBox *target)
{
  guint i;

  if (!g_ptr_array_find (targets, target, &i))
    {
      i = targets->len;
      g_ptr_array_add (targets, (gpointer) target);
    }
  return (i + 1) * LANE;
}

static void
begin_path (Drawing *self, const GraphEdge *edge)
{
  g_autofree gchar *shape = gantry_shape_to_string (gantry_tensor_get_shape (edge->tensor));
  const gchar *class = edge->from_gradient ? "back" : "edge";

  draw (self, "<path class=\"%s\" marker-end=\"url(#%s)\" data-shape=\"%s\" d=\"", class, class, shape);
}

/* Through the margin, where it crosses nothing: what goes to one box shares a lane. */
static void
draw_around (Drawing *self, const GraphEdge *edge)
{
  const GraphBox *root = self->picture->root;
  gdouble from_y = edge->from->y + edge->from->height / 2, to_y = edge->to->y - 12;
  gdouble lane, from_x, to_x;

  if (edge->from_gradient)
    {
      lane = root->x + root->width + get_lane (self->right, edge->to);
      from_x = edge->from->x + edge->from->width;
      to_x = edge->to->x + edge->to->width - 24;
    }
  else
    {
      lane = root->x - get_lane (self->left, edge->to);
      from_x = edge->from->x;
      to_x = edge->to->x + 24;
    }
  begin_path (self, edge);
  draw (self, "M%s,%s H%s V%s H%s V%s\"/>\n", N (from_x), N (from_y), N (lane), N (to_y), N (to_x), N (edge->to->y - 1));
}

static void
draw_edge (Drawing *self, const GraphEdge *edge)
{
  gboolean up = edge->from_gradient && edge->to_gradient && edge->to->y < edge->from->y;
  Point a = get_port (edge->from, edge->from_gradient, up ? -1 : 1), b = get_port (edge->to, edge->to_gradient, up ? 1 : -1);
  gdouble bend = up ? -BEND : BEND;

  if ((up ? b.y >= a.y : b.y <= a.y) || is_blocked (self->picture->root, a, b, bend))
    {
      draw_around (self, edge);
      return;
    }
  begin_path (self, edge);
  draw (self, "M%s,%s C%s,%s %s,%s %s,%s\"/>\n", N (a.x), N (a.y), N (a.x), N (a.y + bend), N (b.x), N (b.y - bend), N (b.x),
        N (b.y + (up ? 1 : -1)));
}

static void
draw_header (Drawing *self, const GraphView *view)
{
  GantryProgramReport report = { .size = sizeof report };
  g_autofree gchar *flops = NULL, *workspace = NULL, *variables = NULL, *title = NULL, *costs = NULL;

  gantry_program_get_report (view->program, &report);
  flops = cli_graph_format_count (report.flops);
  workspace = cli_graph_format_bytes (report.workspace);
  variables = cli_graph_format_bytes (report.variables);
  title = g_strdup_printf ("phase %s", view->phase);
  costs = g_strdup_printf ("%u kernels, %s FLOPs a run, workspace %s, variables %s", report.n_kernels, flops, workspace, variables);
  draw_text (self, "title", 0, -HEADER + 24, 2000, 10, title);
  draw_text (self, "cost", 0, -HEADER + 46, 2000, 6.4, costs);
}

/* Draws a picture around its own origin and says how wide and high it is. */
static void
draw_picture (Drawing *self, const GraphView *view, gdouble *left, gdouble *width, gdouble *height)
{
  draw_header (self, view);
  draw_frames (self, self->picture->root, 0);
  for (guint i = 0; i < self->picture->edges->len; i++)
    draw_edge (self, self->picture->edges->pdata[i]);
  /* Boxes cover the arrows that pass behind them. */
  draw_boxes (self, self->picture->root, NULL);
  draw_titles (self, self->picture->root, NULL);
  *left = (self->left->len + 1) * LANE;
  *width = *left + MAX (self->picture->root->width, 460) + (self->right->len + 1) * LANE;
  *height = HEADER + self->picture->root->height;
}

static const gchar style[] =
  "<style>\n"
  "text { font-family: sans-serif; font-size: 12px; fill: #222 }\n"
  ".title { font-size: 19px; font-weight: bold } .name { font-size: 13px; font-weight: bold }\n"
  ".scope { font-weight: bold; fill: #555; paint-order: stroke; stroke: #eef0f3; stroke-width: 4px }\n"
  ".ops { fill: #555 } .cost { fill: #555 }\n"
  ".even { fill: #f4f5f7; stroke: #c3c8cf } .odd { fill: #e9ecf0; stroke: #c3c8cf }\n"
  ".forward { fill: #fff; stroke: #3465a4; stroke-width: 1.4 } .gradient { fill: #fff7e8; stroke: #c17d11; stroke-dasharray: 5 3 }\n"
  ".data { fill: #e6f4e1; stroke: #4e9a06 }\n"
  "path { fill: none; stroke-width: 1.4 } .edge { stroke: #3465a4 } .back { stroke: #c17d11 } .twin { stroke: #999; stroke-dasharray: 2 3 }\n"
  "marker path { stroke: none } #edge path { fill: #3465a4 } #back path { fill: #c17d11 }\n"
  "</style>\n";

static void
write_document (const GString *body, gdouble width, gdouble height, FILE *file)
{
  static const gchar *const markers[] = { "edge", "back" };

  fprintf (file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
           "viewBox=\"0 0 %.0f %.0f\">\n%s<defs>\n", width, height, width, height, style);
  for (guint i = 0; i < G_N_ELEMENTS (markers); i++)
    fprintf (file, "<marker id=\"%s\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
             "<path d=\"M0,0 L8,4 L0,8 Z\"/></marker>\n", markers[i]);
  fprintf (file, "</defs>\n<rect width=\"%.0f\" height=\"%.0f\" fill=\"#fff\"/>\n", width, height);
  fputs (body->str, file);
  fputs ("<text x=\"24\" y=\"", file);
  fprintf (file, "%.0f\" class=\"cost\">Blue: what is computed, downwards. Dashed: its gradient, upwards, with what the layers around it gave. "
           "Green: batches and draws.</text>\n</svg>\n", height - 16);
}

void
cli_graph_print_svg (const GraphView *views, guint n_views, FILE *file)
{
  g_autoptr (GString) body = g_string_new (NULL);
  gdouble x = MARGIN, bottom = 0;

  for (guint i = 0; i < n_views; i++)
    {
      g_autoptr (GraphPicture) picture = cli_graph_picture_new (&views[i]);
      g_autoptr (GString) out = g_string_new (NULL);
      g_autoptr (GPtrArray) left_lanes = g_ptr_array_new (), right_lanes = g_ptr_array_new ();
      Drawing drawing = { picture, out, left_lanes, right_lanes };
      gdouble left, width, height;

      cli_graph_picture_place (picture);
      draw_picture (&drawing, &views[i], &left, &width, &height);
      g_string_append_printf (body, "<g transform=\"translate(%.0f,%.0f)\">\n%s</g>\n", x + left, MARGIN + HEADER, out->str);
      x += width + MARGIN;
      bottom = MAX (bottom, MARGIN + height);
    }
  write_document (body, MAX (x, 860), bottom + 48, file);
}
