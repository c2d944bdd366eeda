/* SPDX-License-Identifier: Apache-2.0 */
/* How a field and its values narrow a draft. */
#include "dialect/nftables/nftables.h"

/* Families by the names of meta nfproto and of meta protocol, and by their numbers. */
static void apply_families(struct draft_match *m, const struct str *values, size_t count, bool negated)
{
	bool v4 = false, v6 = false;
	for (size_t i = 0; i < count; i++) {
		bool four = str_is(values[i], "ipv4") || str_is(values[i], "ip") || str_is(values[i], "2") ||
			    str_iis(values[i], "0x0800");
		bool six = str_is(values[i], "ipv6") || str_is(values[i], "ip6") || str_is(values[i], "10") ||
			   str_iis(values[i], "0x86dd");
		v4 |= four;
		v6 |= six;
		if (!four && !six) {
			draft_perhaps(m, "a protocol that is not modelled");
			return;
		}
	}
	if (negated) {
		v4 = !v4;
		v6 = !v6;
	}
	if (!v4 && !v6)
		m->never = true;
	if (v4 != v6)
		draft_family(m, v4 ? IPV4 : IPV6);
}

/* Elements of a set: a packet has the state of one of them, and no other bit. */
static void apply_states(const struct nft *n, struct draft_match *m, const struct str *values, size_t count,
			 bool negated)
{
	unsigned set = 0;
	for (size_t i = 0; i < count; i++) {
		struct bit_test f = { .mask = UINT32_MAX };
		if (!nft_bits(KEY_CT_STATE, values[i], &f.value)) {
			draft_perhaps(m, "an unknown connection state");
			return;
		}
		set |= nft_states(n, &f);
	}
	draft_conversations(m, negated ? CONVERSATION_ALL & ~set : set);
}

static void apply_words(struct nft *n, struct draft_match *m, const struct left *l, const struct str *values,
			size_t count, bool negated)
{
	if (l->key == KEY_NFPROTO) {
		apply_families(m, values, count, negated);
		return;
	}
	if (l->key == KEY_CT_STATE) {
		apply_states(n, m, values, count, negated);
		return;
	}
	if (l->key == KEY_CT_STATUS) {
		/* a status has other bits beside those that are asked about */
		draft_perhaps(m, l->what);
		return;
	}
	/* traffic from the host to itself is in no plan */
	struct str *names = ARENA_ARRAY(n->arena, struct str, count);
	struct interface_names i = { .v = names, .negated = negated };
	for (size_t j = 0; j < count; j++)
		if (!str_is(values[j], "lo"))
			names[i.n++] = values[j];
	if (!i.n) {
		m->never |= !negated;
		return;
	}
	if (l->key == KEY_IIF)
		draft_in(m, i);
	else
		draft_out(m, i);
}

/* A routed packet has a hop limit below 255. */
static void apply_hops(const struct nft *n, struct draft_match *m, struct portset s, bool negated)
{
	if (negated || s.n != 1 || s.v[0].lo != 255)
		draft_perhaps(m, "a hop limit");
	else if (n->options->side == POLICY_TRANSIT)
		m->never = true;
	else
		draft_unrouted(m);
}

void nft_apply_numbers(struct nft *n, struct draft_match *m, const struct left *l, struct portset s, bool negated)
{
	struct portset bytes = port_set(n->arena, 0, 255);
	struct portset inside = negated ? portset_minus(n->arena, bytes, s) : s;
	switch (l->key) {
	case KEY_PROTOCOL:
		draft_family(m, IPV4);
		draft_protocols(m, s, negated);
		return;
	case KEY_PROTOCOL6:
		draft_family(m, IPV6);
		draft_protocols(m, s, negated);
		return;
	case KEY_L4PROTO:
		draft_protocols(m, s, negated);
		return;
	case KEY_HOPS:
		draft_family(m, l->protocol ? IPV6 : IPV4);
		apply_hops(n, m, s, negated);
		return;
	case KEY_SPORT:
	case KEY_DPORT:
		if (l->protocol)
			draft_protocol(m, l->protocol);
		if (l->key == KEY_SPORT)
			draft_sports(m, s, negated);
		else
			draft_ports(m, s, negated);
		return;
	case KEY_ICMP_TYPE:
	case KEY_ICMP6_TYPE:
		draft_icmp(m, l->key == KEY_ICMP6_TYPE, inside, bytes);
		return;
	case KEY_ICMP_CODE:
	case KEY_ICMP6_CODE:
		draft_icmp(m, l->key == KEY_ICMP6_CODE, bytes, inside);
		return;
	default:
		return;
	}
}

static void apply_addrs(struct draft_match *m, const struct left *l, struct addrset s, bool negated)
{
	bool v6 = l->key == KEY_SADDR6 || l->key == KEY_DADDR6;
	draft_family(m, v6 ? IPV6 : IPV4);
	if (l->key == KEY_SADDR4 || l->key == KEY_SADDR6)
		draft_src(m, s, negated);
	else
		draft_dst(m, s, negated);
}

