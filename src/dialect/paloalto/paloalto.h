/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of PAN-OS' reader share: the tree of a configuration (tree.c),
 * addresses, services and applications (objects.c), and rules (read.c).
 */
#pragma once

#include "dialect/common/config-tree.h"
#include "dialect/common/match.h"
#include "dialect/common/reach.h"
#include "dialect/dialect.h"

enum { MOST_SCOPES = 8 }; /* shared, four levels of device groups, and those of a firewall itself */

struct pan {
	struct arena *keep, *scratch;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	struct config_tree tree;
	size_t copied;                                 /* members of groups into others */
	const struct config_node *scopes[MOST_SCOPES]; /* where names are looked up, the nearest first */
	size_t n_scopes;
};

struct pan_rule {
	struct pan *p;
	const struct config_node *node;
	const char *perhaps; /* a condition that is not modelled */
	const char *vague;   /* an address that is not known */
	bool bad;
};

/* Set commands or XML, whichever form the text has, as one tree; false after an error. */
bool pan_build(struct pan *p);

/* The only value of a node; of several, the first, and an unknown line. */
struct str pan_value_of(struct pan *p, const struct config_node *n, const char *word);

void pan_perhaps(struct pan_rule *r, const char *why);
void pan_missing(struct pan_rule *r, struct str name, const char *what);

/* A rule's sources or destinations, and the combination of its applications and services. */
struct partial_set pan_side(struct pan_rule *r, const char *key, const char *negate);
struct named_services pan_services(struct pan_rule *r);

/* The zones that a node lists; none: any. */
struct interface_names pan_zones(struct pan *p, const struct config_node *n);

/* The translations of a rulebase, in their order. */
struct translator;
void pan_add_translations(struct pan *p, struct translator *to, const struct config_node *scope, const char *base);

/* Predefined applications that are nothing but a protocol; ends with an empty name. */
struct pan_protocol {
	const char *name;
	uint8_t number;
};
extern const struct pan_protocol pan_protocols[];

bool paloalto_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		    struct diag *d);
