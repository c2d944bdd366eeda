/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The meaning of a rule of Windows Firewall, from whichever form it came (MS-FASP
 * 2.2.37, MS-GPFAS 2.2.2).
 *
 * Blocks precede permits, and the profile's default comes last.  A rule that
 * applies only to a user or a kind of interface is uncertain: packets do not show these.
 * So is one of a program or a service, unless the host's are known (program.c).
 */
#include "dialect/windows/windows.h"

#include "dialect/common/ranges.h"
#include "dialect/common/match.h"

const char *const windows_profile_names[N_PROFILES] = { "Domain", "Private", "Public" };

/* Names of fields: PowerShell's properties and parameters, netsh's labels, the registry's keys. */
static const struct {
	enum windows_field field;
	const char *names; /* without blanks */
} field_names[] = {
	{ WF_NAME, "Name ID CreationClassName" },
	{ WF_DISPLAY, "DisplayName RuleName ElementName Caption" },
	{ WF_DESCRIPTION, "Description Desc" },
	{ WF_INSTANCE, "InstanceID" },
	{ WF_ENABLED, "Enabled Active" },
	{ WF_DIRECTION, "Direction Dir" },
	{ WF_ACTION, "Action" },
	{ WF_PROFILE, "Profile Profiles" },
	{ WF_PROTOCOL, "Protocol" },
	{ WF_LOCAL_PORT, "LocalPort LocalPorts LPort LPort2_10 LPort2_20 LPort2_24 LPort2_29" },
	{ WF_REMOTE_PORT, "RemotePort RemotePorts RPort RPort2_10 RPort2_20 RPort2_25" },
	{ WF_LOCAL_ADDRESS, "LocalAddress LocalAddresses LocalIP LA4 LA6" },
	{ WF_REMOTE_ADDRESS, "RemoteAddress RemoteAddresses RemoteIP RA4 RA6 RA42 RA62" },
	{ WF_ICMP, "IcmpType IcmpTypes ICMP4 ICMP6" },
	{ WF_PROGRAM, "Program ApplicationName AppPath App" },
	{ WF_SERVICE, "Service ServiceName Svc" },
	{ WF_PACKAGE, "Package AppPkgId PFN Owner LUOwn PolicyAppId" },
	{ WF_USER, "LocalUser RemoteUser RemoteMachine LUAuth RMAuth RUAuth LocalUsers RemoteUsers RemoteMachines "
		   "LUAuth2_24 RMauth RUauth" },
	{ WF_INTERFACE, "InterfaceType InterfaceTypes InterfaceAlias IF IFType Interface NNm" },
	{ WF_SECURITY, "Authentication Encryption Security Security2 Security2_9 SecurityFilter AuthByPassOut" },
	{ WF_OVERRIDE, "OverrideBlockRules" },
	{ WF_DYNAMIC, "DynamicTarget DynamicTransport TTK TTK2_22 TTK2_27 TTK2_28 RemoteDynamicKeywordAddresses RAD" },
	{ WF_PLATFORM, "Platform Platforms Platform2 SkipVer" },
	{ WF_STORE, "PolicyStoreSourceType Rulesource PolicyStoreSource" },
	{ WF_IGNORED,
	  "Group Grouping RuleGroup DisplayGroup EmbedCtxt Edge Edgetraversal EdgeTraversalPolicy Defer LSM LOM "
	  "LooseSourceMapping LocalOnlyMapping PrimaryStatus Status StatusCode EnforcementStatus CommonName "
	  "PolicyKeywords "
	  "PolicyDecisionStrategy PolicyRoles ConditionListType ExecutionStrategy Mandatory PolicyRuleName "
	  "Priority RuleUsage SequencedActions SystemCreationClassName SystemName CimClass CimInstanceProperties "
	  "CimSystemProperties PSComputerName RunspaceId PSShowComputerName InstanceOf AssociatedNetworkFirewallRule "
	  "Confirm ErrorAction PolicyStore GPOSession Hash Rank PSPath Owner_ Port PortFilter AddressFilter "
	  "__CLASS __PATH AsJob ThrottleLimit CimSession" },
};

