/* SPDX-License-Identifier: Apache-2.0 */
/* The way back: each function reads what its namesake in proof-pack.c writes. */
#include "prove/proof-pack.h"

/* The minimum size of each in bytes. */
enum {
	LEAST_REMARK = 1 + 4 + 1,
	LEAST_SHOWN = 2 * (2 + 4 + 4) + 3 + 2,
	LEAST_MISSING = 4 + LEAST_SHOWN,
	LEAST_SURPLUS = 4 + LEAST_SHOWN,
	LEAST_REGION = 5,
	LEAST_CHANGE = 2 + 1 + LEAST_SHOWN,
	LEAST_PORTS = 2,
};

static struct addr unpack_addr(struct unpacker *k)
{
	struct addrset s = unpack_addrset(k);
	if (s.n == 1 && s.v[0].lo == s.v[0].hi)
		return (struct addr){ s.v[0].family, s.v[0].lo };
	cursor_spoil(&k->c);
	return (struct addr){ 0 };
}

static struct packet unpack_packet(struct unpacker *k)
{
	struct packet p = { .src = unpack_addr(k) };
	p.dst = unpack_addr(k);
	p.protocol = (uint8_t)unpack_number(&k->c, UINT8_MAX);
	p.sport = (uint16_t)unpack_number(&k->c, UINT16_MAX);
	p.port = (uint16_t)unpack_number(&k->c, UINT16_MAX);
	if (p.src.family != p.dst.family)
		cursor_spoil(&k->c);
	return p;
}

static struct shown unpack_shown(struct unpacker *k, const struct ruleset *r)
{
	struct shown s = { .witness = unpack_packet(k) };
	size_t chain = (size_t)unpack_number(&k->c, r->chains.n);
	if (chain)
		s.chain = &r->chains.v[chain - 1];
	size_t by = (size_t)unpack_number(&k->c, s.chain ? s.chain->rules.n : 0);
	if (by)
		s.by = &s.chain->rules.v[by - 1];
	return s;
}

static struct portset unpack_portset(struct unpacker *k)
{
	size_t n = unpack_count(&k->c, LEAST_PORTS);
	struct port_range *v = ARENA_ARRAY(k->arena, struct port_range, n);
	for (size_t i = 0; i < n && !k->c.bad; i++) {
		v[i] = unpack_port_range(k);
		if (i && v[i].lo <= v[i - 1].hi + 1)
			cursor_spoil(&k->c);
	}
	return (struct portset){ v, k->c.bad ? 0 : n };
}

/* Protocols are numbers of a byte. */
static struct portset unpack_protocols(struct unpacker *k)
{
	struct portset s = unpack_portset(k);
	if (s.n && s.v[s.n - 1].hi > UINT8_MAX)
		cursor_spoil(&k->c);
	return s;
}

/* At least one: a difference has a region. */
static const struct region *unpack_regions(struct unpacker *k, size_t *ret, bool *more)
{
	size_t n = unpack_count(&k->c, LEAST_REGION);
	struct region *v = ARENA_ARRAY(k->arena, struct region, n);
	for (size_t i = 0; i < n && !k->c.bad; i++) {
		v[i].src = unpack_addrset(k);
		v[i].dst = unpack_addrset(k);
		v[i].protocols = unpack_protocols(k);
		v[i].sports = unpack_portset(k);
		v[i].ports = unpack_portset(k);
	}
	if (!n)
		cursor_spoil(&k->c);
	*ret = n;
	*more = unpack_flag(&k->c);
	return v;
}

static struct surplus unpack_surplus(struct unpacker *k, const struct ruleset *r)
{
	struct surplus s = { 0 };
	s.regions = unpack_regions(k, &s.n_regions, &s.more_regions);
	s.condition = unpack_text(k);
	s.rpc_interface = unpack_bytes(&k->c);
	s.shown = unpack_shown(k, r);
	return s;
}

