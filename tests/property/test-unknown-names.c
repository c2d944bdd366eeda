/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule that names something known and something unknown: what the known part matches is certain, and only what the
 * unknown part may add is not.  Each language writes the same rule, with and without an unknown name in each place, as a
 * permit before a deny and as a deny before a permit; every packet of a small world is asked about.
 */
#include "test.h"

#include "chosen.h"

enum place { SOURCE, DESTINATION, SERVICE, N_PLACES };
#define ALL_PLACES (1u << SOURCE | 1u << DESTINATION | 1u << SERVICE)

/*
 * %s[...]%, %d[...]% and %p[...]% stand where the source, the destination and the service are unknown in part;
 * %a[permit|deny]% is the action of the rule, and %r[permit|deny]% that of all other packets.
 */
struct written {
	const char *dialect, *what;
	const char *text;
	unsigned places;  /* that may be unknown */
	unsigned negated; /* the rule is for all but these: bits */
	bool one;         /* the unknown name is either nothing or 10.99.0.0/16: an element that expires */
	enum policy_side side;
};

static const struct written all_written[] = {
	{ "fortigate", "policies that name objects",
	  "config firewall address\n edit \"c\"\n set subnet 10.20.0.0 255.255.0.0\n next\n"
	  " edit \"d\"\n set subnet 10.1.0.10 255.255.255.255\n next\nend\n"
	  "config firewall service custom\n edit \"s\"\n set tcp-portrange 443\n next\nend\n"
	  "config firewall policy\n edit 1\n set srcintf \"any\"\n set dstintf \"any\"\n"
	  " set srcaddr \"c\"%s[ \"gone1\"]%\n set dstaddr \"d\"%d[ \"gone2\"]%\n set service \"s\"%p[ \"gone3\"]%\n"
	  " set schedule \"always\"\n set action %a[accept|deny]%\n next\n"
	  " edit 2\n set srcintf \"any\"\n set dstintf \"any\"\n set srcaddr \"all\"\n set dstaddr \"all\"\n"
	  " set service \"ALL\"\n set schedule \"always\"\n set action %r[accept|deny]%\n next\nend\n",
	  ALL_PLACES, 0, false, POLICY_TRANSIT },
	{ "fortigate", "a policy for all but an address group",
	  "config firewall address\n edit \"c\"\n set subnet 10.20.0.0 255.255.0.0\n next\n"
	  " edit \"d\"\n set subnet 10.1.0.10 255.255.255.255\n next\nend\n"
	  "config firewall addrgrp\n edit \"g\"\n set member \"c\"%s[ \"gone1\"]%\n next\nend\n"
	  "config firewall service custom\n edit \"s\"\n set tcp-portrange 443\n next\nend\n"
	  "config firewall service group\n edit \"t\"\n set member \"s\"%p[ \"gone3\"]%\n next\nend\n"
	  "config firewall policy\n edit 1\n set srcintf \"any\"\n set dstintf \"any\"\n"
	  " set srcaddr \"g\"\n set srcaddr-negate enable\n set dstaddr \"d\"%d[ \"gone2\"]%\n set service \"t\"\n"
	  " set schedule \"always\"\n set action %a[accept|deny]%\n next\n"
	  " edit 2\n set srcintf \"any\"\n set dstintf \"any\"\n set srcaddr \"all\"\n set dstaddr \"all\"\n"
	  " set service \"ALL\"\n set schedule \"always\"\n set action %r[accept|deny]%\n next\nend\n",
	  ALL_PLACES, 1u << SOURCE, false, POLICY_TRANSIT },
	{ "junos", "policies that name addresses and applications",
	  "set security address-book global address c 10.20.0.0/16\n"
	  "set security address-book global address d 10.1.0.10/32\n"
	  "set applications application s protocol tcp\nset applications application s destination-port 443\n"
	  "set security policies global policy p match source-address c\n"
	  "%s[set security policies global policy p match source-address gone1\n]%"
	  "set security policies global policy p match destination-address d\n"
	  "%d[set security policies global policy p match destination-address gone2\n]%"
	  "set security policies global policy p match application s\n"
	  "%p[set security policies global policy p match application gone3\n]%"
	  "set security policies global policy p then %a[permit|deny]%\n"
	  "set security policies global policy q match source-address any\n"
	  "set security policies global policy q match destination-address any\n"
	  "set security policies global policy q match application any\n"
	  "set security policies global policy q then %r[permit|deny]%\n",
	  ALL_PLACES, 0, false, POLICY_TRANSIT },
	{ "junos", "address sets and application sets, and an exclusion",
	  "set security address-book global address c 10.20.0.0/16\n"
	  "set security address-book global address d 10.1.0.10/32\n"
	  "set security address-book global address-set cs address c\n"
	  "%s[set security address-book global address-set cs address gone1\n]%"
	  "set security address-book global address-set ds address d\n"
	  "%d[set security address-book global address-set ds address-set gone2\n]%"
	  "set applications application s protocol tcp\nset applications application s destination-port 443\n"
	  "set applications application-set ss application s\n"
	  "%p[set applications application-set ss application gone3\n]%"
	  "set security policies global policy p match source-address cs\n"
	  "set security policies global policy p match source-address-excluded\n"
	  "set security policies global policy p match destination-address ds\n"
	  "set security policies global policy p match application ss\n"
	  "set security policies global policy p then %a[permit|deny]%\n"
	  "set security policies global policy q match source-address any\n"
	  "set security policies global policy q match destination-address any\n"
	  "set security policies global policy q match application any\n"
	  "set security policies global policy q then %r[permit|deny]%\n",
	  ALL_PLACES, 1u << SOURCE, false, POLICY_TRANSIT },
	{ "paloalto", "rules that name objects",
	  "set address c ip-netmask 10.20.0.0/16\nset address d ip-netmask 10.1.0.10\n"
	  "set service s protocol tcp port 443\n"
	  "set rulebase security rules p from any to any source [ c%s[ gone1]% ] destination [ d%d[ gone2]% ] "
	  "service [ s%p[ gone3]% ] application any action %a[allow|deny]%\n"
	  "set rulebase security rules q from any to any source any destination any service any application any "
	  "action %r[allow|deny]%\n",
	  ALL_PLACES, 0, false, POLICY_TRANSIT },
	{ "paloalto", "groups, and a negated source",
	  "set address c ip-netmask 10.20.0.0/16\nset address d ip-netmask 10.1.0.10\n"
	  "%s[set address f fqdn www.example.com\n]%"
	  "set address-group cs static [ c%s[ f]% ]\nset address-group ds static [ d%d[ gone2]% ]\n"
	  "set service s protocol tcp port 443\nset service-group ss members [ s%p[ gone3]% ]\n"
	  "set rulebase security rules p from any to any source cs negate-source yes destination ds "
	  "service ss application any action %a[allow|deny]%\n"
	  "set rulebase security rules q from any to any source any destination any service any application any "
	  "action %r[allow|deny]%\n",
	  ALL_PLACES, 1u << SOURCE, false, POLICY_TRANSIT },
	{ "cisco-asa", "object groups",
	  "object network f\n fqdn www.example.com\n"
	  "object-group network C\n network-object 10.20.0.0 255.255.0.0\n%s[ network-object object f\n]%"
	  "object-group network D\n network-object host 10.1.0.10\n%d[ group-object GONE2\n]%"
	  "object-group service S\n service-object tcp destination eq 443\n%p[ group-object GONE3\n]%"
	  "access-list A extended %a[permit|deny]% object-group S object-group C object-group D\n"
	  "access-list A extended %r[permit|deny]% ip any any\n",
	  ALL_PLACES, 0, false, POLICY_TRANSIT },
	{ "cisco-asa", "a group of ports",
	  "object-group network C\n network-object 10.20.0.0 255.255.0.0\n%s[ group-object GONE1\n]%"
	  "object-group service S tcp-udp\n port-object eq 443\n"
	  "access-list A extended %a[permit|deny]% tcp object-group C host 10.1.0.10 object-group S\n"
	  "access-list A extended %r[permit|deny]% ip any any\n",
	  1u << SOURCE, 0, false, POLICY_TRANSIT },
	{ "cisco-ios", "object groups",
	  "object-group network C\n 10.20.0.0 255.255.0.0\n%s[ group-object GONE1\n]%"
	  "object-group network D\n host 10.1.0.10\n%d[ group-object GONE2\n]%"
	  "object-group service S\n tcp eq 443\n%p[ group-object GONE3\n]%"
	  "ip access-list extended A\n %a[permit|deny]% object-group S object-group C object-group D\n"
	  " %r[permit|deny]% ip any any\n",
	  ALL_PLACES, 0, false, POLICY_TRANSIT },
	{ "pf", "tables with names in them",
	  "table <c> { 10.20.0.0/16%s[ www.example.com]% }\ntable <d> { 10.1.0.10%d[ www.example.net]% }\n"
	  "%a[pass|block]% quick proto tcp from <c> to <d> port 443\n%r[pass|block]% quick\n",
	  1u << SOURCE | 1u << DESTINATION, 0, false, POLICY_TRANSIT },
	{ "pf", "all but a table",
	  "table <c> { 10.20.0.0/16%s[ www.example.com]% }\n"
	  "%r[pass|block]% all\n%a[pass|block]% proto tcp from ! <c> to 10.1.0.10 port 443\n",
	  1u << SOURCE, 1u << SOURCE, false, POLICY_TRANSIT },
	{ "nftables", "an element that expires",
	  "table ip t {\n set c { type ipv4_addr; flags interval,timeout; elements = { 10.20.0.0/16"
	  "%s[, 10.99.0.0/16 timeout 1h]% }\n }\n"
	  " chain f { type filter hook forward priority 0; policy %r[accept|drop]%;\n"
	  " ip saddr @c ip daddr 10.1.0.10 tcp dport 443 %a[accept|drop]%\n }\n}\n",
	  1u << SOURCE, 0, true, POLICY_TRANSIT },
	{ "nftables", "all but a set with an element that expires",
	  "table ip t {\n set c { type ipv4_addr; flags interval,timeout; elements = { 10.20.0.0/16"
	  "%s[, 10.99.0.0/16 timeout 1h]% }\n }\n"
	  " chain f { type filter hook forward priority 0; policy %r[accept|drop]%;\n"
	  " ip saddr != @c ip daddr 10.1.0.10 tcp dport 443 %a[accept|drop]%\n }\n}\n",
	  1u << SOURCE, 1u << SOURCE, true, POLICY_TRANSIT },
	{ "iptables", "an element of an ipset that expires",
	  "create c hash:net family inet timeout 0\nadd c 10.20.0.0/16 timeout 0\n%s[add c 10.99.0.0/16 timeout 60\n]%"
	  "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD %r[ACCEPT|DROP]% [0:0]\n:OUTPUT ACCEPT [0:0]\n"
	  "-A FORWARD -d 10.1.0.10/32 -p tcp -m set --match-set c src -m tcp --dport 443 -j %a[ACCEPT|DROP]%\nCOMMIT\n",
	  1u << SOURCE, 0, true, POLICY_TRANSIT },
	{ "iptables", "all but an ipset with an element that expires",
	  "create c hash:net family inet timeout 60\nadd c 10.20.0.0/16 timeout 0\n%s[add c 10.99.0.0/16\n]%"
	  "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD %r[ACCEPT|DROP]% [0:0]\n:OUTPUT ACCEPT [0:0]\n"
	  "-A FORWARD -d 10.1.0.10/32 -p tcp -m set ! --match-set c src -m tcp --dport 443 -j %a[ACCEPT|DROP]%\n"
	  "COMMIT\n",
	  1u << SOURCE, 1u << SOURCE, true, POLICY_TRANSIT },
	{ "windows", "keywords among addresses and ports",
	  "Set-NetFirewallProfile -Name Domain,Private,Public -Enabled True -DefaultInboundAction %r[Allow|Block]%\n"
	  "New-NetFirewallRule -DisplayName p -Direction Inbound -Action %a[Allow|Block]% -Protocol TCP "
	  "-LocalPort 443%p[,IPHTTPSIn]% -RemoteAddress 10.20.0.0/16%s[,WINS]% -LocalAddress 10.1.0.10\n",
	  1u << SOURCE | 1u << SERVICE, 0, false, POLICY_INBOUND },
};

