/* SPDX-License-Identifier: Apache-2.0 */
/* The certificate of the listeners: made by the authority itself under the template "tls-server". */
#pragma once

#include "authority/config.h"
#include "authority/messages.h"
#include "authority/template.h"

#define LISTENER_TEMPLATE "tls-server"

/* A new key as PKCS#8, and what the keeper is asked for it; the serial is fresh.  False after errors. */
bool listener_certificate_asked(struct arena *a, const struct authority_config *c, const struct templates *templates,
				int64_t authority_ends, struct ask_certificate *ret, struct str *key, struct diag *d);

/* Keeps certificate, chain and key in state/tls.pem and state/tls.key. */
bool listener_certificate_keep(struct arena *a, const char *folder, const struct tell_tls *tls, struct diag *d);

/* Reads them; *ends: when the leaf does. */
bool listener_certificate_read(struct arena *a, const char *folder, struct tell_tls *ret, int64_t *ends,
			       struct diag *d);

/* A random positive serial. */
struct str new_serial(struct arena *a);
