/* SPDX-License-Identifier: Apache-2.0 */
/* ipsets as `ipset save` prints them. */
#include "dialect/iptables/iptables.h"

#include "dialect/common/names.h"
#include "dialect/common/ranges.h"

enum { MOST_LIST_DEPTH = 8 };

const char ipset_expires[] = "an element of an ipset that expires";

static struct ipset *set_of(struct ipt *t, struct str name)
{
	struct ipset *s = strmap_get(&t->sets, name);
	if (!s) {
		s = ARENA_NEW(t->keep, struct ipset);
		s->name = str_dup(t->keep, name);
		strmap_add(&t->sets, s->name, s);
	}
	return s;
}

void ipset_make_uncertain(struct ipt *t, struct str name, const char *why)
{
	struct ipset *s = set_of(t, name);
	if (!s->uncertain)
		s->uncertain = why;
}

static void read_type(struct ipset *s, struct str type)
{
	struct str dimension;
	if (str_is(type, "list:set")) {
		s->is_list = true;
		return;
	}
	size_t colon = str_find(type, ':');
	type = colon == SIZE_MAX ? NO_STR : str_skip(type, colon + 1);
	s->n_dimensions = 0;
	while (str_cut(&type, ',', &dimension)) {
		bool address = str_is(dimension, "ip") || str_is(dimension, "net");
		if (s->n_dimensions == MOST_DIMENSIONS) {
			s->uncertain = "an ipset of a type that is not modelled";
			return;
		}
		s->dimensions[s->n_dimensions++] = address                     ? DIMENSION_ADDRESS
						   : str_is(dimension, "port") ? DIMENSION_PORT
									       : DIMENSION_OTHER;
		if (!address && !str_is(dimension, "port"))
			s->uncertain = "an ipset of a type that is not modelled";
	}
	if (!s->n_dimensions)
		s->uncertain = "an ipset of a type that is not modelled";
}

static void refuse(struct ipt *t, struct str word, const char *why)
{
	ruleset_refused(t->rules, lines_word_at(&t->lines, t->line, word), t->line, "\"%.*s\" %s", STR_ARG(word), why);
}

/* Options and flags of sets and of elements, each with what it says of them. */
static const struct {
	const char *name;
	bool value, of_set, of_element; /* a word follows; in create, in add */
} options[] = {
	{ "family", true, true, false },     { "hashsize", true, true, false }, { "maxelem", true, true, false },
	{ "bucketsize", true, true, false }, { "initval", true, true, false },  { "netmask", true, true, false },
	{ "bitmask", true, true, false },    { "markmask", true, true, false }, { "range", true, true, false },
	{ "size", true, true, false },       { "timeout", true, true, true },   { "counters", false, true, false },
	{ "comment", false, true, false },   { "skbinfo", false, true, false }, { "forceadd", false, true, false },
	{ "-exist", false, true, true },     { "-!", false, true, true },       { "nomatch", false, false, true },
	{ "comment", true, false, true },    { "packets", true, false, true },  { "bytes", true, false, true },
	{ "skbmark", true, false, true },    { "skbprio", true, false, true },  { "skbqueue", true, false, true },
	{ "before", true, false, true },     { "after", true, false, true },
};

/* An option and its value at *i, which moves behind them; false after the line is refused. */
static bool take_option(struct ipt *t, bool element, size_t *i, struct str *name, struct str *value)
{
	const words *w = &t->words;
	*name = w->v[*i];
	*value = NO_STR;
	for (size_t o = 0; o < ARRAY_LEN(options); o++) {
		if (!(element ? options[o].of_element : options[o].of_set) || !str_is(*name, options[o].name))
			continue;
		*i += 1 + options[o].value;
		if (options[o].value && *i <= w->n)
			*value = w->v[*i - 1];
		if (*i > w->n)
			refuse(t, *name, "is an option without a value");
		return *i <= w->n;
	}
	refuse(t, *name, element ? "is not an option of an element" : "is not an option of a set");
	return false;
}

static bool expires(struct str name, struct str value)
{
	uint32_t seconds;
	return str_is(name, "timeout") && (!str_to_u32(value, UINT32_MAX, &seconds) || seconds);
}

