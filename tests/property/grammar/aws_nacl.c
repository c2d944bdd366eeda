/* SPDX-License-Identifier: Apache-2.0 */
/* Network ACLs of AWS: numbered entries of both directions, stateless. */
#include "grammar.h"

static void entry(struct draft *w, size_t list, unsigned number, bool egress, bool inbound, bool first)
{
	/* for a host whose incoming packets are asked about, outgoing packets are replies */
	struct said s = { .verb = chance(w, 3) ? SAYS_DENY : SAYS_PERMIT,
			  .order = number,
			  .when = egress == inbound ? AFTERWARDS : AT_FIRST };
	struct terms t = { 0 };
	struct addrs v = { 0 };
	enum family f = chance(w, 3) ? IPV6 : IPV4;
	struct addr_range r = some_net(w, f);
	struct port_range p = some_ports(w);
	int type, code;
	addrs_add(w, &v, r);
	on_addrs(w, &s, egress ? ON_DST : ON_SRC, &v, false);
	say(w, "%s{\"RuleNumber\": %u, \"Egress\": %s, \"RuleAction\": \"%s\", \"%s\": \"%s\", ", first ? "" : ",\n  ",
	    number, egress ? "true" : "false", s.verb == SAYS_DENY ? "deny" : "allow",
	    f == IPV6 ? "Ipv6CidrBlock" : "CidrBlock", net_of(w, r));
	switch (rnd(w, 6)) {
	case 0:
		say(w, "\"Protocol\": \"-1\"}");
		break;
	case 1:
		type = chance(w, 4) ? -1 : (int)rnd(w, 12);
		code = type < 0 || chance(w, 2) ? -1 : (int)rnd(w, 3);
		terms_icmp(w, &t, f == IPV6 ? PROTO_ICMP6 : PROTO_ICMP, type, code);
		say(w, "\"Protocol\": \"%d\", \"IcmpTypeCode\": {\"Type\": %d, \"Code\": %d}}", f == IPV6 ? 58 : 1,
		    type, code);
		break;
	case 2:
		terms_protocol(w, &t, 50, 50);
		say(w, "\"Protocol\": \"50\"}");
		break;
	default: {
		bool udp = chance(w, 3);
		terms_add(w, &t, service_of(udp ? PROTO_UDP : PROTO_TCP, p));
		say(w, "\"Protocol\": \"%d\", \"PortRange\": {\"From\": %u, \"To\": %u}}", udp ? 17 : 6, p.lo, p.hi);
	}
	}
	if (t.v.n)
		on_terms(w, &s, &t, false);
	*said_add(w, list, SAYS_DENY) = s;
}

static void aws_nacl_write(struct draft *w)
{
	bool inbound = chance(w, 2), first = true;
	size_t list = list_add(w, true, SAYS_DENY);
	unsigned numbers[2][12];
	w->options.side = inbound ? POLICY_INBOUND : POLICY_OUTBOUND;
	say(w, "{\"NetworkAcls\": [{\"NetworkAclId\": \"acl-1\", \"VpcId\": \"vpc-1\", \"IsDefault\": false, "
	       "\"Associations\": [],\n \"Entries\": [\n  ");
	for (uint32_t egress = 0; egress < 2; egress++)
		for (uint32_t i = 0, n = 1 + rnd(w, 6); i < n; i++) {
			bool taken;
			do {
				numbers[egress][i] = 1 + rnd(w, 300);
				taken = false;
				for (uint32_t k = 0; k < i; k++)
					taken |= numbers[egress][k] == numbers[egress][i];
			} while (taken);
			entry(w, list, numbers[egress][i], egress, inbound, first);
			first = false;
		}
	for (int egress = 0; egress < 2; egress++)
		say(w,
		    ",\n  {\"RuleNumber\": 32767, \"Egress\": %s, \"RuleAction\": \"deny\", \"Protocol\": \"-1\", "
		    "\"CidrBlock\": \"0.0.0.0/0\"}",
		    egress ? "true" : "false");
	say(w, "]}]}\n");
}

const struct grammar grammar_aws_nacl = { "aws-nacl", aws_nacl_write };
