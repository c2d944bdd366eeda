/* SPDX-License-Identifier: Apache-2.0 */
/* What TCP flags imply for the first packet of a connection, its reply and later packets. */
#include "dialect/nftables/nftables.h"

#include "base/names.h"

/* A word that begins the next expression or statement of a rule. */
static bool at_next_part(const struct nft *n)
{
	static const char *const begins[] = {
		"accept",     "drop",    "reject", "return",   "jump",    "goto",    "continue", "queue", "counter",
		"log",        "limit",   "quota",  "comment",  "ct",      "meta",    "ip",       "ip6",   "tcp",
		"udp",        "sctp",    "dccp",   "udplite",  "th",      "icmp",    "icmpv6",   "iif",   "oif",
		"iifname",    "oifname", "fib",    "ether",    "mark",    "pkttype", "socket",   "rt",    "exthdr",
		"masquerade", "snat",    "dnat",   "redirect", "notrack", "update",  "add",      "set",   "delete",
		"dup",        "flow",    "last",   "synproxy", "tproxy",  "meter",   "reset"
	};
	for (size_t i = 0; i < ARRAY_LEN(begins); i++)
		if (nft_is(n, begins[i]))
			return true;
	return false;
}

/* One flag or several: "syn", "syn,ack", "fin|syn", "0x2"; in parentheses or not. */
static bool read_flag_list(struct str text, unsigned *ret)
{
	static const char *const names[] = { "fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr" };
	*ret = 0;
	while (text.n) {
		size_t length = 0;
		while (length < text.n && !strchr("|,()", text.p[length]))
			length++;
		struct str one = str_first(text, length);
		text = str_skip(text, MAX(length, (size_t)1));
		int i = NAME_FIND(names, one);
		if (i >= 0)
			*ret |= 1u << i;
		else if (str_istarts(one, "0x") && one.n > 2 && one.n < 5)
			*ret |= (unsigned)strtoul((char[]){ one.p[2], one.n > 3 ? one.p[3] : 0, 0 }, NULL, 16);
		else if (one.n)
			return false;
	}
	return true;
}

/*
 * "syn": any of these; "== syn", "!= syn": exactly these; "& (fin|syn) == syn"
 * and "syn / fin,syn": exactly these, under a mask.
 */
struct flag_test {
	unsigned mask, value;
	bool any, negated;
};

static bool read_flag_test(struct str t, struct flag_test *f)
{
	struct str mask = NO_STR, value = t;
	*f = (struct flag_test){ .mask = 0xff };
	if (t.n && t.p[0] == '&') {
		size_t equal = str_find(t, '='), not = str_find(t, '!');
		size_t end = MIN(MIN(equal, not ), t.n);
		mask = str_skip(str_first(t, end), 1);
		value = str_skip(t, end);
		f->any = !value.n;
	}
	f->negated = str_starts(value, "!=");
	if (f->negated || str_starts(value, "=="))
		value = str_skip(value, 2);
	else if (!mask.n)
		f->any = true;
	size_t slash = str_find(value, '/');
	if (slash != SIZE_MAX) {
		if (mask.n)
			return false;
		f->any = false;
		mask = str_skip(value, slash + 1);
		value = str_first(value, slash);
	}
	if (mask.n && !read_flag_list(mask, &f->mask))
		return false;
	if (!value.n)
		return f->any;
	return read_flag_list(value, &f->value);
}

static bool flags_meet(const struct flag_test *f, unsigned flags)
{
	if (f->any)
		return flags & f->mask & (f->value ? f->value : 0xff);
	return ((flags & f->mask) == f->value) != f->negated;
}

/*
 * tcp flags: the first packet of a connection has SYN and no other flag that matters here,
 * its reply SYN and ACK, and later packets ACK.
 */
bool nft_read_tcp_flags(struct nft *n, struct draft_rule *r)
{
	enum { SYN = 2, ACK = 16 };
	CLEANUP(out_free) struct out text = out_memory(4096);
	struct flag_test f;
	bool listed = false;
	while (!nft_at_end(n) && text.n < 200 && !at_next_part(n)) {
		listed |= nft_is(n, "{") || n->token.text.p[0] == '@';
		out_str(&text, n->token.text);
		if (nft_is(n, "{"))
			nft_skip_block(n);
		else
			nft_next(n);
	}
	bool known = !listed && read_flag_test(out_view(&text), &f);
	bool opening = known && flags_meet(&f, SYN), answer = known && flags_meet(&f, SYN | ACK),
	     later = known && flags_meet(&f, ACK);
	size_t drafts = r->drafts.n;
	for (size_t i = 0; i < drafts; i++) {
		draft_protocol(&r->drafts.v[i], PROTO_TCP);
		struct draft_match m = r->drafts.v[i];
		if (!known) {
			draft_perhaps(&r->drafts.v[i], "TCP flags");
			continue;
		}
		if (opening && answer && later)
			continue;
		if (opening)
			draft_conversation(&r->drafts.v[i], CONVERSATION_OPENING);
		else if (answer || later)
			draft_conversation(&r->drafts.v[i], CONVERSATION_ESTABLISHED);
		else
			r->drafts.v[i].never = true; /* packets of port scans, and the ends of connections */
		if (answer == later)
			continue;
		/* some of the later packets: a rule of its own unless the rule is about these only */
		draft_conversation(&m, CONVERSATION_ESTABLISHED);
		draft_perhaps(&m, "TCP flags");
		if (r->drafts.v[i].never || !opening)
			r->drafts.v[i] = m;
		else if (!m.never)
			*VEC_ADD(n->arena, &r->drafts) = m;
	}
	return true;
}
