/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Windows Firewall: blocks before permits before the profile's default, in the
 * forms in which rules leave a machine: netsh's list, scripts, JSON and CSV of
 * PowerShell, and the registry's rule strings.
 */
#include "grammar.h"

enum form { NETSH, SCRIPT, JSON, CSV, REGISTRY, N_FORMS };

enum { MOST_RULES_WRITTEN = 8 };

/* A rule before it is written in one of the forms. */
struct windows_rule {
	bool in, block, enabled, program;
	unsigned profiles;                                    /* bits: domain, private, public; 7: any */
	const char *protocol;                                 /* "TCP"; "Any" */
	unsigned number;                                      /* 256: any */
	texts local_ports, remote_ports, local, remote, icmp; /* none: any */
};

struct windows {
	struct draft *w;
	enum form form;
	struct windows_rule rules[MOST_RULES_WRITTEN];
	size_t n;
	unsigned profile;
	bool in;
	int default_block; /* -1: absent */
};

static const char *const profile_names[] = { "Domain", "Private", "Public" };

/* "a,b" with any text between; "Any" when there is none. */
static const char *joined(struct draft *w, const texts *v, const char *between)
{
	const char *text = "";
	for (size_t i = 0; i < v->n; i++)
		text = arena_printf(w->a, "%s%s%s", text, i ? between : "", v->v[i]);
	return v->n ? text : "Any";
}

static const char *profiles_text(struct draft *w, unsigned bits, const char *between)
{
	texts v = { 0 };
	for (unsigned i = 0; i < 3; i++)
		if (bits >> i & 1)
			*VEC_ADD(w->a, &v) = profile_names[i];
	return joined(w, &v, between);
}

/* Making rules */

static void some_addresses(struct draft *w, texts *text, struct addrs *v)
{
	for (uint32_t i = 0, n = 1 + rnd(w, 3); i < n; i++) {
		enum family f = chance(w, 3) ? IPV6 : IPV4;
		struct addr_range r = chance(w, 3) ? some_span(w, f) : some_net(w, f);
		unsigned length;
		const char *one;
		if (!addr_range_is_prefix(&r, &length))
			one = arena_printf(w->a, "%s-%s", low_of(w, r), high_of(w, r));
		else if (r.lo == r.hi)
			one = low_of(w, r);
		else if (f == IPV4 && chance(w, 2))
			one = arena_printf(w->a, "%s/%s", low_of(w, r), mask_of(w, r));
		else
			one = net_of(w, r);
		addrs_add(w, v, r);
		*VEC_ADD(w->a, text) = one;
	}
}

static void port_texts(struct windows *k, texts *text, struct ports *v, bool local)
{
	struct draft *w = k->w;
	for (uint32_t i = 0, n = 1 + rnd(w, 3); i < n; i++) {
		struct port_range r = some_ports(w);
		if (local && chance(w, 8)) {
			bool mapper = chance(w, 2);
			ports_add(w, v, mapper ? 135 : 49152, mapper ? 135 : 65535);
			*VEC_ADD(w->a, text) =
				mapper ? (k->form == SCRIPT || k->form == JSON || k->form == CSV ? "RPCEPMap"
												 : "RPC-EPMap")
				       : "RPC";
			continue;
		}
		ports_add(w, v, r.lo, r.hi);
		*VEC_ADD(w->a, text) =
			r.lo == r.hi ? arena_printf(w->a, "%u", r.lo) : arena_printf(w->a, "%u-%u", r.lo, r.hi);
	}
}

static void services(struct windows *k, struct windows_rule *r, struct said *s)
{
	struct draft *w = k->w;
	struct ports local = { 0 }, remote = { 0 };
	struct terms t = { 0 };
	bool udp = chance(w, 3), v6 = chance(w, 3);
	switch (rnd(w, 6)) {
	case 0:
		r->protocol = "Any";
		r->number = 256;
		return;
	case 1:
		r->protocol = "47";
		r->number = 47;
		terms_protocol(w, &t, 47, 47);
		break;
	case 2:
		r->protocol = v6 ? "ICMPv6" : "ICMPv4";
		r->number = v6 ? PROTO_ICMP6 : PROTO_ICMP;
		for (uint32_t i = rnd(w, 3); i > 0; i--) {
			int type = (int)rnd(w, 12), code = chance(w, 2) ? -1 : (int)rnd(w, 3);
			terms_icmp(w, &t, r->number, type, code);
			*VEC_ADD(w->a, &r->icmp) =
				code < 0 ? arena_printf(w->a, "%d:*", type) : arena_printf(w->a, "%d:%d", type, code);
		}
		if (!r->icmp.n)
			terms_icmp(w, &t, r->number, -1, -1);
		break;
	default:
		r->protocol = udp ? "UDP" : "TCP";
		r->number = udp ? PROTO_UDP : PROTO_TCP;
		if (!chance(w, 4))
			port_texts(k, &r->local_ports, &local, !udp && r->in);
		if (chance(w, 3))
			port_texts(k, &r->remote_ports, &remote, false);
		terms_product(w, &t, r->number, r->in ? &remote : &local, r->in ? &local : &remote);
	}
	on_terms(w, s, &t, false);
}

