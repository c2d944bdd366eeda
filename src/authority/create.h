/* SPDX-License-Identifier: Apache-2.0 */
/* A new authority in a folder: key, certificate, configuration, first templates, and a certificate for its listeners. */
#pragma once

#include "base/diag.h"

enum authority_key_kind { MAKE_RSA_2048, MAKE_RSA_3072, MAKE_P256, MAKE_P384, N_MAKE_KEYS };
extern const char *const authority_key_kinds[N_MAKE_KEYS];

struct authority_creation {
	const char *folder;
	struct str name, host;
	uint64_t port, plain_port;
	enum authority_key_kind key;
	bool request;            /* a certificate request for another authority instead of a root */
	struct str key_password; /* empty: none */
	const char *key_password_file;
	const char *users; /* NULL: the default */
};

/* Nothing is overwritten: the folder has to be empty or absent.  False after errors. */
bool authority_create(struct arena *a, const struct authority_creation *c, struct diag *d);

/*
 * Takes the certificate that was issued for the request, with the chain above it, and makes what was waiting for it.  False after
 * errors.
 */
bool authority_install(struct arena *a, const char *folder, const char *certificates, struct diag *d);
