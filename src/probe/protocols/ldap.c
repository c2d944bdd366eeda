/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directory services: the root DSE, which every LDAP server shows before a bind (RFC 4512 5.1), over
 * TCP and TLS, and the ping of the domain controller locator over UDP (MS-ADTS 6.3.3).
 */
#include "probe/probe.h"
#include "wire/ldap.h"

enum { MESSAGE_ID = 1, ANSWER_MAX = 1 << 15, NT_VERSION = 0x00000006 };

/* MS-ADTS 3.1.1.3.4.1: capabilities of the root DSE. */
#define CAPABILITY_AD        "1.2.840.113556.1.4.800"
#define CAPABILITY_LDS       "1.2.840.113556.1.4.1851"
#define CAPABILITY_READ_ONLY "1.2.840.113556.1.4.1920"
#define NOTICE_DISCONNECTION "1.3.6.1.4.1.1466.20036"

struct ldap_state {
	bool entry, ad, lds, read_only, catalog_ready;
	struct str host, domain, context;
};

static void start(struct exchange *ex)
{
	static const char *const attributes[] = { "defaultNamingContext",
						  "dnsHostName",
						  "ldapServiceName",
						  "supportedCapabilities",
						  "isGlobalCatalogReady",
						  "isSynchronized",
						  "domainControllerFunctionality",
						  "currentTime",
						  "vendorName",
						  NULL };
	ldap_put_root_search(exchange_send(ex), MESSAGE_ID, attributes);
}

/* "DC=contoso,DC=com" as contoso.com; empty when it has other parts. */
static struct str domain_of(struct arena *a, struct str context)
{
	char *text = arena_alloc(a, context.n + 1);
	size_t n = 0;
	struct str part;
	while (str_cut(&context, ',', &part)) {
		part = str_trim(part);
		if (!str_istarts(part, "DC="))
			return STR("");
		if (n)
			text[n++] = '.';
		part = str_skip(part, 3);
		memcpy(text + n, part.p, part.n);
		n += part.n;
	}
	return (struct str){ text, n };
}

static void read_value(struct exchange *ex, struct str name, struct str value)
{
	struct ldap_state *s = ex->state;
	int64_t time;
	if (str_iis(name, "dnsHostName")) {
		s->host = str_dup(ex->arena, value);
	} else if (str_iis(name, "defaultNamingContext")) {
		s->context = str_dup(ex->arena, str_first(value, EVIDENCE_MAX));
		s->domain = domain_of(ex->arena, s->context);
	} else if (str_iis(name, "supportedCapabilities")) {
		s->ad |= str_is(value, CAPABILITY_AD);
		s->lds |= str_is(value, CAPABILITY_LDS);
		s->read_only |= str_is(value, CAPABILITY_READ_ONLY);
	} else if (str_iis(name, "isGlobalCatalogReady")) {
		s->catalog_ready = str_iis(value, "TRUE");
	} else if (str_iis(name, "isSynchronized") && str_iis(value, "FALSE")) {
		exchange_advice(ex, "not-synchronized", ADVICE_WARNING,
				"the domain controller has not finished its first replication");
	} else if (str_iis(name, "vendorName")) {
		exchange_check_stand_in(ex, value);
	} else if (str_iis(name, "currentTime") && ber_time(value, &time)) {
		exchange_clock(ex, time);
	}
}

static void read_entry(struct exchange *ex, struct ldap_message *m)
{
	struct ldap_state *s = ex->state;
	struct cursor attributes = ldap_entry(m);
	struct ldap_attribute attribute;
	s->entry = true;
	while (ldap_attribute(&attributes, &attribute))
		for (struct str value; ldap_value(&attribute.values, &value);)
			read_value(ex, attribute.name, value);
	if (m->content.bad || attributes.bad)
		exchange_done(ex, REASON_OTHER_SERVICE, "the LDAP reply is malformed");
}

