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
  gboolean has_sigmoid;      /* the published network ends in one, Gantry's in logits */
  SettingsKey keys[5];
  const gchar *properties;   /* that no key of the case says: "pooling=mean normalization=none"; NULL: none */
} NetworkSubject;

/* The keys of residual networks that are no properties: true, 4 and the number of iterations are what there is. */
#define RESNET_KEYS { "bottom_width", NULL, "4" }, { "spectral_norm", NULL, "true" }

static const NetworkSubject subjects[] = {
  { "dcgan/generator", "dcgan", "generator", "x.z", "latent", "image", FALSE, { { "ngf", "width", NULL }, { "nz", "latent", NULL } } },
  { "dcgan/discriminator", "dcgan", "discriminator", "x.input", "image", "logits", TRUE, { { "ndf", "width", NULL } } },
  { "sngan-resnet/generator", "resnet", "generator", "x.z", "latent", "image", FALSE,
    { { "ngf", "width", NULL }, { "nz", "latent", NULL }, RESNET_KEYS } },
  { "sngan-resnet/discriminator", "resnet", "discriminator", "x.input", "image", "logits", FALSE, { { "ndf", "width", NULL }, RESNET_KEYS } },
  { "wgan-gp-resnet/generator", "resnet", "generator", "x.z", "latent", "image", FALSE,
    { { "ngf", "width", NULL }, { "nz", "latent", NULL }, RESNET_KEYS } },
  { "wgan-gp-resnet/critic", "resnet", "discriminator", "x.input", "image", "logits", FALSE, { { "ndf", "width", NULL } },
    "pooling=mean normalization=none" },
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
  /* A network without statistics does not say. */
  GantryMode mode = !settings_has (self, "training") || settings_get_bool (self, "training") ? GANTRY_MODE_TRAIN : GANTRY_MODE_EVALUATE;
  GantryTensor *y = gantry_network_apply_one (network, replay_value (self, subject->input), subject->input_name, subject->output_name, mode);
  GantryArray *expected = case_get_tensor (self->item, "out.y");

  if (subject->has_sigmoid)
    y = gantry_sigmoid (y);
  /* Logits are [N] here, and [N, 1] in some of the published code. */
  if (expected != NULL && g_str_equal (subject->output_name, "logits") && gantry_array_get_size (expected) == gantry_tensor_get_size (y))
    y = gantry_reshape (y, gantry_array_get_shape (expected));
  return y;
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

static gboolean
set_properties (GantryComponent *architecture, const gchar *properties, GError **error)
{
  g_auto (GStrv) words = g_strsplit (properties != NULL ? properties : "", " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (words[i], "=", 2);

      if (!gantry_component_set (architecture, parts[0], parts[1], error))
        return FALSE;
    }
  return TRUE;
}

/* As many power iterations as the mode makes: one in training, none in evaluation. */
static gboolean
check_iterations (Replay *self, GError **error)
{
  const gboolean is_training = settings_has (self, "training") && settings_get_bool (self, "training");

  return !settings_has (self, "power_iterations") || settings_need (self, "power_iterations", is_training ? "1" : "0", error);
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
  if (!check_iterations (self, error) || !set_properties (architecture, subject->properties, error)
      || !settings_apply (self, &architecture, 1, subject->keys, error))
    return FALSE;
  network = gantry_network_new ("net", subject->role, GANTRY_ARCHITECTURE (architecture), &shape, error);
  if (network == NULL)
    return FALSE;

  replay_set_only_output (self, apply (self, subject, network));
  watch_buffers (self);
  return replay_hold_all (self, "net", error) && replay_differentiate (self, error) && replay_evaluate (self, error);
}
