/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DHCP messages in BOOTP's frame (RFC 2131 2, RFC 2132), and the operations of TFTP (RFC 1350 5), of which probes and
 * stand-ins say one packet each.
 */
#pragma once

#include "wire/bytes.h"

enum tftp_operation { TFTP_READ = 1, TFTP_DATA = 3, TFTP_ERROR = 5, TFTP_OPTIONS = 6 };

enum bootp_operation { BOOTP_REQUEST = 1, BOOTP_REPLY = 2 };
enum { BOOTP_MAGIC = 0x63825363, BOOTP_HEAD = 236, BOOTP_PACKET = 300 };

enum dhcp_type { DHCP_OFFER = 2, DHCP_REQUEST = 3, DHCP_ACK = 5, DHCP_INFORM = 8 };

enum dhcp_option {
	OPTION_PAD = 0,
	OPTION_TYPE = 53,
	OPTION_SERVER = 54,
	OPTION_PARAMETERS = 55,
	OPTION_MESSAGE = 56,
	OPTION_CLASS = 60,
	OPTION_CLIENT_SYSTEM = 93,
	OPTION_CLIENT_INTERFACE = 94,
	OPTION_CLIENT_MACHINE = 97,
	OPTION_END = 255,
};

struct bootp {
	uint8_t operation, type; /* type 0: none */
	uint32_t transaction;
	uint32_t server; /* IPv4; 0: none is named */
	struct str class, message;
};

/* False when it is malformed, or its options have no end. */
bool bootp_read(struct str datagram, struct bootp *ret);

/* After the options: their end, and padding up to what old relays pass. */
void bootp_end(struct buffer *to);
