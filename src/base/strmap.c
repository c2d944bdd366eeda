/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing with linear probing, at most two thirds full. */
#include "base/strmap.h"

#include "base/hash.h"

struct strmap strmap_new(struct arena *a)
{
	return (struct strmap){ .arena = a };
}

static struct strmap_slot *slot_of(const struct strmap *m, struct str key)
{
	size_t i = hash64(key.p, key.n) & (m->room - 1);
	while (m->slots[i].value && !str_eq(m->slots[i].key, key))
		i = (i + 1) & (m->room - 1);
	return &m->slots[i];
}

void *strmap_get(const struct strmap *m, struct str key)
{
	return m->room ? slot_of(m, key)->value : NULL;
}

static void widen(struct strmap *m)
{
	struct strmap wider = *m;
	wider.room = m->room ? m->room * 2 : 16;
	wider.slots = ARENA_ARRAY(m->arena, struct strmap_slot, wider.room);
	for (size_t i = 0; i < m->room; i++)
		if (m->slots[i].value)
			*slot_of(&wider, m->slots[i].key) = m->slots[i];
	*m = wider;
}

bool strmap_add(struct strmap *m, struct str key, void *value)
{
	assert(value);
	if (3 * (m->n + 1) > 2 * m->room)
		widen(m);
	struct strmap_slot *slot = slot_of(m, key);
	if (slot->value)
		return false;
	*slot = (struct strmap_slot){ key, value };
	m->n++;
	return true;
}