static void make_rule(struct windows *k, size_t list)
{
	struct draft *w = k->w;
	struct windows_rule *r = &k->rules[k->n++];
	struct addrs local = { 0 }, remote = { 0 };
	*r = (struct windows_rule){ .in = chance(w, 4) ? !k->in : k->in,
				    .block = chance(w, 3),
				    .enabled = !chance(w, 8),
				    .program = chance(w, 10),
				    .profiles = chance(w, 2) ? 7 : 1 + rnd(w, 7) };
	struct said s = { .verb = r->block ? SAYS_DENY : SAYS_PERMIT,
			  .order = r->block ? 0 : 1,
			  .perhaps = r->program };
	services(k, r, &s);
	if (chance(w, 3)) {
		some_addresses(w, &r->local, &local);
		on_addrs(w, &s, r->in ? ON_DST : ON_SRC, &local, false);
	}
	if (!chance(w, 3)) {
		some_addresses(w, &r->remote, &remote);
		on_addrs(w, &s, r->in ? ON_SRC : ON_DST, &remote, false);
	}
	if (r->in == k->in && r->enabled && r->profiles >> k->profile & 1)
		*said_add(w, list, SAYS_DENY) = s;
}

/* netsh advfirewall firewall show rule name=all verbose */

static void netsh_line(struct draft *w, const char *label, const char *value)
{
	say(w, "%-38s%s\n", arena_printf(w->a, "%s:", label), value);
}

static void write_netsh(struct windows *k)
{
	struct draft *w = k->w;
	if (k->default_block >= 0)
		say(w,
		    "%s Profile Settings: \n----------------------------------------------------------------------\n"
		    "State                                 ON\n"
		    "Firewall Policy                       %s\nOk.\n\n",
		    profile_names[k->profile],
		    k->in ? (k->default_block ? "BlockInbound,AllowOutbound" : "AllowInbound,AllowOutbound")
		    : k->default_block ? "BlockInbound,BlockOutbound"
				       : "BlockInbound,AllowOutbound");
	for (size_t i = 0; i < k->n; i++) {
		const struct windows_rule *r = &k->rules[i];
		say(w, "\n");
		netsh_line(w, "Rule Name", "Block: all, really");
		say(w, "----------------------------------------------------------------------\n");
		if (chance(w, 2))
			netsh_line(w, "Description", "Enabled: No");
		netsh_line(w, "Enabled", r->enabled ? "Yes" : "No");
		netsh_line(w, "Direction", r->in ? "In" : "Out");
		netsh_line(w, "Profiles", profiles_text(w, r->profiles, ","));
		netsh_line(w, "Grouping", "");
		netsh_line(w, "LocalIP", joined(w, &r->local, ","));
		netsh_line(w, "RemoteIP", joined(w, &r->remote, ","));
		netsh_line(w, "Protocol", r->protocol);
		if (protocol_is_icmp(r->number) && r->icmp.n) {
			say(w, "%38sType    Code\n", "");
			for (size_t m = 0; m < r->icmp.n; m++) {
				struct str rest = str_of(r->icmp.v[m]), type;
				str_cut(&rest, ':', &type);
				say(w, "%38s%-8.*s%.*s\n", "", STR_ARG(type),
				    STR_ARG(str_is(rest, "*") ? STR("Any") : rest));
			}
		}
		if (r->number == PROTO_TCP || r->number == PROTO_UDP) {
			netsh_line(w, "LocalPort", joined(w, &r->local_ports, ","));
			netsh_line(w, "RemotePort", joined(w, &r->remote_ports, ","));
		}
		netsh_line(w, "Edge traversal", "No");
		netsh_line(w, "Program", r->program ? "C:\\agent.exe" : "Any");
		netsh_line(w, "InterfaceTypes", "Any");
		netsh_line(w, "Security", "NotRequired");
		netsh_line(w, "Rule source", "Group Policy Setting");
		netsh_line(w, "Action", r->block ? "Block" : "Allow");
	}
	say(w, "Ok.\n\n");
}

