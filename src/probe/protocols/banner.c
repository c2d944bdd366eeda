/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services whose first line, or whose reply to a few bytes, shows them: FTP, SMTP, NNTP, POP3, IMAP, Telnet,
 * SSH, RTSP, AMQP, PPTP and the small services.
 */
#include "probe/probe.h"

enum { LINE_MAX_BYTES = 512 };

/* One line a service: what is sent first ("": the server speaks first), and how its reply begins. */
static const struct {
	const char *name, *ask;
	size_t n_ask;
	const char *begins[3];
} rows[] = {
	{ "ftp", "", 0, { "220" } },
	{ "smtp", "", 0, { "220" } },
	{ "nntp", "", 0, { "200", "201" } },
	{ "nntps", "", 0, { "200", "201" } },
	{ "pop3", "", 0, { "+OK" } },
	{ "pop3s", "", 0, { "+OK" } },
	{ "imap", "", 0, { "* OK" } },
	{ "imaps", "", 0, { "* OK" } },
	{ "ssh", "", 0, { "SSH-2.0-", "SSH-1.99-" } },
	{ "telnet", "", 0, { "\xff" } },
	{ "rtsp", "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: portolan-probe\r\n\r\n", 61, { "RTSP/1.0 " } },
	{ "amqps", "AMQP\x00\x01\x00\x00", 8, { "AMQP" } },
	{ "echo", "portolan-probe", 14, { "portolan-probe" } },
	{ "daytime", "\r\n", 2, { "" } },
	{ "qotd", "\r\n", 2, { "" } },
	{ "chargen", "\r\n", 2, { "" } },
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

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	size_t i = row_of(ex);
	bool more = false;
	for (size_t j = 0; j < ARRAY_LEN(rows[i].begins) && rows[i].begins[j]; j++) {
		size_t length = strlen(rows[i].begins[j]);
		if (memcmp(p, rows[i].begins[j], MIN(n, length)) != 0)
			continue;
		if (n < length) {
			more = true;
			continue;
		}
		struct str line = { (const char *)p, MIN(n, (size_t)LINE_MAX_BYTES) };
		size_t end = str_find(line, '\n');
		if (*p != 0xff)
			exchange_evidence(ex, "banner", str_trim(str_first(line, end)));
		exchange_done(ex, REASON_SERVICE, "%s replies", ex->probe->title);
		return n;
	}
	if (!more)
		exchange_foreign(ex, p, n);
	return 0;
}

static const char why[] = "the greeting proves the protocol; its name is free text";

#define BANNER(symbol, text, called, tls)     \
	const struct probe probe_##symbol = { \
		.name = text,                 \
		.title = called,              \
		.best = REASON_SERVICE,       \
		.why_not = why,               \
		.tls_first = tls,             \
		.start = start,               \
		.secured = secured,           \
		.input = input,               \
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
