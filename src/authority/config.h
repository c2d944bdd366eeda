/* SPDX-License-Identifier: Apache-2.0 */
/*
 * authority.yaml: one authority, its listeners, and the instances of the services on them.
 *
 * Everything else lies beside it in the same folder: templates/, ca.pem and ca.key (or a token), the store, the audit log.
 */
#pragma once

#include "doc/fields.h"
#include "net/addr.h"

enum listener_asks { ASKS_NEVER, ASKS_FIRST, ASKS_BY_PATH, N_ASKS };
enum instance_protocol { INSTANCE_CEP, INSTANCE_CES, INSTANCE_EST, N_INSTANCES };
enum instance_login { LOGIN_PASSWORD, LOGIN_CERTIFICATE, LOGIN_EITHER, N_LOGINS };

struct listener_config {
	struct name name;
	struct name address; /* default: all */
	struct number port;
	struct flag plain;   /* HTTP that serves only CRL, AIA and OCSP; of metrics too, once it is read */
	struct flag metrics; /* HTTP that serves only /metrics, on a loopback address */
	struct number asks;  /* enum listener_asks; default by-path */
	struct number tls_least, tls_most; /* choices 1.2 1.3; default 1.2, and 1.2 with by-path, else 1.3 */
	struct loc at;
};

/* A CEP, CES or EST under a path of every listener it names. */
struct instance_config {
	struct number protocol, login;
	struct flag key_based_renewal; /* CEP: only templates set for it; CES: allows it */
	struct flag renewal_only;      /* CES */
	struct number priority;        /* CES: lower is tried first */
	struct name path;              /* default: as AD CS names it */
	struct name fallback;          /* the template of requests that name none */
	struct name policy;            /* another policy id than the authority's: refused */
	struct names listeners;        /* default: all that are not plain */
	struct name url;               /* public; derived from the authority's host and the listener's port */
	struct loc at;
};

struct authority_config {
	struct name name;   /* of the authority: [A-Za-z0-9-] */
	struct name host;   /* public DNS name */
	struct name policy; /* {GUID} */
	struct name display;
	struct name key; /* a file beside it, or a pkcs11: URI */
	struct name key_password_file;
	struct number next_update_hours; /* 8 */
	struct number crl_days, crl_overlap_hours;
	struct number skew;                /* seconds a timestamp may be off: 900 */
	struct number memory_of_passwords; /* seconds: 300 */
	struct number most_a_minute;       /* certificates that the keeper signs at most: 60000 */
	struct flag basic;                 /* HTTP Basic is taken where a UsernameToken is absent */
	struct name notice_command;        /* absolute path; empty: none */
	struct name notice_url;            /* https or http; empty: none */
	struct name notice_ca;             /* absolute path; empty: what the system trusts */
	struct name users;                 /* the prefix of the user names of the processes when root starts them */
	struct records listeners;          /* struct listener_config */
	struct records instances;          /* struct instance_config */
	/* derived: http://HOST:PORT/NAME.crl, /NAME.crt and /ocsp, of the plain listeners */
	struct str folder;
	struct str *crl_urls, *aia_urls, *ocsp_urls;
	size_t n_crl_urls, n_aia_urls, n_ocsp_urls;
};

/* NULL after errors; what the document warns of is an error with its line. */
const struct authority_config *authority_config_read(struct arena *a, const char *folder, struct diag *d);

/* The text that it reads. */
struct source *authority_config_source(struct arena *a, const char *folder, struct diag *d);

/* The same, of a text. */
const struct authority_config *authority_config_of(struct arena *a, const char *folder, const struct source *s,
						   struct diag *d);

extern const struct record authority_record;