/* The text between the brackets of a marker; *at moves behind it. */
static struct str marked(struct str text, size_t *at)
{
	size_t n = str_find_text(str_skip(text, *at), STR("]%"));
	assert_true(n != SIZE_MAX);
	struct str in = str_first(str_skip(text, *at), n);
	*at += n + 2;
	return in;
}

/* The text of a rule set whose places are unknown in part. */
static struct str render(struct arena *a, const struct written *w, unsigned unknown, bool denies)
{
	static const char places[] = "sdp";
	struct str text = str_of(w->text);
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	for (size_t i = 0; i < text.n;) {
		char kind = i + 2 < text.n && text.p[i] == '%' && text.p[i + 2] == '[' ? text.p[i + 1] : 0;
		if (!kind) {
			out_printf(&o, "%c", text.p[i++]);
			continue;
		}
		i += 3;
		struct str in = marked(text, &i), permit;
		const char *place = strchr(places, kind);
		if (place && !(unknown >> (place - places) & 1))
			continue;
		if (!place) {
			str_cut(&in, '|', &permit);
			in = (kind == 'a') == denies ? in : permit;
		}
		out_printf(&o, "%.*s", STR_ARG(in));
	}
	return str_dup(a, out_view(&o));
}

/* The values of each place: the known one, the one that the unknown name is or may be, and another. */
enum value { KNOWN, NAMED, OTHER, N_VALUES };

