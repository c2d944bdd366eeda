/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/dialect.h"

#include "base/strmap.h"
#include "dialect/common/split.h"
#include "dialect/table.h"

#define DECLARE(name) extern const struct dialect dialect_##name;
DIALECTS(DECLARE)
#define ROW(name) &dialect_##name,
const struct dialect *const dialects[] = { DIALECTS(ROW) NULL };

const struct dialect *dialect_find(struct str name)
{
	for (size_t i = 0; dialects[i]; i++)
		if (str_is(name, dialects[i]->name))
			return dialects[i];
	return NULL;
}

static bool whole_icmp(const struct service_term *t)
{
	return t->port.lo == 0 && t->port.hi >= 255 && t->sport.lo == 0 && t->sport.hi >= 255;
}

/* What of a service a language may lack: one bit of CANNOT_*, and its words; 0: nothing unusual. */
static unsigned unusual(const struct service_term *t, const char **what)
{
	bool one = t->protocol_lo == t->protocol_hi;
	if (!one) {
		*what = "every protocol at once";
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
	if (t->protocol_lo != PROTO_TCP && t->protocol_lo != PROTO_UDP) {
		*what = "protocols besides TCP, UDP and ICMP";
		return CANNOT_OTHER;
	}
	*what = "source ports";
	return t->sport.lo != 0 || t->sport.hi != 65535 ? CANNOT_SOURCE_PORTS : 0;
}

/* The first relations on a service, as notes. */
static void name_relations(const struct policy *p, struct str service, struct diag *d)
{
	enum { A_FEW = 3 };
	size_t n = 0;
	for (size_t i = 0; i < p->n_relations; i++) {
		const struct policy_services *s = &p->services[p->relations[i].services];
		bool on = false;
		for (size_t k = 0; k < s->n && !on; k++)
			on = str_eq(s->v[k].name, service);
		if (on && n++ < A_FEW)
			diag_note(d, NOWHERE, "it is wanted in \"%.*s\"", STR_ARG(p->relations[i].title));
	}
	if (n > A_FEW)
		diag_note(d, NOWHERE, "and in %zu more", n - A_FEW);
}

static bool can_say(const struct dialect *x, const struct policy *p, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct strmap said = strmap_new(a);
	bool ok = true;
	for (size_t i = 0; i < p->n_services; i++)
		for (size_t k = 0; k < p->services[i].n; k++) {
			const struct policy_service *s = &p->services[i].v[k];
			const char *what = "";
			if (!(unusual(&s->term, &what) & x->cannot))
				continue;
			ok = false;
			if (!strmap_add(&said, str_printf(a, "%s %.*s", what, STR_ARG(s->name)), &ok))
				continue;
			diag_error(d, NOWHERE, "%s cannot say %s (\"%.*s\")", x->title, what, STR_ARG(s->name));
			name_relations(p, s->name, d);
		}
	for (size_t i = 0; i < p->n_relations && x->cannot & CANNOT_IPV6; i++) {
		const struct relation *r = &p->relations[i];
		if (addrset_part(p->groups[r->src].addresses, IPV6).n && addrset_part(p->groups[r->dst].addresses, IPV6).n)
			ok = diag_error(d, NOWHERE, "%s cannot say IPv6 (\"%.*s\")", x->title, STR_ARG(r->title));
	}
	return ok;
}

static bool is_narrow_range(const struct service_term *t)
{
	return t->protocol_lo != t->protocol_hi && !(t->protocol_lo == 0 && t->protocol_hi == 255);
}

/* The services with ranges of protocols written out. */
static struct policy_services one_by_one(struct arena *a, const struct policy_services *s)
{
	struct policy_services r = { .name = s->name };
	size_t n = 0;
	for (size_t i = 0; i < s->n; i++)
		n += is_narrow_range(&s->v[i].term) ? 1u + s->v[i].term.protocol_hi - s->v[i].term.protocol_lo : 1;
	struct policy_service *v = ARENA_ARRAY(a, struct policy_service, n);
	for (size_t i = 0; i < s->n; i++) {
		struct service_term t = s->v[i].term;
		if (!is_narrow_range(&t)) {
			v[r.n++] = s->v[i];
			continue;
		}
		for (unsigned k = t.protocol_lo; k <= t.protocol_hi; k++) {
			v[r.n] = s->v[i];
			v[r.n].name = str_printf(a, "protocol-%u", k);
			v[r.n++].term = (struct service_term){ (uint8_t)k, (uint8_t)k, t.sport, t.port };
		}
	}
	r.v = v;
	return r;
}

bool dialect_emit(const struct dialect *x, const struct policy *p, struct out *out, struct diag *d)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct policy said = *p;
	if (x->cannot & CANNOT_PROTOCOL_RANGES) {
		struct policy_services *v = ARENA_ARRAY(a, struct policy_services, p->n_services);
		for (size_t i = 0; i < p->n_services; i++)
			v[i] = one_by_one(a, &p->services[i]);
		said.services = v;
	}
	return can_say(x, &said, d) && split_policy(a, x, &said, d) && x->emit(&said, out, d);
}

