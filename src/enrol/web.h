/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP of the enrolment client: one request, one answer, over libcurl.  Nothing is followed, nothing is kept. */
#pragma once

#include "base/diag.h"

enum web_trouble {
	WEB_WELL,
	WEB_NAME,    /* the host's name has no address */
	WEB_CONNECT, /* no connection */
	WEB_TLS,     /* TLS, or the server's certificate */
	WEB_TIME,    /* no answer in time */
	WEB_OTHER,
};

struct web;

/* What a request shows: trusted authorities (a file; NULL: the system's), and a certificate with its key, PEM. */
struct web_identity {
	const char *trusted;
	struct str certificate, key;
	bool plain; /* http:// may be asked: what is published is signed */
};

struct web_answer {
	unsigned status;
	struct str body;
	enum web_trouble trouble;
	struct str why;         /* in words; of a trouble */
	int64_t date;           /* of the server's clock, seconds since 1970; 0: not said */
	struct str certificate; /* the server's, DER; empty: none, or not asked for */
};

/* NULL after an error in d. */
struct web *web_open(struct arena *a, struct diag *d);

/* POST when type is given, else GET.  The server's certificate comes with an answer to GET. */
struct web_answer web_ask(struct web *w, struct arena *a, const struct web_identity *identity, struct str url,
			  const char *type, struct str body);
