/* SPDX-License-Identifier: Apache-2.0 */
#include "grammar.h"

uint32_t rnd(struct draft *w, uint32_t n)
{
	w->seed = w->seed * 6364136223846793005u + 1442695040888963407u;
	return n ? (uint32_t)(w->seed >> 33) % n : 0;
}

bool chance(struct draft *w, uint32_t n)
{
	return rnd(w, n) == 0;
}

const char *one_of(struct draft *w, const char *const *words, size_t n)
{
	return words[rnd(w, (uint32_t)n)];
}

void say(struct draft *w, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	out_text(&w->text, arena_vprintf(w->a, fmt, ap));
	va_end(ap);
}

size_t list_add(struct draft *w, bool base, enum verb otherwise)
{
	struct list *l = VEC_ADD(w->a, &w->lists);
	l->base = base;
	l->otherwise = otherwise;
	return w->lists.n - 1;
}

struct said *said_add(struct draft *w, size_t list, enum verb verb)
{
	struct said *s = VEC_ADD(w->a, &w->lists.v[list].said);
	s->verb = verb;
	return s;
}

struct said said_copy(struct draft *w, const struct said *s)
{
	struct said copy = *s;
	copy.conditions.v = (void *)arena_memdup(w->a, s->conditions.v, s->conditions.n * sizeof *s->conditions.v);
	copy.conditions.room = copy.conditions.n;
	return copy;
}

void on_addrs(struct draft *w, struct said *s, enum subject on, const struct addrs *v, bool negated)
{
	struct condition *c = VEC_ADD(w->a, &s->conditions);
	c->on = on;
	c->negated = negated;
	addrs_add_all(w, &c->addrs, v);
}

void on_terms(struct draft *w, struct said *s, const struct terms *t, bool negated)
{
	struct condition *c = VEC_ADD(w->a, &s->conditions);
	c->on = ON_SERVICE;
	c->negated = negated;
	terms_add_all(w, &c->terms, t);
}

void on_boxes(struct draft *w, struct said *s, const struct boxes *b, bool negated)
{
	struct condition *c = VEC_ADD(w->a, &s->conditions);
	c->on = ON_BOXES;
	c->negated = negated;
	c->boxes = *b;
}

void on_nothing(struct draft *w, struct said *s)
{
	VEC_ADD(w->a, &s->conditions)->on = ON_BOXES;
}

void on_family(struct draft *w, struct said *s, enum family f)
{
	struct condition *c = VEC_ADD(w->a, &s->conditions);
	c->on = ON_SRC;
	addrs_everything(w, &c->addrs, f == IPV4, f == IPV6);
}

void place_add(struct draft *w, const char *name, const struct addrs *v)
{
	struct place *p = VEC_ADD(w->a, &w->places);
	p->name = name;
	addrs_add_all(w, &p->addrs, v);
}

bool place_addresses(void *ctx, struct str name, struct addrset *ret)
{
	const struct draft *w = ctx;
	for (size_t i = 0; i < w->places.n; i++)
		if (str_is(name, w->places.v[i].name)) {
			*ret = addrset_of(w->a, w->places.v[i].addrs.v.v, w->places.v[i].addrs.v.n);
			return true;
		}
	return false;
}

void addrs_add(struct draft *w, struct addrs *s, struct addr_range r)
{
	*VEC_ADD(w->a, &s->v) = r;
	if (s != &w->edges && r.lo <= r.hi)
		*VEC_ADD(w->a, &w->edges.v) = r;
}

void addrs_add_all(struct draft *w, struct addrs *s, const struct addrs *more)
{
	for (size_t i = 0; i < more->v.n; i++)
		*VEC_ADD(w->a, &s->v) = more->v.v[i];
}

void addrs_cut(struct draft *w, struct addrs *s, struct addr_range r)
{
	struct addrs old = *s;
	*s = (struct addrs){ 0 };
	for (size_t i = 0; i < old.v.n; i++) {
		struct addr_range p = old.v.v[i];
		if (p.family != r.family || r.hi < p.lo || p.hi < r.lo) {
			*VEC_ADD(w->a, &s->v) = p;
			continue;
		}
		if (p.lo < r.lo)
			*VEC_ADD(w->a, &s->v) = (struct addr_range){ p.family, p.lo, r.lo - 1 };
		if (r.hi < p.hi)
			*VEC_ADD(w->a, &s->v) = (struct addr_range){ p.family, r.hi + 1, p.hi };
	}
	*VEC_ADD(w->a, &w->edges.v) = r;
}

