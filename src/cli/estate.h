/* SPDX-License-Identifier: Apache-2.0 */
/* Functions shared by the commands that take an estate. */
#pragma once

#include "cli/command.h"

/*
 * The estate of the operands, by the options --catalogue and --as-documented,
 * which the command has.  NULL after errors.
 */
const struct estate *invocation_estate(struct invocation *call, size_t n_files);
const struct plan *invocation_plan(struct invocation *call);

/* The plan of an estate in these files, by the same options.  NULL after errors. */
const struct plan *plan_of_files(struct invocation *call, const char *const *files, size_t n);

/*
 * True when a file is an estate (by its suffix, and not a Kubernetes object), not a
 * rule set, whose language --dialect or the like names.
 */
bool is_estate_path(const char *path);
bool is_estate_operand(const struct invocation *call, size_t operand, const char *dialect_option);

/* How many of the operands from the given one on are files of an estate, in a row. */
size_t count_estate_operands(const struct invocation *call, size_t from);

/* The JSON Schema of the estate file, with the catalogue's words (cmd-schema.c). */
void command_schema_write(struct arena *a, struct out *o, const struct catalogue *c);
