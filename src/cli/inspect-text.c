/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/inspect.h"

#include <stdio.h>

/* "double, 0 to 100 logits, schedulable" */
static gchar *
describe_property (GParamSpec *pspec)
{
  g_autofree gchar *type = gantry_param_describe_type (pspec);
  g_autofree gchar *range = gantry_param_describe_range (pspec);
  const gchar *unit = gantry_param_get_unit (pspec);
  gboolean bare = range[0] == '\0' && unit[0] == '\0';

  return g_strdup_printf ("%s%s%s%s%s%s%s", type, bare ? "" : ", ", range, range[0] != '\0' && unit[0] != '\0' ? " " : "", unit,
                          pspec->flags & GANTRY_SCHEDULABLE ? ", schedulable" : "", pspec->flags & GANTRY_REQUIRED ? ", required" : "");
}

/* Whether one of them is schedulable. */
static gboolean
print_properties (GantryComponent *component)
{
  guint n = 0;
  g_autofree GParamSpec **pspecs = gantry_component_list_properties (component, &n);
  gboolean is_schedulable = FALSE;

  for (guint i = 0; i < n; i++)
    {
      g_autofree gchar *description = describe_property (pspecs[i]);
      g_autofree gchar *value = gantry_component_get_text (component, pspecs[i]->name, NULL);
      const gchar *blurb = g_param_spec_get_blurb (pspecs[i]);

      is_schedulable |= (pspecs[i]->flags & GANTRY_SCHEDULABLE) != 0;
      printf ("\n%s%s=%s%s\n  %s%s%s\n", cli_bold (), pspecs[i]->name, value != NULL ? value : "", cli_plain (), cli_dim (), description,
              cli_plain ());
      if (blurb != NULL && blurb[0] != '\0')
        printf ("  %s\n", blurb);
    }
  return is_schedulable;
}

static void
print_schedules (void)
{
  printf ("\nSchedulable properties also take a schedule: A:B linear|cosine|exponential [over IMAGES], A:B:... steps [over IMAGES], pieces\n"
          "separated by commas, [warm-up IMAGES] at the end; without a span it goes over the length of the training.\n");
}

void
inspect_plugin_as_text (const GantryPluginInfo *info, GantryComponent *component, const GantryOp *op)
{
  guint n = 0;
  gboolean is_schedulable;
  g_autoptr (GantryComponent) keys = gantry_pipeline_new_keys (info->kind);
  g_autofree gchar *described = op != NULL ? inspect_describe_op (op) : NULL;

  g_free (gantry_component_list_properties (component, &n));
  printf ("%s%s/%s%s %s: %s\n", cli_bold (), info->kind, info->name, cli_plain (), info->version, info->summary);
  printf ("  file     %s\n", info->path);
  printf ("  licence  %s\n", info->licence);
  printf ("  origin   %s\n", info->origin);
  printf ("  ABI      %u.%u\n", info->abi_major, info->abi_minor);
  if (described != NULL)
    printf ("  op       %s\n", described);
  if (n == 0)
    printf ("\nIt has no properties.\n");
  is_schedulable = print_properties (component);
  if (keys != NULL)
    {
      printf ("\n%sBesides, every %s has%s\n", cli_bold (), info->kind, cli_plain ());
      is_schedulable |= print_properties (keys);
    }
  if (is_schedulable)
    print_schedules ();
}

void
inspect_section_as_text (const gchar *kind, GantryComponent *keys)
{
  printf ("%s[%s]%s: keys of a section of pipelines\n", cli_bold (), kind, cli_plain ());
  if (print_properties (keys))
    print_schedules ();
}
