/* SPDX-License-Identifier: Apache-2.0 */
/* What commands that take an estate share. */
#pragma once

#include "cli/command.h"

/*
 * The estate of the operands, by the options --catalogue and --as-documented,
 * which the command has.  NULL after errors.
 */
const struct estate *invocation_estate(struct invocation *v, size_t n_files);
const struct plan *invocation_plan(struct invocation *v);

/* The JSON Schema of the estate file, with the catalogue's words (cmd-schema.c). */
void command_schema_write(struct arena *a, struct out *o, const struct catalogue *c);
