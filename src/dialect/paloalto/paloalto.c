/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Palo Alto PAN-OS: security rules, as set lines or as XML (form.c).
 * The reader is in read.c.
 *
 * A relation becomes one rule with address groups and services.  Only TCP and
 * UDP are services there; ICMP types and other protocols are applications, with
 * a rule of their own.  An application that is nothing but an ICMP type or a
 * protocol's number is known by the first packet, so such a rule is exact.
 */
#include "dialect/paloalto/paloalto.h"

#include "base/strmap.h"
#include "dialect/common/patch.h"
#include "dialect/common/services.h"
#include "dialect/common/text.h"
#include "dialect/common/withdraw.h"
#include "dialect/paloalto/form.h"

enum { LONGEST_NAME = 63, LONGEST_DESCRIPTION = 1000 };

typedef VEC(struct str) names;

struct writer {
	struct arena *arena;
	struct pan_form form;
	const struct policy *p;
	const struct relation *r;
	struct strmap written;
	names rules; /* written, in their order */
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
	return s.n == 2 && s.v[0].lo == 0 && s.v[0].hi == addr_max(IPV4) && s.v[1].lo == 0 &&
	       s.v[1].hi == addr_max(IPV6);
}

static struct str group_name(const struct writer *w, uint32_t group)
{
	struct addrset s = w->p->groups[group].addresses;
	if (is_everything(s))
		return STR("any");
	return s.n == 1 ? range_name(w, &s.v[0])
			: text_name(w->arena, w->p->groups[group].name, "-_.", '-', LONGEST_NAME);
}

/* What an earlier file of ours left under the name.  Names of a part are of their content. */
static void delete_old(struct writer *w, struct str name, const char *part)
{
	if (!w->p->part)
		pan_delete(&w->form, name, part);
}

static void put_addresses(struct writer *w)
{
	char text[RANGE_TEXT];
	unsigned length;
	w->written = strmap_new(w->arena);
	pan_list(&w->form, "address");
	for (size_t i = 0; i < w->p->n_groups; i++) {
		struct addrset s = w->p->groups[i].addresses;
		for (size_t j = 0; j < s.n && !is_everything(s); j++) {
			struct str name = range_name(w, &s.v[j]);
			if (!strmap_add(&w->written, name, w))
				continue;
			pan_entry(&w->form, name);
			pan_value(&w->form, addr_range_is_prefix(&s.v[j], &length) ? "ip-netmask" : "ip-range",
				  str_of(addr_range_text(&s.v[j], text)));
			pan_entry_end(&w->form);
		}
	}
	pan_list_end(&w->form);
}

