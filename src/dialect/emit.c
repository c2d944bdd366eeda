/* SPDX-License-Identifier: Apache-2.0 */
/* What is done before any dialect writes: refusing what it has no words for, and splitting what its lists do not take. */
#include "base/strmap.h"
#include "dialect/common/split.h"
#include "dialect/common/text.h"
#include "dialect/dialect.h"

static bool whole_icmp(const struct service_term *t)
{
	return t->port.lo == 0 && t->port.hi >= 255 && t->sport.lo == 0 && t->sport.hi >= 255;
}

/* A property of a service that a language may not support: a bit of CANNOT_*, and its words; 0: nothing unusual. */
static unsigned unusual(const struct service_term *t, const char **what)
{
	bool one = t->protocol_lo == t->protocol_hi;
	if (!one) {
		*what = "all protocols at once";
		return t->protocol_lo == 0 && t->protocol_hi == 255 ? CANNOT_ANY : 0;
	}
	if (protocol_is_icmp(t->protocol_lo)) {
		if (whole_icmp(t)) {
			*what = "all of ICMP";
			return CANNOT_WHOLE_ICMP;
		}
		bool codes = t->sport.lo != 0 || t->sport.hi < 255;
		*what = codes ? "single ICMP codes" : "single ICMP types";
		return codes ? CANNOT_ICMP_CODES | CANNOT_ICMP : CANNOT_ICMP;
	}
	if (t->protocol_lo == PROTO_ESP || t->protocol_lo == PROTO_AH) {
		*what = "ESP and AH";
		return CANNOT_IPSEC;
	}
	if (t->protocol_lo != PROTO_TCP && t->protocol_lo != PROTO_UDP) {
		*what = "protocols besides TCP, UDP and ICMP";
		return CANNOT_OTHER;
	}
	*what = "source ports";
	return t->sport.lo != 0 || t->sport.hi != 65535 ? CANNOT_SOURCE_PORTS : 0;
}

bool dialect_can_say_service(const struct dialect *dialect, const struct service_term *t)
{
	const char *what;
	return !(unusual(t, &what) & dialect->cannot);
}

static bool is_too_narrow(const struct dialect *dialect, const struct service_term *t)
{
	const char *what;
	return unusual(t, &what) & dialect->cannot & (CANNOT_ICMP | CANNOT_ICMP_CODES);
}

/* The services with all of ICMP, once for each family. */
static struct policy_services with_whole_icmp(struct arena *a, const struct dialect *dialect,
					      const struct policy_services *s)
{
	struct policy_service *services = ARENA_ARRAY(a, struct policy_service, s->n);
	struct policy_services r = { s->name, services, 0 };
	for (size_t i = 0; i < s->n; i++) {
		bool known = false;
		services[r.n] = s->v[i];
		if (is_too_narrow(dialect, &s->v[i].term))
			services[r.n].term = service_of(s->v[i].term.protocol_lo, ALL_PORTS);
		for (size_t j = 0; j < r.n && !known; j++)
			known = protocol_is_icmp(services[j].term.protocol_lo) &&
				memcmp(&services[j].term, &services[r.n].term, sizeof services->term) == 0;
		r.n += !known;
	}
	return r;
}

const struct policy *dialect_widen_icmp(struct arena *a, const struct dialect *dialect, const struct policy *p)
{
	bool any = false;
	struct policy_services *services = ARENA_ARRAY(a, struct policy_services, p->n_services);
	struct policy *ret = ARENA_NEW(a, struct policy);
	for (size_t i = 0; i < p->n_services; i++) {
		services[i] = with_whole_icmp(a, dialect, &p->services[i]);
		for (size_t j = 0; j < p->services[i].n; j++)
			any |= is_too_narrow(dialect, &p->services[i].v[j].term);
	}
	*ret = *p;
	ret->services = services;
	return any ? ret : p;
}

/* True when the language does not support the property of the service that these words say. */
static bool is_unsaid(const struct dialect *dialect, const struct policy_service *s, const char *what)
{
	const char *other = "";
	return (unusual(&s->term, &other) & dialect->cannot) && strcmp(other, what) == 0;
}

