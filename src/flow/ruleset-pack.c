/* SPDX-License-Identifier: Apache-2.0 */
#include "flow/ruleset-pack.h"

/* A reference: none, a new item that follows, or an earlier one, by its number from REF_OLD on. */
enum { REF_NONE, REF_NEW, REF_OLD };

/* A string: never set, inline, or in a source, by its number from STR_IN_SOURCE on. */
enum { STR_UNSET, STR_HERE, STR_IN_SOURCE };

struct packer packer_new(struct arena *a, struct out *out, const struct source *file)
{
	struct packer k = { .out = out, .arena = a };
	k.texts.ids = k.addrs.ids = k.services.ids = strmap_new(a);
	if (file)
		*VEC_ADD(a, &k.sources) = file;
	return k;
}

bool pack_ref(struct packer *k, struct packed *all, const void *p, size_t n)
{
	const struct {
		uintptr_t p;
		size_t n;
	} key = { (uintptr_t)p, n };
	if (!p) {
		pack_number(k->out, REF_NONE);
		return false;
	}
	uintptr_t id = (uintptr_t)strmap_get(&all->ids, (struct str){ (const char *)&key, sizeof key });
	if (id) {
		pack_number(k->out, REF_OLD + id - 1);
		return false;
	}
	strmap_add(&all->ids, (struct str){ arena_memdup(k->arena, &key, sizeof key), sizeof key }, (void *)(uintptr_t)++all->n);
	pack_number(k->out, REF_NEW);
	return true;
}

void pack_text(struct packer *k, const char *text)
{
	if (pack_ref(k, &k->texts, text, 0))
		pack_bytes(k->out, (struct str){ text, strlen(text) + 1 });
}

/* Its number from 1 on; the next number is a new one, which follows. */
static void pack_source(struct packer *k, const struct source *s)
{
	size_t i = 0;
	while (s && i < k->sources.n && k->sources.v[i] != s)
		i++;
	pack_number(k->out, s ? i + 1 : 0);
	if (!s || i < k->sources.n)
		return;
	*VEC_ADD(k->arena, &k->sources) = s;
	pack_text(k, s->name);
	pack_bytes(k->out, s->text);
}

static void pack_str(struct packer *k, struct str s)
{
	if (!s.p) {
		pack_number(k->out, STR_UNSET);
		return;
	}
	for (size_t i = 0; i < k->sources.n; i++) {
		struct str text = k->sources.v[i]->text;
		uintptr_t from = (uintptr_t)text.p, at = (uintptr_t)s.p;
		if (!s.n || at < from || at - from > text.n || s.n > text.n - (at - from))
			continue;
		pack_number(k->out, STR_IN_SOURCE + i);
		pack_number(k->out, at - from);
		pack_number(k->out, s.n);
		return;
	}
	pack_number(k->out, STR_HERE);
	pack_bytes(k->out, s);
}

void pack_loc(struct packer *k, struct loc at)
{
	pack_source(k, at.source);
	pack_number(k->out, at.line);
	pack_number(k->out, at.column);
	pack_number(k->out, at.length);
}

/* In the byte order of this machine: the same program unpacks it. */
static void pack_addr(struct packer *k, enum family f, u128 n)
{
	uint32_t low = (uint32_t)n;
	out_bytes(k->out, f == IPV4 ? (const void *)&low : &n, f == IPV4 ? sizeof low : sizeof n);
}

void pack_addrset(struct packer *k, struct addrset s)
{
	pack_number(k->out, s.n);
	for (size_t i = 0; i < s.n; i++) {
		pack_number(k->out, s.v[i].family);
		pack_addr(k, s.v[i].family, s.v[i].lo);
		pack_addr(k, s.v[i].family, s.v[i].hi);
	}
}

void pack_port_range(struct packer *k, struct port_range r)
{
	pack_number(k->out, r.lo);
	pack_number(k->out, r.hi);
}

