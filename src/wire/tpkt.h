/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first exchange of Remote Desktop: X.224 connection request and confirm in a TPKT
 * (RFC 1006 6; MS-RDPBCGR 2.2.1.1, 2.2.1.2), and the CredSSP request that brings an
 * NTLM challenge (MS-CSSP 2.2.1).
 */
#pragma once

#include "wire/bytes.h"

enum rdp_protocol { RDP_PLAIN = 0, RDP_TLS = 1, RDP_CREDSSP = 2, RDP_CREDSSP_EARLY = 8 };

void rdp_put_request(struct buffer *to, uint32_t protocols);

enum rdp_failure { RDP_CREDSSP_REQUIRED = 5 }; /* MS-RDPBCGR 2.2.1.2.2 */

struct rdp_confirm {
	bool negotiated; /* the server knows the negotiation at all */
	bool refused;
	uint32_t protocol; /* the selected one */
	uint32_t failure;
};

enum tpkt_parse { TPKT_MORE, TPKT_OK, TPKT_NOT };
enum tpkt_parse rdp_read_confirm(const uint8_t *p, size_t n, struct rdp_confirm *ret, size_t *length);

/* "the server requires TLS"; NULL for codes without a text here. */
const char *rdp_failure_text(uint32_t failure);

/* TSRequest with an NTLM NEGOTIATE; the reply is one BER element, which holds the challenge. */
void credssp_put_request(struct buffer *to);

/* The server's half: the protocols that a request offers, 0 when it negotiates none; and the confirm. */
enum tpkt_parse rdp_read_request(const uint8_t *p, size_t n, uint32_t *protocols, size_t *length);
void rdp_put_confirm(struct buffer *to, uint32_t protocol);
