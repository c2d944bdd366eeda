/* SPDX-License-Identifier: Apache-2.0 */
/* Values and elements of nftables, and the left sides that define the meaning of a value. */
#include "dialect/common/names.h"
#include "dialect/nftables/nftables.h"

/* Values */

static void add_range(struct arena *a, struct value *value, struct addr_range r)
{
	value->is_addrs = true;
	value->addrs = value->addrs.n ? addrset_union(a, value->addrs, range_set(a, r)) : range_set(a, r);
}

/* Codes as nft(8) prints them, "describe icmp code": of whatever type. */
static bool code_name(struct str s, bool v6, struct port_range *ret)
{
	static const struct {
		const char *name;
		int four, six; /* -1: not of this protocol */
	} codes[] = {
		{ "net-unreachable", 0, -1 },  { "host-unreachable", 1, -1 }, { "prot-unreachable", 2, -1 },
		{ "port-unreachable", 3, 4 },  { "frag-needed", 4, -1 },      { "net-prohibited", 9, -1 },
		{ "host-prohibited", 10, -1 }, { "admin-prohibited", 13, 1 }, { "no-route", -1, 0 },
		{ "addr-unreachable", -1, 3 }, { "policy-fail", -1, 5 },      { "reject-route", -1, 6 },
	};
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		int code = v6 ? codes[i].six : codes[i].four;
		if (code < 0 || !str_is(s, codes[i].name))
			continue;
		*ret = (struct port_range){ (uint16_t)code, (uint16_t)code };
		return true;
	}
	return false;
}

static bool number_of(const struct left *l, struct str s, struct port_range *ret)
{
	unsigned protocol;
	uint16_t type, code;
	switch (l->key) {
	case KEY_SPORT:
	case KEY_DPORT:
		return port_name_range(s, '-', NULL, ret);
	case KEY_PROTOCOL:
	case KEY_PROTOCOL6:
	case KEY_L4PROTO:
		if (!protocol_name_parse(s, &protocol) || protocol == ANY_PROTOCOL)
			return port_name_range(s, '-', NULL, ret) && ret->hi <= 255;
		*ret = (struct port_range){ (uint16_t)protocol, (uint16_t)protocol };
		return true;
	case KEY_ICMP_TYPE:
	case KEY_ICMP6_TYPE:
		if (icmp_name_parse(s, l->key == KEY_ICMP6_TYPE, &type, &code)) {
			*ret = (struct port_range){ type, type };
			return code == ANY_CODE;
		}
		return port_name_range(s, '-', NULL, ret) && ret->hi <= 255;
	case KEY_ICMP_CODE:
	case KEY_ICMP6_CODE:
		if (code_name(s, l->key == KEY_ICMP6_CODE, ret))
			return true;
		if (icmp_name_parse(s, l->key == KEY_ICMP6_CODE, &type, &code) && code != ANY_CODE) {
			*ret = (struct port_range){ code, code };
			return true;
		}
		return port_name_range(s, '-', NULL, ret) && ret->hi <= 255;
	case KEY_HOPS:
		return port_name_range(s, '-', NULL, ret) && ret->hi <= 255;
	default:
		return false;
	}
}

/* One value, without braces.  False when it cannot be read as a value of the key. */
bool nft_read_value(struct nft *n, const struct left *l, struct value *value)
{
	struct str text = n->token.text;
	struct addr_range r;
	struct port_range p;

	if (n->token.kind != TOK_WORD && n->token.kind != TOK_STRING)
		return false;
	nft_next(n);
	/* "10.0.0.1 - 10.0.0.9" with blanks means the same as without */
	if (n->token.kind == TOK_WORD && str_is(n->token.text, "-")) {
		nft_next(n);
		text = str_printf(n->arena, "%.*s-%.*s", STR_ARG(text), STR_ARG(n->token.text));
		nft_next(n);
	}
	switch (l->key) {
	case KEY_SADDR4:
	case KEY_SADDR6:
	case KEY_DADDR4:
	case KEY_DADDR6: {
		enum range_parse got = addr_range_parse(text, &r);
		enum family f = l->key == KEY_SADDR6 || l->key == KEY_DADDR6 ? IPV6 : IPV4;
		/* nft clears the host bits of a prefix */
		if ((got != RANGE_OK && got != RANGE_HOST_BITS) || r.family != f)
			return false;
		*value = (struct value){ 0 };
		add_range(n->arena, value, r);
		return true;
	}
	case KEY_IIF:
	case KEY_OIF:
	case KEY_CT_STATE:
	case KEY_CT_STATUS:
	case KEY_NFPROTO:
		*value = (struct value){ .is_words = true, .word = str_dup(n->arena, text) };
		return true;
	case KEY_TCP_FLAGS:
	case KEY_OTHER:
		*value = (struct value){ .perhaps = true };
		return true;
	default:
		if (!number_of(l, text, &p))
			return false;
		*value = (struct value){ .numbers = port_set(n->arena, p.lo, p.hi) };
		return true;
	}
}