int windows_field_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(field_names); i++) {
		struct str rest = str_of(field_names[i].names), word;
		while (str_word(&rest, &word))
			if (str_ieq(word, name))
				return (int)field_names[i].field;
	}
	return -1;
}

/* A registry's rule repeats a key for each of ten thousand addresses: capacity doubles. */
static void append(struct arena *a, struct windows_rule *r, enum windows_field f, struct str value)
{
	struct str *s = &r->fields[f];
	size_t n = s->n + 1 + value.n;
	if (n > r->room[f]) {
		r->room[f] = 2 * n;
		char *copy = arena_alloc(a, r->room[f]);
		memcpy(copy, s->p, s->n);
		s->p = copy;
	}
	char *p = (char *)s->p;
	p[s->n] = ',';
	memcpy(p + s->n + 1, value.p, value.n);
	s->n = n;
}

void windows_field_add(struct windows *w, struct windows_rule *r, enum windows_field f, struct str value)
{
	r->seen |= 1u << f;
	if (f == WF_IGNORED || !value.n)
		return;
	bool list = f == WF_LOCAL_PORT || f == WF_REMOTE_PORT || f == WF_LOCAL_ADDRESS || f == WF_REMOTE_ADDRESS ||
		    f == WF_ICMP || f == WF_PROFILE || f == WF_USER || f == WF_PACKAGE || f == WF_DYNAMIC ||
		    f == WF_INTERFACE || f == WF_SECURITY || f == WF_PLATFORM;
	if (!r->fields[f].n)
		r->fields[f] = value;
	else if (list)
		append(w->arena, r, f, value);
}

int windows_profile_find(struct str name)
{
	if (str_istarts(name, "Domain"))
		return PROFILE_DOMAIN;
	if (str_istarts(name, "Private") || str_istarts(name, "Standard"))
		return PROFILE_PRIVATE;
	return str_istarts(name, "Public") ? PROFILE_PUBLIC : -1;
}

static bool is_any(struct str s)
{
	return !s.n || str_iis_one_of(s, "Any * All NotRequired None NotConfigured") || str_iis(s, "Any,Any") ||
	       str_iis(s, "All interfaces");
}

/* The value of a setting of a profile: 0 no, 1 yes, -1 not stated. */
static int setting_value(struct str value)
{
	if (str_iis_one_of(value, "1 True Block BlockInbound BlockOutbound ON Yes Enable"))
		return 1;
	return str_iis_one_of(value, "0 False Allow AllowInbound AllowOutbound OFF No Disable") ? 0 : -1;
}

/* Words that leave the choice to another store, or to Windows. */
static bool says_nothing(struct str value)
{
	return str_iis(value, "NotConfigured") || str_istarts(value, "N/A") || str_iis(value, "Not configured");
}

bool windows_setting(struct windows_profile_settings *s, struct str name, struct str value, struct loc at)
{
	int setting = setting_value(value);
	struct str odd = setting < 0 && !says_nothing(value) ? name : NO_STR;
	s->at = at;
	if (str_iis(name, "EnableFirewall") || str_iis(name, "Enabled"))
		s->enabled = setting;
	else if (str_iis(name, "DefaultInboundAction"))
		s->block_inbound = setting;
	else if (str_iis(name, "DefaultOutboundAction"))
		s->block_outbound = setting;
	else if (str_iis(name, "AllowLocalPolicyMerge") || str_iis(name, "AllowLocalFirewallRules"))
		s->local_merge = setting;
	else if (str_iis(name, "DoNotAllowExceptions"))
		s->no_exceptions = setting;
	else if (str_iis(name, "AllowInboundRules"))
		s->no_exceptions = setting < 0 ? -1 : !setting;
	else
		return false;
	if (odd.n)
		s->odd = odd;
	return true;
}

/* The parts of a draft besides its sets. */
struct taking {
	struct windows *w;
	const struct windows_rule *r;
	struct draft_match m;
	const struct host_program *program; /* that the rule is bound to; NULL: none, or unknown */
	bool unknown;
	unsigned protocol; /* 256: any */
	/*
	 * A list of numbers and keywords becomes two rules: the certain part, and, with the
	 * keywords, anything that they may mean.
	 */
	bool with_keywords, left_out;
};

