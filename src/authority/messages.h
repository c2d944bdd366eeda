/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the processes of the authority say to each other.  Each question has one answer with the same tag; CALL_FAILED answers
 * any.  Certificates, CRLs, OCSP answers, CMC answers and audit statements are separate
 * requests to the keeper, so that none can be taken for another.
 */
#pragma once

#include "authority/keys.h"
#include "authority/message.h"
#include "pki/names.h"
#include "soap/xcep.h"

enum message_type {
	/* front to clerk, and its answers */
	ASK_POLICY = 1,
	TELL_POLICY,
	ASK_ENROL,
	ASK_STATUS,
	TELL_ENROL,
	ASK_PUBLISHED,
	TELL_PUBLISHED,
	TELL_STATE, /* to ASK_PUBLISHED of PUBLISHED_STATE */
	TELL_TLS,   /* clerk to front, no answer: a new server certificate */
	/* clerk to hasher */
	ASK_PASSWORD,
	TELL_PASSWORD,
	/* clerk to keeper */
	ASK_CERTIFICATE,
	TELL_CERTIFICATE,
	ASK_CMC,
	ASK_CRL,
	ASK_OCSP,
	ASK_STATEMENT,
	TELL_SIGNED,
	CALL_FAILED,
	/* an operator's command to clerk, on a socket of its own */
	ASK_OPERATION,
	TELL_OPERATION,
	TELL_NOTICE, /* clerk to courier, no answer */
	TELL_CRL,    /* clerk to front, no answer: what readers get from now on */
	TELL_KEEPER, /* keeper to clerk, no answer: it read what it needs, and signs from now on */
	N_MESSAGES,
};

/* Who asks, as the front saw it. */
struct identity {
	struct str address;            /* of the client, as text */
	struct str username, password; /* of a UsernameToken or of Basic; empty: none */
	struct str certificate;        /* of TLS, DER; empty: none */
};

enum enrolment_way { WAY_PASSWORD, WAY_CERTIFICATE, N_WAYS };

struct ask_policy {
	struct identity who;
	uint64_t way;           /* enum enrolment_way: which CEP instance was asked */
	bool key_based_renewal; /* the variant that shows only templates set for it */
};

struct tell_policy {
	uint64_t code;   /* enum hresult; 0: well */
	struct str text; /* for the fault */
	struct str policy_id, friendly_name;
	uint64_t next_update_hours;
	int64_t changed;          /* when anything of it changed last */
	struct str authority;     /* certificate, DER */
	struct strs_field former; /* those of the keys before it, the latest first */
	bool enrol;               /* the caller may enrol for something */
	struct template_views templates;
	struct enrolment_uris uris;
};

struct hint {
	struct str name, oid;
	bool has_version;
	uint64_t major, minor;
};

struct hints {
	struct hint *v;
	size_t n;
};

/* One request, whatever the protocol. */
struct ask_enrol {
	struct identity who;
	uint64_t way;
	bool renewal;          /* it may be nothing else */
	bool renewal_only;     /* asked of an instance for key-based renewal alone */
	struct str protocol;   /* "ces", "est" */
	struct str message_id; /* of the protocol; empty: none */
	struct str body_hash;  /* SHA-256 of the request's bytes */
	struct str csr;        /* DER, kept for the audit; nothing is read from it again */
	struct str key, key_algorithm;
	uint64_t key_bits;
	struct subject_parts subject;
	struct alternatives alternatives;
	struct hints hints;
	struct str renewed; /* the old certificate that the request names */
	bool renewed_signed;
	bool sha1;
	bool cmc; /* the answer wants a CMC response */
};

struct ask_status {
	struct identity who;
	uint64_t way;
	struct str protocol;
	uint64_t request_id;
	struct str key; /* EST asks by its request again: of the same key; empty: by id */
	bool cmc;
};

enum enrol_outcome {
	ENROL_ISSUED,
	ENROL_PENDING,
	ENROL_REFUSED,
	ENROL_NOT_ALLOWED /* authentication failed */,
	ENROL_BROKEN /* our fault: disk, keeper, load */
};

struct tell_enrol {
	uint64_t outcome; /* enum enrol_outcome */
	uint64_t code;    /* enum hresult */
	struct str text;  /* for the client */
	uint64_t request_id;
	struct str certificate;  /* DER */
	struct strs_field chain; /* DER, the issuer first */
	struct str cmc;
	uint64_t retry_after; /* seconds; pending or busy */
};

enum published_kind {
	PUBLISHED_AUTHORITY,
	PUBLISHED_OCSP,
	PUBLISHED_CHAIN, /* EST's cacerts */
	PUBLISHED_STATE, /* of the clerk, for metrics */
	N_PUBLISHED,
};

