/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing Windows Firewall: as a PowerShell script that can be run again and
 * undone, and as the Registry.pol of a group policy (MS-GPFAS 2.2, MS-GPREG
 * 2.2.1 for the file).
 *
 * One rule a relation and protocol, because a rule has one protocol.  A rule
 * has local and remote endpoints: for inbound traffic, the source is remote.
 * Where all relations have the same local endpoint, which is the host, it is
 * omitted.  Dynamic RPC ports are written as the token RPC, which opens the ports
 * on which RPC servers listen.
 */
#include "dialect/windows/windows.h"

#include "base/hash.h"
#include "dialect/common/link.h"
#include "dialect/common/services.h"
#include "dialect/common/text.h"

enum {
	LONGEST_DESCRIPTION = 1000,
	LONGEST_VALUE = 65535, /* bytes of a value (MS-GPREG 2.2.1) */
	LINK_NEEDS = BESIDE_NEIGHBOURS | BESIDE_LINK | BESIDE_DHCP | BESIDE_ICMP_ERRORS,
	RPC_MAPPER = 135,   /* the port that the token of the endpoint mapper means */
	RPC_LOWEST = 49152, /* dynamic ports since Windows Vista: 49152-65535 */
};

/* One rule, before it is formatted. */
struct written {
	const struct policy *p;
	const struct relation *r;
	const struct service_item *item;
	struct addrset local, remote;
	bool local_said;
	struct str id, title;
};

struct writer {
	struct out *o;
	struct arena *arena;
	struct diag *diag;
	const struct policy *p;
	bool local_said;
	const struct relation *too_long; /* its rule does not fit, however few addresses it has */
	void (*rule)(struct writer *w, const struct written *r);
};

static bool inbound(const struct policy *p)
{
	return p->side != POLICY_OUTBOUND;
}

static const char *protocol_word(struct arena *a, const struct service_item *s)
{
	if (item_is_any(s))
		return "Any";
	switch (s->protocol_lo) {
	case PROTO_TCP:
		return "TCP";
	case PROTO_UDP:
		return "UDP";
	case PROTO_ICMP:
		return "ICMPv4";
	case PROTO_ICMP6:
		return "ICMPv6";
	default:
		return arena_printf(a, "%u", s->protocol_lo);
	}
}

/* Whether ports of the host itself may be written as the words RPC and RPC-EPMap. */
static bool says_rpc(const struct policy *p)
{
	return inbound(p) && p->rpc != RPC_BY_PORT;
}

/* The RPC range of a TCP item, when the plan marks it as that. */
static bool has_rpc_range(const struct writer *w, const struct relation *r, const struct service_item *s)
{
	const struct policy_services *services = &w->p->services[r->services];
	if (!says_rpc(w->p) || s->protocol_lo != PROTO_TCP || !s->ports.n || s->ports.v[s->ports.n - 1].hi != 65535 ||
	    s->ports.v[s->ports.n - 1].lo != RPC_LOWEST)
		return false;
	for (size_t i = 0; i < services->n; i++)
		if (services->v[i].term.protocol_lo == PROTO_TCP && services->v[i].term.port.hi == 65535 &&
		    (services->v[i].kind != SERVICE_RPC_RANGE || services->v[i].term.port.lo != RPC_LOWEST))
			return false;
	return true;
}

static bool write_item(struct writer *w, const struct relation *r, const struct service_item *s, size_t n_same)
{
	const struct policy *p = w->p;
	const char *word = protocol_word(w->arena, s);
	struct addrset src = p->groups[r->src].addresses, dst = p->groups[r->dst].addresses;
	bool limited = item_has_ports(s) && (!portset_is_all(s->ports) || s->sport.lo > 0 || s->sport.hi < 65535);
	if (limited && s->protocol_lo != PROTO_TCP && s->protocol_lo != PROTO_UDP)
		return diag_error(w->diag, NOWHERE, "Windows Firewall supports ports of TCP and UDP only (\"%.*s\")",
				  STR_ARG(r->title));
	if (s->protocol_lo == s->protocol_hi && protocol_is_icmp(s->protocol_lo)) {
		enum family f = s->protocol_lo == PROTO_ICMP ? IPV4 : IPV6;
		src = addrset_part(src, f);
		dst = addrset_part(dst, f);
		if (!src.n || !dst.n)
			return true;
	}
	/* where the host's side is omitted, the other side must be limited to its families */
	struct written written = {
		.p = p,
		.r = r,
		.item = s,
		.local = inbound(p) ? dst : src,
		.remote = addrset_intersect(w->arena, remote_end(w->arena, p, r), inbound(p) ? src : dst),
		.local_said = w->local_said,
	};
	if (!written.remote.n || !written.local.n)
		return true; /* the two endpoints have no family in common */
	written.id = str_printf(w->arena, "portolan-%s-%.*s-%s", inbound(p) ? "in" : "out", STR_ARG(r->id), word);
	if (n_same)
		written.id = str_printf(w->arena, "%.*s-%zu", STR_ARG(written.id), n_same + 1);
	written.title = str_printf(w->arena, "%.*s (%s)", STR_ARG(r->title), word);
	w->rule(w, &written);
	return true;
}

