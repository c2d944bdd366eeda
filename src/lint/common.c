/* SPDX-License-Identifier: Apache-2.0 */
#include "lint/common.h"

/* True of a document that applies to the estate, itself or in a newer version. */
static bool applies(const struct estate *e, const char *document)
{
	const struct catalogue *c = e->catalogue;
	for (size_t i = 0; i < c->n_documents; i++) {
		const struct document *d = &c->documents[i];
		if (e->documents[i] && str_is(d->id, document))
			return true;
		for (size_t j = 0; e->documents[i] && j < d->supersedes.n; j++)
			if (str_is(d->supersedes.v[j], document))
				return true;
	}
	return false;
}

struct finding *lint_report(struct linting *l, const struct check *c, const struct host *h, struct loc at,
			    const char *text, ...)
{
	struct finding *f = ARENA_NEW(l->arena, struct finding);
	va_list ap;
	va_start(ap, text);
	*f = (struct finding){
		.check = c,
		.host = h ? h->name.s : STR(""),
		.text = arena_vprintf(l->arena, text, ap),
		.at = at,
		.uncited = c->document && !applies(l->estate, c->document),
	};
	va_end(ap);
	*VEC_ADD(l->arena, &l->found) = f;
	return f;
}

void lint_way_out(struct linting *l, struct finding *f, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	f->way_out = arena_vprintf(l->arena, fmt, ap);
	va_end(ap);
}

void lint_other(struct linting *l, struct finding *f, struct loc at, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	f->other = at;
	f->other_text = arena_vprintf(l->arena, fmt, ap);
	va_end(ap);
}

bool lint_has_role(struct linting *l, const struct host *h, const char *role)
{
	int r = catalogue_role(l->estate->catalogue, str_of(role));
	return r >= 0 && host_has_role(h, (role_id)r);
}

service_id lint_service(struct linting *l, const char *service)
{
	int s = catalogue_service(l->estate->catalogue, str_of(service));
	return s < 0 ? NO_SERVICE : (service_id)s;
}

bool lint_default_ports(struct linting *l, const char *service, struct port_range *ret)
{
	const struct catalogue *c = l->estate->catalogue;
	service_id id = lint_service(l, service);
	return id != NO_SERVICE && c->services[id].n_endpoints > 0 &&
	       port_range_parse(c->services[id].endpoints[0].ports, ret) == PORT_OK;
}

struct port_range lint_port(struct linting *l, const struct host *h, const char *service)
{
	struct port_range r = { 0, 0 };
	service_id id = lint_service(l, service);
	const struct port_setting *set = id == NO_SERVICE ? NULL : host_port(h, id);
	if (set)
		return set->ports;
	lint_default_ports(l, service, &r);
	return r;
}

static int listener_cmp(const void *left, const void *right)
{
	const struct listener *a = left, *b = right;
	int c = CMP(a->protocol, b->protocol);
	c = c ? c : CMP(a->ports.lo, b->ports.lo);
	c = c ? c : CMP(a->ports.hi, b->ports.hi);
	return c ? c : str_cmp(a->service->id, b->service->id);
}

struct listener *lint_listeners(struct linting *l, const struct host *h, size_t *n)
{
	const struct plan *p = l->plan;
	const struct estate *e = l->estate;
	const struct catalogue *c = e->catalogue;
	VEC(struct listener) listeners = { 0 };
	size_t out = 0;

	for (size_t i = 0; i < c->n_needs; i++) {
		const struct need *need = &c->needs[i];
		struct resolved_ports ports;
		if (c->services[need->service].resolves != SERVICE_FIXED || !protocol_has_ports(need->protocol) ||
		    need->unplanned.n || need_is_any_port(need) || !plan_listens(h, need) ||
		    !plan_may_listen(p, h, need) || !plan_uses_need(e, plan_get_options(p), need))
			continue;
		plan_ports(e, h, NULL, need, &ports);
		for (size_t j = 0; j < ports.n; j++)
			*VEC_ADD(l->arena, &listeners) =
				(struct listener){ &c->services[need->service], need->protocol, ports.v[j],
						   host_port(h, need->service), need };
	}
	sort_items(listeners.v, listeners.n, sizeof *listeners.v, listener_cmp);
	for (size_t i = 0; i < listeners.n; i++)
		if (!out || listener_cmp(&listeners.v[out - 1], &listeners.v[i]) != 0)
			listeners.v[out++] = listeners.v[i];
	*n = out;
	return listeners.v;
}

bool lint_uri(struct str s, struct uri *ret)
{
	struct str rest, head;
	uint16_t port = 0;
	if (!str_starts(s, "https://"))
		return false;
	rest = str_skip(s, strlen("https://"));
	size_t slash = str_find(rest, '/');
	head = slash == SIZE_MAX ? rest : str_first(rest, slash);
	size_t colon = str_find(head, ':');
	if (colon != SIZE_MAX && port_parse(str_skip(head, colon + 1), &port) != PORT_OK)
		return false;
	*ret = (struct uri){
		.host = colon == SIZE_MAX ? head : str_first(head, colon),
		.path = slash == SIZE_MAX ? STR("/") : str_skip(rest, slash),
		.port = port,
	};
	return ret->host.n > 0;
}

void lint_each_kind(struct linting *l, void (*look)(struct linting *l, const struct host *h, size_t others))
{
	const struct plan *p = l->plan;
	size_t n;
	const struct endpoint *endpoints = plan_endpoints(p, &n);
	for (size_t g = 0; g < plan_group_count(p); g++) {
		struct plan_group group = plan_group(p, (uint32_t)g);
		const struct host *h = group.n ? endpoints[group.endpoints[0]].host : NULL;
		if (h && !h->implied)
			look(l, h, group.n - 1);
	}
}

const char *lint_others(struct linting *l, size_t others)
{
	if (!others)
		return "";
	return arena_printf(l->arena, ", and %zu %s like it", others, others == 1 ? "host" : "hosts");
}
