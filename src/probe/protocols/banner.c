/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services whose first line, or whose reply to a few bytes, shows them: FTP, SMTP, NNTP, POP3, IMAP, Telnet,
 * SSH, RTSP, AMQP, PPTP and the small services.
 */
#include "probe/probe.h"

enum { LINE_MAX_BYTES = 512, TELNET_COMMAND = 0xff };

struct banner_state {
	bool matches;
};

#define ASK(text) "" text, sizeof(text) - 1

/* One line a service: what is sent first ("": the server speaks first), and how its reply begins. */
static const struct {
	const char *name, *ask;
	size_t n_ask;
	const char *begins[3];
} rows[] = {
	{ "ftp", ASK(""), { "220" } },
	{ "smtp", ASK(""), { "220" } },
	{ "nntp", ASK(""), { "200", "201" } },
	{ "nntps", ASK(""), { "200", "201" } },
	{ "pop3", ASK(""), { "+OK" } },
	{ "pop3s", ASK(""), { "+OK" } },
	{ "imap", ASK(""), { "* OK" } },
	{ "imaps", ASK(""), { "* OK" } },
	{ "ssh", ASK(""), { "SSH-2.0-", "SSH-1.99-" } },
	{ "telnet", ASK(""), { "\xff" } },
	{ "rtsp", ASK("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: portolan-probe\r\n\r\n"), { "RTSP/1.0 " } },
	{ "amqps", ASK("AMQP\x00\x01\x00\x00"), { "AMQP" } },
	{ "echo", ASK("portolan-probe"), { "portolan-probe" } },
	{ "daytime", ASK("portolan-probe\r\n"), { "" } },
	{ "qotd", ASK("portolan-probe\r\n"), { "" } },
	{ "chargen", ASK("portolan-probe\r\n"), { "" } },
};

static size_t row_of(const struct exchange *ex)
{
	size_t i = 0;
	while (i + 1 < ARRAY_LEN(rows) && strcmp(rows[i].name, ex->probe->name) != 0)
		i++;
	return i;
}

static void start(struct exchange *ex)
{
	size_t i = row_of(ex);
	/* The small services speak first over TCP. */
	bool small = rows[i].begins[0][0] == '\0';
	if (rows[i].n_ask && !(small && ex->target->protocol == PROTO_TCP))
		put_bytes(exchange_send(ex), rows[i].ask, rows[i].n_ask);
}

static void secured(struct exchange *ex, const struct tls_peer *peer)
{
	(void)peer;
	start(ex);
}

static void matched(struct exchange *ex)
{
	exchange_done(ex, REASON_SERVICE, "%s replies", ex->probe->title);
}

/* The greeting is shown whole: its line, or what came of it when no more does. */
static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct banner_state *s = ex->state;
	size_t row = row_of(ex);
	struct str line = { (const char *)p, MIN(n, (size_t)LINE_MAX_BYTES) };
	size_t end = str_find(line, '\n');
	bool more = false;
	s->matches = false;
	for (size_t i = 0; i < ARRAY_LEN(rows[row].begins) && rows[row].begins[i]; i++) {
		size_t length = strlen(rows[row].begins[i]);
		bool begins = memcmp(p, rows[row].begins[i], MIN(n, length)) == 0;
		s->matches |= begins && n >= length;
		more |= begins && n < length;
	}
	bool datagram = ex->target->protocol == PROTO_UDP;
	if (!s->matches && !more) {
		exchange_foreign(ex, p, n);
	} else if (s->matches && (*p == TELNET_COMMAND || end != SIZE_MAX || n >= LINE_MAX_BYTES || datagram)) {
		exchange_check_stand_in(ex, line);
		if (*p != TELNET_COMMAND)
			exchange_evidence(ex, "banner", str_trim(str_first(line, end)));
		matched(ex);
	}
	return 0;
}

/* A greeting without the end of its line. */
static void stopped(struct exchange *ex)
{
	const struct banner_state *s = ex->state;
	if (s->matches)
		matched(ex);
}

static void closed(struct exchange *ex)
{
	stopped(ex);
	exchange_done(ex, REASON_OTHER_SERVICE, "it closes the connection without a greeting");
}

static const char why[] = "the greeting proves the protocol; its name is free text";

#define BANNER(symbol, text, called, tls)                  \
	const struct probe probe_##symbol = {              \
		.name = text,                              \
		.title = called,                           \
		.best = REASON_SERVICE,                    \
		.why_not = why,                            \
		.state_size = sizeof(struct banner_state), \
		.tls_first = tls,                          \
		.start = start,                            \
		.secured = secured,                        \
		.input = input,                            \
		.closed = closed,                          \
		.quiet = stopped,                          \
	}

BANNER(ftp, "ftp", "FTP", false);
BANNER(smtp, "smtp", "SMTP", false);
BANNER(nntp, "nntp", "NNTP", false);
BANNER(nntps, "nntps", "NNTP over TLS", true);
BANNER(pop3, "pop3", "POP3", false);
BANNER(pop3s, "pop3s", "POP3 over TLS", true);
BANNER(imap, "imap", "IMAP", false);
BANNER(imaps, "imaps", "IMAP over TLS", true);
BANNER(ssh, "ssh", "SSH", false);
BANNER(telnet, "telnet", "Telnet", false);
BANNER(rtsp, "rtsp", "RTSP", false);
BANNER(amqps, "amqps", "AMQP over TLS", true);
BANNER(echo, "echo", "the echo service", false);
BANNER(daytime, "daytime", "the daytime service", false);
BANNER(qotd, "qotd", "the quote service", false);
BANNER(chargen, "chargen", "the character generator", false);