static bool write_rules(struct writer *w)
{
	bool ok = true;
	/* between zones, one group policy is for all hosts behind the firewall: each rule states its host */
	w->local_said = w->p->side == POLICY_TRANSIT || !one_local_end(w->arena, w->p);
	for (size_t i = 0; i < w->p->n_relations; i++) {
		const struct relation *r = &w->p->relations[i];
		struct service_items items = services_merged(w->arena, &w->p->services[r->services]);
		size_t same = 0;
		for (size_t j = 0; j < items.n; j++) {
			bool again = j && items.v[j - 1].protocol_lo == items.v[j].protocol_lo &&
				     items.v[j - 1].protocol_hi == items.v[j].protocol_hi;
			same = again ? same + 1 : 0;
			ok &= write_item(w, r, &items.v[j], same);
		}
	}
	return ok;
}

/* The token for a range of a rule's own ports, or NULL: its numbers are written. */
static const char *port_token(const struct writer *w, const struct relation *r, const struct service_item *s,
			      struct port_range range, const char *mapper)
{
	const struct policy_services *services = &w->p->services[r->services];
	if (!says_rpc(w->p) || s->protocol_lo != PROTO_TCP)
		return NULL;
	if (range.lo == RPC_LOWEST && range.hi == 65535)
		return has_rpc_range(w, r, s) ? "RPC" : NULL;
	for (size_t i = 0; i < services->n && range.lo == range.hi; i++)
		if (services->v[i].kind == SERVICE_RPC_MAPPER && services->v[i].term.protocol_lo == PROTO_TCP &&
		    services->v[i].term.port.lo == range.lo && services->v[i].term.port.hi == range.lo &&
		    range.lo == RPC_MAPPER)
			return mapper;
	return NULL;
}

/* Single addresses alone and prefixes as such; Windows refuses a prefix of length 0, but not its range. */
static const char *address_text(const struct addr_range *r, char buf[RANGE_TEXT])
{
	char lo[ADDR_TEXT], hi[ADDR_TEXT];
	if (r->lo != 0 || r->hi != addr_max(r->family))
		return addr_range_text(r, buf);
	snprintf(buf, RANGE_TEXT, "%s-%s", addr_text((struct addr){ r->family, r->lo }, lo),
		 addr_text((struct addr){ r->family, r->hi }, hi));
	return buf;
}

static bool is_everywhere(struct addrset s)
{
	return s.n == 2 && s.v[0].lo == 0 && s.v[0].hi == UINT32_MAX && s.v[1].lo == 0 && s.v[1].hi == ~(u128)0;
}

/* PowerShell */

static void put_quoted(struct out *o, struct str s, size_t most)
{
	struct str part = str_first(s, most);
	while (part.n && part.n < s.n && ((unsigned char)s.p[part.n] & 0xc0) == 0x80)
		part.n--;
	out_char(o, '\'');
	for (size_t i = 0; i < part.n; i++) {
		unsigned char c = (unsigned char)part.p[i];
		/* PowerShell also accepts typographic quotes (U+2018 to U+201B) as quotes */
		if (c == '\'' || (c == 0xe2 && i + 2 < part.n && (unsigned char)part.p[i + 1] == 0x80 &&
				  (unsigned char)part.p[i + 2] >= 0x98 && (unsigned char)part.p[i + 2] <= 0x9b)) {
			out_text(o, "''");
			i += c == '\'' ? 0 : 2;
		} else {
			out_char(o, c < 0x20 ? ' ' : (char)c);
		}
	}
	out_char(o, '\'');
}

static void put_address_list(struct out *o, const char *option, struct addrset s)
{
	char text[RANGE_TEXT];
	if (is_everywhere(s))
		return;
	out_printf(o, " `\n    -%s ", option);
	for (size_t i = 0; i < s.n; i++)
		out_printf(o, "%s'%s'", i ? "," : "", address_text(&s.v[i], text));
}

