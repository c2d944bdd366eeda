/* SPDX-License-Identifier: Apache-2.0 */
/* Which names and keys a certificate under a template may have, whoever asks: the clerk decides by it, and the keeper again. */
#pragma once

#include <openssl/evp.h>

#include "authority/template.h"

/* NULL, or why the template does not take this subject and these names; a constant. */
const char *names_refused(const struct template *t, const struct subject_parts *subject,
			  const struct alternatives *names);

/* NULL, or why the template does not take this key, or nobody should. */
const char *key_refused(const struct template *t, EVP_PKEY *key);
