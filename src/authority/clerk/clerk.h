/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the clerk share: jobs, and the transaction that they share.
 *
 * A job is one question of the front (or of an operator) until it is answered; it may wait for the hasher or the keeper.
 * Jobs write into one transaction, the batch, which is committed a few milliseconds after the first of them wrote; then
 * they are answered.  So nobody hears of a certificate that is not on disk, and a commit is shared.
 */
#pragma once

#include "authority/audit.h"
#include "authority/clerk/ocsp-kept.h"
#include "authority/decide.h"
#include "authority/link.h"
#include "authority/logins.h"
#include "authority/operations.h"
#include "authority/processes.h"
#include "base/vec.h"
#include "pki/certificate.h"

enum { SIGN_AGAIN_SECONDS = 5, BATCH_MILLISECONDS = 3, JOB_BUCKETS = 1024, PARKED_MAX = 64 };

struct event;
struct clerk;
struct job;

typedef void job_told(struct clerk *c, struct job *j, enum message_type type, const void *message);

struct job {
	struct arena *arena;
	struct link *to; /* who asked; NULL: nobody waits */
	uint32_t tag;
	const void *asked; /* the question, in the arena */
	/* while it waits for the hasher or the keeper */
	const struct link *at;
	uint32_t at_tag;
	job_told *told;
	struct job *next;
	/* of enrolments */
	struct asker asker;
	struct decision decision;
	struct request_row row;
	struct certificate_row certificate;
	bool is_policy;
	bool account_usable; /* it is there and not locked */
	void (*after_login)(struct clerk *c, struct job *j);
	struct job *approval; /* the operator's question that ends with this; NULL: none */
};

/* An answer that waits for the commit. */
struct waiting {
	struct job *job;
	enum message_type type;
	const void *message;
};

struct published {
	int64_t made, next; /* next 0: what was revoked is not in it yet */
	bool asked;         /* the keeper makes one */
	bool stale;         /* and something was revoked meanwhile */
	int64_t tried;
};

/* What was read of the folder, and may be read anew: under it is decided, and the keeper has read the same. */
struct terms {
	struct arena *arena;
	const struct templates *templates;
	struct certificate authority;                /* of the key that signs certificates */
	struct strs_field chain;                     /* DER, the authority's own first */
	struct strs_field sent;                      /* the same for clients: a link before the root of the same key */
	struct certificate keys[AUTHORITY_KEYS_MAX]; /* of each key, the last one being authority */
	size_t n_keys;
	struct str version; /* keeper_version() */
};

struct clerk {
	struct arena *arena;
	const char *folder;
	const struct authority_config *config;
	struct terms terms;
	struct store *store;
	struct audit *audit;
	struct logins *logins;
	struct decider decider;
	struct event_base *base;
	struct link *front, *keeper, *hasher;
	struct keepers *keepers; /* the one that comes, and the one that leaves */
	struct link *courier;    /* NULL: nobody is told unasked */
	struct notices *notices;
	const char *no_hash; /* of no password: what unknown accounts are compared with */
	struct job *jobs[JOB_BUCKETS];
	struct job *parked; /* passwords that wait until another of the account or address was looked at */
	size_t n_parked;
	size_t n_hashing;            /* questions that the hasher has not answered */
	struct link *leaving;        /* a keeper that was replaced, and answers what it was asked; NULL: none */
	size_t n_signing, n_leaving; /* questions that the keeper, and that one, have not answered */
	bool batch;                  /* the transaction is open */
	VEC(struct waiting) waiting;
	struct arena *waiting_arena;
	struct event *commit, *tick, *operators;
	struct ocsp_kept *ocsp;
	bool revoking; /* something is revoked in the batch: until its end no status is sure */
	struct published published[AUTHORITY_KEYS_MAX]; /* the list of each key */
	int64_t statement_at, tls_ends;
	int64_t tls_tried;  /* not again for a while */
	int64_t sign_again; /* what was approved and could not be signed or kept; 0: nothing */
	bool tls_asked, ending;
	struct out log;
};

/* clerk/terms.c: reads the folder; and, of the keys, which have expired, and whose list ends first. */
bool terms_read(struct arena *a, const char *folder, struct terms *ret, struct diag *d);
bool key_is_over(const struct clerk *c, size_t key);
const struct published *published_first(const struct clerk *c);

/* Jobs.  job_new() copies the question. */
struct job *job_new(struct link *to, uint32_t tag, enum message_type type, const void *asked);
void job_free(struct job *j);
void job_ask(struct clerk *c, struct job *j, struct link *at, enum message_type type, const void *message,
	     job_told *told);

/* Answers now and frees the job. */
void job_answer(struct job *j, enum message_type type, const void *message);

/* Answers after the commit, and frees it then; or with CALL_FAILED when the commit fails. */
void job_answer_later(struct clerk *c, struct job *j, enum message_type type, const void *message);
void job_answer_enrol(struct clerk *c, struct job *j, bool later, struct tell_enrol tell);

/* Opens the batch.  False when the store does not; then batch_broken() answers. */
bool batch_open(struct clerk *c);
bool batch_commit(struct clerk *c); /* false: it is undone, and said so */
void batch_broken(struct clerk *c,
		  struct job *j); /* the store failed: everything of the batch is undone, and said so */

/* What came for a job. */
void job_heard(struct clerk *c, const struct link *at, uint32_t tag, enum message_type type, const void *message);

/* clerk/login.c: calls after once it is known who asks; answers otherwise. */
void login(struct clerk *c, struct job *j, bool policy, void (*after)(struct clerk *c, struct job *j));

/* clerk/enrol.c */
void clerk_enrol(struct clerk *c, struct job *j);
void clerk_status(struct clerk *c, struct job *j);
void clerk_sign_approved(struct clerk *c);                               /* all of them */
void clerk_sign_now(struct clerk *c, uint64_t id, struct job *approval); /* and tells the operator */

/* clerk/policy.c */
void clerk_policy(struct clerk *c, struct job *j);

/*
 * clerk/notice.c: tells operators.  A notice waits for the commit as answers do, and is dropped with it.  The same one, of the
 * same account, is sent once an hour, those of what expires once a day.
 */
void notices_start(struct clerk *c);
void notice(struct clerk *c, const struct tell_notice *what);
void notices_committed(struct clerk *c, bool kept);
void notices_tick(struct clerk *c); /* of what expires */

/* clerk/publish.c */
void clerk_published(struct clerk *c, struct job *j);
bool published_read(struct clerk *c, struct diag *d);
void published_tick(struct clerk *c);  /* what ends soon */
void published_renew(struct clerk *c); /* all lists */
bool published_due(struct clerk *c);   /* in the batch: until a list is kept, one is made again and again */

/*
 * clerk/keepers.c: the keeper that signs, and one that takes its place.  keepers_start() takes the
 * socket over which the supervisor hands in new keepers (-1: none).  keepers_heard() is true when a message or the end of a link was
 * theirs.  The one that leaves answers what it was asked.
 */
void keepers_start(struct clerk *c, int keeper, int control, link_heard *heard);
bool keepers_heard(struct clerk *c, struct link *l, enum message_type type, const void *message);
void keepers_end(struct clerk *c);

/* clerk/upkeep.c: the listeners' certificate, statements, and what an operator asks. */
void upkeep_tick(struct clerk *c);
void clerk_operation(struct clerk *c, struct job *j, uid_t uid);
bool upkeep_start(struct clerk *c, struct diag *d);
bool upkeep_terms(struct clerk *c); /* in the batch: notes in store and log what changed */
void upkeep_new_authority(struct clerk *c);
