/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the probes of all protocols say to the engine.
 */
#include "probe/probe.h"

struct buffer *exchange_send(struct exchange *ex)
{
	if (!ex->send.p)
		ex->send = buffer_over(arena_alloc(ex->arena, EXCHANGE_SEND_MAX), EXCHANGE_SEND_MAX);
	return &ex->send;
}

void exchange_tls(struct exchange *ex)
{
	if (ex->step == STEP_WAIT)
		ex->step = STEP_TLS;
}

void exchange_follow(struct exchange *ex, uint16_t port, const struct probe *with)
{
	if (ex->step != STEP_WAIT)
		return;
	ex->step = STEP_FOLLOW;
	ex->follow_port = port;
	ex->follow = with;
}

void exchange_done(struct exchange *ex, enum probe_reason reason, const char *fmt, ...)
{
	if (ex->step == STEP_DONE)
		return;
	va_list ap;
	va_start(ap, fmt);
	ex->text = str_of(arena_vprintf(ex->arena, fmt, ap));
	va_end(ap);
	ex->step = STEP_DONE;
	ex->reason = reason;
}

/* How other protocols begin, for ports on which something unexpected listens. */
static const struct {
	const char *begin;
	size_t n;
	const char *what;
} beginnings[] = {
	{ "HTTP/", 5, "an HTTP server" },
	{ "SSH-", 4, "an SSH server" },
	{ "220 ", 4, "an FTP or SMTP server" },
	{ "220-", 4, "an FTP or SMTP server" },
	{ "+OK", 3, "a POP3 server" },
	{ "* OK", 4, "an IMAP server" },
	{ "RFB 00", 6, "a VNC server" },
	{ "\x15\x03", 2, "a TLS server" },
	{ "\x16\x03", 2, "a TLS server" },
	{ "\x05\x00\x0c\x03", 4, "a DCE/RPC server" },
	{ "\x05\x00\x0d\x03", 4, "a DCE/RPC server" },
	{ "\x03\x00\x00", 3, "a Remote Desktop server" },
	{ "\xff\xfd", 2, "a Telnet server" },
	{ "\xff\xfb", 2, "a Telnet server" },
	{ "ncacn_http/", 11, "an RPC over HTTP server" },
	{ "<!DOCTYPE", 9, "a web page" },
	{ "<html", 5, "a web page" },
	{ "AMQP", 4, "an AMQP server" },
};

/* How the probe's own protocol begins: the reply is of the right kind, but not correct or not whole. */
static bool begins_well(const struct exchange *ex, const char *what)
{
	struct str article, name = str_of(what);
	str_cut(&name, ' ', &article);
	return str_eq(name, str_printf(ex->arena, "%s server", ex->probe->title));
}

void exchange_foreign(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct str first = { (const char *)p, MIN(n, (size_t)24) };
	exchange_evidence(ex, "first-bytes", first);
	for (size_t i = 0; i < ARRAY_LEN(beginnings); i++)
		if (n >= beginnings[i].n && memcmp(p, beginnings[i].begin, beginnings[i].n) == 0) {
			if (begins_well(ex, beginnings[i].what)) {
				exchange_done(ex, REASON_OTHER_SERVICE, "the reply is malformed %s", ex->probe->title);
				return;
			}
			exchange_done(ex, REASON_OTHER_SERVICE, "the reply is not %s; it looks like %s",
				      ex->probe->title, beginnings[i].what);
			return;
		}
	exchange_done(ex, REASON_OTHER_SERVICE, "the reply is not %s", ex->probe->title);
}

void exchange_check_stand_in(struct exchange *ex, struct str text)
{
	ex->stand_in |=
		str_find_text(text, STR(STAND_IN)) != SIZE_MAX || str_find_text(text, STR(STAND_IN_NAME)) != SIZE_MAX;
}

void exchange_evidence(struct exchange *ex, const char *key, struct str value)
{
	if (ex->n_evidence == EVIDENCE_FIELDS_MAX)
		return;
	ex->evidence[ex->n_evidence++] = (struct evidence){ key, str_dup(ex->arena, str_first(value, EVIDENCE_MAX)) };
}

void exchange_evidence_number(struct exchange *ex, const char *key, uint64_t value)
{
	exchange_evidence(ex, key, str_printf(ex->arena, "%llu", (unsigned long long)value));
}

void exchange_advice(struct exchange *ex, const char *id, enum advice_level level, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	struct advice_found *found = ARENA_NEW(ex->arena, struct advice_found);
	*found = (struct advice_found){ id, level, str_of(arena_vprintf(ex->arena, fmt, ap)), ex->advice };
	va_end(ap);
	ex->advice = found;
}

void exchange_clock(struct exchange *ex, int64_t milliseconds)
{
	ex->has_clock = true;
	ex->clock = milliseconds;
}

bool exchange_same_name(struct str planned, struct str found)
{
	if (str_ends(planned, "."))
		planned.n--;
	if (str_ends(found, "."))
		found.n--;
	if (str_find(planned, '.') == SIZE_MAX)
		found = str_first(found, str_find(found, '.'));
	else if (str_find(found, '.') == SIZE_MAX)
		planned = str_first(planned, str_find(planned, '.'));
	return str_ieq(planned, found);
}

void exchange_identify(struct exchange *ex, const char *what, struct str host, struct str domain)
{
	const struct target *t = ex->target;
	if (host.n)
		exchange_evidence(ex, "host", host);
	if (domain.n)
		exchange_evidence(ex, "domain", domain);
	host = str_shown(ex->arena, str_first(host, EVIDENCE_MAX));
	domain = str_shown(ex->arena, str_first(domain, EVIDENCE_MAX));
	if (t->domain.n && domain.n && !str_ieq(t->domain, domain))
		exchange_done(ex, REASON_OTHER_IDENTITY, "%s of the domain %.*s, not of %.*s", what, STR_ARG(domain),
			      STR_ARG(t->domain));
	else if (t->name.n && host.n && !exchange_same_name(t->name, host))
		exchange_done(ex, REASON_OTHER_IDENTITY, "%s on the host %.*s, not on %.*s", what, STR_ARG(host),
			      STR_ARG(t->name));
	else if ((t->domain.n && domain.n) || (t->name.n && host.n))
		exchange_done(ex, REASON_PROVEN, "%s on %.*s", what, STR_ARG(host.n ? host : domain));
	else if (host.n)
		exchange_done(ex, REASON_SERVICE, "%s on %.*s", what, STR_ARG(host));
	else
		exchange_done(ex, REASON_SERVICE, "%s", what);
}