static void not_understood(struct taking *t, const char *what, struct str text)
{
	if (!t->unknown)
		ruleset_unknown(t->w->rules, t->r->at, t->r->text, "%s \"%.*s\"", what, STR_ARG(str_first(text, 100)));
	t->unknown = true;
}

static bool next_item(struct str *rest, struct str *item)
{
	while (rest->n) {
		size_t n = 0;
		while (n < rest->n && rest->p[n] != ',' && rest->p[n] != ';' && rest->p[n] != '|')
			n++;
		*item = str_trim(str_first(*rest, n));
		*rest = str_skip(*rest, n + 1);
		if (item->n)
			return true;
	}
	return false;
}

/* Numbers and addresses: exports also separate them by blanks. */
static bool next_word(struct str *rest, struct str *item)
{
	static const char parting[] = " ,;|\t\n";
	while (rest->n && rest->p[0] && strchr(parting, rest->p[0]))
		*rest = str_skip(*rest, 1);
	size_t n = 0;
	while (n < rest->n && !(rest->p[n] && strchr(parting, rest->p[n])))
		n++;
	*item = str_first(*rest, n);
	*rest = str_skip(*rest, n);
	return n > 0;
}

static void take_protocol(struct taking *t)
{
	struct str s = t->r->fields[WF_PROTOCOL];
	t->protocol = 256;
	if (!s.n || is_any(s) || str_is(s, "256"))
		return;
	if (str_iis(s, "ICMPv4"))
		t->protocol = PROTO_ICMP;
	else if (str_iis(s, "ICMPv6"))
		t->protocol = PROTO_ICMP6;
	else if (!protocol_parse(s, &t->protocol))
		not_understood(t, "this is not a protocol:", s);
	if (!t->unknown)
		draft_protocol(&t->m, t->protocol);
}

/* Words for ports with a special meaning (MS-FASP 2.2.14, MS-GPFAS 2.2.2.5). */
enum { RPC_MAPPER = 135 };
static const struct {
	const char *words;
	struct port_range ports; /* lo 0: the host decides which ones, unless they are those of RPC */
	bool rpc;                /* the ports that the host's RPC runtime assigns, where known */
} port_words[] = {
	{ "RPC-EPMap RPCEPMap", { RPC_MAPPER, RPC_MAPPER }, false },
	/* the dynamic ports on which RPC servers listen; a plan's RPC range */
	{ "RPC RPCDynamic", { 0, 0 }, true },
	{ "IPTLSIn IPTLSOut IPHTTPSIn IPHTTPSOut Teredo Ply2Disc PlayToDiscovery mDNS DHCP CortanaOut TcpCDPSvc",
	  { 0, 0 },
	  false },
};

/* True when the list is to be read with its keywords, which may mean anything. */
static bool take_keywords(struct taking *t, bool others, const char *why)
{
	if (!t->with_keywords && others) {
		t->left_out = true;
		return false;
	}
	draft_perhaps(&t->m, why);
	return true;
}

/* "80", "1000-2000" or a word; false when it is none of them.  *keyword: only the host knows. */
static bool take_port(struct taking *t, struct str item, struct windows_ports *ret, bool *keyword,
		      struct port_range *range)
{
	uint32_t lo, hi;
	size_t dash = str_find(item, '-');
	for (size_t i = 0; i < ARRAY_LEN(port_words); i++) {
		if (!str_iis_one_of(item, port_words[i].words))
			continue;
		*keyword = !port_words[i].ports.lo && !port_words[i].rpc;
		ret->rpc |= port_words[i].rpc;
		*range = port_words[i].rpc ? windows_rpc_range(t->w) : port_words[i].ports;
		return true;
	}
	if (is_any(item)) {
		ret->any = true;
		return true;
	}
	if (port_range_parse(item, range) == PORT_OK)
		return true;
	if (!str_to_u32(str_trim(str_first(item, MIN(dash, item.n))), 65535, &lo))
		return false;
	hi = lo;
	if (dash != SIZE_MAX && (!str_to_u32(str_trim(str_skip(item, dash + 1)), 65535, &hi) || lo > hi))
		return false;
	*range = (struct port_range){ (uint16_t)lo, (uint16_t)hi };
	return true;
}

