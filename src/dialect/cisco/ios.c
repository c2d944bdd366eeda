/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Cisco IOS and IOS-XE: one named list a family, bound inbound to the interface
 * of every zone.  The reader is in ios-read.c.
 *
 * A relation becomes one entry with object groups.  The lists are stateless, so
 * replies have entries of their own: TCP by its ACK flag (established), UDP from
 * the services' ports, echo replies.  So have ICMP errors, from any router to the
 * addresses that the relations name.
 *
 * Groups of IPv6 addresses are newer than those of IPv4 ("IPv6 Object Groups for ACLs", Security Configuration Guide:
 * Access Control Lists, Cisco IOS XE Gibraltar 16.11.x).  Without --set v6-network=yes each pair of prefixes has an
 * entry.
 */
#include "dialect/cisco/cisco.h"

#include "dialect/common/link.h"
#include "dialect/common/patch.h"
#include "dialect/common/services.h"
#include "dialect/common/text.h"

enum {
	LONGEST_REMARK = 100,
	MOST_PAIRS = 4096, /* of IPv6 prefixes that one entry stands for */
};

struct writer {
	struct arena *arena;
	struct out *o;
	const struct policy *p;
	const struct relation *r;
	enum family family;
	struct service_items items;
	struct addrset named; /* by relations, in both families */
	struct strmap names;  /* of groups, as they are written */
	struct str lists[2];  /* of each family */
	uint32_t *number;     /* of a part: of the next entry; NULL: entries have none */
	struct diag *diag;
	bool v6_groups; /* groups of IPv6 addresses are written */
	bool failed;
};

/* The addresses that ICMP errors go to.  No group of a policy has this name. */
#define NAMED "portolan_named"

static struct addrset group_part(const struct writer *w, size_t group)
{
	return addrset_part(w->p->groups[group].addresses, w->family);
}

static bool is_whole_family(struct addrset s, enum family f)
{
	return s.n == 1 && s.v[0].lo == 0 && s.v[0].hi == addr_max(f);
}

/* A single host or prefix is written in place. */
static bool needs_group(struct addrset s)
{
	unsigned length;
	return s.n > 1 || (s.n && !addr_range_is_prefix(&s.v[0], &length));
}

/* Groups of addresses and of services have one name space. */
static struct str services_name(const struct writer *w, const char *ending)
{
	return str_printf(w->arena, "%.*s_%s", STR_ARG(w->p->services[w->r->services].name), ending);
}

static void put_mask(struct out *o, unsigned length, bool wildcard)
{
	char text[ADDR_TEXT];
	uint32_t mask = length ? UINT32_MAX << (32 - length) : 0;
	out_text(o, addr_text((struct addr){ IPV4, wildcard ? ~mask : mask }, text));
}

static void put_prefix(struct out *o, const struct addr_range *r, bool wildcard)
{
	char text[RANGE_TEXT];
	unsigned length = 0;
	addr_range_is_prefix(r, &length);
	if (length == addr_bits(r->family)) {
		out_printf(o, "host %s", addr_range_text(r, text));
	} else if (r->family == IPV6) {
		out_text(o, addr_range_text(r, text));
	} else {
		out_printf(o, "%s ", addr_text((struct addr){ IPV4, r->lo }, text));
		put_mask(o, length, wildcard);
	}
}

static struct str name_in_family(const struct writer *w, struct str name)
{
	return w->family == IPV6 ? str_printf(w->arena, "%.*s_6", STR_ARG(name)) : name;
}

static void put_members(const struct writer *w, struct addrset s, struct out *o)
{
	char lo[ADDR_TEXT], hi[ADDR_TEXT];
	unsigned length;
	size_t n;
	for (size_t i = 0; i < s.n; i++) {
		if (w->family == IPV4 && !addr_range_is_prefix(&s.v[i], &length)) {
			out_printf(o, " range %s %s\n", addr_text((struct addr){ IPV4, s.v[i].lo }, lo),
				   addr_text((struct addr){ IPV4, s.v[i].hi }, hi));
			continue;
		}
		struct addr_range *ranges = addrset_prefixes(w->arena, (struct addrset){ &s.v[i], 1 }, &n);
		for (size_t j = 0; j < n; j++) {
			out_char(o, ' ');
			put_prefix(o, &ranges[j], false);
			out_char(o, '\n');
		}
	}
	out_text(o, "!\n");
}

