/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/blocking-backend.h"

#include <string.h>

#define BLOCK 2

typedef struct {
  GObject parent_instance;
  guint axis;
} BlockingBackend;

typedef GObjectClass BlockingBackendClass;

/* x, the weight and y of a convolution */
enum { X, W, Y, N_ROLES };

typedef struct {
  GantryShape shapes[N_ROLES]; /* as if they were plain */
  GantryBlocking blockings[N_ROLES];
  gint64 ints[7];
  guint result; /* its role */
} Convolution;

static const gchar *const names[] = { "conv2d", "conv2d-input", "conv2d-weight" };
static const guint roles[][3] = { { X, W, Y }, { Y, W, X }, { X, Y, W } }; /* of the inputs and the result */

static gsize
find_place (const Convolution *self, guint role, const gsize *index)
{
  const GantryShape *shape = &self->shapes[role];
  const GantryBlocking *blocking = &self->blockings[role];
  gsize place = 0;

  for (guint axis = 0; axis < 4; axis++)
    {
      gboolean is_cut = blocking->block > 0 && axis == blocking->axis;

      place = place * (is_cut ? shape->dims[axis] / blocking->block : shape->dims[axis]) + (is_cut ? index[axis] / blocking->block : index[axis]);
    }
  return blocking->block > 0 ? place * blocking->block + index[blocking->axis] % blocking->block : place;
}

/* All products that a convolution sums, each added to the result that it belongs to. */
static void
run (gpointer data, gconstpointer const *inputs, gpointer output, gpointer scratch)
{
  const Convolution *self = data;
  const gsize *x = self->shapes[X].dims, *w = self->shapes[W].dims, *y = self->shapes[Y].dims;
  const guint *order = self->result == Y ? roles[0] : self->result == X ? roles[1] : roles[2];
  gsize at[N_ROLES][4];

  memset (output, 0, gantry_shape_size (&self->shapes[self->result]) * sizeof (gdouble));
  for (gsize i = 0; i < gantry_shape_size (&self->shapes[Y]) * w[1] * w[2] * w[3]; i++)
    {
      gsize across = i % w[3], down = i / w[3] % w[2], channel = i / (w[3] * w[2]) % w[1], rest = i / (w[3] * w[2] * w[1]);
      gsize column = rest % y[3], row = rest / y[3] % y[2], out = rest / (y[3] * y[2]) % y[1], n = rest / (y[3] * y[2] * y[1]);
      gint64 x_row = (gint64) row * self->ints[0] + (gint64) down * self->ints[4] - self->ints[2];
      gint64 x_column = (gint64) column * self->ints[1] + (gint64) across * self->ints[5] - self->ints[3];

      if (x_row < 0 || x_row >= (gint64) x[2] || x_column < 0 || x_column >= (gint64) x[3])
        continue;
      memcpy (at[X], ((gsize[]) { n, channel, (gsize) x_row, (gsize) x_column }), sizeof at[X]);
      memcpy (at[W], ((gsize[]) { out, channel, down, across }), sizeof at[W]);
      memcpy (at[Y], ((gsize[]) { n, out, row, column }), sizeof at[Y]);
      ((gdouble *) output)[find_place (self, self->result, at[self->result])] +=
        ((const gdouble *) inputs[0])[find_place (self, order[0], at[order[0]])] *
        ((const gdouble *) inputs[1])[find_place (self, order[1], at[order[1]])];
    }
}

static gboolean
claim (GantryBackend *backend, const GantryClaim *offer, GantryKernel *kernel)
{
  GantryTensor *tensor = offer->tensor;
  const gchar *name = gantry_tensor_get_op_name (tensor);
  guint n_ints, kind = 0;
  const gint64 *ints = gantry_tensor_get_ints (tensor, &n_ints);
  Convolution *self;

  if (!g_str_has_prefix (name, "blocked-"))
    return FALSE;
  while (!g_str_equal (name + strlen ("blocked-"), names[kind]))
    kind++;
  self = g_new0 (Convolution, 1);
  self->result = roles[kind][2];
  memcpy (self->ints, ints, sizeof self->ints);
  for (guint i = 0; i < 3; i++)
    {
      const gint64 *pair = ints + n_ints - 6 + 2 * i;
      guint role = roles[kind][i];

      self->blockings[role] = (GantryBlocking) { (guint) pair[0], (gsize) pair[1] };
      gantry_shape_unblock (gantry_tensor_get_shape (i == 2 ? tensor : gantry_tensor_get_input (tensor, i)), &self->blockings[role],
                            &self->shapes[role]);
    }
  kernel->name = "naive";
  kernel->run = run;
  kernel->data = self;
  kernel->free = g_free;
  return TRUE;
}

static gboolean
choose_layouts (GantryBackend *backend, const GantryClaim *offer, GantryLayouts *layouts)
{
  guint axis = ((BlockingBackend *) backend)->axis, kind = 0;
  GantryBlocking *blockings[] = { &layouts->inputs[0], &layouts->inputs[1], &layouts->result };
  gboolean any = FALSE;

  while (!g_str_equal (gantry_tensor_get_op_name (offer->tensor), names[kind]))
    kind++;
  for (guint i = 0; i < 3; i++)
    {
      GantryTensor *tensor = i == 2 ? offer->tensor : gantry_tensor_get_input (offer->tensor, i);

      if (roles[kind][i] == W || gantry_tensor_get_dim (tensor, axis) % BLOCK != 0)
        continue;
      *blockings[i] = (GantryBlocking) { axis, BLOCK };
      any = TRUE;
    }
  return any;
}

static void
blocking_backend_interface (GantryBackendInterface *iface)
{
  iface->claim = claim;
  iface->choose_layouts = choose_layouts;
}

static GType blocking_backend_get_type (void);

G_DEFINE_TYPE_WITH_CODE (BlockingBackend, blocking_backend, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (GANTRY_TYPE_BACKEND, blocking_backend_interface))

static void
blocking_backend_class_init (BlockingBackendClass *klass)
{
}

static void
blocking_backend_init (BlockingBackend *self)
{
}

GantryBackend *
blocking_backend_new (guint axis)
{
  BlockingBackend *self = g_object_new (blocking_backend_get_type (), NULL);

  self->axis = axis;
  return GANTRY_BACKEND (self);
}
