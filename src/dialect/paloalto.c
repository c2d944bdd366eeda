/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Palo Alto PAN-OS: security rules as set lines.  The reader is in
 * paloalto-read.c.
 *
 * A relation becomes one rule with address groups and a service group; what is
 * pinged has a rule of its own, for ICMP is an application there and no service.
 */
#include "dialect/paloalto.h"

#include "base/strmap.h"
#include "dialect/services.h"
#include "dialect/text.h"

enum { LONGEST_NAME = 63, LONGEST_DESCRIPTION = 1000 };

struct writer {
	struct arena *arena;
	struct out *o;
	const struct policy *p;
	const struct relation *r;
	struct strmap written;
	struct diag *diag;
	bool failed;
};

static struct str clean_name(const struct writer *w, const char *prefix, const char *text)
{
	char *name = arena_strdup(w->arena, text);
	for (char *c = name; *c; c++)
		if (*c == '/' || *c == ':')
			*c = *c == '/' ? '_' : '.';
	return text_name(w->arena, str_printf(w->arena, "%s%s", prefix, name), "-_.", '-', LONGEST_NAME);
}

static struct str range_name(const struct writer *w, const struct addr_range *r)
{
	char text[RANGE_TEXT];
	return clean_name(w, r->family == IPV6 ? "ip6-" : "ip-", addr_range_text(r, text));
}

static bool is_everything(struct addrset s)
{
	return s.n == 2 && s.v[0].lo == 0 && s.v[0].hi == addr_max(IPV4) && s.v[1].lo == 0 && s.v[1].hi == addr_max(IPV6);
}

static struct str group_name(const struct writer *w, uint32_t group)
{
	struct addrset s = w->p->groups[group].addresses;
	if (is_everything(s))
		return STR("any");
	return s.n == 1 ? range_name(w, &s.v[0]) : text_name(w->arena, w->p->groups[group].name, "-_.", '-', LONGEST_NAME);
}

static void put_groups(struct writer *w)
{
	char text[RANGE_TEXT];
	unsigned length;
	w->written = strmap_new(w->arena);
	for (size_t i = 0; i < w->p->n_groups; i++) {
		struct addrset s = w->p->groups[i].addresses;
		for (size_t k = 0; k < s.n && !is_everything(s); k++) {
			struct str name = range_name(w, &s.v[k]);
			if (strmap_add(&w->written, name, w))
				out_printf(w->o, "set address %.*s %s %s\n", STR_ARG(name),
					   addr_range_is_prefix(&s.v[k], &length) ? "ip-netmask" : "ip-range",
					   addr_range_text(&s.v[k], text));
		}
		if (s.n < 2 || is_everything(s))
			continue;
		out_printf(w->o, "set address-group %.*s static [", STR_ARG(group_name(w, (uint32_t)i)));
		for (size_t k = 0; k < s.n; k++)
			out_printf(w->o, " %.*s", STR_ARG(range_name(w, &s.v[k])));
		out_text(w->o, " ]\n");
	}
}

/* One object for the ports of a protocol and one range of source ports. */
static struct str service_name(const struct writer *w, const struct policy_services *l, const struct service_item *s)
{
	char proto[PROTOCOL_TEXT], from[PORT_TEXT];
	struct str name = str_printf(w->arena, "%.*s-%s", STR_ARG(l->name), protocol_text(s->protocol_lo, proto));
	if (s->sport.lo > 0 || s->sport.hi < 65535)
		name = str_printf(w->arena, "%.*s-from-%s", STR_ARG(name), port_range_text(s->sport, from));
	return text_name(w->arena, name, "-_.", '-', LONGEST_NAME);
}

static bool is_service(const struct service_item *s)
{
	return item_has_ports(s) && (s->protocol_lo == PROTO_TCP || s->protocol_lo == PROTO_UDP);
}

static void put_services(struct writer *w)
{
	char text[PORT_TEXT], proto[PROTOCOL_TEXT];
	for (size_t i = 0; i < w->p->n_services; i++) {
		struct service_items items = services_merged(w->arena, &w->p->services[i]);
		for (size_t k = 0; k < items.n; k++) {
			const struct service_item *s = &items.v[k];
			if (!is_service(s))
				continue;
			struct str name = service_name(w, &w->p->services[i], s);
			const char *protocol = protocol_text(s->protocol_lo, proto);
			out_printf(w->o, "set service %.*s protocol %s port ", STR_ARG(name), protocol);
			for (size_t m = 0; m < s->ports.n; m++)
				out_printf(w->o, "%s%s", m ? "," : "", port_range_text(s->ports.v[m], text));
			out_char(w->o, '\n');
			if (s->sport.lo > 0 || s->sport.hi < 65535)
				out_printf(w->o, "set service %.*s protocol %s source-port %s\n", STR_ARG(name), protocol,
					   port_range_text(s->sport, text));
		}
	}
}

