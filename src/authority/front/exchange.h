/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request and its answer, as a protocol sees them.
 *
 * A protocol is one file and one line of front/table.h.  It turns what came into a question to the clerk, which is the same
 * for all protocols, and the clerk's answer into its own.
 */
#pragma once

#include "authority/config.h"
#include "authority/messages.h"

struct web_request {
	struct str method, path,
		query;   /* path: percent-decoded, without the instance's own path at its start in `rest` */
	struct str rest; /* after the instance's path: "/simpleenroll" */
	struct str type; /* of the content, without parameters */
	struct str body;
	struct identity who;                    /* the certificate, if TLS has one; a password, if HTTP Basic has one */
	const struct instance_config *instance; /* NULL: of a plain listener */
	const struct authority_config *config;
};

struct exchange;
struct front_counts;

/* What the connection does for a protocol. */
struct exchange_calls {
	void (*ask)(struct exchange *ex, enum message_type type, const void *message);
	void (*answer)(struct exchange *ex, unsigned status, const char *type, struct str body);
	bool (*answer_crl)(struct exchange *ex, size_t key, const char *type);
	void (*field)(struct exchange *ex, const char *name, struct str value);
	void (*note)(struct exchange *ex, struct str text);
};

struct exchange {
	const struct exchange_calls *calls;
	struct arena *arena;
	struct web_request request;
	void *own;                         /* of the protocol */
	struct str relates_to;             /* SOAP: the message id */
	const struct front_counts *counts; /* of the front, for metrics */
};

struct web_protocol {
	const char *name;
	size_t longest_body;
	bool (*wants_certificate)(const struct web_request *r); /* by-path: is one to be asked for? */
	void (*ask)(struct exchange *ex);
	void (*told)(struct exchange *ex, enum message_type type, const void *message);
};

extern const struct web_protocol web_cep, web_ces, web_est, web_publish, web_kerberos, web_metrics;

/* Sends a question to the clerk; told() is called with its answer.  Or answers at once; one of both, once. */
void exchange_ask(struct exchange *ex, enum message_type type, const void *message);
void exchange_answer(struct exchange *ex, unsigned status, const char *type, struct str body);

/* Answers with the list of revoked certificates of a key of the authority, of which all readers share one copy.  False: there is none yet. */
bool exchange_answer_crl(struct exchange *ex, size_t key, const char *type);

/* A further field of the head, before the answer. */
void exchange_field(struct exchange *ex, const char *name, struct str value);

/* What the log says of it, beside its status. */
void exchange_note(struct exchange *ex, const char *fmt, ...) PRINTF(2, 3);
