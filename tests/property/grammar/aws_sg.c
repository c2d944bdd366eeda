/* SPDX-License-Identifier: Apache-2.0 */
/* Security groups of AWS: permissions in any order, of which any lets pass; the group of one host. */
#include "grammar.h"

/* Protocol and ports as members of a permission. */
static const char *service(struct draft *w, struct said *s)
{
	struct terms t = { 0 };
	struct port_range r = some_ports(w);
	bool udp = chance(w, 3), v6 = chance(w, 3);
	int type, code;
	const char *text;
	switch (rnd(w, 6)) {
	case 0:
		return "\"IpProtocol\": \"-1\"";
	case 1:
		type = chance(w, 4) ? -1 : (int)rnd(w, 12);
		code = type < 0 || chance(w, 2) ? -1 : (int)rnd(w, 3);
		terms_icmp(w, &t, v6 ? PROTO_ICMP6 : PROTO_ICMP, type, code);
		text = arena_printf(w->a, "\"IpProtocol\": \"%s\", \"FromPort\": %d, \"ToPort\": %d",
				    v6 ? ONE_OF(w, "icmpv6", "58") : ONE_OF(w, "icmp", "1"), type, code);
		break;
	case 2:
		terms_protocol(w, &t, 47, 47);
		text = "\"IpProtocol\": \"47\"";
		break;
	default:
		terms_add(w, &t, service_of(udp ? PROTO_UDP : PROTO_TCP, r));
		text = arena_printf(w->a, "\"IpProtocol\": \"%s\", \"FromPort\": %u, \"ToPort\": %u",
				    udp ? ONE_OF(w, "udp", "17") : ONE_OF(w, "tcp", "6"), r.lo, r.hi);
	}
	on_terms(w, s, &t, false);
	return text;
}

static const char *ranges(struct draft *w, const char *key, const char *member, enum family f, struct addrs *v)
{
	texts prefixes = { 0 };
	const char *text = "";
	if (chance(w, 2))
		return arena_printf(w->a, "\"%s\": []", key);
	some_prefixes(w, 3, f, &prefixes, v);
	for (size_t i = 0; i < prefixes.n; i++)
		text = arena_printf(w->a, "%s%s{\"%s\": \"%s\"%s}", text, i ? ", " : "", member, prefixes.v[i],
				    chance(w, 3) ? ", \"Description\": \"tcp 0-65535\"" : "");
	return arena_printf(w->a, "\"%s\": [%s]", key, text);
}

static void permissions(struct draft *w, size_t list, bool counts, bool in)
{
	for (uint32_t i = 0, n = rnd(w, 5); i < n; i++) {
		struct said s = { .verb = SAYS_PERMIT };
		struct addrs v = { 0 };
		const char *what = service(w, &s);
		const char *four = ranges(w, "IpRanges", "CidrIp", IPV4, &v),
			   *six = ranges(w, "Ipv6Ranges", "CidrIpv6", IPV6, &v);
		bool group = chance(w, 8), known = chance(w, 4);
		const char *lists = "", *pairs = "";
		struct said perhaps = s;
		if (known) {
			struct addr_range r = prefix_range((struct addr){ IPV4, 0x0a000100 }, 25);
			addrs_add(w, &v, r);
			lists = "{\"PrefixListId\": \"pl-1\"}";
		}
		if (group)
			pairs = "{\"GroupId\": \"sg-0other\", \"UserId\": \"1\"}";
		say(w, "%s{%s, %s, %s, \"PrefixListIds\": [%s], \"UserIdGroupPairs\": [%s]}", i ? ",\n   " : "", what,
		    four, six, lists, pairs);
		on_addrs(w, &s, in ? ON_SRC : ON_DST, &v, false);
		if (counts)
			*said_add(w, list, SAYS_DENY) = s;
		/* the members of another group may be anybody */
		perhaps.perhaps = true;
		if (counts && group)
			*said_add(w, list, SAYS_DENY) = perhaps;
	}
}

static void aws_sg_write(struct draft *w)
{
	bool in = chance(w, 2);
	size_t list = list_add(w, true, SAYS_DENY);
	w->stateful = true;
	w->options.side = in ? POLICY_INBOUND : POLICY_OUTBOUND;
	say(w, "{\"SecurityGroups\": [{\"GroupId\": \"sg-1\", \"GroupName\": \"web\", \"Description\": \"d\", "
	       "\"VpcId\": \"vpc-1\",\n"
	       " \"IpPermissions\": [");
	permissions(w, list, in, true);
	say(w, "],\n \"IpPermissionsEgress\": [");
	permissions(w, list, !in, false);
	say(w, "]}],\n \"PrefixLists\": [{\"PrefixListId\": \"pl-1\", \"Cidrs\": [\"10.0.1.0/25\"]}]}\n");
}

const struct grammar grammar_aws_sg = { "aws-sg", aws_sg_write };