static void unpack_differences(struct unpacker *k, const struct proof_question *q, struct proof *p)
{
	p->n_missing = unpack_count(&k->c, LEAST_MISSING);
	struct missing *missing = ARENA_ARRAY(k->arena, struct missing, p->n_missing);
	for (size_t i = 0; i < p->n_missing && !k->c.bad; i++) {
		uint64_t flow = unpack_number(&k->c, q->n_required);
		missing[i].required = &q->required[flow];
		missing[i].reply = unpack_flag(&k->c);
		missing[i].condition = unpack_text(k);
		missing[i].rpc_interface = unpack_bytes(&k->c);
		missing[i].shown = unpack_shown(k, p->rules);
		if (flow == q->n_required)
			cursor_spoil(&k->c);
	}
	p->missing = missing;
	p->all_missing = (size_t)unpack_number(&k->c, SIZE_MAX);
	p->helped = (size_t)unpack_number(&k->c, SIZE_MAX);
	p->by_rpc_interface = (size_t)unpack_number(&k->c, SIZE_MAX);
	p->n_surplus = unpack_count(&k->c, LEAST_SURPLUS);
	struct surplus *surplus = ARENA_ARRAY(k->arena, struct surplus, p->n_surplus);
	for (size_t i = 0; i < p->n_surplus && !k->c.bad; i++)
		surplus[i] = unpack_surplus(k, p->rules);
	p->surplus = surplus;
}

static bool unpack_proof(struct unpacker *k, const struct ruleset *r, const struct proof_question *q, struct proof *ret)
{
	struct proof p = { .rules = r };
	p.verdict = (enum verdict)unpack_number(&k->c, N_VERDICTS - 1);
	p.n_rules = (size_t)unpack_number(&k->c, SIZE_MAX);
	unpack_differences(k, q, &p);
	p.more_surplus = unpack_flag(&k->c);
	p.accepts_any_ack = unpack_flag(&k->c);
	p.any_ack = unpack_packet(k);
	p.undecided = unpack_flag(&k->c);
	p.engine = (enum engine)unpack_number(&k->c, N_ENGINES - 1);
	p.why_unproved = unpack_text(k);
	*ret = p;
	return cursor_done(&k->c);
}

typedef VEC(struct diag_entry) remark_vec;

static remark_vec unpack_remarks(struct unpacker *k)
{
	remark_vec v = { 0 };
	size_t n = unpack_count(&k->c, LEAST_REMARK);
	for (size_t i = 0; i < n && !k->c.bad; i++) {
		struct diag_entry *e = VEC_ADD(k->arena, &v);
		e->level = unpack_flag(&k->c) ? DIAG_NOTE : DIAG_WARNING;
		e->at = unpack_loc(k);
		e->text = unpack_text(k);
		if (!e->text)
			cursor_spoil(&k->c);
	}
	return v;
}

bool unpack_answer(struct unpacker *k, const struct proof_question *q, struct diag *d, struct proof *ret)
{
	remark_vec remarks = unpack_remarks(k);
	const struct ruleset *r = unpack_ruleset(k);
	if (!r || !unpack_proof(k, r, q, ret))
		return false;
	for (size_t i = 0; i < remarks.n; i++) {
		const struct diag_entry *e = &remarks.v[i];
		(e->level == DIAG_NOTE ? diag_note : diag_warn)(d, e->at, "%s", e->text);
	}
	return true;
}

static void unpack_change(struct unpacker *k, const struct permits *passes, struct change *ret)
{
	ret->regions = unpack_regions(k, &ret->n_regions, &ret->more_regions);
	ret->after_filter = (size_t)unpack_number(&k->c, SIZE_MAX);
	if (ret->after_filter < passes->n_filters)
		ret->after = unpack_shown(k, passes->filters[ret->after_filter].rules);
	else
		cursor_spoil(&k->c);
}

bool unpack_comparison(struct unpacker *k, const struct permits *passes, size_t n_required, struct comparison *ret)
{
	struct comparison c = { .gave_up = unpack_flag(&k->c) };
	c.engine = (enum engine)unpack_number(&k->c, N_ENGINES - 1);
	c.uncertain = unpack_flag(&k->c);
	c.n_added = unpack_count(&k->c, LEAST_CHANGE);
	struct change *added = ARENA_ARRAY(k->arena, struct change, c.n_added);
	for (size_t i = 0; i < c.n_added && !k->c.bad; i++)
		unpack_change(k, passes, &added[i]);
	c.added = added;
	c.more_added = unpack_flag(&k->c);
	c.loses = ARENA_ARRAY(k->arena, bool, n_required);
	for (size_t i = 0; i < n_required; i++)
		c.loses[i] = unpack_flag(&k->c);
	*ret = c;
	return cursor_done(&k->c);
}
