/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The representation of a plan, for the files that make and show it.
 */
#pragma once

#include "base/strmap.h"
#include "base/vec.h"
#include "plan/plan.h"

/*
 * What needs see of a group: its roles, site and ports.  Equivalent hosts have
 * equivalent facets.  A host has one, and one more for each database instance.
 */
struct facet {
	uint32_t group;
	const struct host *host; /* the first of the group: all are equivalent */
	struct role_ids roles;
	struct uses uses;
	int site; /* -1: none */
	int forest;
	int domain, ad_site;
	const struct port_settings *instance_ports;
};

struct group {
	struct plan_group members; /* endpoints, by name */
	uint32_t first_facet, n_facets;
	uint16_t zone;
};

/* What one group would need of another, and a row of decline: takes out. */
struct declined {
	uint32_t from, to; /* groups */
	struct bundle_item item;
	const struct hand_rule *row;
};

typedef VEC(struct endpoint) endpoint_vec;
typedef VEC(struct facet) facet_vec;

struct plan {
	struct arena *arena;
	const struct estate *estate;
	struct plan_options options;
	struct diag *diag;
	struct endpoint *endpoints;
	size_t n_endpoints;
	struct group *groups;
	size_t n_groups;
	struct facet *facets;
	size_t n_facets;
	bool *placed;                  /* by role: the estate itself names a host with it */
	VEC(struct plan_link) links;   /* sorted by from, then to */
	uint32_t *first_link;          /* by group; n_groups + 1 of them */
	VEC(struct declined) declined; /* in the order of links, then of items */
	bool *declines;                /* by row of decline: it took something out */
	size_t n_flows;
	struct paths *paths;
};

/* group.c: endpoints, groups and facets */
void plan_group_endpoints(struct plan *p);

/* conditions.c: from and to are the need's, whichever of them opens the conversation */
bool plan_conditions_hold(const struct plan *p, const struct need *n, bool back, const struct facet *from,
			  const struct facet *to);

/* controllers.c: which domain controllers a host uses */
typedef VEC(uint32_t) index_vec;
struct chooser;
struct chooser *chooser_new(struct plan *p);
/* A need of the client of hosts with a role. */
struct looking {
	const struct need *need;
	bool back;
	role_id role;
	const struct facet *client;
};
/* True when domains or sites of the directory say which of these hosts the client uses. */
bool chooser_bounds(const struct chooser *w, const struct looking *c);
/* Which facets of those in scope they are; valid until the next call. */
const index_vec *chooser_pick(struct chooser *w, const struct looking *c, const index_vec *in_scope);

/* decline.c: the rows of decline: that are about two groups; what they take out; reports rows about parts of hosts */
typedef VEC(const struct hand_rule *) row_vec;
void plan_decliners(const struct plan *p, struct arena *a, uint32_t from, uint32_t to, row_vec *ret);
const struct hand_rule *plan_declined_by(const struct plan *p, const row_vec *rows, const struct bundle_item *it,
					 const struct reason *reasons, size_t n);
void plan_check_declines(struct plan *p);

/* links.c: what groups need of each other */
void plan_make_links(struct plan *p);

/* path.c */
struct paths *paths_new(struct plan *p);
/* Reports every pair of zones that flows need and that two paths join. */
void paths_check(struct plan *p);
/* False when the estate does not say which of two equally short paths is used. */
bool plan_has_one_path(const struct plan *p, uint16_t from_zone, uint16_t to_zone);
/* True when the firewall is on the path between two zones, or on one of several equally short ones. */
bool plan_may_cross(const struct plan *p, uint16_t from_zone, uint16_t to_zone, uint16_t firewall);

/* place.c: true when a path goes over a firewall */
bool path_crosses(struct path path, int firewall);

/* forbid.c: reports needed flows that a row of forbid: rules out */
void plan_check_forbidden(struct plan *p);

/* published.c: reports ports that flows need and that no published port leads to */
void plan_check_published(struct plan *p);

/* settings.c: ports: and rpc: that no need of the host lets anybody change */
void plan_check_settings(struct plan *p);
