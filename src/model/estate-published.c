/* SPDX-License-Identifier: Apache-2.0 */
/*
 * published: of a host, the addresses and ports by which a firewall that translates is asked for it.
 */
#include "base/vec.h"
#include "doc/rows.h"
#include "model/estate-maker.h"

enum { MOST_PUBLISHED_PORTS = 1000 };

#define PORT_SCHEMA  "{\"type\":\"integer\",\"minimum\":1,\"maximum\":65535}"
#define TEXTS_SCHEMA "{\"type\":\"string\"},{\"type\":\"array\",\"items\":{\"type\":\"string\"}}"
const char published_schema[] = "{\"type\":\"object\",\"additionalProperties\":{\"oneOf\":[" TEXTS_SCHEMA
				",{\"type\":\"object\",\"properties\":{\"address\":{\"oneOf\":[" TEXTS_SCHEMA
				"]},\"ports\":{\"type\":\"object\",\"additionalProperties\":" PORT_SCHEMA
				"}},\"required\":[\"address\"],\"additionalProperties\":false}]}}";

static int by_inside(const void *left, const void *right)
{
	const struct published_port *a = left, *b = right;
	int c = CMP(a->inside, b->inside);
	return c ? c : CMP(a->outside, b->outside);
}

static bool decode_port(struct decode *d, struct str text, struct loc at, uint16_t *ret)
{
	enum port_parse p = port_parse(text, ret);
	return p == PORT_OK || diag_error(d->diag, at, "\"%.*s\" is not a port: %s", STR_ARG(text), port_parse_why(p));
}

static void decode_ports(struct decode *d, const struct node *n, void *into)
{
	struct published *ret = into;
	if (n->kind != NODE_MAP) {
		diag_error(d->diag, n->at,
			   "\"ports\" is a map from published ports to those of the host, such as { 443: 8443 }");
		return;
	}
	if (n->n > MOST_PUBLISHED_PORTS) {
		diag_error(d->diag, n->at, "more than %d published ports", MOST_PUBLISHED_PORTS);
		return;
	}
	struct published_port *ports = ARENA_ARRAY(d->arena, struct published_port, n->n);
	size_t used = 0;
	for (size_t i = 0; i < n->n; i++) {
		const struct node *key = n->pairs[i].key, *value = n->pairs[i].value;
		struct published_port p = { .at = key->at };
		struct name text;
		bool ok = decode_port(d, key->text, key->at, &p.outside);
		if (decode_text(d, value, &text) && decode_port(d, text.s, value->at, &p.inside) && ok)
			ports[used++] = p;
	}
	sort_items(ports, used, sizeof *ports, by_inside);
	for (size_t i = 1; i < used; i++)
		if (ports[i].inside == ports[i - 1].inside) {
			diag_error(d->diag, ports[i].at, "port %u of the host is published by two ports: choose one",
				   ports[i].inside);
			diag_note(d->diag, ports[i - 1].at, "the other one is here");
		}
	ret->ports = ports;
	ret->n_ports = used;
}

static const struct field published_fields[] = {
	NEEDED(published, "address", FIELD_TEXTS, address_texts, "The addresses by which the firewall is asked."),
	{ .key = "ports",
	  .type = FIELD_CUSTOM,
	  .decode = decode_ports,
	  .schema = "{\"type\":\"object\",\"additionalProperties\":" PORT_SCHEMA "}",
	  .help = "Published ports, each with the port of the host that it leads to." },
};
static const struct record published_record =
	RECORD(published, "a published address", published_fields, offsetof(struct published, firewall_said),
	       offsetof(struct published, at));

void decode_published(struct decode *d, const struct node *n, void *into)
{
	struct host *h = into;
	if (n->kind != NODE_MAP) {
		diag_error(d->diag, n->at,
			   "\"published\" is a map from firewalls to addresses, such as { edge: 192.0.2.10 }");
		return;
	}
	h->published = ARENA_ARRAY(d->arena, struct published, n->n);
	for (size_t i = 0; i < n->n; i++) {
		const struct node *key = n->pairs[i].key, *value = n->pairs[i].value;
		struct published p = { .at = key->at };
		if (value->kind == NODE_MAP ? !record_decode(d, &published_record, value, &p)
					    : !decode_texts(d, value, &p.address_texts))
			continue;
		p.firewall_said = (struct name){ key->text, key->at };
		h->published[h->n_published++] = p;
	}
}

static bool has_family(struct addrset s, enum family f)
{
	return addrset_part(s, f).n > 0;
}

static void resolve(struct maker *m, const struct host *h, struct published *p)
{
	bool any = false;
	p->firewall = estate_firewall(m->estate, p->firewall_said.s);
	if (p->firewall < 0)
		unknown_name(m, "firewall", p->firewall_said, m->firewall_words);
	if (!read_addresses(m, &p->address_texts, "an address", &p->addresses, &any))
		return;
	if (any || !p->addresses.n) {
		diag_error(m->diag, p->address_texts.at, "a host is published by addresses, not by %s",
			   any ? "\"any\"" : "none");
		return;
	}
	for (size_t i = 0; i < p->address_texts.n; i++) {
		struct addr_range r;
		if (addr_range_parse(p->address_texts.v[i].s, &r) == RANGE_OK && r.lo != r.hi)
			diag_error(m->diag, p->address_texts.v[i].at,
				   "a host is published by single addresses, not by a range");
	}
	for (enum family f = IPV4; f <= IPV6; f++)
		if (has_family(p->addresses, f) && !has_family(h->addresses, f))
			diag_error(m->diag, p->address_texts.at,
				   "\"%.*s\" is published by an %s address, and has none of its own",
				   STR_ARG(h->name.s), f == IPV4 ? "IPv4" : "IPv6");
}

void make_published(struct maker *m)
{
	struct estate *e = m->estate;
	for (size_t i = 0; i < e->n_hosts; i++) {
		const struct host *h = &e->hosts[i];
		if (h->n_published && (h->any || h->is_group)) {
			diag_error(m->diag, h->published[0].at,
				   "\"%.*s\" is %s: publish each machine by itself, as a host of its own",
				   STR_ARG(h->name.s), h->any ? "no single machine" : "many machines");
			continue;
		}
		for (size_t j = 0; j < h->n_published; j++)
			resolve(m, h, &h->published[j]);
	}
}

const struct published *host_published(const struct host *h, int firewall)
{
	for (size_t i = 0; h && i < h->n_published; i++)
		if (h->published[i].firewall == firewall)
			return &h->published[i];
	return NULL;
}

uint16_t published_port(const struct published *p, uint16_t inside)
{
	for (size_t i = 0; i < p->n_ports; i++)
		if (p->ports[i].inside == inside)
			return p->ports[i].outside;
	return inside;
}
