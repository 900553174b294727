/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Memory of programs for intermediate tensors: pages of its own, huge ones where it is large.  Nothing in it outlives a run, so programs that
 * run one after the other can have the same.
 */
#include "config.h"

#include "workspace-private.h"

#include <sys/mman.h>

#include "program-private.h"

#define ALIGNMENT 64
#define HUGE_PAGE ((gsize) 2 << 20)
#define LARGE (4 * HUGE_PAGE) /* from here on a page of its own for the rest of the last one does not matter */

struct _GantryWorkspace {
  gatomicrefcount references;
  gpointer mapping;
  gsize mapped;
  gpointer memory; /* aligned, inside the mapping */
  gsize bytes;
};

GantryWorkspace *
_gantry_workspace_new (gsize bytes)
{
  const gsize alignment = bytes >= LARGE ? HUGE_PAGE : ALIGNMENT;
  gsize mapped;
  gpointer mapping;
  GantryWorkspace *self;

  if (!g_size_checked_add (&mapped, MAX (bytes, 1), alignment))
    return NULL;
  mapping = mmap (NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapping == MAP_FAILED)
    return NULL;
  self = g_new0 (GantryWorkspace, 1);
  g_atomic_ref_count_init (&self->references);
  self->mapping = mapping;
  self->mapped = mapped;
  self->bytes = bytes;
  self->memory = (gpointer) (((guintptr) mapping + alignment - 1) / alignment * alignment);
  /* A wish: without it the pages are small ones. */
  if (bytes >= LARGE)
    madvise (self->memory, bytes, MADV_HUGEPAGE);
  return self;
}

GantryWorkspace *
_gantry_workspace_ref (GantryWorkspace *self)
{
  g_atomic_ref_count_inc (&self->references);
  return self;
}

void
_gantry_workspace_unref (GantryWorkspace *self)
{
  if (!g_atomic_ref_count_dec (&self->references))
    return;
  munmap (self->mapping, self->mapped);
  g_free (self);
}

gpointer
_gantry_workspace_get_memory (GantryWorkspace *self)
{
  return self->memory;
}

/* An address of the old memory becomes that of the new; others stay. */
static gconstpointer
translate (const GantryWorkspace *from, const GantryWorkspace *to, gconstpointer address)
{
  const guintptr offset = (guintptr) address - (guintptr) from->memory;

  return (guintptr) address >= (guintptr) from->memory && offset < MAX (from->bytes, 1) ? (guint8 *) to->memory + offset : address;
}

static void
move_program (GantryProgram *program, GantryWorkspace *to)
{
  const GantryWorkspace *from = program->workspace;

  for (guint s = 0; s < program->steps->len; s++)
    {
      GantryStep *step = &g_array_index (program->steps, GantryStep, s);

      for (guint i = 0; i < step->kernel.n_inputs; i++)
        step->inputs[i] = translate (from, to, step->inputs[i]);
      for (guint i = 0; i < step->n_tensors; i++)
        step->outputs[i] = (gpointer) translate (from, to, step->outputs[i]);
      step->scratch = step->scratch != NULL ? (gpointer) translate (from, to, step->scratch) : NULL;
    }
  for (guint i = 0; i < program->moves->len; i++)
    {
      GantryMove *move = &g_array_index (program->moves, GantryMove, i);

      move->from = translate (from, to, move->from);
      move->to = (gpointer) translate (from, to, move->to);
    }
  _gantry_workspace_ref (to);
  _gantry_workspace_unref (program->workspace);
  program->workspace = to;
}

/**
 * gantry_programs_share_workspace:
 * @programs: (array length=n_programs): programs of which no two ever run at the same time
 * @n_programs: how many
 *
 * Has programs compute in one workspace, the largest of theirs: together they then take as much memory as the largest alone.  What a program
 * has computed stays where it was: in its outputs, and in the variables.
 */
void
gantry_programs_share_workspace (GantryProgram *const *programs, guint n_programs)
{
  GantryWorkspace *largest = NULL;

  for (guint i = 0; i < n_programs; i++)
    if (largest == NULL || programs[i]->workspace->bytes > largest->bytes)
      largest = programs[i]->workspace;
  for (guint i = 0; i < n_programs; i++)
    if (programs[i]->workspace != largest)
      move_program (programs[i], largest);
}

/**
 * gantry_program_shares_workspace:
 * @self: a program
 * @other: another
 *
 * Returns: whether both compute in the same memory
 */
gboolean
gantry_program_shares_workspace (GantryProgram *self, GantryProgram *other)
{
  return self->workspace == other->workspace;
}
