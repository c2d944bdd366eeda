/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DCE/RPC.  Three findings, each with its own words: the endpoint mapper replies; it names a
 * port for the interface, inside the planned range or not; the interface replies there.
 */
#include "probe/probe.h"

enum { ENDPOINTS_MAX = 64, PAGES_MAX = 20, CALL_ID = 1 };

enum phase {
	PHASE_MAPPER,     /* binding the endpoint mapper */
	PHASE_MAP,        /* asking it for the interface */
	PHASE_SURVEY,     /* asking it for the interfaces of other exchanges */
	PHASE_LOOKUP,     /* asking it for everything, page by page */
	PHASE_INTERFACE,  /* binding the interface at its own port */
	PHASE_REMOTE,     /* binding what every DCOM server has, where the interface itself was refused */
	PHASE_MANAGEMENT, /* binding the management interface, where no other is known */
	PHASE_INQUIRY,
	PHASE_EXPORTER, /* binding IObjectExporter */
	PHASE_ALIVE,
};

struct rpc_state {
	enum phase phase;
	uint16_t port; /* where the mapper sends clients */
	struct rpc_syntax interface;
	uint8_t handle[RPC_HANDLE];
	unsigned pages;
	size_t surveyed;    /* interfaces of the survey that the mapper was asked for */
	struct buffer stub; /* of fragments so far */
	struct rpc_endpoint endpoints[ENDPOINTS_MAX];
	struct rpc_string_binding bindings[RPC_BINDINGS_MAX];
	struct rpc_syntax found[ENDPOINTS_MAX];
};

static const struct probe at_port, exporter, surveyor, dcom_at_port, list_at_port;

static bool in_range(const struct target *t, uint16_t port)
{
	return port >= t->ports.lo && port <= t->ports.hi;
}

static void bind_to(struct exchange *ex, enum phase phase, const struct rpc_syntax *interface)
{
	struct rpc_state *s = ex->state;
	s->phase = phase;
	rpc_put_bind(exchange_send(ex), CALL_ID, interface);
}

static void start_mapper(struct exchange *ex)
{
	bind_to(ex, PHASE_MAPPER, &rpc_endpoint_mapper);
}

static void start_management(struct exchange *ex)
{
	bind_to(ex, PHASE_MANAGEMENT, &rpc_management);
}

static void start_at_port(struct exchange *ex)
{
	struct rpc_state *s = ex->state;
	const struct rpc_interface *planned = &ex->target->interface;
	if (planned->name.n)
		s->interface = planned->syntax;
	/* An interface of the plan, or one that the mapper listed for this port. */
	if (planned->name.n || s->port)
		bind_to(ex, PHASE_INTERFACE, &s->interface);
	else
		start_management(ex);
}

/* A dynamic port is asked of the mapper, where the exchange begins; a port of its own is bound at once. */
static void start(struct exchange *ex)
{
	if (in_range(ex->target, ex->target->port))
		start_at_port(ex);
	else
		start_mapper(ex);
}

static bool needs_survey(const struct target *t)
{
	return t->interface.name.n && !in_range(t, t->port);
}

static void start_remote(struct exchange *ex)
{
	bind_to(ex, PHASE_REMOTE, &rpc_remote_unknown);
}

static void start_exporter(struct exchange *ex)
{
	bind_to(ex, PHASE_EXPORTER, &rpc_object_exporter);
}

static const char *interface_name(struct exchange *ex)
{
	struct rpc_state *s = ex->state;
	char buf[UUID_TEXT];
	if (ex->target->interface.name.n)
		return cstr(ex->arena, ex->target->interface.name);
	return arena_strdup(ex->arena, uuid_text(s->interface.uuid, buf));
}

/* The interfaces of a port that refused to bind the planned one. */
static void judge_list(struct exchange *ex, size_t n)
{
	struct rpc_state *s = ex->state;
	bool dcom = false;
	for (size_t i = 0; i < n; i++)
		dcom |= rpc_same_syntax(&s->found[i], &ex->target->interface.syntax) ||
			rpc_same_syntax(&s->found[i], &rpc_remote_unknown);
	exchange_done(ex, dcom ? REASON_SERVICE : REASON_OTHER_IDENTITY,
		      dcom ? "a server that lists %s, or DCOM, among its interfaces"
			   : "a DCE/RPC server that has neither %s nor DCOM",
		      interface_name(ex));
}

/*
 * A static endpoint is that of DCOM: what else the process registers keeps a dynamic port (for a certification
 * authority MS-ICPR 2.1), and DCOM may register an interface only when the first object of it exists.
 */
