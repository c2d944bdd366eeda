/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields that are sets of bits: tcp flags, ct state, ct status.  nft(8) compares them in four ways:
 *
 *	F a,b  F a | b		any of the bits is set
 *	F ! a,b			none of them is
 *	F == a,b  F != a,b	the value is, or is not, the bits together and no other
 *	F a / m  F & m == a	so, under a mask; also with !=
 *
 * An element of a set is compared as by ==.
 */
#include "dialect/nftables/nftables.h"

/* A word that begins the next expression or statement of a rule. */
static bool at_next_part(const struct nft *n)
{
	static const char *const begins[] = {
		"accept",     "drop",    "reject", "return",   "jump",    "goto",    "continue", "queue",  "counter",
		"log",        "limit",   "quota",  "comment",  "ct",      "meta",    "ip",       "ip6",    "tcp",
		"udp",        "sctp",    "dccp",   "udplite",  "th",      "icmp",    "icmpv6",   "iif",    "oif",
		"iifname",    "oifname", "fib",    "ether",    "mark",    "pkttype", "socket",   "rt",     "exthdr",
		"masquerade", "snat",    "dnat",   "redirect", "notrack", "update",  "add",      "set",    "delete",
		"dup",        "flow",    "last",   "synproxy", "tproxy",  "meter",   "reset",    "numgen", "jhash",
		"symhash",    "osf",     "vlan",   "ah",       "esp",     "comp",    "frag",     "ipsec"
	};
	for (size_t i = 0; i < ARRAY_LEN(begins); i++)
		if (nft_is(n, begins[i]))
			return true;
	return false;
}

struct bit {
	const char *name;
	unsigned bit;
};

static const struct bit tcp_bits[] = { { "fin", 1 },  { "syn", 2 },  { "rst", 4 },  { "psh", 8 },
				       { "ack", 16 }, { "urg", 32 }, { "ecn", 64 }, { "cwr", 128 } };
static const struct bit state_bits[] = { { "invalid", STATE_INVALID },
					 { "established", STATE_ESTABLISHED },
					 { "related", 4 },
					 { "new", STATE_NEW },
					 { "untracked", 64 } };
static const struct bit status_bits[] = { { "expected", 1 },  { "seen-reply", 2 }, { "assured", 4 },
					  { "confirmed", 8 }, { "snat", 16 },      { "dnat", STATUS_DNAT },
					  { "dying", 512 } };

static const struct {
	enum key key;
	const struct bit *bits;
	size_t n;
	unsigned all;
} bit_fields[] = {
	{ KEY_TCP_FLAGS, tcp_bits, ARRAY_LEN(tcp_bits), 0xff },
	{ KEY_CT_STATE, state_bits, ARRAY_LEN(state_bits), UINT32_MAX },
	{ KEY_CT_STATUS, status_bits, ARRAY_LEN(status_bits), UINT32_MAX },
};

static bool number_of_bits(struct str s, unsigned most, unsigned *ret)
{
	uint32_t number;
	bool hex = str_istarts(s, "0x");
	if (!hex && !str_to_u32(s, most, &number))
		return false;
	if (!hex) {
		*ret = number;
		return true;
	}
	char digits[9] = "", *end;
	if (s.n < 3 || s.n > 10)
		return false;
	memcpy(digits, s.p + 2, s.n - 2);
	*ret = (unsigned)strtoul(digits, &end, 16);
	return !*end && *ret <= most;
}

/* One name or several: "syn", "syn,ack", "fin|syn", "0x2"; in parentheses or not. */
bool nft_bits(enum key key, struct str text, unsigned *ret)
{
	size_t field = 0;
	bool some = false;
	while (bit_fields[field].key != key)
		field++;
	*ret = 0;
	while (text.n) {
		size_t length = 0, i = 0;
		unsigned number = 0;
		while (length < text.n && !char_in(text.p[length], "|,()"))
			length++;
		struct str one = str_first(text, length);
		text = str_skip(text, MAX(length, (size_t)1));
		while (i < bit_fields[field].n && !str_is(one, bit_fields[field].bits[i].name))
			i++;
		if (i < bit_fields[field].n)
			*ret |= bit_fields[field].bits[i].bit;
		else if (one.n && !number_of_bits(one, bit_fields[field].all, &number))
			return false;
		*ret |= number;
		some |= one.n > 0;
	}
	return some;
}

