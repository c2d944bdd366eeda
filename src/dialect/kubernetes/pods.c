/* SPDX-License-Identifier: Apache-2.0 */
/* The pods that a selector matches, and their addresses, as far as the file states them. */
#include "dialect/kubernetes/kubernetes.h"

enum { MOST_LOOKS = 50000000 }; /* tests of selectors against pods, in a file */

struct str k8s_space(const struct node *n)
{
	struct str s = node_str(node_get(n, "metadata"), "namespace");
	return s.n ? s : STR("default");
}

/* The value of a label, whose key may be any text; NULL: there is none. */
static const struct node *label_of(const struct node *labels, struct str key)
{
	for (size_t i = 0; labels && labels->kind == NODE_MAP && i < labels->n; i++)
		if (str_eq(labels->pairs[i].key->text, key))
			return labels->pairs[i].value;
	return NULL;
}

static bool is_among(const struct node *values, const struct node *label)
{
	for (size_t i = 0; values && values->kind == NODE_LIST && i < values->n; i++)
		if (str_eq(values->items[i]->text, label->text))
			return true;
	return false;
}

static bool expression_holds(const struct node *e, const struct node *labels)
{
	struct str op = node_str(e, "operator");
	const struct node *values = node_get(e, "values"), *label = label_of(labels, node_str(e, "key"));
	if (str_is(op, "Exists"))
		return label;
	if (str_is(op, "DoesNotExist"))
		return !label;
	if (str_is(op, "In"))
		return label && is_among(values, label);
	return !label || !is_among(values, label); /* NotIn */
}

bool k8s_selector_is_known(struct k8s *k8s, const struct node *selector)
{
	struct node_list list = node_list(k8s->arena, node_get(selector, "matchExpressions"));
	if (!selector)
		return true;
	node_check_members(k8s->rules, selector, "matchLabels matchExpressions");
	for (size_t i = 0; i < list.n; i++)
		if (!str_is_one_of(node_str(list.v[i], "operator"), "In NotIn Exists DoesNotExist"))
			return false;
	return true;
}

static bool selector_holds(const struct node *selector, const struct node *labels)
{
	const struct node *all = node_get(selector, "matchLabels"), *list = node_get(selector, "matchExpressions");
	for (size_t i = 0; all && all->kind == NODE_MAP && i < all->n; i++) {
		const struct node *label = label_of(labels, all->pairs[i].key->text);
		if (!label || !str_eq(label->text, all->pairs[i].value->text))
			return false;
	}
	for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++)
		if (!expression_holds(list->items[i], labels))
			return false;
	return true;
}

static struct str label_key(struct k8s *k8s, struct str key, struct str value)
{
	return str_printf(k8s->arena, "%.*s=%.*s", STR_ARG(key), STR_ARG(value));
}

void k8s_index_pods(struct k8s *k8s)
{
	k8s->by_label = strmap_new(k8s->arena);
	k8s->known = strmap_new(k8s->arena);
	for (size_t i = 0; i < k8s->pods.n; i++) {
		const struct node *labels = node_get(node_get(k8s->pods.v[i], "metadata"), "labels");
		*VEC_ADD(k8s->arena, &k8s->everyone.pods) = k8s->pods.v[i];
		for (size_t j = 0; labels && labels->kind == NODE_MAP && j < labels->n; j++) {
			struct str key = label_key(k8s, labels->pairs[j].key->text, labels->pairs[j].value->text);
			struct pod_list *list = strmap_get(&k8s->by_label, key);
			if (!list) {
				list = ARENA_NEW(k8s->arena, struct pod_list);
				strmap_add(&k8s->by_label, key, list);
			}
			*VEC_ADD(k8s->arena, &list->pods) = k8s->pods.v[i];
		}
	}
}

/* The candidate pods of a selector: those with its first label, when it names one. */
static const struct pod_list *candidates(struct k8s *k8s, const struct node *selector)
{
	static const struct pod_list nobody;
	const struct node *all = node_get(selector, "matchLabels");
	if (!all || all->kind != NODE_MAP || !all->n || all->pairs[0].value->kind != NODE_SCALAR)
		return &k8s->everyone;
	const struct pod_list *list =
		strmap_get(&k8s->by_label, label_key(k8s, all->pairs[0].key->text, all->pairs[0].value->text));
	return list ? list : &nobody;
}

/* The label that every namespace has. */
static const char NAME_LABEL[] = "kubernetes.io/metadata.name";

static bool looks_at_names_only(const struct node *selector)
{
	const struct node *all = node_get(selector, "matchLabels"), *list = node_get(selector, "matchExpressions");
	for (size_t i = 0; all && all->kind == NODE_MAP && i < all->n; i++)
		if (!str_is(all->pairs[i].key->text, NAME_LABEL))
			return false;
	for (size_t i = 0; list && list->kind == NODE_LIST && i < list->n; i++)
		if (!str_is(node_str(list->items[i], "key"), NAME_LABEL))
			return false;
	return true;
}

