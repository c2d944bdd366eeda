/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate templates: which certificates the authority makes, for whom, and how long they last.
 *
 * A folder of YAML files, one template each, in the words of the templates console.  The keeper reads
 * them itself and makes nothing outside of them; the clerk reads them to decide; clients see them in the
 * flags of MS-CRTD (2.26 to 2.28), which are derived and never written by hand.
 */
#pragma once

#include "doc/fields.h"
#include "pki/names.h"

/* Seconds before now at which certificates begin: clocks of clients are late. */
enum { TEMPLATES_MAX = 200, BACKDATED = 300 };

enum template_subject {
	SUBJECT_SUPPLIED, /* by the requester, within `names` and what the account may call itself */
	SUBJECT_ACCOUNT,  /* from the account; what the request says is ignored */
	N_SUBJECTS,
};

enum template_key { KEY_RSA, KEY_P256, KEY_P384, KEY_P521, N_KEYS };

struct template
{
	struct name name;     /* short: what requests and 1.3.6.1.4.1.311.20.2 say */
	struct name display;  /* default: the name */
	struct name oid;      /* each arc below 2^32 */
	struct number schema; /* 1 to 4; default 2 */
	struct number major, minor;
	struct number validity, renewal; /* seconds */
	struct number key;               /* enum template_key */
	struct number key_bits;          /* RSA: at least; default 2048 */
	struct flag machine;             /* the client's computer store */
	struct flag exportable;
	struct names providers;    /* of Windows clients */
	struct number key_spec;    /* 1 exchange, 2 signature; 0: none (a KSP) */
	struct names usages;       /* "digital-signature" ... */
	struct names ekus;         /* "client-authentication" or dotted */
	struct number subject;     /* enum template_subject */
	struct flag reuse_subject; /* on renewal the subject and names of the old certificate */
	struct names alternatives; /* kinds that may be in it: "dns", "upn" ... */
	struct flag wildcards;
	struct flag allow_list;        /* each name has to be in the account's list */
	struct flag approval;          /* an operator decides each new request */
	struct flag previous_approval; /* a valid certificate of this template is enough to renew */
	struct flag key_based_renewal; /* the old certificate alone is the identity */
	struct flag same_key;          /* on renewal */
	struct flag sha1_requests;
	struct flag basic_constraints, no_revocation, ocsp_no_check;
	struct names read, enrol, autoenrol; /* accounts, or groups as "@group"; "*": every account */
	struct number most_a_day;            /* certificates of one account or lineage; default 5 */
	struct loc at;
	/* derived when it was read */
	uint64_t usage_bits;
	struct str *eku_oids;
	size_t n_eku_oids;
	struct str hash; /* SHA-256 of what counts of it, hex: what approvals are bound to */
};

struct templates {
	struct template *v;
	size_t n;
};

/* Every file of the folder.  NULL after errors, which include all that template_lint() refuses. */
const struct templates *templates_read(struct arena *a, const char *folder, struct diag *d);

/* One of them; false after errors. */
bool template_read(struct arena *a, const struct source *s, struct template *ret, struct diag *d);

/* By name in any case, and by object identifier; NULL: there is none. */
const struct template *template_named(const struct templates *t, struct str name);
const struct template *template_by_oid(const struct templates *t, struct str oid);

bool template_has_eku(const struct template *t, const char *oid);

/* Its certificates log on: client authentication, smart cards, PKINIT, or any purpose. */
bool template_authenticates(const struct template *t);

/* Requests may supply names of this kind (enum alternative_kind). */
bool template_takes(const struct template *t, uint64_t kind);

/* Errors for what the classes ESC1 to ESC16 describe, as far as they apply here, and for what seed rules forbid. */
void template_lint(const struct template *t, struct diag *d);

/* The flags that clients see (MS-CRTD 2.27, 2.26, 2.28; and 2.4). */
uint64_t template_enrolment_flags(const struct template *t);
uint64_t template_key_flags(const struct template *t);
uint64_t template_name_flags(const struct template *t);
uint64_t template_general_flags(const struct template *t);
