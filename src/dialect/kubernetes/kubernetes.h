/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of Kubernetes' reader share: policies (kubernetes.c) and the pods that they mean (pods.c). */
#pragma once

#include "base/strmap.h"
#include "base/vec.h"
#include "dialect/common/json-rules.h"
#include "dialect/common/ranges.h"
#include "dialect/dialect.h"

struct k8s_policy {
	const struct node *node, *spec;
	struct str name, space;
	const struct addrset *pods; /* NULL: its addresses are unknown */
};

/* Pods of a selector: those that it matches, and those for which that is unknown. */
struct pod_set {
	struct addrset set, maybe;
	const char *why; /* the match is unknown */
};

struct pod_list {
	VEC(const struct node *) pods;
};

struct k8s {
	struct arena *arena;
	const struct source *source;
	const struct read_options *options;
	struct ruleset *rules;
	VEC(struct k8s_policy) policies;
	VEC(const struct node *) pods;
	struct strmap spaces; /* name -> struct node of a Namespace */
	/* complete once all pods are there */
	struct strmap by_label; /* "key=value" -> struct pod_list */
	struct strmap known;    /* selectors -> struct pod_set */
	struct pod_list everyone;
	struct diag *diag;
	size_t looked_at; /* pods, by selectors */
};

/* The namespace of an object. */
struct str k8s_space(const struct node *n);

/* Call once all pods are there. */
void k8s_index_pods(struct k8s *k8s);

/* True when the whole selector is understood; NULL selects all. */
bool k8s_selector_is_known(struct k8s *k8s, const struct node *selector);

/* The addresses of the pods of a selector; in one namespace when there is no namespace selector. */
const struct pod_set *k8s_pods(struct k8s *k8s, const struct node *pods, const struct node *spaces, struct str space);
