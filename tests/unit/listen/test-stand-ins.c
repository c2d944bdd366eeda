/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes and stand-ins against each other, without sockets: what one puts, the other gets.
 */
#include "test.h"

#include "listen/stand-in.h"

enum { ROUNDS = 40, RPC_MAPPER_PORT = 135, RPC_PORT = 49999 };
#define NOW INT64_C(1796025600000)

static const struct planned_interface samr = {
	.interface = { .name = STR_INIT("samr"),
		       .syntax = { { 0x12, 0x34, 0x57, 0x78, 0x12, 0x34, 0xab, 0xcd, 0xef, 0x00, 0x01, 0x23, 0x45, 0x67,
				     0x89, 0xac },
				   1,
				   0 } },
	.port = RPC_PORT,
};

struct pair {
	struct arena *arena;
	struct exchange ex;
	struct session session;
	struct planned planned;
	struct target target;
	struct buffer to_server, to_client;
	bool closed;
	const struct stand_in *rpc; /* what is at the dynamic port */
};

static uint8_t random_bytes[RANDOM_BYTES];

static void connect_session(struct pair *p, const struct stand_in *with, uint16_t port)
{
	p->planned.port = port;
	p->session = (struct session){ .arena = p->arena,
				       .planned = &p->planned,
				       .stand_in = with,
				       .state = arena_alloc(p->arena, with->state_size),
				       .random = random_bytes,
				       .now = NOW,
				       .peer = { IPV4, 0xc0000205 },
				       .peer_port = 40000 };
	p->to_server.n = p->to_client.n = 0;
	p->closed = false;
	if (with->begin)
		with->begin(&p->session);
}

static void move(struct buffer *from, struct buffer *to)
{
	put_bytes(to, from->p, from->n);
	assert_false(from->full);
	assert_false(to->full);
	from->n = 0;
}

static void drop(struct buffer *packet, size_t n)
{
	assert_true(n <= packet->n);
	memmove(packet->p, packet->p + n, packet->n - n);
	packet->n -= n;
}

static struct tls_peer stand_in_peer(void)
{
	return (struct tls_peer){ .version = STR("TLSv1.3"),
				  .subject = STR("CN=dc1.contoso.com, O=" STAND_IN_SUBJECT),
				  .name_matches = true };
}

static void shake_hands(struct pair *p)
{
	struct tls_peer peer = stand_in_peer();
	p->ex.step = STEP_WAIT;
	p->ex.secure = p->session.secure = true;
	p->ex.stand_in |= str_find_text(peer.subject, STR(STAND_IN_SUBJECT)) != SIZE_MAX;
	p->session.start_tls = false;
	if (p->session.stand_in->secured)
		p->session.stand_in->secured(&p->session);
	if (p->ex.probe->secured)
		p->ex.probe->secured(&p->ex, &peer);
	else if (p->ex.probe->start)
		p->ex.probe->start(&p->ex);
}

/* Gives the server what the client put, then the client what the server put. */
static void serve(struct pair *p)
{
	bool stream = p->target.protocol == PROTO_TCP;
	size_t asked = p->ex.send.n, used = 1;
	move(&p->ex.send, &p->to_server);
	while (p->to_server.n && used && !p->session.close) {
		used = p->session.stand_in->input(&p->session, p->to_server.p, p->to_server.n);
		drop(&p->to_server, stream ? used : p->to_server.n);
	}
	if (!stream && p->session.send.n > asked * DATAGRAM_FACTOR)
		fail_msg("%s: an answer of %zu bytes to a request of %zu", p->session.stand_in->name, p->session.send.n,
			 asked);
	if (p->session.send.n && !p->session.heard)
		fail_msg("%s: an answer without a line for the log", p->session.stand_in->name);
	if (p->session.send.n)
		move(&p->session.send, &p->to_client);
}

static void hear(struct pair *p)
{
	size_t used = 1;
	while (p->to_client.n && used && p->ex.step == STEP_WAIT) {
		used = p->ex.probe->input(&p->ex, p->to_client.p, p->to_client.n);
		drop(&p->to_client, p->target.protocol == PROTO_TCP ? used : p->to_client.n);
	}
	if (p->ex.step == STEP_WAIT && p->session.close && p->ex.send.n == 0) {
		p->closed = true;
		if (p->ex.probe->closed)
			p->ex.probe->closed(&p->ex);
	}
}

