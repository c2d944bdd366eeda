/* SPDX-License-Identifier: Apache-2.0 */
/*
 * FortiGate, FortiOS 6.4 and later: policies that hold both families.  The
 * reader is in read.c.
 *
 * A relation becomes one policy.  Its number is derived from its id, so that a new
 * relation does not renumber others; order does not matter, because all are permits.
 */
#include "dialect/fortigate/fortigate.h"

#include "base/hash.h"
#include "base/strmap.h"
#include "dialect/common/patch.h"
#include "dialect/common/services.h"
#include "base/vec.h"
#include "dialect/common/text.h"
#include "dialect/common/withdraw.h"

enum {
	LONGEST_ADDRESS_NAME = 79,
	LONGEST_POLICY_NAME = 35,
	LONGEST_COMMENT = 255,
	LONGEST_COMMENTS = 1023, /* of a policy */
	LARGEST_POLICY = 0x7ffffff,
};

struct writer {
	struct arena *arena;
	struct out *o;
	const struct policy *p;
	struct strmap written;  /* names of address objects of the section */
	VEC(uint32_t) policies; /* written, by their numbers */
	struct diag *diag;
	bool failed;
};

static bool is_whole_family(struct addrset s, enum family f)
{
	return s.n == 1 && s.v[0].lo == 0 && s.v[0].hi == addr_max(f);
}

static struct addrset part(const struct writer *w, uint32_t group, enum family f)
{
	return addrset_part(w->p->groups[group].addresses, f);
}

static bool crosses(const struct writer *w, const struct relation *r, enum family f)
{
	return part(w, r->src, f).n && part(w, r->dst, f).n;
}

static bool is_used(const struct writer *w, size_t group, enum family f)
{
	for (size_t i = 0; i < w->p->n_relations; i++) {
		const struct relation *r = &w->p->relations[i];
		if ((r->src == group || r->dst == group) && crosses(w, r, f))
			return true;
	}
	return false;
}

/* Objects of one range are named after it: the same in every group and in every run. */
static struct str range_name(const struct writer *w, const struct addr_range *r)
{
	char text[RANGE_TEXT];
	struct str s = str_of(arena_strdup(w->arena, addr_range_text(r, text)));
	char *p = (char *)s.p;
	for (size_t i = 0; i < s.n; i++)
		if (p[i] == '/')
			p[i] = '_';
	return text_name(w->arena, str_printf(w->arena, "ip-%.*s", STR_ARG(s)), "-_.:", '-', LONGEST_ADDRESS_NAME);
}

static struct str group_name(const struct writer *w, uint32_t group, enum family f)
{
	struct addrset s = part(w, group, f);
	if (is_whole_family(s, f))
		return STR("all");
	if (s.n == 1)
		return range_name(w, &s.v[0]);
	return text_name(w->arena, w->p->groups[group].name, "-_.", '-', LONGEST_ADDRESS_NAME);
}

static void put_address(struct writer *w, const struct addr_range *r)
{
	char lo[RANGE_TEXT], hi[RANGE_TEXT];
	unsigned length;
	struct str name = range_name(w, r);
	if (!strmap_add(&w->written, name, w))
		return;
	out_printf(w->o, "    edit \"%.*s\"\n", STR_ARG(name));
	if (!addr_range_is_prefix(r, &length))
		out_printf(w->o, "        set type iprange\n        set start-ip %s\n        set end-ip %s\n",
			   addr_text((struct addr){ r->family, r->lo }, lo),
			   addr_text((struct addr){ r->family, r->hi }, hi));
	else if (r->family == IPV6)
		out_printf(w->o, "        set ip6 %s/%u\n", addr_text((struct addr){ IPV6, r->lo }, lo), length);
	else
		out_printf(w->o, "        set subnet %s %s\n", addr_text((struct addr){ IPV4, r->lo }, lo),
			   addr_text((struct addr){ IPV4, length ? (uint32_t)(UINT32_MAX << (32 - length)) : 0 }, hi));
	out_text(w->o, "    next\n");
}

