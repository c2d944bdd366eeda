/* SPDX-License-Identifier: Apache-2.0 */
#include "report/probe/words.h"

const char *const probe_verdicts[] = {
	[PROBE_WELL] = "works",
	[PROBE_FAILS] = "fails",
	[PROBE_UNPROVED] = "unproved",
};

const char *const advice_names[] = {
	[ADVICE_NOTE] = "note",
	[ADVICE_WARNING] = "warning",
	[ADVICE_ERROR] = "error",
};

enum probe_judgement probe_judge_at(const struct probe_report *r, size_t i)
{
	return probe_judge(&r->tasks->tasks[i], &r->tasks->subjects[i], &r->results[i], r->strict);
}

/* Nothing was probed: well only where the code of an error stands for no flow at all. */
static bool is_unproved(const struct probe_report *r)
{
	bool has_flows = !r->explained;
	for (size_t i = 0; r->explained && i < r->explained->n; i++)
		has_flows |= r->explained->meanings[i]->n_flows > 0;
	return has_flows;
}

enum probe_judgement probe_report_verdict(const struct probe_report *r)
{
	bool unproved = r->tasks->n == 0 && is_unproved(r);
	for (size_t i = 0; i < r->tasks->n; i++) {
		enum probe_judgement judged = probe_judge_at(r, i);
		if (judged == PROBE_FAILS)
			return PROBE_FAILS;
		unproved |= judged == PROBE_UNPROVED;
	}
	return unproved ? PROBE_UNPROVED : PROBE_WELL;
}

struct str probe_text(struct arena *a, const struct probe_report *r, size_t i)
{
	const struct probe_result *found = &r->results[i];
	/* a text may quote what a server said, and name addresses */
	if (r->redact)
		return str_of(reason_text(found->reason));
	return str_shown(a, found->text);
}

struct str probe_address(struct arena *a, const struct probe_report *r, size_t i)
{
	char text[ADDR_TEXT];
	if (r->redact || r->tasks->subjects[i].no_address)
		return NO_STR;
	return str_dup(a, str_of(addr_text(r->tasks->tasks[i].target.address, text)));
}

struct str probe_where(struct arena *a, const struct probe_report *r, size_t i)
{
	const struct probe_place *where = &r->results[i].where;
	char text[ADDR_TEXT];
	if (!where->has_address)
		return NO_STR;
	if (!r->redact)
		return str_dup(a, str_of(addr_text(where->address, text)));
	const struct estate *e = r->plan ? plan_estate(r->plan) : NULL;
	for (size_t h = 0; e && h < e->n_hosts; h++)
		if (!e->hosts[h].any && addrset_holds(e->hosts[h].addresses, where->address))
			return e->hosts[h].name.s;
	return NO_STR;
}

struct str cause_text(struct arena *a, const struct probe_cause *cause)
{
	struct str text = str_printf(a, "%.*s %s it: %s", STR_ARG(cause->place), cause->decision, cause->file);
	if (cause->line)
		text = str_printf(a, "%.*s:%u", STR_ARG(text), cause->line);
	return cause->rule.n ? text : str_printf(a, "%.*s: no rule matches", STR_ARG(text));
}

struct str icmp_text(struct arena *a, const struct probe_result *r)
{
	if (!r->where.has_icmp)
		return NO_STR;
	return str_printf(a, "%u/%u", r->where.type, r->where.code);
}

const char *probe_protocol(const struct probe_task *task, char buf[PROTOCOL_TEXT])
{
	return protocol_text(task->target.protocol, buf);
}

struct str probe_port(struct arena *a, const struct probe_report *r, size_t i)
{
	char proto[PROTOCOL_TEXT];
	const char *name = probe_protocol(&r->tasks->tasks[i], proto);
	if (!protocol_has_ports(r->tasks->tasks[i].target.protocol))
		return str_printf(a, "%s", name);
	return str_printf(a, "%s %u", name, r->results[i].port);
}
