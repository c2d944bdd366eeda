/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kerberos and its password change: an error to everything, with the planned realm where the protocol
 * names the server's own.
 */
#include "listen/stand-in.h"
#include "wire/kerberos.h"

enum { MESSAGE_MAX = 1 << 14, KRB_ERR_GENERIC = 60 };

static bool is_stream(const struct session *s)
{
	return s->planned->protocol == PROTO_TCP;
}

/* The message that came; empty when more must come, or when it is foreign. */
static struct str message_of(struct session *s, const uint8_t *p, size_t n, size_t *used)
{
	struct str message = NO_STR;
	*used = 0;
	if (kerberos_parse(is_stream(s), p, n, MESSAGE_MAX, &message, used) == KERBEROS_NOT)
		session_foreign(s);
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
	struct buffer *to = session_send(s);
	bool known = !s->planned->domain.n || str_ieq(request.realm, s->planned->domain);
	size_t place = kerberos_begin(to, is_stream(s));
	kerberos_put_error(to, s->now, known ? KDC_ERR_PREAUTH_REQUIRED : KDC_ERR_WRONG_REALM,
			   known ? request.realm : s->planned->domain, "krbtgt",
			   known ? request.realm : s->planned->domain, STR(STAND_IN));
	kerberos_end(to, place);
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
	struct buffer *to = session_send(s);
	size_t place = kerberos_begin(to, is_stream(s)), begin = to->n, length = hole_be16(to);
	put_be16(to, 1);
	put_be16(to, 0); /* no AP-REP: an error follows (RFC 3244 2) */
	kerberos_put_error(to, s->now, KRB_ERR_GENERIC,
			   planned_name(s->planned).n && s->planned->domain.n ? s->planned->domain
									      : STR("PORTOLAN-LISTEN.INVALID"),
			   "kadmin", STR("changepw"), STR(STAND_IN));
	fill_be16(to, length, length - begin + 2);
	kerberos_end(to, place);
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
