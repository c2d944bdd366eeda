/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/deciders.h"

#include "base/vec.h"
#include "cli/rules.h"

/* The rules of a place are read when the first flow needs them. */
struct known_rules {
	struct place at;
	bool tried;
	const char *path;
	struct interface_map map;
	const struct ruleset *rules; /* NULL: they cannot be read */
};

struct deciders {
	struct invocation *call;
	const struct plan *plan;
	struct known_rules *places;
	size_t n;
};

static struct name config_of(const struct plan *p, const struct place *at)
{
	const struct estate *e = plan_estate(p);
	return at->firewall >= 0 ? e->firewalls[at->firewall].config : e->hosts[at->host].firewall.config;
}

static const struct ruleset *read_rules(struct deciders *s, struct known_rules *known, struct diag *d)
{
	struct invocation *call = s->call;
	const struct estate *e = plan_estate(s->plan);
	const struct place *at = &known->at;
	struct str said =
		at->firewall >= 0 ? e->firewalls[at->firewall].dialect.s : e->hosts[at->host].firewall.dialect.s;
	struct source *source = source_read(call->arena, known->path, MOST_RULES_BYTES, d);
	const struct dialect *dialect = !source ? NULL : said.p ? dialect_find(said) : dialect_guess(source->text);
	struct read_options o = place_reading(call->arena, s->plan, at);
	struct ruleset *r;
	if (!dialect || !dialect_read(call->arena, dialect, source, &o, &r, d))
		return NULL;
	interfaces_settle(&known->map, r);
	return r;
}

static const struct ruleset *rules_of(struct deciders *s, struct known_rules *known)
{
	if (known->tried)
		return known->rules;
	struct name config = config_of(s->plan, &known->at);
	struct diag *d = diag_new(s->call->arena);
	known->tried = true;
	known->path = beside(s->call->arena, config.at.source->name, config.s);
	known->map = place_interfaces(s->call->arena, s->plan, &known->at);
	known->rules = read_rules(s, known, d);
	if (!known->rules) {
		diag_warn(s->call->diag, config.at, "these rules cannot be read, and are not searched for causes");
		if (diag_count(d))
			diag_note(s->call->diag, diag_entry(d, 0)->at, "%s", diag_entry(d, 0)->text);
	}
	return known->rules;
}

/* What a rule set does to a packet, and by which rule. */
struct ruling {
	bool permits, certain;
	const struct rule *by;
};

static struct ruling rule_on(const struct known_rules *known, const struct packet *p, bool reply)
{
	const struct rule *may_by = NULL, *must_by = NULL;
	uint32_t chain;
	enum action may = ruleset_decide(known->rules, p, &known->map,
					 (struct reading){ .upper = true, .reply = reply }, &may_by, &chain);
	enum action must =
		ruleset_decide(known->rules, p, &known->map, (struct reading){ .reply = reply }, &must_by, &chain);
	bool certain = may == must && !known->rules->unknown.n;
	bool permits = must == ACTION_PERMIT;
	return (struct ruling){ permits, certain, permits || !may_by ? must_by : may_by };
}

static bool on_path(const struct deciders *s, const struct known_rules *known, const struct decided_flow *f)
{
	struct path path = plan_path(s->plan, f->from->zone, f->to->zone);
	struct flow flow = { .from = f->from, .to = f->to, .crosses = path.firewalls, .n_crosses = path.n };
	return place_sees(s->plan, &known->at, &flow);
}

static void show_rule(struct probe_cause *cause, const struct rule *by)
{
	cause->rule = by ? by->text : NO_STR;
	cause->line = by ? by->at.line : 0;
}

/* Stateless rules may also stop what comes back. */
static bool judge_place(struct deciders *s, struct known_rules *known, const struct packet *p, bool permitted,
			struct probe_cause *ret)
{
	const struct ruleset *rules = rules_of(s, known);
	if (!rules)
		return false;
	struct packet back = { p->dst, p->src, p->protocol, p->port, p->sport };
	struct ruling there = rule_on(known, p, false);
	bool stateless = rules->replies == REPLIES_BY_FLAG || rules->replies == REPLIES_BY_RULE;
	*ret = (struct probe_cause){ .place = place_name(s->plan, &known->at), .file = known->path };
	show_rule(ret, there.by);
	if (permitted) {
		ret->decision = there.certain ? "permits" : "may permit";
		return there.permits || !there.certain;
	}
	if (!there.permits || !there.certain) {
		ret->decision = there.certain ? "denies" : "may deny";
		return true;
	}
	if (!stateless || !protocol_has_ports(p->protocol))
		return false;
	there = rule_on(known, &back, true);
	show_rule(ret, there.by);
	ret->decision = there.certain ? "denies the reply to" : "may deny the reply to";
	return !there.permits || !there.certain;
}

/* A packet to a host, as a firewall that publishes the host is asked for it. */
static struct packet asked_at(const struct place *at, const struct host *to, const struct packet *p)
{
	const struct published *published = at->firewall >= 0 ? host_published(to, at->firewall) : NULL;
	struct packet asked = *p;
	struct addrset there = published ? addrset_part(published->addresses, p->dst.family) : NO_ADDRS;
	if (there.n && addrset_holds(to->addresses, p->dst)) {
		asked.dst.n = there.v[0].lo;
		if (protocol_has_ports(p->protocol))
			asked.port = published_port(published, p->port);
	}
	return asked;
}

struct deciders *deciders_new(struct invocation *call, const struct plan *p)
{
	size_t n;
	struct deciders *s = ARENA_NEW(call->arena, struct deciders);
	struct place *places = plan_places(call->arena, p, &n);
	*s = (struct deciders){ .call = call, .plan = p, .places = ARENA_ARRAY(call->arena, struct known_rules, n) };
	for (size_t i = 0; i < n; i++) {
		place_settle(p, &places[i]);
		if (config_of(p, &places[i]).s.p)
			s->places[s->n++] = (struct known_rules){ .at = places[i] };
	}
	return s;
}

struct probe_causes deciders_of(struct deciders *s, const struct decided_flow *f)
{
	enum { CLIENT_PORT = 49152, ECHO = 8, ECHO6 = 128 };
	VEC(struct probe_cause) found = { 0 };
	struct probe_cause cause;
	struct packet p = { .src = f->source, .dst = f->destination, .protocol = f->protocol, .port = f->port };
	if (protocol_is_icmp(f->protocol))
		p.port = f->protocol == PROTO_ICMP6 ? ECHO6 : ECHO;
	else if (protocol_has_ports(f->protocol))
		p.sport = CLIENT_PORT;
	for (size_t i = 0; i < s->n; i++) {
		struct packet asked = asked_at(&s->places[i].at, f->to->host, &p);
		if (on_path(s, &s->places[i], f) && judge_place(s, &s->places[i], &asked, f->permitted, &cause))
			*VEC_ADD(s->call->arena, &found) = cause;
	}
	return (struct probe_causes){ found.v, found.n };
}
