/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The interface of what computes: backends claim tensors. */
#include <gantry/backend.h>
#include <gantry/error.h>
#include <gantry/log.h>

#include "compile-private.h"

G_DEFINE_INTERFACE (GantryBackend, gantry_backend, G_TYPE_OBJECT)

static void
gantry_backend_default_init (GantryBackendInterface *iface)
{
}

/**
 * gantry_backend_open:
 * @self: a backend
 * @error: return location for an error
 *
 * Lets a backend find what it runs on.  Opening it again does nothing.
 *
 * Fails with %GANTRY_ENGINE_ERROR_BACKEND, or as the backend does.
 *
 * Returns: whether it can claim
 */
gboolean
gantry_backend_open (GantryBackend *self, GError **error)
{
  static const gchar key[] = "gantry-backend-open";

  if (g_object_get_data (G_OBJECT (self), key) != NULL)
    return TRUE;
  if (GANTRY_BACKEND_GET_IFACE (self)->open != NULL && !GANTRY_BACKEND_GET_IFACE (self)->open (self, error))
    return FALSE;
  g_object_set_data (G_OBJECT (self), key, GINT_TO_POINTER (TRUE));
  return TRUE;
}

/**
 * gantry_backend_claim:
 * @self: an open backend
 * @claim: what is offered
 * @kernel: (out caller-allocates): filled where the backend takes it
 *
 * Offers a tensor to a backend.
 *
 * Returns: whether the backend computes it
 */
gboolean
gantry_backend_claim (GantryBackend *self, const GantryClaim *claim, GantryKernel *kernel)
{
  return GANTRY_BACKEND_GET_IFACE (self)->claim (self, claim, kernel);
}

/**
 * gantry_backend_claim_several:
 * @self: an open backend
 * @claim: several tensors that have to be computed
 * @kernel: (out caller-allocates): filled when the backend claims them together; zeroed apart from `size` by the caller
 *
 * Offers a backend tensors that it has claimed one by one.
 *
 * Returns: whether one kernel of the backend computes them all
 */
gboolean
gantry_backend_claim_several (GantryBackend *self, const GantryClaim *claim, GantryKernel *kernel)
{
  return GANTRY_BACKEND_GET_IFACE (self)->claim_several != NULL && GANTRY_BACKEND_GET_IFACE (self)->claim_several (self, claim, kernel);
}

/**
 * gantry_backend_choose_layouts:
 * @self: an open backend
 * @claim: a convolution or one of its adjoints
 * @layouts: (out caller-allocates): how the backend wants its tensors; zeroed apart from `size` by the caller
 *
 * Asks a backend whether it would claim a convolution, and in which layouts it wants to.
 *
 * Returns: whether it would
 */
gboolean
gantry_backend_choose_layouts (GantryBackend *self, const GantryClaim *claim, GantryLayouts *layouts)
{
  GantryKernel kernel = { .size = sizeof kernel };

  if (GANTRY_BACKEND_GET_IFACE (self)->choose_layouts != NULL)
    return GANTRY_BACKEND_GET_IFACE (self)->choose_layouts (self, claim, layouts);
  if (!gantry_backend_claim (self, claim, &kernel))
    return FALSE;
  if (kernel.free != NULL)
    kernel.free (kernel.data);
  return TRUE;
}

/**
 * gantry_backend_check_precision:
 * @self: an open backend
 * @precision: how convolutions and matrix products shall be computed
 * @error: return location for the reason
 *
 * Fails with %GANTRY_ENGINE_ERROR_BACKEND.
 *
 * Returns: whether the backend has kernels for it that run on this processor
 */
gboolean
gantry_backend_check_precision (GantryBackend *self, GantryPrecision precision, GError **error)
{
  if (GANTRY_BACKEND_GET_IFACE (self)->check_precision != NULL)
    return GANTRY_BACKEND_GET_IFACE (self)->check_precision (self, precision, error);
  if (precision == GANTRY_PRECISION_FULL)
    return TRUE;
  g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "%s multiplies in full precision alone",
               gantry_component_get_name (GANTRY_COMPONENT (self)));
  return FALSE;
}

/**
 * gantry_backend_describe:
 * @self: a backend
 *
 * Returns: (transfer full): one line about what it runs on
 */
gchar *
gantry_backend_describe (GantryBackend *self)
{
  return GANTRY_BACKEND_GET_IFACE (self)->describe != NULL ? GANTRY_BACKEND_GET_IFACE (self)->describe (self)
                                                           : g_strdup (G_OBJECT_TYPE_NAME (self));
}

/**
 * gantry_claim_count_uses:
 * @claim: what is offered
 * @tensor: a tensor of the same graph
 *
 * How many tensors, outputs and variables of the program read @tensor.  Where the claimed tensor is the only one, a kernel may compute
 * both at once; where it is not, absorbing @tensor computes it twice.
 *
 * Returns: the number of uses
 */
guint
gantry_claim_count_uses (const GantryClaim *claim, GantryTensor *tensor)
{
  return _gantry_lowering_count_uses (claim->host, tensor);
}

static GantryBackend *
open_one (GantryRegistry *registry, const gchar *name, GError **error)
{
  g_autoptr (GantryComponent) component = gantry_registry_create (registry, "backend", name, name, error);

  if (component == NULL)
    return NULL;
  if (!GANTRY_IS_BACKEND (component))
    {
      g_set_error (error, GANTRY_ENGINE_ERROR, GANTRY_ENGINE_ERROR_BACKEND, "backend %s: its type %s is not a backend", name,
                   G_OBJECT_TYPE_NAME (component));
      return NULL;
    }
  if (!gantry_backend_open (GANTRY_BACKEND (component), error))
    {
      g_prefix_error (error, "backend %s: ", name);
      return NULL;
    }
  return GANTRY_BACKEND (g_steal_pointer (&component));
}

/**
 * gantry_backends_open:
 * @registry: where plugins are found
 * @names: (array zero-terminated=1) (nullable): backends in order of preference, or %NULL for `onednn`, `openblas`, `reference`
 * @error: return location for an error
 *
 * Creates and opens backends.  A backend that was named and cannot be opened is an error; of the default list, `onednn` is left out
 * where it is not installed, and what cannot be opened with a warning in the log (category `engine`); `reference` is always needed.
 *
 * Fails with %GANTRY_ENGINE_ERROR_BACKEND, or as the registry does.
 *
 * Returns: (transfer full) (element-type GantryBackend): the backends in order
 */
GPtrArray *
gantry_backends_open (GantryRegistry *registry, const gchar *const *names, GError **error)
{
  static const gchar *const defaults[] = { "onednn", "openblas", "reference", NULL };
  g_autoptr (GPtrArray) backends = g_ptr_array_new_with_free_func (g_object_unref);

  for (const gchar *const *name = names != NULL ? names : defaults; *name != NULL; name++)
    {
      g_autoptr (GError) reason = NULL;
      GantryBackend *backend;

      if (names == NULL && g_str_equal (*name, "onednn") && gantry_registry_find (registry, "backend", *name, NULL) == NULL)
        continue;
      backend = open_one (registry, *name, &reason);
      if (backend != NULL)
        g_ptr_array_add (backends, backend);
      else if (names != NULL || name[1] == NULL)
        {
          g_propagate_error (error, g_steal_pointer (&reason));
          return NULL;
        }
      else
        gantry_log_message ("engine", GANTRY_LOG_WARNING, "backend %s is left out: %s", *name, reason->message);
    }
  return g_steal_pointer (&backends);
}
