/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings about a rule set itself: shadowed and redundant rules, correlated rules
 * whose order matters, rules that open everything, and names that contradict ports.
 * (Terms after Al-Shaer and Hamed, IEEE INFOCOM 2004; "shadowed" here covers both
 * actions.)
 */
#pragma once

#include "flow/ruleset.h"
#include "prove/engine.h"

enum audit_kind {
	AUDIT_DEAD,       /* shadowed: earlier rules match all of its packets */
	AUDIT_SHADOWED,   /* so, and one of them has the opposite action */
	AUDIT_REDUNDANT,  /* redundant: the same packets pass without it */
	AUDIT_CORRELATED, /* overlaps an earlier rule with the opposite action: their order matters */
	AUDIT_ANY_ANY,    /* permits everything from everywhere to everywhere */
	AUDIT_NAME,       /* its name contradicts its effect */
	AUDIT_TRANSPORT,  /* opens UDP for a service that uses TCP, or vice versa */
	AUDIT_MAPPER,     /* opens the RPC endpoint mapper but no port that it assigns */
	AUDIT_INVALID,    /* accepts packets that connection tracking calls invalid */
	AUDIT_NO_ERRORS,  /* a stateless list permits no ICMP errors; of no rule */
	AUDIT_IDLE,       /* is inactive: disabled, expired */
	N_AUDIT_KINDS,
};

extern const struct audit_row {
	const char *id;
	const char *about;
	bool warning; /* else a note */
} audit_rows[N_AUDIT_KINDS];

struct audit_finding {
	enum audit_kind kind;
	const struct rule *rule; /* NULL for AUDIT_IDLE and AUDIT_NO_ERRORS */
	const struct idle_rule *idle;
	const struct rule *const *others; /* the earlier rules that cover it, or the one that it overlaps */
	size_t n_others;
	const char *text;
};

struct audit {
	const struct audit_finding *v; /* in the order of the file */
	size_t n;
	/* the rules overlap too much: their order, or the mapper, was not checked */
	bool order_unknown, mapper_unknown;
};

/*
 * The well-known use of a port: from the catalogue, passed in because this folder has no
 * facts about Windows.
 */
struct known_port {
	struct str service, name; /* "rdp", "Remote Desktop" */
	uint8_t protocol;
	struct port_range ports;
};

struct audit_options {
	const struct known_port *ports;
	size_t n_ports;
	uint16_t mapper;                  /* the RPC endpoint mapper's port; 0: do not check */
	const struct port_range *dynamic; /* ranges from which RPC ports are assigned */
	size_t n_dynamic;
	struct effort effort;
};

struct audit audit(struct arena *a, const struct ruleset *r, const struct interface_map *map,
		   const struct audit_options *options);
