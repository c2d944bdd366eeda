/* SPDX-License-Identifier: Apache-2.0 */
#include "report/plan/reasons.h"

#include "base/out.h"
#include "doc/json.h"

struct str reason_why(const struct reason *r)
{
	return r->need ? r->need->why : r->hand->why.s;
}

struct str reason_citation(struct arena *a, const struct reason *r)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	if (!r->need) {
		const struct hand_rule *h = r->hand;
		out_printf(&o, "by hand (%.*s", STR_ARG(h->owner.s));
		if (h->until.s.p)
			out_printf(&o, ", until %.*s", STR_ARG(h->until.s));
		out_char(&o, ')');
		return str_dup(a, out_view(&o));
	}
	const struct need *n = r->need;
	out_printf(&o, "%.*s, \"%.*s\"", STR_ARG(n->document->id), STR_ARG(n->section));
	if (n->line)
		out_printf(&o, ", line %u", n->line);
	if (n->erratum)
		out_text(&o, " (erratum)");
	return str_dup(a, out_view(&o));
}

static void put_names(struct out *o, const struct endpoint_set *sets, size_t n)
{
	for (size_t i = 0; i < n; i++)
		out_printf(o, "%s%.*s", i ? ", " : "", STR_ARG(sets[i].text.s));
}

static void put_ranges(struct out *o, struct portset s)
{
	char text[PORT_TEXT];
	for (size_t i = 0; i < s.n; i++)
		out_printf(o, "%s%s", i ? "," : "", port_range_text(s.v[i], text));
}

/* "echo", "3,11-12", or "all" */
static void put_types(struct out *o, const struct hand_rule *h)
{
	if (h->icmp_echo)
		out_text(o, h->icmp_types.n ? "echo," : "echo");
	put_ranges(o, h->icmp_types);
	if (!h->icmp_echo && !h->icmp_types.n)
		out_text(o, "all");
}

/* Who decided: ": why (owner, until a day)". */
static void put_decision(struct out *o, const struct hand_rule *h)
{
	out_printf(o, ": %.*s (%.*s", STR_ARG(h->why.s), STR_ARG(h->owner.s));
	if (h->until.s.p)
		out_printf(o, ", until %.*s", STR_ARG(h->until.s));
	out_char(o, ')');
}

struct str hand_text(struct arena *a, const struct hand_rule *h)
{
	char proto[PROTOCOL_TEXT];
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	put_names(&o, h->from, h->n_from);
	out_text(&o, " -> ");
	put_names(&o, h->to, h->n_to);
	out_printf(&o, "  %s%s", h->protocol ? protocol_text(h->protocol, proto) : "any",
		   h->ports.n || protocol_is_icmp(h->protocol) ? " " : "");
	if (protocol_is_icmp(h->protocol))
		put_types(&o, h);
	else
		put_ranges(&o, h->ports);
	put_decision(&o, h);
	return str_dup(a, out_view(&o));
}

struct declined_line {
	struct out o;
	const struct endpoint *from, *to;
	const struct hand_rule *row;
	void (*show)(void *ctx, struct str line);
	void *ctx;
};

static void end_declined(struct declined_line *d)
{
	if (!d->row)
		return;
	put_decision(&d->o, d->row);
	d->show(d->ctx, out_view(&d->o));
	d->o.n = 0;
}

static void add_declined(void *ctx, const struct hand_rule *row, const struct flow *f)
{
	struct declined_line *d = ctx;
	char text[ITEM_TEXT];
	if (d->row == row && d->from == f->from && d->to == f->to) {
		out_printf(&d->o, ", %s", item_text(f->item, text));
		return;
	}
	end_declined(d);
	d->row = row;
	d->from = f->from;
	d->to = f->to;
	out_printf(&d->o, "%.*s -> %.*s  %s", STR_ARG(f->from->name), STR_ARG(f->to->name), item_text(f->item, text));
}

void declined_texts(const struct plan *p, void (*show)(void *ctx, struct str line), void *ctx)
{
	struct declined_line d = { .o = out_memory(1 << 20), .show = show, .ctx = ctx };
	plan_each_declined(p, add_declined, &d);
	end_declined(&d);
	out_free(&d.o);
}

static void json_put_out(struct json *j, const char *key, struct out *o)
{
	json_put_str(j, key, out_view(o));
	o->n = 0;
}

void hand_json(struct json *j, const struct hand_rule *h)
{
	char proto[PROTOCOL_TEXT];
	CLEANUP(out_free) struct out o = out_memory(1 << 20);
	json_object(j);
	put_names(&o, h->from, h->n_from);
	json_put_out(j, "from", &o);
	put_names(&o, h->to, h->n_to);
	json_put_out(j, "to", &o);
	json_put_text(j, "protocol", h->protocol ? protocol_text(h->protocol, proto) : "any");
	put_ranges(&o, h->ports);
	if (!h->ports.n)
		out_char(&o, '-');
	json_put_out(j, "ports", &o);
	if (protocol_is_icmp(h->protocol)) {
		put_types(&o, h);
		json_put_out(j, "icmp-types", &o);
	}
	json_put_str(j, "why", h->why.s);
	json_put_str(j, "owner", h->owner.s);
	if (h->until.s.p)
		json_put_str(j, "until", h->until.s);
	json_end(j);
}

void interface_json(struct json *j, const struct interface *i)
{
	json_object(j);
	json_put_str(j, "name", i->id);
	json_put_str(j, "uuid", i->uuid);
	json_put_str(j, "version", i->version);
	json_end(j);
}

/* One is "interface"; several are a list. */
static void put_interfaces(struct json *j, const struct catalogue *c, const struct need *n)
{
	if (n->n_interfaces == 1) {
		json_key(j, "interface");
		interface_json(j, &c->interfaces[n->interfaces[0]]);
	} else if (n->n_interfaces > 1) {
		json_key(j, "interfaces");
		json_list(j);
		for (size_t i = 0; i < n->n_interfaces; i++)
			interface_json(j, &c->interfaces[n->interfaces[i]]);
		json_end(j);
	}
}

void reason_json(struct json *j, const struct catalogue *c, const struct reason *r)
{
	json_object(j);
	if (r->need) {
		const struct need *n = r->need;
		json_put_str(j, "document", n->document->id);
		json_put_str(j, "section", n->section);
		if (n->line)
			json_put_u64(j, "line", n->line);
		json_put_str(j, "need", n->id);
		json_put_str(j, "from-role", role_text(c, r->from_role));
		json_put_str(j, "to-role", role_text(c, r->to_role));
		json_put_str(j, "why", n->why);
		json_put_bool(j, "erratum", n->erratum != NO_ERRATUM);
		put_interfaces(j, c, n);
		json_put_some(j, "uncertain", n->uncertain);
	} else {
		const struct hand_rule *h = r->hand;
		json_put_text(j, "document", "by hand");
		json_put_text(j, "section", "allow");
		if (h->at.source)
			json_put_text(j, "file", h->at.source->name);
		json_put_u64(j, "line", h->at.line);
		json_put_str(j, "why", h->why.s);
		json_put_bool(j, "erratum", false);
		json_put_str(j, "owner", h->owner.s);
		if (h->until.s.p)
			json_put_str(j, "until", h->until.s);
	}
	json_end(j);
}
