/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pipeline file and the options: what is understood, and what every mistake is told. */
#include "train/training-fixture.h"

#define NETWORKS "[generator]\nplugin=dcgan\nwidth=8\n[discriminator]\nplugin=dcgan\nwidth=8\n"
#define IMAGES "[pipeline]\nimages=1000\n"

static GantryPipeline *pipeline;

static void
setup (void)
{
  pipeline = gantry_pipeline_new (fixture_registry ());
}

static void
teardown (void)
{
  g_clear_object (&pipeline);
}

static gchar *
load_and_resolve (const gchar *text)
{
  g_autoptr (GError) error = NULL;

  if (gantry_pipeline_load_text (pipeline, text, "p.ini", &error) && gantry_pipeline_resolve (pipeline, &error))
    return NULL;
  return g_strdup (error->message);
}

static gchar *
text_of (const gchar *kind, const gchar *key)
{
  GantryComponent *component = g_str_equal (kind, "pipeline") ? gantry_pipeline_get_settings (pipeline) : gantry_pipeline_get (pipeline, kind);

  ck_assert_msg (component != NULL, "no only %s", kind);
  return gantry_component_get_text (component, key, NULL);
}

#define assert_text(kind, key, expected)                                                                                                             \
  G_STMT_START                                                                                                                                       \
  {                                                                                                                                                  \
    g_autofree gchar *text_ = text_of (kind, key);                                                                                                   \
    ck_assert_pstr_eq (text_, expected);                                                                                                             \
  }                                                                                                                                                  \
  G_STMT_END

START_TEST (understood)
{
  g_autofree gchar *message = load_and_resolve ("\xef\xbb\xbf# a comment\r\n"
                                                "[pipeline] # another\n"
                                                "images = 600k   # length\n"
                                                "seed=7\n"
                                                "\n"
                                                "backend=\n  reference # one\n\n  # none\n  openblas\n" NETWORKS "[loss first]\nplugin=hinge\n"
                                                "[optimizer]\nplugin=\"adam\"  # quoted\nlearning-rate=1e-3\n"
                                                "[regularizer r1]\n[reader]\nplugin=idx\nimages=/a#b\nlabels=\"/a #\\t\\\"b\\\\\"\n");

  ck_assert_pstr_eq (message, NULL);
  assert_text ("pipeline", "images", "600000");
  assert_text ("pipeline", "seed", "7");
  assert_text ("pipeline", "batch", "64");
  assert_text ("pipeline", "backend", "reference; openblas");
  assert_text ("optimizer", "learning-rate", "0.001");
  assert_text ("reader", "images", "/a#b");
  assert_text ("reader", "labels", "/a #\t\"b\\");
  ck_assert_str_eq (gantry_component_get_name (gantry_pipeline_get (pipeline, "loss")), "hinge");
  ck_assert_str_eq (gantry_component_get_instance (gantry_pipeline_get (pipeline, "loss")), "first");
  ck_assert_str_eq (gantry_component_get_name (gantry_pipeline_get (pipeline, "regularizer")), "r1");
  ck_assert_str_eq (gantry_component_get_name (gantry_pipeline_get (pipeline, "game")), "adversarial");
  ck_assert_str_eq (gantry_component_get_name (gantry_pipeline_get_architecture (pipeline, "generator")), "dcgan");
  ck_assert_ptr_null (gantry_pipeline_get_architecture (pipeline, "encoder"));
  ck_assert_str_eq (gantry_pipeline_get_origin (pipeline, gantry_pipeline_get_settings (pipeline), "seed"), "p.ini:4");
  ck_assert_ptr_null (gantry_pipeline_get_origin (pipeline, gantry_pipeline_get_settings (pipeline), "batch"));
}
END_TEST