void addrs_everything(struct draft *w, struct addrs *s, bool v4, bool v6)
{
	if (v4)
		*VEC_ADD(w->a, &s->v) = addr_range_all(IPV4);
	if (v6)
		*VEC_ADD(w->a, &s->v) = addr_range_all(IPV6);
}

void terms_add(struct draft *w, struct terms *s, struct service_term t)
{
	*VEC_ADD(w->a, &s->v) = t;
	*VEC_ADD(w->a, &w->edge_terms.v) = t;
}

void terms_add_all(struct draft *w, struct terms *s, const struct terms *more)
{
	for (size_t i = 0; i < more->v.n; i++)
		*VEC_ADD(w->a, &s->v) = more->v.v[i];
}

void ports_add(struct draft *w, struct ports *s, unsigned lo, unsigned hi)
{
	if (lo <= hi && hi <= 65535)
		*VEC_ADD(w->a, &s->v) = (struct port_range){ (uint16_t)lo, (uint16_t)hi };
}

void terms_product(struct draft *w, struct terms *to, unsigned protocol, const struct ports *sports,
		   const struct ports *ports)
{
	static const struct port_range all = ALL_PORTS;
	for (size_t i = 0; i < MAX(sports->v.n, 1); i++)
		for (size_t k = 0; k < MAX(ports->v.n, 1); k++)
			terms_add(w, to,
				  (struct service_term){ (uint8_t)protocol, (uint8_t)protocol,
							 sports->v.n ? sports->v.v[i] : all,
							 ports->v.n ? ports->v.v[k] : all });
}

void terms_protocol(struct draft *w, struct terms *to, unsigned lo, unsigned hi)
{
	terms_add(w, to, (struct service_term){ (uint8_t)lo, (uint8_t)hi, ALL_PORTS, ALL_PORTS });
}

void terms_icmp(struct draft *w, struct terms *to, unsigned protocol, int type, int code)
{
	struct service_term t = { (uint8_t)protocol, (uint8_t)protocol, ALL_PORTS, ALL_PORTS };
	if (type >= 0)
		t.port = one_port((uint16_t)type);
	if (code >= 0)
		t.sport = one_port((uint16_t)code);
	terms_add(w, to, t);
}

/* Decisions */

static bool holds_addr(const struct addrs *s, struct addr a)
{
	for (size_t i = 0; i < s->v.n; i++)
		if (s->v.v[i].family == a.family && s->v.v[i].lo <= a.n && a.n <= s->v.v[i].hi)
			return true;
	return false;
}

static bool in_range(struct port_range r, uint16_t n)
{
	return r.lo <= n && n <= r.hi;
}

/* Ports and types are conditions only where a packet has them; a term without them has ALL_PORTS. */
static bool holds_service(const struct terms *s, const struct packet *p)
{
	for (size_t i = 0; i < s->v.n; i++) {
		const struct service_term *t = &s->v.v[i];
		if (t->protocol_lo <= p->protocol && p->protocol <= t->protocol_hi && in_range(t->sport, p->sport) &&
		    in_range(t->port, p->port))
			return true;
	}
	return false;
}

static bool holds_boxes(const struct boxes *s, const struct packet *p)
{
	for (size_t i = 0; i < s->v.n; i++) {
		const struct box *b = &s->v.v[i];
		if ((!b->src.v.n || holds_addr(&b->src, p->src)) && (!b->dst.v.n || holds_addr(&b->dst, p->dst)) &&
		    (!b->terms.v.n || holds_service(&b->terms, p)))
			return true;
	}
	return false;
}

static bool holds_condition(const struct condition *c, const struct packet *p)
{
	switch (c->on) {
	case ON_SRC:
		return holds_addr(&c->addrs, p->src);
	case ON_DST:
		return holds_addr(&c->addrs, p->dst);
	case ON_SERVICE:
		return holds_service(&c->terms, p);
	case ON_BOXES:
		break;
	}
	return holds_boxes(&c->boxes, p);
}

static bool holds_said(const struct said *s, const struct packet *p, bool reply)
{
	if ((s->when == AT_FIRST && reply) || (s->when == AFTERWARDS && !reply))
		return false;
	for (size_t i = 0; i < s->conditions.n; i++) {
		const struct condition *c = &s->conditions.v[i];
		if (holds_condition(c, p) == c->negated)
			return false;
	}
	return true;
}