/* timeout 1h expires 2m comment "..." counter packets 1 bytes 2: the attributes of an element. */
static void read_element_options(struct nft *n, struct element *e)
{
	struct value *value = &e->values[0];
	while (n->token.kind != TOK_END && !nft_is(n, ",") && !nft_is(n, "}") && !nft_is(n, ":")) {
		if (n->token.kind == TOK_NEWLINE) {
			nft_next(n);
		} else if (nft_is(n, "timeout") || nft_is(n, "expires")) {
			value->while_there = "an element that expires";
			nft_next(n);
			nft_next(n);
		} else if (nft_is(n, "comment") || nft_is(n, "packets") || nft_is(n, "bytes")) {
			nft_next(n);
			nft_next(n);
		} else if (!nft_accept(n, "counter")) {
			/* limit rate 5/second, quota ...: matches only within the limit */
			value->while_there = "a limit of an element";
			nft_next(n);
		}
	}
}

/* All values of a key. */
struct value nft_value_of_all(struct nft *n, const struct left *l)
{
	bool v6 = l->key == KEY_SADDR6 || l->key == KEY_DADDR6;
	struct value value = { 0 };
	if (l->key <= KEY_DADDR6)
		add_range(n->arena, &value, addr_range_all(v6 ? IPV6 : IPV4));
	else if (l->key == KEY_SPORT || l->key == KEY_DPORT)
		value.numbers = port_set(n->arena, 0, 65535);
	else
		value.numbers = port_set(n->arena, 0, 255);
	return value;
}

bool nft_read_verdict(struct nft *n, struct verdict *verdict)
{
	*verdict = (struct verdict){ .at = n->token.at };
	if (nft_accept(n, "accept"))
		verdict->action = ACTION_PERMIT;
	else if (nft_accept(n, "drop"))
		verdict->action = ACTION_DENY;
	else if (nft_accept(n, "return"))
		verdict->action = ACTION_RETURN;
	else if (nft_accept(n, "continue"))
		verdict->action = ACTION_NEXT;
	else if (nft_is(n, "jump") || nft_is(n, "goto")) {
		verdict->action = nft_is(n, "jump") ? ACTION_CALL : ACTION_GOTO;
		nft_next(n);
		if (nft_is(n, "{"))
			return nft_read_anonymous(n, verdict);
		verdict->chain = str_dup(n->arena, n->token.text);
		verdict->at = n->token.at;
		nft_next(n);
	} else if (nft_accept(n, "queue")) {
		verdict->action = ACTION_PERMIT;
		verdict->perhaps = true;
		while (!nft_at_end(n) && !nft_is(n, ",") && !nft_is(n, "comment"))
			nft_next(n);
	} else {
		return false;
	}
	return true;
}

bool nft_read_element(struct nft *n, const struct left *keys, size_t n_keys, struct element *e)
{
	*e = (struct element){ .n = n_keys };
	while (n->token.kind == TOK_NEWLINE)
		nft_next(n);
	if (nft_accept(n, "*")) {
		e->is_rest = true;
		for (size_t i = 0; i < n_keys; i++)
			e->values[i] = nft_value_of_all(n, &keys[i]);
	}
	for (size_t i = 0; i < n_keys && !e->is_rest; i++) {
		if (i && !nft_accept(n, "."))
			return false;
		if (!nft_read_value(n, &keys[i], &e->values[i]))
			return false;
	}
	read_element_options(n, e);
	if (nft_accept(n, ":")) {
		e->has_verdict = true;
		if (!nft_read_verdict(n, &e->verdict))
			return false;
	}
	read_element_options(n, e);
	return true;
}

