/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "model/catalogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct source *s = source_of_text(a, "fuzz.yaml", (struct str){ (const char *)data, size });
	check_reader(d, catalogue_read_text(a, &catalogue_builtin, s, d) != NULL);
	arena_free(a);
	return 0;
}