static void apply_header(struct draft_match *m, const struct left *l)
{
	if (l->key != KEY_OTHER)
		return;
	if (l->v4 || l->v6)
		draft_family(m, l->v6 ? IPV6 : IPV4);
	if (l->protocol)
		draft_protocol(m, l->protocol);
}

void nft_apply_value(struct nft *n, struct draft_match *m, const struct left *l, const struct value *value,
		     bool negated)
{
	apply_header(m, l);
	if (value->while_there)
		draft_perhaps(m, value->while_there);
	if (value->perhaps || l->key == KEY_OTHER || l->key == KEY_TCP_FLAGS)
		draft_perhaps(m, l->what ? l->what : "a condition that is not modelled");
	else if (value->is_addrs)
		apply_addrs(m, l, value->addrs, negated);
	else if (value->is_words)
		apply_words(n, m, l, &value->word, 1, negated);
	else
		nft_apply_numbers(n, m, l, value->numbers, negated);
}

void nft_imply(struct nft *n, struct draft_rule *r, const struct left *l)
{
	bool says_more = l->key == KEY_OTHER || l->key == KEY_TCP_FLAGS || l->key == KEY_IIF || l->key == KEY_OIF ||
			 l->key == KEY_CT_STATE || l->key == KEY_CT_STATUS || l->key == KEY_NFPROTO;
	struct value all = nft_value_of_all(n, l);
	for (size_t i = 0; i < r->drafts.n; i++) {
		if (l->key == KEY_TCP_FLAGS)
			draft_protocol(&r->drafts.v[i], PROTO_TCP);
		if (l->key == KEY_HOPS)
			draft_family(&r->drafts.v[i], l->protocol ? IPV6 : IPV4);
		else if (!says_more)
			nft_apply_value(n, &r->drafts.v[i], l, &all, false);
		else
			apply_header(&r->drafts.v[i], l);
	}
}

/* Elements of one key as sets. */
struct gathered {
	VEC(struct addr_range) addrs;
	VEC(struct port_range) numbers;
	VEC(struct str) names;
	const char *may_lack; /* why some elements may be absent, whether they were gathered or not */
	bool perhaps, everything;
};

static struct gathered gather(struct nft *n, const element_vec *e, bool with_leaving)
{
	struct gathered all = { 0 };
	for (size_t i = 0; i < e->n; i++) {
		const struct value *value = &e->v[i].values[0];
		all.perhaps |= value->perhaps;
		all.everything |= e->v[i].is_rest;
		if (value->while_there)
			all.may_lack = value->while_there;
		if (value->while_there && !with_leaving)
			continue;
		for (size_t j = 0; j < value->addrs.n; j++)
			*VEC_ADD(n->arena, &all.addrs) = value->addrs.v[j];
		for (size_t j = 0; j < value->numbers.n; j++)
			*VEC_ADD(n->arena, &all.numbers) = value->numbers.v[j];
		if (value->is_words)
			*VEC_ADD(n->arena, &all.names) = value->word;
	}
	return all;
}

static void apply_gathered(struct nft *n, struct draft_match *m, const struct left *l, const struct gathered *all,
			   bool negated)
{
	if (all->perhaps || l->key == KEY_OTHER || l->key == KEY_TCP_FLAGS) {
		draft_perhaps(m, l->what ? l->what : "a condition that is not modelled");
	} else if (l->key <= KEY_DADDR6) {
		apply_addrs(m, l, addrset_of(n->arena, all->addrs.v, all->addrs.n), negated);
	} else if (l->key == KEY_IIF || l->key == KEY_OIF || l->key == KEY_CT_STATE || l->key == KEY_CT_STATUS ||
		   l->key == KEY_NFPROTO) {
		if (all->everything)
			m->never |= negated;
		else if (all->names.n)
			apply_words(n, m, l, all->names.v, all->names.n, negated);
		else
			m->never |= !negated;
	} else {
		nft_apply_numbers(n, m, l, portset_of(n->arena, all->numbers.v, all->numbers.n), negated);
	}
}

void nft_apply_elements(struct nft *n, draft_matches *drafts, const struct left *l, const element_vec *e, bool negated)
{
	size_t n_drafts = drafts->n;
	/* all elements, and without those that may be absent: the one that is narrower is certain */
	const struct gathered all = gather(n, e, true), stay = gather(n, e, false);
	bool none_stays = !negated && !stay.addrs.n && !stay.numbers.n && !stay.names.n;
	for (size_t i = 0; i < n_drafts; i++) {
		apply_header(&drafts->v[i], l);
		struct draft_match possible = drafts->v[i];
		apply_gathered(n, &drafts->v[i], l, negated ? &all : &stay, negated);
		if (!all.may_lack)
			continue;
		apply_gathered(n, &possible, l, negated ? &stay : &all, negated);
		draft_perhaps(&possible, all.may_lack);
		if (none_stays)
			drafts->v[i] = possible;
		else
			*VEC_ADD(n->arena, drafts) = possible;
	}
}
