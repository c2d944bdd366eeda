/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMB over TCP 445 and over a NetBIOS session, and the NetBIOS name and datagram services.  The
 * server's names come from its NTLM challenge; nothing is answered to it, so nobody logs on.
 */
#include "probe/probe.h"
#include "wire/ldap.h"
#include "wire/ntlm.h"
#include "wire/smb.h"

enum { MORE_PROCESSING = 0xc0000016, NAMES_MAX = 64, TYPE_CONTROLLERS = 0x1c, TYPE_SERVER = 0x20 };

struct smb_state {
	bool session; /* a NetBIOS session request is out */
	bool setup;   /* SESSION_SETUP is out */
	uint16_t dialect;
};

static void start(struct exchange *ex)
{
	smb_put_negotiate(exchange_send(ex), ex->random);
}

static void start_session(struct exchange *ex)
{
	struct smb_state *s = ex->state;
	s->session = true;
	netbios_put_session(exchange_send(ex));
}

static void serves(struct exchange *ex, const char *why)
{
	const struct smb_state *s = ex->state;
	exchange_done(ex, REASON_SERVICE, "SMB %x.%x.%x; it names no server%s", s->dialect >> 8, s->dialect >> 4 & 15,
		      s->dialect & 15, why);
}

static void negotiated(struct exchange *ex, const struct smb_reply *r)
{
	struct smb_state *s = ex->state;
	struct smb_negotiated found;
	if (r->status != 0) {
		exchange_evidence(ex, "status", str_printf(ex->arena, "0x%08x", r->status));
		exchange_done(ex, REASON_SERVICE, "an SMB server that accepts none of the dialects 2.0.2 to 3.1.1");
		return;
	}
	if (!smb_read_negotiate(r, &found)) {
		exchange_done(ex, REASON_OTHER_SERVICE, "the SMB reply is malformed");
		return;
	}
	exchange_check_stand_in(ex, found.guid);
	s->dialect = found.dialect;
	exchange_evidence(
		ex, "dialect",
		str_printf(ex->arena, "%x.%x.%x", found.dialect >> 8, found.dialect >> 4 & 15, found.dialect & 15));
	exchange_evidence(ex, "signing",
			  found.security_mode & SMB_SIGNING_REQUIRED ? STR("required") : STR("not required"));
	if (!(found.security_mode & SMB_SIGNING_REQUIRED))
		exchange_advice(ex, "smb-signing-not-required", ADVICE_WARNING,
				"the server does not require SMB signing");
	if (found.time)
		exchange_clock(ex, filetime_ms(found.time));
	s->setup = true;
	smb_put_session_setup(exchange_send(ex));
}

static void challenged(struct exchange *ex, const struct smb_reply *r)
{
	struct str token;
	struct ntlm_names names;
	if (r->status != MORE_PROCESSING || !smb_read_session_setup(r, &token) || !ntlm_read_challenge(token, &names)) {
		serves(ex, ", because it does not offer NTLM");
		return;
	}
	exchange_identify(ex, "SMB", str_of(names.host), str_of(names.domain));
}

static size_t session_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct smb_state *s = ex->state;
	if (n < 4)
		return 0;
	s->session = false;
	if (p[0] == 0x82)
		start(ex);
	else if (p[0] == 0x83)
		exchange_done(ex, REASON_SERVICE, "a NetBIOS session service that has no server of this name");
	else
		exchange_foreign(ex, p, n);
	return 4;
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct smb_state *s = ex->state;
	struct smb_reply r;
	size_t length = n;
	if (s->session)
		return session_input(ex, p, n);
	switch (smb_parse(p, n, &r, &length)) {
	case SMB_MORE:
		return 0;
	case SMB_NOT:
		exchange_foreign(ex, p, n);
		break;
	case SMB_ONE:
		exchange_done(ex, REASON_SERVICE, "a server that speaks only SMB 1");
		break;
	case SMB_SESSION_REFUSED:
		exchange_done(ex, REASON_SERVICE, "a NetBIOS session service refuses the session");
		break;
	case SMB_OK:
		if (s->setup && r.command == SMB_SESSION_SETUP)
			challenged(ex, &r);
		else if (!s->setup && r.command == SMB_NEGOTIATE)
			negotiated(ex, &r);
		else
			exchange_foreign(ex, p, n);
		break;
	}
	return length;
}

static void closed(struct exchange *ex)
{
	const struct smb_state *s = ex->state;
	if (s->setup)
		serves(ex, ", because it closes at a session setup");
	else
		exchange_done(ex, REASON_OTHER_SERVICE,
			      "it closes the connection at an SMB 2 negotiation; a server of SMB 1 alone does so too");
}

static void start_status(struct exchange *ex)
{
	netbios_put_status(exchange_send(ex), (uint16_t)(ex->random[0] << 8 | ex->random[1]));
}

static size_t status_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct netbios_name names[NAMES_MAX];
	size_t count;
	struct str host = STR("");
	if (!netbios_read_status((struct str){ (const char *)p, n }, (uint16_t)(ex->random[0] << 8 | ex->random[1]),
				 names, NAMES_MAX, &count)) {
		exchange_foreign(ex, p, n);
		return n;
	}
	for (size_t i = 0; i < count; i++) {
		struct str name = str_of(names[i].name);
		exchange_check_stand_in(ex, name);
		if (!names[i].group && (names[i].type == TYPE_SERVER || (names[i].type == 0 && !host.n)))
			host = str_dup(ex->arena, name);
		if (names[i].group && names[i].type == TYPE_CONTROLLERS)
			exchange_evidence(ex, "controllers-of", name);
	}
	/* A NetBIOS name has 15 characters: a longer planned one is compared up to there. */
	const struct target *t = ex->target;
	struct str planned = t->name, label;
	if (str_cut(&planned, '.', &label) && label.n > 15 && str_ieq(str_first(label, 15), host))
		exchange_done(ex, REASON_PROVEN, "the NetBIOS name service of %.*s", STR_ARG(host));
	else if (label.n && host.n && !str_ieq(label, host))
		exchange_identify(ex, "a NetBIOS name service", host, STR(""));
	else if (label.n && host.n)
		exchange_done(ex, REASON_PROVEN, "the NetBIOS name service of %.*s", STR_ARG(host));
	else
		exchange_done(ex, REASON_SERVICE, "a NetBIOS name service");
	return n;
}

extern const struct probe probe_no_udp;

const struct probe probe_smb = {
	.name = "smb",
	.title = "SMB",
	.best = REASON_PROVEN,
	.follows = "a session setup with an NTLM NEGOTIATE, whose challenge is not answered",
	.state_size = sizeof(struct smb_state),
	.over_udp = &probe_no_udp,
	.start = start,
	.input = input,
	.closed = closed,
};

const struct probe probe_smb_over_netbios = {
	.name = "smb-over-netbios",
	.title = "SMB over NetBIOS",
	.best = REASON_PROVEN,
	.follows = "a session setup with an NTLM NEGOTIATE, whose challenge is not answered",
	.state_size = sizeof(struct smb_state),
	.start = start_session,
	.input = input,
	.closed = closed,
};

const struct probe probe_netbios_ns = {
	.name = "netbios-ns",
	.title = "the NetBIOS name service",
	.best = REASON_PROVEN,
	.start = start_status,
	.input = status_input,
};