static bool is_catalog(const struct exchange *ex)
{
	return str_is(str_of(ex->probe->name), "gc") || str_is(str_of(ex->probe->name), "gc-tls");
}

static void judge(struct exchange *ex, const struct ldap_result *result)
{
	struct ldap_state *s = ex->state;
	const struct target *t = ex->target;
	if (result->code != 0) {
		exchange_evidence_number(ex, "result", (uint64_t)result->code);
		exchange_done(ex, REASON_SERVICE, "an LDAP server replies with the result code %lld",
			      (long long)result->code);
		return;
	}
	if (!s->entry) {
		exchange_done(ex, REASON_SERVICE, "an LDAP server that shows no root DSE");
		return;
	}
	exchange_evidence(ex, "directory", s->lds ? STR("AD LDS") : s->ad ? STR("Active Directory") : STR("another"));
	if (s->context.n)
		exchange_evidence(ex, "naming-context", s->context);
	if (s->read_only)
		exchange_evidence(ex, "read-only", STR("true"));
	if (t->domain_controller && (!s->ad || s->lds))
		exchange_done(ex, REASON_OTHER_IDENTITY, "an LDAP server that is not a domain controller%s",
			      s->lds ? ": AD LDS" : "");
	else if (is_catalog(ex) && s->ad && !s->catalog_ready)
		exchange_done(ex, REASON_OTHER_IDENTITY, "the domain controller is not ready as a global catalog");
	else
		exchange_identify(ex,
				  s->ad && !s->lds ? "a domain controller"
				  : s->lds         ? "AD LDS"
						   : "an LDAP server",
				  s->host, s->domain);
}

static void read_extended(struct exchange *ex, struct ldap_message *m)
{
	struct ldap_result result;
	bool notice = ldap_result(m, &result) && str_is(result.name, NOTICE_DISCONNECTION);
	exchange_done(ex, REASON_SERVICE, "an LDAP server %s",
		      notice ? "says that it disconnects" : "replies to something else");
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	size_t used = 0, length;
	while (ex->step == STEP_WAIT && used < n) {
		if (p[used] != BER_SEQUENCE || !ber_length(p + used, n - used, &length) || length > ANSWER_MAX) {
			exchange_foreign(ex, p + used, n - used);
			break;
		}
		if (length == 0 || length > n - used)
			break;
		struct cursor c = cursor_of(p + used, length);
		struct ldap_message m;
		struct ldap_result result;
		used += length;
		if (!ldap_next(&c, &m) || (m.id != MESSAGE_ID && m.id != 0))
			exchange_foreign(ex, p, n);
		else if (m.operation == LDAP_ENTRY)
			read_entry(ex, &m);
		else if (m.operation == LDAP_DONE && ldap_result(&m, &result))
			judge(ex, &result);
		else if (m.operation == LDAP_EXTENDED)
			read_extended(ex, &m);
		else if (m.operation != LDAP_REFERENCE)
			exchange_foreign(ex, p, n);
	}
	return used;
}

static void secured(struct exchange *ex, const struct tls_peer *peer)
{
	(void)peer;
	start(ex);
}

/* A domain controller without a certificate listens on its TLS ports and closes each handshake. */
static void tls_closed(struct exchange *ex)
{
	if (!ex->secure && ex->target->domain_controller)
		exchange_done(ex, REASON_OTHER_IDENTITY,
			      "the port listens, but the handshake is closed: the domain controller has no certificate "
			      "for LDAPS");
	else
		exchange_done(ex, REASON_OTHER_SERVICE, "it closes the connection %s",
			      ex->secure ? "without a reply" : "at the TLS handshake");
}

static void ping(struct exchange *ex)
{
	ldap_put_ping(exchange_send(ex), MESSAGE_ID, ex->target->domain, NT_VERSION);
}