static void put_group(struct writer *w, struct str name, struct str about, struct addrset s)
{
	CLEANUP(out_free) struct out members = out_memory(MOST_RULES_BYTES);
	if (about.n) {
		out_text(&members, " description ");
		text_put_limited(&members, LONGEST_REMARK, "", about, NO_STR);
		out_char(&members, '\n');
	}
	put_members(w, s, &members);
	cisco_put_group(w->arena, &w->names, w->family == IPV6 ? "v6-network" : "network", name_in_family(w, name),
			out_view(&members), w->o);
}

static bool has_groups(const struct writer *w, enum family f)
{
	return f == IPV4 || w->v6_groups;
}

static void put_groups(struct writer *w)
{
	for (size_t i = 0; i < w->p->n_groups; i++)
		for (int f = IPV4; f <= IPV6 && has_groups(w, (enum family)f); f++) {
			bool used = false;
			w->family = (enum family)f;
			for (size_t j = 0; j < w->p->n_relations && !used; j++) {
				const struct relation *r = &w->p->relations[j];
				used = (r->src == i || r->dst == i) && group_part(w, r->src).n &&
				       group_part(w, r->dst).n;
			}
			if (used && needs_group(group_part(w, i)))
				put_group(w, w->p->groups[i].name, w->p->groups[i].about, group_part(w, i));
		}
}

static void put_named(struct writer *w)
{
	for (int f = IPV4; f <= IPV6 && has_groups(w, (enum family)f); f++) {
		struct addrset named = addrset_part(w->named, (enum family)f);
		w->family = (enum family)f;
		if (needs_group(named) && !is_whole_family(named, w->family))
			put_group(w, STR(NAMED), STR("that ICMP errors may go to"), named);
	}
}

/* In place, or by the name of its group. */
static void put_addresses(const struct writer *w, struct addrset s, struct str group)
{
	if (is_whole_family(s, w->family)) {
		out_text(w->o, "any");
	} else if (needs_group(s)) {
		out_printf(w->o, "object-group %.*s", STR_ARG(cisco_written_name(&w->names, name_in_family(w, group))));
	} else {
		put_prefix(w->o, &s.v[0], true);
	}
}

/* What one entry can name: the whole set, or each of its prefixes where there are no groups. */
struct sides {
	const struct addr_range *v; /* NULL: the whole set */
	size_t n;
	struct addrset all;
};

static struct sides sides_of(const struct writer *w, struct addrset s)
{
	struct sides sides = { NULL, 1, s };
	if (!has_groups(w, w->family) && needs_group(s))
		sides.v = addrset_prefixes(w->arena, s, &sides.n);
	return sides;
}

static struct addrset side_at(const struct sides *sides, size_t i)
{
	return sides->v ? (struct addrset){ (struct addr_range *)&sides->v[i], 1 } : sides->all;
}

static bool is_tcp_or_udp(const struct service_item *s)
{
	return s->protocol_lo == s->protocol_hi && (s->protocol_lo == PROTO_TCP || s->protocol_lo == PROTO_UDP);
}

static void put_range(struct out *o, struct port_range r)
{
	if (r.lo == r.hi)
		out_printf(o, " eq %u", r.lo);
	else if (r.lo > 0 || r.hi < 65535)
		out_printf(o, " range %u %u", r.lo, r.hi);
}

/* Lines of TCP and UDP; back: the ports of the replies. */
static size_t count_ranges(const struct writer *w, bool udp_only)
{
	size_t n = 0;
	for (size_t i = 0; i < w->items.n; i++)
		if (is_tcp_or_udp(&w->items.v[i]) && !(udp_only && w->items.v[i].protocol_lo == PROTO_TCP))
			n += w->items.v[i].ports.n;
	return n;
}