static void put_addresses(struct writer *w, enum family f)
{
	bool any = false;
	w->written = strmap_new(w->arena);
	for (size_t i = 0; i < w->p->n_groups; i++) {
		struct addrset s = part(w, (uint32_t)i, f);
		if (!is_used(w, i, f) || is_whole_family(s, f))
			continue;
		if (!any)
			out_printf(w->o, "config firewall address%s\n", f == IPV6 ? "6" : "");
		any = true;
		for (size_t j = 0; j < s.n; j++)
			put_address(w, &s.v[j]);
	}
	if (any)
		out_text(w->o, "end\n");
}

static void put_quoted(struct out *o, size_t most, struct str id, struct str text)
{
	out_char(o, '"');
	text_put_limited(o, most, "\"\\<>()#'", id, text);
	out_char(o, '"');
}

static void put_groups(struct writer *w, enum family f)
{
	bool any = false;
	for (size_t i = 0; i < w->p->n_groups; i++) {
		struct addrset s = part(w, (uint32_t)i, f);
		if (!is_used(w, i, f) || s.n < 2)
			continue;
		if (!any)
			out_printf(w->o, "config firewall addrgrp%s\n", f == IPV6 ? "6" : "");
		any = true;
		out_printf(w->o, "    edit \"%.*s\"\n        set member", STR_ARG(group_name(w, (uint32_t)i, f)));
		for (size_t j = 0; j < s.n; j++)
			out_printf(w->o, " \"%.*s\"", STR_ARG(range_name(w, &s.v[j])));
		if (w->p->groups[i].about.n) {
			out_text(w->o, "\n        set comment ");
			put_quoted(w->o, LONGEST_COMMENT, w->p->groups[i].about, NO_STR);
		}
		out_text(w->o, "\n    next\n");
	}
	if (any)
		out_text(w->o, "end\n");
}

static bool is_in_range_object(const struct service_item *s)
{
	return item_has_ports(s) &&
	       (s->protocol_lo == PROTO_TCP || s->protocol_lo == PROTO_UDP || s->protocol_lo == PROTO_SCTP);
}

static struct str service_name(const struct writer *w, const struct policy_services *l, const struct service_item *s)
{
	struct str name = l->name;
	if (item_is_any(s))
		return STR("ALL");
	if (!is_in_range_object(s) && protocol_is_icmp(s->protocol_lo)) {
		name = str_printf(w->arena, "%s%s", s->protocol_lo == PROTO_ICMP ? "icmp" : "icmp6",
				  s->type < 0 ? "" : "-type-");
		if (s->type >= 0)
			name = str_printf(w->arena, "%.*s%d", STR_ARG(name), s->type);
		if (s->type >= 0 && s->code >= 0)
			name = str_printf(w->arena, "%.*s-code-%d", STR_ARG(name), s->code);
	} else if (!is_in_range_object(s)) {
		name = s->protocol_lo ? str_printf(w->arena, "ip-protocol-%u", s->protocol_lo) : STR("ip-protocol-0");
	}
	return text_name(w->arena, str_printf(w->arena, "portolan-%.*s", STR_ARG(name)), "-_.", '-',
			 LONGEST_ADDRESS_NAME);
}

static void put_port_list(struct out *o, const char *list, uint8_t protocol, const struct service_items *items)
{
	char text[PORT_TEXT];
	bool any = false;
	for (size_t i = 0; i < items->n; i++) {
		const struct service_item *s = &items->v[i];
		if (s->protocol_lo != protocol || s->protocol_hi != protocol)
			continue;
		for (size_t j = 0; j < s->ports.n; j++) {
			if (!any)
				out_printf(o, "        set %s", list);
			out_printf(o, " %s", port_range_text(s->ports.v[j], text));
			any = true;
			if (s->sport.lo > 0 || s->sport.hi < 65535)
				out_printf(o, ":%s", port_range_text(s->sport, text));
		}
	}
	if (any)
		out_char(o, '\n');
}

static void put_single_service(struct writer *w, const struct service_item *s)
{
	if (protocol_is_icmp(s->protocol_lo)) {
		out_printf(w->o, "        set protocol %s\n", s->protocol_lo == PROTO_ICMP ? "ICMP" : "ICMP6");
		if (s->type >= 0)
			out_printf(w->o, "        set icmptype %d\n", s->type);
		if (s->type >= 0 && s->code >= 0)
			out_printf(w->o, "        set icmpcode %d\n", s->code);
		return;
	}
	if (item_has_ports(s) && (!portset_is_all(s->ports) || s->sport.lo > 0 || s->sport.hi < 65535)) {
		w->failed = true;
		diag_error(w->diag, NOWHERE, "FortiGate cannot express ports of protocol %u", s->protocol_lo);
	}
	out_printf(w->o, "        set protocol IP\n        set protocol-number %u\n", s->protocol_lo);
}

