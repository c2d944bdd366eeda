/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Juniper SRX: security policies as set lines.  The reader is in read.c.
 *
 * A relation becomes one policy in each pair of zones that it crosses, with
 * address sets and an application set.
 */
#include "dialect/junos/junos.h"

#include "dialect/common/names.h"
#include "dialect/common/patch.h"
#include "dialect/common/services.h"
#include "dialect/common/text.h"
#include "dialect/common/withdraw.h"

enum {
	LONGEST_NAME = 63,
	LONGEST_DESCRIPTION = 900,
};

struct writer {
	struct arena *arena;
	struct out *o;
	const struct policy *p;
	const struct relation *r;
	struct strmap written;
	struct diag *diag;
	VEC(struct str) policies; /* written, by their paths */
	bool by_interface;        /* a rule permits RPC by interface */
	bool failed;
};

static bool is_all(struct addrset s, enum family f)
{
	return s.n == 1 && s.v[0].family == f && s.v[0].lo == 0 && s.v[0].hi == addr_max(f);
}

static bool is_everything(struct addrset s)
{
	return s.n == 2 && s.v[0].lo == 0 && s.v[0].hi == addr_max(IPV4) && s.v[1].lo == 0 &&
	       s.v[1].hi == addr_max(IPV6);
}

/* Objects of one range are named after it. */
static struct str range_name(const struct writer *w, const struct addr_range *r)
{
	char text[RANGE_TEXT];
	char *name = arena_strdup(w->arena, addr_range_text(r, text));
	for (char *c = name; *c; c++)
		if (*c == '/')
			*c = '_';
	return text_name(w->arena, str_printf(w->arena, "ip-%s", name), "-_.:", '-', LONGEST_NAME);
}

static struct str group_name(const struct writer *w, uint32_t group)
{
	struct addrset s = w->p->groups[group].addresses;
	if (is_everything(s))
		return STR("any");
	if (is_all(s, IPV4) || is_all(s, IPV6))
		return is_all(s, IPV4) ? STR("any-ipv4") : STR("any-ipv6");
	if (s.n == 1)
		return range_name(w, &s.v[0]);
	return text_name(w->arena, w->p->groups[group].name, "-_.", '-', LONGEST_NAME);
}

/* Entries of an address book: prefixes, and ranges of IPv4. */
static struct addr_range *book_entries(const struct writer *w, struct addrset s, size_t *n)
{
	VEC(struct addr_range) ranges = { 0 };
	unsigned length;
	for (size_t i = 0; i < s.n; i++) {
		if (s.v[i].family == IPV4 || addr_range_is_prefix(&s.v[i], &length)) {
			*VEC_ADD(w->arena, &ranges) = s.v[i];
			continue;
		}
		size_t count;
		struct addr_range *more = addrset_prefixes(w->arena, (struct addrset){ &s.v[i], 1 }, &count);
		for (size_t j = 0; j < count; j++)
			*VEC_ADD(w->arena, &ranges) = more[j];
	}
	*n = ranges.n;
	return ranges.v;
}

static void put_entry(struct writer *w, const struct addr_range *r)
{
	char lo[RANGE_TEXT], hi[ADDR_TEXT];
	unsigned length;
	struct str name = range_name(w, r);
	if (!strmap_add(&w->written, name, w))
		return;
	out_printf(w->o, "set security address-book global address %.*s ", STR_ARG(name));
	if (addr_range_is_prefix(r, &length))
		out_printf(w->o, "%s/%u\n", addr_text((struct addr){ r->family, r->lo }, lo), length);
	else
		out_printf(w->o, "range-address %s to %s\n", addr_text((struct addr){ r->family, r->lo }, lo),
			   addr_text((struct addr){ r->family, r->hi }, hi));
}

/* Set lines only add: what an earlier file put under the same name goes first. */
static void put_delete(struct writer *w, struct str path)
{
	if (!w->p->part)
		out_printf(w->o, "delete %.*s\n", STR_ARG(path));
}