/* New-NetFirewallRule */

static const char *script_list(struct draft *w, const texts *v)
{
	const char *text = "";
	bool array = chance(w, 4);
	for (size_t i = 0; i < v->n; i++) {
		const char *quote = ONE_OF(w, "'", "\"");
		bool bare = !strpbrk(v->v[i], "-/:") && chance(w, 2);
		text = arena_printf(w->a, "%s%s%s%s%s", text, i ? ONE_OF(w, ",", ", ") : "", bare ? "" : quote, v->v[i],
				    bare ? "" : quote);
	}
	return array ? arena_printf(w->a, "@(%s)", text) : text;
}

static void write_script(struct windows *k)
{
	struct draft *w = k->w;
	say(w, "# New-NetFirewallRule -DisplayName nothing\n$group = 'rules'\n");
	if (k->default_block >= 0)
		say(w, "Set-NetFirewallProfile -Profile %s -Default%sAction %s\n", profile_names[k->profile],
		    k->in ? "Inbound" : "Outbound", k->default_block ? "Block" : "Allow");
	for (size_t i = 0; i < k->n; i++) {
		const struct windows_rule *r = &k->rules[i];
		const char *next = chance(w, 2) ? " `\n    " : " ";
		say(w,
		    "New-NetFirewallRule -Name 'r-%zu' -DisplayName \"it's -Action Block, %zu\" -Group "
		    "$group%s-Direction %s",
		    i, i, next, r->in ? "Inbound" : "Outbound");
		if (r->block || chance(w, 2))
			say(w, " -Action %s", r->block ? "Block" : "Allow");
		if (r->number != 256 || chance(w, 2))
			say(w, " -Protocol %s", r->protocol);
		if (r->local_ports.n)
			say(w, "%s-LocalPort %s", next, script_list(w, &r->local_ports));
		if (r->remote_ports.n)
			say(w, " -RemotePort %s", script_list(w, &r->remote_ports));
		if (r->icmp.n)
			say(w, " -IcmpType %s", script_list(w, &r->icmp));
		if (r->local.n)
			say(w, " -LocalAddress %s", script_list(w, &r->local));
		if (r->remote.n)
			say(w, "%s-RemoteAddress %s", next, script_list(w, &r->remote));
		if (r->profiles != 7 || chance(w, 2))
			say(w, " -Profile %s", profiles_text(w, r->profiles, ","));
		if (!r->enabled || chance(w, 2))
			say(w, " -Enabled %s", r->enabled ? "True" : "False");
		if (r->program)
			say(w, " -Program 'C:\\agent.exe'");
		say(w, "%s\n", chance(w, 3) ? " | Out-Null" : "");
	}
}

/* Get-NetFirewallRule with its filters, as JSON and CSV */

static const char *json_list(struct draft *w, const texts *v)
{
	const char *text = "";
	if (!v->n)
		return "\"Any\"";
	if (v->n == 1 && chance(w, 2))
		return arena_printf(w->a, "\"%s\"", v->v[0]);
	for (size_t i = 0; i < v->n; i++)
		text = arena_printf(w->a, "%s%s\"%s\"", text, i ? ", " : "", v->v[i]);
	return chance(w, 3) ? arena_printf(w->a, "{\"value\": [%s], \"Count\": %zu}", text, v->n)
			    : arena_printf(w->a, "[%s]", text);
}

