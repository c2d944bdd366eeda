/* SPDX-License-Identifier: Apache-2.0 */
/* A new authority in a folder: key, certificate, configuration, first templates, and a certificate for its listeners. */
#pragma once

#include "authority/keys.h"

struct take_over;

struct authority_creation {
	const char *folder;
	struct str name, host;
	uint64_t port, plain_port;
	enum authority_key_kind key;
	bool request;            /* a certificate request for another authority instead of a root */
	struct str key_password; /* empty: none */
	const char *key_password_file;
	const char *users;                 /* NULL: the default */
	const struct take_over *take_over; /* authority/take-over.h; NULL: a key is made */
};

/* Nothing is overwritten: the folder has to be empty or absent.  False after errors. */
bool authority_create(struct arena *a, const struct authority_creation *c, struct diag *d);

/*
 * A new key beside those that it has, with a certificate of its own and one by which the key before it vouches for it; *ret is its
 * number (authority/keys.h).  Only of an authority that is its own root.  What is served begins to sign with it at SIGHUP.
 */
bool authority_rekey(struct arena *a, const char *folder, enum authority_key_kind kind, size_t *ret, struct diag *d);

/*
 * Takes the certificate that was issued for the request, with the chain above it, and makes what was waiting for it.  False after
 * errors.
 */
bool authority_install(struct arena *a, const char *folder, const char *certificates, struct diag *d);