static bool read_test(enum key key, struct str t, struct bit_test *f)
{
	struct str mask = NO_STR, value = t;
	bool equal = false, none = false;
	*f = (struct bit_test){ .mask = UINT32_MAX };
	if (t.n && t.p[0] == '&') {
		size_t end = MIN(MIN(str_find(t, '='), str_find(t, '!')), t.n);
		mask = str_skip(str_first(t, end), 1);
		value = str_skip(t, end);
		/* "& m" without a comparison and "& a,b" are syntax errors */
		if (!value.n || str_find(mask, ',') != SIZE_MAX)
			return false;
	}
	f->negated = str_starts(value, "!=");
	equal = f->negated || str_starts(value, "==");
	none = !equal && value.n && value.p[0] == '!';
	value = str_skip(value, equal ? 2 : none);
	size_t slash = str_find(value, '/');
	if (slash != SIZE_MAX) {
		if (mask.n || none)
			return false;
		mask = str_skip(value, slash + 1);
		value = str_first(value, slash);
		equal = true;
	}
	if (mask.n && (none || !nft_bits(key, mask, &f->mask)))
		return false;
	f->any = !equal && !mask.n;
	f->negated |= none;
	return nft_bits(key, value, &f->value);
}

bool nft_bits_meet(const struct bit_test *f, unsigned bits)
{
	return (f->any ? (bits & f->value) != 0 : (bits & f->mask) == f->value) != f->negated;
}

/*
 * The first packet of a connection has SYN and no other flag that matters here, its
 * reply SYN and ACK, and later packets ACK.
 */
static void apply_tcp_flags(struct nft *n, struct draft_rule *r, const struct bit_test *f)
{
	enum { FIN = 1, SYN = 2, RST = 4, ACK = 16 };
	struct flags_met met = {
		.opening = nft_bits_meet(f, SYN),
		.reply = nft_bits_meet(f, SYN | ACK),
		.later = nft_bits_meet(f, ACK),
		.null = nft_bits_meet(f, 0),
		.syn_fin = nft_bits_meet(f, SYN | FIN),
		.syn_rst = nft_bits_meet(f, SYN | RST),
	};
	size_t drafts = r->drafts.n;
	for (size_t i = 0; i < drafts; i++)
		draft_flags(&r->drafts, i, n->arena, &met);
}

/* The bit of packets whose destination a rule translates; the others are unknown. */
static void apply_status(const struct nft *n, struct draft_match *m, const struct bit_test *f, const char *what)
{
	bool asked = f->any ? f->value & STATUS_DNAT : f->mask & f->value & STATUS_DNAT;
	bool alone = f->any ? f->value == STATUS_DNAT : asked;
	if (n->too_early) /* there is no connection yet */
		m->never = true;
	else if (!alone || f->negated) /* the replies of a translated connection have the bit as well */
		draft_perhaps(m, what);
	else
		draft_translated(m);
}

/* The operands of a field of bits that are not a set in braces or by name. */
bool nft_read_bits(struct nft *n, struct draft_rule *r, const struct left *l, const char *operator)
{
	CLEANUP(out_free) struct out text = out_memory(4096);
	struct bit_test f;
	out_text(&text, operator);
	/* "dnat" and "new" are values here: a word begins the next part only where no operand is due */
	for (bool due = true; !nft_at_end(n) && text.n < 200 && (due || !at_next_part(n)); nft_next(n)) {
		if (nft_is(n, "=")) /* "! =" is not "!=" */
			return false;
		out_str(&text, n->token.text);
		due = n->token.kind == TOK_PUNCT || nft_is(n, "/");
		due &= !nft_is(n, ")");
	}
	if (!read_test(l->key, out_view(&text), &f))
		return false;
	if (l->key == KEY_TCP_FLAGS) {
		apply_tcp_flags(n, r, &f);
		return true;
	}
	for (size_t i = 0; i < r->drafts.n; i++) {
		if (l->key == KEY_CT_STATE)
			draft_conversations(&r->drafts.v[i], nft_states(n, &f));
		else
			apply_status(n, &r->drafts.v[i], &f, l->what);
	}
	return true;
}

/* related: a connection of its own; untracked: matches only after a notrack rule, which is reported there. */
unsigned nft_states(const struct nft *n, const struct bit_test *f)
{
	bool invalid = nft_bits_meet(f, STATE_INVALID);
	if (n->too_early) /* without connection tracking every packet is invalid */
		return invalid ? CONVERSATION_ALL : 0;
	return (nft_bits_meet(f, STATE_NEW) ? CONVERSATION_OPENING : 0) |
	       (nft_bits_meet(f, STATE_ESTABLISHED) ? CONVERSATION_ESTABLISHED : 0) |
	       (invalid ? CONVERSATION_INVALID : 0);
}