/* A policy of a part goes before the one that it has to precede, where that is in the same list. */
static void put_place(const struct writer *w, struct str path)
{
	struct str list = path, before = w->r->before;
	while (list.n && list.p[list.n - 1] != ' ')
		list.n--;
	size_t n = list.n;
	if (before.n > n && str_eq(str_first(before, n), list) && str_find(str_skip(before, n), ' ') == SIZE_MAX)
		out_printf(w->o, "insert %.*s before policy %.*s\n", STR_ARG(path), STR_ARG(str_skip(before, n)));
}

static void put_book(struct writer *w)
{
	w->written = strmap_new(w->arena);
	for (size_t i = 0; i < w->p->n_groups; i++) {
		struct addrset s = w->p->groups[i].addresses;
		struct str name = group_name(w, (uint32_t)i);
		bool used = false;
		size_t n;
		for (size_t j = 0; j < w->p->n_relations && !used; j++)
			used = w->p->relations[j].src == i || w->p->relations[j].dst == i;
		if (!used || is_everything(s) || is_all(s, IPV4) || is_all(s, IPV6))
			continue;
		struct addr_range *ranges = book_entries(w, s, &n);
		if (n > 1)
			put_delete(w, str_printf(w->arena, "security address-book global address-set %.*s",
						 STR_ARG(name)));
		for (size_t j = 0; j < n; j++)
			put_entry(w, &ranges[j]);
		for (size_t j = 0; j < n && s.n > 1; j++)
			out_printf(w->o, "set security address-book global address-set %.*s address %.*s\n",
				   STR_ARG(name), STR_ARG(range_name(w, &ranges[j])));
		/* an IPv6 range that is not a prefix becomes a set of its parts, under its own name */
		for (size_t j = 0; j < n && s.n == 1 && n > 1; j++)
			out_printf(w->o, "set security address-book global address-set %.*s address %.*s\n",
				   STR_ARG(name), STR_ARG(range_name(w, &ranges[j])));
	}
}

static struct str range_text(const struct writer *w, struct port_range r)
{
	char text[PORT_TEXT];
	return str_of(arena_strdup(w->arena, port_range_text(r, text)));
}

/* "tcp-443": the name of an application of one range describes it. */
static struct str application_name(const struct writer *w, const struct service_item *s, struct port_range port)
{
	char proto[PROTOCOL_TEXT];
	const char *word = s->protocol_lo == PROTO_ICMP6 ? "icmp6" : protocol_text(s->protocol_lo, proto);
	struct str name = str_of(word);
	if (item_has_ports(s) && !(port.lo == 0 && port.hi == 65535))
		name = str_printf(w->arena, "%s-%.*s", word, STR_ARG(range_text(w, port)));
	if (item_has_ports(s) && (s->sport.lo > 0 || s->sport.hi < 65535))
		name = str_printf(w->arena, "%.*s-from-%.*s", STR_ARG(name), STR_ARG(range_text(w, s->sport)));
	if (protocol_is_icmp(s->protocol_lo) && s->type >= 0)
		name = str_printf(w->arena, "%s-type-%d", word, s->type);
	if (protocol_is_icmp(s->protocol_lo) && s->type >= 0 && s->code >= 0)
		name = str_printf(w->arena, "%.*s-code-%d", STR_ARG(name), s->code);
	return str_printf(w->arena, "portolan-%.*s", STR_ARG(name));
}