static void put_service_group(struct writer *w, bool back)
{
	CLEANUP(out_free) struct out members = out_memory(MOST_RULES_BYTES);
	struct out *o = &members;
	for (size_t i = 0; i < w->items.n; i++) {
		const struct service_item *s = &w->items.v[i];
		if (!is_tcp_or_udp(s) || (back && s->protocol_lo == PROTO_TCP))
			continue;
		for (size_t j = 0; j < s->ports.n; j++) {
			struct port_range source = back ? s->ports.v[j] : s->sport,
					  port = back ? s->sport : s->ports.v[j];
			out_printf(o, " %s", s->protocol_lo == PROTO_TCP ? "tcp" : "udp");
			if (source.lo > 0 || source.hi < 65535)
				out_text(o, " source");
			put_range(o, source);
			put_range(o, port);
			out_char(o, '\n');
		}
	}
	out_text(o, "!\n");
	cisco_put_group(w->arena, &w->names, "service", services_name(w, back ? "answers" : "services"),
			out_view(&members), w->o);
}

/* Services are shared between relations: each group is written once. */
static void put_service_groups(struct writer *w)
{
	w->family = IPV4;
	for (size_t i = 0; i < w->p->n_services; i++)
		for (size_t j = 0; j < w->p->n_relations; j++) {
			w->r = &w->p->relations[j];
			if (w->r->services != i || !group_part(w, w->r->src).n || !group_part(w, w->r->dst).n)
				continue;
			w->items = services_merged(w->arena, &w->p->services[i]);
			if (count_ranges(w, false) > 1)
				put_service_group(w, false);
			if (count_ranges(w, true) > 1)
				put_service_group(w, true);
			break;
		}
}

/* " permit WHAT SRC [ports] DST [ports]"; back: the opposite direction. */
static void put_entry(struct writer *w, const char *protocol, struct port_range source, struct port_range port,
		      bool back, const char *ending)
{
	size_t from = back ? w->r->dst : w->r->src, to = back ? w->r->src : w->r->dst;
	struct sides src = sides_of(w, group_part(w, from)), dst = sides_of(w, group_part(w, to));
	if (src.n * dst.n > MOST_PAIRS) {
		if (!w->failed)
			diag_error(
				w->diag, NOWHERE,
				"Cisco IOS would need %zu entries for pairs of IPv6 prefixes (\"%.*s\"), more than %d; "
				"releases that have object-group v6-network need one: --set v6-network=yes",
				src.n * dst.n, STR_ARG(w->r->title), MOST_PAIRS);
		w->failed = true;
		return;
	}
	for (size_t i = 0; i < src.n; i++)
		for (size_t j = 0; j < dst.n; j++) {
			if (w->number)
				out_printf(w->o, w->family == IPV6 ? " sequence %u" : " %u", (*w->number)++);
			out_printf(w->o, " %s %s ", w->r->denies ? "deny" : "permit", protocol);
			put_addresses(w, side_at(&src, i), w->p->groups[from].name);
			put_range(w->o, source);
			out_char(w->o, ' ');
			put_addresses(w, side_at(&dst, j), w->p->groups[to].name);
			put_range(w->o, port);
			out_printf(w->o, "%s\n", ending);
		}
}

/* On many releases IPv6 lists have no service groups: an entry for each range there. */
static void put_tcp_and_udp(struct writer *w, bool back)
{
	if (w->family == IPV4 && count_ranges(w, back) > 1) {
		struct str name = cisco_written_name(&w->names, services_name(w, back ? "answers" : "services"));
		put_entry(w, cstr(w->arena, str_printf(w->arena, "object-group %.*s", STR_ARG(name))), ALL_PORTS,
			  ALL_PORTS, back, "");
		return;
	}
	for (size_t i = 0; i < w->items.n; i++) {
		const struct service_item *s = &w->items.v[i];
		if (!is_tcp_or_udp(s) || (back && s->protocol_lo == PROTO_TCP))
			continue;
		for (size_t j = 0; j < s->ports.n; j++)
			put_entry(w, s->protocol_lo == PROTO_TCP ? "tcp" : "udp", back ? s->ports.v[j] : s->sport,
				  back ? s->sport : s->ports.v[j], back, "");
	}
}