/* own: the ports are those of the service, on the host that listens. */
static void put_port_list(struct writer *w, const struct written *r, const char *option, struct portset s, bool own)
{
	char text[PORT_TEXT];
	if (portset_is_all(s))
		return;
	out_printf(w->o, " -%s ", option);
	for (size_t i = 0; i < s.n; i++) {
		const char *token = own ? port_token(w, r->r, r->item, s.v[i], "RPCEPMap") : NULL;
		out_printf(w->o, "%s'%s'", i ? "," : "", token ? token : port_range_text(s.v[i], text));
	}
}

/* The names of the rule hold its id and title: they are not repeated before the comment of a foreign rule. */
static struct str description_of(struct writer *w, const struct relation *r)
{
	return relation_says_id(r) ? text_about(w->arena, LONGEST_DESCRIPTION, r) : r->about;
}

/* What a script replaces: also the rules of patches. */
static struct str group_of(struct arena *a, const struct policy *p)
{
	return str_printf(a, "portolan %.*s %s", STR_ARG(p->name), inbound(p) ? "in" : "out");
}

static void script_rule(struct writer *w, const struct written *r)
{
	struct out *o = w->o;
	bool in = inbound(w->p);
	const struct service_item *s = r->item;
	out_text(o, "\nNew-NetFirewallRule -Name ");
	put_quoted(o, r->id, SIZE_MAX);
	out_text(o, " -Group ");
	if (w->p->part)
		put_quoted(o, group_of(w->arena, w->p), SIZE_MAX);
	else
		out_text(o, "$group");
	out_text(o, " `\n    -DisplayName ");
	put_quoted(o, r->title, 255);
	if (r->r->about.n) {
		out_text(o, " `\n    -Description ");
		CLEANUP(out_free) struct out about = out_memory(1 << 20);
		text_put_limited(&about, LONGEST_DESCRIPTION, "", description_of(w, r->r), NO_STR);
		put_quoted(o, out_view(&about), SIZE_MAX);
	}
	out_printf(o, " `\n    -Direction %s -Action %s -Profile Any -Enabled True", in ? "Inbound" : "Outbound",
		   r->r->denies ? "Block" : "Allow");
	out_printf(o, " `\n    -Protocol %s", protocol_word(w->arena, s));
	if (item_has_ports(s)) {
		struct portset from = portset_of(w->arena, &s->sport, 1);
		put_port_list(w, r, "LocalPort", in ? s->ports : from, in);
		put_port_list(w, r, "RemotePort", in ? from : s->ports, false);
	}
	if (s->type >= 0 && s->code >= 0)
		out_printf(o, " -IcmpType '%d:%d'", s->type, s->code);
	else if (s->type >= 0)
		out_printf(o, " -IcmpType '%d'", s->type);
	if (r->local_said)
		put_address_list(o, "LocalAddress", r->local);
	put_address_list(o, "RemoteAddress", r->remote);
	out_text(o, " | Out-Null\n");
}

static const struct dialect_loading windows_loading = {
	.loads = LOADS_REPLACES_OWN,
	.load = "powershell -ExecutionPolicy Bypass -File FILE, as administrator",
	.undo = "the same with -Undo",
};

static const struct dialect_loading windows_pol_loading = {
	.loads = LOADS_REPLACES_ALL,
	.load = "lgpo /m FILE, or as Registry.pol of a group policy; then gpupdate",
	.undo = "the Registry.pol that was there before",
};