static void put_application(struct writer *w, const struct service_item *s, struct port_range port)
{
	struct str name = application_name(w, s, port);
	bool v6 = s->protocol_lo == PROTO_ICMP6;
	const char *set = "set applications application";
	if (!strmap_add(&w->written, name, w))
		return;
	if (protocol_is_icmp(s->protocol_lo))
		out_printf(w->o, "%s %.*s protocol %s\n", set, STR_ARG(name), v6 ? "icmp6" : "icmp");
	else if (s->protocol_lo == PROTO_TCP || s->protocol_lo == PROTO_UDP)
		out_printf(w->o, "%s %.*s protocol %s\n", set, STR_ARG(name),
			   s->protocol_lo == PROTO_TCP ? "tcp" : "udp");
	else
		out_printf(w->o, "%s %.*s protocol %u\n", set, STR_ARG(name), s->protocol_lo);
	if (protocol_is_icmp(s->protocol_lo) && s->type >= 0)
		out_printf(w->o, "%s %.*s %s %d\n", set, STR_ARG(name), v6 ? "icmp6-type" : "icmp-type", s->type);
	if (protocol_is_icmp(s->protocol_lo) && s->type >= 0 && s->code >= 0)
		out_printf(w->o, "%s %.*s %s %d\n", set, STR_ARG(name), v6 ? "icmp6-code" : "icmp-code", s->code);
	if (item_has_ports(s) && (port.lo > 0 || port.hi < 65535))
		out_printf(w->o, "%s %.*s destination-port %.*s\n", set, STR_ARG(name), STR_ARG(range_text(w, port)));
	if (item_has_ports(s) && (s->sport.lo > 0 || s->sport.hi < 65535))
		out_printf(w->o, "%s %.*s source-port %.*s\n", set, STR_ARG(name), STR_ARG(range_text(w, s->sport)));
}

/* True for services that are permitted by their RPC interfaces. */
static bool is_by_interface(const struct policy *p, const struct policy_service *s)
{
	return p->rpc == RPC_BY_INTERFACE && s->kind == SERVICE_RPC_RANGE && s->n_interfaces &&
	       s->term.protocol_lo == PROTO_TCP;
}

static bool names_interfaces(const struct policy *p)
{
	bool any = false;
	for (size_t i = 0; i < p->n_services; i++)
		for (size_t j = 0; j < p->services[i].n; j++)
			any |= is_by_interface(p, &p->services[i].v[j]);
	return any;
}

/* The endpoint mapper, as an application of its own with an explicit protocol, so that the ALG reads it. */
static bool is_read_mapper(const struct writer *w, const struct policy_service *s)
{
	return w->by_interface && s->kind == SERVICE_RPC_MAPPER;
}

/* The services of a list that are given by protocol and port. */
static struct policy_services by_port(const struct writer *w, const struct policy_services *l)
{
	struct policy_service *services = ARENA_ARRAY(w->arena, struct policy_service, l->n);
	size_t n = 0;
	for (size_t i = 0; i < l->n; i++)
		if (!is_by_interface(w->p, &l->v[i]) && !is_read_mapper(w, &l->v[i]))
			services[n++] = l->v[i];
	return (struct policy_services){ l->name, services, n };
}

/* One RPC application: its name, and its statements. */
struct rpc_application {
	struct str name;
	const char *lines[4]; /* the last is NULL */
};

/* "portolan-tcp-135-ms-rpc" */
static struct rpc_application read_mapper(const struct writer *w, const struct policy_service *s)
{
	const char *protocol = s->term.protocol_lo == PROTO_TCP ? "tcp" : "udp";
	struct str port = range_text(w, s->term.port);
	return (struct rpc_application){
		str_printf(w->arena, "portolan-%s-%.*s-ms-rpc", protocol, STR_ARG(port)),
		{ arena_printf(w->arena, "protocol %s", protocol),
		  arena_printf(w->arena, "destination-port %.*s", STR_ARG(port)), "application-protocol ms-rpc" },
	};
}

/* "portolan-uuid-drsuapi" */
static struct rpc_application of_interface(const struct writer *w, const struct policy_interface *interface)
{
	struct str name = str_printf(w->arena, "portolan-uuid-%.*s", STR_ARG(interface->name));
	return (struct rpc_application){
		text_name(w->arena, name, "-_.", '-', LONGEST_NAME),
		{ "protocol tcp", arena_printf(w->arena, "uuid %.*s", STR_ARG(interface->uuid)) },
	};
}

