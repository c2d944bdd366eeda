/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "lint/lint.h"

static void ignore(void *ctx, const struct flow *f)
{
	char id[FLOW_ID];
	*(uint64_t *)ctx += (unsigned char)flow_id(f, id)[2];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct source *s = source_of_text(a, "fuzz.yaml", (struct str){ (const char *)data, size });
	const struct node *n = yaml_parse(a, s, d);
	struct estate *e = n ? estate_of_tree(a, &catalogue_builtin, n, d) : NULL;
	check_reader(d, e != NULL);
	struct plan_options options = { .as_documented = size & 1 };
	struct plan *p = e ? plan_make(a, e, &options, d) : NULL;
	if (e)
		check_reader(d, p != NULL);
	uint64_t sum = 0;
	if (p && plan_flow_count(p) < 100000) {
		plan_each(p, ignore, &sum);
		lint(a, p, STR("2026-01-01"));
	}
	arena_free(a);
	return 0;
}
