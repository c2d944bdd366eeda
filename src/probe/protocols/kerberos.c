/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kerberos and its password change, over UDP and TCP.  An AS-REQ for a principal that does not exist shows a
 * KDC, but not which: servers repeat the realm that was asked.  The password change service names its own realm.
 */
#include "probe/probe.h"
#include "wire/kerberos.h"

enum { ANSWER_MAX = 1 << 15 };

/* The realm of the target; without one something that no server can have. */
static struct str realm_of(const struct exchange *ex)
{
	return ex->target->domain.n ? ex->target->domain : STR("PORTOLAN-PROBE.INVALID");
}

static bool is_stream(const struct exchange *ex)
{
	return ex->target->protocol == PROTO_TCP;
}

static void start(struct exchange *ex)
{
	const struct target *t = ex->target;
	struct buffer *to = exchange_send(ex);
	uint32_t nonce;
	memcpy(&nonce, ex->random, sizeof nonce);
	size_t place = kerberos_begin(to, is_stream(ex));
	kerberos_put_as_req(to, t->principal.n ? t->principal : STR("portolan-probe"), realm_of(ex), nonce,
			    t->weaken == WEAKEN_RC4);
	kerberos_end(to, place);
}

/* The message that came; empty when more must come.  Foreign bytes end the exchange. */
static struct str message_of(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct str message = NO_STR;
	size_t used;
	if (kerberos_parse(is_stream(ex), p, n, ANSWER_MAX, &message, &used) == KERBEROS_NOT)
		exchange_foreign(ex, p, n);
	return message;
}

/* What a KDC says that was offered RC4 alone.  Other errors show nothing: the account may not exist. */
static void judge_rc4(struct exchange *ex, const struct kerberos_error *e)
{
	if (e->code == KDC_ERR_ETYPE_NOSUPP)
		exchange_evidence(ex, "rc4", STR("refused"));
	else if (e->code == KDC_ERR_PREAUTH_REQUIRED && kerberos_offers_rc4(e->data))
		exchange_evidence(ex, "rc4", STR("accepted"));
}

static void judge_error(struct exchange *ex, const struct kerberos_error *e)
{
	const char *name = kerberos_code_name(e->code);
	struct str text = name ? str_of(name) : str_printf(ex->arena, "the error %lld", (long long)e->code);
	struct str salt = e->code == KDC_ERR_PREAUTH_REQUIRED ? kerberos_salt(e->data) : STR("");
	exchange_evidence(ex, "error", text);
	exchange_check_stand_in(ex, e->text);
	if (ex->target->weaken == WEAKEN_RC4)
		judge_rc4(ex, e);
	if (e->has_time)
		exchange_clock(ex, e->time);
	if (salt.n)
		exchange_evidence(ex, "salt", salt);
	if (e->code == KDC_ERR_WRONG_REALM) {
		/* Without a planned domain every realm is a right one. */
		struct str realm = str_first(e->client_realm.n ? e->client_realm : e->realm, EVIDENCE_MAX);
		exchange_evidence(ex, "realm", realm);
		exchange_done(ex, ex->target->domain.n ? REASON_OTHER_IDENTITY : REASON_SERVICE,
			      "a KDC of the realm %.*s", STR_ARG(str_shown(ex->arena, realm)));
	} else if (e->code == KRB_ERR_RESPONSE_TOO_BIG) {
		exchange_done(ex, REASON_SERVICE, "a KDC whose reply is too long for UDP; clients ask again over TCP");
	} else if (ex->target->principal.n && ex->target->domain.n &&
		   (e->code == KDC_ERR_CLIENT_REVOKED ||
		    (e->code == KDC_ERR_PREAUTH_REQUIRED &&
		     str_iis(str_first(salt, ex->target->domain.n), cstr(ex->arena, ex->target->domain))))) {
		exchange_done(ex, REASON_PROVEN, "a KDC that knows the principal: %.*s", STR_ARG(text));
	} else {
		exchange_done(ex, REASON_SERVICE, "a KDC replies: %.*s", STR_ARG(text));
	}
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct str message = message_of(ex, p, n);
	struct kerberos_error e;
	if (!message.p)
		return 0;
	if ((uint8_t)message.p[0] == KERBEROS_AS_REP) {
		exchange_advice(ex, "no-preauthentication", ADVICE_WARNING, "the account needs no pre-authentication");
		if (ex->target->weaken == WEAKEN_RC4)
			exchange_evidence(ex, "rc4", STR("accepted"));
		exchange_done(ex, REASON_SERVICE, "a KDC replies with a ticket");
	} else if (kerberos_read_error(message, &e)) {
		judge_error(ex, &e);
	} else {
		exchange_foreign(ex, p, n);
	}
	return n;
}

static void start_kpasswd(struct exchange *ex)
{
	struct buffer *to = exchange_send(ex);
	size_t place = kerberos_begin(to, is_stream(ex));
	kerberos_put_kpasswd(to, realm_of(ex));
	kerberos_end(to, place);
}

static size_t input_kpasswd(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct str message = message_of(ex, p, n);
	struct kerberos_error e;
	if (!message.p)
		return 0;
	if (!kerberos_read_kpasswd(message, &e)) {
		exchange_foreign(ex, p, n);
		return n;
	}
	exchange_check_stand_in(ex, e.text);
	if (e.has_time)
		exchange_clock(ex, e.time);
	exchange_identify(ex, "a password change service", STR(""), e.realm);
	return n;
}

const struct probe probe_kerberos = {
	.name = "kerberos",
	.title = "Kerberos",
	.best = REASON_SERVICE,
	.why_not = "a KDC repeats the realm that was asked; the LDAP ping and kpasswd name the domain",
	.start = start,
	.input = input,
};

const struct probe probe_kpasswd = {
	.name = "kpasswd",
	.title = "Kerberos password change",
	.best = REASON_PROVEN,
	.start = start_kpasswd,
	.input = input_kpasswd,
};