static void put_icmp(struct writer *w, const struct service_item *s, bool back)
{
	int question = w->family == IPV6 ? 128 : 8, answer = w->family == IPV6 ? 129 : 0;
	char ending[32] = "";
	if (back && s->type >= 0 && s->type != question)
		return;
	int type = back ? answer : s->type;
	if (type >= 0 && s->code >= 0)
		snprintf(ending, sizeof ending, " %d %d", type, s->code);
	else if (type >= 0)
		snprintf(ending, sizeof ending, " %d", type);
	put_entry(w, "icmp", ALL_PORTS, ALL_PORTS, back, ending);
}

static void put_number(struct writer *w, unsigned protocol, bool back)
{
	char text[16];
	snprintf(text, sizeof text, "%u", protocol);
	put_entry(w, text, ALL_PORTS, ALL_PORTS, back, "");
}

/* Every protocol: replies may be anything but the first packet of TCP. */
static void put_any(struct writer *w, bool back)
{
	if (!back) {
		put_entry(w, w->family == IPV6 ? "ipv6" : "ip", ALL_PORTS, ALL_PORTS, false, "");
		return;
	}
	for (unsigned p = 0; p <= 255; p++) {
		if (p == PROTO_TCP)
			put_entry(w, "tcp", ALL_PORTS, ALL_PORTS, true, " established");
		else
			put_number(w, p, true);
	}
}

static void put_others(struct writer *w, bool back)
{
	bool any = false;
	for (size_t i = 0; i < w->items.n; i++) {
		const struct service_item *s = &w->items.v[i];
		if (is_tcp_or_udp(s) || !item_in_family(s, w->family))
			continue;
		if (item_is_any(s) && !any) {
			put_any(w, back);
			any = true;
		} else if (protocol_is_icmp(s->protocol_lo)) {
			put_icmp(w, s, back);
		} else if (item_has_ports(s) && (!portset_is_all(s->ports) || s->sport.lo > 0 || s->sport.hi < 65535)) {
			w->failed = true;
			diag_error(w->diag, NOWHERE, "Cisco IOS cannot express ports of protocol %u (\"%.*s\")",
				   s->protocol_lo, STR_ARG(w->r->title));
		} else if (!item_is_any(s)) {
			put_number(w, s->protocol_lo, back);
		}
	}
}

static bool has_tcp(const struct writer *w)
{
	for (size_t i = 0; i < w->items.n; i++)
		if (w->items.v[i].protocol_lo == PROTO_TCP && w->items.v[i].protocol_hi == PROTO_TCP)
			return true;
	return false;
}

static void put_relation(struct writer *w, const struct relation *r)
{
	w->r = r;
	w->items = services_merged(w->arena, &w->p->services[r->services]);
	if (!group_part(w, r->src).n || !group_part(w, r->dst).n)
		return;
	out_text(w->o, " remark ");
	text_put_title(w->o, LONGEST_REMARK, "", r->id, r);
	out_char(w->o, '\n');
	put_tcp_and_udp(w, false);
	put_others(w, false);
	if (has_tcp(w))
		put_entry(w, "tcp", ALL_PORTS, ALL_PORTS, true, " established");
	put_tcp_and_udp(w, true);
	put_others(w, true);
}

/* Both ends of a conversation are told of what happened to their packets. */
static void find_named(struct writer *w)
{
	for (size_t i = 0; i < w->p->n_relations; i++) {
		const struct relation *r = &w->p->relations[i];
		for (int f = IPV4; f <= IPV6; f++) {
			w->family = (enum family)f;
			struct addrset src = group_part(w, r->src), dst = group_part(w, r->dst);
			if (src.n && dst.n)
				w->named = addrset_union(w->arena, w->named, addrset_union(w->arena, src, dst));
		}
	}
}