static bool is_type(struct str type)
{
	return str_is_one_of(type, "hash:ip hash:net hash:mac hash:ip,mac hash:net,net hash:ip,port hash:net,port "
				   "hash:ip,port,ip hash:ip,port,net hash:ip,mark hash:net,port,net hash:net,iface "
				   "bitmap:ip bitmap:ip,mac bitmap:port list:set");
}

static void read_create(struct ipt *t, size_t i)
{
	const words *w = &t->words;
	struct str name, value;
	if (i + 1 >= w->n) {
		ruleset_unknown(t->rules, lines_at(&t->lines), t->line, "a set without a name or a type");
		return;
	}
	struct ipset *s = set_of(t, w->v[i]);
	s->created = true;
	if (is_type(w->v[i + 1]))
		read_type(s, w->v[i + 1]);
	else
		refuse(t, w->v[i + 1], "is not a type of sets");
	i += 2;
	while (i < w->n && take_option(t, false, &i, &name, &value)) {
		if (str_is(name, "family") && !str_is_one_of(value, "inet inet6 ipv4 ipv6"))
			refuse(t, value, "is not a family");
		s->comments |= str_is(name, "comment");
		s->expires |= expires(name, value);
		if (str_is_one_of(name, "netmask bitmask"))
			s->uncertain = "an ipset with a mask";
	}
}

/* "tcp:80", "udp:1-5", "icmp:8/0", "47:0"; a number alone is TCP. */
static bool read_port(struct str s, bool alone, struct ipset_element *e)
{
	size_t colon = str_find(s, ':');
	unsigned protocol = PROTO_TCP;
	e->protocol = PROTO_TCP;
	if (alone)
		e->protocol = ANY_PROTOCOL; /* bitmap:port matches the number alone */
	if (colon != SIZE_MAX) {
		if (!protocol_name_parse(str_first(s, colon), &protocol) || protocol == ANY_PROTOCOL)
			return false;
		e->protocol = (uint16_t)protocol;
		s = str_skip(s, colon + 1);
	}
	if (protocol_is_icmp(e->protocol)) {
		uint16_t type, code;
		uint32_t number;
		size_t slash = str_find(s, '/');
		if (!icmp_name_parse(str_first(s, slash == SIZE_MAX ? s.n : slash), e->protocol == PROTO_ICMP6, &type,
				     &code))
			return false;
		if (slash != SIZE_MAX && str_to_u32(str_skip(s, slash + 1), 255, &number))
			code = (uint16_t)number;
		e->port = (struct port_range){ type, code == ANY_CODE ? 0 : code };
		return true;
	}
	return port_name_range(s, '-', NULL, &e->port);
}

static bool read_element(const struct ipset *s, struct str text, struct ipset_element *e)
{
	struct str part;
	struct addr_range r;
	size_t addresses = 0;
	for (size_t i = 0; i < s->n_dimensions; i++) {
		if (!str_cut(&text, ',', &part))
			return false;
		switch (s->dimensions[i]) {
		case DIMENSION_ADDRESS:
			if (addr_range_parse(part, &r) > RANGE_HOST_BITS)
				return false;
			*(addresses++ ? &e->second : &e->first) = r;
			break;
		case DIMENSION_PORT:
			if (!read_port(part, s->n_dimensions == 1, e))
				return false;
			break;
		case DIMENSION_OTHER:
			break;
		}
	}
	return !text.n;
}

static void read_add(struct ipt *t, size_t i)
{
	const words *w = &t->words;
	struct str name, value;
	if (i + 1 >= w->n) {
		ruleset_unknown(t->rules, lines_at(&t->lines), t->line, "an element without a set");
		return;
	}
	struct ipset *s = set_of(t, w->v[i]);
	if (s->is_list) {
		*VEC_ADD(t->keep, &s->members) = str_dup(t->keep, w->v[i + 1]);
		return;
	}
	struct ipset_element e = { .expires = s->expires };
	if (!s->n_dimensions || s->elements.n >= MOST_MEMBERS || !read_element(s, w->v[i + 1], &e)) {
		if (s->n_dimensions && !s->uncertain)
			ruleset_unknown(t->rules, lines_word_at(&t->lines, t->line, w->v[i + 1]), t->line,
					"\"%.*s\" is not an element of this set", STR_ARG(w->v[i + 1]));
		else if (!s->uncertain)
			ruleset_unknown(t->rules, lines_at(&t->lines), t->line, "this set was not created above");
		return;
	}
	i += 2;
	while (i < w->n && take_option(t, true, &i, &name, &value)) {
		e.except |= str_is(name, "nomatch");
		if (str_is(name, "timeout"))
			e.expires = expires(name, value);
		if (str_is(name, "comment") && s->created && !s->comments)
			refuse(t, name, "needs a set that was created with comments");
	}
	*VEC_ADD(t->keep, &s->elements) = e;
}

