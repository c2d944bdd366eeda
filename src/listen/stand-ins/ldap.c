/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LDAP: the root DSE, and the ping of the domain controller locator; every bind is refused.
 */
#include "base/out.h"
#include "listen/stand-in.h"
#include "wire/ldap.h"

enum { INVALID_CREDENTIALS = 49, UNWILLING = 53, MESSAGE_MAX = 1 << 14 };

/* "contoso.com" as DC=contoso,DC=com. */
static struct str context_of(struct arena *a, struct str domain)
{
	struct out o = out_memory(2048);
	struct str label;
	for (bool first = true; str_cut(&domain, '.', &label); first = false)
		out_printf(&o, "%sDC=%.*s", first ? "" : ",", STR_ARG(label));
	struct str s = str_dup(a, out_view(&o));
	out_free(&o);
	return s;
}

static void put_root(struct session *s, int64_t id)
{
	const struct planned *p = s->planned;
	struct buffer *to = session_send(s);
	char time[20];
	ber_time_text(s->now, time);
	/* Active Directory writes a fraction. */
	memcpy(time + 14, ".0Z", 4);
	struct ldap_entry_place place = ldap_begin_entry(to, id, STR(""));
	if (p->domain.n)
		ldap_put_attribute(to, "defaultNamingContext", context_of(s->arena, p->domain));
	ldap_put_attribute(to, "dnsHostName", planned_name(p));
	if (p->domain_controller)
		ldap_put_attribute(to, "supportedCapabilities", STR("1.2.840.113556.1.4.800"));
	ldap_put_attribute(to, "isGlobalCatalogReady", p->global_catalog ? STR("TRUE") : STR("FALSE"));
	ldap_put_attribute(to, "currentTime", str_of(time));
	ldap_put_attribute(to, "vendorName", STR(STAND_IN));
	ldap_end_entry(to, place);
	ldap_put_result(to, id, LDAP_DONE, 0, STR(""));
	s->heard = "a search of the root DSE";
}

static void reply(struct session *s, struct ldap_message *m)
{
	struct ldap_search search;
	if (m->operation == LDAP_BIND_REQUEST) {
		s->heard = "a bind, which is refused";
		ldap_put_result(session_send(s), m->id, LDAP_BIND_RESPONSE, INVALID_CREDENTIALS, STR(STAND_IN));
	} else if (m->operation == LDAP_UNBIND_REQUEST) {
		s->heard = "an unbind";
		s->close = true;
	} else if (ldap_read_search(m, &search) && search.base.n == 0 && search.scope == 0) {
		put_root(s, m->id);
	} else if (m->operation == LDAP_SEARCH_REQUEST) {
		s->heard = "a search, which is refused";
		ldap_put_result(session_send(s), m->id, LDAP_DONE, UNWILLING, STR(STAND_IN));
	} else {
		session_foreign(s);
	}
}

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	size_t length;
	struct ldap_message m;
	if (*p != BER_SEQUENCE || !ber_length(p, n, &length) || length > MESSAGE_MAX) {
		session_foreign(s);
		return n;
	}
	if (length == 0 || length > n)
		return 0;
	struct cursor c = cursor_of(p, length);
	if (ldap_next(&c, &m))
		reply(s, &m);
	else
		session_foreign(s);
	return length;
}

static void copy_name(char to[DNS_NAME_MAX + 1], struct str name)
{
	size_t n = MIN(name.n, (size_t)DNS_NAME_MAX);
	memcpy(to, name.p ? name.p : "", n);
	to[n] = '\0';
}

/* What a controller of the planned domain says; one of another domain says nothing of it. */
static void put_netlogon(struct session *s, int64_t id, bool sites)
{
	const struct planned *p = s->planned;
	struct buffer *to = session_send(s);
	struct netlogon *n = ARENA_NEW(s->arena, struct netlogon);
	n->opcode = 23;
	n->flags = NETLOGON_LDAP | NETLOGON_KDC | NETLOGON_TIME | NETLOGON_WRITABLE | NETLOGON_ADWS |
		   (p->global_catalog ? NETLOGON_GC : 0);
	copy_name(n->forest, p->forest.n ? p->forest : p->domain);
	copy_name(n->domain, p->domain);
	copy_name(n->host, planned_name(p));
	copy_name(n->netbios_domain, planned_label(s->arena, p->domain));
	copy_name(n->netbios_host, planned_label(s->arena, planned_name(p)));
	copy_name(n->server_site, sites ? p->site : STR(""));
	copy_name(n->client_site, sites ? p->site : STR(""));
	uint8_t bytes[SESSION_SEND_MAX / 2];
	struct buffer value = buffer_over(bytes, sizeof bytes);
	netlogon_put(&value, n);
	if (value.full)
		return;
	struct ldap_entry_place place = ldap_begin_entry(to, id, STR(""));
	ldap_put_attribute(to, "Netlogon", buffer_view(&value));
	ldap_put_attribute(to, "vendorName", STR(STAND_IN));
	ldap_end_entry(to, place);
}

static void reply_to_ping(struct session *s, const struct ldap_message *m, const struct ldap_search *search, bool sites)
{
	if (search->domain.n == 0 || str_ieq(search->domain, s->planned->domain))
		put_netlogon(s, m->id, sites);
	ldap_put_result(session_send(s), m->id, LDAP_DONE, 0, STR(""));
}

static size_t ping(struct session *s, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	struct ldap_message m;
	struct ldap_search search;
	if (!ldap_next(&c, &m) || !ldap_read_search(&m, &search) || !search.ping) {
		session_foreign(s);
		return n;
	}
	s->heard = "a ping of the domain controller locator";
	reply_to_ping(s, &m, &search, true);
	/* A short question gets an answer without the sites, so that it stays short. */
	if (s->send.n > n * DATAGRAM_FACTOR) {
		s->send.n = 0;
		reply_to_ping(s, &m, &search, false);
	}
	return n;
}

#define LDAP_STAND_IN(symbol, text, tls)            \
	const struct stand_in stand_in_##symbol = { \
		.name = text,                       \
		.tls_first = tls,                   \
		.input = input,                     \
	}

LDAP_STAND_IN(ldap, "ldap", false);
LDAP_STAND_IN(gc, "gc", false);
LDAP_STAND_IN(ldaps, "ldaps", true);
LDAP_STAND_IN(gc_tls, "gc-tls", true);

const struct stand_in stand_in_cldap = {
	.name = "cldap",
	.input = ping,
};