static void put_groups(struct writer *w)
{
	pan_list(&w->form, "address-group");
	for (size_t i = 0; i < w->p->n_groups; i++) {
		struct addrset s = w->p->groups[i].addresses;
		names members = { 0 };
		if (s.n < 2 || is_everything(s))
			continue;
		for (size_t j = 0; j < s.n; j++)
			*VEC_ADD(w->arena, &members) = range_name(w, &s.v[j]);
		/* the group itself may have rules that use it, and cannot be deleted then */
		delete_old(w, group_name(w, (uint32_t)i), "static");
		pan_entry(&w->form, group_name(w, (uint32_t)i));
		pan_members(&w->form, "static", members.v, members.n, false);
		pan_entry_end(&w->form);
	}
	pan_list_end(&w->form);
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

static void put_service(struct writer *w, const struct policy_services *l, const struct service_item *s)
{
	CLEANUP(out_free) struct out ports = out_memory(1 << 20);
	char text[PORT_TEXT];
	for (size_t m = 0; m < s->ports.n; m++)
		out_printf(&ports, "%s%s", m ? "," : "", port_range_text(s->ports.v[m], text));
	/* an earlier file may have said other ports, or the other protocol; rules that use it stay */
	delete_old(w, service_name(w, l, s), "protocol");
	pan_entry(&w->form, service_name(w, l, s));
	pan_nest(&w->form, s->protocol_lo == PROTO_TCP ? "protocol tcp" : "protocol udp");
	pan_value(&w->form, "port", out_view(&ports));
	if (s->sport.lo > 0 || s->sport.hi < 65535)
		pan_value(&w->form, "source-port", str_of(port_range_text(s->sport, text)));
	pan_entry_end(&w->form);
}

static void put_services(struct writer *w)
{
	pan_list(&w->form, "service");
	for (size_t i = 0; i < w->p->n_services; i++) {
		struct service_items items = services_merged(w->arena, &w->p->services[i]);
		for (size_t j = 0; j < items.n; j++)
			if (is_service(&items.v[j]))
				put_service(w, &w->p->services[i], &items.v[j]);
	}
	pan_list_end(&w->form);
}

/* Applications */

static bool is_icmp(const struct service_item *s)
{
	return s->protocol_lo == s->protocol_hi && protocol_is_icmp(s->protocol_lo) && s->type >= 0;
}

/* One protocol, without further conditions.  There is no application for protocol 0. */
static bool is_protocol(const struct service_item *s)
{
	if (s->protocol_lo != s->protocol_hi || s->protocol_lo == 0 || protocol_is_icmp(s->protocol_lo))
		return false;
	return !item_has_ports(s) ||
	       (!is_service(s) && portset_is_all(s->ports) && s->sport.lo == 0 && s->sport.hi == 65535);
}

/* The name of a predefined application; NULL: it must be defined. */
static const char *known_application(const struct service_item *s)
{
	if (is_icmp(s) && s->code < 0 && s->type == (s->protocol_lo == PROTO_ICMP ? 8 : 128))
		return s->protocol_lo == PROTO_ICMP ? "ping" : "ping6";
	for (size_t i = 0; is_protocol(s) && pan_protocols[i].name; i++)
		if (pan_protocols[i].number == s->protocol_lo)
			return pan_protocols[i].name;
	return NULL;
}

static struct str application_name(const struct writer *w, const struct service_item *s)
{
	const char *known = known_application(s), *icmp = s->protocol_lo == PROTO_ICMP ? "icmp" : "icmp6";
	if (known)
		return str_of(known);
	if (!is_icmp(s))
		return str_printf(w->arena, "ip-protocol-%u", s->protocol_lo);
	if (s->code < 0)
		return str_printf(w->arena, "%s-type-%d", icmp, s->type);
	return str_printf(w->arena, "%s-type-%d-code-%d", icmp, s->type, s->code);
}

static void put_application(struct writer *w, const struct service_item *s)
{
	struct pan_form *f = &w->form;
	struct str name = application_name(w, s);
	if (known_application(s) || !strmap_add(&w->written, name, w))
		return;
	pan_entry(f, name);
	pan_value(f, "category", STR("networking"));
	pan_new_line(f);
	pan_value(f, "subcategory", STR("ip-protocol"));
	pan_new_line(f);
	pan_value(f, "technology", STR("network-protocol"));
	pan_new_line(f);
	pan_value(f, "risk", STR("1"));
	pan_new_line(f);
	if (is_icmp(s)) {
		pan_nest(f,
			 s->protocol_lo == PROTO_ICMP ? "default ident-by-icmp-type" : "default ident-by-icmp6-type");
		pan_value(f, "type", str_printf(w->arena, "%d", s->type));
		pan_new_line(f);
		if (s->code >= 0)
			pan_value(f, "code", str_printf(w->arena, "%d", s->code));
	} else {
		pan_nest(f, "default");
		pan_value(f, "ident-by-ip-protocol", str_printf(w->arena, "%u", s->protocol_lo));
	}
	pan_entry_end(f);
}

static void put_applications(struct writer *w)
{
	w->written = strmap_new(w->arena);
	pan_list(&w->form, "application");
	for (size_t i = 0; i < w->p->n_services; i++) {
		struct service_items items = services_merged(w->arena, &w->p->services[i]);
		for (size_t j = 0; j < items.n; j++)
			if (is_icmp(&items.v[j]) || is_protocol(&items.v[j]))
				put_application(w, &items.v[j]);
	}
	pan_list_end(&w->form);
}

/* Rules */

static void put_zones(struct writer *w, const char *key, uint32_t group)
{
	names zones = { 0 };
	for (size_t i = 0; i < w->p->n_zones; i++)
		if (addrset_overlaps(w->p->zones[i].addresses, w->p->groups[group].addresses))
			for (size_t j = 0; j < w->p->zones[i].n_interfaces; j++)
				*VEC_ADD(w->arena, &zones) = w->p->zones[i].interfaces[j];
	bool any = !zones.n;
	if (any)
		*VEC_ADD(w->arena, &zones) = STR("any");
	pan_members(&w->form, key, zones.v, zones.n, !any);
}

static void put_rule(struct writer *w, const char *suffix, const names *applications, const names *services)
{
	CLEANUP(out_free) struct out about = out_memory(1 << 20);
	struct pan_form *f = &w->form;
	struct str src = group_name(w, w->r->src), dst = group_name(w, w->r->dst);
	struct str name = text_name(w->arena, str_printf(w->arena, "%.*s%s", STR_ARG(w->r->id), suffix), "-_.", '-',
				    LONGEST_NAME);
	delete_old(w, name, NULL);
	pan_entry(f, name);
	put_zones(w, "from", w->r->src);
	put_zones(w, "to", w->r->dst);
	pan_members(f, "source", &src, 1, false);
	pan_members(f, "destination", &dst, 1, false);
	pan_members(f, "application", applications->v, applications->n, false);
	pan_members(f, "service", services->v, services->n, false);
	pan_value(f, "action", w->r->denies ? STR("deny") : STR("allow"));
	pan_new_line(f);
	text_put_title(&about, LONGEST_DESCRIPTION, "\"\\", NO_STR, w->r);
	pan_text(f, "description", out_view(&about));
	pan_entry_end(f);
	*VEC_ADD(w->arena, &w->rules) = name;
	if (w->r->before.n)
		pan_move(f, name, w->r->before);
}

static void put_relation(struct writer *w, const struct relation *r)
{
	const struct policy_services *l = &w->p->services[r->services];
	struct service_items items = services_merged(w->arena, l);
	names services = { 0 }, applications = { 0 };
	names any = { 0 }, usual = { 0 };
	bool everything = false, pings = true;
	*VEC_ADD(w->arena, &any) = STR("any");
	*VEC_ADD(w->arena, &usual) = STR("application-default");
	w->r = r;
	for (size_t i = 0; i < items.n; i++) {
		const struct service_item *s = &items.v[i];
		everything |= item_is_any(s);
		if (is_service(s)) {
			*VEC_ADD(w->arena, &services) = service_name(w, l, s);
		} else if (is_icmp(s) || is_protocol(s)) {
			pings &= is_icmp(s) && known_application(s);
			*VEC_ADD(w->arena, &applications) = application_name(w, s);
		} else if (!item_is_any(s)) {
			w->failed = true;
			diag_error(w->diag, NOWHERE,
				   "PAN-OS cannot express ports other than TCP and UDP, nor protocol 0 (\"%.*s\")",
				   STR_ARG(r->title));
		}
	}
	pan_comment(&w->form, r->about);
	if (everything || services.n)
		put_rule(w, "", &any, everything ? &any : &services);
	if (!everything && applications.n)
		put_rule(w, pings ? "-ping" : "-applications", &applications, &usual);
}

/* Rules come after those that are there, which may deny what these permit: the last goes to the top first. */
static void put_first(struct writer *w)
{
	for (size_t i = w->rules.n; i-- > 0 && !w->p->part;)
		pan_move_top(&w->form, w->rules.v[i]);
}

/* A rulebase without rules could be a truncated file; this rule states that nothing passes between zones. */
static void put_nothing(struct writer *w)
{
	static const char *const keys[] = { "from", "to", "source", "destination", "application", "service" };
	struct str any = STR("any");
	pan_entry(&w->form, STR("nothing"));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		pan_members(&w->form, keys[i], &any, 1, false);
	pan_value(&w->form, "action", STR("deny"));
	pan_entry_end(&w->form);
}

/* True when an interface or zone of the firewall has several zones of the estate behind it. */
static bool shares_zone(const struct writer *w)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct strmap seen = strmap_new(a);
	for (size_t i = 0; i < w->p->n_zones; i++)
		for (size_t j = 0; j < w->p->zones[i].n_interfaces; j++)
			if (!strmap_add(&seen, w->p->zones[i].interfaces[j], &seen))
				return true;
	return false;
}