/* What the flags say of other ports of this controller. */
static void advise(struct exchange *ex, const struct netlogon *found)
{
	if (!(found->flags & NETLOGON_ADWS))
		exchange_advice(ex, "no-adws", ADVICE_NOTE,
				"this domain controller runs no Active Directory Web Services");
	if (ex->target->global_catalog && !(found->flags & NETLOGON_GC))
		exchange_advice(ex, "no-global-catalog", ADVICE_WARNING,
				"the plan has a global catalog here; the controller says that it is none");
	if (!(found->flags & NETLOGON_TIME))
		exchange_advice(ex, "no-time-service", ADVICE_WARNING, "this domain controller offers no time service");
	if (!found->client_site[0])
		exchange_advice(ex, "no-site", ADVICE_WARNING,
				"no Active Directory site has a subnet with this machine's address; clients take any "
				"domain controller");
}

static void pinged(struct exchange *ex, struct str value)
{
	struct netlogon found;
	if (!netlogon_read(value, &found)) {
		exchange_done(ex, REASON_SERVICE, "a domain controller replies to the ping in an old form");
		return;
	}
	exchange_evidence(ex, "flags", str_printf(ex->arena, "0x%x", found.flags));
	exchange_evidence(ex, "forest", str_of(found.forest));
	exchange_evidence(ex, "server-site", str_of(found.server_site));
	exchange_evidence(ex, "client-site", str_of(found.client_site));
	advise(ex, &found);
	exchange_identify(ex, "a domain controller", str_of(found.host), str_of(found.domain));
}

/* The entry and the end of the search come in one datagram; a server of another domain sends the end alone. */
static size_t ping_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct cursor c = cursor_of(p, n);
	struct ldap_message m;
	struct str netlogon = NO_STR, vendor;
	bool done = false;
	while (!done && ldap_next(&c, &m)) {
		struct cursor attributes = m.operation == LDAP_ENTRY ? ldap_entry(&m) : (struct cursor){ 0 };
		struct ldap_attribute attribute;
		while (ldap_attribute(&attributes, &attribute))
			if (str_iis(attribute.name, "Netlogon"))
				ldap_value(&attribute.values, &netlogon);
			else if (str_iis(attribute.name, "vendorName") && ldap_value(&attribute.values, &vendor))
				exchange_check_stand_in(ex, vendor);
		done = m.operation == LDAP_DONE;
	}
	if (!done)
		exchange_foreign(ex, p, n);
	else if (netlogon.p)
		pinged(ex, netlogon);
	else
		exchange_done(ex, REASON_OTHER_IDENTITY, "an LDAP server that is not a domain controller of %.*s",
			      STR_ARG(ex->target->domain.n ? ex->target->domain : STR("any domain")));
	return n;
}

const struct probe probe_cldap = {
	.name = "cldap",
	.title = "the LDAP ping",
	.best = REASON_PROVEN,
	.start = ping,
	.input = ping_input,
};

const struct probe probe_ldap = {
	.name = "ldap",
	.title = "LDAP",
	.best = REASON_PROVEN,
	.state_size = sizeof(struct ldap_state),
	.over_udp = &probe_cldap,
	.start = start,
	.input = input,
};

const struct probe probe_gc = {
	.name = "gc",
	.title = "LDAP",
	.best = REASON_PROVEN,
	.state_size = sizeof(struct ldap_state),
	.start = start,
	.input = input,
};

extern const struct probe probe_no_udp;

const struct probe probe_ldaps = {
	.name = "ldaps",
	.title = "LDAP over TLS",
	.best = REASON_PROVEN,
	.state_size = sizeof(struct ldap_state),
	.over_udp = &probe_no_udp,
	.tls_first = true,
	.secured = secured,
	.input = input,
	.closed = tls_closed,
};

const struct probe probe_gc_tls = {
	.name = "gc-tls",
	.title = "LDAP over TLS",
	.best = REASON_PROVEN,
	.state_size = sizeof(struct ldap_state),
	.tls_first = true,
	.secured = secured,
	.input = input,
	.closed = tls_closed,
};
