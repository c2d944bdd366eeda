/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DNS messages (RFC 1035, RFC 2782 for SRV) and names with compression pointers, which the
 * Netlogon response of a domain controller uses too (MS-ADTS 6.3.1).
 */
#pragma once

#include "wire/bytes.h"

enum {
	DNS_NAME_MAX = 255,    /* bytes of a name as text, without the final dot (RFC 1035 2.3.4: 255 on the wire) */
	DNS_JUMPS_MAX = 64,    /* pointers followed in one name */
	DNS_RECORDS_MAX = 256, /* records read of one message */
};

enum dns_type { DNS_A = 1, DNS_SOA = 6, DNS_PTR = 12, DNS_TXT = 16, DNS_AAAA = 28, DNS_SRV = 33 };

enum dns_rcode { DNS_NOERROR, DNS_FORMERR, DNS_SERVFAIL, DNS_NXDOMAIN, DNS_NOTIMP, DNS_REFUSED };

/*
 * Reads a name at the cursor, whose pointers are offsets into the whole message; a pointer
 * never leads forwards.  The text goes to buf, dots between labels, "" for the root; a dot or
 * backslash inside a label is written \. or \\.  Returns its length; the cursor is bad after a mistake.
 */
size_t dns_get_name(struct cursor *c, struct str message, char buf[DNS_NAME_MAX + 1]);

/* Writes a name without compression.  Labels over 63 bytes, empty labels and names over 255 bytes make the buffer full. */
void dns_put_name(struct buffer *to, struct str name);

/* A query with recursion desired. */
void dns_put_query(struct buffer *to, uint16_t id, struct str name, enum dns_type type);

struct dns_record {
	char name[DNS_NAME_MAX + 1];
	uint16_t type, class;
	uint32_t ttl;
	struct cursor data;
	/* SRV, PTR: where it points; other types: empty */
	char target[DNS_NAME_MAX + 1];
	uint16_t priority, weight, port; /* SRV */
};

struct dns_message {
	struct str bytes;
	uint16_t id, flags;
	bool response, authoritative, truncated;
	unsigned rcode;
	char question[DNS_NAME_MAX + 1]; /* of the first question; "" when there is none */
	uint16_t question_type;
	uint16_t n_answers, n_authority, n_additional;
	struct cursor rest;
};

/* Reads the header and the questions.  False when they are malformed. */
bool dns_open(struct str bytes, struct dns_message *ret);

/* The next record of the answers, then authority, then additional.  False at the end, and when it is malformed (m->rest.bad). */
bool dns_next(struct dns_message *m, struct dns_record *ret);

/* The head of a reply: the question is repeated, and the counts say what follows it. */
void dns_put_reply(struct buffer *to, const struct dns_message *query, struct str question, enum dns_rcode rcode,
		   unsigned answers, unsigned additional);

/* A record of the question's name (name.p == NULL) or another one: SRV, TXT. */
void dns_put_srv(struct buffer *to, struct str name, struct str target, uint16_t port);
void dns_put_txt(struct buffer *to, struct str name, struct str text);

/* "NXDOMAIN"; NULL for codes without a name here. */
const char *dns_rcode_name(unsigned rcode);
