/* SPDX-License-Identifier: Apache-2.0 */
#include "report/packets.h"

#include "base/out.h"
#include "doc/json.h"
#include "flow/translate.h"

struct str region_addrs(struct arena *a, struct addrset s)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 24);
	char text[RANGE_TEXT];
	size_t n;
	if (addrset_equal(s, addrset_all(a)))
		return STR("any");
	/* ranges that are few prefixes are shorter as prefixes */
	enum { MORE_PREFIXES = 4 };
	struct addr_range *prefixes = addrset_prefixes(a, s, &n);
	bool use = n <= s.n + MORE_PREFIXES;
	for (size_t i = 0; i < (use ? n : s.n); i++)
		out_printf(&o, "%s%s", i ? ", " : "", addr_range_text(use ? &prefixes[i] : &s.v[i], text));
	return str_dup(a, out_view(&o));
}

struct str region_protocol(struct arena *a, struct portset s)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	char text[PORT_TEXT], proto[PROTOCOL_TEXT];
	if (s.n == 1 && s.v[0].lo == 0 && s.v[0].hi == 255)
		return STR("any");
	for (size_t i = 0; i < s.n; i++) {
		if (s.v[i].lo == s.v[i].hi)
			out_printf(&o, "%s%s", i ? ", " : "", protocol_text(s.v[i].lo, proto));
		else
			out_printf(&o, "%s%s", i ? ", " : "", port_range_text(s.v[i], text));
	}
	return str_dup(a, out_view(&o));
}

static bool all_icmp(struct portset s)
{
	for (size_t i = 0; i < s.n; i++)
		for (uint32_t p = s.v[i].lo; p <= s.v[i].hi; p++)
			if (!protocol_is_icmp(p))
				return false;
	return s.n > 0;
}

static struct str ports_list(struct arena *a, struct portset s)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	char text[PORT_TEXT];
	for (size_t i = 0; i < s.n; i++)
		out_printf(&o, "%s%s", i ? "," : "", port_range_text(s.v[i], text));
	return str_dup(a, out_view(&o));
}

struct str region_ports(struct arena *a, const struct region *r)
{
	bool any = false;
	for (size_t i = 0; i < r->protocols.n; i++)
		for (uint32_t p = r->protocols.v[i].lo; p <= r->protocols.v[i].hi; p++)
			any |= protocol_has_ports(p) || protocol_is_icmp(p);
	if (!any)
		return STR("-");
	if (portset_is_all(r->ports) ||
	    (r->ports.n == 1 && r->ports.v[0].lo == 0 && r->ports.v[0].hi >= 255 && all_icmp(r->protocols)))
		return STR("any");
	return ports_list(a, r->ports);
}

struct str region_sports(struct arena *a, const struct region *r)
{
	bool icmp = all_icmp(r->protocols);
	if (portset_is_all(r->sports) ||
	    (icmp && r->sports.n == 1 && r->sports.v[0].lo == 0 && r->sports.v[0].hi >= 255))
		return STR("");
	if (str_is(region_ports(a, r), "-"))
		return STR("");
	return ports_list(a, r->sports);
}

/* "any but icmp, tcp, udp", where few are left out; else nothing. */
static struct str any_but(struct arena *a, struct portset s)
{
	enum { A_FEW = 8, LEAST_PIECES = 3 };
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	char proto[PROTOCOL_TEXT];
	size_t missing = 0;
	for (unsigned p = 0, i = 0; p <= UINT8_MAX && s.n >= LEAST_PIECES; p++) {
		while (i < s.n && s.v[i].hi < p)
			i++;
		if (i < s.n && s.v[i].lo <= p)
			continue;
		out_printf(&o, "%s %s", missing++ ? "," : "any but", protocol_text(p, proto));
	}
	return missing && missing <= A_FEW ? str_dup(a, out_view(&o)) : NO_STR;
}

