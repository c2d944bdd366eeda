/* SPDX-License-Identifier: Apache-2.0 */
/*
 * uses: of a host, the roles whose services it uses: a role by its name, or a map with one of its services.
 */
#include "doc/rows.h"
#include "model/estate-maker.h"

enum { MOST_USES = 256 };

#define USE_SCHEMA                                                                                   \
	"{\"type\":\"string\"},{\"type\":\"object\",\"properties\":{\"role\":{\"type\":\"string\"}," \
	"\"service\":{\"type\":\"string\"}},\"required\":[\"role\"],\"additionalProperties\":false}"
const char uses_schema[] = "{\"oneOf\":[" USE_SCHEMA ",{\"type\":\"array\",\"items\":{\"oneOf\":[" USE_SCHEMA "]}}]}";

static const struct field use_fields[] = {
	NEEDED(use, "role", FIELD_NAME, role_said, "The role."),
	ROW(use, "service", FIELD_NAME, service_said, "The only service of it that the host uses."),
};
static const struct record use_record = RECORD(use, "a use of a role", use_fields, NO_OFFSET, NO_OFFSET);

void decode_uses(struct decode *d, const struct node *n, void *into)
{
	const struct node *const *items = n->kind == NODE_LIST ? n->items : &n;
	size_t n_items = n->kind == NODE_LIST ? n->n : 1, used = 0;
	struct uses *ret = into;
	if (n_items > MOST_USES) {
		diag_error(d->diag, n->at, "more than %d roles in one uses:", MOST_USES);
		return;
	}
	struct use *uses = ARENA_ARRAY(d->arena, struct use, n_items);
	for (size_t i = 0; i < n_items; i++) {
		struct use *u = &uses[used];
		used += items[i]->kind == NODE_MAP ? record_decode(d, &use_record, items[i], u)
						   : decode_name(d, items[i], &u->role_said);
	}
	*ret = (struct uses){ uses, used };
}

static int use_cmp(const void *left, const void *right)
{
	const struct use *a = left, *b = right;
	int c = CMP(a->role, b->role);
	return c ? c : CMP(a->service, b->service);
}

static bool resolve(struct maker *m, struct use *u)
{
	const struct catalogue *c = m->estate->catalogue;
	int role = catalogue_role(c, u->role_said.s);
	int service = u->service_said.s.p ? catalogue_service(c, u->service_said.s) : NO_SERVICE;
	if (role < 0)
		unknown_role(m, u->role_said);
	if (service < 0)
		unknown_name(m, "service", u->service_said, m->service_words);
	u->role = (role_id)role;
	u->service = (service_id)service;
	return role >= 0 && service >= 0;
}

void resolve_uses(struct maker *m, struct host *h)
{
	struct use *uses = ARENA_ARRAY(m->arena, struct use, h->uses.n);
	size_t n = 0;
	for (size_t i = 0; i < h->uses.n; i++) {
		uses[n] = h->uses.v[i];
		n += resolve(m, &uses[n]);
	}
	sort_items(uses, n, sizeof *uses, use_cmp);
	h->uses = (struct uses){ uses, n };
}