/* Traffic that enters and leaves by one zone is permitted by default: what the plan does not need must not be. */
static void put_default(struct writer *w, struct str name)
{
	pan_entry(&w->form, name);
	pan_value(&w->form, "action", STR("deny"));
	pan_new_line(&w->form);
	pan_value(&w->form, "log-end", STR("yes"));
	pan_entry_end(&w->form);
}

/* Between zones everything is denied by default, and not logged. */
static void put_defaults(struct writer *w)
{
	bool within = shares_zone(w) && !w->p->part;
	if (!within && !w->p->log_denials)
		return;
	pan_list(&w->form, "default-security-rules rules");
	if (within)
		put_default(w, STR("intrazone-default"));
	if (w->p->log_denials)
		put_default(w, STR("interzone-default"));
	pan_list_end(&w->form);
}

static const struct dialect_loading paloalto_loading = {
	.loads = LOADS_ADDS,
	.load = "enter them in configuration mode; commit",
	.undo = "load config version, of before; commit",
	.lands = "Rules are moved to the top, before those of others; what those permit below them still passes.",
};

static const struct dialect_loading paloalto_xml_loading = {
	.loads = LOADS_ADDS,
	.load = "load config partial, mode merge; commit",
	.undo = "load config version, of before; commit",
	.lands = "Rules come after those that are there.  The lines behind the rules, entered before the commit, put "
		 "them "
		 "first.",
};

