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
	const struct addrset *pods;	/* NULL: which addresses they have is not known */
};

/* Pods of a selector: those that it holds, and those of which that is not known. */
struct pod_set {
	struct addrset set, maybe;
	const char *why;	/* it is not known */
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
	struct strmap spaces;	/* name -> struct node of a Namespace */
	/* once all pods are there */
	struct strmap by_label;	/* "key=value" -> struct pod_list */
	struct strmap known;	/* selectors -> struct pod_set */
	struct pod_list everyone;
	struct diag *diag;
	size_t looked_at;	/* pods, by selectors */
};

/* The namespace of an object. */
struct str k8s_space(const struct node *n);

/* Once all pods are there. */
void k8s_index_pods(struct k8s *k8s);

/* True when all of a selector is understood; NULL selects all. */
bool k8s_selector_is_known(struct k8s *k8s, const struct node *selector);

/* The addresses of the pods of a selector; in one namespace when no selector of namespaces is there. */
const struct pod_set *k8s_pods(struct k8s *k8s, const struct node *pods, const struct node *spaces, struct str space);
