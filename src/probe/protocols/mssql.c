/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQL Server: the first exchange of TDS, which needs no login, and the SQL Server Browser.
 */
#include "probe/probe.h"
#include "wire/tds.h"

enum { STAND_IN_VERSION = 99 };

static void start(struct exchange *ex)
{
	const struct target *t = ex->target;
	tds_put_prelogin(exchange_send(ex), t->instance.n ? t->instance : STR("MSSQLServer"));
}

static void judge(struct exchange *ex, const struct tds_prelogin *found)
{
	static const char *const encryptions[] = { "off", "on", "not supported", "required" };
	const char *name = tds_version_name(found->major, found->minor);
	const char *version = name ? name : "SQL Server";
	ex->stand_in = found->major == STAND_IN_VERSION;
	exchange_evidence(ex, "version", str_printf(ex->arena, "%u.%u.%u", found->major, found->minor, found->build));
	if (found->encryption < ARRAY_LEN(encryptions))
		exchange_evidence(ex, "encryption", str_of(encryptions[found->encryption]));
	if (found->encryption == TDS_ENCRYPT_NOT_SUPPORTED)
		exchange_advice(ex, "sql-without-encryption", ADVICE_WARNING,
				"the server does not encrypt connections");
	else if (found->encryption == TDS_ENCRYPT_OFF)
		exchange_advice(ex, "sql-encryption-not-required", ADVICE_NOTE,
				"the server does not require encryption: where a client does not ask for it, the login "
				"alone is "
				"encrypted");
	if (!found->has_instance)
		exchange_done(ex, REASON_SERVICE, "%s", version);
	else if (found->instance == 0 && ex->target->instance.n)
		exchange_done(ex, REASON_PROVEN, "%s, the instance %.*s", version, STR_ARG(ex->target->instance));
	else if (found->instance != 0 && ex->target->instance.n)
		exchange_done(ex, REASON_OTHER_IDENTITY, "%s, but not the instance %.*s", version,
			      STR_ARG(ex->target->instance));
	else
		exchange_done(ex, REASON_SERVICE, "%s, %s", version,
			      found->instance ? "a named instance" : "the default instance");
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct tds_prelogin found;
	size_t length;
	switch (tds_read_prelogin(p, n, &found, &length)) {
	case TDS_MORE:
		return 0;
	case TDS_NOT:
		exchange_foreign(ex, p, n);
		return n;
	case TDS_OK:
		judge(ex, &found);
		return length;
	}
	return n;
}

/* A server that demands TDS 8 ends a PRELOGIN in the clear (MS-TDS 2.2.6.5, strict encryption). */
static void closed(struct exchange *ex)
{
	exchange_done(ex, REASON_OTHER_SERVICE,
		      "it closes the connection; a SQL Server with strict encryption does so too");
}

static void start_browser(struct exchange *ex)
{
	ssrp_put_query(exchange_send(ex), ex->target->instance);
}

static size_t browser_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct str text;
	struct ssrp_instance found;
	const struct target *t = ex->target;
	bool instance = false;
	if (!ssrp_text((struct str){ (const char *)p, n }, &text)) {
		exchange_foreign(ex, p, n);
		return n;
	}
	for (struct str rest = text; !instance && ssrp_next(&rest, &found);)
		instance = t->instance.n == 0 || str_ieq(t->instance, found.instance);
	if (!instance) {
		exchange_done(ex, REASON_OTHER_IDENTITY, "a SQL Server Browser that does not know the instance %.*s",
			      STR_ARG(t->instance));
		return n;
	}
	ex->stand_in = str_find_text(text, STR(";L;99;")) != SIZE_MAX;
	exchange_evidence(ex, "instance", found.instance);
	exchange_evidence(ex, "version", found.version);
	if (found.port)
		exchange_evidence_number(ex, "port", found.port);
	exchange_identify(ex, "a SQL Server Browser", found.server, STR(""));
	return n;
}

const struct probe probe_mssql_tds = {
	.name = "mssql-tds",
	.title = "SQL Server",
	.best = REASON_PROVEN,
	.start = start,
	.input = input,
	.closed = closed,
};

static const struct probe browser = {
	.name = "mssql-ssrp",
	.title = "the SQL Server Browser",
	.best = REASON_PROVEN,
	.start = start_browser,
	.input = browser_input,
};

/* Documents list TCP 1434 for the browser; the dedicated administrator connection listens there. */
const struct probe probe_mssql_ssrp = {
	.name = "mssql-ssrp",
	.title = "SQL Server",
	.best = REASON_PROVEN,
	.over_udp = &browser,
	.start = start,
	.input = input,
	.closed = closed,
};
