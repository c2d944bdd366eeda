/* SPDX-License-Identifier: Apache-2.0 */
#include "probe/posture.h"

#include "base/vec.h"

/* What a repeated exchange shows. */
enum answer { ANSWER_UNKNOWN, ANSWER_REFUSED, ANSWER_ACCEPTED };

struct question {
	const char *key;  /* of the evidence, and the id of the advice */
	const char *what; /* of the advice where it is accepted: "it accepts TLS 1.1" */
	const char *asks; /* what is unknown otherwise: "whether it accepts TLS 1.1" */
	bool (*applies)(const struct probe_task *task, const struct probe_result *result);
	void (*weaken)(struct target *t); /* NULL: nothing can be asked without a login */
	enum answer (*read)(const struct probe_result *repeated);
};

static struct str evidence_of(const struct probe_result *r, const char *key)
{
	for (size_t i = 0; i < r->n_evidence; i++)
		if (strcmp(r->evidence[i].key, key) == 0)
			return r->evidence[i].value;
	return NO_STR;
}

static bool is_application(const struct probe_task *task, const char *name)
{
	return strcmp(task->probe->name, name) == 0;
}

/* TLS */

static bool uses_tls(const struct probe_task *task, const struct probe_result *result)
{
	return evidence_of(result, "tls").n > 0;
}

static void offer_1_1(struct target *t)
{
	t->weaken = WEAKEN_TLS_1_1;
}

static void offer_1_0(struct target *t)
{
	t->weaken = WEAKEN_TLS_1_0;
}

static enum answer read_tls(const struct probe_result *repeated)
{
	if (evidence_of(repeated, "tls").n)
		return ANSWER_ACCEPTED;
	return evidence_of(repeated, "tls-alert").n ? ANSWER_REFUSED : ANSWER_UNKNOWN;
}

/* Remote Desktop */

static bool is_rdp(const struct probe_task *task, const struct probe_result *result)
{
	return is_application(task, "rdp") && task->target.protocol == PROTO_TCP;
}

static void offer_no_nla(struct target *t)
{
	t->weaken = WEAKEN_NLA;
}

static enum answer read_nla(const struct probe_result *repeated)
{
	struct str said = evidence_of(repeated, "network-level-authentication");
	return str_is(said, "required") ? ANSWER_REFUSED : said.n ? ANSWER_ACCEPTED : ANSWER_UNKNOWN;
}

/* Kerberos */

static bool is_kerberos(const struct probe_task *task, const struct probe_result *result)
{
	return is_application(task, "kerberos") && task->target.domain.n;
}

static void offer_rc4(struct target *t)
{
	t->weaken = WEAKEN_RC4;
}

static enum answer read_rc4(const struct probe_result *repeated)
{
	struct str said = evidence_of(repeated, "rc4");
	return str_is(said, "refused") ? ANSWER_REFUSED : said.n ? ANSWER_ACCEPTED : ANSWER_UNKNOWN;
}

/* LDAP: a server says so only after a login. */

static bool is_plain_ldap(const struct probe_task *task, const struct probe_result *result)
{
	return task->target.protocol == PROTO_TCP && (is_application(task, "ldap") || is_application(task, "gc"));
}

static bool is_ldap_in_tls(const struct probe_task *task, const struct probe_result *result)
{
	return is_application(task, "ldaps") || is_application(task, "gc-tls");
}

static const struct question questions[] = {
	{ "tls-1.1", "it accepts TLS 1.1", "whether it accepts TLS 1.1", uses_tls, offer_1_1, read_tls },
	{ "tls-1.0", "it accepts TLS 1.0", "whether it accepts TLS 1.0", uses_tls, offer_1_0, read_tls },
	{ "rdp-without-nla", "Remote Desktop does not require authentication before a session",
	  "whether it requires authentication before a session", is_rdp, offer_no_nla, read_nla },
	{ "kerberos-rc4", "the KDC accepts RC4 for the principal", "whether it accepts RC4 for the principal",
	  is_kerberos, offer_rc4, read_rc4 },
	{ "ldap-signing", NULL, "whether it requires signing", is_plain_ldap, NULL, NULL },
	{ "ldap-channel-binding", NULL, "whether it requires channel binding", is_ldap_in_tls, NULL, NULL },
};

