/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Category `regularizers`: a regularizer component over one match of a small critic that the case describes.  A
   subject is the name of its plugin. */
#include "replay/layers.h"

#define CRITIC "critic"

static const gchar *const built[] = { "gradient-penalty", "r1", NULL };

static const SettingsKey regularizer_keys[] = {
  { "epsilon_multiplies", "weighs", NULL },
  { "drift", NULL, "0" }, /* of the loss, where there is one */
  { NULL, NULL, NULL }
};

/* Subjects that are not about a critic. */
static const struct {
  const gchar *subject;
  gboolean (*replay) (Replay *self, GError **error);
} others[] = {
  { "weight-clip", replay_constraint },
  { "gradient-clip", replay_clipping },
};

/* What a component publishes, as the reference set calls it; by its set of samples where that is told apart. */
static const struct {
  const gchar *reference;
  const gchar *instance; /* NULL: the first */
  const gchar *published;
} published[] = {
  { "per_sample", NULL, "per-sample" },
  { "input_grad", NULL, "gradient" },
  { "r1", "real", "per-sample" },
  { "r2", "fake", "per-sample" },
  { "x_hat", NULL, "point" },
  { "d_hat", NULL, "logits" },
  { "grad_norm", NULL, "gradient-norm" },
  { "grad_norm_sq", NULL, "gradient-norm-squared" },
};

typedef struct {
  GantryNetwork *critic;
  GPtrArray *losses;
  GPtrArray *regularizers;
  GantryMatch match;
} Scene;

static void
scene_clear (Scene *self)
{
  g_clear_object (&self->critic);
  g_clear_pointer (&self->losses, g_ptr_array_unref);
  g_clear_pointer (&self->regularizers, g_ptr_array_unref);
  g_clear_pointer (&self->match.real_outputs, gantry_tensors_unref);
  g_clear_pointer (&self->match.fake_outputs, gantry_tensors_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static GantryComponent *
add_regularizer (Replay *self, Scene *scene, GError **error)
{
  const gchar *name = self->item->subject;
  GantryComponent *component = settings_create (self, "regularizer", name, g_strv_contains (built, name), error);

  if (component != NULL)
    g_ptr_array_add (scene->regularizers, component);
  return component;
}

/* One regularizer for each set of samples that `on` lists, called by the set; one alone where there is no such list. */
static gboolean
make_regularizers (Replay *self, Scene *scene, GError **error)
{
  JsonNode *on = settings_get (self, "on");
  guint n = on != NULL && JSON_NODE_HOLDS_ARRAY (on) ? json_array_get_length (json_node_get_array (on)) : 0;

  for (guint i = 0; i < MAX (n, 1); i++)
    {
      GantryComponent *component = add_regularizer (self, scene, error);
      const gchar *set = n > 0 ? json_array_get_string_element (json_node_get_array (on), i) : NULL;

      if (component == NULL)
        return FALSE;
      if (n > 0)
        gantry_component_set_identity (component, "regularizer", self->item->subject, set);
      if (n > 0 && !gantry_component_set (component, "on", set, error))
        return FALSE;
    }
  return TRUE;
}

/* Keys of the case that are properties of the loss. */
static gboolean
set_up_loss (Replay *self, GantryComponent *loss, GError **error)
{
  g_autofree gchar *drift = NULL;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (loss), "drift") == NULL || !settings_has (self, "drift"))
    return TRUE;
  drift = settings_to_text (settings_get (self, "drift"));
  return gantry_component_set (loss, "drift", drift, error);
}

static gboolean
make_components (Replay *self, Scene *scene, GError **error)
{
  JsonNode *loss = settings_get (self, "loss");

  scene->losses = g_ptr_array_new_with_free_func (g_object_unref);
  scene->regularizers = g_ptr_array_new_with_free_func (g_object_unref);
  if (loss != NULL)
    {
      GantryComponent *component = settings_create (self, "loss", json_node_get_string (loss), FALSE, error);

      if (component == NULL)
        return FALSE;
      g_ptr_array_add (scene->losses, component);
      if (!set_up_loss (self, component, error))
        return FALSE;
    }
  if (!make_regularizers (self, scene, error))
    return FALSE;
  if (!settings_has (self, "discriminator"))
    return settings_skip (error, "a regularizer without a critic is not built");
  scene->critic = layers_make_network (self, settings_get (self, "discriminator"), CRITIC, "discriminator", "param.", "x.real", error);
  return scene->critic != NULL;
}