static bool refused_by_dcom(struct exchange *ex)
{
	const struct target *t = ex->target;
	struct rpc_state *s = ex->state;
	if (!t->dcom_endpoint || s->port)
		return false;
	if (t->interface.dcom)
		exchange_follow(ex, t->port, &dcom_at_port);
	else
		exchange_done(
			ex, REASON_NEEDS_LISTENER,
			"a static endpoint is that of DCOM; %s keeps a dynamic port, which only clients need that "
			"do not use DCOM",
			interface_name(ex));
	return true;
}

static void refused(struct exchange *ex, const struct rpc_bind_ack *ack)
{
	struct rpc_state *s = ex->state;
	if (s->phase == PHASE_INTERFACE && refused_by_dcom(ex))
		return;
	switch (s->phase) {
	case PHASE_REMOTE:
		exchange_follow(ex, ex->target->port, &list_at_port);
		break;
	case PHASE_EXPORTER:
		exchange_done(ex, REASON_SERVICE, "the endpoint mapper replies; DCOM is off");
		break;
	case PHASE_MANAGEMENT:
		if (ex->target->interface.dcom)
			judge_list(ex, 0);
		else
			exchange_done(ex, REASON_SERVICE, "a DCE/RPC server that does not list its interfaces");
		break;
	default:
		exchange_evidence_number(ex, "bind-reason", ack->reason);
		exchange_done(ex, REASON_OTHER_IDENTITY, "a DCE/RPC server that does not have %s%s",
			      s->phase == PHASE_MAPPER ? "the endpoint mapper" : interface_name(ex),
			      s->port ? ", although the endpoint mapper names this port for it" : "");
		break;
	}
}

/* Asks the mapper for the next interface of other exchanges. */
static void survey(struct exchange *ex)
{
	struct rpc_state *s = ex->state;
	const struct rpc_mapping *m = ex->mapping;
	s->phase = PHASE_SURVEY;
	if (s->surveyed == m->n) {
		exchange_done(ex, REASON_SERVICE, "the endpoint mapper replies");
		return;
	}
	const struct rpc_syntax *next = &m->v[s->surveyed++].interface;
	rpc_put_map(exchange_send(ex), CALL_ID + (uint32_t)s->surveyed, next, ENDPOINTS_MAX);
}

static void bound(struct exchange *ex)
{
	struct rpc_state *s = ex->state;
	struct buffer *to;
	switch (s->phase) {
	case PHASE_MAPPER:
		if (ex->probe == &surveyor) {
			survey(ex);
			break;
		}
		if (str_is(str_of(ex->probe->name), "dcerpc-epm")) {
			exchange_follow(ex, ex->target->port, &exporter);
			break;
		}
		s->phase = ex->target->interface.name.n ? PHASE_MAP : PHASE_LOOKUP;
		if (s->phase == PHASE_LOOKUP) {
			rpc_put_lookup(exchange_send(ex), CALL_ID + 1, s->handle);
			break;
		}
		s->interface = ex->target->interface.syntax;
		rpc_put_map(exchange_send(ex), CALL_ID + 1, &s->interface, ENDPOINTS_MAX);
		break;
	case PHASE_INTERFACE:
		exchange_done(ex, ex->target->interface.name.n ? REASON_PROVEN : REASON_SERVICE,
			      "%s replies on port %u", interface_name(ex), s->port ? s->port : ex->target->port);
		break;
	case PHASE_REMOTE:
		exchange_done(ex, REASON_SERVICE,
			      "a DCOM server replies on port %u; whether it has %s shows only after a logon",
			      ex->target->port, interface_name(ex));
		break;
	case PHASE_MANAGEMENT:
		s->phase = PHASE_INQUIRY;
		rpc_put_inquiry(exchange_send(ex), CALL_ID + 1);
		break;
	case PHASE_EXPORTER:
		s->phase = PHASE_ALIVE;
		to = exchange_send(ex);
		rpc_end(to, rpc_begin_request(to, CALL_ID + 1, RPC_SERVER_ALIVE2));
		break;
	default:
		exchange_done(ex, REASON_OTHER_SERVICE, "a DCE/RPC server that accepts what was not asked");
		break;
	}
}

