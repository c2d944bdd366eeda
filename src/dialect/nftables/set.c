/* SPDX-License-Identifier: Apache-2.0 */
/* Named sets and maps of nftables: their elements are kept as text and read by the keys that they are used with. */
#include "dialect/nftables/nftables.h"

struct nft_set *nft_find_set(struct nft *n, struct str name, bool make)
{
	struct str key = nft_full_name(n, name);
	struct nft_set *s = strmap_get(&n->sets, key);
	if (!s && make) {
		s = ARENA_NEW(n->keep, struct nft_set);
		s->name = str_dup(n->keep, name);
		strmap_add(&n->sets, str_dup(n->keep, key), s);
		*VEC_ADD(n->keep, &n->all_sets) = s;
	}
	return s;
}

/*
 * Keeps the text between { and } until the key that it is matched with is known, which determines
 * how it is read.  The text is in the file, or in one definition.
 */
void nft_keep_elements(struct nft *n, struct nft_set *s)
{
	if (!nft_is(n, "{")) {
		s->unread = true;
		nft_refuse_at(n, n->token.at, "elements are in braces");
		nft_skip_statement(n);
		return;
	}
	size_t level = n->n_inputs;
	struct input *in = &n->inputs[level - 1];
	struct str begin = in->rest;
	struct loc at = { n->source, in->in_file ? in->line : n->token.at.line,
			  in->in_file ? in->column : n->token.at.column, 1 };
	unsigned depth = 1;
	nft_next(n);
	while (n->token.kind != TOK_END) {
		if (nft_is(n, "{"))
			depth++;
		if (nft_is(n, "}") && --depth == 0)
			break;
		nft_next(n);
	}
	if (n->token.kind == TOK_END)
		return;
	if (n->n_inputs != level) {
		s->unread = true;
	} else if (n->first_pass) {
		size_t length = (size_t)(n->token.text.p - begin.p);
		*VEC_ADD(n->keep, &s->texts) = str_first(begin, length);
		*VEC_ADD(n->keep, &s->texts_at) = at;
	}
	n->n_seen++;
	nft_next(n);
}

/* Types of elements, and a field with such values. */
static const struct {
	const char *name;
	enum key key;
} types[] = {
	{ "ipv4_addr", KEY_SADDR4 },       { "ipv6_addr", KEY_SADDR6 },       { "inet_service", KEY_DPORT },
	{ "inet_proto", KEY_L4PROTO },     { "icmp_type", KEY_ICMP_TYPE },    { "icmp_code", KEY_ICMP_CODE },
	{ "icmpv6_type", KEY_ICMP6_TYPE }, { "icmpv6_code", KEY_ICMP6_CODE },
};

static const char other_types[] =
	"arp_op boolean cgroupsv2 classid ct_dir ct_event ct_label ct_state ct_status day dccp_pkttype devgroup dscp "
	"ecn "
	"ether_addr ether_type fib_addr_type gid hour icmpx_code iface_index iface_type ifname igmp_type ll_addr mark "
	"mh_type nf_proto pkt_type realm tcp_flag time uid verdict";

/* ipv4_addr . inet_service : verdict */
static void read_type(struct nft *n, struct nft_set *s)
{
	bool data = false, modelled = true;
	s->n_keys = 0;
	s->typed = true;
	for (;;) {
		struct token word = n->token;
		size_t i = 0;
		while (i < ARRAY_LEN(types) && !str_is(word.text, types[i].name))
			i++;
		if (i == ARRAY_LEN(types) && !str_is_one_of(word.text, other_types))
			nft_unknown(n, word.at, "the type of a set is not understood");
		nft_next(n);
		modelled &= data ? str_is(word.text, "verdict") : i < ARRAY_LEN(types) && s->n_keys < MOST_KEYS;
		if (modelled && !data)
			s->keys[s->n_keys++] = (struct left){ .key = types[i].key };
		if (!data && nft_accept(n, ":"))
			data = true;
		else if (!nft_accept(n, "."))
			break;
	}
	if (!modelled)
		s->n_keys = 0;
}

static void read_flags(struct nft *n, struct nft_set *s)
{
	do {
		s->dynamic |= nft_is(n, "dynamic");
		s->interval |= nft_is(n, "interval");
		if (!str_is_one_of(n->token.text, "constant interval timeout dynamic"))
			nft_refuse_at(n, n->token.at, "this is not a flag of a set");
		nft_next(n);
	} while (nft_accept(n, ","));
}

static void read_set_statement(struct nft *n, struct nft_set *s)
{
	if (nft_accept(n, "elements")) {
		if (nft_accept(n, "="))
			nft_keep_elements(n, s);
	} else if (nft_accept(n, "type")) {
		read_type(n, s);
	} else if (nft_accept(n, "flags")) {
		read_flags(n, s);
	} else if (nft_accept(n, "auto-merge")) {
		s->merges = true;
	} else if (str_is_one_of(n->token.text,
				 "typeof timeout gc-interval policy size comment counter quota limit last")) {
		s->expires |= nft_is(n, "timeout");
		s->typed |= nft_is(n, "typeof");
		nft_skip_statement(n);
	} else {
		nft_unknown(n, n->token.at, "this is not a statement of a set");
		nft_skip_statement(n);
	}
}

