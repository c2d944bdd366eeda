/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Findings about a rule set itself: rules that decide nothing, rules that could
 * go, rules whose order matters, rules that open everything, and what names and
 * ports say about each other.
 */
#pragma once

#include "flow/ruleset.h"
#include "prove/engine.h"

enum audit_kind {
	AUDIT_DEAD,		/* earlier rules decide all that it matches */
	AUDIT_SHADOWED,		/* so, and one of them decides the other way */
	AUDIT_REDUNDANT,	/* without it the same packets would pass */
	AUDIT_CORRELATED,	/* overlaps an earlier rule of the other decision in part: their order matters */
	AUDIT_ANY_ANY,		/* permits everything from everywhere to everywhere */
	AUDIT_NAME,		/* its name says something else */
	AUDIT_TRANSPORT,	/* opens UDP for a service that is TCP, or the reverse */
	AUDIT_MAPPER,		/* opens the RPC endpoint mapper but nothing that it hands out */
	AUDIT_IDLE,		/* is there and does not count: disabled, expired */
	N_AUDIT_KINDS,
};

extern const struct audit_row {
	const char *id;
	const char *about;
	bool warning;	/* else a note */
} audit_rows[N_AUDIT_KINDS];

struct audit_finding {
	enum audit_kind kind;
	const struct rule *rule;	/* NULL for AUDIT_IDLE */
	const struct idle_rule *idle;
	const struct rule *const *others;	/* the earlier rules that cover it, or the one that it overlaps */
	size_t n_others;
	const char *text;
};

struct audit {
	const struct audit_finding *v;	/* in the order of the file */
	size_t n;
	/* the rules overlap too much: nothing is said about their order, or about the mapper */
	bool order_unknown, mapper_unknown;
};

/* What a port is known for: from the catalogue, handed in because this folder knows no Windows. */
struct known_port {
	struct str service, name;	/* "rdp", "Remote Desktop" */
	uint8_t protocol;
	struct port_range ports;
};

struct audit_options {
	const struct known_port *ports;
	size_t n_ports;
	uint16_t mapper;		/* the RPC endpoint mapper's port; 0: do not ask */
	const struct port_range *dynamic;	/* ranges that RPC hands out of */
	size_t n_dynamic;
	struct effort effort;
};

struct audit audit(struct arena *a, const struct ruleset *r, const struct interface_map *map,
		   const struct audit_options *options);
