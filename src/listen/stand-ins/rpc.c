/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DCE/RPC: the endpoint mapper hands out the planned interfaces at ports of this listener, which accept
 * a bind of their interface and refuse others.
 */
#include "listen/stand-in.h"
#include "wire/rpc.h"

enum { LOOKUP = 2, MAP = 3, OPERATION_RANGE = 0x1c010002, BOUND_MAX = 16 };

struct rpc_state {
	enum { BOUND_NOTHING, BOUND_MAPPER, BOUND_MANAGEMENT, BOUND_EXPORTER, BOUND_OTHER } bound;
};

static bool same(const struct rpc_syntax *a, const struct rpc_syntax *b)
{
	return memcmp(a->uuid, b->uuid, sizeof a->uuid) == 0 && a->major == b->major;
}

static bool is_mapper(const struct session *s)
{
	return str_is(str_of(s->stand_in->name), "dcerpc-epm");
}

/* What is at this port: the mapper and DCOM, or the planned interfaces of a port of the range. */
static bool accepts(struct session *s, const struct rpc_syntax *wanted)
{
	struct rpc_state *state = s->state;
	const struct planned *p = s->planned;
	state->bound = same(wanted, &rpc_management) ? BOUND_MANAGEMENT : BOUND_NOTHING;
	if (is_mapper(s) && same(wanted, &rpc_endpoint_mapper))
		state->bound = BOUND_MAPPER;
	else if (is_mapper(s) && same(wanted, &rpc_object_exporter))
		state->bound = BOUND_EXPORTER;
	else if (is_mapper(s) && same(wanted, &rpc_activator))
		state->bound = BOUND_OTHER;
	for (size_t i = 0; i < p->n_interfaces && !is_mapper(s); i++) {
		if (p->interfaces[i].port == p->port && same(wanted, &p->interfaces[i].interface.syntax))
			state->bound = BOUND_OTHER;
	}
	return state->bound != BOUND_NOTHING;
}

static void map(struct session *s, uint32_t call, struct cursor stub)
{
	const struct planned *p = s->planned;
	struct rpc_syntax wanted;
	uint32_t most;
	if (!rpc_read_map_request(stub, &wanted, &most)) {
		session_foreign(s);
		return;
	}
	uint16_t port = 0;
	for (size_t i = 0; i < p->n_interfaces; i++) {
		if (same(&wanted, &p->interfaces[i].interface.syntax))
			port = p->interfaces[i].port;
	}
	s->heard = port ? "a question for an interface" : "a question for an interface that is not planned";
	rpc_put_map_reply(session_send(s), call, &wanted, port, p->address.family == IPV4 ? (uint32_t)p->address.n : 0,
			  most);
}

static void look_up(struct session *s, uint32_t call, struct cursor stub)
{
	uint32_t most;
	const struct planned *p = s->planned;
	struct rpc_endpoint found[BOUND_MAX];
	size_t n = 0;
	if (!rpc_read_lookup_request(stub, &most)) {
		session_foreign(s);
		return;
	}
	for (size_t i = 0; i < p->n_interfaces && n < BOUND_MAX && n < most; i++, n++) {
		uint32_t address = p->address.family == IPV4 ? (uint32_t)p->address.n : 0;
		found[n] = (struct rpc_endpoint){ p->interfaces[i].interface.syntax, p->interfaces[i].port, address };
	}
	s->heard = "a question for all interfaces";
	rpc_put_lookup_reply(session_send(s), call, found, n, most);
}

static void list(struct session *s, uint32_t call)
{
	const struct planned *p = s->planned;
	struct rpc_syntax own[BOUND_MAX];
	size_t n = 0;
	own[n++] = rpc_management;
	for (size_t i = 0; i < p->n_interfaces && n < BOUND_MAX; i++)
		if (p->interfaces[i].port == p->port)
			own[n++] = p->interfaces[i].interface.syntax;
	s->heard = "a question for the interfaces of this port";
	rpc_put_inquiry_reply(session_send(s), call, own, n);
}

static struct str address_text(struct session *s)
{
	char buf[ADDR_TEXT];
	return str_of(arena_strdup(s->arena, addr_text(s->planned->address, buf)));
}

static void call(struct session *s, struct rpc_pdu *pdu)
{
	const struct rpc_state *state = s->state;
	uint32_t id = pdu->call;
	uint16_t operation;
	struct cursor stub;
	if (!rpc_read_request(pdu, &operation, &stub)) {
		session_foreign(s);
	} else if (state->bound == BOUND_MAPPER && operation == MAP) {
		map(s, id, stub);
	} else if (state->bound == BOUND_MAPPER && operation == LOOKUP) {
		look_up(s, id, stub);
	} else if (state->bound == BOUND_MANAGEMENT && operation == 0) {
		list(s, id);
	} else if (state->bound == BOUND_EXPORTER && operation == RPC_SERVER_ALIVE2) {
		s->heard = "a question for the bindings of DCOM";
		rpc_put_alive_reply(session_send(s), id, planned_name(s->planned), address_text(s));
	} else {
		s->heard = "a call, which is refused";
		rpc_put_fault(session_send(s), id, OPERATION_RANGE);
	}
}

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	struct rpc_pdu pdu;
	struct rpc_syntax wanted;
	size_t length = n;
	enum rpc_parse parsed = rpc_parse(p, n, &pdu, &length);
	if (parsed == RPC_MORE)
		return 0;
	if (parsed == RPC_OK && pdu.type == RPC_BIND && rpc_read_bind(&pdu, &wanted)) {
		bool ok = accepts(s, &wanted);
		s->heard = ok ? "a bind" : "a bind of an interface that is not here";
		rpc_put_bind_ack(session_send(s), pdu.call, STR(STAND_IN), ok);
	} else if (parsed == RPC_OK && pdu.type == RPC_REQUEST) {
		call(s, &pdu);
	} else {
		session_foreign(s);
	}
	return length;
}

static void greet(struct session *s)
{
	put_text(session_send(s), "ncacn_http/1.0" STAND_IN);
	s->heard = "a connection";
}

static size_t refuse(struct session *s, const uint8_t *p, size_t n)
{
	session_foreign(s);
	return n;
}

const struct stand_in stand_in_dcerpc_epm = {
	.name = "dcerpc-epm",
	.state_size = sizeof(struct rpc_state),
	.input = input,
};

const struct stand_in stand_in_dcerpc = {
	.name = "dcerpc",
	.state_size = sizeof(struct rpc_state),
	.input = input,
};

const struct stand_in stand_in_dcerpc_http = {
	.name = "dcerpc-http",
	.begin = greet,
	.input = refuse,
};

const struct stand_in stand_in_dcerpc_http_epm = {
	.name = "dcerpc-http-epm",
	.begin = greet,
	.input = refuse,
};