/* The rule of a list that comes next behind another in the list's order; NULL: none. */
static const struct said *next_said(const struct list *l, const struct said *last)
{
	const struct said *next = NULL;
	for (size_t i = 0; i < l->said.n; i++) {
		const struct said *s = &l->said.v[i];
		if (last && (s->order < last->order || (s->order == last->order && s <= last)))
			continue;
		if (!next || s->order < next->order)
			next = s;
	}
	return next;
}

static enum verb run(const struct draft *w, const struct list *l, const struct packet *p, struct reading reading)
{
	enum verb wanted = reading.upper ? SAYS_PERMIT : SAYS_DENY, last = SAYS_RETURN;
	for (const struct said *s = next_said(l, NULL); s; s = next_said(l, s)) {
		enum verb v = s->verb;
		if (v == SAYS_NOTHING || !holds_said(s, p, reading.reply))
			continue;
		if (v == SAYS_CALL || v == SAYS_GOTO)
			v = run(w, &w->lists.v[s->target], p, reading);
		if (v == SAYS_RETURN && s->verb == SAYS_CALL)
			continue;
		if (s->perhaps && v != wanted)
			continue;
		if (!l->last_match || s->quick || v == SAYS_RETURN)
			return v;
		last = v;
	}
	return last == SAYS_RETURN ? l->otherwise : last;
}

bool permitted(const struct draft *w, const struct packet *p, struct reading reading)
{
	bool all = true;
	for (size_t i = 0; i < w->lists.n; i++) {
		const struct list *l = &w->lists.v[i];
		if (!l->base)
			continue;
		enum verb v = run(w, l, p, reading);
		all &= (v == SAYS_RETURN ? l->otherwise : v) == SAYS_PERMIT;
	}
	return all;
}

bool same_place(const struct draft *w, const struct packet *p)
{
	for (size_t i = 0; i < w->places.n; i++)
		if (holds_addr(&w->places.v[i].addrs, p->src) && holds_addr(&w->places.v[i].addrs, p->dst))
			return true;
	return false;
}

/* Packets */

static struct addr address_near(struct draft *w, enum family f)
{
	struct addr_range r = chance(w, 12) ? addr_range_all(f) : some_net(w, f);
	for (unsigned tries = 0; w->edges.v.n && tries < 8 && !chance(w, 10); tries++) {
		struct addr_range e = w->edges.v.v[rnd(w, (uint32_t)w->edges.v.n)];
		if (e.family == f) {
			r = e;
			break;
		}
	}
	switch (rnd(w, 6)) {
	case 0:
		return (struct addr){ f, r.hi };
	case 1:
		return (struct addr){ f, r.hi < addr_max(f) ? r.hi + 1 : r.hi };
	case 2:
		return (struct addr){ f, r.lo ? r.lo - 1 : r.lo };
	case 3:
		return (struct addr){ f, r.lo + rnd(w, (uint32_t)MIN(r.hi - r.lo, (u128)1 << 20) + 1) };
	default:
		return (struct addr){ f, r.lo };
	}
}

static uint16_t number_near(struct draft *w, struct port_range r)
{
	switch (rnd(w, 6)) {
	case 0:
		return r.hi;
	case 1:
		return r.hi < 65535 ? (uint16_t)(r.hi + 1) : r.hi;
	case 2:
		return r.lo ? (uint16_t)(r.lo - 1) : r.lo;
	case 3:
		return (uint16_t)(r.lo + rnd(w, (uint32_t)(r.hi - r.lo) + 1));
	default:
		return r.lo;
	}
}