static void each_rpc_application(struct writer *w, const struct policy_services *l,
				 void (*show)(struct writer *w, const struct rpc_application *application))
{
	for (size_t i = 0; i < l->n; i++) {
		const struct policy_service *s = &l->v[i];
		struct rpc_application application;
		if (is_read_mapper(w, s)) {
			application = read_mapper(w, s);
			show(w, &application);
		}
		for (size_t j = 0; j < s->n_interfaces && is_by_interface(w->p, s); j++) {
			application = of_interface(w, &s->interfaces[j]);
			show(w, &application);
		}
	}
}

static void put_rpc_application(struct writer *w, const struct rpc_application *application)
{
	if (!strmap_add(&w->written, application->name, w))
		return;
	for (size_t i = 0; application->lines[i]; i++)
		out_printf(w->o, "set applications application %.*s %s\n", STR_ARG(application->name),
			   application->lines[i]);
}

/* Writes each application of a list: one for each range of ports. */
static size_t each_application(struct writer *w, const struct policy_services *l,
			       void (*show)(struct writer *w, const struct service_item *s, struct port_range port))
{
	struct policy_services plain = by_port(w, l);
	struct service_items items = services_merged(w->arena, &plain);
	size_t n = 0;
	for (size_t i = 0; i < items.n; i++) {
		const struct service_item *s = &items.v[i];
		size_t ranges = item_has_ports(s) ? s->ports.n : 1;
		for (size_t j = 0; j < ranges && !item_is_any(s); j++, n++)
			show(w, s, item_has_ports(s) ? s->ports.v[j] : ALL_PORTS);
	}
	return n;
}

static bool has_any(const struct policy_services *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].term.protocol_lo == 0 && l->v[i].term.protocol_hi == 255)
			return true;
	return false;
}

static struct str set_name(const struct writer *w, const struct policy_services *l)
{
	return text_name(w->arena, str_printf(w->arena, "portolan-%.*s", STR_ARG(l->name)), "-_.", '-', LONGEST_NAME);
}

static void put_in_set(struct writer *w, struct str name)
{
	out_printf(w->o, "set applications application-set %.*s application %.*s\n",
		   STR_ARG(set_name(w, &w->p->services[w->r->services])), STR_ARG(name));
}

static void put_member(struct writer *w, const struct service_item *s, struct port_range port)
{
	put_in_set(w, application_name(w, s, port));
}

static void put_rpc_member(struct writer *w, const struct rpc_application *application)
{
	put_in_set(w, application->name);
}

static void put_applications(struct writer *w)
{
	w->written = strmap_new(w->arena);
	for (size_t i = 0; i < w->p->n_services; i++)
		for (size_t j = 0; j < w->p->n_relations; j++) {
			w->r = &w->p->relations[j];
			if (w->r->services != i)
				continue;
			/* when every protocol is in it, single ones are redundant */
			if (!has_any(&w->p->services[i])) {
				each_application(w, &w->p->services[i], put_application);
				each_rpc_application(w, &w->p->services[i], put_rpc_application);
				put_delete(w, str_printf(w->arena, "applications application-set %.*s",
							 STR_ARG(set_name(w, &w->p->services[i]))));
				each_application(w, &w->p->services[i], put_member);
				each_rpc_application(w, &w->p->services[i], put_rpc_member);
			}
			break;
		}
}

static void put_zones(struct writer *w, struct str path, const char *key, const struct policy_zone *zone)
{
	for (size_t i = 0; i < zone->n_interfaces; i++)
		out_printf(w->o, "%.*s match %s %.*s\n", STR_ARG(path), key, STR_ARG(zone->interfaces[i]));
}

