/* SPDX-License-Identifier: Apache-2.0 */
/* Functions shared by the commands that read or write rule sets. */
#pragma once

#include "base/vec.h"
#include "cli/estate.h"
#include "cli/interfaces.h"
#include "dialect/dialect.h"
#include "plan/policy.h"
#include "prove/prove.h"

/*
 * The place that --at or --host names.  False after an error.  With neither, an
 * estate with one firewall has only one that can be meant.
 */
bool invocation_place(struct invocation *call, const struct plan *p, struct place *ret);

/* A firewall of the estate by its name.  False after an error. */
bool firewall_named(struct invocation *call, const struct plan *p, const char *name, struct place *ret);

/*
 * What a language makes of a firewall: whether its rules are at each host.  One that the estate states in a language of
 * firewalls between zones stands between them in every language.
 */
void place_speaks(const struct plan *p, struct place *at, const struct dialect *dialect);
bool place_stands_between(const struct plan *p, const struct place *at);

/* The same by what the estate says. */
void place_settle(const struct plan *p, struct place *at);

/* The dialect that is given (NULL: none), or what the estate says of the place; NULL after an error.  And whether that does. */
const struct dialect *place_dialect(struct invocation *call, const struct plan *p, const struct place *at,
				    const char *given);
bool place_states_dialect(const struct plan *p, const struct place *at);

/* The same with --dialect. */
const struct dialect *invocation_dialect(struct invocation *call, const struct plan *p, const struct place *at);

/* The dialect that an option names; NULL when it is not given, or, with *ok false, after an error. */
const struct dialect *dialect_option(struct invocation *call, const char *name, bool *ok);

/* --engine; ENGINE_AUTO when it is not given. */
#define OPTION_ENGINE                                                                               \
	{                                                                                           \
		"engine", 0, "NAME", "auto diagrams sweep", "the engine; the findings are the same" \
	}
enum engine option_engine(const struct invocation *call);

/*
 * The place of rules that come without their estate: --estate, with --at or --host,
 * if given.
 */
struct rules_context {
	const struct plan *plan; /* NULL: unknown */
	struct place at;
	struct interface_map map;
	const struct interface_map *known_map; /* of map; NULL without a plan */
	struct judged judged;
};
bool invocation_context(struct invocation *call, struct rules_context *ret);

/* The same for an estate whose files are known; none: no place is. */
bool context_of_files(struct invocation *call, const char *const *files, size_t n, struct rules_context *ret);

/* Takes flows as plan_each() shows them, for the prover. */
struct required_collector {
	struct arena *arena;
	const struct plan *plan;
	const struct place *at;
	VEC(struct required) required;
};
void collect_required(void *ctx, const struct flow *f);

/* The flows that a place has to permit, for the prover; `what` of each is a struct flow. */
const struct required *place_required(struct arena *a, const struct plan *p, const struct place *at, size_t *n);

/* The replies that a list may permit which cannot distinguish a server's port from a client's. */
struct flowbox answers_of(struct arena *a, const struct required *r);

/*
 * What may pass it and need not: tolerate: of the estate, what the dialect has to permit beside flows, flows to published
 * hosts by their own addresses, what a machine sends to itself, and where its rules cannot distinguish them (replies_open), the replies to what the
 * host's other side opens.
 */
const struct flowbox *place_tolerated(struct arena *a, const struct plan *p, const struct place *at,
				      const struct dialect *dialect, size_t *n);

/* What a reader should know of a place: its side, and of a host its RPC ports. */
struct read_options place_reading(struct arena *a, const struct plan *p, const struct place *at);

/* The same for a place that may be unknown: then by --side; and --part. */
struct read_options invocation_reading(struct invocation *call, const struct rules_context *at);

/*
 * Reads a rule set file; NULL after errors.  dialect NULL: guessed from the text.  The map, where
 * there is one, is that of the place, and learns the file's other interfaces.
 */
const struct ruleset *invocation_rules(struct invocation *call, const char *path, const struct dialect *dialect,
				       const struct read_options *o, const struct interface_map *map);

/* A path of the estate file's folder, for config: paths. */
const char *beside(struct arena *a, const char *estate, struct str path);
