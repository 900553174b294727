/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Included once for each size of an element, with T and LOOP (name) defined: moving elements does not look at them. */

static void
LOOP (gather) (const T *x, T *y, ReferenceWalk *walk)
{
  do
    *y++ = x[walk->offsets[0]];
  while (reference_walk_next (walk));
}

static void
LOOP (scatter) (const T *x, T *y, ReferenceWalk *walk)
{
  do
    y[walk->offsets[0]] = *x++;
  while (reference_walk_next (walk));
}

static void
LOOP (permute) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  ReferenceWalk walk;

  walk_permuted (&walk, call->tensor);
  LOOP (gather) (inputs[0], output, &walk);
}

static void
LOOP (broadcast_to) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  ReferenceWalk walk;

  reference_walk_init (&walk, reference_shape (call->tensor));
  reference_walk_add (&walk, reference_shape (gantry_tensor_get_input (call->tensor, 0)), 0);
  LOOP (gather) (inputs[0], output, &walk);
}

static void
LOOP (slice) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const gint64 *ints = reference_ints (call->tensor);
  ReferenceWalk walk;

  walk_part (&walk, reference_shape (call->tensor), reference_shape (gantry_tensor_get_input (call->tensor, 0)), ints[0], ints[1]);
  LOOP (gather) (inputs[0], output, &walk);
}

static void
LOOP (pad) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const gint64 *ints = reference_ints (call->tensor);
  ReferenceWalk walk;

  memset (output, 0, gantry_tensor_get_size (call->tensor) * sizeof (T));
  walk_part (&walk, reference_shape (gantry_tensor_get_input (call->tensor, 0)), reference_shape (call->tensor), ints[0], ints[1]);
  LOOP (scatter) (inputs[0], output, &walk);
}

static void
LOOP (concat) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  guint axis = reference_ints (call->tensor)[0];
  gsize start = 0;

  for (guint i = 0; i < gantry_tensor_get_n_inputs (call->tensor); i++)
    {
      const GantryShape *shape = reference_shape (gantry_tensor_get_input (call->tensor, i));
      ReferenceWalk walk;

      walk_part (&walk, shape, reference_shape (call->tensor), axis, start);
      LOOP (scatter) (inputs[i], output, &walk);
      start += shape->dims[axis];
    }
}
