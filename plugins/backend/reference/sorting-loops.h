/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Included once for each type, with T and LOOP (name) defined. */

/* NaN counts as the largest. */
static gboolean
LOOP (is_less) (T a, T b)
{
  return a < b || (REFERENCE_IS_NAN (b) && !REFERENCE_IS_NAN (a));
}

static gboolean
LOOP (comes_before) (const T *x, gsize stride, gint64 i, gint64 j, gboolean descending)
{
  T a = x[i * stride], b = x[j * stride];

  if (descending ? LOOP (is_less) (b, a) : LOOP (is_less) (a, b))
    return TRUE;
  return i < j && !(descending ? LOOP (is_less) (a, b) : LOOP (is_less) (b, a));
}

static void
LOOP (arg_extremum) (const ReferenceCall *call, const T *x, gint64 *positions, gboolean least)
{
  const Lines lines = find_lines (call->tensor);

  for (gsize line = 0; line < lines.n; line++)
    {
      const T *first = x + line_start (&lines, line);
      gsize best = 0;

      for (gsize i = 1; i < lines.length; i++)
        {
          T value = first[i * lines.stride], chosen = first[best * lines.stride];

          if (!REFERENCE_IS_NAN (chosen) && (REFERENCE_IS_NAN (value) || (least ? value < chosen : value > chosen)))
            best = i;
        }
      positions[line] = (gint64) best;
    }
}

static void
LOOP (arg_max) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  LOOP (arg_extremum) (call, inputs[0], output, FALSE);
}

static void
LOOP (arg_min) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  LOOP (arg_extremum) (call, inputs[0], output, TRUE);
}

/* Moves the root of a heap down to where it belongs: each position goes after those below it. */
static void
LOOP (sift) (const T *x, gint64 *positions, gsize stride, gsize root, gsize n, gboolean descending)
{
  for (gsize child = 2 * root + 1; child < n; root = child, child = 2 * root + 1)
    {
      gint64 above = positions[root * stride], below;

      if (child + 1 < n && LOOP (comes_before) (x, stride, positions[child * stride], positions[(child + 1) * stride], descending))
        child++;
      below = positions[child * stride];
      if (!LOOP (comes_before) (x, stride, above, below, descending))
        return;
      positions[root * stride] = below;
      positions[child * stride] = above;
    }
}

/* Heap sort, in the result itself; equal elements go by their positions. */
static void
LOOP (arg_sort) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const Lines lines = find_lines (call->tensor);
  gboolean descending = reference_ints (call->tensor)[1] != 0;

  for (gsize line = 0; line < lines.n; line++)
    {
      const T *x = (const T *) inputs[0] + line_start (&lines, line);
      gint64 *positions = (gint64 *) output + line_start (&lines, line);

      for (gsize i = 0; i < lines.length; i++)
        positions[i * lines.stride] = (gint64) i;
      for (gsize i = lines.length / 2; i-- > 0;)
        LOOP (sift) (x, positions, lines.stride, i, lines.length, descending);
      for (gsize n = lines.length; n-- > 1;)
        {
          gint64 last = positions[n * lines.stride];

          positions[n * lines.stride] = positions[0];
          positions[0] = last;
          LOOP (sift) (x, positions, lines.stride, 0, n, descending);
        }
    }
}