void pack_services(struct packer *k, const struct service_term *v, size_t n)
{
	pack_number(k->out, n);
	for (size_t i = 0; i < n; i++) {
		pack_number(k->out, v[i].protocol_lo);
		pack_number(k->out, v[i].protocol_hi);
		pack_port_range(k, v[i].sport);
		pack_port_range(k, v[i].port);
	}
}

static void pack_names(struct packer *k, const struct interface_names *names)
{
	pack_number(k->out, names->n);
	for (size_t i = 0; i < names->n; i++)
		pack_str(k, names->v[i]);
	pack_flag(k->out, names->negated);
}

static void pack_match(struct packer *k, const struct match *m)
{
	if (pack_ref(k, &k->addrs, m->src, 0))
		pack_addrset(k, *m->src);
	if (pack_ref(k, &k->addrs, m->dst, 0))
		pack_addrset(k, *m->dst);
	if (pack_ref(k, &k->services, m->n_services ? m->services : NULL, m->n_services))
		pack_services(k, m->services, m->n_services);
	pack_names(k, &m->in);
	pack_names(k, &m->out);
	pack_number(k->out, m->conversation);
	pack_flag(k->out, m->never);
}

static void pack_rule(struct packer *k, const struct rule *r)
{
	pack_match(k, &r->match);
	pack_number(k->out, r->action);
	pack_number(k->out, r->target);
	pack_text(k, r->perhaps);
	pack_number(k->out, r->rpc);
	pack_text(k, r->rpc_perhaps);
	pack_str(k, r->name);
	pack_str(k, r->comment);
	pack_str(k, r->text);
	pack_loc(k, r->at);
	pack_flag(k->out, r->implicit);
}

static void pack_chain(struct packer *k, const struct chain *c)
{
	pack_str(k, c->name);
	pack_loc(k, c->at);
	pack_number(k->out, c->fallthrough);
	pack_loc(k, c->policy_at);
	pack_number(k->out, c->rules.n);
	for (size_t i = 0; i < c->rules.n; i++)
		pack_rule(k, &c->rules.v[i]);
}

void pack_ruleset(struct packer *k, const struct ruleset *r)
{
	pack_source(k, r->source);
	pack_text(k, r->dialect);
	pack_number(k->out, r->chains.n);
	for (size_t i = 0; i < r->chains.n; i++)
		pack_chain(k, &r->chains.v[i]);
	pack_number(k->out, r->bases.n);
	for (size_t i = 0; i < r->bases.n; i++)
		pack_number(k->out, r->bases.v[i]);
	pack_number(k->out, r->replies);
	pack_text(k, r->order);
	pack_number(k->out, r->unknown.n);
	for (size_t i = 0; i < r->unknown.n; i++) {
		pack_str(k, r->unknown.v[i].text);
		pack_loc(k, r->unknown.v[i].at);
		pack_text(k, r->unknown.v[i].why);
	}
	pack_number(k->out, r->idle.n);
	for (size_t i = 0; i < r->idle.n; i++) {
		pack_str(k, r->idle.v[i].text);
		pack_loc(k, r->idle.v[i].at);
		pack_text(k, r->idle.v[i].why);
	}
	pack_number(k->out, r->assumed.n);
	for (size_t i = 0; i < r->assumed.n; i++)
		pack_text(k, r->assumed.v[i]);
	pack_number(k->out, r->interfaces.n);
	for (size_t i = 0; i < r->interfaces.n; i++) {
		pack_str(k, r->interfaces.v[i].name);
		pack_addrset(k, r->interfaces.v[i].addresses);
	}
	pack_number(k->out, r->rpc_interfaces.n);
	for (size_t i = 0; i < r->rpc_interfaces.n; i++)
		pack_str(k, r->rpc_interfaces.v[i]);
	pack_flag(k->out, r->rpc_named);
	pack_number(k->out, r->n_lines);
	pack_number(k->out, r->n_understood);
	pack_number(k->out, r->n_ignored);
	pack_flag(k->out, r->helps_tftp);
	pack_flag(k->out, r->helps_rpc);
}
