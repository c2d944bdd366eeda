/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/proof-pack.h"

/* Groups of hosts share their addresses: pack them once. */
static void pack_box(struct packer *packer, const struct flowbox *b)
{
	if (pack_ref(packer, &packer->addrs, b->src.n ? b->src.v : NULL, b->src.n))
		pack_addrset(packer, b->src);
	if (pack_ref(packer, &packer->addrs, b->dst.n ? b->dst.v : NULL, b->dst.n))
		pack_addrset(packer, b->dst);
	pack_services(packer, b->services, b->n_services);
}

void pack_question(struct packer *packer, const struct proof_question *q)
{
	pack_number(packer->out, q->engine);
	pack_number(packer->out, q->most);
	pack_number(packer->out, q->n_required);
	for (size_t i = 0; i < q->n_required; i++) {
		const struct required *r = &q->required[i];
		pack_box(packer, &r->box);
		pack_box(packer, &r->tolerated);
		pack_box(packer, &r->arrives);
		pack_port_range(packer, r->client_ports);
		pack_number(packer->out, r->helper);
		pack_number(packer->out, r->n_rpc_interfaces);
		for (size_t n = 0; n < r->n_rpc_interfaces; n++)
			pack_bytes(packer->out, r->rpc_interfaces[n]);
	}
	pack_number(packer->out, q->n_tolerated);
	for (size_t i = 0; i < q->n_tolerated; i++)
		pack_box(packer, &q->tolerated[i]);
	pack_number(packer->out, q->n_judged);
	for (size_t i = 0; i < q->n_judged; i++)
		pack_box(packer, &q->judged[i]);
}

/* The number of a rule of the chain, from 1 on; 0: not in the chain. */
static size_t number_of(const struct chain *c, const struct rule *by)
{
	uintptr_t first = (uintptr_t)c->rules.v, at = (uintptr_t)by;
	return at >= first && (at - first) / sizeof *by < c->rules.n ? (at - first) / sizeof *by + 1 : 0;
}

static void pack_packet(struct packer *packer, const struct packet *p)
{
	struct addr_range ends[] = { addr_range_of(p->src), addr_range_of(p->dst) };
	pack_addrset(packer, (struct addrset){ &ends[0], 1 });
	pack_addrset(packer, (struct addrset){ &ends[1], 1 });
	pack_number(packer->out, p->protocol);
	pack_number(packer->out, p->sport);
	pack_number(packer->out, p->port);
}

/* False when the rule is not in the chain that decides. */
static bool pack_shown(struct packer *packer, const struct ruleset *r, const struct shown *s)
{
	size_t by = s->by && s->chain ? number_of(s->chain, s->by) : 0;
	pack_packet(packer, &s->witness);
	pack_number(packer->out, s->chain ? (size_t)(s->chain - r->chains.v) + 1 : 0);
	pack_number(packer->out, by);
	return !s->by || by;
}

static void pack_portset(struct packer *packer, struct portset s)
{
	pack_number(packer->out, s.n);
	for (size_t i = 0; i < s.n; i++)
		pack_port_range(packer, s.v[i]);
}

static void pack_regions(struct packer *packer, const struct region *regions, size_t n, bool more)
{
	pack_number(packer->out, n);
	for (size_t i = 0; i < n; i++) {
		pack_addrset(packer, regions[i].src);
		pack_addrset(packer, regions[i].dst);
		pack_portset(packer, regions[i].protocols);
		pack_portset(packer, regions[i].sports);
		pack_portset(packer, regions[i].ports);
	}
	pack_flag(packer->out, more);
}

static bool pack_surplus(struct packer *packer, const struct ruleset *r, const struct surplus *s)
{
	pack_regions(packer, s->regions, s->n_regions, s->more_regions);
	pack_text(packer, s->condition);
	pack_flag(packer->out, s->invalid);
	pack_bytes(packer->out, s->rpc_interface);
	return pack_shown(packer, r, &s->shown);
}

static bool pack_proof(struct packer *packer, const struct proof *p, const struct required *required)
{
	bool ok = true;
	pack_number(packer->out, p->verdict);
	pack_number(packer->out, p->n_rules);
	pack_number(packer->out, p->n_missing);
	for (size_t i = 0; i < p->n_missing; i++) {
		const struct missing *m = &p->missing[i];
		pack_number(packer->out, (uint64_t)(m->required - required));
		pack_flag(packer->out, m->reply);
		pack_text(packer, m->condition);
		pack_bytes(packer->out, m->rpc_interface);
		ok &= pack_shown(packer, p->rules, &m->shown);
	}
	pack_number(packer->out, p->all_missing);
	pack_number(packer->out, p->helped);
	pack_number(packer->out, p->by_rpc_interface);
	pack_number(packer->out, p->n_surplus);
	for (size_t i = 0; i < p->n_surplus; i++)
		ok &= pack_surplus(packer, p->rules, &p->surplus[i]);
	pack_flag(packer->out, p->more_surplus);
	pack_flag(packer->out, p->accepts_any_ack);
	pack_packet(packer, &p->any_ack);
	pack_flag(packer->out, p->undecided);
	pack_number(packer->out, p->engine);
	pack_text(packer, p->why_unproved);
	return ok;
}

bool pack_answer(struct packer *packer, const struct proof_question *q, const struct diag *d, size_t first_remark,
		 const struct proof *proof)
{
	bool ok = true;
	pack_number(packer->out, diag_count(d) - first_remark);
	for (size_t i = first_remark; i < diag_count(d); i++) {
		const struct diag_entry *e = diag_entry(d, i);
		ok &= e->level != DIAG_ERROR;
		pack_flag(packer->out, e->level == DIAG_NOTE);
		pack_loc(packer, e->at);
		pack_text(packer, e->text);
	}
	pack_ruleset(packer, proof->rules);
	return pack_proof(packer, proof, q->required) && ok && !packer->out->error;
}

static bool pack_change(struct packer *packer, const struct permits *passes, const struct change *c)
{
	pack_regions(packer, c->regions, c->n_regions, c->more_regions);
	pack_number(packer->out, c->after_filter);
	return c->after_filter < passes->n_filters &&
	       pack_shown(packer, passes->filters[c->after_filter].rules, &c->after);
}

bool pack_comparison(struct packer *packer, const struct comparison *c, const struct permits *passes, size_t n_required)
{
	bool ok = true;
	pack_flag(packer->out, c->gave_up);
	pack_number(packer->out, c->engine);
	pack_flag(packer->out, c->uncertain);
	pack_number(packer->out, c->n_added);
	for (size_t i = 0; i < c->n_added; i++)
		ok &= pack_change(packer, passes, &c->added[i]);
	pack_flag(packer->out, c->more_added);
	for (size_t i = 0; i < n_required; i++)
		pack_flag(packer->out, c->loses[i]);
	return ok && !packer->out->error;
}