static struct pair begin(struct arena *a, uint8_t protocol)
{
	static uint8_t server[1 << 14], client[1 << 14];
	struct pair p = { .arena = a };
	p.target = (struct target){ .host = STR("dc1"),
				    .name = STR("dc1.contoso.com"),
				    /* not followed by a NUL, as in an estate's text */
				    .domain = str_first(STR("contoso.com:"), 11),
				    .instance = STR("MSSQLSERVER"),
				    .secret = STR("secret"),
				    .token = STR("a token of this run"),
				    .address = { IPV4, 0x0a01000a },
				    .source = { IPV4, 0xc0000205 },
				    .protocol = protocol,
				    .port = 1000,
				    .ports = { 1000, 1000 },
				    .domain_controller = true,
				    .global_catalog = true };
	p.planned = (struct planned){ .host = STR("dc1"),
				      .name = p.target.name,
				      .domain = p.target.domain,
				      .forest = p.target.domain,
				      .site = STR("Berlin"),
				      .instance = p.target.instance,
				      .secret = p.target.secret,
				      .token = p.target.token,
				      .address = p.target.address,
				      .protocol = protocol,
				      .domain_controller = true,
				      .global_catalog = true,
				      .interfaces = &samr,
				      .n_interfaces = 1 };
	p.to_server = buffer_over(server, sizeof server);
	p.to_client = buffer_over(client, sizeof client);
	return p;
}

/* Runs the exchange to its verdict. */
static void run(struct pair *p, const struct probe *probe, const struct stand_in *with)
{
	p->ex = (struct exchange){ .arena = p->arena, .target = &p->target, .probe = probe, .random = random_bytes };
	p->ex.state = arena_alloc(p->arena, probe->state_size);
	connect_session(p, with, p->target.port);
	if (probe->tls_first)
		shake_hands(p);
	else if (probe->start)
		probe->start(&p->ex);
	if (!p->ex.send.p)
		exchange_send(&p->ex);
	for (unsigned round = 0; round < ROUNDS && p->ex.step != STEP_DONE; round++) {
		if (p->ex.step == STEP_FOLLOW) {
			p->ex.step = STEP_WAIT;
			p->ex.probe = p->ex.follow;
			connect_session(p, p->ex.follow_port == p->target.port ? with : p->rpc, p->ex.follow_port);
			p->ex.probe->start(&p->ex);
		}
		serve(p);
		hear(p);
		if (p->ex.step == STEP_TLS) {
			assert_true(p->session.start_tls);
			shake_hands(p);
		}
	}
}

static void check(const struct pair *p, const struct probe *probe)
{
	const struct exchange *ex = &p->ex;
	if (ex->step != STEP_DONE || (ex->reason != REASON_PROVEN && ex->reason != REASON_SERVICE))
		fail_msg("%s over %u: %s (%.*s)", probe->name, p->target.protocol,
			 ex->step == STEP_DONE ? reason_name(ex->reason) : "no verdict", STR_ARG(ex->text));
	if (ex->reason < probe->best && probe->best == REASON_PROVEN)
		fail_msg("%s over %u: only %s", probe->name, p->target.protocol, reason_name(ex->reason));
	if (!ex->stand_in)
		fail_msg("%s over %u: the probe does not see that it is a stand-in", probe->name, p->target.protocol);
}

static void each_probe_is_answered_by_its_stand_in_and_sees_it(void **state)
{
	static const uint8_t transports[] = { PROTO_TCP, PROTO_UDP };
	unsigned played = 0;
	for (size_t i = 0; stand_ins[i]; i++)
		for (size_t j = 0; j < ARRAY_LEN(transports); j++) {
			const struct stand_in *with = stand_ins[i];
			const struct probe *probe = probe_find(str_of(with->name), transports[j]);
			/* Some are asked over one transport only. */
			static const char udp[] =
				"cldap ntp smb-quic netbios-ns radius ike l2tp tftp dhcp dhcpv6 pxe-binl snmp ssdp "
				"ws-discovery mssql-ssrp ipmi";
			static const char both[] = "dns kerberos kpasswd echo daytime qotd chargen";
			bool datagram = str_is_one_of(str_of(with->name), udp);
			if (str_is(str_of(with->name), "token"))
				probe = probe_find(STR("token"), transports[j]);
			if (!probe || !probe->input ||
			    (datagram != (transports[j] == PROTO_UDP) && !str_is_one_of(str_of(with->name), both) &&
			     !str_is(str_of(with->name), "token")))
				continue;
			struct arena *a = arena_new();
			struct pair p = begin(a, transports[j]);
			if (str_is(str_of(with->name), "dcerpc")) {
				p.target.interface = samr.interface;
				p.target.port = p.target.ports.lo = p.target.ports.hi = RPC_PORT;
			}
			run(&p, probe, with);
			check(&p, probe);
			arena_free(a);
			played++;
		}
	assert_true(played > 60);
}

