/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Included once for each type, with T and LOOP (name) defined. */

static void
LOOP (matmul) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  Matmul matmul;
  ReferenceWalk batch;
  T *y = output;

  start_matmul (call->tensor, &matmul, &batch);
  do
    {
      const T *a = (const T *) inputs[0] + batch.offsets[0], *b = (const T *) inputs[1] + batch.offsets[1];

      for (gsize i = 0; i < matmul.m; i++)
        for (gsize j = 0; j < matmul.n; j++)
          {
            gdouble sum = 0;

            for (gsize l = 0; l < matmul.k; l++)
              sum += (gdouble) a[i * matmul.a_row + l * matmul.a_column] * (gdouble) b[l * matmul.b_row + j * matmul.b_column];
            *y++ = (T) sum;
          }
    }
  while (reference_walk_next (&batch));
}
