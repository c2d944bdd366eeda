/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ports that the estate sets: each must belong to a service that listens on the
 * host, and that the documents let an administrator change.
 */
#include "plan/plan-priv.h"

/* What a host sets is true of the host, also where only an erratum knows the service that has it. */
static bool is_in_use(const struct plan *p, const struct need *n)
{
	const struct plan_options with_errata = { .as_documented = false };
	return plan_uses_need(p->estate, &p->options, n) || plan_uses_need(p->estate, &with_errata, n);
}

static bool is_documented(const struct need *n, struct port_range r)
{
	for (size_t i = 0; i < n->ports.n; i++)
		if (n->ports.v[i].lo == r.lo && n->ports.v[i].hi == r.hi)
			return true;
	return false;
}

static void say_what_listens(struct plan *p, const struct host *h)
{
	const struct catalogue *c = p->estate->catalogue;
	bool *seen = ARENA_ARRAY(p->arena, bool, c->n_services);
	CLEANUP(out_free) struct out list = out_memory(65536);

	for (size_t i = 0; i < c->n_needs; i++) {
		const struct need *n = &c->needs[i];
		if (seen[n->service] || !n->changeable || !is_in_use(p, n) || !plan_listens(h, n) ||
		    c->services[n->service].resolves != SERVICE_FIXED)
			continue;
		seen[n->service] = true;
		out_printf(&list, "%s%.*s", list.n ? ", " : "", STR_ARG(c->services[n->service].id));
	}
	if (list.n)
		diag_note(p->diag, NOWHERE, "these can be set here: %.*s", STR_ARG(out_view(&list)));
}

static void say_why_fixed(struct plan *p, const struct need *n)
{
	const struct catalogue *c = p->estate->catalogue;
	if (n->line)
		diag_note(p->diag, NOWHERE, "%.*s, \"%.*s\", line %u", STR_ARG(n->document->title), STR_ARG(n->section),
			  n->line);
	else
		diag_note(p->diag, NOWHERE, "%.*s, \"%.*s\"", STR_ARG(n->document->title), STR_ARG(n->section));
	for (size_t i = 0; i < n->settings.n; i++) {
		int s = catalogue_setting(c, n->settings.v[i]);
		if (s >= 0)
			diag_note(p->diag, NOWHERE, "%.*s", STR_ARG(c->settings[s].text));
	}
}

static void check_port(struct plan *p, const struct host *h, const struct port_setting *s)
{
	const struct catalogue *c = p->estate->catalogue;
	const struct need *fixed = NULL;
	bool any = false;

	for (size_t i = 0; i < c->n_needs; i++) {
		const struct need *n = &c->needs[i];
		if (n->service != s->index || !is_in_use(p, n) || !plan_listens(h, n))
			continue;
		any = true;
		if (n->changeable || is_documented(n, s->ports)) {
			if (s->ports.lo != s->ports.hi && n->ports.n == 1 && n->ports.v[0].lo == n->ports.v[0].hi)
				diag_error(p->diag, s->at, "\"%.*s\" listens on one port, not on a range",
					   STR_ARG(s->name.s));
			return;
		}
		if (!fixed)
			fixed = n;
	}
	if (!any) {
		diag_error(p->diag, s->name.at, "no role of \"%.*s\" listens on \"%.*s\"", STR_ARG(h->name.s),
			   STR_ARG(s->name.s));
		say_what_listens(p, h);
		return;
	}
	diag_error(p->diag, s->at, "the port of \"%.*s\" cannot be changed: it is %.*s", STR_ARG(s->name.s),
		   STR_ARG(fixed->ports.text));
	say_why_fixed(p, fixed);
}

static bool pins(const struct catalogue *c, const struct need *n, struct str role)
{
	for (size_t i = 0; i < n->settings.n; i++) {
		int s = catalogue_setting(c, n->settings.v[i]);
		if (s >= 0 && str_eq(c->settings[s].pins, role))
			return true;
	}
	return false;
}

/* A service that listens here must be the one that the setting gives a static port. */
static void check_rpc(struct plan *p, const struct host *h, const struct port_setting *s)
{
	const struct catalogue *c = p->estate->catalogue;
	bool known = false;

	for (size_t i = 0; i < c->n_needs; i++) {
		const struct need *n = &c->needs[i];
		if (pins(c, n, s->name.s) && is_in_use(p, n) && plan_listens(h, n))
			return;
	}
	for (size_t i = 0; i < c->n_settings; i++)
		known |= str_eq(c->settings[i].pins, s->name.s);
	if (known) {
		diag_error(p->diag, s->name.at, "no RPC service on \"%.*s\" listens as \"%.*s\"", STR_ARG(h->name.s),
			   STR_ARG(s->name.s));
		return;
	}
	CLEANUP(out_free) struct out list = out_memory(65536);
	for (size_t i = 0; i < c->n_settings; i++)
		if (c->settings[i].pins.n)
			out_printf(&list, "%s%.*s", list.n ? ", " : "", STR_ARG(c->settings[i].pins));
	diag_error(p->diag, s->name.at, "no document has a static RPC port for \"%.*s\"", STR_ARG(s->name.s));
	diag_note(p->diag, NOWHERE, "narrow the host's range with rpc-range:, or set one of: %.*s",
		  STR_ARG(out_view(&list)));
}

void plan_check_settings(struct plan *p)
{
	const struct estate *e = p->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		const struct instance *instances = h->instances.v;
		for (size_t j = 0; j < h->ports.n; j++)
			check_port(p, h, &h->ports.v[j]);
		for (size_t j = 0; j < h->instances.n; j++)
			for (size_t m = 0; m < instances[j].ports.n; m++)
				check_port(p, h, &instances[j].ports.v[m]);
		for (size_t j = 0; j < h->rpc.n; j++)
			check_rpc(p, h, &h->rpc.v[j]);
	}
}
