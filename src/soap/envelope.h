/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SOAP 1.2 envelopes as CEP and CES use them: WS-Addressing headers, and a UsernameToken in a Security header.
 *
 * A token counts only where it belongs: the one UsernameToken in the one Security of the one Header.  An XML signature
 * authenticates nobody; it is not looked at.
 */
#pragma once

#include "soap/namespaces.h"
#include "soap/xml.h"

enum soap_code { SOAP_SENDER, SOAP_RECEIVER, SOAP_MUST_UNDERSTAND, SOAP_VERSION };

struct soap_fault {
	enum soap_code code;
	const char *subcode; /* "wsse:FailedAuthentication", "wst:InvalidRequest"; NULL: none */
	struct str text;     /* what an administrator reads */
	bool detail;         /* a CertificateEnrollmentWSDetail with the rest */
	uint32_t hresult;
	bool invalid_request; /* the authority refused it */
	uint64_t request_id;  /* 0: none */
};

struct soap_request {
	struct str action, message_id;
	bool has_token;
	struct str username, password;
	bool has_created, has_expires;
	int64_t created, expires; /* of wsu:Timestamp, seconds since 1970 */
	struct xml *body;         /* the one child of Body */
};

/* False with a fault.  The message id is read as far as it can be, for the fault's RelatesTo. */
bool soap_read_request(struct arena *a, struct str bytes, struct soap_request *ret, struct soap_fault *fault);

/* An answer that a client received: its body's child, or the fault in *fault (detail: it had one).  NULL with *why. */
struct xml *soap_read_answer(struct arena *a, struct str bytes, struct soap_fault *fault, bool *is_fault,
			     const char **why);

/* What stands before and after the body of an answer. */
void soap_begin_answer(struct out *o, const char *action, struct str relates_to);
void soap_end(struct out *o);

/* A request of a client; username empty: no token. */
void soap_begin_request(struct out *o, const char *action, struct str message_id, struct str to, struct str username,
			struct str password);

void soap_write_fault(struct out *o, const struct soap_fault *fault, struct str relates_to);

/* xs:dateTime (XML Schema 2, 3.2.7); without a zone it is UTC, as MS-XCEP has it.  False when it is something else. */
bool soap_time(struct str text, int64_t *ret);

/* Writes "<name>text</name>", or a nil one where text.p is NULL. */
void soap_put(struct out *o, const char *name, struct str text);
void soap_put_number(struct out *o, const char *name, uint64_t n);
void soap_put_flag(struct out *o, const char *name, bool on);
