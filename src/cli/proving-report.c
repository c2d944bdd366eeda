/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/proving.h"
#include "report/proof/format.h"

enum status proving_report(struct invocation *v, const struct proving *p, const struct proved *proved)
{
	struct proof_report r = { .plan = p->plan, .v = proved, .n = p->n, .width = v->width,
				  .colour = v->colour_out && !option_given(v, "output") };
	struct file f;
	if (p->n > 1)
		r.path = proving_path(v, p, proved);
	proof_report_finish(&r);
	if (!file_create(&f, v->arena, option(v, "output"), v->diag))
		return STATUS_MACHINE;
	proof_format_find(option_format(v))->write(&f.out, &r);
	if (!file_commit(&f, v->diag))
		return STATUS_MACHINE;
	return r.verdict == VERDICT_HOLDS ? STATUS_WELL : r.verdict == VERDICT_FAILS ? STATUS_NO : STATUS_INPUT;
}
