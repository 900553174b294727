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

void
inspect_plugin_as_text (const GantryPluginInfo *info, GantryComponent *component, const GantryOp *op)
{
  guint n = 0;
  g_autofree GParamSpec **pspecs = gantry_component_list_properties (component, &n);
  gboolean is_schedulable = FALSE;
  g_autofree gchar *described = op != NULL ? inspect_describe_op (op) : NULL;

  printf ("%s%s/%s%s %s: %s\n", cli_bold (), info->kind, info->name, cli_plain (), info->version, info->summary);
  printf ("  file     %s\n", info->path);
  printf ("  licence  %s\n", info->licence);
  printf ("  origin   %s\n", info->origin);
  printf ("  ABI      %u.%u\n", info->abi_major, info->abi_minor);
  if (described != NULL)
    printf ("  op       %s\n", described);
  if (n == 0)
    printf ("\nIt has no properties.\n");
  for (guint i = 0; i < n; i++)
    {
      g_autofree gchar *description = describe_property (pspecs[i]);
      g_autofree gchar *value = gantry_component_get_text (component, pspecs[i]->name, NULL);
      const gchar *blurb = g_param_spec_get_blurb (pspecs[i]);

      is_schedulable |= (pspecs[i]->flags & GANTRY_SCHEDULABLE) != 0;
      printf ("\n%s%s=%s%s\n  %s%s%s\n", cli_bold (), pspecs[i]->name, value, cli_plain (), cli_dim (), description, cli_plain ());
      if (blurb != NULL && blurb[0] != '\0')
        printf ("  %s\n", blurb);
    }
  if (is_schedulable)
    printf ("\nSchedulable properties also take a schedule: A:B linear|cosine|exponential [over IMAGES], A:B:... steps [over IMAGES], pieces\n"
            "separated by commas, [warm-up IMAGES] at the end; without a span it goes over the length of the training.\n");
}
