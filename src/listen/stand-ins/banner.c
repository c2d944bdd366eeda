/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Services whose first line shows them: the line names the stand-in, and what follows ends the connection.
 */
#include "listen/stand-in.h"

/* One line a service: what is said first; "": the client speaks first and gets the second text. */
static const struct {
	const char *name, *greeting, *reply;
} rows[] = {
	{ "ftp", "220 " STAND_IN "\r\n", NULL },
	{ "smtp", "220 " STAND_IN "\r\n", NULL },
	{ "nntp", "200 " STAND_IN "\r\n", NULL },
	{ "nntps", "200 " STAND_IN "\r\n", NULL },
	{ "pop3", "+OK " STAND_IN "\r\n", NULL },
	{ "pop3s", "+OK " STAND_IN "\r\n", NULL },
	{ "imap", "* OK " STAND_IN "\r\n", NULL },
	{ "imaps", "* OK " STAND_IN "\r\n", NULL },
	{ "ssh", "SSH-2.0-" STAND_IN "\r\n", NULL },
	{ "telnet", "\xff\xfb\x01" STAND_IN "\r\n", NULL },
	{ "rtsp", "", "RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: " STAND_IN "\r\n\r\n" },
	{ "daytime", STAND_IN "\r\n", STAND_IN "\r\n" },
	{ "qotd", STAND_IN "\r\n", STAND_IN "\r\n" },
	{ "chargen", STAND_IN "\r\n", STAND_IN "\r\n" },
};

static size_t row_of(const struct session *s)
{
	size_t i = 0;
	while (i + 1 < ARRAY_LEN(rows) && strcmp(rows[i].name, s->stand_in->name) != 0)
		i++;
	return i;
}

static void begin(struct session *s)
{
	const char *greeting = rows[row_of(s)].greeting;
	if (!*greeting || s->planned->protocol == PROTO_UDP)
		return;
	put_text(session_send(s), greeting);
	s->heard = "a connection";
}

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	const char *reply = rows[row_of(s)].reply;
	s->close = true;
	if (!reply || (s->planned->protocol == PROTO_TCP && *rows[row_of(s)].greeting))
		return n;
	put_text(session_send(s), reply);
	s->heard = "a request";
	return n;
}

/* What comes goes back, with the mark behind it where there is room for it. */
static size_t echo(struct session *s, const uint8_t *p, size_t n)
{
	put_bytes(session_send(s), p, MIN(n, (size_t)SESSION_SEND_MAX / 2));
	if (n >= sizeof STAND_IN / 2)
		put_text(session_send(s), "\r\n" STAND_IN "\r\n");
	s->heard = "bytes, which are sent back";
	s->close = s->planned->protocol == PROTO_TCP;
	return n;
}

static size_t amqp(struct session *s, const uint8_t *p, size_t n)
{
	static const char header[] = { 'A', 'M', 'Q', 'P', 0, 1, 0, 0 };
	if (n < sizeof header)
		return 0;
	if (memcmp(p, "AMQP", 4) != 0) {
		session_foreign(s);
		return n;
	}
	put_bytes(session_send(s), header, sizeof header);
	put_text(session_send(s), STAND_IN "\r\n");
	s->heard = "a protocol header";
	s->close = true;
	return n;
}

#define BANNER(symbol, text, tls)                   \
	const struct stand_in stand_in_##symbol = { \
		.name = text,                       \
		.tls_first = tls,                   \
		.begin = begin,                     \
		.input = input,                     \
	}

BANNER(ftp, "ftp", false);
BANNER(smtp, "smtp", false);
BANNER(nntp, "nntp", false);
BANNER(nntps, "nntps", true);
BANNER(pop3, "pop3", false);
BANNER(pop3s, "pop3s", true);
BANNER(imap, "imap", false);
BANNER(imaps, "imaps", true);
BANNER(ssh, "ssh", false);
BANNER(telnet, "telnet", false);
BANNER(rtsp, "rtsp", false);
BANNER(daytime, "daytime", false);
BANNER(qotd, "qotd", false);
BANNER(chargen, "chargen", false);

const struct stand_in stand_in_echo = {
	.name = "echo",
	.input = echo,
};

const struct stand_in stand_in_amqps = {
	.name = "amqps",
	.tls_first = true,
	.input = amqp,
};
