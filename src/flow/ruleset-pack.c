/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/ruleset-pack.h"

/* A reference: none, a new item that follows, or an earlier one, by its number from REF_OLD on. */
enum { REF_NONE, REF_NEW, REF_OLD };

/* A string: never set, inline, or in a source, by its number from STR_IN_SOURCE on. */
enum { STR_UNSET, STR_HERE, STR_IN_SOURCE };

struct packer packer_new(struct arena *a, struct out *out, const struct source *file)
{
	struct packer packer = { .out = out, .arena = a };
	packer.texts.ids = packer.addrs.ids = packer.services.ids = strmap_new(a);
	if (file)
		*VEC_ADD(a, &packer.sources) = file;
	return packer;
}

bool pack_ref(struct packer *packer, struct packed *all, const void *p, size_t n)
{
	const struct {
		uintptr_t p;
		size_t n;
	} key = { (uintptr_t)p, n };
	if (!p) {
		pack_number(packer->out, REF_NONE);
		return false;
	}
	uintptr_t id = (uintptr_t)strmap_get(&all->ids, (struct str){ (const char *)&key, sizeof key });
	if (id) {
		pack_number(packer->out, REF_OLD + id - 1);
		return false;
	}
	strmap_add(&all->ids, (struct str){ arena_memdup(packer->arena, &key, sizeof key), sizeof key },
		   (void *)(uintptr_t)++all->n);
	pack_number(packer->out, REF_NEW);
	return true;
}

void pack_text(struct packer *packer, const char *text)
{
	if (pack_ref(packer, &packer->texts, text, 0))
		pack_bytes(packer->out, (struct str){ text, strlen(text) + 1 });
}

/* Its number from 1 on; the next number is a new one, which follows. */
static void pack_source(struct packer *packer, const struct source *s)
{
	size_t i = 0;
	while (s && i < packer->sources.n && packer->sources.v[i] != s)
		i++;
	pack_number(packer->out, s ? i + 1 : 0);
	if (!s || i < packer->sources.n)
		return;
	*VEC_ADD(packer->arena, &packer->sources) = s;
	pack_text(packer, s->name);
	pack_bytes(packer->out, s->text);
}

static void pack_str(struct packer *packer, struct str s)
{
	if (!s.p) {
		pack_number(packer->out, STR_UNSET);
		return;
	}
	for (size_t i = 0; i < packer->sources.n; i++) {
		struct str text = packer->sources.v[i]->text;
		uintptr_t from = (uintptr_t)text.p, at = (uintptr_t)s.p;
		if (!s.n || at < from || at - from > text.n || s.n > text.n - (at - from))
			continue;
		pack_number(packer->out, STR_IN_SOURCE + i);
		pack_number(packer->out, at - from);
		pack_number(packer->out, s.n);
		return;
	}
	pack_number(packer->out, STR_HERE);
	pack_bytes(packer->out, s);
}

void pack_loc(struct packer *packer, struct loc at)
{
	pack_source(packer, at.source);
	pack_number(packer->out, at.line);
	pack_number(packer->out, at.column);
	pack_number(packer->out, at.length);
}

/* In the byte order of this machine: the same program unpacks it. */
static void pack_addr(struct packer *packer, enum family f, u128 n)
{
	uint32_t low = (uint32_t)n;
	out_bytes(packer->out, f == IPV4 ? (const void *)&low : &n, f == IPV4 ? sizeof low : sizeof n);
}

static void pack_range(struct packer *packer, const struct addr_range *r)
{
	pack_number(packer->out, r->family);
	pack_addr(packer, r->family, r->lo);
	pack_addr(packer, r->family, r->hi);
}

void pack_addrset(struct packer *packer, struct addrset s)
{
	pack_number(packer->out, s.n);
	for (size_t i = 0; i < s.n; i++)
		pack_range(packer, &s.v[i]);
}

void pack_port_range(struct packer *packer, struct port_range r)
{
	pack_number(packer->out, r.lo);
	pack_number(packer->out, r.hi);
}

void pack_services(struct packer *packer, const struct service_term *terms, size_t n)
{
	pack_number(packer->out, n);
	for (size_t i = 0; i < n; i++) {
		pack_number(packer->out, terms[i].protocol_lo);
		pack_number(packer->out, terms[i].protocol_hi);
		pack_port_range(packer, terms[i].sport);
		pack_port_range(packer, terms[i].port);
	}
}

static void pack_addr_map(struct packer *packer, const struct addr_map *map)
{
	pack_flag(packer->out, map != NULL);
	if (!map)
		return;
	pack_range(packer, &map->from);
	pack_range(packer, &map->to);
}

