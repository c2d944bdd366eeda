/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of tests/data/enrolment. */
#pragma once

#include "base/source.h"
#include "test.h"

static inline struct str enrolment_file(struct arena *a, const char *name)
{
	const char *path = arena_printf(a, "%s/tests/data/enrolment/%s", getenv("PORTOLAN_SOURCE"), name);
	struct source *s = source_read(a, path, 1 << 20, diag_new(a));
	if (!s)
		fail_msg("%s cannot be read", path);
	return s->text;
}
