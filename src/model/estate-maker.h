/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files that make an estate share.  model/estate-read.c runs them in
 * order; each resolves the names of one kind of object.
 */
#pragma once

#include "model/estate-fields.h"

struct maker {
	struct arena *arena;
	struct diag *diag;
	struct estate *estate;
	const struct estate_file *file;
	struct strs role_words, service_words, system_words, zone_words, firewall_words, host_words;
};

void make_zones(struct maker *m);   /* estate-zones.c */
void settle_zones(struct maker *m); /* estate-zones.c: zones again, with the prefixes of hosts that state theirs */
void make_hosts(struct maker *m);   /* estate-hosts.c */
void resolve_uses(struct maker *m, struct host *h); /* estate-uses.c */
void make_directory(struct maker *m); /* estate-directory.c: domains, sites of the directory; before sites */
void make_sites(struct maker *m);     /* estate-sites.c */
void make_firewalls(struct maker *m); /* estate-firewalls.c: firewalls and routes */
void make_published(struct maker *m); /* estate-published.c: published: of hosts; after hosts and firewalls */
void make_hands(struct maker *m);     /* estate-hand.c: allow, decline, tolerate, forbid */

/* "any", an address, a prefix or a range; false after an error. */
bool read_addresses(struct maker *m, const struct names *texts, const char *what, struct addrset *ret, bool *any);

/* Of an array of structs that begin with their struct name: the order by it, and the names. */
int named_cmp(const void *left, const void *right);
struct strs names_of(struct maker *m, const void *items, size_t n, size_t size);

/* Reports an unknown name with a suggestion; always -1. */
int unknown_name(struct maker *m, const char *what, struct name n, struct strs words);
int unknown_role(struct maker *m, struct name n); /* the same, with what people call roles */