struct packet packet_near(struct draft *w)
{
	static const uint8_t others[] = { PROTO_TCP, PROTO_UDP, PROTO_ICMP, PROTO_GRE, PROTO_ESP, PROTO_SCTP, 99 };
	enum family f = chance(w, 3) ? IPV6 : IPV4;
	struct service_term t = ANY_SERVICE;
	struct packet p = { .src = address_near(w, f), .dst = address_near(w, f) };
	if (w->edge_terms.v.n && !chance(w, 8))
		t = w->edge_terms.v.v[rnd(w, (uint32_t)w->edge_terms.v.n)];
	p.protocol = (uint8_t)number_near(w, (struct port_range){ t.protocol_lo, t.protocol_lo });
	if (t.protocol_lo != t.protocol_hi || p.protocol != t.protocol_lo)
		p.protocol = chance(w, 4) ? p.protocol : others[rnd(w, ARRAY_LEN(others))];
	if (protocol_is_icmp(p.protocol))
		p.protocol = f == IPV6 ? PROTO_ICMP6 : PROTO_ICMP;
	if (protocol_has_ports(p.protocol) || protocol_is_icmp(p.protocol)) {
		p.port = number_near(w, t.port);
		p.sport = number_near(w, t.sport);
		if (protocol_is_icmp(p.protocol)) {
			p.port &= 255;
			p.sport &= 255;
		}
	}
	return p;
}

/* A small world */

struct addr_range some_host(struct draft *w, enum family f)
{
	u128 n = f == IPV4 ? 0x0a000000 + rnd(w, 3) * 256 + rnd(w, 18)
			   : ((u128)0x20010db8 << 96) + ((u128)rnd(w, 3) << 64) + rnd(w, 18);
	return (struct addr_range){ f, n, n };
}

struct addr_range some_net(struct draft *w, enum family f)
{
	static const uint8_t lengths4[] = { 8, 15, 23, 24, 24, 25, 28, 29, 30, 31, 32 };
	static const uint8_t lengths6[] = { 32, 48, 63, 64, 64, 124, 126, 127, 128 };
	struct addr_range host = some_host(w, f);
	unsigned length = f == IPV4 ? lengths4[rnd(w, ARRAY_LEN(lengths4))] : lengths6[rnd(w, ARRAY_LEN(lengths6))];
	return prefix_range((struct addr){ f, host.lo }, length);
}

struct addr_range some_span(struct draft *w, enum family f)
{
	struct addr_range r = some_host(w, f);
	r.hi += rnd(w, 2) ? rnd(w, 12) : rnd(w, 600);
	return r;
}

uint16_t some_port(struct draft *w)
{
	static const uint16_t usual[] = { 1, 53, 88, 135, 443, 445, 1023, 1024, 3389, 49152, 65534, 65535 };
	return chance(w, 4) ? (uint16_t)(440 + rnd(w, 12)) : usual[rnd(w, ARRAY_LEN(usual))];
}

struct port_range one_port(uint16_t n)
{
	return (struct port_range){ n, n };
}

struct port_range some_ports(struct draft *w)
{
	uint16_t x = some_port(w), y = some_port(w);
	if (chance(w, 2))
		return one_port(x);
	return (struct port_range){ MIN(x, y), MAX(x, y) };
}

unsigned prefix_length(struct addr_range r)
{
	unsigned length = 0;
	bool ok = addr_range_is_prefix(&r, &length);
	assert(ok);
	(void)ok;
	return length;
}

const char *addr_of(struct draft *w, enum family f, u128 n)
{
	char buf[ADDR_TEXT];
	return arena_strdup(w->a, addr_text((struct addr){ f, n }, buf));
}

const char *low_of(struct draft *w, struct addr_range r)
{
	return addr_of(w, r.family, r.lo);
}

const char *high_of(struct draft *w, struct addr_range r)
{
	return addr_of(w, r.family, r.hi);
}

const char *net_of(struct draft *w, struct addr_range r)
{
	return arena_printf(w->a, "%s/%u", low_of(w, r), prefix_length(r));
}

const char *mask_of(struct draft *w, struct addr_range r)
{
	return addr_of(w, IPV4, (uint32_t) ~(uint32_t)(r.hi - r.lo));
}

const char *wildcard_of(struct draft *w, struct addr_range r)
{
	return addr_of(w, IPV4, r.hi - r.lo);
}

const char *json_texts(struct draft *w, const texts *v)
{
	const char *text = "";
	for (size_t i = 0; i < v->n; i++)
		text = arena_printf(w->a, "%s%s\"%s\"", text, i ? ", " : "", v->v[i]);
	return arena_printf(w->a, "[%s]", text);
}

void some_prefixes(struct draft *w, uint32_t most, enum family f, texts *text, struct addrs *v)
{
	for (uint32_t i = 1 + rnd(w, most); i > 0; i--) {
		struct addr_range r = some_net(w, f);
		addrs_add(w, v, r);
		*VEC_ADD(w->a, text) = net_of(w, r);
	}
}
