/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codecs by themselves: HTTP heads and bodies in both directions, DNS messages, DCE/RPC PDUs and stubs,
 * NTLM challenges.  The first byte chooses one.
 */
#include "fuzz.h"

#include "wire/dns.h"
#include "wire/http.h"
#include "wire/kerberos.h"
#include "wire/ldap.h"
#include "wire/ntlm.h"
#include "wire/rpc.h"

/* A body is the same, in one piece or byte by byte. */
static void read_http(struct str text, enum http_kind kind, bool to_head)
{
	struct http_head head;
	size_t length;
	if (http_read_head(kind, to_head, text, &head, &length) != HTTP_OK)
		return;
	struct http_body whole = http_body_of(&head), bytes = whole;
	struct str rest = str_skip(text, length), piece;
	size_t a = 0, b = 0, n;
	for (struct str left = rest; (n = http_read_body(&whole, left, &piece)) > 0; left = str_skip(left, n))
		a += piece.n;
	for (size_t come = 0, at = 0; come < rest.n && !bytes.done && !bytes.error;) {
		come++;
		while ((n = http_read_body(&bytes, (struct str){ rest.p + at, come - at }, &piece)) > 0) {
			at += n;
			b += piece.n;
		}
	}
	if (!whole.error && !bytes.error && (a != b || whole.done != bytes.done))
		abort();
}

static void read_dns(struct str text)
{
	struct dns_message m;
	struct dns_record r;
	if (dns_open(text, &m))
		for (unsigned i = 0; i < DNS_RECORDS_MAX && dns_next(&m, &r);)
			i++;
}

static void read_rpc(struct str text)
{
	struct rpc_pdu pdu;
	struct rpc_bind_ack ack;
	struct rpc_endpoint endpoints[8];
	struct rpc_string_binding bindings[8];
	struct rpc_syntax syntaxes[8];
	uint8_t handle[RPC_HANDLE];
	size_t length, n;
	uint32_t status;
	if (rpc_parse((const uint8_t *)text.p, text.n, &pdu, &length) == RPC_OK)
		rpc_read_bind_ack(&pdu, &ack);
	struct cursor stub = cursor_of(text.p, text.n);
	rpc_read_map(stub, endpoints, 8, &n, &status);
	rpc_read_lookup(stub, handle, endpoints, 8, &n, &status);
	rpc_read_inquiry(stub, syntaxes, 8, &n, &status);
	rpc_read_alive(stub, bindings, 8, &n);
}

static void read_tokens(struct str text)
{
	static char decoded[1 << 14];
	struct ntlm_names names;
	struct netlogon netlogon;
	struct kerberos_error error;
	struct str bytes;
	ntlm_read_challenge(text, &names);
	netlogon_read(text, &netlogon);
	kerberos_read_error(text, &error);
	kerberos_salt(text);
	if (get_base64(text, decoded, sizeof decoded, &bytes)) {
		uint8_t again[1 << 15];
		struct buffer to = buffer_over(again, sizeof again);
		put_base64(&to, bytes);
		if (buffer_view(&to).n != text.n)
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct str text = { (const char *)data + 1, size - 1 };
	switch (data[0] % 6) {
	case 0:
		read_http(text, HTTP_REQUEST, false);
		break;
	case 1:
		read_http(text, HTTP_REPLY, false);
		break;
	case 2:
		read_http(text, HTTP_REPLY, true);
		break;
	case 3:
		read_dns(text);
		break;
	case 4:
		read_rpc(text);
		break;
	default:
		read_tokens(text);
		break;
	}
	return 0;
}
