/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Included once for each type, with T, SUM (the type sums are made in) and LOOP (name) defined. */

static void
LOOP (sum) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const T *x = inputs[0];
  T *y = output;
  ReferenceWalk kept, reduced;

  start_walks (call->tensor, &kept, &reduced);
  do
    {
      SUM sum = 0;

      do
        sum += (SUM) x[kept.offsets[0] + reduced.offsets[0]];
      while (reference_walk_next (&reduced));
      *y++ = (T) sum;
    }
  while (reference_walk_next (&kept));
}

static void
LOOP (max) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const T *x = inputs[0];
  T *y = output;
  ReferenceWalk kept, reduced;

  start_walks (call->tensor, &kept, &reduced);
  do
    {
      T max = x[kept.offsets[0]];

      do
        {
          T value = x[kept.offsets[0] + reduced.offsets[0]];

          max = value > max || REFERENCE_IS_NAN (value) ? value : max;
        }
      while (reference_walk_next (&reduced));
      *y++ = max;
    }
  while (reference_walk_next (&kept));
}
