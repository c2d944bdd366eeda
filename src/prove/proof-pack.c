/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/proof-pack.h"

/* Groups of hosts share their addresses: pack them once. */
static void pack_box(struct packer *k, const struct flowbox *b)
{
	if (pack_ref(k, &k->addrs, b->src.n ? b->src.v : NULL, b->src.n))
		pack_addrset(k, b->src);
	if (pack_ref(k, &k->addrs, b->dst.n ? b->dst.v : NULL, b->dst.n))
		pack_addrset(k, b->dst);
	pack_services(k, b->services, b->n_services);
}

void pack_question(struct packer *k, const struct proof_question *q, const struct str *names, size_t n_names)
{
	pack_number(k->out, q->engine);
	pack_number(k->out, q->most);
	pack_number(k->out, n_names);
	for (size_t i = 0; i < n_names; i++) {
		struct addrset s = NO_ADDRS;
		pack_bytes(k->out, names[i]);
		pack_flag(k->out, q->map->addresses(q->map->ctx, names[i], &s));
		pack_addrset(k, s);
	}
	pack_number(k->out, q->n_required);
	for (size_t i = 0; i < q->n_required; i++) {
		const struct required *r = &q->required[i];
		pack_box(k, &r->box);
		pack_box(k, &r->tolerated);
		pack_port_range(k, r->client_ports);
		pack_number(k->out, r->helper);
		pack_number(k->out, r->n_rpc_interfaces);
		for (size_t n = 0; n < r->n_rpc_interfaces; n++)
			pack_bytes(k->out, r->rpc_interfaces[n]);
	}
	pack_number(k->out, q->n_judged);
	for (size_t i = 0; i < q->n_judged; i++)
		pack_box(k, &q->judged[i]);
}

/* The number of a rule of the chain, from 1 on; 0: not in the chain. */
static size_t number_of(const struct chain *c, const struct rule *by)
{
	uintptr_t first = (uintptr_t)c->rules.v, at = (uintptr_t)by;
	return at >= first && (at - first) / sizeof *by < c->rules.n ? (at - first) / sizeof *by + 1 : 0;
}

static void pack_packet(struct packer *k, const struct packet *p)
{
	struct addr_range ends[] = { addr_range_of(p->src), addr_range_of(p->dst) };
	pack_addrset(k, (struct addrset){ &ends[0], 1 });
	pack_addrset(k, (struct addrset){ &ends[1], 1 });
	pack_number(k->out, p->protocol);
	pack_number(k->out, p->sport);
	pack_number(k->out, p->port);
}

/* False when the rule is not in the chain that decides. */
static bool pack_shown(struct packer *k, const struct ruleset *r, const struct shown *s)
{
	size_t by = s->by && s->chain ? number_of(s->chain, s->by) : 0;
	pack_packet(k, &s->witness);
	pack_number(k->out, s->chain ? (size_t)(s->chain - r->chains.v) + 1 : 0);
	pack_number(k->out, by);
	return !s->by || by;
}

static void pack_portset(struct packer *k, struct portset s)
{
	pack_number(k->out, s.n);
	for (size_t i = 0; i < s.n; i++)
		pack_port_range(k, s.v[i]);
}

static void pack_regions(struct packer *k, const struct region *v, size_t n, bool more)
{
	pack_number(k->out, n);
	for (size_t i = 0; i < n; i++) {
		pack_addrset(k, v[i].src);
		pack_addrset(k, v[i].dst);
		pack_portset(k, v[i].protocols);
		pack_portset(k, v[i].sports);
		pack_portset(k, v[i].ports);
	}
	pack_flag(k->out, more);
}

static bool pack_surplus(struct packer *k, const struct ruleset *r, const struct surplus *s)
{
	pack_regions(k, s->regions, s->n_regions, s->more_regions);
	pack_text(k, s->condition);
	pack_bytes(k->out, s->rpc_interface);
	return pack_shown(k, r, &s->shown);
}

static bool pack_proof(struct packer *k, const struct proof *p, const struct required *required)
{
	bool ok = true;
	pack_number(k->out, p->verdict);
	pack_number(k->out, p->n_rules);
	pack_number(k->out, p->n_missing);
	for (size_t i = 0; i < p->n_missing; i++) {
		const struct missing *m = &p->missing[i];
		pack_number(k->out, (uint64_t)(m->required - required));
		pack_flag(k->out, m->reply);
		pack_text(k, m->condition);
		pack_bytes(k->out, m->rpc_interface);
		ok &= pack_shown(k, p->rules, &m->shown);
	}
	pack_number(k->out, p->all_missing);
	pack_number(k->out, p->helped);
	pack_number(k->out, p->by_rpc_interface);
	pack_number(k->out, p->n_surplus);
	for (size_t i = 0; i < p->n_surplus; i++)
		ok &= pack_surplus(k, p->rules, &p->surplus[i]);
	pack_flag(k->out, p->more_surplus);
	pack_flag(k->out, p->accepts_any_ack);
	pack_packet(k, &p->any_ack);
	pack_flag(k->out, p->undecided);
	pack_number(k->out, p->engine);
	pack_text(k, p->why_unproved);
	return ok;
}

bool pack_answer(struct packer *k, const struct proof_question *q, const struct diag *d, size_t first_remark,
		 const struct proof *proof)
{
	bool ok = true;
	pack_number(k->out, diag_count(d) - first_remark);
	for (size_t i = first_remark; i < diag_count(d); i++) {
		const struct diag_entry *e = diag_entry(d, i);
		ok &= e->level != DIAG_ERROR;
		pack_flag(k->out, e->level == DIAG_NOTE);
		pack_loc(k, e->at);
		pack_text(k, e->text);
	}
	pack_ruleset(k, proof->rules);
	return pack_proof(k, proof, q->required) && ok && !k->out->error;
}

static bool pack_change(struct packer *k, const struct permits *passes, const struct change *c)
{
	pack_regions(k, c->regions, c->n_regions, c->more_regions);
	pack_number(k->out, c->after_filter);
	return c->after_filter < passes->n_filters && pack_shown(k, passes->filters[c->after_filter].rules, &c->after);
}

bool pack_comparison(struct packer *k, const struct comparison *c, const struct permits *passes, size_t n_required)
{
	bool ok = true;
	pack_flag(k->out, c->gave_up);
	pack_number(k->out, c->engine);
	pack_flag(k->out, c->uncertain);
	pack_number(k->out, c->n_added);
	for (size_t i = 0; i < c->n_added; i++)
		ok &= pack_change(k, passes, &c->added[i]);
	pack_flag(k->out, c->more_added);
	for (size_t i = 0; i < n_required; i++)
		pack_flag(k->out, c->loses[i]);
	return ok && !k->out->error;
}
