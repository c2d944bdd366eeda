/* SPDX-License-Identifier: Apache-2.0 */
#include "authority/clerk/clerk.h"
#include "authority/listener-certificate.h"
#include "base/hash.h"

enum {
	HOUR = 3600,
	DAY = 24 * HOUR,
	AUTHORITY_DAYS = 90, /* before its end clients need the certificate of the next one */
	REMEMBERED = 1024,
	ANSWER_SECONDS = 5,
	ENDING_PIECE = 500, /* certificates that one tick looks at */
	ENDING_MOST = 20,   /* that are named in a round */
};

/* What was sent lately: two that fall into one place forget each other, and may be sent once more. */
struct notices {
	struct {
		uint64_t what;
		int64_t until;
	} sent[REMEMBERED];
	struct {
		struct ending at; /* how far the round came */
		int64_t until;
		int64_t next; /* when the next one begins */
		size_t found;
	} round;                         /* over certificates that end */
	VEC(struct tell_notice) waiting; /* for the commit, in the arena of what waits for it */
};

void notices_start(struct clerk *c)
{
	c->notices = ARENA_NEW(c->arena, struct notices);
}

/* False: it was sent lately.  A request that waits is a notice of its own. */
static bool is_new(struct notices *n, const struct tell_notice *what, int64_t now)
{
	uint64_t hash = hash_mix(hash64(what->account.p, what->account.n), what->kind);
	hash = hash_mix(hash, what->request_id);
	hash = hash_mix(hash, hash64(what->serial.p, what->serial.n));
	size_t place = hash % REMEMBERED;
	if (n->sent[place].what == hash && now < n->sent[place].until)
		return false;
	n->sent[place].what = hash;
	n->sent[place].until = now + (what->ends ? DAY : HOUR);
	return true;
}

void notice(struct clerk *c, const struct tell_notice *what)
{
	int64_t now = authority_now();
	if (!c->courier || !is_new(c->notices, what, now))
		return;
	struct arena *a = c->waiting_arena;
	struct tell_notice *kept = VEC_ADD(a, &c->notices->waiting);
	*kept = *what;
	kept->at = now;
	kept->account = str_dup(a, what->account);
	kept->template_name = str_dup(a, what->template_name);
	kept->text = str_dup(a, what->text);
	kept->serial = str_dup(a, what->serial);
}

void notices_committed(struct clerk *c, bool kept)
{
	for (size_t i = 0; kept && i < c->notices->waiting.n; i++) {
		const struct tell_notice *one = &c->notices->waiting.v[i];
		if (message_fits(message_shape(TELL_NOTICE), one))
			link_ask(c->courier, TELL_NOTICE, one);
		else
			out_text(&c->log, "clerk: a notice is too long to be sent\n");
	}
	c->notices->waiting.v = NULL;
	c->notices->waiting.n = c->notices->waiting.room = 0;
}

static void notice_of_end(struct clerk *c, enum notice_kind kind, int64_t ends, const char *text)
{
	notice(c, &(struct tell_notice){ .kind = kind, .ends = MAX(ends, 1), .text = str_of(text) });
}

/* A renewal was tried, and is not done although it had the time. */
static bool was_tried(int64_t tried, int64_t now)
{
	return tried && now > tried + ANSWER_SECONDS;
}

/* Certificates of clients, which renew them from the beginning of the window of the template: half of it is over. */

static bool ends_soon(const struct clerk *c, const struct certificate_row *row, int64_t now)
{
	const struct template *t = template_named(c->terms.templates, row->template_name);
	return t && row->not_after > now && now >= row->not_after - (int64_t)t->renewal.n / 2;
}

static void note_ending(void *ctx, const struct certificate_row *row, bool renewed)
{
	struct clerk *c = ctx;
	struct arena *a;
	if (renewed || !ends_soon(c, row, authority_now()) || ++c->notices->round.found > ENDING_MOST)
		return;
	a = arena_new();
	notice(c, &(struct tell_notice){ .kind = NOTICE_CERTIFICATE,
					 .account = row->account,
					 .template_name = row->template_name,
					 .serial = str_hex(a, row->serial),
					 .ends = row->not_after,
					 .text = STR("the certificate ends, and was not renewed") });
	arena_free(a);
}

static void end_round(struct clerk *c, int64_t now)
{
	struct notices *notices = c->notices;
	char text[128];
	if (notices->round.found > ENDING_MOST) {
		snprintf(text, sizeof text, "%zu more certificates end, and were not renewed; ca list has them",
			 notices->round.found - ENDING_MOST);
		notice_of_end(c, NOTICE_CERTIFICATE, notices->round.until, text);
	}
	notices->round.next = now + HOUR;
}

/* A piece of a round in each tick: the clerk does nothing else meanwhile. */
static void tick_certificates(struct clerk *c, int64_t now)
{
	struct notices *notices = c->notices;
	if (!c->courier || now < notices->round.next)
		return;
	if (!notices->round.until) {
		uint64_t longest = 0;
		for (size_t i = 0; i < c->terms.templates->n; i++)
			longest = MAX(longest, c->terms.templates->v[i].renewal.n);
		notices->round.at = (struct ending){ now, INT64_MAX };
		notices->round.until = now + (int64_t)longest / 2;
		notices->round.found = 0;
	}
	bool ok = store_ending(c->store, notices->round.at, notices->round.until, ENDING_PIECE, note_ending, c,
			       &notices->round.at);
	if (ok && notices->round.at.not_after < notices->round.until)
		return;
	if (ok)
		end_round(c, now);
	notices->round.until = 0;
}

/* Each is renewed long before: what is half way to its end failed. */
void notices_tick(struct clerk *c)
{
	const struct template *t = template_named(c->terms.templates, STR(LISTENER_TEMPLATE));
	int64_t now = authority_now(), overlap = (int64_t)c->config->crl_overlap_hours.n * HOUR;
	const struct published *first = published_first(c);
	int64_t ends = first->next;
	if (was_tried(first->tried, now) && now >= ends - overlap / 2)
		notice_of_end(c, NOTICE_CRL, ends,
			      ends ? "the CRL ends, and a new one could not be made"
				   : "what was revoked last is not in the CRL: a new one could not be made");
	if (t && was_tried(c->tls_tried, now) && now >= c->tls_ends - (int64_t)t->renewal.n / 2)
		notice_of_end(c, NOTICE_LISTENERS, c->tls_ends,
			      "the certificate of the listeners ends, and was not renewed");
	if (now >= c->terms.authority.not_after - (int64_t)AUTHORITY_DAYS * DAY)
		notice_of_end(c, NOTICE_AUTHORITY, c->terms.authority.not_after,
			      "the certificate of the authority ends");
	tick_certificates(c, now);
}