static bool read_ports(struct taking *t, struct str list, struct windows_ports *ret)
{
	VEC(struct port_range) ranges = { 0 };
	struct str item;
	bool keywords = false;
	*ret = (struct windows_ports){ .any = is_any(list) };
	while (!ret->any && next_word(&list, &item)) {
		struct port_range range = { 0, 0 };
		bool keyword = false;
		if (!take_port(t, item, ret, &keyword, &range)) {
			not_understood(t, "this is not a port:", item);
			return false;
		}
		if (!keyword && !ret->any)
			*VEC_ADD(t->w->arena, &ranges) = range;
		keywords |= keyword;
	}
	if (!ret->any && keywords)
		ret->any = take_keywords(t, ranges.n > 0, "a keyword for ports that the host resolves");
	if (!ret->any && t->protocol != PROTO_TCP && t->protocol != PROTO_UDP) {
		not_understood(t, "ports of a protocol other than TCP and UDP:", t->r->fields[WF_PROTOCOL]);
		return false;
	}
	ret->set = ranges.n ? portset_of(t->w->arena, ranges.v, ranges.n) : NO_PORTS;
	return true;
}

static void take_ports(struct taking *t, struct str list, bool source)
{
	struct windows_ports ports;
	if (!read_ports(t, list, &ports) || ports.any)
		return;
	if (source)
		draft_sports(&t->m, ports.set, false);
	else
		draft_ports(&t->m, ports.set, false);
}

/* What the estate knows of an address keyword; none: nothing. */
static struct addrset known_addresses(struct taking *t, struct str word)
{
	const struct host_facts *host = &t->w->options->host;
	const struct {
		const char *words;
		struct addrset set;
		const char *what;
	} known[] = {
		{ "LocalSubnet LocalSubnet4 LocalSubnet6", host->local_subnets,
		  "the local subnets are those of the estate in which the host's addresses are" },
		{ "DNS DNS4 DNS6", host->dns_servers, "the host's DNS servers are those that the plan has for it" },
		{ "DHCP DHCP4 DHCP6", host->dhcp_servers,
		  "the host's DHCP servers are those that the plan has for it" },
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		if (!str_iis_one_of(word, known[i].words) || !known[i].set.n)
			continue;
		char last = word.p[word.n - 1];
		if (!(t->w->keywords_told >> i & 1))
			*VEC_ADD(t->w->arena, &t->w->rules->assumed) = known[i].what;
		t->w->keywords_told |= 1u << i;
		return last == '4'   ? addrset_part(known[i].set, IPV4)
		       : last == '6' ? addrset_part(known[i].set, IPV6)
				     : known[i].set;
	}
	return NO_ADDRS;
}

static void take_addresses(struct taking *t, struct str list, bool source)
{
	static const char address_words[] =
		"LocalSubnet LocalSubnet4 LocalSubnet6 DNS DNS4 DNS6 DHCP DHCP4 DHCP6 WINS WINS4 WINS6 "
		"DefaultGateway DefaultGateway4 DefaultGateway6 Intranet IntrAnet RmtIntranet RmtIntrAnet "
		"Internet IntErnet Ply2Renders PlayToDevice PlayToDevice4 PlayToDevice6 CaptivePortal "
		"RemoteCorpNetwork";
	range_vec ranges = { 0 };
	struct str item, rest = list;
	bool any = is_any(list), keywords = false;
	while (!any && next_word(&rest, &item)) {
		if (is_any(item)) {
			any = true;
		} else if (str_iis_one_of(item, address_words)) {
			struct addrset known = known_addresses(t, item);
			keywords |= !known.n;
			for (size_t i = 0; i < known.n; i++)
				*VEC_ADD(t->w->arena, &ranges) = known.v[i];
		} else if (!range_add(t->w->arena, item, &ranges)) {
			not_understood(t, "this is not an address:", item);
			return;
		}
	}
	if (!any && keywords)
		any = take_keywords(t, ranges.n > 0, "a keyword for addresses that the host resolves");
	if (any)
		return;
	struct addrset set = range_vec_set(t->w->arena, &ranges);
	if (source)
		draft_src(&t->m, set, false);
	else
		draft_dst(&t->m, set, false);
}

