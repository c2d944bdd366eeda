/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS: the service records of the planned domain name this host; other names do not exist.
 */
#include "listen/stand-in.h"
#include "wire/dns.h"

/* The record of the domain's controllers, and those of its other services, below the planned domain. */
static bool is_of_domain(const struct planned *p, struct str name)
{
	return p->domain.n && name.n > p->domain.n && str_ieq(str_skip(name, name.n - p->domain.n), p->domain) &&
	       name.p[name.n - p->domain.n - 1] == '.';
}

static void reply(struct session *s, const struct dns_message *m)
{
	const struct planned *p = s->planned;
	struct buffer *to = session_send(s);
	struct str question = str_of(m->question);
	bool known = m->question_type == DNS_SRV && p->name.n && is_of_domain(p, question);
	dns_put_reply(to, m, question, known || !question.n ? DNS_NOERROR : DNS_NXDOMAIN, known, 1);
	if (known)
		dns_put_srv(to, NO_STR, p->name, 389);
	dns_put_txt(to, NO_STR, STR(STAND_IN)); /* at the name of the question, so that the reply stays short */
	s->heard = "a DNS query";
}

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	bool stream = s->planned->protocol == PROTO_TCP;
	struct cursor c = cursor_of(p, n);
	struct str bytes = get_bytes(&c, stream ? get_be16(&c) : n);
	struct dns_message m;
	if (c.bad)
		return 0;
	if (!dns_open(bytes, &m) || m.response || m.flags & 0x7800) {
		session_foreign(s);
		return n;
	}
	size_t length = stream ? hole_be16(session_send(s)) : SIZE_MAX;
	reply(s, &m);
	if (stream)
		fill_be16(&s->send, length, 0);
	return n - c.n;
}

const struct stand_in stand_in_dns = {
	.name = "dns",
	.input = input,
};
