/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the client keeps in its folder, for a name N:
 *
 *  N/key.pem, N/certificate.pem, N/chain.pem   the pair in use; N is a symbolic link, which is replaced as a whole, so key and
 *                                              certificate always fit; the pair before stays beside
 *  N.key.next                                  the key of a request that waits or is under way
 *  N.json                                      where the certificate came from and how it is renewed
 */
#pragma once

#include <openssl/x509.h>

#include "base/diag.h"
#include "soap/xcep.h"

struct enrol_state {
	struct str policy_url, policy_id, template_name, template_oid;
	uint64_t major, minor;
	uint64_t renewal;           /* seconds before the end */
	struct enrolment_uris uris; /* of the last policy */
	struct str trusted;         /* a file; empty: the system's */
	struct str username;        /* of a request that waits */
	uint64_t request_id;        /* it waits; 0: none does */
	struct str poll;            /* where to ask for it */
};

struct enrol_folder {
	const char *folder, *name;
};

/* The paths of the pair in use ("key.pem"), and of what stands beside (".json"). */
const char *enrol_pair_path(struct arena *a, const struct enrol_folder *f, const char *file);
const char *enrol_side_path(struct arena *a, const struct enrol_folder *f, const char *ending);
bool enrol_has_pair(struct arena *a, const struct enrol_folder *f);

/* A zeroed state when there is none yet. */
bool state_read(struct arena *a, const struct enrol_folder *f, struct enrol_state *ret, struct diag *d);
bool state_write(struct arena *a, const struct enrol_folder *f, const struct enrol_state *s, struct diag *d);

/* The pair in use; the caller frees.  False after errors. */
bool pair_read(struct arena *a, const struct enrol_folder *f, EVP_PKEY **key, X509 **certificate, struct diag *d);

/* The key of the next pair: written before it is asked for, 0600. */
bool next_key_write(struct arena *a, const struct enrol_folder *f, EVP_PKEY *key, struct diag *d);
EVP_PKEY *next_key_read(struct arena *a, const struct enrol_folder *f, struct diag *d);

/* The certificate for the next key, and the pair is in use.  It has to be of that key. */
bool pair_install(struct arena *a, const struct enrol_folder *f, struct str certificate, const struct str *chain,
		  size_t n_chain, struct diag *d);

struct str file_bytes(struct arena *a, const char *path, struct diag *d);
