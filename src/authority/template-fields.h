/* SPDX-License-Identifier: Apache-2.0 */
/* The keys of a template, and the words that its values use. */
#pragma once

#include <openssl/x509v3.h>

#include "authority/template.h"

extern const struct record template_record;

/* An extended key usage by its word or in dotted form; empty when it is neither. */
struct str eku_oid(struct str word);
/* The word of one; the OID itself when there is none. */
struct str eku_word(struct str oid);

/* The bit of X509v3 KeyUsage for a word; 0: there is no such word. */
uint64_t usage_bit(struct str word);

/* Dotted, and each arc fits 32 bits, because Windows drops templates with larger ones. */
bool template_oid_ok(struct str oid);

extern const char *const template_key_words[N_KEYS];
extern const char *const template_subject_words[N_SUBJECTS];

#define EKU_SERVER_AUTH      "1.3.6.1.5.5.7.3.1"
#define EKU_CLIENT_AUTH      "1.3.6.1.5.5.7.3.2"
#define EKU_SMART_CARD_LOGON "1.3.6.1.4.1.311.20.2.2"
#define EKU_PKINIT_CLIENT    "1.3.6.1.5.2.3.4"
#define EKU_ENROLMENT_AGENT  "1.3.6.1.4.1.311.20.2.1"
#define EKU_ANY              "2.5.29.37.0"