void nft_read_set_block(struct nft *n, struct nft_set *s)
{
	s->block_at = n->token.at;
	nft_next(n); /* { */
	for (;;) {
		nft_skip_newlines(n);
		if (n->token.kind == TOK_END || nft_is(n, "}"))
			break;
		read_set_statement(n, s);
		if (nft_at_end(n))
			continue;
		nft_refuse_at(n, n->token.at, "a line end or ; is missing here");
		nft_skip_statement(n);
	}
	if (nft_is(n, "}"))
		nft_next(n);
}

/* The range of a component; false: it is none. */
static bool range_of(const struct value *value, struct addr_range *ret)
{
	if (value->is_addrs && value->addrs.n == 1)
		*ret = value->addrs.v[0];
	else if (!value->is_words && value->numbers.n == 1)
		*ret = (struct addr_range){ IPV4, value->numbers.v[0].lo, value->numbers.v[0].hi };
	else
		return false;
	return true;
}

static int range_order(const void *one, const void *other)
{
	return addr_range_cmp(one, other);
}

/* Ranges stand in sets with intervals, and do not overlap each other unless the set merges them. */
static void check_elements(struct nft *n, const struct nft_set *s, const element_vec *e)
{
	VEC(struct addr_range) ranges = { 0 };
	for (size_t i = 0; i < e->n; i++)
		for (size_t c = 0; c < e->v[i].n && !e->v[i].is_rest; c++) {
			struct addr_range r;
			if (!range_of(&e->v[i].values[c], &r))
				continue;
			*VEC_ADD(n->keep, &ranges) = r;
			if (r.lo == r.hi || s->interval)
				continue;
			nft_refuse_at(n, s->texts_at.v[0], "a set without intervals has one");
			return;
		}
	if (s->merges || s->n_keys > 1)
		return;
	sort_items(ranges.v, ranges.n, sizeof *ranges.v, range_order);
	for (size_t i = 1; i < ranges.n; i++)
		if (ranges.v[i].lo <= ranges.v[i - 1].hi && range_order(&ranges.v[i - 1], &ranges.v[i]) != 0) {
			nft_refuse_at(n, s->texts_at.v[0], "elements of a set overlap");
			return;
		}
}

void nft_check_set(struct nft *n, struct nft_set *s)
{
	element_vec e = { 0 };
	if (s->block_at.line && !s->typed)
		nft_refuse_at(n, s->block_at, "a set without a type");
	if (!s->n_keys || s->unread || !s->texts.n)
		return;
	if (!s->readings.n && !nft_set_elements(n, s, s->keys, s->n_keys, &e)) {
		nft_unknown(n, s->texts_at.v[0], "an element of this set is not understood");
		return;
	}
	check_elements(n, s, &s->readings.v[0].elements);
}

static bool same_keys(const struct nft_reading *s, const struct left *keys, size_t n_keys)
{
	if (s->n_keys != n_keys)
		return false;
	for (size_t i = 0; i < n_keys; i++)
		if (s->keys[i].key != keys[i].key || s->keys[i].protocol != keys[i].protocol ||
		    s->keys[i].what != keys[i].what)
			return false;
	return true;
}

/* The elements of a set, read from its kept texts by the keys that it is used with. */
bool nft_set_elements(struct nft *n, struct nft_set *s, const struct left *keys, size_t n_keys, element_vec *ret)
{
	struct token looked_at = n->token;
	struct input inputs[MOST_DEFINE_DEPTH + 1];
	size_t n_inputs = n->n_inputs;
	struct arena *arena = n->arena;
	element_vec elements = { 0 };
	bool ok = true;

	for (size_t i = 0; i < s->readings.n; i++)
		if (same_keys(&s->readings.v[i], keys, n_keys)) {
			*ret = s->readings.v[i].elements;
			return true;
		}
	if (s->readings.n == MOST_READINGS || s->unread)
		return false;
	n->arena = n->keep;
	memcpy(inputs, n->inputs, sizeof inputs);
	for (size_t i = 0; i < s->texts.n && ok; i++) {
		n->inputs[0] = (struct input){ s->texts.v[i], s->texts_at.v[i].line, s->texts_at.v[i].column, true };
		n->n_inputs = 1;
		nft_next(n);
		ok = nft_read_elements(n, keys, n_keys, &elements);
	}
	for (size_t i = 0; s->expires && i < elements.n; i++)
		elements.v[i].values[0].while_there = "an element that expires";
	memcpy(n->inputs, inputs, sizeof inputs);
	n->n_inputs = n_inputs;
	n->token = looked_at;
	n->arena = arena;
	if (ok) {
		struct nft_reading *r = VEC_ADD(n->keep, &s->readings);
		memcpy(r->keys, keys, n_keys * sizeof *keys);
		r->n_keys = n_keys;
		r->elements = *ret = elements;
	}
	return ok;
}