/* Text, and what the error begins with. */
static const struct {
  const gchar *text;
  const gchar *message;
} mistakes[] = {
  { "[pipeline]\nimages=600k\n\n[los]\n", "p.ini:4: unknown section [los]: expected one of pipeline network" },
  { "[los]\n", "*(did you mean 'loss'?)" },
  { "[loss\n", "p.ini:1: a section header without its ]" },
  { "[]\n", "p.ini:1: []: expected [KIND] or [KIND INSTANCE]" },
  { "[loss a b]\n", "p.ini:1: [loss a b]: expected [KIND] or [KIND INSTANCE]" },
  { "[loss A]\n", "p.ini:1: [loss A]: 'A' is no name" },
  { "[loss] margin=1\n", "p.ini:1: 'margin=1' after a section header" },
  { "[network]\n", "p.ini:1: [network]: expected [network NAME]" },
  { "[pipeline x]\n", "p.ini:1: [pipeline x]: there is one [pipeline] section" },
  { "[architecture dcgan]\n", "p.ini:1: [architecture] is no section" },
  { "[backend]\n", "p.ini:1: [backend] is no section" },
  { "[loss]\nplugin=hinge\n[game]\n[loss]\n", "p.ini:4: duplicate section [loss]: the first is at p.ini:1" },
  { "[generator]\n[network generator]\n", "p.ini:2: duplicate section [network generator]: the first is at p.ini:1" },
  { "[loss]\nplugin=hinge\nplugin=hinge\n", "p.ini:3: duplicate key plugin: the first is at p.ini:2" },
  { "batch=3\n", "p.ini:1: batch= before any section: only include= may stand here" },
  { "[loss]\ninclude=x\n", "p.ini:2: include= inside a section" },
  { "include=/nowhere/p.ini\n", "p.ini:1: include: /nowhere/p.ini: cannot be read: No such file" },
  { "[loss]\nhinge\n", "p.ini:2: 'hinge': expected key=value" },
  { "[loss]\nMargin=1\n", "p.ini:2: 'Margin' is no key" },
  { "[loss]\n=1\n", "p.ini:2: '' is no key" },
  { "[loss]\n margin=1\n", "p.ini:2: 'margin=1' begins with a blank, as the continuation of a value does" },
  { "[loss]\nplugin=\"hinge\n", "p.ini:2: a quoted value without its closing quote" },
  { "[loss]\nplugin=\"hinge\" x\n", "p.ini:2: 'x' after a quoted value" },
  { "[loss]\nplugin=\"\\x\"\n", "p.ini:2: unknown escape in a quoted value" },
  { "[loss]\nplugin=\xff\n", "p.ini:2: not valid UTF-8 text" },
  { NETWORKS, "p.ini: [pipeline]: images= is missing: length of the training" },
  { "[pipeline]\nimages=many\n", "p.ini:2: pipeline/settings: images: 'many' is not a whole number" },
  { "[pipeline]\nimages=0\n", "p.ini:2: pipeline/settings: images: 0 is out of range: expected 1 to" },
  { "[pipeline]\nimages=600k\nbach=64\n", "p.ini:3: pipeline/settings: it has no property 'bach' (did you mean 'batch'?)" },
  { "[pipeline]\nimages=1\ndtype=float16\n", "p.ini:3: pipeline/settings: dtype: 'float16' is not one of float32|float64" },
  { "[pipeline]\nimages=\n  1\n  2\n", "p.ini:2: [pipeline]: images takes one line" },
  { IMAGES "[loss]\nplugin=hnige\n" NETWORKS, "p.ini:4: *hnige*(did you mean 'hinge'?)" },
  { IMAGES "[loss hnige]\n" NETWORKS, "p.ini:3: *hnige*(did you mean 'hinge'?)" },
  { IMAGES "[loss]\n" NETWORKS, "p.ini:3: plugin= is missing: the name of a loss plugin" },
  { IMAGES "[loss]\nplugin=hinge\nmargn=2\n" NETWORKS, "p.ini:5: loss/hinge: it has no property 'margn' (did you mean 'margin'?)" },
  { IMAGES "[loss]\nplugin=hinge\nmargin=wide\n" NETWORKS, "p.ini:5: loss/hinge: margin: 'wide' is not a number" },
  { IMAGES "[loss]\nplugin=hinge\nmargin=-1\n" NETWORKS, "p.ini:5: loss/hinge: margin: -1 is out of range: expected 0 to 100" },
  { IMAGES "[loss]\nplugin=hinge\nrole=x\n" NETWORKS, "p.ini:5: loss/hinge: it has no property 'role'" },
  { IMAGES "[loss hinge]\n[loss]\nplugin=hinge\n" NETWORKS, "p.ini:4: a second loss named 'hinge': the first is at p.ini:3" },
  { IMAGES "[reader]\nplugin=idx\n" NETWORKS, "p.ini:3: reader/idx: images= is missing: file of images" },
  { IMAGES "[reader a]\nplugin=idx\nimages=x\n[reader b]\nplugin=idx\nimages=x\n" NETWORKS, "p.ini:6: a second reader: there is one at p.ini:3" },
  { IMAGES "[generator]\n", "p.ini:3: plugin= is missing: the name of an architecture plugin" },
  { IMAGES "[generator]\nplugin=dcgna\n", "p.ini:4: *dcgna*(did you mean 'dcgan'?)" },
  { IMAGES "[generator]\nplugin=dcgan\n", "p.ini: there is no [discriminator] section: game/adversarial needs an architecture" },
  { IMAGES "[network genrator]\nplugin=dcgan\n", "p.ini:3: game/adversarial has no network 'genrator' (did you mean 'generator'?); it has: g" },
  { IMAGES "[game]\nplugin=chess\n" NETWORKS, "p.ini:4: *chess" },
};