struct ask_published {
	uint64_t kind;
	uint64_t key;       /* AUTHORITY: which key of the authority (authority/keys.h) */
	struct str request; /* an OCSP request, DER */
};

struct tell_published {
	bool found;
	struct str bytes;
	struct strs_field chain;
	int64_t made, next; /* thisUpdate and nextUpdate; 0: none */
};

/* How the clerk is.  Times are seconds since 1970. */
struct tell_state {
	uint64_t pending, certificates, revoked; /* in the store; revoked ones are among the certificates */
	uint64_t hashing;                        /* questions that the hasher has not answered */
	int64_t crl_ends, listeners_end, authority_ends;
};

struct tell_crl {
	uint64_t key;
	struct str bytes;
};

struct tell_tls {
	struct strs_field chain; /* DER, the leaf first */
	struct str key;          /* PKCS#8, DER */
};

struct ask_password {
	struct str password, hash; /* hash empty: make one */
};

struct tell_password {
	bool right;
	bool busy;       /* too many wait */
	struct str hash; /* that was made */
};

struct ask_certificate {
	struct str template_name;
	struct str template_hash; /* as the clerk read it: another one is refused */
	struct str serial, key;
	struct subject_parts subject;
	struct alternatives alternatives;
	int64_t not_before, not_after;
	struct str sid;
	bool cmc; /* with a CMC answer */
};

struct tell_certificate {
	struct str certificate, cmc;
};

struct ask_cmc {
	uint64_t status; /* enum cmc_status */
	struct str text;
	uint64_t request_id;
	struct str certificate; /* CMC_ISSUED: one of ours */
};

struct revoked {
	struct str serial;
	int64_t at;
	uint64_t reason; /* CRLReason */
};

struct revocations {
	struct revoked *v;
	size_t n;
};

struct ask_crl {
	uint64_t number, key; /* key: of which certificates it is */
	int64_t now, next;
	struct revocations revoked;
};

struct ocsp_single {
	struct str certificate_id; /* CertID, DER */
	uint64_t status;           /* V_OCSP_CERTSTATUS_... */
	int64_t at;                /* of the revocation */
	uint64_t reason;
};

struct ocsp_singles {
	struct ocsp_single *v;
	size_t n;
};

struct ask_ocsp {
	uint64_t key; /* that issued what is asked about */
	struct ocsp_singles singles;
	struct str nonce;
	int64_t now, next;
};

/* What the keeper read: keeper_version(). */
struct tell_keeper {
	struct str version;
};

struct ask_statement {
	struct str head; /* of the audit chain: 32 bytes */
	uint64_t records;
	int64_t now;
};

struct tell_signed {
	struct str bytes;
};

enum notice_kind {
	NOTICE_PENDING,     /* a request waits for an operator */
	NOTICE_RENEWAL,     /* a renewal was refused */
	NOTICE_CRL,         /* no CRL could be made in time */
	NOTICE_LISTENERS,   /* the certificate of the listeners ends soon */
	NOTICE_AUTHORITY,   /* that of the authority does */
	NOTICE_CERTIFICATE, /* that of a client does, and was not renewed */
	N_NOTICES,
};

/* What operators are told unasked. */
struct tell_notice {
	uint64_t kind; /* enum notice_kind */
	struct str account, template_name, text;
	struct str serial;   /* CERTIFICATE, hex */
	uint64_t request_id; /* 0: none */
	int64_t at, ends;    /* ends: of what expires; 0: nothing does */
};

struct call_failed {
	uint64_t code; /* enum hresult */
	struct str text;
};

enum operation_kind {
	OPERATION_APPROVE,
	OPERATION_DENY,
	OPERATION_REVOKE,
	OPERATION_ACCOUNT,  /* adds an account, or changes what is given of it */
	OPERATION_PASSWORD, /* sets the hash */
	OPERATION_LOCK,
	OPERATION_UNLOCK,
	OPERATION_CRL, /* a new one, now */
	N_OPERATIONS,
};

/* Who asks is what SO_PEERCRED says. */
struct ask_operation {
	uint64_t kind;       /* enum operation_kind */
	uint64_t request_id; /* APPROVE, DENY */
	struct str binding;  /* APPROVE: of what was shown (authority/store.h); empty: whatever is there */
	struct str text;     /* DENY, REVOKE: why */
	struct str break_glass;
	struct str serial; /* REVOKE */
	uint64_t reason;   /* REVOKE: CRLReason */
	struct str account, hash;
	bool has_dns_name, has_sid, has_owner, has_groups, has_allowed, add;
	struct str dns_name, sid, owner; /* owner: the Unix user that answers for it */
	struct strs_field groups, allowed;
};

struct tell_operation {
	uint64_t code; /* enum hresult; 0: done */
	struct str text;
};

/* By enum message_type; NULL: there is no such message. */
const struct message_shape *message_shape(unsigned type);
