/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LDAP messages that need no bind: a search of the root DSE (RFC 4512 5.1), the CLDAP ping of the
 * domain controller locator (MS-ADTS 6.3.3), and the replies to both (RFC 4511 4.5.2).
 */
#pragma once

#include "wire/ber.h"
#include "wire/dns.h"

enum { LDAP_ENTRY = 0x64, LDAP_DONE = 0x65, LDAP_REFERENCE = 0x73, LDAP_EXTENDED = 0x78 };

/* A search of the root DSE for attributes, a list that ends with NULL. */
void ldap_put_root_search(struct buffer *to, int id, const char *const *attributes);

/*
 * The ping: a search for Netlogon with a filter on the DNS domain (left out when it is empty)
 * and NtVer, which says what the reply is to hold.
 */
void ldap_put_ping(struct buffer *to, int id, struct str domain, uint32_t nt_version);

struct ldap_message {
	int64_t id;
	uint8_t operation;
	struct cursor content;
};

/* The next message of a stream or datagram.  False at the end and when it is malformed (c->bad). */
bool ldap_next(struct cursor *c, struct ldap_message *ret);

/* A search of the root DSE, or a ping: what a client asks. */
struct ldap_search {
	struct str base;
	int64_t scope;
	bool ping;         /* the filter asks for NtVer */
	struct str domain; /* the ping's DnsDomain; empty: none */
};
enum { LDAP_SEARCH_REQUEST = 0x63, LDAP_BIND_REQUEST = 0x60, LDAP_UNBIND_REQUEST = 0x42, LDAP_BIND_RESPONSE = 0x61 };
bool ldap_read_search(struct ldap_message *m, struct ldap_search *ret);

/* Replies: an entry begins with its name, has attributes of one value, and ends; then a result. */
struct ldap_entry_place {
	size_t message, operation, list;
};
struct ldap_entry_place ldap_begin_entry(struct buffer *to, int64_t id, struct str name);
void ldap_put_attribute(struct buffer *to, const char *name, struct str value);
void ldap_end_entry(struct buffer *to, struct ldap_entry_place place);
void ldap_put_result(struct buffer *to, int64_t id, uint8_t operation, int code, struct str text);

struct ldap_attribute {
	struct str name;
	struct cursor values;
};

/* The attributes of an entry, from ldap_entry(); the values of one by ldap_value(). */
struct cursor ldap_entry(struct ldap_message *m);
bool ldap_attribute(struct cursor *attributes, struct ldap_attribute *ret);
bool ldap_value(struct cursor *values, struct str *ret);

/* Of LDAP_DONE and LDAP_EXTENDED: code, message, and the name of an extended response ("" when there is none). */
struct ldap_result {
	int64_t code;
	struct str message, name;
};
bool ldap_result(struct ldap_message *m, struct ldap_result *ret);

/* The Netlogon attribute: NETLOGON_SAM_LOGON_RESPONSE_EX (MS-ADTS 6.3.1.9). */
enum netlogon_flag {
	NETLOGON_PDC = 0x1,
	NETLOGON_GC = 0x4,
	NETLOGON_LDAP = 0x8,
	NETLOGON_KDC = 0x20,
	NETLOGON_TIME = 0x40,
	NETLOGON_WRITABLE = 0x100,
	NETLOGON_ADWS = 0x2000,
};

struct netlogon {
	uint16_t opcode; /* 23, or 25 for an unknown user */
	uint32_t flags;
	char forest[DNS_NAME_MAX + 1], domain[DNS_NAME_MAX + 1], host[DNS_NAME_MAX + 1];
	char netbios_domain[DNS_NAME_MAX + 1], netbios_host[DNS_NAME_MAX + 1];
	char server_site[DNS_NAME_MAX + 1], client_site[DNS_NAME_MAX + 1];
};

/* The extended form. */
void netlogon_put(struct buffer *to, const struct netlogon *n);

/* False when it is malformed, or another form than the extended one. */
bool netlogon_read(struct str value, struct netlogon *ret);