/* Elements between { and }; the current token is the first one. */
bool nft_read_elements(struct nft *n, const struct left *keys, size_t n_keys, element_vec *ret)
{
	for (;;) {
		while (n->token.kind == TOK_NEWLINE || nft_is(n, ","))
			nft_next(n);
		if (nft_is(n, "}") || n->token.kind == TOK_END)
			return true;
		if (ret->n >= MOST_MEMBERS)
			return false;
		if (!nft_read_element(n, keys, n_keys, VEC_ADD(n->arena, ret)))
			return false;
	}
}

/* Left sides */

static const struct {
	const char *word;
	uint8_t protocol;
} transports[] = {
	{ "tcp", PROTO_TCP },   { "udp", PROTO_UDP },         { "sctp", PROTO_SCTP },
	{ "dccp", PROTO_DCCP }, { "udplite", PROTO_UDPLITE }, { "th", 0 },
};

/* tcp option maxseg size ...: the option's name, and which of its fields. */
static void read_option(struct nft *n)
{
	static const char *const fields[] = { "size",  "kind",  "length", "count",  "left",
					      "right", "tsval", "tsecr",  "subtype" };
	nft_next(n);
	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		if (nft_accept(n, fields[i]))
			return;
}

static bool read_transport(struct nft *n, struct left *l)
{
	for (size_t i = 0; i < ARRAY_LEN(transports); i++) {
		if (!nft_is(n, transports[i].word))
			continue;
		nft_next(n);
		l->protocol = transports[i].protocol;
		if (nft_accept(n, "sport"))
			l->key = KEY_SPORT;
		else if (nft_accept(n, "dport"))
			l->key = KEY_DPORT;
		else if (nft_is(n, "flags") && l->protocol == PROTO_TCP) {
			nft_next(n);
			l->key = KEY_TCP_FLAGS;
			l->what = "TCP flags";
		} else {
			bool option = nft_is(n, "option");
			*l = (struct left){ .key = KEY_OTHER,
					    .what = "a field of the transport header",
					    .protocol = transports[i].protocol };
			nft_next(n);
			if (option)
				read_option(n);
		}
		return true;
	}
	return false;
}

/* Words that are followed by the name of a field, and then by a value. */
static const struct {
	const char *word, *what;
} others[] = {
	{ "fib", "a routing lookup" }, { "rt", "a routing property" },      { "ether", "a link address" },
	{ "vlan", "a VLAN" },          { "exthdr", "an extension header" }, { "ah", "a header field" },
	{ "esp", "a header field" },   { "comp", "a header field" },        { "mh", "a header field" },
	{ "dst", "a header field" },   { "hbh", "a header field" },         { "frag", "fragments" },
	{ "ipsec", "IPsec" },          { "cgroupv2", "a control group" },
};

/* mod 2 seed 0xbe offset 100 */
static bool read_modulus(struct nft *n)
{
	if (!nft_accept(n, "mod"))
		return false;
	nft_next(n);
	while (nft_accept(n, "seed") || nft_accept(n, "offset"))
		nft_next(n);
	return true;
}

/* Expressions with operands of their own; *ok is false when those are not understood. */
static bool read_function(struct nft *n, struct left *l, bool *ok)
{
	struct left field;
	*l = (struct left){ .key = KEY_OTHER };
	if (nft_accept(n, "numgen")) {
		l->what = "a number (numgen)";
		nft_next(n); /* inc, random */
		*ok = read_modulus(n);
	} else if (nft_accept(n, "symhash")) {
		l->what = "a hash (symhash)";
		*ok = read_modulus(n);
	} else if (nft_accept(n, "jhash")) {
		do
			*ok = nft_read_left(n, &field);
		while (*ok && nft_accept(n, "."));
		l->what = "a hash (jhash)";
		*ok = *ok && read_modulus(n);
	} else if (nft_accept(n, "osf")) {
		l->what = "a system fingerprint (osf)";
		if (nft_accept(n, "ttl"))
			nft_next(n);
		*ok = nft_accept(n, "name") || nft_accept(n, "version");
	} else if (nft_accept(n, "socket")) {
		l->what = "a property of a socket";
		bool level = nft_is(n, "cgroupv2");
		nft_next(n);
		*ok = !level || nft_accept(n, "level");
		if (level)
			nft_next(n);
	} else {
		return false;
	}
	return true;
}