static void put_icmp_errors(struct writer *w)
{
	struct addrset named = addrset_part(w->named, w->family);
	struct sides to = sides_of(w, named);
	for (const struct link_need *need = link_needs; need->name && named.n; need++) {
		if (need->kind != BESIDE_ICMP_ERRORS || link_need_family(need) != w->family)
			continue;
		for (size_t i = 0; i < to.n; i++) {
			out_text(w->o, " permit icmp any ");
			put_addresses(w, side_at(&to, i), STR(NAMED));
			out_printf(w->o, " %u\n", need->types.lo);
		}
	}
}

/* A relay on this router hears the broadcasts of clients that have no address yet. */
static bool serves_dhcp(const struct writer *w)
{
	for (size_t i = 0; i < w->p->n_relations; i++) {
		const struct policy_services *s = &w->p->services[w->p->relations[i].services];
		for (size_t j = 0; j < s->n; j++)
			if (s->v[j].term.protocol_lo == PROTO_UDP && s->v[j].term.port.lo == 67 &&
			    s->v[j].term.port.hi == 67)
				return true;
	}
	return false;
}

static void put_link_needs(struct writer *w)
{
	if (w->named.n)
		out_text(w->o, " remark ICMP errors, for the conversations above\n");
	put_icmp_errors(w);
	if (w->family == IPV6)
		out_text(w->o, " permit icmp any any router-solicitation\n");
	else if (serves_dhcp(w))
		out_text(w->o, " permit udp host 0.0.0.0 eq 68 host 255.255.255.255 eq 67\n");
}

static const char *list_words(enum family f)
{
	return f == IPV6 ? "ipv6 access-list" : "ip access-list extended";
}

static void put_list(struct writer *w, enum family f)
{
	CLEANUP(out_free) struct out entries = out_memory(MOST_RULES_BYTES);
	struct out *o = w->o;
	w->family = f;
	w->o = &entries;
	out_text(w->o, " remark what is not permitted here is denied\n");
	for (size_t i = 0; i < w->p->n_relations; i++)
		put_relation(w, &w->p->relations[i]);
	put_link_needs(w);
	/* the implicit deny also permits neighbour discovery; an explicit one does not */
	if (f == IPV6)
		out_text(w->o, " permit icmp any any nd-na\n permit icmp any any nd-ns\n");
	out_printf(w->o, " deny %s any any%s\n!\n", f == IPV6 ? "ipv6" : "ip", w->p->log_denials ? " log" : "");
	w->o = o;
	w->lists[f] = cisco_content_name(w->arena, f == IPV6 ? STR("portolan-6") : STR("portolan"), out_view(&entries));
	out_printf(o, "%s %.*s\n%.*s", list_words(f), STR_ARG(w->lists[f]), STR_ARG(out_view(&entries)));
}

/* Groups of IPv6 addresses, and of services, are named after others. */
static bool means_other(struct str name, bool services)
{
	return !services && (str_is(name, NAMED) || str_ends(name, "_6") || str_ends(name, "_services") ||
			     str_ends(name, "_answers"));
}

static const struct dialect_loading cisco_ios_loading = {
	.loads = LOADS_ADDS,
	.load = "copy FILE running-config; lists of earlier files are no longer bound, and emit --after removes them",
	.keep = "copy running-config startup-config",
	.undo = "configure replace, with the configuration that was saved before",
};

