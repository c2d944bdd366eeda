/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plays an exchange of a probe with bytes of a file: the engine without sockets.
 *
 * A transcript in tests/data/transcripts has "key: value" lines that say what the plan knows and
 * what must come out, and a "< hex" line for each piece that the server sends.
 */
#pragma once

#include "base/vec.h"
#include "probe/probe.h"
#include "wire/rpc.h"

struct piece {
	const uint8_t *p;
	size_t n;
};

struct transcript {
	const char *file;
	const struct probe *probe;
	struct target target;
	uint8_t random[RANDOM_BYTES];
	bool tls, closes, quiet;
	const struct piece *pieces;
	size_t n_pieces;
	/* what must come out; empty: not said */
	struct str reason, text, evidence, advice;
};

/* How often the last one that was played sent. */
static unsigned play_sends;

/* Gives one piece to the exchange and follows its steps.  False when it is done. */
static inline bool play_steps(struct exchange *ex, bool tls)
{
	for (unsigned round = 0; round < EXCHANGE_ROUNDS_MAX; round++) {
		play_sends += ex->send.n > 0;
		ex->send.n = 0;
		switch (ex->step) {
		case STEP_WAIT:
			return true;
		case STEP_DONE:
			return false;
		case STEP_TLS: {
			struct tls_peer peer = { .version = STR("TLSv1.3"), .name_matches = tls };
			ex->step = STEP_WAIT;
			ex->secure = true;
			if (ex->probe->secured)
				ex->probe->secured(ex, &peer);
			break;
		}
		case STEP_FOLLOW:
			ex->step = STEP_WAIT;
			ex->probe = ex->follow;
			if (ex->probe->start)
				ex->probe->start(ex);
			break;
		}
	}
	return false;
}

/* Gives bytes that have come; *at is how much of them was consumed. */
static inline bool play_bytes(struct exchange *ex, const uint8_t *p, size_t n, size_t *at, bool tls)
{
	while (*at < n && ex->step == STEP_WAIT && ex->probe->input) {
		size_t used = ex->probe->input(ex, p + *at, n - *at);
		assert(used <= n - *at);
		*at += used;
		if (!play_steps(ex, tls))
			return false;
		if (used == 0)
			break;
	}
	return ex->step == STEP_WAIT;
}

static inline struct exchange play_begin(struct arena *a, const struct transcript *t)
{
	struct exchange ex = { .arena = a, .target = &t->target, .probe = t->probe, .random = t->random };
	ex.state = arena_alloc(a, t->probe->state_size);
	play_sends = 0;
	if (t->tls && (t->probe->tls_first || t->target.tls))
		ex.step = STEP_TLS;
	else if (t->probe->start)
		t->probe->start(&ex);
	play_steps(&ex, t->tls);
	return ex;
}

static inline void play_end(struct exchange *ex, const struct transcript *t)
{
	if (ex->step != STEP_WAIT)
		return;
	if (t->quiet && ex->probe->quiet)
		ex->probe->quiet(ex);
	else if (ex->probe->closed)
		ex->probe->closed(ex);
}

static inline struct piece hex_bytes(struct arena *a, struct str text)
{
	uint8_t *p = arena_alloc(a, text.n / 2 + 1);
	size_t n = 0;
	for (size_t i = 0; i + 1 < text.n; i++) {
		int high = hex_digit(text.p[i]), low = hex_digit(text.p[i + 1]);
		if (high < 0 || low < 0)
			continue;
		p[n++] = (uint8_t)(high << 4 | low);
		i++;
	}
	return (struct piece){ p, n };
}

