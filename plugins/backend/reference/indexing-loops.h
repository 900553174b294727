/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Included once for each type, with T, MISSING (what a wrong index reads) and LOOP (name) defined. */

static void
LOOP (gather) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const Indexing g = describe_elements (call->tensor, INPUT (0), INPUT (1));
  const gint64 *index = inputs[1];
  const T *x = inputs[0];
  T *y = output;

  for (gsize i = 0; i < g.outer; i++)
    for (gsize j = 0; j < g.n; j++)
      for (gsize k = 0; k < g.inner; k++, index++)
        *y++ = is_within (*index, g.size) ? x[(i * g.size + (gsize) *index) * g.inner + k] : MISSING;
}

static void
LOOP (index_select) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const Indexing g = describe_slices (call->tensor, INPUT (0), INPUT (1));
  const gint64 *index = inputs[1];
  const T *x = inputs[0];
  T *y = output;

  for (gsize i = 0; i < g.outer; i++)
    for (gsize j = 0; j < g.n; j++)
      for (gsize k = 0; k < g.inner; k++)
        *y++ = is_within (index[j], g.size) ? x[(i * g.size + (gsize) index[j]) * g.inner + k] : MISSING;
}

static G_GNUC_UNUSED void
LOOP (scatter_add) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const Indexing g = describe_elements (call->tensor, call->tensor, INPUT (1));
  const gint64 *index = inputs[1];
  const T *x = inputs[0];
  T *y = output;

  memset (y, 0, gantry_tensor_get_size (call->tensor) * sizeof (T));
  for (gsize i = 0; i < g.outer; i++)
    for (gsize j = 0; j < g.n; j++)
      for (gsize k = 0; k < g.inner; k++, index++, x++)
        if (is_within (*index, g.size))
          y[(i * g.size + (gsize) *index) * g.inner + k] += *x;
}

static G_GNUC_UNUSED void
LOOP (index_add) (const ReferenceCall *call, gconstpointer const *inputs, gpointer output)
{
  const Indexing g = describe_slices (call->tensor, call->tensor, INPUT (1));
  const gint64 *index = inputs[1];
  const T *x = inputs[0];
  T *y = output;

  memset (y, 0, gantry_tensor_get_size (call->tensor) * sizeof (T));
  for (gsize i = 0; i < g.outer; i++)
    for (gsize j = 0; j < g.n; j++)
      for (gsize k = 0; k < g.inner; k++, x++)
        if (is_within (index[j], g.size))
          y[(i * g.size + (gsize) index[j]) * g.inner + k] += *x;
}