static void add_evidence(struct arena *a, struct probe_result *r, const char *key, const char *value)
{
	struct evidence *all = ARENA_ARRAY(a, struct evidence, r->n_evidence + 1);
	if (r->n_evidence)
		memcpy(all, r->evidence, r->n_evidence * sizeof *all);
	all[r->n_evidence++] = (struct evidence){ key, str_of(value) };
	r->evidence = all;
}

/* At the end, as the oldest is first.  An id once: the first exchange may have said it already. */
static void add_advice(struct arena *a, struct probe_result *r, const char *id, enum advice_level level,
		       struct str text)
{
	VEC(const struct advice_found *) all = { 0 };
	struct advice_found *found = ARENA_NEW(a, struct advice_found);
	for (const struct advice_found *from = r->advice; from; from = from->next) {
		if (strcmp(from->id, id) == 0)
			return;
		*VEC_ADD(a, &all) = from;
	}
	*found = (struct advice_found){ id, level, text, NULL };
	const struct advice_found *rest = found;
	while (all.n) {
		struct advice_found *copy = ARENA_NEW(a, struct advice_found);
		*copy = *all.v[--all.n];
		copy->next = rest;
		rest = copy;
	}
	r->advice = rest;
}

static void answer(struct arena *a, const struct question *q, enum answer said, struct probe_result *r, struct str why)
{
	static const char *const words[] = {
		[ANSWER_UNKNOWN] = "unknown",
		[ANSWER_REFUSED] = "refused",
		[ANSWER_ACCEPTED] = "accepted",
	};
	add_evidence(a, r, q->key, words[said]);
	if (said == ANSWER_ACCEPTED)
		add_advice(a, r, q->key, ADVICE_WARNING, str_of(q->what));
	else if (said == ANSWER_UNKNOWN)
		add_advice(a, r, q->key, ADVICE_NOTE, str_printf(a, "%s is unknown: %.*s", q->asks, STR_ARG(why)));
}

/* A question on its way. */
struct asked {
	const struct question *question;
	size_t result;
};

struct round {
	struct arena *arena;
	const struct probe_tasks *tasks;
	struct str principal;
	VEC(struct probe_task) repeated;
	VEC(struct asked) asked; /* in step */
};

static void ask_about(struct round *round, size_t i, struct probe_result *result)
{
	const struct probe_task *task = &round->tasks->tasks[i];
	for (const struct question *q = questions; q < questions + ARRAY_LEN(questions); q++) {
		if (!q->applies(task, result) || (q->weaken == offer_rc4 && !round->principal.n))
			continue;
		if (!q->weaken) {
			answer(round->arena, q, ANSWER_UNKNOWN, result, STR("it cannot be told without a login"));
			continue;
		}
		struct probe_task again = *task;
		q->weaken(&again.target);
		if (q->weaken == offer_rc4)
			again.target.principal = round->principal;
		*VEC_ADD(round->arena, &round->repeated) = again;
		*VEC_ADD(round->arena, &round->asked) = (struct asked){ q, i };
	}
}

bool posture_ask(struct arena *a, const struct probe_tasks *tasks, struct str principal,
		 const struct engine_options *options, struct probe_result *results, struct str *why)
{
	struct round round = { .arena = a, .tasks = tasks, .principal = principal };
	struct engine_options quiet = *options;
	for (size_t i = 0; i < tasks->n; i++)
		if (tasks->tasks[i].probe && !tasks->subjects[i].nothing && !results[i].stand_in &&
		    reason_state(results[i].reason) == STATE_SERVING)
			ask_about(&round, i, &results[i]);
	struct probe_result *found = ARENA_ARRAY(a, struct probe_result, round.repeated.n);
	quiet.no_trace = true;
	quiet.progress = NULL;
	if (!engine_run(a, round.repeated.v, round.repeated.n, &quiet, found, why))
		return false;
	for (size_t i = 0; i < round.asked.n; i++) {
		struct probe_result *r = &results[round.asked.v[i].result];
		const struct question *q = round.asked.v[i].question;
		r->packets += found[i].packets;
		answer(a, q, q->read(&found[i]), r, found[i].text);
	}
	return true;
}
