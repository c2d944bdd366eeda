/* SPDX-License-Identifier: Apache-2.0 */
#include <event2/event.h>

#include "authority/clerk/clerk.h"

struct job *job_new(struct link *to, uint32_t tag, enum message_type type, const void *asked)
{
	struct arena *a = arena_new();
	struct job *j = ARENA_NEW(a, struct job);
	*j = (struct job){ .arena = a, .to = to, .tag = tag };
	if (asked) {
		/* a copy by the schema: the link's own memory is gone when it returns */
		struct out o = out_memory(LINK_FRAME_MAX);
		void *copy = arena_alloc(a, message_shape(type)->size);
		message_write(&o, message_shape(type), asked);
		struct str bytes = str_dup(a, out_view(&o));
		if (o.n)
			explicit_bzero(o.buf, o.n);
		out_free(&o);
		if (!message_read(a, message_shape(type), bytes, copy))
			out_of_memory(bytes.n);
		j->asked = copy;
	}
	return j;
}

void job_free(struct job *j)
{
	arena_free(j->arena);
}

static struct job **bucket(struct clerk *c, const struct link *at, uint32_t tag)
{
	return &c->jobs[((uintptr_t)at / sizeof(void *) + tag) % JOB_BUCKETS];
}

void job_ask(struct clerk *c, struct job *j, struct link *at, enum message_type type, const void *message,
	     job_told *told)
{
	const struct call_failed failed = { HR_INVALID_DATA, STR("a field is too long") };
	if (!message_fits(message_shape(type), message)) {
		told(c, j, CALL_FAILED, &failed);
		return;
	}
	j->at = at;
	j->told = told;
	j->at_tag = link_ask(at, type, message);
	c->n_hashing += at == c->hasher;
	c->n_signing += at == c->keeper;
	struct job **place = bucket(c, at, j->at_tag);
	j->next = *place;
	*place = j;
}

void job_heard(struct clerk *c, const struct link *at, uint32_t tag, enum message_type type, const void *message)
{
	for (struct job **place = bucket(c, at, tag); *place; place = &(*place)->next) {
		struct job *j = *place;
		if (j->at != at || j->at_tag != tag)
			continue;
		*place = j->next;
		c->n_hashing -= at == c->hasher;
		c->n_signing -= at == c->keeper;
		c->n_leaving -= at == c->leaving;
		j->told(c, j, type, message);
		return;
	}
}

/* What an operator hears of the request that was approved: approved it is, whatever became of it. */
static void answer_approval(struct job *approval, enum message_type type, const void *message)
{
	const struct ask_operation *ask = approval->asked;
	const struct tell_enrol *told = type == TELL_ENROL ? message : NULL;
	unsigned long long id = ask->request_id;
	struct tell_operation tell = { 0 };
	struct certificate issued;
	if (told && told->outcome == ENROL_ISSUED && !certificate_read(approval->arena, told->certificate, &issued)) {
		struct str serial = str_hex(approval->arena, issued.serial);
		tell.text = str_printf(approval->arena, "request %llu is approved, and its certificate is %.*s", id,
				       STR_ARG(serial));
	} else if (told && told->outcome == ENROL_REFUSED) {
		tell.code = told->code;
		tell.text = str_printf(approval->arena,
				       "request %llu is approved, but the keeper refused it; the log says why", id);
	} else {
		tell.text = str_printf(
			approval->arena,
			"request %llu is approved; its certificate could not be signed now, which is tried again", id);
	}
	job_answer(approval, TELL_OPERATION, &tell);
}

void job_answer(struct job *j, enum message_type type, const void *message)
{
	if (j->to)
		link_answer(j->to, j->tag, type, message);
	if (j->approval)
		answer_approval(j->approval, type, message);
	job_free(j);
}

void job_answer_later(struct clerk *c, struct job *j, enum message_type type, const void *message)
{
	*VEC_ADD(c->waiting_arena, &c->waiting) = (struct waiting){ j, type, message };
	/* without a batch there may be records of the audit log */
	struct timeval wait = { 0, BATCH_MILLISECONDS * 1000 };
	if (!event_pending(c->commit, EV_TIMEOUT, NULL))
		event_add(c->commit, &wait);
}

void job_answer_enrol(struct clerk *c, struct job *j, bool later, struct tell_enrol tell)
{
	struct tell_enrol *message = ARENA_NEW(j->arena, struct tell_enrol);
	*message = tell;
	if (later)
		job_answer_later(c, j, TELL_ENROL, message);
	else
		job_answer(j, TELL_ENROL, message);
}

bool batch_open(struct clerk *c)
{
	struct timeval wait = { 0, BATCH_MILLISECONDS * 1000 };
	if (c->batch)
		return true;
	if (!store_begin(c->store))
		return false;
	c->batch = true;
	if (!event_pending(c->commit, EV_TIMEOUT, NULL))
		event_add(c->commit, &wait);
	return true;
}

/* The batch ended, and what was revoked in it is, or is not. */
static void answer_all(struct clerk *c, bool kept)
{
	const struct call_failed failed = { store_disk_full(c->store) ? HR_DISK_FULL : HR_BUSY,
					    refusal_text(store_disk_full(c->store) ? HR_DISK_FULL : HR_BUSY) };
	for (size_t i = 0; i < c->waiting.n; i++) {
		struct waiting *w = &c->waiting.v[i];
		job_answer(w->job, kept ? w->type : CALL_FAILED, kept ? w->message : &failed);
	}
	notices_committed(c, kept);
	if (c->revoking)
		ocsp_forget(c->ocsp);
	c->revoking = false;
	c->waiting.v = NULL;
	c->waiting.n = c->waiting.room = 0;
	arena_reset(c->waiting_arena);
}

/* The audit log first: see authority/audit.h. */
bool batch_commit(struct clerk *c)
{
	event_del(c->commit);
	bool audited = audit_flush(c->audit), kept = audited;
	if (c->batch && audited)
		kept = store_commit(c->store);
	else if (c->batch)
		store_rollback(c->store);
	if (!audited)
		out_text(&c->log, "clerk: the audit log cannot be written\n");
	else if (!kept)
		out_printf(&c->log, "clerk: the store: %s\n", store_error(c->store));
	out_flush(&c->log);
	if (audited && !kept) {
		json_put_text(audit_begin(c->audit, "not-kept", authority_now()), "why", store_error(c->store));
		audit_end(c->audit);
	}
	c->batch = false;
	if (!kept)
		c->sign_again = authority_now() + SIGN_AGAIN_SECONDS;
	answer_all(c, kept);
	return kept;
}

void batch_broken(struct clerk *c, struct job *j)
{
	out_printf(&c->log, "clerk: the store: %s\n", store_error(c->store));
	out_flush(&c->log);
	event_del(c->commit);
	store_rollback(c->store);
	json_put_text(audit_begin(c->audit, "not-kept", authority_now()), "why", store_error(c->store));
	audit_end(c->audit);
	audit_flush(c->audit);
	c->batch = false;
	c->sign_again = authority_now() + SIGN_AGAIN_SECONDS;
	*VEC_ADD(c->waiting_arena, &c->waiting) = (struct waiting){ j, CALL_FAILED, NULL };
	answer_all(c, false);
}