static void put_header(struct writer *w)
{
	CLEANUP(out_free) struct out about = out_memory(1 << 16);
	text_header(&about, w->form.xml ? "" : "# ", w->p, w->form.xml ? "PAN-OS configuration" : "PAN-OS set commands",
		    w->form.xml ? &paloalto_xml_loading : &paloalto_loading);
	struct str text = out_view(&about), line;
	if (!w->form.xml) {
		out_str(w->form.o, text);
		return;
	}
	while (str_cut(&text, '\n', &line))
		pan_comment(&w->form, line);
}

static void withdraw(struct arena *a, struct str before, struct str now, struct out *o)
{
	static const struct owned_kind kinds[] = {
		{ "rulebase security rules *", 0 },
		{ "service-group *", 1 },
		{ "service *", 2 },
		{ "application *", 2 },
		{ "address-group *", 3 },
		{ "address *", 4 },
	};
	withdraw_set_lines(a, before, now, kinds, ARRAY_LEN(kinds), o);
}

/* Words of the language, regions, and the names that the emitter gives to objects of one range. */
static bool means_other(struct str name, bool services)
{
	if (services)
		return false;
	return str_istarts(name, "ip-") || str_istarts(name, "ip6-") || str_iis(name, "any") || name.n == 2;
}

static bool emit(const struct policy *p, struct out *o, struct diag *d, bool xml)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct writer w = { .arena = a, .form = { .o = o, .xml = xml }, .p = p, .diag = d };
	pan_begin(&w.form);
	if (!p->part)
		put_header(&w);
	put_addresses(&w);
	put_groups(&w);
	put_services(&w);
	put_applications(&w);
	pan_within(&w.form, "rulebase");
	pan_list(&w.form, "security rules");
	for (size_t i = 0; i < p->n_relations; i++)
		put_relation(&w, &p->relations[i]);
	if (!p->n_relations)
		put_nothing(&w);
	put_first(&w);
	pan_list_end(&w.form);
	put_defaults(&w);
	pan_within_end(&w.form);
	pan_end(&w.form);
	return !w.failed;
}