START_TEST (mistake)
{
  g_autofree gchar *message = load_and_resolve (mistakes[_i].text);
  g_autofree gchar *pattern = g_strconcat (mistakes[_i].message, "*", NULL);
  g_autoptr (GString) escaped = g_string_new (pattern);

  g_string_replace (escaped, "?", "\1", 0);
  ck_assert_msg (message != NULL, "understood: %s", mistakes[_i].text);
  g_strdelimit (message, "?", '\1');
  ck_assert_msg (g_pattern_match_simple (escaped->str, message), "'%s' is not '%s'", message, pattern);
}
END_TEST

/* Options on a base pipeline: up to three, the kind and key whose value they change, or the error. */
static const struct {
  const gchar *options[4];
  const gchar *kind, *key, *value;
  const gchar *message;
} options[] = {
  { { "--images=2M" }, "pipeline", "images", "2000000", NULL },
  { { "--pipeline.batch=8" }, "pipeline", "batch", "8", NULL },
  { { "--backend=reference" }, "pipeline", "backend", "reference", NULL },
  { { "--loss.margin=0.5" }, "loss", "margin", "0.5", NULL },
  { { "--loss.hinge.margin=0.5" }, "loss", "margin", "0.5", NULL },
  { { "--loss.margin=0.5", "--loss=hinge" }, "loss", "margin", "1", NULL },
  { { "--loss=hinge", "--loss.margin=0.25" }, "loss", "margin", "0.25", NULL },
  { { "--loss=non-saturating", "--add-loss=hinge", "--no-loss=non-saturating" }, "loss", "margin", "1", NULL },
  { { "--no-loss", "--add-loss=hinge" }, "loss", "margin", "1", NULL },
  { { "--add-regularizer=r1", "--regularizer.gamma=3" }, "regularizer", "gamma", "3", NULL },
  { { "--generator.width=16" }, "generator", "width", "16", NULL },
  { { "--network.generator.width=16" }, "generator", "width", "16", NULL },
  { { "--generator=dcgan" }, "generator", "width", "8", NULL },
  { { "--architecture=dcgan" }, "discriminator", "width", "8", NULL },
  { { "--game=adversarial" }, NULL, NULL, NULL, NULL },
  { { "--lss=hinge" }, NULL, NULL, NULL, "--lss: unknown option (did you mean '--loss'?)" },
  { { "--btach=3" }, NULL, NULL, NULL, "--btach: unknown option (did you mean '--batch'?)" },
  { { "--lss.margin=1" }, NULL, NULL, NULL, "--lss.margin: unknown option (did you mean '--loss'?)" },
  { { "--xyzzy" }, NULL, NULL, NULL, "--xyzzy: unknown option" },
  { { "--loss" }, NULL, NULL, NULL, "--loss: needs a value: --loss=VALUE" },
  { { "--loss=hnige" }, NULL, NULL, NULL, "--loss: *hnige*(did you mean 'hinge'" },
  { { "--loss.margn=2" }, NULL, NULL, NULL, "--loss.margn: loss/hinge: it has no property 'margn' (did you mean 'margin'" },
  { { "--loss.margin=x" }, NULL, NULL, NULL, "--loss.margin: loss/hinge: margin: 'x' is not a number" },
  { { "--loss.a.margin=1" }, NULL, NULL, NULL, "--loss.a.margin: there is no loss 'a'; there are: hinge" },
  { { "--loss.a.b.c=1" }, NULL, NULL, NULL, "--loss.a.b.c: expected --KIND.key=VALUE or --KIND.INSTANCE.key=VALUE" },
  { { "--loss.=1" }, NULL, NULL, NULL, "--loss.: expected --KIND.key=VALUE" },
  { { "--regularizer.gamma=1" }, NULL, NULL, NULL, "--regularizer.gamma: there is no regularizer whose gamma could be set" },
  { { "--add-loss=non-saturating", "--loss.margin=1" }, NULL, NULL, NULL, "--loss.margin: which loss? There are hinge, non-saturating" },
  { { "--add-loss=hinge" }, NULL, NULL, NULL, "--add-loss: loss 'hinge' is there already, at p.ini:" },
  { { "--add-loss=Hinge" }, NULL, NULL, NULL, "--add-loss: 'Hinge' is no name" },
  { { "--no-loss=r1" }, NULL, NULL, NULL, "--no-loss: there is no loss 'r1' to remove; there are: hinge" },
  { { "--no-regularizer" }, NULL, NULL, NULL, "--no-regularizer: there is no regularizer to remove; there are: none" },
  { { "--batch=0" }, NULL, NULL, NULL, "--batch: pipeline/settings: batch: 0 is out of range" },
  { { "--generator=dcgna" }, NULL, NULL, NULL, "--generator: *dcgna*(did you mean 'dcgan'" },
  { { "--loss.include=x" }, NULL, NULL, NULL, "--loss.include: include= has no option" },
};

