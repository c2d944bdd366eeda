/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/progress.h"
#include "cli/proving.h"
#include "report/proof/format.h"

enum status proving_report(struct invocation *call, const struct proving *p, const struct proved *proved)
{
	struct proof_report r = { .plan = p->plan,
				  .v = proved,
				  .n = p->n,
				  .width = call->width,
				  .colour = call->colour_out && !option_given(call, "output") };
	struct file f;
	if (p->n > 1)
		r.path = proving_path(call, p, proved);
	proof_report_finish(&r);
	progress_end();
	if (!file_create(&f, call->arena, option(call, "output"), call->diag))
		return STATUS_MACHINE;
	proof_format_find(option_format(call))->write(&f.out, &r);
	if (!file_commit(&f, call->diag))
		return STATUS_MACHINE;
	return r.verdict == VERDICT_HOLDS ? STATUS_WELL : r.verdict == VERDICT_FAILS ? STATUS_NO : STATUS_INPUT;
}