struct str region_text(struct arena *a, const struct region *r)
{
	struct str sports = region_sports(a, r), most = any_but(a, r->protocols), ports = region_ports(a, r);
	if (most.n && !sports.n && (str_is(ports, "-") || str_is(ports, "any")))
		return str_printf(a, "%.*s -> %.*s  %.*s", STR_ARG(region_addrs(a, r->src)),
				  STR_ARG(region_addrs(a, r->dst)), STR_ARG(most));
	const char *word = all_icmp(r->protocols) ? " code " : " from ports ";
	return str_printf(a, "%.*s -> %.*s  %.*s %.*s%s%.*s", STR_ARG(region_addrs(a, r->src)),
			  STR_ARG(region_addrs(a, r->dst)), STR_ARG(region_protocol(a, r->protocols)), STR_ARG(ports),
			  sports.n ? word : "", STR_ARG(sports));
}

struct str translated_text(struct arena *a, const struct ruleset *r, const struct shown *s)
{
	struct packet seen;
	char text[PACKET_TEXT];
	if (!packet_translated(r, s->chain, &s->witness, &seen))
		return NO_STR;
	return str_printf(a, " (translated: %s)", packet_text(&seen, text));
}

struct str decided_by(struct arena *a, const struct shown *s)
{
	if (s->by && s->by->at.line)
		return str_printf(a, "%s:%u: %.*s", s->by->at.source->name, s->by->at.line, STR_ARG(s->by->text));
	if (s->by)
		return s->by->text;
	if (s->chain && s->chain->name.n)
		return str_printf(a, "no rule: the default of \"%.*s\"", STR_ARG(s->chain->name));
	return STR("no rule: the default");
}

bool interface_is_program(struct str interface)
{
	return str_find(interface, '.') != SIZE_MAX;
}

struct str interface_text(struct arena *a, struct str uuid)
{
	if (!uuid.n)
		return NO_STR;
	return str_printf(a, " as %s %.*s", interface_is_program(uuid) ? "an RPC service of" : "RPC interface",
			  STR_ARG(uuid));
}

void json_interface(struct json *j, struct str interface)
{
	if (interface.n)
		json_put_str(j, interface_is_program(interface) ? "rpc-program" : "rpc-interface", interface);
}

void json_witness(struct json *j, const struct packet *p)
{
	char text[ADDR_TEXT], proto[PROTOCOL_TEXT];
	json_key(j, "witness");
	json_object(j);
	json_put_text(j, "source", addr_text(p->src, text));
	json_put_text(j, "destination", addr_text(p->dst, text));
	json_put_text(j, "protocol", protocol_text(p->protocol, proto));
	if (protocol_has_ports(p->protocol)) {
		json_put_u64(j, "source-port", p->sport);
		json_put_u64(j, "port", p->port);
	} else if (protocol_is_icmp(p->protocol)) {
		json_put_u64(j, "type", p->port);
		json_put_u64(j, "code", p->sport);
	}
	json_end(j);
}

void json_translated(struct json *j, const struct ruleset *r, const struct chain *chain, const struct packet *sent)
{
	struct packet seen;
	char text[ADDR_TEXT];
	if (!packet_translated(r, chain, sent, &seen))
		return;
	json_key(j, "translated");
	json_object(j);
	json_put_text(j, "source", addr_text(seen.src, text));
	json_put_text(j, "destination", addr_text(seen.dst, text));
	if (protocol_has_ports(seen.protocol))
		json_put_u64(j, "port", seen.port);
	json_end(j);
}

void json_decided(struct json *j, const struct shown *s)
{
	struct loc at = s->by ? s->by->at : s->chain ? s->chain->policy_at : NOWHERE;
	json_key(j, "decided-by");
	json_object(j);
	if (at.source)
		json_put_text(j, "file", at.source->name);
	if (at.line)
		json_put_u64(j, "line", at.line);
	if (s->by && s->by->name.n)
		json_put_str(j, "rule", s->by->name);
	json_put_str(j, "text", s->by ? s->by->text : STR("the default: no rule matches"));
	json_end(j);
}

void json_region(struct json *j, struct arena *a, const struct region *r)
{
	json_object(j);
	json_put_str(j, "from", region_addrs(a, r->src));
	json_put_str(j, "to", region_addrs(a, r->dst));
	json_put_str(j, "protocol", region_protocol(a, r->protocols));
	json_put_str(j, "ports", region_ports(a, r));
	struct str sports = region_sports(a, r);
	json_put_some(j, "source-ports", sports);
	json_end(j);
}