static void pack_names(struct packer *packer, const struct interface_names *names)
{
	pack_number(packer->out, names->n);
	for (size_t i = 0; i < names->n; i++)
		pack_str(packer, names->v[i]);
	pack_flag(packer->out, names->negated);
	pack_addr_map(packer, names->after);
}

static void pack_match(struct packer *packer, const struct match *m)
{
	if (pack_ref(packer, &packer->addrs, m->src, 0))
		pack_addrset(packer, *m->src);
	if (pack_ref(packer, &packer->addrs, m->dst, 0))
		pack_addrset(packer, *m->dst);
	if (pack_ref(packer, &packer->services, m->n_services ? m->services : NULL, m->n_services))
		pack_services(packer, m->services, m->n_services);
	pack_names(packer, &m->in);
	pack_names(packer, &m->out);
	pack_number(packer->out, m->conversation);
	pack_flag(packer->out, m->never);
}

static void pack_rule(struct packer *packer, const struct rule *r)
{
	pack_match(packer, &r->match);
	pack_number(packer->out, r->action);
	pack_number(packer->out, r->target);
	pack_text(packer, r->perhaps);
	pack_number(packer->out, r->rpc);
	pack_text(packer, r->rpc_perhaps);
	pack_str(packer, r->name);
	pack_str(packer, r->comment);
	pack_str(packer, r->text);
	pack_loc(packer, r->at);
	pack_flag(packer->out, r->implicit);
	pack_number(packer->out, r->number);
}

static void pack_chain(struct packer *packer, const struct chain *c)
{
	pack_str(packer, c->name);
	pack_loc(packer, c->at);
	pack_number(packer->out, c->fallthrough);
	pack_loc(packer, c->policy_at);
	pack_flag(packer->out, c->aside);
	pack_number(packer->out, c->translation);
	pack_number(packer->out, c->rules.n);
	for (size_t i = 0; i < c->rules.n; i++)
		pack_rule(packer, &c->rules.v[i]);
}

static void pack_translation(struct packer *packer, const struct translation *t)
{
	pack_addr_map(packer, t->src);
	pack_addr_map(packer, t->dst);
	pack_port_range(packer, t->port.from);
	pack_port_range(packer, t->port.to);
	pack_flag(packer->out, t->port_said);
	pack_flag(packer->out, t->only_names);
	pack_text(packer, t->unknown);
	pack_text(packer, t->vague_src);
	pack_text(packer, t->vague_sports);
}

void pack_ruleset(struct packer *packer, const struct ruleset *r)
{
	pack_source(packer, r->source);
	pack_text(packer, r->dialect);
	pack_number(packer->out, r->chains.n);
	for (size_t i = 0; i < r->chains.n; i++)
		pack_chain(packer, &r->chains.v[i]);
	pack_number(packer->out, r->translations.n);
	for (size_t i = 0; i < r->translations.n; i++)
		pack_translation(packer, &r->translations.v[i]);
	pack_number(packer->out, r->bases.n);
	for (size_t i = 0; i < r->bases.n; i++)
		pack_number(packer->out, r->bases.v[i]);
	pack_number(packer->out, r->replies);
	pack_text(packer, r->order);
	pack_number(packer->out, r->unknown.n);
	for (size_t i = 0; i < r->unknown.n; i++) {
		pack_str(packer, r->unknown.v[i].text);
		pack_loc(packer, r->unknown.v[i].at);
		pack_text(packer, r->unknown.v[i].why);
	}
	pack_number(packer->out, r->idle.n);
	for (size_t i = 0; i < r->idle.n; i++) {
		pack_str(packer, r->idle.v[i].text);
		pack_loc(packer, r->idle.v[i].at);
		pack_text(packer, r->idle.v[i].why);
	}
	pack_number(packer->out, r->assumed.n);
	for (size_t i = 0; i < r->assumed.n; i++)
		pack_text(packer, r->assumed.v[i]);
	pack_number(packer->out, r->interfaces.n);
	for (size_t i = 0; i < r->interfaces.n; i++) {
		pack_str(packer, r->interfaces.v[i].name);
		pack_addrset(packer, r->interfaces.v[i].addresses);
	}
	pack_number(packer->out, r->members.n);
	for (size_t i = 0; i < r->members.n; i++) {
		pack_str(packer, r->members.v[i].group);
		pack_str(packer, r->members.v[i].member);
	}
	pack_number(packer->out, r->rpc_interfaces.n);
	for (size_t i = 0; i < r->rpc_interfaces.n; i++)
		pack_str(packer, r->rpc_interfaces.v[i]);
	pack_flag(packer->out, r->rpc_named);
	pack_number(packer->out, r->n_lines);
	pack_number(packer->out, r->n_understood);
	pack_number(packer->out, r->n_ignored);
	pack_flag(packer->out, r->helps_tftp);
	pack_flag(packer->out, r->helps_rpc);
}
