/* SPDX-License-Identifier: Apache-2.0 */
/* A process of Windows does not begin with the memory of the one that starts it: the jobs are done one after the other. */
#include "cli/workers.h"

bool work_divide(struct arena *a, const struct work *w, struct diag *d, struct str *results)
{
	return work_alone(a, w, d, results);
}
