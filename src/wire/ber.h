/* SPDX-License-Identifier: Apache-2.0 */
/*
 * BER, as LDAP (RFC 4511 5.1) and Kerberos (RFC 4120 5) use it: tags of one byte, definite
 * lengths.  Lengths may have leading zeros, which Windows sends; more than four bytes of length are malformed.
 * What is written is DER.
 */
#pragma once

#include "wire/bytes.h"

enum ber_tag {
	BER_BOOLEAN = 0x01,
	BER_INTEGER = 0x02,
	BER_BIT_STRING = 0x03,
	BER_OCTET_STRING = 0x04,
	BER_OID = 0x06,
	BER_ENUMERATED = 0x0a,
	BER_GENERALIZED_TIME = 0x18,
	BER_GENERAL_STRING = 0x1b,
	BER_SEQUENCE = 0x30,
	BER_SET = 0x31,
};

/* [n] constructed, [n] primitive, [APPLICATION n] constructed. */
#define BER_CONTEXT(n)     (0xa0 | (n))
#define BER_PRIMITIVE(n)   (0x80 | (n))
#define BER_APPLICATION(n) (0x60 | (n))

/* The next element.  False at the end and when it is malformed, which c->bad distinguishes. */
bool ber_next(struct cursor *c, uint8_t *tag, struct cursor *content);

/* The content of the next element, which must have this tag; bad otherwise. */
struct cursor ber_get(struct cursor *c, uint8_t tag);

/* The content of the element when it comes next; false, and nothing read, when another one does. */
bool ber_take(struct cursor *c, uint8_t tag, struct cursor *content);

/* The next element as an integer of at most eight bytes, or as the bytes of a string. */
int64_t ber_get_integer(struct cursor *c, uint8_t tag);
struct str ber_get_string(struct cursor *c, uint8_t tag);

/* What an element without inner structure holds. */
int64_t ber_integer(struct cursor *content);
struct str ber_rest(struct cursor *content);

/* "20261130123456Z" as milliseconds since 1970; false when it is not a time in UTC. */
bool ber_time(struct str text, int64_t *ret);

/* The opposite; a NUL follows.  Years 1970 to 9999. */
void ber_time_text(int64_t milliseconds, char ret[16]);

/*
 * True when the bytes begin an element, and how long it is with tag and length; *ret is 0
 * when too few bytes have come to know.
 */
bool ber_length(const uint8_t *p, size_t n, size_t *ret);

/* Begins an element and ends it; the length is written by ber_end(). */
size_t ber_begin(struct buffer *to, uint8_t tag);
void ber_end(struct buffer *to, size_t place);

void ber_put_integer(struct buffer *to, uint8_t tag, int64_t value);
void ber_put_string(struct buffer *to, uint8_t tag, struct str s);