/* There, number 0 means every protocol; 0 itself is matched by negating all others. */
static bool is_protocol_zero(const struct service_item *s)
{
	return !item_is_any(s) && s->protocol_lo == 0;
}

static void put_all_but_zero(struct writer *w)
{
	for (unsigned protocol = 1; protocol <= 255; protocol++) {
		struct str one = str_printf(w->arena, "portolan-ip-protocol-%u", protocol);
		if (protocol_is_icmp(protocol) || !strmap_add(&w->written, one, w))
			continue;
		out_printf(w->o,
			   "    edit \"%.*s\"\n        set protocol IP\n        set protocol-number %u\n    next\n",
			   STR_ARG(one), protocol);
	}
}

static void put_services(struct writer *w)
{
	bool zero = false;
	w->written = strmap_new(w->arena);
	out_text(w->o, "config firewall service custom\n");
	for (size_t i = 0; i < w->p->n_services; i++) {
		struct service_items items = services_merged(w->arena, &w->p->services[i]);
		for (size_t j = 0; j < items.n; j++) {
			const struct service_item *s = &items.v[j];
			struct str name = service_name(w, &w->p->services[i], s);
			zero |= is_protocol_zero(s);
			if (item_is_any(s) || is_protocol_zero(s) || !strmap_add(&w->written, name, w))
				continue;
			out_printf(w->o, "    edit \"%.*s\"\n", STR_ARG(name));
			if (is_in_range_object(s)) {
				put_port_list(w->o, "tcp-portrange", PROTO_TCP, &items);
				put_port_list(w->o, "udp-portrange", PROTO_UDP, &items);
				put_port_list(w->o, "sctp-portrange", PROTO_SCTP, &items);
			} else {
				put_single_service(w, s);
			}
			out_text(w->o, "    next\n");
		}
	}
	if (zero)
		put_all_but_zero(w);
	out_text(w->o, "end\n");
}

/* The interfaces that lead to the addresses of a side. */
static void put_interfaces(const struct writer *w, const char *key, uint32_t group)
{
	size_t n = 0;
	out_printf(w->o, "        set %s", key);
	for (size_t i = 0; i < w->p->n_zones; i++)
		if (addrset_overlaps(w->p->zones[i].addresses, w->p->groups[group].addresses)) {
			for (size_t j = 0; j < w->p->zones[i].n_interfaces; j++)
				out_printf(w->o, " \"%.*s\"", STR_ARG(w->p->zones[i].interfaces[j]));
			n++;
		}
	out_text(w->o, n ? "\n" : " \"any\"\n");
}

static void begin_policy(struct writer *w, const struct relation *r, uint32_t number)
{
	out_printf(w->o, "    edit %u\n        set name ", number);
	put_quoted(w->o, LONGEST_POLICY_NAME, r->id, NO_STR);
	out_char(w->o, '\n');
	put_interfaces(w, "srcintf", r->src);
	put_interfaces(w, "dstintf", r->dst);
	for (int f = IPV4; f <= IPV6; f++)
		if (crosses(w, r, (enum family)f)) {
			const char *six = f == IPV6 ? "6" : "";
			out_printf(w->o, "        set srcaddr%s \"%.*s\"\n        set dstaddr%s \"%.*s\"\n", six,
				   STR_ARG(group_name(w, r->src, (enum family)f)), six,
				   STR_ARG(group_name(w, r->dst, (enum family)f)));
		}
	out_printf(w->o, "        set action %s\n        set schedule \"always\"\n", r->denies ? "deny" : "accept");
}

static void end_policy(struct writer *w, const struct relation *r)
{
	out_text(w->o, "        set logtraffic all\n        set comments ");
	/* the name is the id already, so the id is not repeated before the comment of a foreign rule */
	if (relation_says_id(r))
		put_quoted(w->o, LONGEST_COMMENTS, text_about(w->arena, LONGEST_COMMENTS, r), NO_STR);
	else
		put_quoted(w->o, LONGEST_COMMENTS, r->title, r->about);
	out_text(w->o, "\n    next\n");
}