static bool emit_set(const struct policy *p, struct out *o, struct diag *d)
{
	return emit(p, o, d, false);
}

static bool emit_xml(const struct policy *p, struct out *o, struct diag *d)
{
	return emit(p, o, d, true);
}

static unsigned resembles(struct str text)
{
	return str_find_text(str_first(text, 16384), STR("rulebase security rules ")) != SIZE_MAX ? 100 : 0;
}

static unsigned resembles_xml(struct str text)
{
	struct str head = str_first(text, 16384);
	return str_find_text(head, STR("<config ")) != SIZE_MAX && str_find_text(head, STR("<entry name=")) != SIZE_MAX
		       ? 95
		       : 0;
}

static struct str quoted_name(struct arena *a, const struct rule *r)
{
	return str_printf(a, "\"%.*s\"", STR_ARG(r->name));
}

static const char *patch(struct arena *a, const struct patch_request *q, struct out *apply, struct out *undo)
{
	CLEANUP(out_free) struct out added = out_memory(MOST_RULES_BYTES);
	const char *why = patch_put_part(q, patch_part(a, q, quoted_name), &added);
	for (size_t i = 0; i < q->n && !why; i++) {
		if (!q->steps[i].removes)
			continue;
		if (!q->steps[i].at->name.n)
			return "a rule that would go has no name";
		struct str name = quoted_name(a, q->steps[i].at);
		out_printf(apply, "set rulebase security rules %.*s disabled yes\n", STR_ARG(name));
		out_printf(undo, "delete rulebase security rules %.*s disabled\n", STR_ARG(name));
	}
	out_str(apply, out_view(&added));
	withdraw(a, out_view(&added), q->text, undo);
	return why;
}

static const struct patch_writer paloalto_patch = { .comment = "# ", .write = patch };

const struct dialect dialect_paloalto = {
	.name = "paloalto",
	.title = "Palo Alto PAN-OS, set commands",
	.ending = "set",
	.loading = &paloalto_loading,
	.withdraw = withdraw,
	.patch = &paloalto_patch,
	.means_other = means_other,
	.emit = emit_set,
	.logs_denials = true,
	.parse = paloalto_parse,
	.resembles = resembles,
	.for_transit = true,
	.interface_chars = "/.:_- &<>()+@#,;",
	.cannot = CANNOT_WHOLE_ICMP | CANNOT_PROTOCOL_RANGES,
	/* members of a group; a service holds its ports in 1023 characters */
	.most_addresses = 2500,
	.most_services = 80,
	.rules_of_a_relation = 1,
};

const struct dialect dialect_paloalto_xml = {
	.name = "paloalto-xml",
	.title = "Palo Alto PAN-OS, XML",
	.ending = "xml",
	.loading = &paloalto_xml_loading,
	.removal = &paloalto_xml_removal,
	.means_other = means_other,
	.emit = emit_xml,
	.logs_denials = true,
	.parse = paloalto_parse,
	.resembles = resembles_xml,
	.for_transit = true,
	.cannot = CANNOT_WHOLE_ICMP | CANNOT_PROTOCOL_RANGES,
	/* members of a group; a service holds its ports in 1023 characters */
	.most_addresses = 2500,
	.most_services = 80,
	.rules_of_a_relation = 1,
};