/* What the lists do to the router itself: no plan knows which of these it needs. */
static void put_router_needs(struct out *o)
{
	out_text(o, "! These lists judge packets to the router itself, too.  What it needs is not in the plan; add it\n"
		    "! before the last entry, for example:\n"
		    "!  permit ospf any any\n"
		    "!  permit tcp host NEIGHBOUR any eq bgp\n"
		    "!  permit tcp host NEIGHBOUR eq bgp any established\n"
		    "!  permit tcp MANAGEMENT WILDCARD any eq 22\n"
		    "!  permit udp host DHCP-SERVER eq bootps any eq bootps\n"
		    "!\n");
}

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct writer w = { .arena = a, .o = o, .p = p, .diag = d, .names = strmap_new(a) };

	w.v6_groups = str_is(policy_setting(p, "v6-network"), "yes");
	text_header(o, "! ", p, "Cisco IOS and IOS-XE", &cisco_ios_loading);
	for (size_t i = 0; i < p->n_relations; i++)
		text_comment_lines(o, "! ", p->relations[i].about);
	out_text(o, "!\n");
	put_router_needs(o);
	put_groups(&w);
	find_named(&w);
	put_named(&w);
	put_service_groups(&w);
	put_list(&w, IPV4);
	put_list(&w, IPV6);
	for (size_t i = 0; i < p->n_zones; i++) {
		if (!p->zones[i].interfaces_said)
			out_printf(o, "! the estate does not state which interface leads to zone \"%.*s\"\n",
				   STR_ARG(p->zones[i].name));
		for (size_t j = 0; j < p->zones[i].n_interfaces; j++)
			out_printf(o, "interface %.*s\n ip access-group %.*s in\n ipv6 traffic-filter %.*s in\n!\n",
				   STR_ARG(p->zones[i].interfaces[j]), STR_ARG(w.lists[IPV4]), STR_ARG(w.lists[IPV6]));
	}
	return !w.failed;
}

/* Patches */

/* The family of a list, by the rule that binds it. */
static enum family family_of(const struct ruleset *r, const struct chain *c)
{
	uint32_t own = (uint32_t)(c - r->chains.v);
	for (size_t i = 0; i < r->bases.n; i++) {
		const struct chain *base = &r->chains.v[r->bases.v[i]];
		for (size_t j = 0; j < base->rules.n; j++) {
			const struct match *m = &base->rules.v[j].match;
			if (base->rules.v[j].target == own && m->src && m->src->n)
				return m->src->v[0].family;
		}
	}
	return IPV4;
}

/* The numbers between which a step adds entries.  NULL, or why it is not known. */
static const char *find_room(const struct patch_step *step, uint32_t *after, uint32_t *before)
{
	const struct chain *c = step->chain;
	size_t at = step->at ? (size_t)(step->at - c->rules.v) : c->rules.n;
	while (at && at <= c->rules.n && c->rules.v[at - 1].implicit)
		at--;
	*after = at ? c->rules.v[at - 1].number : 0;
	*before = at < c->rules.n && !c->rules.v[at].implicit ? c->rules.v[at].number : UINT32_MAX;
	if ((at && !*after) || !*before)
		return "the entries have no sequence numbers in the file; \"show ip access-lists\" shows them";
	return NULL;
}

static bool is_taken(struct str text, uint32_t number)
{
	struct str line, word;
	uint32_t n;
	while (str_cut(&text, '\n', &line))
		if (str_word(&line, &word) && str_to_u32(word, UINT32_MAX, &n) && n == number)
			return true;
	return false;
}

static const char *put_added(struct writer *w, const struct patch_request *q, const struct patch_step *step,
			     size_t relation, uint32_t *last, struct out *undo)
{
	uint32_t after, before, number;
	const char *why = find_room(step, &after, &before);
	if (why)
		return why;
	/* several steps at one place follow each other */
	after = MAX(after, *last);
	number = after + 1;
	w->family = family_of(q->rules, step->chain);
	w->number = &number;
	out_printf(w->o, "%s %.*s\n", list_words(w->family), STR_ARG(step->chain->name));
	for (size_t i = relation; i < relation + step->n_boxes; i++) {
		w->r = &w->p->relations[i];
		w->items = services_merged(w->arena, &w->p->services[w->r->services]);
		if (!group_part(w, w->r->src).n || !group_part(w, w->r->dst).n)
			continue;
		put_tcp_and_udp(w, false);
		put_others(w, false);
	}
	out_printf(undo, "%s %.*s\n", list_words(w->family), STR_ARG(step->chain->name));
	for (uint32_t i = after + 1; i < number; i++) {
		if (i >= before || is_taken(q->text, i))
			return "there are too few free sequence numbers in the list; \"ip access-list resequence\" "
			       "makes room";
		out_printf(undo, w->family == IPV6 ? " no sequence %u\n" : " no %u\n", i);
	}
	*last = number - 1;
	return NULL;
}

