/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "doc/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct source *s = source_of_text(a, "fuzz.yaml", (struct str){ (const char *)data, size });
	const struct node *n = yaml_parse(a, s, d);
	check_reader(d, n != NULL);
	if (n)
		node_overlay(a, n, n);
	arena_free(a);
	return 0;
}
