/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Category `networks`: an architecture component, applied in a role. */
#include "replay/settings.h"

/* A network of the reference set: which architecture in which role it is, and what its tensors are called on both sides. */
typedef struct {
  const gchar *subject;
  const gchar *architecture;
  const gchar *role;
  const gchar *input;        /* of the case */
  const gchar *input_name;   /* of the architecture */
  const gchar *output_name;  /* likewise */
  gboolean has_sigmoid;      /* the published network ends in one, Gantry's in logits of shape [N, 1] */
  SettingsKey keys[4];
} NetworkSubject;

static const NetworkSubject subjects[] = {
  { "dcgan/generator", "dcgan", "generator", "x.z", "latent", "image", FALSE, { { "ngf", "width", NULL }, { "nz", "latent", NULL } } },
  { "dcgan/discriminator", "dcgan", "discriminator", "x.input", "image", "logits", TRUE, { { "ndf", "width", NULL } } },
};

static const NetworkSubject *
find_subject (const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (subjects); i++)
    if (g_str_equal (subjects[i].subject, name))
      return &subjects[i];
  return NULL;
}

static GantryTensor *
apply (Replay *self, const NetworkSubject *subject, GantryNetwork *network)
{
  GantryMode mode = settings_get_bool (self, "training") ? GANTRY_MODE_TRAIN : GANTRY_MODE_EVALUATE;
  GantryTensor *y = gantry_network_apply_one (network, replay_value (self, subject->input), subject->input_name, subject->output_name, mode);

  if (!subject->has_sigmoid)
    return y;
  y = gantry_sigmoid (y);
  return gantry_reshape (y, GANTRY_SHAPE (gantry_tensor_get_dim (y, 0)));
}

/* Every buffer that the case has after the run is a variable of the network. */
static void
watch_buffers (Replay *self)
{
  for (guint i = 0; self->item->outputs[i] != NULL; i++)
    if (g_str_has_prefix (self->item->outputs[i], "out.buffer_after."))
      {
        const gchar *name = self->item->outputs[i] + strlen ("out.buffer_after.");
        g_autofree gchar *variable = g_strconcat ("net.", name, NULL);

        replay_set_after (self, name, variable);
      }
}

gboolean
replay_network (Replay *self, GError **error)
{
  const NetworkSubject *subject = find_subject (self->item->subject);
  g_autoptr (GantryComponent) architecture = NULL;
  g_autoptr (GantryNetwork) network = NULL;
  GantryShape shape = { 3, { 0 } };

  if (subject == NULL)
    return settings_skip (error, "no architecture for %s is built", self->item->subject);
  architecture = settings_create (self, "architecture", subject->architecture, TRUE, error);
  if (architecture == NULL)
    return FALSE;
  shape.dims[0] = settings_get_int (self, "nc");
  shape.dims[1] = shape.dims[2] = settings_get_int (self, "resolution");
  settings_get (self, "training"); /* a mode of the application, no property */
  if (!settings_apply (self, &architecture, 1, subject->keys, error))
    return FALSE;
  network = gantry_network_new ("net", subject->role, GANTRY_ARCHITECTURE (architecture), &shape, error);
  if (network == NULL)
    return FALSE;

  replay_set_only_output (self, apply (self, subject, network));
  watch_buffers (self);
  return replay_hold_all (self, "net", error) && replay_differentiate (self, error) && replay_evaluate (self, error);
}