static GantryTensors *
apply_critic (Replay *self, Scene *scene, GantryTensor *image)
{
  g_autoptr (GantryTensors) inputs = gantry_tensors_new ();

  gantry_tensors_set (inputs, "image", image);
  return gantry_network_apply (scene->critic, self->graph, inputs, GANTRY_MODE_TRAIN);
}

static void
play (Replay *self, Scene *scene)
{
  scene->match.size = sizeof scene->match;
  scene->match.name = "main";
  scene->match.critic = scene->critic;
  scene->match.real = replay_value (self, "x.real");
  scene->match.fake = replay_value (self, "x.fake");
  scene->match.real_outputs = apply_critic (self, scene, scene->match.real);
  scene->match.fake_outputs = apply_critic (self, scene, scene->match.fake);
}

static void
set_output_if_wanted (Replay *self, const gchar *name, GantryTensor *tensor)
{
  g_autofree gchar *output = g_strconcat ("out.", name, NULL);

  if (tensor != NULL && g_strv_contains (replay_list_outputs (self), output))
    replay_set_output (self, name, tensor);
}

static void
set_outputs (Replay *self, Scene *scene, GantryTensors *terms, GantryTensor *total)
{
  GantryTensor *real_logits = gantry_tensors_get (scene->match.real_outputs, "logits");
  GantryTensor *fake_logits = gantry_tensors_get (scene->match.fake_outputs, "logits");
  const gchar *first = gantry_component_get_instance (scene->regularizers->pdata[0]);

  replay_set_output (self, "penalty", total);
  set_output_if_wanted (self, "penalty_term", gantry_tensors_get (terms, first));
  set_output_if_wanted (self, "logits", g_str_equal (first, "fake") ? fake_logits : real_logits);
  set_output_if_wanted (self, "d_real", real_logits);
  set_output_if_wanted (self, "d_fake", fake_logits);
  for (guint i = 0; i < G_N_ELEMENTS (published); i++)
    {
      g_autofree gchar *term = g_strdup_printf ("%s.%s", published[i].instance != NULL ? published[i].instance : first, published[i].published);

      set_output_if_wanted (self, published[i].reference, gantry_tensors_get (terms, term));
    }
}

/* Gradients are of the complete objective, out.penalty. */
static void
differentiate (Replay *self, GantryTensor *total)
{
  guint n = g_strv_length (self->item->gradients);
  g_autofree GantryTensor **targets = g_new0 (GantryTensor *, n + 1), **slopes = g_new0 (GantryTensor *, n + 1);

  for (guint i = 0; i < n; i++)
    targets[i] = replay_get_target (self, self->item->gradients[i] + strlen ("grad."));
  gantry_gradients (total, targets, n, slopes);
  for (guint i = 0; i < n; i++)
    g_hash_table_insert (self->outputs, g_strdup (self->item->gradients[i]), slopes[i]);
}

gboolean
replay_regularizer (Replay *self, GError **error)
{
  g_auto (Scene) scene = { 0 };
  g_autoptr (GPtrArray) matches = g_ptr_array_new ();
  g_autoptr (GantryTensors) terms = gantry_tensors_new ();
  GantryTensor *total;
  g_autofree gchar *prefix = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    if (g_str_equal (others[i].subject, self->item->subject))
      return others[i].replay (self, error);
  if (!make_components (self, &scene, error)
      || !settings_apply (self, (GantryComponent *const *) scene.regularizers->pdata, scene.regularizers->len, regularizer_keys,
                          error))
    return FALSE;
  play (self, &scene);
  g_ptr_array_add (matches, &scene.match);
  total = gantry_objective_build (self->graph, GANTRY_SIDE_DISCRIMINATOR, scene.losses, scene.regularizers, matches, terms);
  if (!replay_hold_all (self, CRITIC, error))
    return FALSE;
  prefix = g_strconcat ("regularizer.", gantry_component_get_instance (scene.regularizers->pdata[0]), NULL);
  replay_bind_draws (self, prefix);
  differentiate (self, total);
  set_outputs (self, &scene, terms, total);
  return settings_check_all_seen (self, error) && replay_evaluate (self, error);
}