static void json_rule(struct windows *k, size_t i, bool joined_filters)
{
	struct draft *w = k->w;
	const struct windows_rule *r = &k->rules[i];
	bool numbers = chance(w, 2);
	say(w,
	    "%s  {\"Name\": \"{%zu}\", \"InstanceID\": \"{%zu}\", \"DisplayName\": \"a \\\"rule\\\", Action: Block\", ",
	    i ? ",\n" : "", i, i);
	if (numbers)
		say(w, "\"Enabled\": %d, \"Profile\": %u, \"Direction\": %d, \"Action\": %d, ", r->enabled ? 1 : 2,
		    r->profiles == 7 && chance(w, 2) ? 0 : r->profiles, r->in ? 1 : 2, r->block ? 4 : 2);
	else
		say(w, "\"Enabled\": \"%s\", \"Profile\": \"%s\", \"Direction\": \"%s\", \"Action\": \"%s\", ",
		    r->enabled ? "True" : "False",
		    r->profiles == 7 && chance(w, 2) ? "Any" : profiles_text(w, r->profiles, ", "),
		    r->in ? "Inbound" : "Outbound", r->block ? "Block" : "Allow");
	if (joined_filters)
		say(w,
		    "\"Protocol\": \"%s\", \"LocalPort\": %s, \"RemotePort\": %s, \"IcmpType\": %s, \"LocalAddress\": "
		    "%s, "
		    "\"RemoteAddress\": %s, \"Program\": \"%s\", \"Service\": \"Any\", \"InterfaceType\": \"Any\", "
		    "\"Authentication\": \"NotRequired\", ",
		    r->protocol, json_list(w, &r->local_ports), json_list(w, &r->remote_ports), json_list(w, &r->icmp),
		    json_list(w, &r->local), json_list(w, &r->remote), r->program ? "C:\\\\agent.exe" : "Any");
	say(w, "\"PolicyStoreSourceType\": %s}", numbers ? "2" : "\"GroupPolicy\"");
}

static void write_json(struct windows *k)
{
	struct draft *w = k->w;
	bool joined_filters = chance(w, 2);
	say(w, "{\"PolicyStore\": \"ActiveStore\",\n \"Rules\": [\n");
	for (size_t i = 0; i < k->n; i++)
		json_rule(k, i, joined_filters);
	say(w, "]");
	for (size_t i = 0; i < k->n && !joined_filters; i++) {
		const struct windows_rule *r = &k->rules[i];
		say(w,
		    ",\n \"P%zu\": [{\"InstanceID\": \"{%zu}\", \"Protocol\": \"%s\", \"LocalPort\": %s, "
		    "\"RemotePort\": %s, \"IcmpType\": %s}]",
		    i, i, r->protocol, json_list(w, &r->local_ports), json_list(w, &r->remote_ports),
		    json_list(w, &r->icmp));
		say(w, ",\n \"A%zu\": [{\"InstanceID\": \"{%zu}\", \"LocalAddress\": %s, \"RemoteAddress\": %s}]", i, i,
		    json_list(w, &r->local), json_list(w, &r->remote));
		say(w,
		    ",\n \"S%zu\": [{\"InstanceID\": \"{%zu}\", \"InterfaceType\": 0}, {\"InstanceID\": \"{%zu}\", "
		    "\"Authentication\": 0, "
		    "\"Encryption\": 0, \"OverrideBlockRules\": false, \"LocalUser\": \"Any\"}]",
		    i, i, i);
		say(w, ",\n \"Q%zu\": [{\"InstanceID\": \"{%zu}\", \"Program\": \"%s\", \"Package\": null}]", i, i,
		    r->program ? "C:\\\\a.exe" : "Any");
	}
	if (k->default_block >= 0)
		say(w,
		    ",\n \"Profiles\": [{\"Name\": \"%s\", \"Enabled\": 1, \"Default%sAction\": %d, "
		    "\"Default%sAction\": %d}]",
		    profile_names[k->profile], k->in ? "Inbound" : "Outbound", k->default_block ? 4 : 2,
		    k->in ? "Outbound" : "Inbound", k->in ? 2 : 4);
	say(w, "}\n");
}

