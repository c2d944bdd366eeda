/* SPDX-License-Identifier: Apache-2.0 */
/* The way back: each function reads what its namesake in proof-pack.c writes. */
#include "prove/proof-pack.h"

/* The minimum size of each in bytes. */
enum {
	LEAST_REMARK = 1 + 4 + 1,
	LEAST_SHOWN = 2 * (2 + 4 + 4) + 3 + 2,
	LEAST_MISSING = 4 + LEAST_SHOWN,
	LEAST_SURPLUS = 5 + LEAST_SHOWN,
	LEAST_REGION = 5,
	LEAST_CHANGE = 2 + 1 + LEAST_SHOWN,
	LEAST_PORTS = 2,
};

static struct addr unpack_addr(struct unpacker *unpacker)
{
	struct addrset s = unpack_addrset(unpacker);
	if (s.n == 1 && s.v[0].lo == s.v[0].hi)
		return (struct addr){ s.v[0].family, s.v[0].lo };
	unpack_spoil(&unpacker->c);
	return (struct addr){ 0 };
}

static struct packet unpack_packet(struct unpacker *unpacker)
{
	struct packet p = { .src = unpack_addr(unpacker) };
	p.dst = unpack_addr(unpacker);
	p.protocol = (uint8_t)unpack_number(&unpacker->c, UINT8_MAX);
	p.sport = (uint16_t)unpack_number(&unpacker->c, UINT16_MAX);
	p.port = (uint16_t)unpack_number(&unpacker->c, UINT16_MAX);
	if (p.src.family != p.dst.family)
		unpack_spoil(&unpacker->c);
	return p;
}

static struct shown unpack_shown(struct unpacker *unpacker, const struct ruleset *r)
{
	struct shown s = { .witness = unpack_packet(unpacker) };
	size_t chain = (size_t)unpack_number(&unpacker->c, r->chains.n);
	if (chain)
		s.chain = &r->chains.v[chain - 1];
	size_t by = (size_t)unpack_number(&unpacker->c, s.chain ? s.chain->rules.n : 0);
	if (by)
		s.by = &s.chain->rules.v[by - 1];
	return s;
}

static struct portset unpack_portset(struct unpacker *unpacker)
{
	size_t n = unpack_count(&unpacker->c, LEAST_PORTS);
	struct port_range *ranges = ARENA_ARRAY(unpacker->arena, struct port_range, n);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++) {
		ranges[i] = unpack_port_range(unpacker);
		if (i && ranges[i].lo <= ranges[i - 1].hi + 1)
			unpack_spoil(&unpacker->c);
	}
	return (struct portset){ ranges, unpacker->c.bad ? 0 : n };
}

/* Protocols are numbers of a byte. */
static struct portset unpack_protocols(struct unpacker *unpacker)
{
	struct portset s = unpack_portset(unpacker);
	if (s.n && s.v[s.n - 1].hi > UINT8_MAX)
		unpack_spoil(&unpacker->c);
	return s;
}

/* At least one: a difference has a region. */
static const struct region *unpack_regions(struct unpacker *unpacker, size_t *ret, bool *more)
{
	size_t n = unpack_count(&unpacker->c, LEAST_REGION);
	struct region *regions = ARENA_ARRAY(unpacker->arena, struct region, n);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++) {
		regions[i].src = unpack_addrset(unpacker);
		regions[i].dst = unpack_addrset(unpacker);
		regions[i].protocols = unpack_protocols(unpacker);
		regions[i].sports = unpack_portset(unpacker);
		regions[i].ports = unpack_portset(unpacker);
	}
	if (!n)
		unpack_spoil(&unpacker->c);
	*ret = n;
	*more = unpack_flag(&unpacker->c);
	return regions;
}

static struct surplus unpack_surplus(struct unpacker *unpacker, const struct ruleset *r)
{
	struct surplus s = { 0 };
	s.regions = unpack_regions(unpacker, &s.n_regions, &s.more_regions);
	s.condition = unpack_text(unpacker);
	s.invalid = unpack_flag(&unpacker->c);
	s.rpc_interface = unpack_bytes(&unpacker->c);
	s.shown = unpack_shown(unpacker, r);
	return s;
}

