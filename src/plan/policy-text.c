/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text of a relation, in its rule's comment:
 *
 *	r-8f93ca0d: p01 (site-server) to internet on http tcp/80; configmgr-2012; f-1a2b3c4d5e6f7081
 *	r-0be5a1d2: pc to windows-update-service on http tcp/80; named *.windowsupdate.com; windows-update; f-...
 *
 * It does not count members: a machine that joins a group changes the group and no
 * comment, except where one flow becomes several.
 */
#include "base/vec.h"
#include "plan/plan-priv.h"
#include "plan/policy-priv.h"

enum {
	MOST_ROLES = 6, /* of one endpoint; more are counted */
	MOST_NAMES = 4, /* that vendors publish; more are counted */
};

/* One endpoint as the estate names it; more as their group is named, so that comments lead to it. */
static struct str shown_name(const struct plan *plan, const struct policy *p, struct id_set endpoints, uint32_t group)
{
	return endpoints.n == 1 ? plan->endpoints[endpoints.v[0]].name : p->groups[group].name;
}

/* The roles of an endpoint that its name does not say: " (dns-server, domain-controller)". */
static void put_roles(struct out *o, const struct catalogue *c, struct id_set says, enum saying_kind kind,
		      struct str name, role_id named_by)
{
	size_t n = 0, listed = 0;
	bool named = false;
	for (size_t i = 0; i < says.n; i++) {
		role_id role = (role_id)says.v[i];
		if (saying_kind(says.v[i]) != kind)
			continue;
		bool is_name = role == named_by || str_eq(c->roles[role].id, name);
		named |= is_name;
		n += !is_name;
	}
	for (size_t i = 0; i < says.n && listed < MIN(n, MOST_ROLES); i++) {
		role_id role = (role_id)says.v[i];
		if (saying_kind(says.v[i]) != kind || role == named_by || str_eq(c->roles[role].id, name))
			continue;
		out_text(o, listed++ ? ", " : named ? " (also " : " (");
		out_str(o, c->roles[role].id);
	}
	if (n > MOST_ROLES)
		out_printf(o, " and %zu more", n - MOST_ROLES);
	if (n)
		out_char(o, ')');
}

/* True when one of the terms before this one has its name. */
static bool said_before(const struct policy_services *s, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (str_eq(s->v[i].name, s->v[at].name) && protocol_is_icmp(s->v[i].term.protocol_lo))
			return true;
	return false;
}

static void put_services(struct out *o, const struct policy_services *s)
{
	char port[PORT_TEXT], proto[PROTOCOL_TEXT];
	for (size_t i = 0; i < s->n; i++) {
		const struct service_term *t = &s->v[i].term;
		/* one echo is two terms, of ICMP and of ICMPv6 */
		if (protocol_is_icmp(t->protocol_lo) && said_before(s, i))
			continue;
		out_text(o, i ? ", " : "");
		out_str(o, s->v[i].name);
		if (!protocol_has_ports(t->protocol_lo))
			continue;
		out_char(o, ' ');
		out_text(o, protocol_text(t->protocol_lo, proto));
		out_char(o, '/');
		out_text(o, port_range_text(t->port, port));
	}
}

/* The rule is by address; names tell a reader what it is about, and a proxy what to permit. */
static void put_names(struct out *o, struct arena *a, const struct catalogue *c, struct id_set says)
{
	VEC(struct str) names = { 0 };
	for (size_t i = 0; i < says.n; i++) {
		const struct need *n = saying_kind(says.v[i]) == SAYS_NAMES ? &c->needs[(uint16_t)says.v[i]] : NULL;
		for (size_t j = 0; n && j < n->names.n; j++)
			*VEC_ADD(a, &names) = n->names.v[j];
	}
	if (names.n)
		out_printf(o, "; named %.*s", STR_ARG(strs_text(a, strs_unique(names.v, names.n), MOST_NAMES)));
}

static void put_documents(struct out *o, const struct catalogue *c, struct id_set says)
{
	size_t n = 0;
	for (size_t i = 0; i < says.n; i++)
		if (saying_kind(says.v[i]) == SAYS_DOCUMENT) {
			out_text(o, n++ ? ", " : "");
			out_str(o, c->documents[(uint16_t)says.v[i]].id);
		}
	if (!n)
		out_text(o, "by hand");
}

void relation_describe(struct arena *a, const struct plan *plan, const struct policy *p,
		       const struct relation_made *made, const struct relation_said *said, struct out *o,
		       struct relation *r)
{
	const struct catalogue *c = plan->estate->catalogue;
	struct str src = shown_name(plan, p, made->from, r->src), dst = shown_name(plan, p, made->to, r->dst);

	*o = (struct out){ .buf = o->buf, .room = o->room, .ceiling = o->ceiling, .fd = -1 };
	out_str(o, src);
	out_text(o, " to ");
	out_str(o, dst);
	r->title = str_dup(a, out_view(o));
	o->n = 0;
	out_str(o, r->id);
	out_text(o, ": ");
	out_str(o, src);
	put_roles(o, c, said->says, SAYS_FROM, src, said->src_named_by);
	out_text(o, " to ");
	out_str(o, dst);
	put_roles(o, c, said->says, SAYS_TO, dst, said->dst_named_by);
	r->services_at = (uint32_t)o->n;
	out_text(o, " on ");
	put_services(o, &p->services[r->services]);
	r->services_n = (uint32_t)o->n - r->services_at;
	put_names(o, a, c, said->says);
	out_text(o, "; ");
	put_documents(o, c, said->says);
	bool one = made->from.n == 1 && made->to.n == 1 && made->n_items == 1 && !o->error;
	if (one) {
		char id[FLOW_ID];
		out_text(o, "; ");
		out_text(o, flow_id(&(struct flow){ .from = &plan->endpoints[made->from.v[0]],
						    .to = &plan->endpoints[made->to.v[0]],
						    .item = made->items[0] },
				    id));
	}
	r->about = str_dup(a, out_view(o));
	r->flow = one ? str_skip(r->about, r->about.n - (FLOW_ID - 1)) : NO_STR;
}

/* The flows of relations */

struct of_relation {
	const struct relation_made *made;
	void (*show)(void *ctx, const struct flow *f);
	void *ctx;
};

static void show_if_made(void *ctx, const struct flow *f)
{
	struct of_relation *relation = ctx;
	const struct bundle_item *it = f->item;
	for (size_t i = 0; i < relation->made->n_items; i++) {
		const struct bundle_item *item = relation->made->items[i];
		if (item_cmp(item, it) == 0 && item->service == it->service) {
			relation->show(relation->ctx, f);
			return;
		}
	}
}

void plan_each_of(const struct plan *p, const struct relation_made *r, void (*show)(void *ctx, const struct flow *f),
		  void *ctx)
{
	struct of_relation relation = { r, show, ctx };
	for (size_t i = 0; i < r->from.n; i++)
		for (size_t j = 0; j < r->to.n; j++)
			plan_each_between(p, &p->endpoints[r->from.v[i]], &p->endpoints[r->to.v[j]], show_if_made,
					  &relation);
}
