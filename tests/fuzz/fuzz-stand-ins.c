/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first byte chooses a stand-in, the second the transport; the rest is what a client sends, in
 * pieces whose length is in front of each.
 */
#include "fuzz.h"

#include "listen/stand-in.h"

static const struct planned_interface interface = {
	.interface = { .name = STR_INIT("samr"), .syntax = { { 1, 2, 3 }, 1, 0 } }, .port = 49152
};

/* What is not consumed comes again with what follows, in memory of its own size. */
static void give(struct session *s, const uint8_t *p, size_t n)
{
	while (n && !s->close) {
		uint8_t *copy = malloc(n);
		if (!copy)
			return;
		memcpy(copy, p, n);
		size_t used = s->stand_in->input(s, copy, n);
		free(copy);
		if (used > n || s->send.full)
			abort();
		s->send.n = 0;
		if (used == 0)
			return;
		p += used;
		n -= used;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t random[RANDOM_BYTES];
	size_t n = 0;
	while (stand_ins[n])
		n++;
	struct arena *a = arena_new();
	struct cursor c = cursor_of(data, size);
	const struct stand_in *with = stand_ins[get_u8(&c) % n];
	struct planned planned = { .host = STR("dc1"),
				   .name = STR("dc1.contoso.com"),
				   .domain = STR("contoso.com"),
				   .instance = STR("MSSQLSERVER"),
				   .token = STR("a token of this run"),
				   .address = { IPV4, 1 },
				   .port = 49152,
				   .protocol = get_u8(&c) & 1 ? PROTO_UDP : PROTO_TCP,
				   .domain_controller = true,
				   .interfaces = &interface,
				   .n_interfaces = 1 };
	struct session s = { .arena = a,
			     .planned = &planned,
			     .stand_in = with,
			     .state = arena_alloc(a, with->state_size),
			     .random = random,
			     .now = 1796025600000 };
	if (with->begin)
		with->begin(&s);
	for (unsigned round = 0; c.n && !s.close && round < SESSION_ROUNDS_MAX; round++) {
		struct str piece = get_bytes(&c, MIN(get_be16(&c), c.n));
		s.send.n = 0;
		give(&s, (const uint8_t *)piece.p, piece.n);
	}
	arena_free(a);
	return 0;
}