static void put_place(const struct writer *w, const struct relation *r, uint32_t number)
{
	if (r->before.n)
		out_printf(w->o, "    move %u before %.*s\n", number, STR_ARG(r->before));
}

static void put_policy(struct writer *w, const struct relation *r, uint32_t number)
{
	const struct policy_services *l = &w->p->services[r->services];
	struct service_items items = services_merged(w->arena, l);
	struct str last = NO_STR;
	size_t n = 0;
	for (size_t i = 0; i < items.n; i++)
		n += !is_protocol_zero(&items.v[i]);
	if (n) {
		begin_policy(w, r, number);
		out_text(w->o, "        set service");
		for (size_t i = 0; i < items.n; i++) {
			struct str name = service_name(w, l, &items.v[i]);
			if (!str_eq(name, last) && !is_protocol_zero(&items.v[i]))
				out_printf(w->o, " \"%.*s\"", STR_ARG(name));
			last = name;
		}
		out_char(w->o, '\n');
		end_policy(w, r);
		*VEC_ADD(w->arena, &w->policies) = number;
		put_place(w, r, number);
	}
	if (n == items.n)
		return;
	begin_policy(w, r, number + 1);
	out_text(w->o, "        set service-negate enable\n        set service \"ALL_ICMP\" \"ALL_ICMP6\"");
	for (unsigned protocol = 1; protocol <= 255; protocol++)
		if (!protocol_is_icmp(protocol))
			out_printf(w->o, " \"portolan-ip-protocol-%u\"", protocol);
	out_char(w->o, '\n');
	end_policy(w, r);
	*VEC_ADD(w->arena, &w->policies) = number + 1;
	put_place(w, r, number + 1);
}

/* FortiOS moves before a policy by its number, and those of others are not known: the lines are to be completed. */
static void put_first(const struct writer *w)
{
	if (w->p->part || !w->policies.n)
		return;
	out_text(w->o, "# FIRST is the number of the first policy of others (show firewall policy):\n"
		       "# config firewall policy\n");
	for (size_t i = 0; i < w->policies.n; i++)
		out_printf(w->o, "#     move %u before FIRST\n", w->policies.v[i]);
	out_text(w->o, "# end\n");
}

/* Even numbers, from the relation's id; odd ones are for a second policy of the same relation. */
static uint32_t number_of(struct writer *w, const struct relation *r)
{
	uint64_t h = hash64(r->id.p, r->id.n);
	for (;; h++) {
		uint32_t n = (uint32_t)(h % LARGEST_POLICY + 1) * 2;
		if (strmap_add(&w->written, str_printf(w->arena, "%u", n), w))
			return n;
	}
}

/* Words of the language, and the names that the emitter gives to objects of one range and to services without ports. */
static bool means_other(struct str name, bool services)
{
	if (services)
		return str_istarts(name, "icmp") || str_istarts(name, "ip-protocol-");
	return str_istarts(name, "ip-") || str_iis(name, "all") || str_iis(name, "any") || str_iis(name, "none");
}

/* What "config LIST", "edit NAME" make, of a file that we wrote. */
static struct owned_list owned(struct arena *a, struct str text)
{
	static const struct {
		const char *list;
		unsigned rank;
	} kinds[] = {
		{ "firewall policy", 0 },   { "firewall service group", 1 }, { "firewall service custom", 2 },
		{ "firewall addrgrp6", 3 }, { "firewall addrgrp", 3 },       { "firewall address6", 4 },
		{ "firewall address", 4 },
	};
	VEC(struct owned) all = { 0 };
	struct str line, list = NO_STR;
	unsigned rank = 0;
	while (str_cut(&text, '\n', &line)) {
		line = str_trim(line);
		if (str_is(line, "end"))
			list = NO_STR;
		else if (list.n && str_starts(line, "edit "))
			*VEC_ADD(a, &all) = (struct owned){ rank, list, str_skip(line, strlen("edit ")) };
		for (size_t i = 0; str_starts(line, "config ") && i < ARRAY_LEN(kinds); i++)
			if (str_is(str_skip(line, strlen("config ")), kinds[i].list)) {
				list = str_of(kinds[i].list);
				rank = kinds[i].rank;
			}
	}
	return (struct owned_list){ all.v, all.n };
}

