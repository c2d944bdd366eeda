/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of Junos' reader share: the tree of a configuration (tree.c)
 * and what it inherits (groups.c), SRX policies (read.c, policy.c) with their
 * applications (applications.c), and firewall filters (filter.c).
 */
#pragma once

#include "dialect/common/config-tree.h"
#include "dialect/common/match.h"
#include "dialect/common/reach.h"
#include "dialect/dialect.h"

struct junos {
	struct arena *keep, *scratch;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	struct diag *diag;
	struct config_tree tree;
	bool inherits;       /* apply-groups occurs somewhere */
	size_t copied;       /* members copied into other sets */
	bool mapper_ignored; /* a policy keeps the ALG from the endpoint mapper */
};

/* Set lines or curly braces, whichever form the text has. */
bool junos_build(struct junos *junos);

/*
 * Removes what is inactive, except policies and terms, which are reported.  After
 * this a node's children count.
 */
void junos_forget_inactive(struct junos *junos);

/* Merges the groups that apply-groups names. */
bool junos_inherit(struct junos *junos);

/* A service at the ports of an RPC interface, which is numbered as rule.rpc is. */
struct srx_rpc_term {
	uint32_t interface;
	struct service_term term;
};

/* A security policy that is being read. */
struct srx_policy {
	struct junos *junos;
	const struct config_node *node, *match;
	struct str from, to;
	const char *perhaps; /* a condition that is not modelled */
	const char *vague;   /* an address that is not known */
	bool bad;
	/* the services of its applications, in the scratch arena */
	struct named_services services;
	VEC(struct srx_rpc_term) by_interface;
};

void srx_perhaps(struct srx_policy *p, const char *why);
void srx_missing(struct srx_policy *p, struct str name, const char *what); /* of the policy itself: nothing is known */
bool srx_within_limits(struct srx_policy *p, size_t depth);

/* None are named: any. */
void srx_applications(struct srx_policy *p);

/* Filters that are bound to interfaces, each as a chain of the bases in and out; false when there are none. */
bool junos_read_filters(struct junos *junos);

/* Static and destination translation, before the policies. */
void junos_translate(struct junos *junos, uint32_t base);

bool junos_parse(struct arena *a, const struct source *s, const struct read_options *o, struct ruleset **ret,
		 struct diag *d);