/* The mapper's port: the first inside the planned range; a port outside is worth its own words. */
static void follow(struct exchange *ex, size_t n)
{
	struct rpc_state *s = ex->state;
	const struct target *t = ex->target;
	uint16_t outside = 0;
	for (size_t i = 0; i < n; i++) {
		const struct rpc_endpoint *e = &s->endpoints[i];
		if (e->port && !in_range(t, e->port) && !outside)
			outside = e->port;
		if (!e->port || !in_range(t, e->port))
			continue;
		s->port = e->port;
		s->interface = e->interface;
		exchange_evidence_number(ex, "port", e->port);
		struct addr named = { IPV4, e->address };
		if (e->address && t->address.family == IPV4 && named.n != t->address.n)
			exchange_advice(ex, "mapper-names-other-address", ADVICE_NOTE,
					"the endpoint mapper names another address than the planned one");
		exchange_follow(ex, e->port, &at_port);
		return;
	}
	if (outside)
		exchange_done(ex, REASON_OTHER_IDENTITY, "%s is on port %u, outside the planned range %u-%u",
			      ex->target->interface.name.n ? interface_name(ex) : "what the endpoint mapper lists",
			      outside, t->ports.lo, t->ports.hi);
	else if (ex->target->interface.dcom)
		exchange_done(ex, REASON_NEEDS_LISTENER,
			      "the endpoint mapper replies, but does not know the port of %s: DCOM hands it out after "
			      "a logon",
			      interface_name(ex));
	else if (ex->target->interface.name.n)
		exchange_done(ex, REASON_OTHER_IDENTITY, "the endpoint mapper replies, but the server does not run %s",
			      interface_name(ex));
	else
		exchange_done(ex, REASON_OTHER_IDENTITY, "the endpoint mapper replies, but lists nothing over TCP");
}

static void mapped(struct exchange *ex, struct cursor stub)
{
	struct rpc_state *s = ex->state;
	size_t n;
	uint32_t status;
	if (!rpc_read_map(stub, s->endpoints, ENDPOINTS_MAX, &n, &status))
		exchange_done(ex, REASON_OTHER_SERVICE, "the endpoint mapper's reply is malformed");
	else if (status != 0 && status != EPT_NOT_REGISTERED)
		exchange_done(ex, REASON_SERVICE, "the endpoint mapper replies with the status 0x%08x", status);
	else
		follow(ex, n);
}

/* What is malformed, or has another status, stays unknown: the exchange that needs it asks for itself. */
static void map_surveyed(struct exchange *ex, struct cursor stub)
{
	struct rpc_state *s = ex->state;
	struct rpc_mapping *m = ex->mapping;
	struct rpc_mapped *to = &m->v[s->surveyed - 1];
	uint32_t status;
	size_t n;
	if (rpc_read_map(stub, s->endpoints, ENDPOINTS_MAX, &n, &status) &&
	    (status == 0 || status == EPT_NOT_REGISTERED)) {
		to->known = true;
		to->n = n;
		to->endpoints = ARENA_ARRAY(m->arena, struct rpc_endpoint, n);
		memcpy(to->endpoints, s->endpoints, n * sizeof *s->endpoints);
		m->stand_in |= ex->stand_in;
	}
	survey(ex);
}

static void surveyed(struct exchange *ex)
{
	struct rpc_state *s = ex->state;
	const struct rpc_mapping *m = ex->mapping;
	for (size_t i = 0; i < m->n; i++) {
		const struct rpc_mapped *found = &m->v[i];
		if (!found->known || !rpc_same_syntax(&found->interface, &ex->target->interface.syntax))
			continue;
		ex->stand_in |= m->stand_in;
		memcpy(s->endpoints, found->endpoints, found->n * sizeof *s->endpoints);
		follow(ex, found->n);
		return;
	}
}

static void looked_up(struct exchange *ex, struct cursor stub)
{
	static const uint8_t end[RPC_HANDLE];
	struct rpc_state *s = ex->state;
	size_t n;
	uint32_t status;
	if (!rpc_read_lookup(stub, s->handle, s->endpoints, ENDPOINTS_MAX, &n, &status)) {
		exchange_done(ex, REASON_OTHER_SERVICE, "the endpoint mapper's reply is malformed");
		return;
	}
	bool inside = false;
	for (size_t i = 0; i < n; i++)
		inside |= s->endpoints[i].port && in_range(ex->target, s->endpoints[i].port);
	if (inside || status != 0 || memcmp(s->handle, end, sizeof end) == 0 || ++s->pages == PAGES_MAX)
		follow(ex, n);
	else
		rpc_put_lookup(exchange_send(ex), CALL_ID + 1, s->handle);
}