static void withdraw(struct arena *a, struct str before, struct str now, struct out *o)
{
	struct owned_list gone = owned_gone(a, owned(a, before), owned(a, now));
	for (size_t i = 0; i < gone.n; i++) {
		bool first = i == 0 || !str_eq(gone.v[i].list, gone.v[i - 1].list),
		     last = i + 1 == gone.n || !str_eq(gone.v[i].list, gone.v[i + 1].list);
		if (first)
			out_printf(o, "config %.*s\n", STR_ARG(gone.v[i].list));
		out_printf(o, "    delete %.*s\n%s", STR_ARG(gone.v[i].path), last ? "end\n" : "");
	}
}

static const struct dialect_loading fortigate_loading = {
	.loads = LOADS_ADDS,
	.load = "paste it, or run it as a configuration script",
	.undo = "restore the configuration that was backed up before",
	.lands = "Policies come after those that are there.  The commented lines behind them put them first.",
};

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct writer w = { .arena = a, .o = o, .p = p, .diag = d };

	if (!p->part)
		text_header(o, "# ", p, "FortiGate, FortiOS 6.4 and later", &fortigate_loading);
	for (int f = IPV4; f <= IPV6; f++) {
		put_addresses(&w, (enum family)f);
		put_groups(&w, (enum family)f);
	}
	put_services(&w);
	w.written = strmap_new(a);
	out_text(o, "config firewall policy\n");
	for (size_t i = 0; i < p->n_relations; i++) {
		const struct relation *r = &p->relations[i];
		if (crosses(&w, r, IPV4) || crosses(&w, r, IPV6))
			put_policy(&w, r, number_of(&w, r));
	}
	out_text(o, "end\n");
	if (p->log_denials)
		out_text(o, "config log setting\n    set fwpolicy-implicit-log enable\n"
			    "    set fwpolicy6-implicit-log enable\nend\n");
	put_first(&w);
	return !w.failed;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 16384);
	if (str_starts(head, "#config-version="))
		return 100;
	if (str_find_text(head, STR("config firewall ")) != SIZE_MAX ||
	    str_find_text(head, STR("config system ")) != SIZE_MAX ||
	    str_find_text(head, STR("config vdom")) != SIZE_MAX)
		return 95;
	return 0;
}

/* The number of a policy, which its text begins with: "policy 7 web". */
static struct str number_text(struct arena *a, const struct rule *r)
{
	struct str rest = r->text, word;
	(void)a;
	return str_word(&rest, &word) && str_is(word, "policy") && str_word(&rest, &word) ? word : NO_STR;
}

static const char *patch(struct arena *a, const struct patch_request *q, struct out *apply, struct out *undo)
{
	CLEANUP(out_free) struct out added = out_memory(MOST_RULES_BYTES);
	const char *why = patch_put_part(q, patch_part(a, q, number_text), &added);
	for (size_t i = 0; i < q->n && !why; i++) {
		struct str number = q->steps[i].removes ? number_text(a, q->steps[i].at) : NO_STR;
		if (q->steps[i].removes && !number.n)
			return "a rule that would go is not a policy";
		if (!number.n)
			continue;
		static const char change[] =
			"config firewall policy\n    edit %.*s\n        set status %s\n    next\nend\n";
		out_printf(apply, change, STR_ARG(number), "disable");
		out_printf(undo, change, STR_ARG(number), "enable");
	}
	out_str(apply, out_view(&added));
	withdraw(a, out_view(&added), q->text, undo);
	return why;
}

static const struct patch_writer fortigate_patch = { .comment = "# ", .write = patch };

const struct dialect dialect_fortigate = {
	.name = "fortigate",
	.title = "FortiGate, FortiOS 6.4 and later",
	.ending = "conf",
	.loading = &fortigate_loading,
	.withdraw = withdraw,
	.patch = &fortigate_patch,
	.means_other = means_other,
	.emit = emit,
	.logs_denials = true,
	.parse = fortigate_parse,
	.resembles = resembles,
	.for_transit = true,
	.interface_chars = "/.:_- +@#&()",
	.cannot = CANNOT_PROTOCOL_RANGES,
	.most_addresses = 300, /* members of a group, on the smallest models */
	.rules_of_a_relation = 1,
};