/* "8", "8:0", "3:*", "Any"; products of one type and one code. */
static bool take_icmp(struct taking *t, struct str item)
{
	size_t colon = str_find(item, ':');
	struct str type = str_trim(str_first(item, MIN(colon, item.n)));
	struct str code = colon == SIZE_MAX ? STR("*") : str_trim(str_skip(item, colon + 1));
	uint32_t n, c;
	struct portset types = port_set(t->w->arena, 0, 255), codes = types;
	if (!is_any(type)) {
		if (!str_to_u32(type, 255, &n))
			return false;
		types = port_set(t->w->arena, (uint16_t)n, (uint16_t)n);
	}
	if (!is_any(code)) {
		if (!str_to_u32(code, 255, &c))
			return false;
		codes = port_set(t->w->arena, (uint16_t)c, (uint16_t)c);
	}
	draft_icmp(&t->m, t->protocol == PROTO_ICMP6, types, codes);
	return true;
}

/* Conditions that packets do not show. */
static void take_conditions(struct taking *t)
{
	static const struct {
		enum windows_field field;
		const char *why;
	} conditions[] = {
		{ WF_PROGRAM, "the one program that it applies to" },
		{ WF_SERVICE, "the one service that it applies to" },
		{ WF_PACKAGE, "the one app package that it applies to" },
		{ WF_USER, "the users or machines that it applies to" },
		{ WF_INTERFACE, "the kind of interface that it applies to" },
		{ WF_SECURITY, "IPsec, which it requires" },
		{ WF_DYNAMIC, "a dynamic transport or keyword" },
		{ WF_PLATFORM, "the version of Windows that it applies to" },
	};
	for (size_t i = 0; i < ARRAY_LEN(conditions); i++) {
		struct str rest = t->r->fields[conditions[i].field], item;
		if (t->program && (conditions[i].field == WF_PROGRAM || conditions[i].field == WF_SERVICE))
			continue;
		while (next_item(&rest, &item))
			/* an asterisk instead of a service: any program that runs as one */
			if ((!is_any(item) || (conditions[i].field == WF_SERVICE && str_is(item, "*"))) &&
			    !(conditions[i].field == WF_DYNAMIC && str_is(item, "0")) &&
			    !(conditions[i].field == WF_INTERFACE && str_is(item, "0")) &&
			    !(conditions[i].field == WF_SECURITY && str_is(item, "0")))
				draft_perhaps(&t->m, conditions[i].why);
	}
}

static bool profile_counts(const struct windows *w, struct str list)
{
	struct str item;
	uint32_t bits;
	if (is_any(list) || str_is(list, "0") || str_is(list, "2147483647"))
		return true;
	if (str_to_u32(list, 7, &bits))
		return bits >> w->profile & 1;
	bool known = false;
	while (next_item(&list, &item)) {
		if (windows_profile_find(item) == (int)w->profile || is_any(item))
			return true;
		known |= windows_profile_find(item) >= 0;
	}
	return !known; /* not a known profile: the rule is assumed to apply */
}

/* The words and numbers of PowerShell, netsh and the registry. */
static int direction_of(struct str s)
{
	if (str_iis_one_of(s, "Inbound In 1"))
		return POLICY_INBOUND;
	return str_iis_one_of(s, "Outbound Out 2") ? POLICY_OUTBOUND : -1;
}

static void count_store(struct windows *w, struct str store)
{
	if (!store.n)
		w->n_of_nobody++;
	else if (str_contains_ci(store, STR("Group")) || str_is(store, "2"))
		w->n_of_policies++;
	else
		w->n_local++;
}