static bool emit_script(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct writer w = { .o = o, .arena = a, .diag = d, .p = p, .rule = script_rule };
	const char *side = inbound(p) ? "Inbound" : "Outbound";

	if (p->part)
		return write_rules(&w);
	text_header(o, "# ", p, "Windows PowerShell", &windows_loading);
	out_printf(o, "# Replaces the rules of its group and sets the default to block; other allow rules stay,\n"
		      "# as do those of group policies: prove the whole rule set of the host afterwards.\n"
		      "param([switch] $Undo)\n"
		      "$ErrorActionPreference = 'Stop'\n"
		      "$group = ");
	put_quoted(o, group_of(a, p), SIZE_MAX);
	out_printf(o, "\n$saved = Join-Path $env:ProgramData ");
	put_quoted(o,
		   str_printf(a, "portolan-%.*s-%s.xml", STR_ARG(text_name(a, p->name, "-_.", '-', 60)),
			      inbound(p) ? "in" : "out"),
		   SIZE_MAX);
	out_printf(o,
		   "\nGet-NetFirewallRule -Group $group -ErrorAction SilentlyContinue | Remove-NetFirewallRule\n"
		   "if ($Undo) {\n"
		   "    if (Test-Path $saved) {\n"
		   "        foreach ($was in Import-Clixml $saved) {\n"
		   "            Set-NetFirewallProfile -Name $was.Name -Enabled $was.Enabled -Default%sAction "
		   "$was.Default%sAction%s\n"
		   "        }\n"
		   "        Remove-Item $saved\n"
		   "    }\n"
		   "    return\n"
		   "}\n"
		   "if (-not (Test-Path $saved)) {\n"
		   "    Get-NetFirewallProfile | Select-Object @{n='Name';e={[string]$_.Name}}, "
		   "@{n='Enabled';e={[string]$_.Enabled}}, "
		   "@{n='Default%sAction';e={[string]$_.Default%sAction}}%s | Export-Clixml $saved\n"
		   "}\n",
		   side, side,
		   p->log_denials ? " -LogBlocked $(if ($was.LogBlocked) { $was.LogBlocked } else { 'NotConfigured' })"
				  : "",
		   side, side, p->log_denials ? ", @{n='LogBlocked';e={[string]$_.LogBlocked}}" : "");
	if (!write_rules(&w))
		return false;
	out_printf(o,
		   "\nSet-NetFirewallProfile -Profile Domain,Private,Public -Enabled True -Default%sAction Block%s\n",
		   side, p->log_denials ? " -LogBlocked True" : "");
	return true;
}

/* Registry.pol */

static void put_u32(struct out *o, uint32_t n)
{
	for (int i = 0; i < 4; i++)
		out_char(o, (char)(n >> (8 * i)));
}

static void put_u16(struct out *o, uint32_t n)
{
	out_char(o, (char)n);
	out_char(o, (char)(n >> 8));
}

/* UTF-8 as UTF-16LE with its NUL; invalid UTF-8 becomes U+FFFD. */
static void put_wide(struct out *o, struct str s)
{
	for (size_t i = 0; i < s.n;) {
		unsigned char c = (unsigned char)s.p[i];
		unsigned more = c < 0x80 ? 0 : c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 4;
		uint32_t u = more == 0 ? c : more == 4 ? 0xfffd : c & (0x3fu >> more);
		bool whole = more < 4 && i + more < s.n;
		for (unsigned j = 1; whole && j <= more; j++)
			u = u << 6 | ((unsigned char)s.p[i + j] & 0x3f);
		if (!whole)
			u = 0xfffd;
		i += whole ? more + 1 : 1;
		if (u >= 0x10000) {
			put_u16(o, 0xd800 + ((u - 0x10000) >> 10));
			put_u16(o, 0xdc00 + ((u - 0x10000) & 0x3ff));
		} else {
			put_u16(o, u);
		}
	}
	put_u16(o, 0);
}

static void put_record(struct out *o, const char *key, struct str name, uint32_t type, struct str data)
{
	put_u16(o, '[');
	put_wide(o, str_of(key));
	put_u16(o, ';');
	put_wide(o, name);
	put_u16(o, ';');
	put_u32(o, type);
	put_u16(o, ';');
	put_u32(o, (uint32_t)data.n);
	put_u16(o, ';');
	out_bytes(o, data.p, data.n);
	put_u16(o, ']');
}

#define FIREWALL_KEY "Software\\Policies\\Microsoft\\WindowsFirewall"

static void put_dword(struct out *o, const char *key, const char *name, uint32_t value)
{
	char bytes[4] = { (char)value, (char)(value >> 8), (char)(value >> 16), (char)(value >> 24) };
	put_record(o, key, str_of(name), 4, (struct str){ bytes, 4 });
}

static void put_rule_text(struct out *o, struct str s, size_t most)
{
	text_put_limited(o, most, "|", s, STR(""));
}

static void put_pol_ports(struct writer *w, const struct written *r, struct out *o, const char *key, struct portset s,
			  bool own)
{
	char text[PORT_TEXT];
	if (portset_is_all(s))
		return;
	for (size_t i = 0; i < s.n; i++) {
		const char *token = own ? port_token(w, r->r, r->item, s.v[i], "RPC-EPMap") : NULL;
		bool range = !token && s.v[i].lo != s.v[i].hi;
		out_printf(o, "%s%s=%s|", key, range ? "2_10" : "", token ? token : port_range_text(s.v[i], text));
	}
}

