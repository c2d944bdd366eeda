/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/workers.h"

#include "cli/progress.h"

bool work_alone(struct arena *a, const struct work *w, struct diag *d, struct str *results)
{
	for (size_t i = 0; i < w->n; i++) {
		progress_count(i, w->n, w->what);
		CLEANUP(out_free) struct out result = out_memory(MOST_RESULT_BYTES);
		w->job(w->ctx, i, &result);
		if (result.error)
			return diag_machine(d, result.error, "cannot keep a result");
		results[i] = str_dup(a, out_view(&result));
	}
	return true;
}
