/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The store: accounts, requests, certificates and revocations, in SQLite.
 *
 * Whoever writes begins a transaction, and tells nobody what it wrote before store_commit() says that it is on disk.
 * Every row is read into the caller's arena.  A failure of the disk is a value, not an end of the program: the store recovers when
 * the disk does.
 */
#pragma once

#include "authority/messages.h"
#include "base/diag.h"

struct store;

enum store_found { STORE_NONE, STORE_FOUND, STORE_FAILED };

struct account {
	struct str name; /* compared without case */
	struct str hash; /* of the password, crypt(5) */
	struct str dns_name, sid;
	struct str owner; /* the Unix user that answers for it; empty: none */
	struct strs_field groups;
	struct strs_field allowed; /* names it may ask for: "web1.contoso.com", ".contoso.com", "ip:10.0.0.1" */
	bool locked;
	int64_t changed;
};

struct certificate_row {
	struct str serial; /* 16 bytes */
	struct str der;
	struct str account;
	struct str template_name, template_oid;
	struct str lineage; /* the serial of the first certificate of its renewals */
	int64_t not_before, not_after, made;
	int64_t revoked; /* since when; 0: it is not */
	uint64_t reason; /* CRLReason */
	uint64_t issuer; /* which key of the authority signed it (authority/keys.h) */
};

enum request_state {
	REQUEST_SIGNING, /* decided; the keeper was asked */
	REQUEST_PENDING, /* an operator decides */
	REQUEST_APPROVED,
	REQUEST_ISSUED,
	REQUEST_DENIED,
	N_REQUEST_STATES,
};
extern const char *const request_states[N_REQUEST_STATES];

struct request_row {
	uint64_t id; /* 1 to 2^31 - 1, random */
	enum request_state state;
	struct str protocol, message_id, body_hash;
	struct str account;
	struct str via; /* SHA-256 of the TLS certificate it came with, hex; empty: by password */
	struct str address;
	struct str csr, key_hash;
	struct str template_name, template_hash;
	struct str ask;     /* struct ask_certificate as a message: what is signed once it is approved */
	struct str lineage; /* of the certificate that is renewed; empty: a new one */
	struct str text;    /* why it was denied */
	struct str decided_by;
	int64_t made, decided;
	struct str serial; /* REQUEST_ISSUED */
};

/* Makes the file when it is absent and may be written.  NULL after errors. */
struct store *store_open(struct arena *a, const char *path, bool read_only, struct diag *d);

/* What the database said about the last failure. */
const char *store_error(const struct store *s);
bool store_disk_full(const struct store *s);

bool store_begin(struct store *s);
bool store_commit(struct store *s); /* false: nothing of the transaction was kept */
void store_rollback(struct store *s);

enum store_found store_account(struct store *s, struct arena *a, struct str name, struct account *ret);
bool store_account_put(struct store *s, const struct account *account);

enum store_found store_certificate_by_hash(struct store *s, struct arena *a, struct str sha256_hex_of_der,
					   struct certificate_row *ret);
enum store_found store_certificate(struct store *s, struct arena *a, struct str serial, struct certificate_row *ret);
bool store_certificate_add(struct store *s, const struct certificate_row *c, struct str sha256_hex_of_der,
			   struct str key_hash, uint64_t request);
/* False: there is none, or the disk failed. */
bool store_certificate_revoke(struct store *s, struct str serial, int64_t at, uint64_t reason);

/* The key is in certificates of another account, or of one that was revoked for its compromise. */
enum key_history { KEY_UNKNOWN, KEY_OF_ANOTHER, KEY_COMPROMISED, KEY_HISTORY_FAILED };
enum key_history store_key_history(struct store *s, struct str key_hash, struct str account);

/*
 * New certificates of an account, and certificates of a lineage, that were asked for since, issued or being signed; counted up to
 * most.  SIZE_MAX after a failure.
 */
size_t store_count_of_account(struct store *s, struct str account, struct str template_name, int64_t since,
			      size_t most);
size_t store_count_of_lineage(struct store *s, struct str lineage, int64_t since, size_t most);

/* How many there are, whatever their number in little time.  False after a failure. */
struct store_totals {
	uint64_t pending, certificates, revoked; /* revoked ones are among the certificates */
};
bool store_count(struct store *s, struct store_totals *ret);

/* Picks an id; false after a failure. */
bool store_request_add(struct store *s, struct request_row *r);
bool store_request_change(struct store *s, const struct request_row *r);
bool store_request_remove(struct store *s, uint64_t id);
enum store_found store_request(struct store *s, struct arena *a, uint64_t id, struct request_row *ret);
enum store_found store_request_by_message(struct store *s, struct arena *a, struct str message_id,
					  struct request_row *ret);
/* The latest of the account with this body, made since then. */
enum store_found store_request_by_body(struct store *s, struct arena *a, struct str account, struct str body_hash,
				       int64_t since, struct request_row *ret);
enum store_found store_request_by_key(struct store *s, struct arena *a, struct str account, struct str key_hash,
				      struct request_row *ret);

/* Lists, in the order of their making. */
typedef void store_each_account(void *ctx, const struct account *account);
typedef void store_each_request(void *ctx, const struct request_row *r);
typedef void store_each_certificate(void *ctx, const struct certificate_row *c);
bool store_accounts(struct store *s, store_each_account *each, void *ctx);
bool store_requests(struct store *s, bool only_open, store_each_request *each, void *ctx);
bool store_certificates(struct store *s, store_each_certificate *each, void *ctx);

/*
 * A piece of the certificates of accounts that are not revoked and end in (after, until], in that order: at most most of them, since
 * there may be very many.  renewed: a later one of the same lineage is there.  *next: where the next piece begins; false after a failure.
 */
struct ending {
	int64_t not_after, number; /* number: among those that end together */
};
typedef void store_each_ending(void *ctx, const struct certificate_row *c, bool renewed);
bool store_ending(struct store *s, struct ending after, int64_t until, size_t most, store_each_ending *each, void *ctx,
		  struct ending *next);

/* What a CRL of a key made now lists: revoked, and not yet expired. */
bool store_revoked(struct store *s, struct arena *a, uint64_t issuer, int64_t now, struct revocations *ret);

/* What another product revoked before it was taken over, with the first key; of those certificates no more is known. */
bool store_import_revocation(struct store *s, struct str serial, int64_t at, uint64_t reason);
enum store_found store_imported(struct store *s, struct arena *a, struct str serial, struct revoked *ret);

/* Numbers that outlive the process: "crl-number", "policy-changed". */
bool store_number(struct store *s, const char *name, int64_t *ret); /* 0 when it was never set */
bool store_set_number(struct store *s, const char *name, int64_t value);
bool store_text(struct store *s, struct arena *a, const char *name, struct str *ret);
bool store_set_text(struct store *s, const char *name, struct str value);

/* A copy in another file, while others write. */
bool store_copy(struct store *s, const char *path);