START_TEST (option)
{
  g_autoptr (GError) error = NULL;
  g_autofree gchar *pattern = NULL;
  gboolean is_good;

  is_good = gantry_pipeline_load_text (pipeline, IMAGES NETWORKS "[loss]\nplugin=hinge\nmargin=2\n", "p.ini", &error);
  for (guint i = 0; is_good && options[_i].options[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (options[_i].options[i], "=", 2);

      is_good = gantry_pipeline_apply_option (pipeline, parts[0], parts[1], &error);
    }
  is_good = is_good && gantry_pipeline_resolve (pipeline, &error);
  if (options[_i].message == NULL)
    {
      GantryComponent *network;

      ck_assert_msg (is_good, "%s", is_good ? "" : error->message);
      network = options[_i].kind != NULL ? gantry_pipeline_get_architecture (pipeline, options[_i].kind) : NULL;
      if (network != NULL)
        {
          g_autofree gchar *value = gantry_component_get_text (network, options[_i].key, NULL);

          ck_assert_str_eq (value, options[_i].value);
        }
      else if (options[_i].kind != NULL)
        assert_text (options[_i].kind, options[_i].key, options[_i].value);
      return;
    }
  ck_assert_msg (!is_good, "%s: understood", options[_i].options[0]);
  pattern = g_strconcat (options[_i].message, "*", NULL);
  g_strdelimit (pattern, "?", '\1');
  g_strdelimit (error->message, "?", '\1');
  ck_assert_msg (g_pattern_match_simple (pattern, error->message), "'%s' is not '%s'", error->message, options[_i].message);
}
END_TEST

START_TEST (options_alone)
{
  g_autoptr (GError) error = NULL;
  static const gchar *const given[][2] = { { "images", "10" }, { "--architecture", "dcgan" }, { "--generator.width", "4" }, { "--loss", "hinge" } };

  for (guint i = 0; i < G_N_ELEMENTS (given); i++)
    ck_assert (gantry_pipeline_apply_option (pipeline, given[i][0], given[i][1], NULL));
  ck_assert_msg (gantry_pipeline_resolve (pipeline, &error), "%s", error != NULL ? error->message : "");
  ck_assert_int_eq (gantry_component_get_int (gantry_pipeline_get_architecture (pipeline, "generator"), "width"), 4);
  ck_assert_str_eq (gantry_component_get_name (gantry_pipeline_get_architecture (pipeline, "discriminator")), "dcgan");
}
END_TEST

/* What is written reads back as what it was written from, whatever is in it. */
START_TEST (round_trip)
{
  g_autofree gchar *message = load_and_resolve (IMAGES "[discriminator]\nplugin=sequential\nlayers=\n"
                                                       "  conv2d channels=8 kernel=4 stride=2 padding=1\n  leaky-relu slope=0.2\n"
                                                       "  conv2d channels=1 kernel=4 stride=1 padding=0\n  flatten\n"
                                                       "[generator]\nrole=generator\nplugin=dcgan\n[loss a]\nplugin=hinge\n[loss b]\nplugin=hinge\n"
                                                       "margin=0.3\n[reader]\nplugin=idx\nimages=\" x # \\\"y\\n\"\n[optimizer]\nplugin=adam\n");
  g_autoptr (GantryPipeline) second = gantry_pipeline_new (fixture_registry ());
  g_autofree gchar *text = NULL;
  g_autofree gchar *again = NULL;
  g_autoptr (GError) error = NULL;

  ck_assert_pstr_eq (message, NULL);
  text = gantry_pipeline_to_text (pipeline);
  ck_assert_msg (gantry_pipeline_load_text (second, text, "again", &error) && gantry_pipeline_resolve (second, &error), "%s in\n%s",
                 error != NULL ? error->message : "", text);
  again = gantry_pipeline_to_text (second);
  ck_assert_str_eq (again, text);
  ck_assert_ptr_nonnull (strstr (text, "\n[generator]\nplugin=dcgan\nrole=generator\n"));
  ck_assert_ptr_nonnull (strstr (text, "\nlayers=\n  conv2d channels=8"));
  ck_assert_ptr_nonnull (strstr (text, "\n[loss b]\nplugin=hinge\nmargin=0.3\n"));
}
END_TEST

START_TEST (includes)
{
  g_autofree gchar *folder = fixture_folder ();
  g_autofree gchar *inner = g_build_filename (folder, "inner", NULL);
  g_autofree gchar *loop = fixture_write (folder, "loop.ini", "include=loop.ini\n", -1);
  g_autofree gchar *base = NULL;
  g_autofree gchar *path = NULL;
  g_autofree gchar *images = g_build_filename (inner, "digits.idx", NULL);
  g_autoptr (GError) error = NULL;

  g_mkdir (inner, 0777);
  base = fixture_write (inner, "base.ini", IMAGES "batch=3\n" NETWORKS "[reader]\nplugin=idx\nimages=digits.idx\n[loss]\nplugin=hinge\nmargin=3\n",
                        -1);
  path = fixture_write (folder, "p.ini", "include=inner/base.ini\n[pipeline]\nbatch=4\n[loss]\nmargin=4\n", -1);
  ck_assert_msg (gantry_pipeline_load (pipeline, path, &error) && gantry_pipeline_resolve (pipeline, &error), "%s", error ? error->message : "");
  assert_text ("pipeline", "images", "1000");
  assert_text ("pipeline", "batch", "4");
  assert_text ("loss", "margin", "4");
  assert_text ("reader", "images", images);
  g_clear_object (&pipeline);
  pipeline = gantry_pipeline_new (fixture_registry ());
  ck_assert (!gantry_pipeline_load (pipeline, loop, &error));
  ck_assert_msg (g_str_has_suffix (error->message, "loop.ini includes itself"), "%s", error->message);
  g_clear_error (&error);
  ck_assert (!gantry_pipeline_load (pipeline, inner, &error));
  ck_assert_msg (g_str_has_suffix (error->message, "inner: is a folder, not a pipeline file"), "%s", error->message);
  fixture_remove (folder);
}
END_TEST

START_TEST (no_text)
{
  g_autofree gchar *folder = fixture_folder ();
  g_autofree gchar *long_text = g_strnfill ((1 << 20) + 1, '#');
  g_autofree gchar *with_zero = fixture_write (folder, "zero", "[loss]\0\n", 8);
  g_autofree gchar *too_long = fixture_write (folder, "long", long_text, -1);
  g_autoptr (GError) error = NULL;

  ck_assert (!gantry_pipeline_load (pipeline, with_zero, &error));
  ck_assert_msg (g_str_has_suffix (error->message, "zero: holds a zero byte: not a pipeline file"), "%s", error->message);
  g_clear_error (&error);
  ck_assert (!gantry_pipeline_load (pipeline, too_long, &error));
  ck_assert_msg (g_str_has_suffix (error->message, "long: over 1 MiB long: not a pipeline file"), "%s", error->message);
  fixture_remove (folder);
}
END_TEST

gint
main (void)
{
  TCase *tests = tcase_create ("pipeline");

  tcase_add_checked_fixture (tests, setup, teardown);
  tcase_add_test (tests, understood);
  tcase_add_loop_test (tests, mistake, 0, G_N_ELEMENTS (mistakes));
  tcase_add_loop_test (tests, option, 0, G_N_ELEMENTS (options));
  tcase_add_test (tests, options_alone);
  tcase_add_test (tests, round_trip);
  tcase_add_test (tests, includes);
  tcase_add_test (tests, no_text);
  return fixture_run (tests);
}