/* The labels of a namespace of which only the name is in the file. */
static const struct node *name_alone(struct k8s *k8s, struct str name)
{
	struct node *nodes = ARENA_ARRAY(k8s->arena, struct node, 3);
	struct pair *p = ARENA_NEW(k8s->arena, struct pair);
	nodes[0] = (struct node){ .kind = NODE_MAP, .n = 1, .pairs = p };
	nodes[1] = (struct node){ .kind = NODE_SCALAR, .text = str_of(NAME_LABEL) };
	nodes[2] = (struct node){ .kind = NODE_SCALAR, .text = name };
	*p = (struct pair){ &nodes[1], &nodes[2] };
	return nodes;
}

enum holds { HOLDS_NOT, HOLDS, HOLDS_MAYBE };

static enum holds space_holds(struct k8s *k8s, const struct node *selector, struct str space)
{
	const struct node *n = strmap_get(&k8s->spaces, space), *labels = node_get(node_get(n, "metadata"), "labels");
	if (!selector->n)
		return HOLDS;
	if (looks_at_names_only(selector) && !label_of(labels, str_of(NAME_LABEL)))
		return selector_holds(selector, name_alone(k8s, space)) ? HOLDS : HOLDS_NOT;
	if (!n)
		return HOLDS_MAYBE;
	return selector_holds(selector, labels) ? HOLDS : HOLDS_NOT;
}

static void add_pod(struct k8s *k8s, const struct node *pod, range_vec *ranges)
{
	const struct node *status = node_get(pod, "status");
	struct node_list ips = node_list(k8s->arena, node_get(status, "podIPs"));
	for (size_t j = 0; j < ips.n; j++)
		range_add(k8s->arena, node_str(ips.v[j], "ip"), ranges);
	if (!ips.n)
		range_add(k8s->arena, node_str(status, "podIP"), ranges);
}

/* Its address may have been reassigned. */
static bool has_ended(const struct node *pod)
{
	struct str phase = node_str(node_get(pod, "status"), "phase");
	return str_is(phase, "Succeeded") || str_is(phase, "Failed");
}

static void find_pods(struct k8s *k8s, const struct node *pods, const struct node *spaces, struct str space,
		      struct pod_set *ret)
{
	range_vec sure = { 0 }, maybe = { 0 };
	const struct pod_list *list = candidates(k8s, pods);
	for (size_t i = 0; i < list->pods.n && k8s->looked_at <= MOST_LOOKS; i++) {
		const struct node *n = list->pods.v[i];
		enum holds holds = HOLDS;
		if (++k8s->looked_at > MOST_LOOKS)
			diag_error(k8s->diag, (struct loc){ k8s->source, 0, 0, 0 },
				   "there are too many pods for so many selectors");
		if (spaces)
			holds = space_holds(k8s, spaces, k8s_space(n));
		else if (!str_eq(k8s_space(n), space))
			continue;
		if (holds == HOLDS_NOT || has_ended(n) ||
		    (pods && !selector_holds(pods, node_get(node_get(n, "metadata"), "labels"))))
			continue;
		bool of_host = str_is(node_str(node_get(n, "spec"), "hostNetwork"), "true");
		if (holds == HOLDS_MAYBE)
			ret->why = "the labels of namespaces that are not in the file";
		else if (of_host)
			ret->why = "pods on the network of their host, to which policies may not apply";
		add_pod(k8s, n, holds == HOLDS_MAYBE || of_host ? &maybe : &sure);
	}
	ret->set = range_vec_set(k8s->arena, &sure);
	ret->maybe = range_vec_set(k8s->arena, &maybe);
}

static void put_tree(struct out *o, const struct node *n)
{
	if (!n)
		return;
	out_printf(o, "%d %zu %zu ", n->kind, n->n, n->text.n);
	if (n->kind == NODE_SCALAR)
		out_str(o, n->text);
	for (size_t i = 0; n->kind == NODE_LIST && i < n->n; i++)
		put_tree(o, n->items[i]);
	for (size_t i = 0; n->kind == NODE_MAP && i < n->n; i++) {
		put_tree(o, n->pairs[i].key);
		put_tree(o, n->pairs[i].value);
	}
}

const struct pod_set *k8s_pods(struct k8s *k8s, const struct node *pods, const struct node *spaces, struct str space)
{
	CLEANUP(out_free) struct out key = out_memory(1 << 20);
	put_tree(&key, pods);
	out_text(&key, spaces ? "/" : ".");
	put_tree(&key, spaces);
	out_str(&key, space);
	struct pod_set *s = key.error ? NULL : strmap_get(&k8s->known, out_view(&key));
	if (!s) {
		s = ARENA_NEW(k8s->arena, struct pod_set);
		find_pods(k8s, pods, spaces, space, s);
		if (!key.error)
			strmap_add(&k8s->known, str_dup(k8s->arena, out_view(&key)), s);
	}
	return s;
}
