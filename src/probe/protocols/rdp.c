/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remote Desktop: the connection request, then TLS, then CredSSP up to the NTLM challenge, which names
 * the host.  Nothing is answered to it: nobody logs on.
 */
#include "probe/probe.h"
#include "wire/ber.h"
#include "wire/ntlm.h"
#include "wire/tpkt.h"

enum { ANSWER_MAX = 1 << 14 };

struct rdp_state {
	bool confirmed;
	uint32_t protocol;
	bool named;
};

static void start(struct exchange *ex)
{
	bool weak = ex->target->weaken == WEAKEN_NLA;
	rdp_put_request(exchange_send(ex), weak ? RDP_TLS : RDP_TLS | RDP_CREDSSP | RDP_CREDSSP_EARLY);
}

/* What a server says that was offered no CredSSP. */
static void judge_nla(struct exchange *ex, const struct rdp_confirm *found)
{
	if (!found->refused)
		exchange_evidence(ex, "network-level-authentication", STR("not required"));
	else if (found->failure == RDP_CREDSSP_REQUIRED)
		exchange_evidence(ex, "network-level-authentication", STR("required"));
}

static void confirmed(struct exchange *ex, const struct rdp_confirm *found)
{
	struct rdp_state *s = ex->state;
	const char *why = rdp_failure_text(found->failure);
	s->confirmed = true;
	s->protocol = found->protocol;
	if (ex->target->weaken == WEAKEN_NLA)
		judge_nla(ex, found);
	if (found->refused) {
		exchange_done(ex, REASON_SERVICE, "Remote Desktop: %s",
			      why ? why : "the server refuses the negotiation");
	} else if (!found->negotiated || found->protocol == RDP_PLAIN) {
		exchange_advice(ex, "rdp-without-tls", ADVICE_WARNING, "Remote Desktop without TLS");
		exchange_done(ex, REASON_SERVICE, "Remote Desktop without TLS");
	} else {
		if (found->protocol == RDP_TLS)
			exchange_advice(ex, "rdp-without-nla", ADVICE_WARNING,
					"Remote Desktop does not require authentication before a session");
		exchange_tls(ex);
	}
}

static void secured(struct exchange *ex, const struct tls_peer *peer)
{
	struct rdp_state *s = ex->state;
	s->named = peer->name_matches && ex->target->name.n;
	if (s->protocol & (RDP_CREDSSP | RDP_CREDSSP_EARLY))
		credssp_put_request(exchange_send(ex));
	else
		exchange_done(ex, s->named ? REASON_PROVEN : REASON_SERVICE, "Remote Desktop with TLS");
}

static size_t credssp_input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct rdp_state *s = ex->state;
	size_t length;
	struct ntlm_names names;
	if (!ber_length(p, n, &length) || length > ANSWER_MAX) {
		exchange_done(ex, s->named ? REASON_PROVEN : REASON_SERVICE, "Remote Desktop with CredSSP");
		return n;
	}
	if (length == 0 || length > n)
		return 0;
	if (!ntlm_read_challenge((struct str){ (const char *)p, length }, &names)) {
		exchange_done(ex, s->named ? REASON_PROVEN : REASON_SERVICE,
			      "Remote Desktop with CredSSP; it names no server");
	} else {
		if (names.has_time)
			exchange_clock(ex, names.time);
		exchange_identify(ex, "Remote Desktop", str_of(names.host), str_of(names.domain));
	}
	return length;
}

static size_t input(struct exchange *ex, const uint8_t *p, size_t n)
{
	struct rdp_state *s = ex->state;
	struct rdp_confirm found;
	size_t length;
	if (s->confirmed)
		return credssp_input(ex, p, n);
	switch (rdp_read_confirm(p, n, &found, &length)) {
	case TPKT_MORE:
		return 0;
	case TPKT_NOT:
		exchange_foreign(ex, p, n);
		return n;
	case TPKT_OK:
		confirmed(ex, &found);
		return length;
	}
	return n;
}

static void closed(struct exchange *ex)
{
	const struct rdp_state *s = ex->state;
	if (s->confirmed)
		exchange_done(ex, s->named ? REASON_PROVEN : REASON_SERVICE,
			      "Remote Desktop; it closes at the first logon message");
	else
		exchange_done(ex, REASON_OTHER_SERVICE, "it closes the connection without a reply");
}

static const struct probe over_udp = {
	.name = "rdp",
	.title = "Remote Desktop",
	.best = REASON_NEEDS_LISTENER,
	.why_not = "UDP carries Remote Desktop only after a session over TCP",
};

const struct probe probe_rdp = {
	.name = "rdp",
	.title = "Remote Desktop",
	.best = REASON_PROVEN,
	.follows = "a TLS handshake, and a CredSSP request with an NTLM NEGOTIATE, whose challenge is not answered",
	.state_size = sizeof(struct rdp_state),
	.over_udp = &over_udp,
	.start = start,
	.secured = secured,
	.input = input,
	.closed = closed,
};
