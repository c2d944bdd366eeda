/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SMB up to the NTLM challenge, with the planned names; the logon that follows is refused.  The NetBIOS
 * session and name services.
 */
#include "listen/stand-in.h"
#include "wire/ntlm.h"
#include "wire/smb.h"

enum { NOT_SUPPORTED = 0xc00000bb, LOGON_FAILURE = 0xc000006d, MORE_PROCESSING = 0xc0000016 };
static const char guid[16] = STAND_IN; /* 15 letters and a NUL */

struct smb_state {
	bool session; /* the NetBIOS session is up */
};

static void copy_name(char to[NTLM_NAME_MAX], struct str name)
{
	size_t n = MIN(name.n, (size_t)NTLM_NAME_MAX - 1);
	memcpy(to, name.p ? name.p : "", n);
	to[n] = '\0';
}

static void challenge(struct session *s, const struct smb_reply *request)
{
	const struct planned *p = s->planned;
	uint8_t bytes[SESSION_SEND_MAX / 2];
	struct buffer token = buffer_over(bytes, sizeof bytes);
	struct ntlm_names *names = ARENA_NEW(s->arena, struct ntlm_names);
	copy_name(names->host, p->name);
	copy_name(names->domain, p->domain);
	copy_name(names->forest, p->forest.n ? p->forest : p->domain);
	copy_name(names->netbios_host, planned_label(s->arena, planned_name(p)));
	copy_name(names->netbios_domain, planned_label(s->arena, p->domain));
	names->time = s->now;
	ntlm_put_spnego_challenge(&token, names, s->random);
	smb_put_setup_reply(session_send(s), request->id, MORE_PROCESSING, buffer_view(&token));
	s->heard = "a session setup";
}

static void reply(struct session *s, const struct smb_reply *request)
{
	struct str token;
	uint16_t dialect = request->command == SMB_NEGOTIATE ? smb_read_offer(request) : 0;
	if (request->command == SMB_NEGOTIATE && dialect) {
		s->heard = "a negotiation";
		smb_put_negotiate_reply(session_send(s), request->id, dialect, guid, filetime_of(s->now));
	} else if (request->command == SMB_SESSION_SETUP && smb_read_setup_request(request, &token)) {
		if (ntlm_message_type(token) == 1) {
			challenge(s, request);
		} else {
			s->heard = "a logon, which is refused";
			smb_put_setup_reply(session_send(s), request->id, LOGON_FAILURE, STR(""));
		}
	} else {
		session_foreign(s);
	}
}

static size_t input(struct session *s, const uint8_t *p, size_t n)
{
	struct smb_reply request;
	size_t length = n;
	switch (smb_parse(p, n, &request, &length)) {
	case SMB_MORE:
		return 0;
	case SMB_OK:
		reply(s, &request);
		return length;
	default:
		session_foreign(s);
		return n;
	}
}

static size_t session_input(struct session *s, const uint8_t *p, size_t n)
{
	struct smb_state *state = s->state;
	if (state->session)
		return input(s, p, n);
	if (n < NETBIOS_SESSION_REQUEST && *p == 0x81)
		return 0;
	if (!netbios_is_session_request(p, n)) {
		session_foreign(s);
		return n;
	}
	state->session = true;
	put_be32(session_send(s), 0x82000000);
	s->heard = "a NetBIOS session request";
	return NETBIOS_SESSION_REQUEST;
}

static void set_name(struct netbios_name *to, struct str name, uint8_t type, bool group)
{
	*to = (struct netbios_name){ .type = type, .group = group };
	memcpy(to->name, name.p, MIN(name.n, sizeof to->name - 1));
}

static size_t status_input(struct session *s, const uint8_t *p, size_t n)
{
	uint16_t id;
	struct netbios_name names[4];
	size_t count = 0;
	if (!netbios_read_status_query((struct str){ (const char *)p, n }, &id)) {
		session_foreign(s);
		return n;
	}
	/* At most three names, so that the reply stays within three times the request. */
	set_name(&names[count++], planned_label(s->arena, planned_name(s->planned)), 0x20, false);
	set_name(&names[count++], STR(STAND_IN_NAME), 0x00, true);
	netbios_put_status_reply(session_send(s), id, names, count);
	s->heard = "a node status query";
	return n;
}

const struct stand_in stand_in_smb = {
	.name = "smb",
	.input = input,
};

const struct stand_in stand_in_smb_over_netbios = {
	.name = "smb-over-netbios",
	.state_size = sizeof(struct smb_state),
	.input = session_input,
};

const struct stand_in stand_in_netbios_ns = {
	.name = "netbios-ns",
	.input = status_input,
};
