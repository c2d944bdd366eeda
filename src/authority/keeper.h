/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper signs, and nobody else: it has the key of the authority and the templates, which it read itself.  What it is
 * asked for has a type of its own, and it builds what it signs.
 */
#pragma once

#include <openssl/x509.h>

#include "authority/config.h"
#include "authority/keys.h"
#include "authority/messages.h"
#include "authority/template.h"

struct keeper;

/* Reads key, certificate and templates of the folder.  NULL after errors. */
struct keeper *keeper_open(struct arena *a, const char *folder, const struct authority_config *c, struct diag *d);

/* Of the key that signs certificates: its own first, then the chain to its root. */
X509 *const *keeper_chain(const struct keeper *keeper, size_t *n);

/* The password of the keys, which the caller wipes; empty: they have none. */
bool keeper_password(struct arena *a, const char *folder, const struct authority_config *c, struct str *ret,
		     struct diag *d);

/* The private key of an authority, which its password opens, checked against the certificate.  NULL after errors. */
EVP_PKEY *keeper_key(struct arena *a, const char *folder, const struct authority_config *c, size_t key,
		     X509 *certificate, struct diag *d);

/* What the keeper signs under: hash of the authority's certificates and of every template, as hex. */
struct str keeper_version(struct arena *a, const struct templates *t, const struct strs_field *chain);
struct str keeper_own_version(struct arena *a, const struct keeper *keeper);

/* Answers one question; the answer lies in the arena.  CALL_FAILED: it was refused. */
enum message_type keeper_answer(struct keeper *keeper, struct arena *a, enum message_type type, const void *message,
				const void **ret);

/* The digest of every signature by a key. */
const EVP_MD *keeper_digest(const EVP_PKEY *key);

/* The bytes that the signature of an audit statement covers. */
struct str statement_text(struct arena *a, struct str authority, const struct ask_statement *s);
