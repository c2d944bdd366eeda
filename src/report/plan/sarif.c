/* SPDX-License-Identifier: Apache-2.0 */
/* The advice of a plan as SARIF 2.1.0: flows are not findings. */
#include "report/findings.h"
#include "report/plan/format.h"

static bool write_sarif(struct out *o, const struct plan_report *r, struct diag *d)
{
	(void)d;
	findings_sarif_log(o, plan_estate(r->plan)->catalogue, &r->advice);
	return true;
}

const struct plan_format plan_format_sarif = {
	.name = "sarif",
	.title = "SARIF 2.1.0, the advice",
	.whole = true,
	.write = write_sarif,
};
