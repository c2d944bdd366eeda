/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A rule set as bytes and back, with everything that findings report: locations,
 * texts, comments, lines that were not understood.
 *
 * Sharing is preserved: two rules that share a set or a reason share it again.  A
 * text from the file is stored as its location in the file, which the reader has
 * too.  Unpacking trusts no input: any bytes give a rule set or an error.
 */
#pragma once

#include "base/pack.h"
#include "base/strmap.h"
#include "flow/ruleset.h"

/* Pointers that were packed, by what they point to. */
struct packed {
	struct strmap ids;
	size_t n;
};

struct packer {
	struct out *out;
	struct arena *arena;
	struct packed texts, addrs, services;
	VEC(const struct source *) sources;
};

/* Of a match: an array that several may share. */
struct services_of {
	const struct service_term *v;
	size_t n;
};

struct unpacker {
	struct pack_reader c;
	struct arena *arena;
	VEC(const char *) texts;
	VEC(const struct addrset *) addrs;
	VEC(struct services_of) services;
	VEC(const struct source *) sources;
};

/* file: what the rules were read from, which is not packed; NULL: there is none. */
struct packer packer_new(struct arena *a, struct out *out, const struct source *file);
/* bytes must live as long as the arena: the result points into them. */
struct unpacker unpacker_new(struct arena *a, struct str bytes, const struct source *file);

/* Packs a pointer to n members; true when it is new, and its target must follow. */
bool pack_ref(struct packer *packer, struct packed *all, const void *p, size_t n);
/*
 * NULL is valid.  Equal pointers come back equal, and different ones different: reports
 * compare them.
 */
void pack_text(struct packer *packer, const char *text);
void pack_loc(struct packer *packer, struct loc at);
void pack_addrset(struct packer *packer, struct addrset s);
void pack_port_range(struct packer *packer, struct port_range r);
void pack_services(struct packer *packer, const struct service_term *terms, size_t n);
void pack_ruleset(struct packer *packer, const struct ruleset *r);

const char *unpack_text(struct unpacker *unpacker);
struct loc unpack_loc(struct unpacker *unpacker);
struct addrset unpack_addrset(struct unpacker *unpacker);
struct port_range unpack_port_range(struct unpacker *unpacker);
/* NULL when it is none. */
struct ruleset *unpack_ruleset(struct unpacker *unpacker);
