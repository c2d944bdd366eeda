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
};

/* What was sent lately: two that fall into one place forget each other, and may be sent once more. */
struct notices {
	struct {
		uint64_t what;
		int64_t until;
	} sent[REMEMBERED];
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
}
