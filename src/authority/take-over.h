/* SPDX-License-Identifier: Apache-2.0 */
/* An authority that was another product's: its key, its certificates, and what its last list of revoked certificates says. */
#pragma once

#include "authority/create.h"
#include "pki/crl.h"
#include "pki/pfx.h"

/* Files of the operator, and the password of the first, which the caller wipes. */
struct take_over {
	const char *pfx;
	const char *crl; /* NULL: none */
	const char *password;
	/* what was read */
	struct pfx read;
	struct crl_fields list; /* number 0: there was none */
};

/* Reads both and refuses what cannot be an authority.  False after errors. */
bool take_over_read(struct arena *a, struct take_over *t, struct diag *d);

/* ca.pem: the certificate and the chain above it. */
bool take_over_write_chain(struct arena *a, const char *folder, const struct take_over *t, struct diag *d);

/*
 * The store of the new folder goes on where the other product stopped: what it revoked stays revoked, and no number of a list serves
 * twice.  Without its list the number is that of the seconds since 1970.
 */
bool take_over_write_store(struct arena *a, const char *folder, const struct take_over *t, struct diag *d);
