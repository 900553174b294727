/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Normalizations that an item can be, with their options. */
#include "item.h"

static GantryNormOptions
norm_options (const Item *item)
{
  return (GantryNormOptions) { item->eps, item->momentum, item->affine, item->initial.given ? &item->initial.value : NULL };
}

static GantryTensor *
apply_batch_norm (GantryTensor *x, const Item *item)
{
  const GantryNormOptions options = norm_options (item);

  return gantry_layer_batch_norm (x, item->name, &options);
}

static GantryTensor *
apply_instance_norm (GantryTensor *x, const Item *item)
{
  const GantryNormOptions options = norm_options (item);

  return gantry_layer_instance_norm (x, item->name, &options);
}

static GantryTensor *
apply_group_norm (GantryTensor *x, const Item *item)
{
  const GantryNormOptions options = norm_options (item);

  return gantry_layer_group_norm (x, item->name, item->groups, &options);
}

static GantryTensor *
apply_layer_norm (GantryTensor *x, const Item *item)
{
  const GantryNormOptions options = norm_options (item);

  return item->per_channel ? gantry_layer_layer_norm_per_channel (x, item->name, &options) : gantry_layer_layer_norm (x, item->name, 0, &options);
}

#define NORM_OPTIONS \
  OPTION ("eps", parse_real, eps, FALSE), OPTION ("affine", parse_switch, affine, FALSE), OPTION ("initial", parse_initial, initial, FALSE)

static const Option batch_norm_options[] = { NORM_OPTIONS, OPTION ("momentum", parse_real, momentum, FALSE), { NULL } };
static const Option instance_norm_options[] = { NORM_OPTIONS, { NULL } };
static const Option group_norm_options[] = { OPTION ("groups", parse_count, groups, TRUE), NORM_OPTIONS, { NULL } };
static const Option layer_norm_options[] = { NORM_OPTIONS, OPTION ("per-channel", parse_switch, per_channel, FALSE), { NULL } };

const Layer norm_layers[] = {
  { "batch-norm", TRUE, FALSE, apply_batch_norm, batch_norm_options },
  { "instance-norm", TRUE, FALSE, apply_instance_norm, instance_norm_options, .plain = TRUE },
  { "group-norm", TRUE, FALSE, apply_group_norm, group_norm_options },
  { "layer-norm", TRUE, FALSE, apply_layer_norm, layer_norm_options },
  { NULL }
};
