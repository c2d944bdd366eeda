/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random rule sets in a language's whole grammar, together with what they mean.
 *
 * A grammar writes a text as devices export it and, beside it, what each rule
 * means: a list of conditions on a packet, in the words of this header and not in
 * those of the reader under test.  test-grammar.c reads the text and asks both
 * about many packets.  Meanings come from the vendors' documents.
 *
 * To add one: write grammar/NAME.c with its struct grammar at the end, and add
 * NAME to grammar/table.h.
 */
#pragma once

#include "base/out.h"
#include "base/vec.h"
#include "dialect/dialect.h"
#include "flow/packet.h"

/* Random numbers; the round sets the seed. */
struct draft;
uint32_t rnd(struct draft *w, uint32_t n); /* below n */
bool chance(struct draft *w, uint32_t n);  /* once in n */
const char *one_of(struct draft *w, const char *const *words, size_t n);
#define ONE_OF(w, ...) \
	one_of((w), (const char *const[]){ __VA_ARGS__ }, sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

/* Meanings */

struct addrs {
	VEC(struct addr_range) v;
};

struct terms {
	VEC(struct service_term) v;
};

struct ports {
	VEC(struct port_range) v;
};

enum verb { SAYS_PERMIT, SAYS_DENY, SAYS_CALL, SAYS_GOTO, SAYS_RETURN, SAYS_NOTHING };

enum when { AT_ANY_TIME, AT_FIRST, AFTERWARDS }; /* packets of a conversation that it applies to */

enum subject { ON_SRC, ON_DST, ON_SERVICE, ON_BOXES };

/* These sources, destinations and services together; an empty field is no condition. */
struct box {
	struct addrs src, dst;
	struct terms terms;
};

struct boxes {
	VEC(struct box) v;
};

struct condition {
	enum subject on;
	bool negated;
	struct addrs addrs;
	struct terms terms;
	struct boxes boxes; /* any of them */
};

/* One rule: all of its conditions must hold. */
struct said {
	enum verb verb;
	size_t target; /* of a call or goto: a list */
	long order;    /* the smaller decides first; equal: the first written */
	bool quick;    /* of a list in which the last match decides */
	bool perhaps;  /* uncertain: it is unknown whether it matches */
	enum when when;
	VEC(struct condition) conditions;
};

struct list {
	VEC(struct said) said;
	enum verb otherwise; /* when nothing matches: SAYS_RETURN unless it is a base */
	bool base;           /* packets enter here; all bases must permit */
	bool last_match;
};

/* A zone or interface, which the file names and the test knows the addresses of. */
struct place {
	const char *name;
	struct addrs addrs;
};

struct draft {
	struct arena *a;
	uint64_t seed;
	struct out text;
	struct read_options options;
	VEC(struct list) lists;
	VEC(struct place) places;
	bool stateful;             /* replies need no rules: they are not asked about */
	bool neighbours_unasked;   /* packets that find neighbours: no router passes them on */
	bool within_place_unasked; /* nor what stays in one place */
	/* all that was mentioned, to find packets at its edges */
	struct addrs edges;
	struct terms edge_terms;
};

void say(struct draft *w, const char *fmt, ...) PRINTF(2, 3);
size_t list_add(struct draft *w, bool base, enum verb otherwise);
struct said *said_add(struct draft *w, size_t list, enum verb verb); /* valid until the next one is added to the list */
struct said said_copy(struct draft *w, const struct said *s);        /* with conditions of its own */
void on_addrs(struct draft *w, struct said *s, enum subject on, const struct addrs *v, bool negated);
void on_terms(struct draft *w, struct said *s, const struct terms *t, bool negated);
void on_boxes(struct draft *w, struct said *s, const struct boxes *b, bool negated);
void on_nothing(struct draft *w, struct said *s); /* no packet that counts here */
void on_family(struct draft *w, struct said *s, enum family f);

/* A place is known to the reader's interface map under its name. */
void place_add(struct draft *w, const char *name, const struct addrs *v);
bool place_addresses(void *draft, struct str name, struct addrset *ret); /* for that map */

void addrs_add(struct draft *w, struct addrs *s, struct addr_range r);
void addrs_add_all(struct draft *w, struct addrs *s, const struct addrs *more);
void addrs_cut(struct draft *w, struct addrs *s, struct addr_range r); /* takes a range out */
void addrs_everything(struct draft *w, struct addrs *s, bool v4, bool v6);
void terms_add(struct draft *w, struct terms *s, struct service_term t);
void terms_add_all(struct draft *w, struct terms *s, const struct terms *more);

void ports_add(struct draft *w, struct ports *s, unsigned lo, unsigned hi); /* lo above hi: nothing */
/* Every source port with every destination port; an empty list: all. */
void terms_product(struct draft *w, struct terms *to, unsigned protocol, const struct ports *sports,
		   const struct ports *ports);
void terms_protocol(struct draft *w, struct terms *to, unsigned lo, unsigned hi);
void terms_icmp(struct draft *w, struct terms *to, unsigned protocol, int type, int code); /* -1: all */

/* What the lists decide for a packet, as an opening packet or as a reply, in either reading of uncertain rules. */
bool permitted(const struct draft *w, const struct packet *p, struct reading reading);

bool same_place(const struct draft *w, const struct packet *p);

/* A packet at the edges of what was mentioned. */
struct packet packet_near(struct draft *w);

/* Things to write about: a small world, so that rules meet */

struct addr_range some_host(struct draft *w, enum family f);
struct addr_range some_net(struct draft *w, enum family f);  /* a prefix, now and then a host or all */
struct addr_range some_span(struct draft *w, enum family f); /* usually no prefix */
struct port_range some_ports(struct draft *w);               /* one or several */
uint16_t some_port(struct draft *w);
struct port_range one_port(uint16_t n);
unsigned prefix_length(struct addr_range r); /* of a prefix */

const char *addr_of(struct draft *w, enum family f, u128 n); /* "10.0.0.1" */
const char *low_of(struct draft *w, struct addr_range r);
const char *high_of(struct draft *w, struct addr_range r);
const char *net_of(struct draft *w, struct addr_range r);      /* "10.0.0.0/24", with the length always */
const char *mask_of(struct draft *w, struct addr_range r);     /* "255.255.255.0" */
const char *wildcard_of(struct draft *w, struct addr_range r); /* "0.0.0.255" */

typedef VEC(const char *) texts;
const char *json_texts(struct draft *w, const texts *v); /* ["a", "b"] */
/* Between 1 and most prefixes of a family, as text and as a condition. */
void some_prefixes(struct draft *w, uint32_t most, enum family f, texts *text, struct addrs *v);

/* What a policy has words for, with names as a language spells them: "domain" 53. */
struct named {
	const char *name;
	unsigned number;
};
#define ONE_NAMED(w, v) ((v)[rnd((w), ARRAY_LEN(v))])

struct grammar {
	const char *dialect;
	void (*write)(struct draft *w);
};