static void inquired(struct exchange *ex, struct cursor stub)
{
	struct rpc_state *s = ex->state;
	size_t n;
	uint32_t status;
	char buf[UUID_TEXT];
	if (!rpc_read_inquiry(stub, s->found, ARRAY_LEN(s->found), &n, &status)) {
		exchange_done(ex, REASON_OTHER_SERVICE, "the list of interfaces is malformed");
		return;
	}
	struct buffer list = buffer_over(arena_alloc(ex->arena, EVIDENCE_MAX), EVIDENCE_MAX);
	for (size_t i = 0; i < n; i++) {
		put_text(&list, i ? " " : "");
		put_text(&list, uuid_text(s->found[i].uuid, buf));
	}
	exchange_evidence(ex, "interfaces", buffer_view(&list));
	if (ex->target->interface.dcom) {
		judge_list(ex, n);
		return;
	}
	exchange_done(ex, REASON_SERVICE, "a DCE/RPC server with %zu interface%s", n, n == 1 ? "" : "s");
}

/* True when a string binding is an address; others are names. */
static bool binding_address(const char *text, struct addr *ret)
{
	struct str s = str_of(text);
	size_t port = str_find(s, '[');
	return addr_parse(str_first(s, port), ret);
}

static void alive(struct exchange *ex, struct cursor stub)
{
	struct rpc_state *s = ex->state;
	const struct target *t = ex->target;
	size_t n;
	bool planned = false, addresses = false;
	struct str host = STR("");
	if (!rpc_read_alive(stub, s->bindings, RPC_BINDINGS_MAX, &n)) {
		exchange_done(ex, REASON_SERVICE, "the endpoint mapper replies; its list of bindings is malformed");
		return;
	}
	struct buffer list = buffer_over(arena_alloc(ex->arena, EVIDENCE_MAX), EVIDENCE_MAX);
	for (size_t i = 0; i < n; i++) {
		struct addr a;
		const char *text = s->bindings[i].address;
		put_text(&list, list.n ? " " : "");
		put_text(&list, text);
		if (s->bindings[i].tower != RPC_TOWER_TCP)
			continue;
		if (binding_address(text, &a)) {
			addresses |= a.family == t->address.family;
			planned |= a.family == t->address.family && a.n == t->address.n;
		} else if (!host.n || exchange_same_name(t->name, str_of(text))) {
			host = str_of(text);
		}
	}
	exchange_evidence(ex, "bindings", buffer_view(&list));
	if (addresses && !planned)
		exchange_advice(
			ex, "bindings-without-this-address", ADVICE_WARNING,
			"DCOM sends clients to other addresses than the planned one, as behind address translation");
	exchange_identify(ex, "an endpoint mapper", host, STR(""));
}

static void replied(struct exchange *ex, struct cursor stub)
{
	struct rpc_state *s = ex->state;
	switch (s->phase) {
	case PHASE_MAP:
		mapped(ex, stub);
		break;
	case PHASE_SURVEY:
		map_surveyed(ex, stub);
		break;
	case PHASE_LOOKUP:
		looked_up(ex, stub);
		break;
	case PHASE_INQUIRY:
		inquired(ex, stub);
		break;
	case PHASE_ALIVE:
		alive(ex, stub);
		break;
	default:
		exchange_done(ex, REASON_OTHER_SERVICE, "a DCE/RPC server replies to what was not asked");
		break;
	}
}

/* A fault of the mapper is access denied by policy; of others it proves no more than DCE/RPC. */
static void faulted(struct exchange *ex, uint32_t status)
{
	struct rpc_state *s = ex->state;
	const char *name = rpc_fault_name(status);
	struct str text = name ? str_of(name) : str_printf(ex->arena, "0x%08x", status);
	bool mapper = s->phase == PHASE_MAP || s->phase == PHASE_LOOKUP;
	exchange_evidence(ex, "fault", text);
	exchange_done(ex, mapper ? REASON_SILENT : REASON_SERVICE, "%s: %.*s",
		      mapper ? "the endpoint mapper refuses to name ports without a logon, so the range was not tried"
			     : "a DCE/RPC server replies with a fault",
		      STR_ARG(text));
}