static struct packet packet_of(const enum value v[N_PLACES])
{
	static const char *const sources[] = { "10.20.3.4", "10.99.0.1", "10.77.0.1" };
	static const char *const destinations[] = { "10.1.0.10", "10.1.0.99", "10.1.0.77" };
	static const uint16_t ports[] = { 443, 8443, 80 };
	struct packet p = { .protocol = PROTO_TCP, .sport = 50000, .port = ports[v[SERVICE]] };
	assert_true(addr_parse(str_of(sources[v[SOURCE]]), &p.src));
	assert_true(addr_parse(str_of(destinations[v[DESTINATION]]), &p.dst));
	return p;
}

/* Whether a place of the rule holds for a value, for certain or possibly. */
static bool holds(const struct written *w, enum place place, unsigned unknown, enum value v, bool possibly)
{
	bool negated = w->negated >> place & 1;
	/* all but what may be more holds for certain where the most is left out */
	bool most = possibly != negated;
	bool in = v == KNOWN || (most && unknown >> place & 1 && (v == NAMED || !w->one));
	return in != negated;
}

static void check_packet(const struct written *w, const struct ruleset *r, unsigned unknown, bool denies,
			 const enum value v[N_PLACES], struct str text)
{
	const struct packet p = packet_of(v);
	bool certain = true, possible = true;
	for (enum place i = 0; i < N_PLACES; i++) {
		certain &= holds(w, i, unknown, v[i], false);
		possible &= holds(w, i, unknown, v[i], true);
	}
	for (int upper = 0; upper < 2; upper++) {
		/* an uncertain permit holds in the upper reading, an uncertain deny in the lower one */
		bool rule_decides = certain || (possible && upper != denies);
		bool wanted = rule_decides != denies;
		const struct rule *by;
		uint32_t chain;
		char shown[PACKET_TEXT];
		bool got =
			ruleset_decide(r, &p, NULL, (struct reading){ .upper = upper }, &by, &chain) == ACTION_PERMIT;
		if (got != wanted)
			fail_msg("%s, %s: %s is %s in the %s reading\n%.*s", w->dialect, w->what,
				 packet_text(&p, shown), got ? "permitted" : "denied", upper ? "upper" : "lower",
				 STR_ARG(text));
	}
}

