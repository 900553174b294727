/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Included once for each type, with T and LOOP (name) defined. */

/* y[o, i, k] = sum over taps t of row i of w[t] x[o, place[t], k] */
static void
LOOP (resample) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const Resampling g = describe_resampling (call->tensor);
  const T *x = inputs[0];
  T *y = output;

  for (gsize o = 0; o < g.outer; o++)
    for (gsize i = 0; i < g.rows; i++)
      for (gsize k = 0; k < g.inner; k++)
        {
          gdouble sum = 0;

          for (gint64 t = g.starts[i]; t < g.starts[i + 1]; t++)
            sum += g.weights[t] * (gdouble) x[(o * g.columns + (gsize) g.places[t]) * g.inner + k];
          *y++ = (T) sum;
        }
}

/* The first of the largest, or the last NaN. */
static void
LOOP (max_pool_index) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const Windows g = describe_windows (call->tensor);
  const T *x = inputs[0];
  gint64 *y = output;

  for (gsize o = 0; o < g.outer; o++, x += g.height * g.width)
    for (gint64 i = 0; i < g.rows; i++)
      for (gint64 j = 0; j < g.columns; j++)
        {
          gint64 best = -1;

          for (gint64 p = 0; p < g.kernel[0]; p++)
            for (gint64 q = 0; q < g.kernel[1]; q++)
              {
                gint64 row = i * g.stride[0] - g.padding[0] + p * g.dilation[0], column = j * g.stride[1] - g.padding[1] + q * g.dilation[1];
                gint64 at = row * g.width + column;

                if (row >= 0 && row < g.height && column >= 0 && column < g.width && (best < 0 || x[at] > x[best] || x[at] != x[at]))
                  best = at;
              }
          *y++ = best;
        }
}