static inline void transcript_interface(struct transcript *t, struct str value)
{
	struct str uuid, version, major;
	str_word(&value, &t->target.interface.name);
	str_word(&value, &uuid);
	str_word(&value, &version);
	uint32_t n = 0;
	assert(uuid_parse(uuid, t->target.interface.syntax.uuid));
	t->target.interface.dcom = str_is(str_trim(value), "dcom");
	str_cut(&version, '.', &major);
	assert(str_to_u32(major, 65535, &n));
	t->target.interface.syntax.major = (uint16_t)n;
	assert(str_to_u32(version, 65535, &n));
	t->target.interface.syntax.minor = (uint16_t)n;
}

static inline void transcript_ports(struct transcript *t, struct str value)
{
	struct str lo;
	uint32_t n = 0;
	str_cut(&value, '-', &lo);
	assert(str_to_u32(lo, 65535, &n));
	t->target.ports.lo = (uint16_t)n;
	assert(str_to_u32(value, 65535, &n));
	t->target.ports.hi = (uint16_t)n;
}

static inline void transcript_key(struct arena *a, struct transcript *t, struct str key, struct str value,
				  struct str *probe)
{
	const struct {
		const char *key;
		struct str *to;
	} texts[] = {
		{ "probe", probe },
		{ "name", &t->target.name },
		{ "domain", &t->target.domain },
		{ "path", &t->target.path },
		{ "instance", &t->target.instance },
		{ "principal", &t->target.principal },
		{ "secret", &t->target.secret },
		{ "reason", &t->reason },
		{ "text", &t->text },
		{ "evidence", &t->evidence },
		{ "advice", &t->advice },
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (str_is(key, texts[i].key)) {
			*texts[i].to = value;
			return;
		}
	uint32_t port = 0;
	if (str_is(key, "protocol"))
		t->target.protocol = str_is(value, "udp") ? PROTO_UDP : str_is(value, "icmp") ? PROTO_ICMP : PROTO_TCP;
	else if (str_is(key, "role"))
		t->target.domain_controller = true;
	else if (str_is(key, "port") && str_to_u32(value, 65535, &port))
		t->target.port = (uint16_t)port;
	else if (str_is(key, "ports"))
		transcript_ports(t, value);
	else if (str_is(key, "interface"))
		transcript_interface(t, value);
	else if (str_is(key, "address"))
		assert(addr_parse(value, &t->target.address));
	else if (str_is(key, "random")) {
		struct piece bytes = hex_bytes(a, value);
		memcpy(t->random, bytes.p, MIN(bytes.n, sizeof t->random));
	} else if (str_is(key, "weaken"))
		t->target.weaken = str_is(value, "nla") ? WEAKEN_NLA : WEAKEN_RC4;
	else if (str_is(key, "tls"))
		t->tls = true;
	else if (str_is(key, "dcom-endpoint"))
		t->target.dcom_endpoint = true;
	else if (str_is(key, "closes"))
		t->closes = true;
	else if (str_is(key, "quiet"))
		t->quiet = true;
	else
		assert(!"a key of a transcript is unknown");
}

static inline struct transcript transcript_read(struct arena *a, const char *file, struct str text)
{
	struct transcript t = { .file = file, .target = { .host = STR("srv"), .protocol = PROTO_TCP, .port = 1 } };
	VEC(struct piece) pieces = { 0 };
	struct str line, hex = NO_STR, probe = NO_STR;
	while (str_cut(&text, '\n', &line) || hex.p) {
		if (hex.p && !str_starts(line, "  ")) {
			*VEC_ADD(a, &pieces) = hex_bytes(a, hex);
			hex = NO_STR;
		}
		if (line.n == 0 || *line.p == '#')
			continue;
		struct str key;
		if (str_starts(line, "< "))
			hex = str_skip(line, 2);
		else if (str_starts(line, "  "))
			hex.n = (size_t)(line.p + line.n - hex.p);
		else if (str_cut(&line, ':', &key))
			transcript_key(a, &t, key, str_trim(line), &probe);
	}
	t.probe = probe_find(probe, t.target.protocol);
	t.pieces = pieces.v;
	t.n_pieces = pieces.n;
	return t;
}
