/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rules.h"

#include "base/vec.h"
#include "cli/host-facts.h"

enum engine option_engine(const struct invocation *call)
{
	const char *name = option(call, "engine");
	for (int e = 0; name && e < N_ENGINES; e++)
		if (strcmp(name, engine_names[e]) == 0)
			return (enum engine)e;
	return ENGINE_AUTO;
}

static struct name stated_dialect(const struct plan *p, const struct place *at)
{
	const struct estate *e = plan_estate(p);
	return at->firewall >= 0 ? e->firewalls[at->firewall].dialect : e->hosts[at->host].firewall.dialect;
}

bool place_stands_between(const struct plan *p, const struct place *at)
{
	const struct dialect *stated = dialect_find(stated_dialect(p, at).s);
	return at->firewall < 0 || (stated && !stated->at_each_host);
}

void place_speaks(const struct plan *p, struct place *at, const struct dialect *dialect)
{
	at->each_host = dialect && dialect->at_each_host && !place_stands_between(p, at);
	at->incoming = at->each_host && dialect->only_incoming;
}

void place_settle(const struct plan *p, struct place *at)
{
	place_speaks(p, at, dialect_find(stated_dialect(p, at).s));
}

bool firewall_named(struct invocation *call, const struct plan *p, const char *name, struct place *ret)
{
	const struct estate *e = plan_estate(p);
	int i = estate_firewall(e, str_of(name));
	if (i < 0) {
		struct str *words = ARENA_ARRAY(call->arena, struct str, e->n_firewalls);
		for (size_t j = 0; j < e->n_firewalls; j++)
			words[j] = e->firewalls[j].name.s;
		diag_error(call->diag, NOWHERE, "the estate has no firewall \"%s\"", name);
		diag_suggest(call->diag, str_of(name), words, e->n_firewalls);
		return false;
	}
	*ret = place_of_firewall(i);
	place_settle(p, ret);
	return true;
}

static bool find_host(struct invocation *call, const struct plan *p, const char *name, struct place *ret)
{
	const struct estate *e = plan_estate(p);
	int i = estate_host(e, str_of(name));
	const char *side = option(call, "side");
	if (i < 0 || e->hosts[i].implied) {
		struct str *words = ARENA_ARRAY(call->arena, struct str, e->n_hosts);
		for (size_t j = 0; j < e->n_hosts; j++)
			words[j] = e->hosts[j].name.s;
		diag_error(call->diag, NOWHERE, "the estate has no host \"%s\"", name);
		diag_suggest(call->diag, str_of(name), words, e->n_hosts);
		return false;
	}
	*ret = place_of_host(i, side && strcmp(side, "out") == 0 ? POLICY_OUTBOUND : POLICY_INBOUND);
	return true;
}

bool invocation_place(struct invocation *call, const struct plan *p, struct place *ret)
{
	const struct estate *e = plan_estate(p);
	const char *at = option(call, "at"), *host = option(call, "host");
	if (at && host)
		return diag_error(call->diag, NOWHERE, "--at and --host are two places; use one");
	if (at)
		return firewall_named(call, p, at, ret);
	if (host)
		return find_host(call, p, host, ret);
	if (e->n_firewalls == 1)
		return firewall_named(call, p, cstr(call->arena, e->firewalls[0].name.s), ret);
	CLEANUP(out_free) struct out list = out_memory(65536);
	for (size_t i = 0; i < e->n_firewalls; i++)
		out_printf(&list, "%s%.*s", i ? ", " : "", STR_ARG(e->firewalls[i].name.s));
	diag_error(call->diag, NOWHERE, "specify the firewall: --at NAME, or --host HOST for a host's own");
	if (list.n)
		diag_note(call->diag, NOWHERE, "the estate has %.*s", STR_ARG(out_view(&list)));
	return false;
}

static void no_dialect(struct invocation *call, struct loc at, struct str name)
{
	VEC(struct str) words = { 0 };
	for (size_t i = 0; dialects[i]; i++)
		*VEC_ADD(call->arena, &words) = str_of(dialects[i]->name);
	diag_error(call->diag, at, "there is no dialect \"%.*s\"", STR_ARG(name));
	diag_suggest(call->diag, name, words.v, words.n);
	diag_note(call->diag, NOWHERE, "\"portolan dialects\" lists them");
}

bool place_states_dialect(const struct plan *p, const struct place *at)
{
	return stated_dialect(p, at).s.p;
}

const struct dialect *place_dialect(struct invocation *call, const struct plan *p, const struct place *at,
				    const char *given)
{
	struct name said = stated_dialect(p, at);
	struct str name = given ? str_of(given) : said.s;
	if (!name.p) {
		diag_error(call->diag, NOWHERE, "the estate has no dialect for \"%.*s\"; use --dialect NAME",
			   STR_ARG(place_name(p, at)));
		return NULL;
	}
	const struct dialect *dialect = dialect_find(name);
	if (dialect)
		return dialect;
	no_dialect(call, given ? NOWHERE : said.at, name);
	return NULL;
}