static void put_rule(struct taking *t, const struct rule *rule, struct str action)
{
	struct windows *w = t->w;
	if (str_iis_one_of(action, "Block 4")) {
		*VEC_ADD(w->arena, &w->block) = *rule;
	} else if (str_iis_one_of(action, "Bypass") || str_iis_one_of(t->r->fields[WF_OVERRIDE], "True 1")) {
		struct rule *r = VEC_ADD(w->arena, &w->bypass);
		*r = *rule;
		if (!r->perhaps)
			r->perhaps = "IPsec, whose peers it permits despite block rules";
	} else {
		*VEC_ADD(w->arena, &w->allow) = *rule;
	}
}

void windows_check_seen(struct windows *w, const struct windows_rule *r)
{
	static const struct {
		enum windows_field field, or_field;
		const char *why;
	} needed[] = {
		{ WF_ENABLED, WF_ENABLED, "the export does not state which rules are enabled (Enabled)" },
		{ WF_PROFILE, WF_PROFILE, "the export does not state the profiles of rules (Profile)" },
		{ WF_PROTOCOL, WF_PROTOCOL,
		  "the export has no protocols and ports; join it with Get-NetFirewallPortFilter" },
		{ WF_LOCAL_PORT, WF_LOCAL_PORT,
		  "the export has no local ports; join it with Get-NetFirewallPortFilter" },
		{ WF_REMOTE_PORT, WF_REMOTE_PORT,
		  "the export has no remote ports; join it with Get-NetFirewallPortFilter" },
		{ WF_LOCAL_ADDRESS, WF_LOCAL_ADDRESS,
		  "the export has no local addresses; join it with Get-NetFirewallAddressFilter" },
		{ WF_REMOTE_ADDRESS, WF_REMOTE_ADDRESS,
		  "the export has no addresses; join it with Get-NetFirewallAddressFilter" },
		{ WF_PROGRAM, WF_SERVICE,
		  "the export does not state which programs rules are limited to; join it with "
		  "Get-NetFirewallApplicationFilter" },
		{ WF_INTERFACE, WF_INTERFACE,
		  "the export does not state which interfaces rules are limited to; join it with "
		  "Get-NetFirewallInterfaceTypeFilter" },
		{ WF_SECURITY, WF_SECURITY,
		  "the export does not state which rules require IPsec or users; join it with "
		  "Get-NetFirewallSecurityFilter" },
		{ WF_ICMP, WF_ICMP,
		  "the export has no types of ICMP (IcmpType); join it with Get-NetFirewallPortFilter" },
	};
	bool icmp = str_istarts(r->fields[WF_PROTOCOL], "ICMP") || str_iis_one_of(r->fields[WF_PROTOCOL], "1 58");
	bool nothing = !(r->seen & 1u << WF_PROTOCOL);
	for (size_t i = 0; i < ARRAY_LEN(needed); i++) {
		bool of_ports = needed[i].field == WF_LOCAL_PORT || needed[i].field == WF_REMOTE_PORT;
		if (r->seen & (1u << needed[i].field | 1u << needed[i].or_field) || w->missing_told >> i & 1 ||
		    (of_ports && nothing) ||
		    (needed[i].field == WF_LOCAL_ADDRESS && !(r->seen & 1u << WF_REMOTE_ADDRESS)) ||
		    (needed[i].field == WF_ICMP && !icmp))
			continue;
		w->missing_told |= 1u << i;
		ruleset_unknown(w->rules, r->at, r->text, "%s", needed[i].why);
	}
}

/* A rule of the draft for each of its types of ICMP. */
static void put_match(struct taking *t, struct rule *rule, struct str action)
{
	struct str list = t->r->fields[WF_ICMP], item;
	if (is_any(list) || !protocol_is_icmp(t->protocol)) {
		draft_into(&t->m, rule);
		put_rule(t, rule, action);
		return;
	}
	struct draft_match before = t->m;
	while (next_item(&list, &item)) {
		t->m = before;
		if (!take_icmp(t, item)) {
			not_understood(t, "this is not an ICMP type:", item);
			return;
		}
		draft_into(&t->m, rule);
		put_rule(t, rule, action);
	}
}

