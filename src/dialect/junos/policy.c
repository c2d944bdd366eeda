/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of a security policy say of it while it is read. */
#include "dialect/junos/junos.h"

void srx_perhaps(struct srx_policy *p, const char *why)
{
	if (!p->perhaps)
		p->perhaps = why;
}

void srx_missing(struct srx_policy *p, struct str name, const char *what)
{
	ruleset_unknown(p->junos->rules, p->node->at, p->node->line, "there is no %s \"%.*s\" in this file", what,
			STR_ARG(name));
	p->bad = true;
}

bool srx_within_limits(struct srx_policy *p, size_t depth)
{
	if (++p->junos->copied <= MOST_MEMBERS && depth <= MOST_GROUP_DEPTH)
		return true;
	if (!p->bad)
		diag_error(p->junos->diag, p->node->at, "sets are nested too deep, or have too many members");
	p->bad = true;
	return false;
}
