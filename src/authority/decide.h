/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One internal request, one decision, for every protocol: MS-WCCE 3.2.2.6.2, MS-WSTEP 3.1, and what an authority without a
 * directory has to add.
 */
#pragma once

#include "authority/config.h"
#include "authority/store.h"
#include "authority/template.h"
#include "pki/hresult.h"

/* What decisions need to know. */
struct decider {
	const struct authority_config *config;
	const struct templates *templates;
	struct store *store;
	int64_t authority_ends; /* the end of the authority's own certificate */
};

/* Who asks, once that was proved. */
struct asker {
	struct account account; /* its name is empty when there is none: a certificate of an account that was removed */
	bool by_certificate;
	struct certificate_row tls; /* by_certificate: the certificate of TLS, byte-equal to the store's */
};

struct decision {
	enum enrol_outcome outcome; /* ENROL_ISSUED: it is to be signed; ENROL_PENDING: an operator decides */
	enum hresult code;
	const char *reason; /* for the audit and the log, never for the client; a constant */
	const struct template *t;
	bool renewal;
	struct str account;         /* that the certificate will belong to */
	struct str lineage;         /* of a renewal */
	struct ask_certificate ask; /* without a serial */
};

void decide(const struct decider *by, struct arena *a, const struct asker *who, const struct ask_enrol *asked,
	    int64_t now, struct decision *ret);

/* The account may do what the list says: by name, by group, or because everybody may. */
bool account_in(const struct account *account, const struct names *list);

/* What a client is told, which is less than the reason. */
struct str refusal_text(enum hresult code);