static void put_policy(void *ctx, size_t from, size_t to, struct addrset src, struct addrset dst)
{
	struct writer *w = ctx;
	const struct relation *r = w->r;
	const struct policy_services *l = &w->p->services[r->services];
	bool crosses = false;
	for (int f = IPV4; f <= IPV6; f++)
		crosses |= addrset_part(src, (enum family)f).n && addrset_part(dst, (enum family)f).n;
	if (!crosses)
		return;
	struct str name = text_name(w->arena, r->id, "-_.", '-', LONGEST_NAME);
	/* a policy between two zones has one name for each */
	bool pair = from != ANY_ZONE && w->p->zones[from].n_interfaces == 1 && w->p->zones[to].n_interfaces == 1;
	if (from != ANY_ZONE && !pair)
		name = str_printf(w->arena, "%.*s-%zu-%zu", STR_ARG(name), from + 1, to + 1);
	struct str path = !pair ? str_printf(w->arena, "security policies global policy %.*s", STR_ARG(name))
				: str_printf(w->arena, "security policies from-zone %.*s to-zone %.*s policy %.*s",
					     STR_ARG(w->p->zones[from].interfaces[0]),
					     STR_ARG(w->p->zones[to].interfaces[0]), STR_ARG(name));
	put_delete(w, path);
	struct str bare = path;
	path = str_printf(w->arena, "set %.*s", STR_ARG(path));
	if (from != ANY_ZONE && !pair) {
		put_zones(w, path, "from-zone", &w->p->zones[from]);
		put_zones(w, path, "to-zone", &w->p->zones[to]);
	}
	out_printf(w->o, "%.*s description \"", STR_ARG(path));
	text_put_title(w->o, LONGEST_DESCRIPTION, "\"\\<>", NO_STR, r);
	out_printf(w->o, "\"\n%.*s match source-address %.*s\n", STR_ARG(path), STR_ARG(group_name(w, r->src)));
	out_printf(w->o, "%.*s match destination-address %.*s\n", STR_ARG(path), STR_ARG(group_name(w, r->dst)));
	out_printf(w->o, "%.*s match application %.*s\n", STR_ARG(path),
		   STR_ARG(has_any(l) ? STR("any") : set_name(w, l)));
	out_printf(w->o, "%.*s then %s\n", STR_ARG(path), r->denies ? "deny" : "permit");
	put_place(w, bare);
	*VEC_ADD(w->arena, &w->policies) = bare;
}

/* Junos has no word for the first of a list, and what others wrote is not known: the lines are to be completed. */
static void put_first(const struct writer *w)
{
	if (w->p->part || !w->policies.n)
		return;
	out_text(w->o,
		 "# FIRST is the policy of others that is the first between two zones, or of the global ones; where "
		 "there\n"
		 "# is none, its lines are not needed (show security policies):\n");
	for (size_t i = 0; i < w->policies.n; i++)
		out_printf(w->o, "# insert %.*s before policy FIRST\n", STR_ARG(w->policies.v[i]));
}

static void withdraw(struct arena *a, struct str before, struct str now, struct out *o)
{
	static const struct owned_kind kinds[] = {
		{ "security policies from-zone * to-zone * policy *", 0 },
		{ "security policies global policy *", 0 },
		{ "applications application-set *", 1 },
		{ "applications application *", 2 },
		{ "security address-book global address-set *", 3 },
		{ "security address-book global address *", 4 },
	};
	withdraw_set_lines(a, before, now, kinds, ARRAY_LEN(kinds), o);
}

/* Words of the language, and the names of the emitter's address-book entries and of its applications of one range. */
static bool means_other(struct str name, bool services)
{
	struct str first = str_first(name, MIN(str_find(name, '-'), name.n));
	unsigned protocol;
	if (services)
		return protocol_name_parse(first, &protocol) || str_iis(first, "uuid");
	return str_istarts(name, "ip-") || str_iis(first, "any");
}

static const struct dialect_loading junos_loading = {
	.loads = LOADS_ADDS,
	.load = "load set FILE; commit confirmed 5; commit",
	.undo = "rollback 1; commit",
	.lands = "Policies come after those of others between the same zones.  The last lines of the file, entered "
		 "before "
		 "the commit, put them first.",
};

/* The default policy logs nothing; global policies come after those between zones, and before it. */
static void put_logged_denial(struct out *o)
{
	static const char path[] = "security policies global policy portolan-denied";
	static const char *const says[] = { "match source-address any", "match destination-address any",
					    "match application any", "then deny", "then log session-init" };
	out_printf(o, "delete %s\n", path);
	for (size_t i = 0; i < ARRAY_LEN(says); i++)
		out_printf(o, "set %s %s\n", path, says[i]);
}