static void the_mapper_leads_to_the_port_where_the_interface_is(void **state)
{
	struct arena *a = arena_new();
	const struct probe *probe = probe_find(STR("dcerpc"), PROTO_TCP);
	struct pair p = begin(a, PROTO_TCP);
	p.rpc = stand_in_find(STR("dcerpc"), PROTO_TCP);
	p.target.interface = samr.interface;
	p.target.port = RPC_MAPPER_PORT;
	p.target.ports = (struct port_range){ 49152, 65535 };
	run(&p, probe, stand_in_find(STR("dcerpc-epm"), PROTO_TCP));
	check(&p, probe);
	assert_int_equal(p.planned.port, RPC_PORT);
	/* An interface that is not planned. */
	p.target.interface.syntax.uuid[0] ^= 1;
	run(&p, probe, stand_in_find(STR("dcerpc-epm"), PROTO_TCP));
	assert_int_equal(p.ex.reason, REASON_OTHER_IDENTITY);
	arena_free(a);
}

static void a_stand_in_of_another_host_is_wrong(void **state)
{
	static const char *const names[] = { "ldap", "ldaps", "smb", "dcerpc-epm" };
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct arena *a = arena_new();
		const struct probe *probe = probe_find(str_of(names[i]), PROTO_TCP);
		struct pair p = begin(a, PROTO_TCP);
		p.planned.name = STR("dc2.contoso.com");
		run(&p, probe, stand_in_find(str_of(names[i]), PROTO_TCP));
		if (p.ex.reason != REASON_OTHER_IDENTITY)
			fail_msg("%s: %s", names[i], reason_name(p.ex.reason));
		arena_free(a);
	}
}

static void a_listener_with_another_token_proves_nothing(void **state)
{
	struct arena *a = arena_new();
	const struct probe *probe = probe_find(STR("token"), PROTO_UDP);
	struct pair p = begin(a, PROTO_UDP);
	p.planned.token = STR("another");
	run(&p, probe, stand_in_find(STR("token"), PROTO_UDP));
	assert_int_not_equal(p.ex.step, STEP_DONE);
	arena_free(a);
}

static void no_stand_in_accepts_a_logon(void **state)
{
	struct arena *a = arena_new();
	/* An LDAP bind with an empty name and password, which many servers accept. */
	static const uint8_t bind[] = { 0x30, 0x0c, 0x02, 0x01, 0x01, 0x60, 0x07,
					0x02, 0x01, 0x03, 0x04, 0x00, 0x80, 0x00 };
	struct pair p = begin(a, PROTO_TCP);
	connect_session(&p, stand_in_find(STR("ldap"), PROTO_TCP), 389);
	assert_int_equal(p.session.stand_in->input(&p.session, bind, sizeof bind), sizeof bind);
	static const uint8_t refused[] = { 0x0a, 0x01, 49 };
	assert_true(str_find_text(buffer_view(&p.session.send),
				  (struct str){ (const char *)refused, sizeof refused }) != SIZE_MAX);
	arena_free(a);
}

static void random_bytes_never_break_a_stand_in(void **state)
{
	uint32_t seed = 1;
	for (size_t i = 0; stand_ins[i]; i++)
		for (unsigned round = 0; round < 200; round++) {
			struct arena *a = arena_new();
			struct pair p = begin(a, round & 1 ? PROTO_UDP : PROTO_TCP);
			connect_session(&p, stand_ins[i], 1000);
			size_t n = 1 + round;
			uint8_t *bytes = malloc(n);
			assert_non_null(bytes);
			for (size_t j = 0; j < n; j++) {
				seed = seed * 1664525 + 1013904223;
				bytes[j] = (uint8_t)(seed >> 24);
			}
			assert_true(stand_ins[i]->input(&p.session, bytes, n) <= n);
			free(bytes);
			arena_free(a);
		}
}

int main(void)
{
	for (size_t i = 0; i < sizeof random_bytes; i++)
		random_bytes[i] = (uint8_t)(17 * i + 3);
	const struct CMUnitTest tests[] = {
		T(each_probe_is_answered_by_its_stand_in_and_sees_it),
		T(the_mapper_leads_to_the_port_where_the_interface_is),
		T(a_stand_in_of_another_host_is_wrong),
		T(a_listener_with_another_token_proves_nothing),
		T(no_stand_in_accepts_a_logon),
		T(random_bytes_never_break_a_stand_in),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