static bool read_meta(struct nft *n, struct left *l)
{
	static const struct {
		const char *word;
		enum key key;
	} metas[] = { { "l4proto", KEY_L4PROTO }, { "nfproto", KEY_NFPROTO }, { "protocol", KEY_NFPROTO },
		      { "iifname", KEY_IIF },     { "oifname", KEY_OIF },     { "iif", KEY_IIF },
		      { "oif", KEY_OIF } };
	bool meta = nft_accept(n, "meta");
	for (size_t i = 0; i < ARRAY_LEN(metas); i++)
		if (nft_accept(n, metas[i].word)) {
			l->key = metas[i].key;
			l->nfproto = strcmp(metas[i].word, "nfproto") == 0;
			return true;
		}
	if (!meta && !nft_is(n, "mark") && !nft_is(n, "pkttype") && !nft_is(n, "skuid") && !nft_is(n, "skgid") &&
	    !nft_is(n, "priority") && !nft_is(n, "cpu") && !nft_is(n, "iifgroup") && !nft_is(n, "oifgroup") &&
	    !nft_is(n, "iiftype") && !nft_is(n, "oiftype") && !nft_is(n, "length") && !nft_is(n, "time") &&
	    !nft_is(n, "day") && !nft_is(n, "hour") && !nft_is(n, "cgroup") && !nft_is(n, "nftrace"))
		return false;
	*l = (struct left){ .key = KEY_OTHER, .what = "a property of the packet (meta)" };
	nft_next(n);
	return true;
}

static bool read_network(struct nft *n, struct left *l)
{
	bool v6 = nft_is(n, "ip6");
	if (!v6 && !nft_is(n, "ip"))
		return false;
	nft_next(n);
	if (nft_accept(n, "saddr"))
		l->key = v6 ? KEY_SADDR6 : KEY_SADDR4;
	else if (nft_accept(n, "daddr"))
		l->key = v6 ? KEY_DADDR6 : KEY_DADDR4;
	else if (nft_accept(n, v6 ? "nexthdr" : "protocol"))
		l->key = v6 ? KEY_PROTOCOL6 : KEY_PROTOCOL;
	else if (nft_accept(n, v6 ? "hoplimit" : "ttl"))
		*l = (struct left){ .key = KEY_HOPS, .protocol = v6 };
	else {
		*l = (struct left){ .key = KEY_OTHER, .what = "a field of the IP header", .v4 = !v6, .v6 = v6 };
		nft_next(n);
	}
	return true;
}

static bool read_icmp(struct nft *n, struct left *l)
{
	bool v6 = nft_is(n, "icmpv6");
	if (!v6 && !nft_is(n, "icmp"))
		return false;
	nft_next(n);
	if (nft_accept(n, "type"))
		l->key = v6 ? KEY_ICMP6_TYPE : KEY_ICMP_TYPE;
	else if (nft_accept(n, "code"))
		l->key = v6 ? KEY_ICMP6_CODE : KEY_ICMP_CODE;
	else {
		*l = (struct left){ .key = KEY_OTHER,
				    .what = "a field of the ICMP header",
				    .protocol = v6 ? PROTO_ICMP6 : PROTO_ICMP };
		nft_next(n);
	}
	return true;
}

