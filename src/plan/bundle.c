/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/bundle-priv.h"

enum { KEY_MAX = 64 << 20 };

struct bundler bundler_new(struct arena *a)
{
	return (struct bundler){ strmap_new(a), out_memory(KEY_MAX) };
}

void bundler_free(struct bundler *b)
{
	out_free(&b->key);
}

static bool same_reason(const struct reason *left, const struct reason *right)
{
	return left->need == right->need && left->hand == right->hand && left->back == right->back;
}

void draft_add(struct arena *scratch, struct draft *d, const struct bundle_item *item, const struct reason *r)
{
	struct draft_item *at = NULL;
	for (size_t i = 0; i < d->items.n && !at; i++)
		if (item_cmp(&d->items.v[i].item, item) == 0)
			at = &d->items.v[i];
	if (!at) {
		at = VEC_ADD(scratch, &d->items);
		at->item = *item;
	}
	for (size_t i = 0; i < at->reasons.n; i++)
		if (same_reason(&at->reasons.v[i], r))
			return;
	*VEC_ADD(scratch, &at->reasons) = *r;
}

static int draft_item_cmp(const void *left, const void *right)
{
	return item_cmp(&((const struct draft_item *)left)->item, &((const struct draft_item *)right)->item);
}

/* By the catalogue's order, then that of the allow: rows, which are arrays too. */
static int reason_cmp(const void *left, const void *right)
{
	const struct reason *a = left, *b = right;
	int c = CMP(a->need == NULL, b->need == NULL);
	c = c ? c : CMP((uintptr_t)a->need, (uintptr_t)b->need);
	c = c ? c : CMP((uintptr_t)a->hand, (uintptr_t)b->hand);
	return c ? c : CMP(a->back, b->back);
}

static bool is_default_port(const struct service *s, struct str port)
{
	for (size_t i = 0; i < s->n_endpoints; i++)
		if (str_eq(s->endpoints[i].ports, port))
			return true;
	return false;
}

service_id draft_service(const struct catalogue *c, const struct draft_item *d)
{
	service_id best = NO_SERVICE;
	bool best_fits = false;
	char text[PORT_TEXT];
	struct str port = NO_STR;

	for (size_t i = 0; i < d->reasons.n; i++) {
		const struct need *n = d->reasons.v[i].need;
		if (!n || n->service == best)
			continue;
		if (best == NO_SERVICE) {
			best = n->service;
			continue;
		}
		if (!port.p) {
			port = str_of(port_range_text(d->item.ports, text));
			best_fits = is_default_port(&c->services[best], port);
		}
		bool fits = is_default_port(&c->services[n->service], port);
		if ((fits && !best_fits) || (fits == best_fits && n->service < best)) {
			best = n->service;
			best_fits = fits;
		}
	}
	return best;
}

static void put_item(struct out *key, const struct bundle_item *it, const struct reason *reasons)
{
	struct {
		uint32_t protocol, ports, n_reasons;
	} head = { (uint32_t)it->icmp << 9 | (uint32_t)it->protocol << 1 | it->has_ports,
		   (uint32_t)it->ports.lo << 16 | it->ports.hi, (uint32_t)it->n_reasons };
	out_bytes(key, &head, sizeof head);
	for (size_t i = 0; i < it->n_reasons; i++) {
		const void *what[] = { reasons[i].need, reasons[i].hand };
		uint16_t roles[] = { reasons[i].from_role, reasons[i].to_role };
		out_bytes(key, what, sizeof what);
		out_bytes(key, roles, sizeof roles);
		out_char(key, (char)reasons[i].back);
	}
}

const struct bundle *bundle_of(struct plan *p, struct bundler *b, struct draft *d)
{
	b->key.n = 0;
	if (d->items.n)
		sort_items(d->items.v, d->items.n, sizeof *d->items.v, draft_item_cmp);
	for (size_t i = 0; i < d->items.n; i++) {
		struct draft_item *it = &d->items.v[i];
		sort_items(it->reasons.v, it->reasons.n, sizeof *it->reasons.v, reason_cmp);
		it->item.n_reasons = it->reasons.n;
		put_item(&b->key, &it->item, it->reasons.v);
	}
	struct bundle *known = strmap_get(&b->known, out_view(&b->key));
	if (known)
		return known;
	struct bundle *made = ARENA_NEW(p->arena, struct bundle);
	struct bundle_item *items = ARENA_ARRAY(p->arena, struct bundle_item, d->items.n);
	for (size_t i = 0; i < d->items.n; i++) {
		struct draft_item *it = &d->items.v[i];
		struct reason *reasons = ARENA_ARRAY(p->arena, struct reason, it->reasons.n);
		memcpy(reasons, it->reasons.v, it->reasons.n * sizeof *reasons);
		items[i] = it->item;
		items[i].service = draft_service(p->estate->catalogue, it);
		items[i].reasons = reasons;
	}
	*made = (struct bundle){ items, d->items.n };
	strmap_add(&b->known, str_dup(p->arena, out_view(&b->key)), made);
	return made;
}