static bool has_open_quote(struct str line)
{
	bool open = false;
	for (size_t i = 0; i < line.n; i++)
		if (line.p[i] == '\\')
			i++;
		else
			open ^= line.p[i] == '"';
	return open;
}

void ipset_read(struct ipt *t, size_t skip)
{
	const words *w = &t->words;
	struct str what = w->v[skip];
	if (has_open_quote(t->line))
		refuse(t, what, "has a quotation mark that is not closed");
	if (str_is(what, "create") || str_is(what, "-N") || str_is(what, "n")) {
		read_create(t, skip + 1);
	} else if (str_is(what, "add") || str_is(what, "-A")) {
		read_add(t, skip + 1);
	} else if (str_is(what, "flush") || str_is(what, "-F")) {
		struct ipset *s = skip + 1 < w->n ? strmap_get(&t->sets, w->v[skip + 1]) : NULL;
		if (s)
			s->elements.n = s->members.n = 0;
	} else if (!str_is(what, "destroy") && !str_is(what, "-X") && !str_is(what, "COMMIT")) {
		ruleset_unknown(t->rules, lines_at(&t->lines), t->line, "this is not a statement of ipset save");
	}
}

/* Sets of networks with exceptions (nomatch): the longest prefix decides. */
static int wider_first(const void *one, const void *other)
{
	const struct ipset_element *a = one, *b = other;
	u128 wide = a->first.hi - a->first.lo, narrow = b->first.hi - b->first.lo;
	int c = -CMP(wide, narrow);
	return c ? c : CMP(a->except, b->except);
}

/* In runs of one kind, so that a set of a million elements is sorted once rather than merged a million times. */
static struct addrset with_exceptions(struct arena *a, struct ipset *s)
{
	struct addrset all = NO_ADDRS;
	sort_items(s->elements.v, s->elements.n, sizeof *s->elements.v, wider_first);
	for (size_t i = 0; i < s->elements.n;) {
		VEC(struct addr_range) run = { 0 };
		bool except = s->elements.v[i].except;
		for (; i < s->elements.n && s->elements.v[i].except == except; i++)
			*VEC_ADD(a, &run) = s->elements.v[i].first;
		struct addrset some = addrset_of(a, run.v, run.n);
		all = except ? addrset_minus(a, all, some) : addrset_union(a, all, some);
	}
	return all;
}

static int by_address(const void *one, const void *other)
{
	const struct ipset_element *a = one, *b = other;
	return addr_range_cmp(&a->first, &b->first);
}

/* One network with nomatch and without: ipset refuses the second, or with -exist keeps only that. */
static bool contradicts_itself(struct ipset *s)
{
	sort_items(s->elements.v, s->elements.n, sizeof *s->elements.v, by_address);
	for (size_t i = 1; i < s->elements.n; i++)
		if (by_address(&s->elements.v[i - 1], &s->elements.v[i]) == 0 &&
		    s->elements.v[i - 1].except != s->elements.v[i].except)
			return true;
	return false;
}

static int by_rest(const void *one, const void *other)
{
	const struct ipset_element *a = one, *b = other;
	int c = CMP(a->expires, b->expires);
	c = c ? c : CMP(a->protocol, b->protocol);
	c = c ? c : CMP(a->port.lo, b->port.lo);
	c = c ? c : CMP(a->port.hi, b->port.hi);
	return c ? c : addr_range_cmp(&a->second, &b->second);
}