static void write_csv(struct windows *k)
{
	struct draft *w = k->w;
	const char *between = ONE_OF(w, ",", ", ", " ", ";");
	k->default_block = -1;
	say(w, "#TYPE Selected.Microsoft.Management.Infrastructure.CimInstance\n"
	       "\"Name\",\"DisplayName\",\"Enabled\",\"Direction\",\"Action\",\"Profile\",\"Protocol\",\"LocalPort\","
	       "\"RemotePort\",\"IcmpType\","
	       "\"LocalAddress\",\"RemoteAddress\",\"Program\",\"Service\",\"InterfaceType\",\"Authentication\","
	       "\"PolicyStoreSourceType\"\n");
	for (size_t i = 0; i < k->n; i++) {
		const struct windows_rule *r = &k->rules[i];
		say(w,
		    "\"{%zu}\",\"AD, \"\"UDP\"\"\nin two "
		    "lines\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"%s\",\"Any\","
		    "\"Any\",\"NotRequired\",\"GroupPolicy\"\n",
		    i, r->enabled ? "True" : "False", r->in ? "Inbound" : "Outbound", r->block ? "Block" : "Allow",
		    r->profiles == 7 ? "Any" : profiles_text(w, r->profiles, ", "), r->protocol,
		    joined(w, &r->local_ports, between), joined(w, &r->remote_ports, between), joined(w, &r->icmp, ","),
		    joined(w, &r->local, between), joined(w, &r->remote, between),
		    r->program ? "C:\\agent.exe" : "Any");
	}
}

/* "v2.30|Action=Allow|Active=TRUE|Dir=In|...|" */

static void repeated(struct draft *w, const char *one, const char *range, const texts *v, const char *six)
{
	for (size_t i = 0; i < v->n; i++) {
		bool v6 = six && strchr(v->v[i], ':'),
		     ranged = !six && strchr(v->v[i], '-') && v->v[i][0] >= '0' && v->v[i][0] <= '9';
		say(w, "%s=%s|", v6 ? six : ranged ? range : one, v->v[i]);
	}
}

static void write_registry(struct windows *k)
{
	struct draft *w = k->w;
	say(w,
	    "Windows Registry Editor Version 5.00\n\n"
	    "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\%sProfile]\n"
	    "\"EnableFirewall\"=dword:00000001\n\"AllowLocalPolicyMerge\"=dword:00000000\n",
	    profile_names[k->profile]);
	if (k->default_block >= 0)
		say(w, "\"Default%sAction\"=dword:0000000%d\n", k->in ? "Inbound" : "Outbound", k->default_block);
	say(w, "\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\WindowsFirewall\\FirewallRules]\n");
	for (size_t i = 0; i < k->n; i++) {
		const struct windows_rule *r = &k->rules[i];
		say(w, "\"{r-%zu}\"=\"v2.30|Action=%s|", i, r->block ? "Block" : "Allow");
		if (r->enabled || chance(w, 2))
			say(w, "Active=%s|", r->enabled ? "TRUE" : "FALSE");
		say(w, "Dir=%s|", r->in ? "In" : "Out");
		for (unsigned p = 0; p < 3; p++)
			if (r->profiles != 7 && r->profiles >> p & 1)
				say(w, "Profile=%s|", profile_names[p]);
		if (r->number != 256)
			say(w, "Protocol=%u|", r->number);
		repeated(w, "LPort", "LPort2_10", &r->local_ports, NULL);
		repeated(w, "RPort", "RPort2_10", &r->remote_ports, NULL);
		repeated(w, r->number == PROTO_ICMP6 ? "ICMP6" : "ICMP4", "", &r->icmp, NULL);
		repeated(w, "LA4", "", &r->local, "LA6");
		repeated(w, "RA4", "", &r->remote, "RA6");
		if (r->program)
			say(w, "App=%%SystemRoot%%\\\\agent.exe|");
		say(w, "Name=a \\\"rule\\\", Dir=Out|Desc=@FirewallAPI.dll,-123|EmbedCtxt=x|\"\n");
	}
}

static void windows_write(struct draft *w)
{
	static void (*const writers[N_FORMS])(struct windows * k) = { write_netsh, write_script, write_json, write_csv,
								      write_registry };
	struct windows k = { .w = w, .form = (enum form)rnd(w, N_FORMS), .profile = rnd(w, 3), .in = chance(w, 2) };
	w->stateful = true;
	w->options.side = k.in ? POLICY_INBOUND : POLICY_OUTBOUND;
	w->options.profile = str_of(profile_names[k.profile]);
	k.default_block = (int)rnd(w, 3) - 1;
	if (k.form == CSV)
		k.default_block = -1;
	bool blocks = k.default_block < 0 ? k.in : k.default_block;
	size_t list = list_add(w, true, blocks ? SAYS_DENY : SAYS_PERMIT);
	for (uint32_t n = 1 + rnd(w, MOST_RULES_WRITTEN - 1); n > 0; n--)
		make_rule(&k, list);
	writers[k.form](&k);
}

const struct grammar grammar_windows = { "windows", windows_write };
