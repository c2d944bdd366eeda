/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/clerk/ocsp-kept.h"

#include "base/hash.h"
#include "pki/ocsp.h"

enum {
	MARGIN = 600, /* seconds before nextUpdate: a client has some use of it */
	RESPONSE_MAX = 4 << 10,
};

struct place {
	uint64_t key, epoch;
	struct str id, response; /* one block */
	int64_t made, next;
};

struct ocsp_kept {
	uint64_t epoch;
	struct place places[OCSP_KEPT];
};

static void free_all(void *ctx)
{
	struct ocsp_kept *kept = ctx;
	for (size_t i = 0; i < OCSP_KEPT; i++)
		free((void *)(uintptr_t)kept->places[i].id.p);
}

struct ocsp_kept *ocsp_kept_new(struct arena *a)
{
	struct ocsp_kept *kept = ARENA_NEW(a, struct ocsp_kept);
	kept->epoch = 1;
	arena_at_end(a, free_all, kept);
	return kept;
}

static struct place *place_of(struct ocsp_kept *kept, uint64_t key, struct str id)
{
	return &kept->places[hash_mix(hash64(id.p, id.n), key) % OCSP_KEPT];
}

bool ocsp_find(struct ocsp_kept *kept, uint64_t key, struct str id, int64_t now, struct str *ret, int64_t *made,
	       int64_t *next)
{
	const struct place *p = place_of(kept, key, id);
	if (p->epoch != kept->epoch || p->key != key || !str_eq(p->id, id) || now < p->made || now >= p->next - MARGIN)
		return false;
	*ret = p->response;
	*made = p->made;
	*next = p->next;
	return true;
}

void ocsp_keep(struct ocsp_kept *kept, uint64_t since, uint64_t key, struct str id, struct str response, int64_t made,
	       int64_t next)
{
	struct place *p = place_of(kept, key, id);
	if (since != kept->epoch || response.n > RESPONSE_MAX || id.n > OCSP_REQUEST_MAX)
		return;
	char *block = malloc(id.n + response.n);
	if (!block)
		return;
	memcpy(block, id.p, id.n);
	memcpy(block + id.n, response.p, response.n);
	free((void *)(uintptr_t)p->id.p);
	*p = (struct place){ .key = key,
			     .epoch = kept->epoch,
			     .id = { block, id.n },
			     .response = { block + id.n, response.n },
			     .made = made,
			     .next = next };
}

uint64_t ocsp_epoch(const struct ocsp_kept *kept)
{
	return kept->epoch;
}

void ocsp_forget(struct ocsp_kept *kept)
{
	kept->epoch++;
}
