/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Included once for each type, with T and LOOP (name) defined. */

/* y[n, o, i, j] = sum over c, p, q of x[n, c, i s + p d - pad, ...] w[o, c, p, q]. */
static void
LOOP (conv2d) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const Convolution g = describe (call->tensor, INPUT (0), INPUT (1), call->tensor);
  const T *x = inputs[0], *w = inputs[1];
  T *y = output;

  for (gsize n = 0; n < g.batch; n++)
    for (gsize o = 0; o < g.out_channels; o++)
      for (gsize i = 0; i < g.out_height; i++)
        for (gsize j = 0; j < g.out_width; j++)
          {
            gsize first = o / g.group_out * g.group_in;
            gdouble sum = 0;

            for (gsize c = 0; c < g.group_in; c++)
              for (gsize p = 0; p < g.kernel_height; p++)
                for (gsize q = 0; q < g.kernel_width; q++)
                  {
                    gssize row = row_of (&g, i, p), column = column_of (&g, j, q);

                    if (inside (&g, row, column))
                      sum += (gdouble) x[at_x (&g, n, first + c, row, column)] * (gdouble) w[at_w (&g, o, c, p, q)];
                  }
            *y++ = (T) sum;
          }
}

/* The transpose of conv2d in x: every x gets what it contributed to. */
static void
LOOP (conv2d_input) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const Convolution g = describe (call->tensor, call->tensor, INPUT (1), INPUT (0));
  const T *dy = inputs[0], *w = inputs[1];
  T *dx = output;

  for (gsize n = 0; n < g.batch; n++)
    for (gsize c = 0; c < g.in_channels; c++)
      for (gsize row = 0; row < g.in_height; row++)
        for (gsize column = 0; column < g.in_width; column++)
          {
            gsize first = c / g.group_in * g.group_out;
            gdouble sum = 0;

            for (gsize o = 0; o < g.group_out; o++)
              for (gsize p = 0; p < g.kernel_height; p++)
                for (gsize q = 0; q < g.kernel_width; q++)
                  {
                    gsize i, j;

                    if (output_row_of (&g, row, p, &i) && output_column_of (&g, column, q, &j))
                      sum += (gdouble) dy[at_y (&g, n, first + o, i, j)] * (gdouble) w[at_w (&g, first + o, c % g.group_in, p, q)];
                  }
            *dx++ = (T) sum;
          }
}

/* The transpose of conv2d in w. */
static void
LOOP (conv2d_weight) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const Convolution g = describe (call->tensor, INPUT (0), call->tensor, INPUT (1));
  const T *x = inputs[0], *dy = inputs[1];
  T *dw = output;

  for (gsize o = 0; o < g.out_channels; o++)
    for (gsize c = 0; c < g.group_in; c++)
      for (gsize p = 0; p < g.kernel_height; p++)
        for (gsize q = 0; q < g.kernel_width; q++)
          {
            gsize first = o / g.group_out * g.group_in;
            gdouble sum = 0;

            for (gsize n = 0; n < g.batch; n++)
              for (gsize i = 0; i < g.out_height; i++)
                for (gsize j = 0; j < g.out_width; j++)
                  {
                    gssize row = row_of (&g, i, p), column = column_of (&g, j, q);

                    if (inside (&g, row, column))
                      sum += (gdouble) x[at_x (&g, n, first + c, row, column)] * (gdouble) dy[at_y (&g, n, o, i, j)];
                  }
            *dw++ = (T) sum;
          }
}