static void put_pol_addresses(struct out *o, const char *side, struct addrset s)
{
	char text[RANGE_TEXT];
	if (is_everywhere(s))
		return;
	for (size_t i = 0; i < s.n; i++)
		out_printf(o, "%s%d=%s|", side, s.v[i].family == IPV4 ? 4 : 6, address_text(&s.v[i], text));
}

static void put_pol_rule_text(struct writer *w, const struct written *r, struct out *text)
{
	const struct service_item *s = r->item;
	bool in = inbound(w->p);
	out_printf(text, "v2.10|Action=Allow|Active=TRUE|Dir=%s|", in ? "In" : "Out");
	if (!item_is_any(s))
		out_printf(text, "Protocol=%u|", s->protocol_lo);
	if (item_has_ports(s)) {
		struct portset from = portset_of(w->arena, &s->sport, 1);
		put_pol_ports(w, r, text, "LPort", in ? s->ports : from, in);
		put_pol_ports(w, r, text, "RPort", in ? from : s->ports, false);
	}
	if (s->type >= 0) {
		out_printf(text, "ICMP%d=%d:", s->protocol_lo == PROTO_ICMP ? 4 : 6, s->type);
		if (s->code >= 0)
			out_printf(text, "%d|", s->code);
		else
			out_text(text, "*|");
	}
	if (r->local_said)
		put_pol_addresses(text, "LA", r->local);
	put_pol_addresses(text, "RA", r->remote);
	out_text(text, "Name=");
	put_rule_text(text, r->title, 255);
	out_text(text, "|Desc=");
	put_rule_text(text, description_of(w, r->r), LONGEST_DESCRIPTION);
	out_text(text, "|EmbedCtxt=portolan|");
}

/* Half of its addresses, of the side that has more. */
static struct written half_of(struct writer *w, const struct written *r, bool second)
{
	struct written half = *r;
	bool local = r->local_said && r->local.n > r->remote.n;
	struct addrset *s = local ? &half.local : &half.remote;
	size_t middle = s->n / 2;
	*s = second ? addrset_of(w->arena, s->v + middle, s->n - middle) : addrset_of(w->arena, s->v, middle);
	half.id = str_printf(w->arena, "%.*s.%d", STR_ARG(r->id), second ? 2 : 1);
	return half;
}

/* A rule whose value would be too long becomes several. */
static void pol_rule(struct writer *w, const struct written *r)
{
	CLEANUP(out_free) struct out text = out_memory(SIZE_MAX);
	CLEANUP(out_free) struct out wide = out_memory(SIZE_MAX);
	put_pol_rule_text(w, r, &text);
	put_wide(&wide, out_view(&text));
	if (out_view(&wide).n <= LONGEST_VALUE) {
		put_record(w->o, FIREWALL_KEY "\\FirewallRules", r->id, 1, out_view(&wide));
		return;
	}
	if (MAX(r->remote.n, r->local_said ? r->local.n : 0) < 2) {
		w->too_long = r->r;
		return;
	}
	for (int second = 0; second < 2; second++) {
		struct written half = half_of(w, r, second);
		pol_rule(w, &half);
	}
}

/*
 * Local rules are not merged, so what the predefined rules of Core Networking do for the host's link, and ICMP errors,
 * are rules of this file.
 */
static void put_link_needs(struct writer *w)
{
	bool in = inbound(w->p);
	for (const struct link_need *need = link_needs; need->name; need++) {
		CLEANUP(out_free) struct out text = out_memory(SIZE_MAX);
		CLEANUP(out_free) struct out wide = out_memory(SIZE_MAX);
		if (!link_need_is_of(need, LINK_NEEDS, w->p->side))
			continue;
		out_printf(&text, "v2.10|Action=Allow|Active=TRUE|Dir=%s|Protocol=%u|", in ? "In" : "Out",
			   need->protocol);
		if (need->local)
			out_printf(&text, "LPort=%u|RPort=%u|", need->local, need->remote);
		else
			out_printf(&text, "ICMP%d=%u:*|", need->protocol == PROTO_ICMP ? 4 : 6, need->types.lo);
		if (need->peer)
			put_pol_addresses(&text, "RA", link_need_peer(w->arena, need));
		out_printf(&text, "Name=%s (%s)|Desc=%s|EmbedCtxt=portolan|", need->name, in ? "in" : "out",
			   need->about);
		put_wide(&wide, out_view(&text));
		put_record(w->o, FIREWALL_KEY "\\FirewallRules",
			   str_printf(w->arena, "portolan-link-%s-%s", in ? "in" : "out", need->name), 1,
			   out_view(&wide));
	}
}