/* The first relations with a service of this name that the language cannot express for this reason, as notes. */
static void name_relations(const struct dialect *dialect, const struct policy *p, struct str service, const char *what,
			   struct diag *d)
{
	enum { A_FEW = 3 };
	size_t n = 0;
	for (size_t i = 0; i < p->n_relations; i++) {
		const struct policy_services *s = &p->services[p->relations[i].services];
		bool on = false;
		for (size_t j = 0; j < s->n && !on; j++)
			on = str_eq(s->v[j].name, service) && is_unsaid(dialect, &s->v[j], what);
		if (on && n++ < A_FEW)
			diag_note(d, NOWHERE, "it is needed by \"%.*s\"", STR_ARG(p->relations[i].title));
	}
	if (n > A_FEW)
		diag_note(d, NOWHERE, "and by %zu more", n - A_FEW);
}

bool dialect_can_say(const struct dialect *dialect, const struct policy *p, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct strmap said = strmap_new(a);
	bool ok = true;
	for (size_t i = 0; i < p->n_services; i++)
		for (size_t j = 0; j < p->services[i].n; j++) {
			const struct policy_service *s = &p->services[i].v[j];
			const char *what = "";
			if (!(unusual(&s->term, &what) & dialect->cannot))
				continue;
			ok = false;
			if (!strmap_add(&said, str_printf(a, "%s %.*s", what, STR_ARG(s->name)), &ok))
				continue;
			diag_error(d, NOWHERE, "%s cannot express %s (\"%.*s\")", dialect->title, what,
				   STR_ARG(s->name));
			name_relations(dialect, p, s->name, what, d);
		}
	for (size_t i = 0; i < p->n_relations && dialect->cannot & CANNOT_IPV6; i++) {
		const struct relation *r = &p->relations[i];
		if (addrset_part(p->groups[r->src].addresses, IPV6).n &&
		    addrset_part(p->groups[r->dst].addresses, IPV6).n)
			ok = diag_error(d, NOWHERE, "%s cannot express IPv6 (\"%.*s\")", dialect->title,
					STR_ARG(r->title));
	}
	return ok;
}

static bool is_narrow_range(const struct service_term *t)
{
	return t->protocol_lo != t->protocol_hi && !(t->protocol_lo == 0 && t->protocol_hi == 255);
}

/* The services with ranges of protocols expanded. */
static struct policy_services one_by_one(struct arena *a, const struct policy_services *s)
{
	struct policy_services r = { .name = s->name };
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		n += is_narrow_range(&s->v[i].term) ? 1u + s->v[i].term.protocol_hi - s->v[i].term.protocol_lo : 1;
	struct policy_service *services = ARENA_ARRAY(a, struct policy_service, n);
	for (size_t i = 0; i < s->n; i++) {
		struct service_term t = s->v[i].term;
		if (!is_narrow_range(&t)) {
			services[r.n++] = s->v[i];
			continue;
		}
		for (unsigned protocol = t.protocol_lo; protocol <= t.protocol_hi; protocol++) {
			services[r.n] = s->v[i];
			services[r.n].name = str_printf(a, "protocol-%u", protocol);
			services[r.n++].term =
				(struct service_term){ (uint8_t)protocol, (uint8_t)protocol, t.sport, t.port };
		}
	}
	r.v = services;
	return r;
}

/* Names of interfaces are written as they are: what could end one, or begin something else, is refused. */
static bool can_name_interfaces(const struct dialect *dialect, const struct policy *p, struct diag *d)
{
	bool all = true;
	for (size_t i = 0; i < p->n_zones && dialect->interface_chars; i++)
		for (size_t j = 0; j < p->zones[i].n_interfaces; j++) {
			struct str name = p->zones[i].interfaces[j];
			bool ok = name.n && name.p[0] != ' ' && name.p[name.n - 1] != ' ';
			for (size_t m = 0; m < name.n && ok; m++)
				ok = char_is_plain(name.p[m], dialect->interface_chars);
			if (!ok)
				all = diag_error(d, NOWHERE, "%s cannot name an interface or zone \"%.*s\"",
						 dialect->title, STR_ARG(name));
		}
	return all;
}

bool dialect_emit(const struct dialect *dialect, const struct policy *p, struct out *out, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct policy said = *p;
	if (dialect->cannot & CANNOT_PROTOCOL_RANGES) {
		struct policy_services *services = ARENA_ARRAY(a, struct policy_services, p->n_services);
		for (size_t i = 0; i < p->n_services; i++)
			services[i] = one_by_one(a, &p->services[i]);
		said.services = services;
	}
	text_make_visible(a, &said);
	return dialect_can_say(dialect, &said, d) && can_name_interfaces(dialect, &said, d) &&
	       split_policy(a, dialect, &said, d) && dialect->emit(&said, out, d);
}