const struct dialect *invocation_dialect(struct invocation *call, const struct plan *p, const struct place *at)
{
	return place_dialect(call, p, at, option(call, "dialect"));
}

/*
 * The ports that the mapper assigns, and for which interfaces; at a host, whose rules are bound to
 * programs, for which of those.
 */
static void name_interfaces(struct arena *a, const struct catalogue *c, const struct bundle_item *it, bool at_host,
			    struct required *r)
{
	r->helper = HELPER_RPC;
	if (at_host) {
		r->rpc_interfaces = flow_rpc_programs(a, c, it, &r->n_rpc_interfaces);
		return;
	}
	const uint16_t *ids = item_rpc_interfaces(a, it, &r->n_rpc_interfaces);
	struct str *uuids = ARENA_ARRAY(a, struct str, r->n_rpc_interfaces);
	for (size_t i = 0; i < r->n_rpc_interfaces; i++)
		uuids[i] = c->interfaces[ids[i]].uuid;
	r->rpc_interfaces = uuids;
}

/* Source ports of a client of unknown system: lower ones are reserved for privileged programs. */
enum { LOWEST_CLIENT_PORT = 1024 };

static bool is_echo(const struct service_term *t)
{
	return t->port.lo == t->port.hi && ((t->protocol_lo == PROTO_ICMP && t->port.lo == 8) ||
					    (t->protocol_lo == PROTO_ICMP6 && t->port.lo == 128));
}

/* Clients have a port: 0 is none (RFC 6335, 6). */
static bool is_from_any_port(const struct service_term *t)
{
	return t->protocol_lo == t->protocol_hi && (t->protocol_lo == PROTO_TCP || t->protocol_lo == PROTO_UDP) &&
	       t->sport.lo == 0 && t->sport.hi == 65535;
}

/*
 * Narrows a box to what clients send; *wide is then the box as it was.  An echo's only code is 0
 * (RFC 792; RFC 4443, 4.1).
 */
static void narrow_to_clients(struct arena *a, struct flowbox *box, struct flowbox *wide)
{
	struct service_term *strict = ARENA_ARRAY(a, struct service_term, box->n_services);
	for (size_t i = 0; i < box->n_services; i++) {
		strict[i] = box->services[i];
		if (is_echo(&strict[i]))
			strict[i].sport = (struct port_range){ 0, 0 };
		else if (is_from_any_port(&strict[i]))
			strict[i].sport.lo = 1;
		else
			continue;
		*wide = *box;
	}
	box->services = strict;
}

void collect_required(void *ctx, const struct flow *f)
{
	struct required_collector *c = ctx;
	const struct estate *e = plan_estate(c->plan);
	bool at_host = c->at->host >= 0 && c->at->side == POLICY_INBOUND;
	struct flow *copy = ARENA_NEW(c->arena, struct flow);
	*copy = *f;
	struct required r = { .what = copy, .client_ports = { LOWEST_CLIENT_PORT, 65535 } };
	r.box = flow_box_at(c->arena, c->at, f, &r.arrives);
	narrow_to_clients(c->arena, &r.box, &r.tolerated);
	narrow_to_clients(c->arena, &r.arrives, &(struct flowbox){ 0 });
	if (f->from->host && f->from->host->system != NO_SYSTEM)
		r.client_ports = host_dynamic_range(e, f->from->host, f->item->protocol);
	if (f->item->service != NO_SERVICE) {
		const struct service *s = &e->catalogue->services[f->item->service];
		if (s->resolves == SERVICE_DYNAMIC && str_is(s->application, "tftp"))
			r.helper = HELPER_TFTP;
		else if (s->resolves == SERVICE_RPC)
			name_interfaces(c->arena, e->catalogue, f->item, at_host, &r);
	}
	*VEC_ADD(c->arena, &c->required) = r;
}

const struct required *place_required(struct arena *a, const struct plan *p, const struct place *at, size_t *n)
{
	struct required_collector c = { .arena = a, .plan = p, .at = at };
	plan_each_at(p, at, collect_required, &c);
	*n = c.required.n;
	return c.required.v;
}

struct flowbox answers_of(struct arena *a, const struct required *r)
{
	static const struct port_range clients = { LOWEST_CLIENT_PORT, 65535 };
	const struct flowbox *widest = required_widest(r);
	struct service_term *terms = ARENA_ARRAY(a, struct service_term, 2 * widest->n_services);
	struct flowbox back = reply_box(widest, clients, terms);
	for (size_t i = 0; i < back.n_services; i++)
		if (protocol_has_ports(terms[i].protocol_lo))
			terms[i].sport = ALL_PORTS;
	return back;
}

struct box_collector {
	struct arena *arena;
	const struct place *at;
	VEC(struct flowbox) boxes;
};