static bool write_pol_side(struct writer *w, enum policy_side side)
{
	const struct policy *all = w->p;
	struct policy one = policy_one_side(w->arena, all, side);
	w->p = &one;
	put_link_needs(w);
	bool ok = write_rules(w);
	w->p = all;
	return ok;
}

/*
 * The policy alone decides: local rules are not merged, because what they would
 * add is unknown here.
 */
static bool emit_pol(const struct policy *p, struct out *o, struct diag *d)
{
	static const char *const keys[] = { FIREWALL_KEY "\\DomainProfile", FIREWALL_KEY "\\PrivateProfile",
					    FIREWALL_KEY "\\PublicProfile" };
	CLEANUP(arena_freep) struct arena *a = arena_new();
	CLEANUP(out_free) struct out all = out_memory(SIZE_MAX);
	struct writer w = { .o = &all, .arena = a, .diag = d, .p = p, .rule = pol_rule };
	if (!write_pol_side(&w, POLICY_INBOUND) || (p->side == POLICY_BOTH && !write_pol_side(&w, POLICY_OUTBOUND)))
		return false;
	if (w.too_long)
		return diag_error(d, NOWHERE,
				  "a rule is longer than the %d bytes of a value of a group policy (\"%.*s\")",
				  LONGEST_VALUE, STR_ARG(w.too_long->title));
	out_bytes(o, "PReg\1\0\0\0", 8);
	put_dword(o, FIREWALL_KEY, "PolicyVersion", 2 << 8 | 10);
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		put_dword(o, keys[i], "AllowLocalPolicyMerge", 0);
		if (inbound(p))
			put_dword(o, keys[i], "DefaultInboundAction", 1);
		if (!inbound(p) || p->side == POLICY_BOTH)
			put_dword(o, keys[i], "DefaultOutboundAction", 1);
		put_dword(o, keys[i], "EnableFirewall", 1);
		/* MS-GPFAS 2.2.2, log dropped packets */
		if (p->log_denials)
			put_dword(o, arena_printf(a, "%s\\Logging", keys[i]), "LogDroppedPackets", 1);
	}
	out_str(o, out_view(&all));
	return true;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 16384);
	if (str_find_text(head, STR("New-NetFirewallRule")) != SIZE_MAX)
		return 95;
	if (windows_is_netsh_script(head))
		return 95;
	if (str_find_text(head, STR("Rule Name:")) != SIZE_MAX && str_find_text(head, STR("----------")) != SIZE_MAX)
		return 95;
	if (str_find_text(head, STR("v2.")) != SIZE_MAX && str_find_text(head, STR("|Action=")) != SIZE_MAX)
		return 95;
	return windows_is_tree(text) ? 90 : 0;
}

const struct dialect dialect_windows = {
	.name = "windows",
	.title = "Windows Firewall (PowerShell, netsh, JSON, CSV)",
	.ending = "ps1",
	.loading = &windows_loading,
	.emit = emit_script,
	.patch = &windows_patch,
	.logs_denials = true,
	.parse = windows_parse,
	.resembles = resembles,
	.for_hosts = true,
	.for_transit = true,
	.at_each_host = true,
	.only_incoming = true,
	.beside = LINK_NEEDS,
	.cannot = CANNOT_PROTOCOL_RANGES,
	.rules_of_a_relation = 2,
};

static unsigned resembles_pol(struct str text)
{
	return text.n >= 8 && memcmp(text.p, "PReg", 4) == 0 ? 100 : 0;
}

const struct dialect dialect_windows_pol = {
	.name = "windows-pol",
	.title = "Windows Firewall by group policy (Registry.pol)",
	.ending = "pol",
	.loading = &windows_pol_loading,
	.has_no_comments = true,
	.emit = emit_pol,
	.logs_denials = true,
	.parse = windows_parse,
	.resembles = resembles_pol,
	.for_hosts = true,
	.one_list = true,
	.for_transit = true,
	.at_each_host = true,
	.only_incoming = true,
	.beside = LINK_NEEDS,
	.cannot = CANNOT_PROTOCOL_RANGES,
	.rules_of_a_relation = 17, /* two, and what the host's link needs */
};