/* The text of an entry, without the counter of a listing. */
static struct str without_count(struct str text)
{
	size_t at = str_find_text(text, STR(" ("));
	return at == SIZE_MAX ? text : str_first(text, at);
}

static const char *put_removed(const struct patch_request *q, const struct patch_step *step, struct out *apply,
			       struct out *undo)
{
	enum family f = family_of(q->rules, step->chain);
	if (!step->at->number)
		return "the entries have no sequence numbers in the file; \"show ip access-lists\" shows them";
	out_printf(apply, "%s %.*s\n", list_words(f), STR_ARG(step->chain->name));
	out_printf(apply, f == IPV6 ? " no sequence %u\n" : " no %u\n", step->at->number);
	out_printf(undo, "%s %.*s\n %.*s\n", list_words(f), STR_ARG(step->chain->name),
		   STR_ARG(without_count(str_trim(step->at->text))));
	return NULL;
}

static const char *patch(struct arena *a, const struct patch_request *q, struct out *apply, struct out *undo)
{
	const struct policy *part = patch_part(a, q, NULL);
	struct writer w = { .arena = a, .o = apply, .p = part, .diag = diag_new(a), .names = strmap_new(a) };
	uint32_t *numbers = ARENA_ARRAY(a, uint32_t, q->rules->chains.n); /* the last that was added, by list */
	size_t relation = 0;
	const char *why = NULL;
	if (!part)
		return "it would be too many entries; emit writes new ones";
	if (!dialect_can_say(q->dialect, part, w.diag))
		return "the language cannot express a rule that would be added";
	put_groups(&w);
	put_service_groups(&w);
	for (size_t i = 0; i < q->n && !why; relation += q->steps[i++].n_boxes) {
		uint32_t *last = &numbers[q->steps[i].chain - q->rules->chains.v];
		why = q->steps[i].removes ? put_removed(q, &q->steps[i], apply, undo)
					  : put_added(&w, q, &q->steps[i], relation, last, undo);
	}
	return w.failed ? "the language cannot express a rule that would be added" : why;
}

static const struct patch_writer cisco_ios_patch = { .comment = "! ", .write = patch };

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 16384);
	if (str_find_text(head, STR("ASA Version")) != SIZE_MAX)
		return 0;
	if (str_find_text(head, STR("ip access-list extended")) != SIZE_MAX ||
	    str_find_text(head, STR("ipv6 access-list ")) != SIZE_MAX ||
	    str_find_text(head, STR("Extended IP access list")) != SIZE_MAX ||
	    str_find_text(head, STR("ip access-group ")) != SIZE_MAX)
		return 90;
	if (str_find_text(head, STR("\nip access-list ")) != SIZE_MAX ||
	    str_find_text(head, STR("Building configuration...")) != SIZE_MAX)
		return 70;
	return str_starts(head, "access-list 1") || str_find_text(head, STR("\naccess-list 1")) != SIZE_MAX ? 60 : 0;
}

static const struct dialect_setting cisco_ios_settings[] = {
	{ .key = "v6-network", .about = "whether the release has object-group v6-network", .choices = "yes no" },
	{ 0 },
};

const struct dialect dialect_cisco_ios = {
	.name = "cisco-ios",
	.title = "Cisco IOS and IOS-XE",
	.ending = "ios",
	.loading = &cisco_ios_loading,
	.settings = cisco_ios_settings,
	.withdraw = cisco_withdraw,
	.patch = &cisco_ios_patch,
	.means_other = means_other,
	.emit = emit,
	.logs_denials = true,
	.parse = cisco_ios_parse,
	.resembles = resembles,
	.line_kind = cisco_line_kind,
	.for_transit = true,
	.interface_chars = "/.:_- ",
	.cannot = CANNOT_PROTOCOL_RANGES,
	.beside = BESIDE_ICMP_ERRORS | BESIDE_RELAY,
	/* the entry, two replies, three or four ICMP errors, three for neighbours and routers, and two that deny the rest */
	.rules_of_a_relation = 15,
};