static void make_groups(struct arena *a, struct ipset *s, bool first_address, bool second_address)
{
	sort_items(s->elements.v, s->elements.n, sizeof *s->elements.v, by_rest);
	for (size_t i = 0; i < s->elements.n;) {
		const struct ipset_element *e = &s->elements.v[i];
		VEC(struct addr_range) run = { 0 };
		for (; i < s->elements.n && by_rest(e, &s->elements.v[i]) == 0; i++)
			*VEC_ADD(a, &run) = s->elements.v[i].first;
		*VEC_ADD(a, &s->groups) = (struct ipset_group){
			.first = first_address ? addrset_of(a, run.v, run.n) : everywhere_set(),
			.second = second_address ? range_set(a, e->second) : everywhere_set(),
			.protocol = e->protocol,
			.port = e->port,
			.expires = e->expires,
		};
	}
}

static void prepare(struct ipt *t, struct ipset *s, unsigned depth);

/* A list of address sets is their union; other lists are not modelled. */
static void prepare_list(struct ipt *t, struct ipset *s, unsigned depth)
{
	struct addrset all = NO_ADDRS;
	for (size_t i = 0; i < s->members.n; i++) {
		struct ipset *m = strmap_get(&t->sets, s->members.v[i]);
		if (m && depth < MOST_LIST_DEPTH)
			prepare(t, m, depth + 1);
		if (!m || m->uncertain || m->n_dimensions != 1 || m->dimensions[0] != DIMENSION_ADDRESS || !m->groups.n)
			s->uncertain = "a list of sets that are not all of addresses";
		else if (m->groups.n > 1)
			s->uncertain = ipset_expires;
		else
			all = addrset_union(t->keep, all, m->groups.v[0].first);
	}
	s->n_dimensions = 1;
	s->dimensions[0] = DIMENSION_ADDRESS;
	VEC_ADD(t->keep, &s->groups)->first = all;
}

/* Those that stay, and those that may be absent. */
static void make_two_groups(struct arena *a, struct ipset *s)
{
	range_vec stay = { 0 }, expire = { 0 };
	for (size_t i = 0; i < s->elements.n; i++)
		*VEC_ADD(a, s->elements.v[i].expires ? &expire : &stay) = s->elements.v[i].first;
	*VEC_ADD(a, &s->groups) = (struct ipset_group){ .first = range_vec_set(a, &stay) };
	*VEC_ADD(a, &s->groups) = (struct ipset_group){ .first = range_vec_set(a, &expire), .expires = true };
}

static void prepare(struct ipt *t, struct ipset *s, unsigned depth)
{
	size_t addresses = 0, exceptions = 0, ranges = 0, expiring = 0;
	unsigned length;
	if (s->prepared)
		return;
	s->prepared = true;
	if (s->is_list) {
		prepare_list(t, s, depth);
		return;
	}
	for (size_t i = 0; i < s->n_dimensions; i++)
		addresses += s->dimensions[i] == DIMENSION_ADDRESS;
	for (size_t i = 0; i < s->elements.n; i++) {
		exceptions += s->elements.v[i].except;
		ranges += !addr_range_is_prefix(&s->elements.v[i].first, &length);
		expiring += s->elements.v[i].expires;
	}
	if (exceptions && (ranges || s->n_dimensions > 1))
		s->uncertain = "an ipset with exceptions of a kind that is not modelled";
	if (exceptions && expiring)
		s->uncertain = "an ipset with exceptions whose elements expire";
	if (exceptions && contradicts_itself(s))
		s->uncertain = "an ipset that has an element with nomatch and without";
	if (s->n_dimensions != 1 || addresses != 1 || s->uncertain)
		make_groups(t->keep, s, addresses > 0, addresses > 1);
	else if (expiring)
		make_two_groups(t->keep, s);
	else
		VEC_ADD(t->keep, &s->groups)->first = with_exceptions(t->keep, s);
}

struct ipset *ipset_find(struct ipt *t, struct str name)
{
	struct ipset *s = strmap_get(&t->sets, name);
	if (s && (s->n_dimensions || s->is_list || s->uncertain))
		prepare(t, s, 0);
	else
		s = NULL;
	return s;
}