/* Of a rule that is bound to a known program. */
static void put_parts(struct taking *t, const struct rule *rule, struct str action)
{
	struct windows_ports ports;
	if (!read_ports(t, t->r->fields[WF_LOCAL_PORT], &ports))
		return;
	struct draft_match before = t->m;
	windows_parts parts = windows_program_parts(t->w, t->program, t->protocol, &ports);
	for (size_t i = 0; i < parts.n; i++) {
		const struct windows_part *part = &parts.v[i];
		struct rule one = *rule;
		t->m = before;
		draft_protocol(&t->m, part->protocol);
		if (part->ports.n)
			draft_ports(&t->m, part->ports, false);
		if (part->perhaps)
			draft_perhaps(&t->m, part->perhaps);
		if (part->rpc) {
			one.rpc = windows_program_number(t->w, t->program);
			one.rpc_perhaps = t->m.perhaps;
			draft_perhaps(&t->m, "the program that the RPC service is of");
		}
		put_match(t, &one, action);
	}
}

/* Adds the rule's match, with its keywords or without them, to the lists. */
static void take_match(struct taking *t, struct str action)
{
	struct windows *w = t->w;
	const struct windows_rule *r = t->r;
	bool in = w->options->side != POLICY_OUTBOUND;
	t->m = draft_match_new(w->arena);
	take_protocol(t);
	if (!t->program)
		take_ports(t, r->fields[WF_LOCAL_PORT], !in);
	take_ports(t, r->fields[WF_REMOTE_PORT], in);
	take_addresses(t, r->fields[WF_LOCAL_ADDRESS], !in);
	take_addresses(t, r->fields[WF_REMOTE_ADDRESS], in);
	take_conditions(t);
	if (t->unknown)
		return;
	struct rule rule = { .action = str_iis(action, "Block") || str_is(action, "4") ? ACTION_DENY : ACTION_PERMIT,
			     .at = r->at,
			     .name = r->fields[r->fields[WF_DISPLAY].n ? WF_DISPLAY : WF_NAME],
			     .comment = r->fields[WF_DESCRIPTION],
			     .text = r->text };
	if (t->program)
		put_parts(t, &rule, action);
	else
		put_match(t, &rule, action);
}

/* The program that the rule is bound to; NULL: none, several, or one that is not known. */
static const struct host_program *bound_to(const struct windows *w, const struct windows_rule *r)
{
	struct str path = r->fields[WF_PROGRAM], service = r->fields[WF_SERVICE];
	if (w->options->side == POLICY_OUTBOUND || str_is(service, "*"))
		return NULL;
	path = is_any(path) ? NO_STR : path;
	service = is_any(service) ? NO_STR : service;
	return path.n || service.n ? windows_program_find(w, path, service) : NULL;
}

void windows_rule_take(struct windows *w, const struct windows_rule *r)
{
	struct taking t = { .w = w, .r = r, .program = bound_to(w, r) };
	struct str action = r->fields[WF_ACTION], enabled = r->fields[WF_ENABLED];
	int direction = direction_of(r->fields[WF_DIRECTION]);
	bool in = w->options->side != POLICY_OUTBOUND;

	w->n_rules++;
	w->rules->n_lines++;
	count_store(w, r->fields[WF_STORE]);
	if (direction < 0) {
		not_understood(&t, "this is not a direction:", r->fields[WF_DIRECTION]);
		return;
	}
	if ((direction == POLICY_INBOUND) != in)
		return;
	if (str_iis_one_of(enabled, "False No 2 0")) {
		ruleset_idle(w->rules, r->at, r->text, "it is not enabled");
		return;
	}
	if (!profile_counts(w, r->fields[WF_PROFILE])) {
		ruleset_idle(w->rules, r->at, r->text, "its profile is not the active one");
		return;
	}
	if (enabled.n && !str_iis_one_of(enabled, "True Yes 1"))
		not_understood(&t, "whether the rule is enabled is unclear:", enabled);
	if (!str_iis_one_of(action, "Allow Block Bypass 2 4"))
		not_understood(&t, "this is not an action:", action);
	take_match(&t, action);
	if (!t.left_out || t.unknown)
		return;
	t.with_keywords = true;
	take_match(&t, action);
}