/* Collects the stub of all fragments. */
static void fragment(struct exchange *ex, struct rpc_pdu *pdu)
{
	struct rpc_state *s = ex->state;
	struct cursor stub = rpc_read_response(pdu);
	if (!s->stub.p)
		s->stub = buffer_over(arena_alloc(ex->arena, RPC_STUB_MAX), RPC_STUB_MAX);
	if (pdu->flags & RPC_FIRST)
		s->stub.n = 0;
	put_bytes(&s->stub, stub.p, stub.n);
	if (stub.bad || s->stub.full || !pdu->little)
		exchange_done(ex, REASON_OTHER_SERVICE, "the DCE/RPC reply is malformed or too long");
	else if (pdu->flags & RPC_LAST)
		replied(ex, cursor_of(s->stub.p, s->stub.n));
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct rpc_pdu pdu;
	struct rpc_bind_ack ack;
	size_t length;
	enum rpc_parse parsed = rpc_parse(p, n, &pdu, &length);
	if (parsed == RPC_MORE)
		return 0;
	if (parsed == RPC_NOT) {
		exchange_foreign(ex, p, n);
		return n;
	}
	switch (pdu.type) {
	case RPC_BIND_ACK:
		if (!rpc_read_bind_ack(&pdu, &ack))
			exchange_done(ex, REASON_OTHER_SERVICE, "the DCE/RPC reply is malformed");
		else
			exchange_check_stand_in(ex, ack.address);
		if (ex->step == STEP_DONE)
			break;
		if (ack.result == RPC_ACCEPTED)
			bound(ex);
		else
			refused(ex, &ack);
		break;
	case RPC_BIND_NAK:
		exchange_done(ex, REASON_SERVICE, "a DCE/RPC server that refuses the connection for now");
		break;
	case RPC_FAULT:
		faulted(ex, rpc_read_fault(&pdu));
		break;
	case RPC_RESPONSE:
		fragment(ex, &pdu);
		break;
	default:
		exchange_foreign(ex, p, n);
		break;
	}
	return length;
}

/* RPC over HTTP: the server speaks first (MS-RPCH 2.1.2). */
static size_t http_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	static const char expected[] = "ncacn_http/1.0";
	if (memcmp(p, expected, MIN(n, sizeof expected - 1)) != 0) {
		exchange_foreign(ex, p, n);
	} else if (n >= sizeof expected - 1) {
		exchange_check_stand_in(ex, (struct str){ (const char *)p, n });
		exchange_done(ex, REASON_SERVICE, "RPC over HTTP replies");
	}
	return 0;
}

static const struct probe at_port = {
	.name = "dcerpc",
	.title = "DCE/RPC",
	.best = REASON_PROVEN,
	.state_size = sizeof(struct rpc_state),
	.start = start_at_port,
	.input = input,
};

static const struct probe exporter = {
	.name = "dcerpc-epm",
	.title = "DCE/RPC",
	.best = REASON_PROVEN,
	.state_size = sizeof(struct rpc_state),
	.start = start_exporter,
	.input = input,
};

extern const struct probe probe_no_udp;

static const struct probe dcom_at_port = {
	.name = "dcerpc",
	.title = "DCE/RPC",
	.best = REASON_SERVICE,
	.state_size = sizeof(struct rpc_state),
	.start = start_remote,
	.input = input,
};

static const struct probe list_at_port = {
	.name = "dcerpc",
	.title = "DCE/RPC",
	.best = REASON_SERVICE,
	.state_size = sizeof(struct rpc_state),
	.start = start_management,
	.input = input,
};

static const struct probe surveyor = {
	.name = "dcerpc",
	.title = "DCE/RPC",
	.best = REASON_SERVICE,
	.state_size = sizeof(struct rpc_state),
	.start = start_mapper,
	.input = input,
};

const struct probe probe_dcerpc = {
	.name = "dcerpc",
	.title = "DCE/RPC",
	.best = REASON_PROVEN,
	.follows =
		"the question which port the interface has, over one connection for all interfaces of a server, and a "
		"bind and an inquiry at that port of the same address",
	.state_size = sizeof(struct rpc_state),
	.over_udp = &probe_no_udp,
	.survey = &surveyor,
	.needs_survey = needs_survey,
	.surveyed = surveyed,
	.start = start,
	.input = input,
};

const struct probe probe_dcerpc_epm = {
	.name = "dcerpc-epm",
	.title = "DCE/RPC",
	.best = REASON_PROVEN,
	.follows = "a look-up in the endpoint mapper, or a second connection that asks for the name of the server",
	.state_size = sizeof(struct rpc_state),
	.over_udp = &probe_no_udp,
	.start = start_mapper,
	.input = input,
};

const struct probe probe_dcerpc_http = {
	.name = "dcerpc-http",
	.title = "RPC over HTTP",
	.best = REASON_SERVICE,
	.why_not = "the greeting names no server",
	.input = http_input,
};

const struct probe probe_dcerpc_http_epm = {
	.name = "dcerpc-http-epm",
	.title = "RPC over HTTP",
	.best = REASON_SERVICE,
	.why_not = "the greeting names no server",
	.input = http_input,
};
