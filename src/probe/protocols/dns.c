/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS, over UDP and TCP (RFC 1035): asks for what a member of the domain asks first, the
 * service records of its domain controllers (MS-ADTS 6.3.2.3).  Without a domain, for the root's SOA.
 */
#include "probe/probe.h"
#include "wire/dns.h"

struct dns_state {
	struct str name;
	enum dns_type type;
	uint16_t id;
};

static void start(struct exchange *ex)
{
	struct dns_state *d = ex->state;
	const struct target *t = ex->target;
	d->id = (uint16_t)(ex->random[0] << 8 | ex->random[1]);
	d->type = t->domain.n ? DNS_SRV : DNS_SOA;
	if (t->domain.n)
		d->name = str_printf(ex->arena, "_ldap._tcp.dc._msdcs.%.*s", STR_ARG(t->domain));
	struct buffer *to = exchange_send(ex);
	size_t length = t->protocol == PROTO_TCP ? hole_be16(to) : SIZE_MAX;
	dns_put_query(to, d->id, d->name, d->type);
	if (length != SIZE_MAX)
		fill_be16(to, length, 0);
}

/* The targets of the records, as evidence; true when the planned controller is one, or none is planned. */
static bool read_controllers(struct exchange *ex, struct dns_message *m, unsigned *n)
{
	const struct target *t = ex->target;
	struct buffer list = buffer_over(arena_alloc(ex->arena, EVIDENCE_MAX), EVIDENCE_MAX);
	bool planned = !t->domain_controller || t->name.n == 0;
	struct dns_record r;
	for (unsigned i = 0; i < DNS_RECORDS_MAX && dns_next(m, &r); i++) {
		if (r.type == DNS_TXT)
			exchange_check_stand_in(ex, get_bytes(&r.data, r.data.n));
		if (r.type != DNS_SRV)
			continue;
		planned |= exchange_same_name(t->name, str_of(r.target));
		put_text(&list, *n ? " " : "");
		put_text(&list, r.target);
		++*n;
	}
	if (*n)
		exchange_evidence(ex, "controllers", buffer_view(&list));
	return planned;
}

static void judge(struct exchange *ex, struct dns_message *m)
{
	const struct dns_state *d = ex->state;
	const char *name = dns_rcode_name(m->rcode);
	exchange_evidence(ex, "rcode", name ? str_of(name) : str_printf(ex->arena, "%u", m->rcode));
	if (m->question_type != d->type || !str_ieq(str_of(m->question), d->name)) {
		exchange_done(ex, REASON_OTHER_SERVICE,
			      "the reply is to another question: a DNS proxy or a portal replies");
		return;
	}
	if (m->truncated && ex->target->protocol == PROTO_UDP) {
		exchange_done(ex, REASON_SERVICE, "the reply is too long for UDP; clients ask again over TCP 53");
		return;
	}
	unsigned n = 0;
	bool planned = read_controllers(ex, m, &n);
	if (d->type == DNS_SOA)
		exchange_done(ex, REASON_SERVICE, "a DNS server replies: %s", name ? name : "an unknown code");
	else if (m->rcode == DNS_NXDOMAIN || (m->rcode == DNS_NOERROR && n == 0))
		exchange_done(ex, REASON_OTHER_IDENTITY, "this DNS server does not know the domain %.*s",
			      STR_ARG(ex->target->domain));
	else if (m->rcode == DNS_REFUSED)
		exchange_done(ex, REASON_OTHER_IDENTITY, "this DNS server refuses to reply to this client");
	else if (m->rcode != DNS_NOERROR)
		exchange_done(ex, REASON_SERVICE, "a DNS server replies, but cannot resolve: %s",
			      name ? name : "unknown code");
	else if (m->rest.bad)
		exchange_done(ex, REASON_OTHER_SERVICE, "the DNS reply is malformed");
	else if (!planned)
		exchange_done(ex, REASON_OTHER_IDENTITY, "it knows %.*s, but not %.*s as a domain controller",
			      STR_ARG(ex->target->domain), STR_ARG(ex->target->name));
	else
		exchange_done(ex, REASON_PROVEN, "it names %u domain controller%s of %.*s", n, n == 1 ? "" : "s",
			      STR_ARG(ex->target->domain));
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	const struct dns_state *d = ex->state;
	struct cursor c = cursor_of(p, n);
	size_t length = ex->target->protocol == PROTO_TCP ? get_be16(&c) : n;
	struct str bytes = get_bytes(&c, length);
	struct dns_message m;
	if (ex->target->protocol == PROTO_TCP && n >= 4 && length > n &&
	    (p[2] != ex->random[0] || p[3] != ex->random[1])) {
		exchange_foreign(ex, p, n);
		return n;
	}
	if (c.bad)
		return 0;
	if (!dns_open(bytes, &m) || !m.response || m.id != d->id)
		exchange_foreign(ex, p, n);
	else
		judge(ex, &m);
	return n - c.n;
}

const struct probe probe_dns = {
	.name = "dns",
	.title = "DNS",
	.best = REASON_PROVEN,
	.state_size = sizeof(struct dns_state),
	.start = start,
	.input = input,
};