static void check_rules(const struct written *w, unsigned unknown, bool denies)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct str text = render(a, w, unknown, denies);
	struct read_options o = { .side = w->side, .profile = STR("Domain") };
	struct ruleset *r = NULL;
	enum value v[N_PLACES];
	if (!dialect_read(a, dialect_find(str_of(w->dialect)), source_of_text(a, "rules", text), &o, &r, d))
		fail_msg("%s, %s: %.*s", w->dialect, w->what, STR_ARG(diag_text(a, d)));
	for (size_t i = 0; i < r->unknown.n; i++)
		fail_msg("%s, %s: %.*s: %s\n%.*s", w->dialect, w->what, STR_ARG(r->unknown.v[i].text),
			 r->unknown.v[i].why, STR_ARG(text));
	for (v[SOURCE] = KNOWN; v[SOURCE] < N_VALUES; v[SOURCE]++)
		for (v[DESTINATION] = KNOWN; v[DESTINATION] < N_VALUES; v[DESTINATION]++)
			for (v[SERVICE] = KNOWN; v[SERVICE] < N_VALUES; v[SERVICE]++)
				check_packet(w, r, unknown, denies, v, text);
}

static void an_unknown_name_makes_only_the_packets_uncertain_that_it_may_add(void **state)
{
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(all_written); i++) {
		if (!chosen_name(all_written[i].dialect))
			continue;
		for (unsigned unknown = 0; unknown <= ALL_PLACES; unknown++)
			for (int denies = 0; denies < 2 && !(unknown & ~all_written[i].places); denies++, n++)
				check_rules(&all_written[i], unknown, denies);
	}
	assert_true(n > 0 || one_is_chosen());
}

RUN_TESTS(T(an_unknown_name_makes_only_the_packets_uncertain_that_it_may_add))
