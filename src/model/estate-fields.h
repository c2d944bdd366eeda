/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The estate file as tables of fields: they decode it, generate its JSON Schema,
 * and portolan-estate(5) is tested against them.
 */
#pragma once

#include "model/estate.h"

/* What custom decoders need of the caller: struct decode's ctx. */
struct estate_words {
	const struct catalogue *catalogue;
	struct strs roles, services;
};

/* What uses: holds, roles and services of roles; estate-uses.c. */
void decode_uses(struct decode *d, const struct node *n, void *uses);
extern const char uses_schema[];

/* What published: holds, a map from firewalls; estate-published.c. */
void decode_published(struct decode *d, const struct node *n, void *host);
extern const char published_schema[];

struct route_row {
	struct loc at;
	struct name from, to;
	struct names via;
};

struct hand_row {
	struct loc at;
	struct names from, to;
	struct name protocol, why, owner, until;
	struct names ports, icmp_types;
	struct name service;
};

struct trust_row {
	struct loc at;
	struct name trusting, trusted;
	struct number direction, kind;
};

struct site_row {
	struct name name, parent;
};

struct firewall_row {
	struct name name;
	struct loc at;
	struct names zones, members;
	struct name dialect, config;
	const struct node *interfaces;
	struct name other;
};

/* The whole file, decoded; struct estate is built from it. */
struct estate_file {
	struct name name;
	struct names documents;
	struct records zones;                            /* of struct zone */
	struct records hosts;                            /* of struct host */
	struct records firewalls;                        /* of struct firewall_row */
	struct records routes;                           /* of struct route_row */
	struct records allow, decline, tolerate, forbid; /* of struct hand_row */
	struct records sites;                            /* of struct site_row */
	struct records domains;                          /* of struct domain */
	struct records ad_sites;                         /* of struct ad_site */
	struct records trusts;                           /* of struct trust_row */
	struct records templates;                        /* of struct cert_template */
};
