/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keeper signs, and nobody else: it has the key of the authority and the templates, which it read itself.  What it is
 * asked for has a type of its own, and it builds what it signs.
 */
#pragma once

#include <openssl/x509.h>

#include "authority/config.h"
#include "authority/messages.h"
#include "authority/template.h"

struct keeper;

/* Reads key, certificate and templates of the folder.  NULL after errors. */
struct keeper *keeper_open(struct arena *a, const char *folder, const struct authority_config *c, struct diag *d);

/* The authority's certificate first, then the chain to its root. */
X509 *const *keeper_chain(const struct keeper *keeper, size_t *n);

/* What the keeper signs under: hash of the authority's certificate and of every template, as hex. */
struct str keeper_version(struct arena *a, const struct templates *t, struct str authority);
struct str keeper_own_version(struct arena *a, const struct keeper *keeper);

/* Answers one question; the answer lies in the arena.  CALL_FAILED: it was refused. */
enum message_type keeper_answer(struct keeper *keeper, struct arena *a, enum message_type type, const void *message,
				const void **ret);

/* The digest of every signature by a key. */
const EVP_MD *keeper_digest(const EVP_PKEY *key);

/* The certificates in ca.pem, the authority's first, freed with the arena.  NULL after errors. */
X509 *const *authority_chain(struct arena *a, const char *folder, size_t *n, struct diag *d);

/* The first of them, freed with the arena.  NULL after errors. */
X509 *authority_certificate(struct arena *a, const char *folder, struct diag *d);

/* The bytes that the signature of an audit statement covers. */
struct str statement_text(struct arena *a, struct str authority, const struct ask_statement *s);
