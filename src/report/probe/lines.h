/* SPDX-License-Identifier: Apache-2.0 */
/* What the text of results and that of --dry-run share. */
#pragma once

#include "report/columns.h"
#include "report/probe/explain.h"

enum { TEXT_INDENT = 6, PROTOCOL_WIDTH = 11 };

/* The tasks by machine, then by port. */
size_t *lines_sorted(struct arena *a, const struct probe_report *r);
bool lines_same_machine(const struct probe_tasks *t, size_t a, size_t b);
void lines_put_heading(struct out *o, struct arena *a, const struct probe_report *r, size_t i);

/* At least this many columns, and two blanks. */
void lines_put_padded(struct out *o, struct str s, size_t width);

/* The service, and its interface where it has one. */
struct str lines_service(struct arena *a, const struct probe_subject *s);
