/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first byte chooses a probe, the second the transport; the rest is what the server sends, in
 * pieces whose length is in front of each.
 */
#include "fuzz.h"

#include "transcript.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = arena_new();
	size_t n = 0;
	while (probes[n])
		n++;
	struct cursor c = cursor_of(data, size);
	struct transcript t = { .target = { .host = STR("srv"),
					    .name = STR("dc1.example.test"),
					    .domain = STR("example.test"),
					    .instance = STR("MSSQLSERVER"),
					    .protocol = PROTO_TCP,
					    .port = 135,
					    .ports = { 49152, 65535 },
					    .domain_controller = true } };
	t.probe = probes[get_u8(&c) % n];
	uint8_t how = get_u8(&c);
	if (how & 1) {
		t.target.protocol = PROTO_UDP;
		t.probe = t.probe->over_udp ? t.probe->over_udp : t.probe;
	}
	if (how & 2)
		t.target.interface = (struct rpc_interface){ .name = STR("samr"), .syntax.major = 1 };
	t.tls = t.probe->tls_first;
	struct exchange ex = play_begin(a, &t);
	while (c.n && ex.step == STEP_WAIT) {
		size_t length = MIN(get_be16(&c), c.n), at = 0;
		/* A copy of its own size, so that a read behind it is seen. */
		uint8_t *p = malloc(length ? length : 1);
		struct str bytes = get_bytes(&c, length);
		if (!p)
			break;
		memcpy(p, bytes.p, bytes.n);
		if (length)
			play_bytes(&ex, p, length, &at, t.tls);
		free(p);
	}
	play_end(&ex, &t);
	for (size_t i = 0; i < ex.n_evidence; i++)
		if (ex.evidence[i].value.n > EVIDENCE_MAX)
			abort();
	arena_free(a);
	return 0;
}