/* Rules behind a translation see the host's own address, and so permit the flow to it too. */
static void collect_unpublished(void *ctx, const struct flow *f)
{
	struct box_collector *c = ctx;
	if (flow_published(c->at, f))
		*VEC_ADD(c->arena, &c->boxes) = flow_box(f, ARENA_ARRAY(c->arena, struct service_term, 2));
}

const struct flowbox *place_tolerated(struct arena *a, const struct plan *p, const struct place *at,
				      const struct dialect *dialect, size_t *n)
{
	size_t n_rows, n_beside, n_own, n_others = 0;
	struct place other = place_of_host(at->host, at->side == POLICY_INBOUND ? POLICY_OUTBOUND : POLICY_INBOUND);
	const struct tolerated *rows = plan_tolerated(a, p, at, &n_rows);
	const struct flowbox *beside = dialect_beside(a, dialect, at->side, &n_beside);
	const struct flowbox *own = place_own(a, p, at, &n_own);
	const struct required *others =
		at->host >= 0 && dialect->replies_open ? place_required(a, p, &other, &n_others) : NULL;
	struct box_collector c = { .arena = a, .at = at };
	for (size_t i = 0; i < n_rows; i++)
		*VEC_ADD(a, &c.boxes) = rows[i].box;
	for (size_t i = 0; i < n_beside; i++)
		*VEC_ADD(a, &c.boxes) = beside[i];
	for (size_t i = 0; i < n_own; i++)
		*VEC_ADD(a, &c.boxes) = own[i];
	for (size_t i = 0; i < n_others; i++)
		*VEC_ADD(a, &c.boxes) = answers_of(a, &others[i]);
	if (plan_publishes(p))
		plan_each_at(p, at, collect_unpublished, &c);
	*n = c.boxes.n;
	return c.boxes.v;
}

const struct dialect *dialect_option(struct invocation *call, const char *name, bool *ok)
{
	const struct dialect *dialect = option(call, name) ? dialect_find(str_of(option(call, name))) : NULL;
	if (option(call, name) && !dialect) {
		no_dialect(call, NOWHERE, str_of(option(call, name)));
		*ok = false;
	}
	return dialect;
}

bool context_of_files(struct invocation *call, const char *const *files, size_t n, struct rules_context *ret)
{
	*ret = (struct rules_context){ 0 };
	if (!n)
		return !(option(call, "at") || option(call, "host")) ||
		       diag_error(call->diag, NOWHERE, "--at and --host name a place of an estate; use --estate FILE");
	ret->plan = plan_of_files(call, files, n);
	if (!ret->plan || !invocation_place(call, ret->plan, &ret->at))
		return false;
	ret->map = place_interfaces(call->arena, ret->plan, &ret->at);
	ret->known_map = &ret->map;
	ret->judged = plan_judged(call->arena, ret->plan, &ret->at);
	return true;
}

bool invocation_context(struct invocation *call, struct rules_context *ret)
{
	size_t n;
	const char *const *files = option_all(call, "estate", &n);
	return context_of_files(call, files, n, ret);
}

struct read_options place_reading(struct arena *a, const struct plan *p, const struct place *at)
{
	const struct estate *e = plan_estate(p);
	struct read_options o = { .side = at->side, .outside = place_outside(p, at) };
	o.shared = place_shared_interfaces(a, p, at, &o.n_shared);
	if (at->host >= 0) {
		o.rpc = host_dynamic_range(e, &e->hosts[at->host], PROTO_TCP);
		o.host = host_facts(a, p, at->host);
	}
	return o;
}

struct read_options invocation_reading(struct invocation *call, const struct rules_context *at)
{
	struct read_options o = { 0 };
	const char *side = option(call, "side");
	if (at->plan)
		o = place_reading(call->arena, at->plan, &at->at);
	else if (side)
		o.side = strcmp(side, "out") == 0 ? POLICY_OUTBOUND : POLICY_INBOUND;
	if (option(call, "part"))
		o.part = str_of(option(call, "part"));
	return o;
}

const struct ruleset *invocation_rules(struct invocation *call, const char *path, const struct dialect *dialect,
				       const struct read_options *o, const struct interface_map *map)
{
	struct ruleset *r;
	struct source *s = source_read(call->arena, path, MOST_RULES_BYTES, call->diag);
	if (!s)
		return NULL;
	if (!dialect && !(dialect = dialect_guess(s->text))) {
		diag_error(call->diag, (struct loc){ s, 0, 0, 0 }, "this does not look like a rule set; use %s NAME",
			   o->dialect_option ? o->dialect_option : "--dialect");
		return NULL;
	}
	if (!dialect_read(call->arena, dialect, s, o, &r, call->diag))
		return NULL;
	if (map)
		interfaces_settle(map, r);
	return r;
}

const char *beside(struct arena *a, const char *estate, struct str path)
{
	const char *slash = strrchr(estate, '/');
	if (!slash || (path.n && path.p[0] == '/'))
		return cstr(a, path);
	return arena_printf(a, "%.*s/%.*s", (int)(slash - estate), estate, STR_ARG(path));
}