static void put_utf16(struct out *o, struct str s, bool big)
{
	uint32_t letter;
	char bytes[4];
	while (s.n > 1) {
		s = str_skip(s, utf16_letter(s.p, s.n, big, &letter));
		out_bytes(o, bytes, utf8_of(letter, bytes));
	}
}

/* UTF-16 whose mark was lost: every other byte of the beginning is zero, and no other. */
static bool is_bare_utf16(struct str s, size_t zeros_at)
{
	size_t n = MIN(s.n & ~(size_t)1, 64);
	for (size_t i = 0; i < n; i++)
		if ((s.p[i] == 0) != (i % 2 == zeros_at))
			return false;
	return n >= 8;
}

static void free_text(void *p)
{
	free(p);
}

const struct source *dialect_text(struct arena *a, const struct source *s)
{
	struct str text = s->text;
	struct out o = out_memory(2 * (size_t)MOST_RULES_BYTES);
	bool changed = true;

	if (text.n >= 2 && memcmp(text.p, "\xff\xfe", 2) == 0)
		put_utf16(&o, str_skip(text, 2), false);
	else if (text.n >= 2 && memcmp(text.p, "\xfe\xff", 2) == 0)
		put_utf16(&o, str_skip(text, 2), true);
	else if (text.n >= 3 && memcmp(text.p, "\xef\xbb\xbf", 3) == 0)
		out_str(&o, str_skip(text, 3));
	else if (is_bare_utf16(text, 1))
		put_utf16(&o, text, false);
	else if (is_bare_utf16(text, 0))
		put_utf16(&o, text, true);
	else
		changed = false;
	if (changed)
		text = out_view(&o);
	/* lone CRs, as old terminals and some exports write them; CRLF is dealt with where lines are cut */
	if (str_find(text, '\r') != SIZE_MAX && str_find(text, '\n') == SIZE_MAX) {
		char *copy = arena_memdup(a, text.p, text.n);
		for (size_t i = 0; i < text.n; i++)
			if (copy[i] == '\r')
				copy[i] = '\n';
		text.p = copy;
		changed = true;
	}
	if (!changed) {
		out_free(&o);
		return s;
	}
	arena_at_end(a, free_text, o.buf);
	return source_of_text(a, s->name, text);
}

/* Looks at the beginning, in UTF-8. */
const struct dialect *dialect_guess(struct str text)
{
	enum { ENOUGH = 1 << 17 };
	CLEANUP(arena_freep) struct arena *a = arena_new();
	const struct dialect *best = NULL;
	unsigned most = 0;
	if (str_starts(text, "\xff\xfe") || str_starts(text, "\xfe\xff") || str_starts(text, "\xef\xbb\xbf") ||
	    is_bare_utf16(text, 0) || is_bare_utf16(text, 1))
		text = dialect_text(a, source_of_text(a, "", str_first(text, ENOUGH)))->text;
	for (size_t i = 0; dialects[i]; i++) {
		unsigned n = dialects[i]->resembles ? dialects[i]->resembles(text) : 0;
		if (n > most) {
			most = n;
			best = dialects[i];
		}
	}
	return best;
}

bool dialect_read(struct arena *a, const struct dialect *x, const struct source *s, const struct read_options *o,
		  struct ruleset **ret, struct diag *d)
{
	static const struct read_options usual;
	size_t errors = diag_errors(d);
	if (!x->parse)
		return diag_error(d, (struct loc){ s, 0, 0, 0 }, "%s can be written but not read", x->title);
	bool binary = s->text.n >= 4 && memcmp(s->text.p, "PReg", 4) == 0;
	const struct source *text = binary ? s : dialect_text(a, s);
	bool ok = x->parse(a, text, o ? o : &usual, ret, d) && ruleset_check(*ret, d);
	bool doubtful = !ok || (*ret)->unknown.n > 0 || ruleset_size(*ret) == 0;
	const struct dialect *likely = doubtful ? dialect_guess(text->text) : NULL;
	if (likely && likely->parse != x->parse) {
		if (ok)
			diag_error(d, (struct loc){ text, 0, 0, 0 }, "this does not read as %s", x->name);
		diag_note(d, NOWHERE, "it looks like %s: %s %s", likely->title,
			  o && o->dialect_option ? o->dialect_option : "--dialect", likely->name);
		return false;
	}
	assert(ok == (diag_errors(d) == errors));
	return ok;
}
