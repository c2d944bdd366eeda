/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kerberos and its password change: an error to everything, with the planned realm where the protocol
 * names the server's own.
 */
#include "listen/stand-in.h"
#include "wire/kerberos.h"

enum { MESSAGE_MAX = 1 << 14, KRB_ERR_GENERIC = 60 };

/* The message of a stream, behind its length, or a datagram; empty when more must come. */
static struct str message_of(struct session *s, const uint8_t *p, size_t n, size_t *used)
{
	struct cursor c = cursor_of(p, n);
	size_t length = s->planned->protocol == PROTO_TCP ? get_be32(&c) : n;
	*used = 0;
	if (c.bad)
		return NO_STR;
	if (length > MESSAGE_MAX) {
		session_foreign(s);
		return NO_STR;
	}
	struct str message = length <= c.n ? get_bytes(&c, length) : NO_STR;
	*used = message.p ? n - c.n : 0;
	return message;
}

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	size_t used;
	struct str message = message_of(s, p, n, &used);
	struct kerberos_request request;
	if (!message.p)
		return used;
	if (!kerberos_read_as_req(message, &request)) {
		session_foreign(s);
		return n;
	}
	struct packet *to = session_send(s);
	bool stream = s->planned->protocol == PROTO_TCP;
	bool known = !s->planned->domain.n || str_ieq(request.realm, s->planned->domain);
	size_t length = stream ? hole_be32(to) : 0;
	kerberos_put_error(to, s->now, known ? KDC_ERR_PREAUTH_REQUIRED : KDC_ERR_WRONG_REALM,
			   known ? request.realm : s->planned->domain, "krbtgt",
			   known ? request.realm : s->planned->domain, STR(STAND_IN));
	if (stream)
		fill_be32(to, length, 0);
	s->heard = "an AS-REQ";
	return used;
}

static size_t input_kpasswd(struct session *s, const uint8_t *p, size_t n)
{
	size_t used;
	struct str message = message_of(s, p, n, &used);
	if (!message.p)
		return used;
	if (!kerberos_is_kpasswd(message)) {
		session_foreign(s);
		return n;
	}
	struct packet *to = session_send(s);
	bool stream = s->planned->protocol == PROTO_TCP;
	size_t outer = stream ? hole_be32(to) : 0, begin = to->n, length = hole_be16(to);
	put_be16(to, 1);
	put_be16(to, 0); /* no AP-REP: an error follows (RFC 3244 2) */
	kerberos_put_error(to, s->now, KRB_ERR_GENERIC,
			   planned_name(s->planned).n && s->planned->domain.n ? s->planned->domain
									      : STR("PORTOLAN-LISTEN.INVALID"),
			   "kadmin", STR("changepw"), STR(STAND_IN));
	fill_be16(to, length, length - begin + 2);
	if (stream)
		fill_be32(to, outer, 0);
	s->heard = "a password change";
	return used;
}

const struct stand_in stand_in_kerberos = {
	.name = "kerberos",
	.input = input,
};

const struct stand_in stand_in_kpasswd = {
	.name = "kpasswd",
	.input = input_kpasswd,
};