static void unpack_differences(struct unpacker *unpacker, const struct proof_question *q, struct proof *p)
{
	p->n_missing = unpack_count(&unpacker->c, LEAST_MISSING);
	struct missing *missing = ARENA_ARRAY(unpacker->arena, struct missing, p->n_missing);
	for (size_t i = 0; i < p->n_missing && !unpacker->c.bad; i++) {
		uint64_t flow = unpack_number(&unpacker->c, q->n_required);
		missing[i].required = &q->required[flow];
		missing[i].reply = unpack_flag(&unpacker->c);
		missing[i].condition = unpack_text(unpacker);
		missing[i].rpc_interface = unpack_bytes(&unpacker->c);
		missing[i].shown = unpack_shown(unpacker, p->rules);
		if (flow == q->n_required)
			unpack_spoil(&unpacker->c);
	}
	p->missing = missing;
	p->all_missing = (size_t)unpack_number(&unpacker->c, SIZE_MAX);
	p->helped = (size_t)unpack_number(&unpacker->c, SIZE_MAX);
	p->by_rpc_interface = (size_t)unpack_number(&unpacker->c, SIZE_MAX);
	p->n_surplus = unpack_count(&unpacker->c, LEAST_SURPLUS);
	struct surplus *surplus = ARENA_ARRAY(unpacker->arena, struct surplus, p->n_surplus);
	for (size_t i = 0; i < p->n_surplus && !unpacker->c.bad; i++)
		surplus[i] = unpack_surplus(unpacker, p->rules);
	p->surplus = surplus;
}

static bool unpack_proof(struct unpacker *unpacker, const struct ruleset *r, const struct proof_question *q,
			 struct proof *ret)
{
	struct proof p = { .rules = r };
	p.verdict = (enum verdict)unpack_number(&unpacker->c, N_VERDICTS - 1);
	p.n_rules = (size_t)unpack_number(&unpacker->c, SIZE_MAX);
	unpack_differences(unpacker, q, &p);
	p.more_surplus = unpack_flag(&unpacker->c);
	p.accepts_any_ack = unpack_flag(&unpacker->c);
	p.any_ack = unpack_packet(unpacker);
	p.undecided = unpack_flag(&unpacker->c);
	p.engine = (enum engine)unpack_number(&unpacker->c, N_ENGINES - 1);
	p.why_unproved = unpack_text(unpacker);
	*ret = p;
	return pack_reader_done(&unpacker->c);
}

typedef VEC(struct diag_entry) remark_vec;

static remark_vec unpack_remarks(struct unpacker *unpacker)
{
	remark_vec remarks = { 0 };
	size_t n = unpack_count(&unpacker->c, LEAST_REMARK);
	for (size_t i = 0; i < n && !unpacker->c.bad; i++) {
		struct diag_entry *e = VEC_ADD(unpacker->arena, &remarks);
		e->level = unpack_flag(&unpacker->c) ? DIAG_NOTE : DIAG_WARNING;
		e->at = unpack_loc(unpacker);
		e->text = unpack_text(unpacker);
		if (!e->text)
			unpack_spoil(&unpacker->c);
	}
	return remarks;
}

bool unpack_answer(struct unpacker *unpacker, const struct proof_question *q, struct diag *d, struct proof *ret)
{
	remark_vec remarks = unpack_remarks(unpacker);
	const struct ruleset *r = unpack_ruleset(unpacker);
	if (!r || !unpack_proof(unpacker, r, q, ret))
		return false;
	for (size_t i = 0; i < remarks.n; i++) {
		const struct diag_entry *e = &remarks.v[i];
		(e->level == DIAG_NOTE ? diag_note : diag_warn)(d, e->at, "%s", e->text);
	}
	return true;
}

static void unpack_change(struct unpacker *unpacker, const struct permits *passes, struct change *ret)
{
	ret->regions = unpack_regions(unpacker, &ret->n_regions, &ret->more_regions);
	ret->after_filter = (size_t)unpack_number(&unpacker->c, SIZE_MAX);
	if (ret->after_filter < passes->n_filters)
		ret->after = unpack_shown(unpacker, passes->filters[ret->after_filter].rules);
	else
		unpack_spoil(&unpacker->c);
}

bool unpack_comparison(struct unpacker *unpacker, const struct permits *passes, size_t n_required,
		       struct comparison *ret)
{
	struct comparison c = { .gave_up = unpack_flag(&unpacker->c) };
	c.engine = (enum engine)unpack_number(&unpacker->c, N_ENGINES - 1);
	c.uncertain = unpack_flag(&unpacker->c);
	c.n_added = unpack_count(&unpacker->c, LEAST_CHANGE);
	struct change *added = ARENA_ARRAY(unpacker->arena, struct change, c.n_added);
	for (size_t i = 0; i < c.n_added && !unpacker->c.bad; i++)
		unpack_change(unpacker, passes, &added[i]);
	c.added = added;
	c.more_added = unpack_flag(&unpacker->c);
	c.loses = ARENA_ARRAY(unpacker->arena, bool, n_required);
	for (size_t i = 0; i < n_required; i++)
		c.loses[i] = unpack_flag(&unpacker->c);
	*ret = c;
	return pack_reader_done(&unpacker->c);
}