static bool emit(const struct policy *p, struct out *o, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct writer w = { .arena = a, .o = o, .p = p, .diag = d, .by_interface = names_interfaces(p) };

	if (!p->part)
		text_header(o, "# ", p, "Junos on SRX", &junos_loading);
	if (w.by_interface)
		text_comment_lines(
			o, "# ",
			STR("Ports that the RPC endpoint mapper assigns are permitted by interface: the MS-RPC ALG "
			    "must be on, as it is unless it is disabled. With emit --rpc ports they are permitted "
			    "by port."));
	put_book(&w);
	put_applications(&w);
	for (size_t i = 0; i < p->n_relations; i++) {
		w.r = &p->relations[i];
		text_comment_lines(o, "# ", w.r->about);
		policy_split(a, p, w.r, put_policy, &w);
	}
	if (p->log_denials)
		put_logged_denial(o);
	if (!p->part)
		out_text(o, "set security policies default-policy deny-all\n");
	put_first(&w);
	return !w.failed;
}

static unsigned resembles(struct str text)
{
	struct str head = str_first(text, 16384);
	if (str_find_text(head, STR("set security ")) != SIZE_MAX ||
	    str_find_text(head, STR("set firewall f")) != SIZE_MAX ||
	    str_find_text(head, STR("security-zone ")) != SIZE_MAX ||
	    str_find_text(head, STR("set applications ")) != SIZE_MAX)
		return 90;
	if (str_find_text(head, STR("\nfirewall {")) != SIZE_MAX || str_starts(head, "firewall {") ||
	    str_find_text(head, STR("from-zone ")) != SIZE_MAX)
		return 85;
	return str_find_text(head, STR("set interfaces ")) != SIZE_MAX ||
			       str_find_text(head, STR("set system host-name")) != SIZE_MAX
		       ? 60
		       : 0;
}

/* "security policies from-zone A to-zone B policy NAME" */
static struct str path_of(struct arena *a, const struct rule *r)
{
	if (str_starts(r->text, "global policy "))
		return str_printf(a, "security policies global policy %.*s", STR_ARG(r->name));
	struct str from = r->match.in.n ? r->match.in.v[0] : STR("any"),
		   to = r->match.out.n ? r->match.out.v[0] : STR("any");
	return str_printf(a, "security policies from-zone %.*s to-zone %.*s policy %.*s", STR_ARG(from), STR_ARG(to),
			  STR_ARG(r->name));
}

static const char *patch(struct arena *a, const struct patch_request *q, struct out *apply, struct out *undo)
{
	CLEANUP(out_free) struct out added = out_memory(MOST_RULES_BYTES);
	if (q->rules->replies != REPLIES_FREE)
		return "firewall filters are changed term by term, which is not written";
	const char *why = patch_put_part(q, patch_part(a, q, path_of), &added);
	for (size_t i = 0; i < q->n && !why; i++) {
		if (!q->steps[i].removes)
			continue;
		if (!q->steps[i].at->name.n)
			return "a rule that would go is not a policy";
		struct str path = path_of(a, q->steps[i].at);
		out_printf(apply, "deactivate %.*s\n", STR_ARG(path));
		out_printf(undo, "activate %.*s\n", STR_ARG(path));
	}
	out_str(apply, out_view(&added));
	withdraw(a, out_view(&added), q->text, undo);
	return why;
}

static const struct patch_writer junos_patch = { .comment = "# ", .write = patch };

const struct dialect dialect_junos = {
	.name = "junos",
	.title = "Juniper Junos: SRX policies and firewall filters",
	.ending = "set",
	.loading = &junos_loading,
	.withdraw = withdraw,
	.patch = &junos_patch,
	.means_other = means_other,
	.emit = emit,
	.logs_denials = true,
	.parse = junos_parse,
	.resembles = resembles,
	.for_transit = true,
	.interface_chars = "/.:_-",
	.names_interfaces = true,
	.cannot = CANNOT_PROTOCOL_RANGES,
	.rules_of_a_relation = 1,
};