static bool read_ct(struct nft *n, struct left *l)
{
	if (!nft_accept(n, "ct"))
		return false;
	if (nft_accept(n, "state")) {
		l->key = KEY_CT_STATE;
		return true;
	}
	if (nft_accept(n, "status")) {
		*l = (struct left){ .key = KEY_CT_STATUS, .what = "the status of the connection (ct status)" };
		return true;
	}
	*l = (struct left){ .key = KEY_OTHER, .what = "a property of the connection (ct)" };
	if (nft_accept(n, "count")) {
		l->what = "the number of connections (ct count)";
		nft_accept(n, "over");
		return true;
	}
	nft_next(n);
	/* ct original ip saddr ... */
	while (nft_is(n, "ip") || nft_is(n, "ip6") || nft_is(n, "saddr") || nft_is(n, "daddr") ||
	       nft_is(n, "proto-src") || nft_is(n, "proto-dst") || nft_is(n, "protocol") || nft_is(n, "l3proto"))
		nft_next(n);
	return true;
}

static bool read_other(struct nft *n, struct left *l)
{
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (!nft_is(n, others[i].word))
			continue;
		*l = (struct left){ .key = KEY_OTHER, .what = others[i].what };
		nft_next(n);
		bool source = false, from = false; /* fib saddr . iif oif: reverse path filtering */
		/* selectors: fib daddr . iif type, rt classid ... */
		while (n->token.kind == TOK_WORD && !nft_is(n, "vmap") && !nft_is(n, "exists") &&
		       !nft_is(n, "missing")) {
			struct token before = n->token;
			source |= nft_is(n, "saddr");
			from |= nft_is(n, "iif");
			l->way_back = source && from && nft_is(n, "oif");
			nft_next(n);
			if (nft_accept(n, "."))
				continue;
			if (str_is(before.text, "type") || str_is(before.text, "oif") ||
			    str_is(before.text, "oifname") || strcmp(others[i].word, "fib") != 0)
				break;
		}
		return true;
	}
	return false;
}

static bool read_field(struct nft *n, struct left *l)
{
	return read_network(n, l) || read_transport(n, l) || read_icmp(n, l) || read_ct(n, l) || read_meta(n, l) ||
	       read_other(n, l);
}

/* The headers that a field is of must be those that the rule is about already. */
static void follow_headers(struct nft *n, const struct left *l)
{
	bool icmp4 = l->key == KEY_ICMP_TYPE || l->key == KEY_ICMP_CODE ||
		     (l->key == KEY_OTHER && l->protocol == PROTO_ICMP),
	     icmp6 = l->key == KEY_ICMP6_TYPE || l->key == KEY_ICMP6_CODE ||
		     (l->key == KEY_OTHER && l->protocol == PROTO_ICMP6);
	bool four = icmp4 || l->key == KEY_SADDR4 || l->key == KEY_DADDR4 || l->key == KEY_PROTOCOL || l->v4 ||
		    (l->key == KEY_HOPS && !l->protocol),
	     six = icmp6 || l->key == KEY_SADDR6 || l->key == KEY_DADDR6 || l->key == KEY_PROTOCOL6 || l->v6 ||
		   (l->key == KEY_HOPS && l->protocol);
	bool port = l->key == KEY_SPORT || l->key == KEY_DPORT || (l->key == KEY_OTHER && l->protocol);
	int transport = icmp4                     ? PROTO_ICMP
			: icmp6                   ? PROTO_ICMP6
			: l->key == KEY_TCP_FLAGS ? PROTO_TCP
			: port && l->protocol     ? l->protocol
						  : NO_TRANSPORT;
	if ((four && n->network >= NETWORK_IPV6) || (six && n->network != NETWORK_IPV6 && n->network != NETWORK_ANY))
		nft_refuse(n, "a rule about both IPv4 and IPv6");
	if (transport != NO_TRANSPORT && n->transport != NO_TRANSPORT && n->transport != transport)
		nft_refuse(n, "a rule about two protocols");
	if (four || six)
		n->network = four ? NETWORK_IPV4 : NETWORK_IPV6;
	if (transport != NO_TRANSPORT)
		n->transport = transport;
}

bool nft_read_left(struct nft *n, struct left *l)
{
	bool ok = true;
	if (read_function(n, l, &ok))
		return ok;
	*l = (struct left){ 0 };
	if (!read_field(n, l))
		return false;
	follow_headers(n, l);
	return true;
}