static void put_zones(const struct writer *w, uint32_t group)
{
	size_t n = 0;
	out_text(w->o, "[");
	for (size_t i = 0; i < w->p->n_zones; i++)
		if (addrset_overlaps(w->p->zones[i].addresses, w->p->groups[group].addresses)) {
			out_printf(w->o, " \"%.*s\"", STR_ARG(w->p->zones[i].interface));
			n++;
		}
	out_text(w->o, n ? " ]" : " any ]");
}

static void put_rule(struct writer *w, const char *suffix, const char *applications, struct str services)
{
	struct str name = text_name(w->arena, str_printf(w->arena, "%.*s%s", STR_ARG(w->r->id), suffix), "-_.", '-', LONGEST_NAME);
	out_printf(w->o, "set rulebase security rules %.*s from ", STR_ARG(name));
	put_zones(w, w->r->src);
	out_text(w->o, " to ");
	put_zones(w, w->r->dst);
	out_printf(w->o, " source [ %.*s ] destination [ %.*s ] application [ %s ] service [ %.*s ] action allow\n",
		   STR_ARG(group_name(w, w->r->src)), STR_ARG(group_name(w, w->r->dst)), applications, STR_ARG(services));
	out_printf(w->o, "set rulebase security rules %.*s description \"", STR_ARG(name));
	text_put_limited(w->o, LONGEST_DESCRIPTION, "\"\\", w->r->title, NO_STR);
	out_text(w->o, "\"\n");
}

static void put_relation(struct writer *w, const struct relation *r)
{
	const struct policy_services *l = &w->p->services[r->services];
	struct service_items items = services_merged(w->arena, l);
	struct str services = NO_STR;
	bool any = false, ping = false, ping6 = false;
	w->r = r;
	for (size_t i = 0; i < items.n; i++) {
		const struct service_item *s = &items.v[i];
		bool echo = !item_is_any(s) && protocol_is_icmp(s->protocol_lo) && s->code < 0 &&
			    s->type == (s->protocol_lo == PROTO_ICMP ? 8 : 128);
		any |= item_is_any(s);
		ping |= echo && s->protocol_lo == PROTO_ICMP;
		ping6 |= echo && s->protocol_lo == PROTO_ICMP6;
		if (is_service(s)) {
			services = str_printf(w->arena, "%.*s%s%.*s", STR_ARG(services), services.n ? " " : "", STR_ARG(service_name(w, l, s)));
		} else if (!echo && !item_is_any(s)) {
			w->failed = true;
			diag_error(w->diag, NOWHERE, "PAN-OS can say no ICMP but echo, and no protocols besides TCP and UDP (\"%.*s\")",
				   STR_ARG(r->title));
		}
	}
	text_comment_lines(w->o, "# ", r->about);
	if (any || services.n)
		put_rule(w, "", "any", any ? STR("any") : services);
	if (!any && (ping || ping6))
		put_rule(w, "-ping", ping && ping6 ? "ping ping6" : ping ? "ping" : "ping6", STR("application-default"));
}

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct writer w = { .arena = a, .o = o, .p = p, .diag = d };
	text_header(o, "# ", p, "PAN-OS set commands; enter them in configuration mode");
	put_groups(&w);
	put_services(&w);
	for (size_t i = 0; i < p->n_relations; i++)
		put_relation(&w, &p->relations[i]);
	/* a rulebase without rules could be a file that was cut off; this one says that nothing passes between zones */
	if (!p->n_relations)
		out_text(o, "set rulebase security rules nothing from any to any source any destination any application any "
			    "service any action deny\n");
	return !w.failed;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 16384);
	if (str_find_text(head, STR("rulebase security rules ")) != SIZE_MAX)
		return 100;
	if (str_find_text(head, STR("<config ")) != SIZE_MAX && str_find_text(head, STR("<entry name=")) != SIZE_MAX)
		return 95;
	return 0;
}

const struct dialect dialect_paloalto = {
	.name = "paloalto",
	.title = "Palo Alto PAN-OS",
	.ending = "set",
	.emit = emit,
	.parse = paloalto_parse,
	.resembles = resembles,
	.for_transit = true,
	.cannot = CANNOT_OTHER | CANNOT_ICMP_CODES | CANNOT_WHOLE_ICMP | CANNOT_PROTOCOL_RANGES,
	/* members of a group; a service says its ports in 1023 characters */
	.most_addresses = 2500,
	.most_services = 80,
	.rules_of_a_relation = 1,
};
