/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL Server up to the login, which ends the connection; and the SQL Server Browser.  Version 99 does not exist.
 */
#include "listen/stand-in.h"
#include "wire/tds.h"

enum { STAND_IN_VERSION = 99 };

/* The planned instance; without one, the default instance under either of its names. */
static bool is_instance(const struct planned *p, struct str asked)
{
	return asked.n == 0 || str_ieq(asked, p->instance.n ? p->instance : STR("MSSQLSERVER"));
}

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	uint8_t type;
	struct str instance;
	size_t length = n;
	switch (tds_read_request(p, n, &type, &instance, &length)) {
	case TDS_MORE:
		return 0;
	case TDS_NOT:
		session_foreign(s);
		return n;
	case TDS_OK:
		break;
	}
	if (type == TDS_LOGIN) {
		s->heard = "a login, which is refused";
		s->close = true;
	} else {
		s->heard = "a PRELOGIN";
		tds_put_prelogin_reply(session_send(s), STAND_IN_VERSION, 1, is_instance(s->planned, instance));
	}
	return length;
}

/* The name of the instance that is asked for; short, so that the reply is at most three times as long. */
static size_t browse(struct session *s, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	uint8_t kind = get_u8(&c);
	struct str asked = kind == 4 ? get_text(&c) : STR("");
	const struct planned *planned = s->planned;
	if (c.bad || (kind != 3 && kind != 4) || !is_instance(planned, asked)) {
		session_foreign(s);
		return n;
	}
	struct buffer *to = session_send(s);
	put_u8(to, 5);
	size_t length = hole_le16(to);
	put_str(to,
		str_printf(s->arena, "InstanceName;%.*s;L;%u;;",
			   STR_ARG(planned->instance.n ? planned->instance : STR("MSSQLSERVER")), STAND_IN_VERSION));
	fill_le16(to, length, 0);
	s->heard = "a question for an instance";
	return n;
}

const struct stand_in stand_in_mssql_tds = {
	.name = "mssql-tds",
	.input = input,
};

const struct stand_in stand_in_mssql_ssrp = {
	.name = "mssql-ssrp",
	.input = browse,
};
