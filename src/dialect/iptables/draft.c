/* SPDX-License-Identifier: Apache-2.0 */
/* What the conditions of a rule and its target say of it while it is read. */
#include "dialect/iptables/iptables.h"

void ipt_perhaps(struct ipt_rule *r, const char *why)
{
	EACH_DRAFT(r, m)
	draft_perhaps(m, why);
}

void ipt_never(struct ipt_rule *r)
{
	EACH_DRAFT(r, m)
	m->never = true;
}

void ipt_odd(struct ipt_rule *r, struct str word, const char *why)
{
	if (!r->odd) {
		r->odd = why;
		r->odd_word = word;
	}
}

struct str ipt_argument(struct ipt_rule *r)
{
	const words *w = &r->t->words;
	if (r->i + 1 < w->n && str_is(w->v[r->i + 1], "!")) {
		ipt_refuse(r, r->option, "has its ! behind it, and iptables 1.4.3 and later takes it before");
		r->negated = !r->negated;
		r->i++;
	}
	if (r->i + 1 >= w->n) {
		ipt_odd(r, r->option, "needs a value");
		return NO_STR;
	}
	return w->v[++r->i];
}
