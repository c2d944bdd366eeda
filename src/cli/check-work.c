/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Estates whose answer the cache has are done at once.  The others are planned one after the other; the rules of all of
 * them are proved together, by as many processes as there are processors.
 */
#include "cli/check-work.h"

#include "base/hash.h"
#include "base/pattern.h"
#include "base/unique.h"
#include "base/build-id.h"
#include "cli/check-keep.h"
#include "cli/proving.h"
#include "cli/workers.h"
#include "report/findings.h"
#include "report/plan/words.h"
#include "report/proof/findings.h"

enum asked_of_check { ASKED_PLACES = 16, ASKED_PARTS }; /* beside those of proofs */

/* A place of an estate, and the file of its rules. */
struct checked_place {
	struct str name, config; /* config: empty: the estate names none */
	bool is_firewall;
	const char *path; /* NULL: there are no rules */
	struct str said;  /* why there are none, or errors */
	unsigned status;  /* of reading them */
	const struct source *source;
	struct place at;
	struct task task;
	struct check_part part;
};

struct work_estate {
	const struct checked_estate *from;
	const struct source *
		*texts; /* of its files, and of the catalogue's; NULL: cannot be read, so nothing is kept */
	size_t n_texts;
	struct proving proving;
	struct check_part part;
	struct checked_place *places;
	size_t n_places;
	bool found; /* in the cache */
};

struct job_row {
	struct work_estate *estate;
	struct checked_place *place;
};

struct checking {
	struct invocation *call;
	struct cache *cache;
	VEC(struct job_row) jobs;
};

static struct invocation within(const struct invocation *call, struct arena *a)
{
	struct invocation w = *call;
	w.arena = a;
	w.diag = diag_new(a);
	return w;
}

/* What was said, as lines. */
static struct str messages_of(const struct invocation *call)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 26);
	diag_print(call->diag, &o, false);
	return str_dup(call->arena, out_view(&o));
}

static unsigned status_of(const struct invocation *call)
{
	return diag_machine_refused(call->diag) ? STATUS_MACHINE : diag_errors(call->diag) ? STATUS_INPUT : STATUS_WELL;
}

/* Questions of the cache */

static struct source *quiet_read(struct arena *a, const char *path)
{
	return source_read(a, path, MOST_RULES_BYTES, diag_new(a));
}

/* All that a plan is made of, as texts.  False: something cannot be read. */
static bool read_texts(struct invocation *call, struct work_estate *e)
{
	static const char *const patterns[] = { "*.yaml", "vocabulary/*.yaml" };
	const char *catalogue = option(call, "catalogue");
	VEC(const struct source *) texts = { 0 };
	size_t n = 0;
	for (size_t i = 0; i < e->from->n_files; i++)
		*VEC_ADD(call->arena, &texts) = quiet_read(call->arena, e->from->files[i]);
	for (size_t f = 0; catalogue && f < ARRAY_LEN(patterns); f++) {
		const char **paths = pattern_paths(
			call->arena,
			arena_printf(call->arena, "%s/%s", pattern_escaped(call->arena, catalogue), patterns[f]), &n);
		for (size_t i = 0; paths && i < n; i++)
			*VEC_ADD(call->arena, &texts) = quiet_read(call->arena, paths[i]);
	}
	e->texts = texts.v;
	e->n_texts = texts.n;
	for (size_t i = 0; i < texts.n; i++)
		if (!texts.v[i])
			return false;
	return true;
}

static void pack_word(struct out *o, const char *text)
{
	pack_bytes(o, str_of(text ? text : ""));
}

/* What is asked of the estate alone; false: it cannot be kept. */
static bool pack_estate(const struct checking *c, const struct work_estate *e, enum asked_of_check what, struct out *o)
{
	pack_number(o, what);
	if (!build_id(o))
		return false;
	pack_flag(o, option_given(c->call, "as-documented"));
	pack_flag(o, option_given(c->call, "strict"));
	pack_word(o, option(c->call, "on"));
	pack_word(o, option(c->call, "catalogue"));
	pack_bytes(o, e->from->dialect);
	pack_number(o, e->n_texts);
	for (size_t i = 0; i < e->n_texts; i++) {
		pack_word(o, e->texts[i]->name);
		pack_number(o, e->texts[i]->text.n);
	}
	return !o->error;
}

static const struct str *texts_of(struct arena *a, const struct work_estate *e, bool with_rules, size_t *n)
{
	struct str *ret = ARENA_ARRAY(a, struct str, e->n_texts + e->n_places);
	*n = 0;
	for (size_t i = 0; i < e->n_texts; i++)
		ret[(*n)++] = e->texts[i]->text;
	for (size_t i = 0; with_rules && i < e->n_places; i++)
		if (e->places[i].source)
			ret[(*n)++] = e->places[i].source->text;
	return ret;
}

static bool pack_places(const struct checking *c, const struct work_estate *e, struct out *o)
{
	if (!pack_estate(c, e, ASKED_PARTS, o))
		return false;
	for (size_t i = 0; i < e->n_places; i++) {
		const struct checked_place *p = &e->places[i];
		if (p->status)
			return false;
		pack_bytes(o, p->name);
		pack_word(o, p->path);
		pack_number(o, p->source ? p->source->text.n : 0);
	}
	return !o->error;
}

/* Where rules lie, and what they are */

/* By config: of the estate, or by the pattern of portolan.yaml. */
static void find_rules(struct invocation *call, const struct checked_estate *e, struct checked_place *p)
{
	struct invocation own = within(call, call->arena);
	p->path = p->config.n      ? cstr(call->arena, p->config)
		  : p->is_firewall ? checked_rules(call->arena, e, p->name, own.diag)
				   : NULL;
	p->source = p->path ? source_read(call->arena, p->path, MOST_RULES_BYTES, own.diag) : NULL;
	p->status = status_of(&own);
	p->said = messages_of(&own);
}

static bool find_places(const struct checking *c, struct work_estate *e)
{
	CLEANUP(out_free) struct out o = out_memory(MOST_ENTRY_BYTES);
	struct str answer;
	size_t n;
	if (!pack_estate(c, e, ASKED_PLACES, &o))
		return false;
	const struct str *texts = texts_of(c->call->arena, e, false, &n);
	struct asked q = { out_view(&o), texts, n };
	if (!cache_find(c->cache, c->call->arena, &q, &answer))
		return false;
	struct pack_reader at = pack_reader_of(answer);
	e->n_places = unpack_count(&at, 3);
	e->places = ARENA_ARRAY(c->call->arena, struct checked_place, e->n_places);
	for (size_t i = 0; i < e->n_places; i++) {
		e->places[i].name = unpack_bytes(&at);
		e->places[i].config = unpack_bytes(&at);
		e->places[i].is_firewall = unpack_flag(&at);
	}
	return pack_reader_done(&at);
}

/* The whole answer of an estate, from the cache. */
static bool find_answer(const struct checking *c, struct work_estate *e)
{
	CLEANUP(out_free) struct out o = out_memory(MOST_ENTRY_BYTES);
	struct str answer;
	size_t n;
	if (!find_places(c, e))
		return false;
	for (size_t i = 0; i < e->n_places; i++)
		find_rules(c->call, e->from, &e->places[i]);
	if (!pack_places(c, e, &o))
		return false;
	const struct str *texts = texts_of(c->call->arena, e, true, &n);
	struct asked q = { out_view(&o), texts, n };
	if (!cache_find(c->cache, c->call->arena, &q, &answer))
		return false;
	struct pack_reader at = pack_reader_of(answer);
	bool ok = unpack_part(c->call->arena, &at, &e->part);
	for (size_t i = 0; i < e->n_places; i++)
		ok = ok && unpack_part(c->call->arena, &at, &e->places[i].part);
	return ok && pack_reader_done(&at);
}

/* The texts of the estate are still what was asked about: a plan reads them again. */
static bool is_unchanged(const struct work_estate *e)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	for (size_t i = 0; i < e->n_texts; i++) {
		const struct source *now = quiet_read(a, e->texts[i]->name);
		if (!now || !str_eq(now->text, e->texts[i]->text))
			return false;
	}
	return true;
}

static void keep_answer(const struct checking *c, const struct work_estate *e)
{
	CLEANUP(out_free)
	struct out places = out_memory(MOST_ENTRY_BYTES), asked = out_memory(MOST_ENTRY_BYTES),
		   answer = out_memory(MOST_ENTRY_BYTES), first = out_memory(MOST_ENTRY_BYTES);
	size_t n;
	if (e->part.status || !is_unchanged(e) || !pack_estate(c, e, ASKED_PLACES, &first))
		return;
	pack_number(&places, e->n_places);
	for (size_t i = 0; i < e->n_places; i++) {
		pack_bytes(&places, e->places[i].name);
		pack_bytes(&places, e->places[i].config);
		pack_flag(&places, e->places[i].is_firewall);
	}
	const struct str *texts = texts_of(c->call->arena, e, false, &n);
	struct asked q = { out_view(&first), texts, n };
	if (!places.error)
		cache_add(c->cache, &q, out_view(&places), c->call->diag);
	pack_part(&answer, &e->part);
	for (size_t i = 0; i < e->n_places; i++) {
		if (e->places[i].part.status == STATUS_MACHINE)
			return;
		pack_part(&answer, &e->places[i].part);
	}
	if (answer.error || !pack_places(c, e, &asked))
		return;
	texts = texts_of(c->call->arena, e, true, &n);
	q = (struct asked){ out_view(&asked), texts, n };
	cache_add(c->cache, &q, out_view(&answer), c->call->diag);
}

/* An estate */

static struct str lint_id(struct arena *a, const struct finding *f)
{
	uint64_t h = hash64_seed(f->text, strlen(f->text), hash64(f->host.p, f->host.n));
	return str_printf(a, "lint:%s-%016llx", f->check->id, (unsigned long long)h);
}

static void take_lint(struct invocation *call, const struct findings *all, struct work_estate *e)
{
	struct arena *a = call->arena;
	struct unique_names ids = unique_names_new(a);
	e->part.v = ARENA_ARRAY(a, struct check_finding, all->n);
	e->part.n = all->n;
	for (size_t i = 0; i < all->n; i++) {
		const struct finding *f = &all->v[i];
		struct str id = unique_name(&ids, lint_id(a, f));
		e->part.v[i] = (struct check_finding){
			.id = str_printf(a, "%s:%.*s", e->from->files[0], STR_ARG(id)),
			.kind = str_of(f->check->id),
			.title = f->host,
			.text = str_of(f->text),
			.document = finding_citation(a, f),
			.mend = str_of(f->way_out),
			.file = str_of(f->at.source ? f->at.source->name : e->from->files[0]),
			.line = f->at.line,
			.level = f->check->level,
			.weight = f->check->level == LEVEL_ERROR                                     ? WEIGHT_NO
				  : f->check->level == LEVEL_WARNING && option_given(call, "strict") ? WEIGHT_NO
												     : WEIGHT_NONE,
		};
	}
}

static void make_places(struct invocation *call, struct work_estate *e)
{
	const struct plan *p = e->proving.plan;
	size_t n;
	struct place *places = plan_places(call->arena, p, &n);
	e->places = ARENA_ARRAY(call->arena, struct checked_place, n);
	e->n_places = 0;
	for (size_t i = 0; i < n; i++) {
		const char *config = place_config(call->arena, p, &places[i]);
		bool firewall = places[i].firewall >= 0;
		if (!config && !firewall)
			continue; /* a host whose rules are only emitted */
		e->places[e->n_places++] = (struct checked_place){
			.name = place_name(p, &places[i]),
			.config = str_of(config ? config : ""),
			.is_firewall = firewall,
			.at = places[i],
		};
	}
}

static struct check_part place_part(const struct work_estate *e, const struct checked_place *p)
{
	return (struct check_part){
		.kind = p->path || p->status ? PART_RULES : PART_WITHOUT_RULES,
		.estate = str_of(e->from->files[0]),
		.name = p->name,
		.file = str_of(p->path ? p->path : ""),
		.messages = p->said,
		.status = p->status,
	};
}

/* The rules of a place become a job, or a part at once. */
static void make_job(struct checking *c, struct work_estate *e, struct checked_place *p)
{
	struct invocation own = within(c->call, c->call->arena);
	bool states = place_states_dialect(e->proving.plan, &p->at);
	struct proving_options o = { .dialect =
					     !states && e->from->dialect.n ? cstr(own.arena, e->from->dialect) : NULL };
	p->part = place_part(e, p);
	if (!p->source)
		return;
	if (!task_make(&own, e->proving.plan, &p->at, p->path, &o, &p->task)) {
		p->part.messages = messages_of(&own);
		p->part.status = MAX(status_of(&own), (unsigned)STATUS_INPUT);
		return;
	}
	p->task.source = p->source;
	*VEC_ADD(c->call->arena, &c->jobs) = (struct job_row){ e, p };
}

static void plan_estate_of(struct checking *c, struct work_estate *e)
{
	struct invocation own = within(c->call, c->call->arena);
	e->proving.plan = plan_of_files(&own, e->from->files, e->from->n_files);
	e->proving.cache = c->cache->folder >= 0 ? c->cache : NULL;
	e->part = (struct check_part){ .kind = PART_ESTATE,
				       .estate = str_of(e->from->files[0]),
				       .status = status_of(&own) };
	e->n_places = 0;
	if (e->proving.plan) {
		const char *on = option(c->call, "on");
		struct findings f = lint(own.arena, e->proving.plan, str_of(on ? on : ""));
		take_lint(&own, &f, e);
		e->part.name = plan_estate(e->proving.plan)->name.s;
		e->part.summary = plan_summary(own.arena, e->proving.plan);
		make_places(&own, e);
	}
	e->part.messages = messages_of(&own);
	for (size_t i = 0; i < e->n_places; i++) {
		find_rules(c->call, e->from, &e->places[i]);
		make_job(c, e, &e->places[i]);
	}
}

/* A proof */

static enum check_weight weight_of(const struct proof *p, enum proof_kind kind)
{
	switch (kind) {
	case PROOF_MISSING:
	case PROOF_SURPLUS:
		return WEIGHT_NO;
	case PROOF_MISSING_PERHAPS:
	case PROOF_SURPLUS_PERHAPS:
		return WEIGHT_UNCERTAIN;
	case PROOF_NOT_UNDERSTOOD:
		return WEIGHT_INPUT;
	case PROOF_MORE:
		return p->verdict == VERDICT_FAILS ? WEIGHT_NO : WEIGHT_INPUT;
	case PROOF_UNPROVED:
		/* it follows from other findings, or it is all that is known */
		return p->rules->unknown.n || (p->rules->bases.n && !p->undecided) ? WEIGHT_NONE : WEIGHT_INPUT;
	case PROOF_ANY_ACK:
	case PROOF_INVALID:
	case PROOF_NO_ERRORS:
	case PROOF_ASSUMED:
	case PROOF_TOLERATED:
	case N_PROOF_KINDS:
		break;
	}
	return WEIGHT_NONE;
}

/* What an id is made of; texts of kinds that have no id of their own are part of it. */
static struct str proof_id(struct arena *a, const struct proof_finding *f)
{
	if (f->kind <= PROOF_NOT_UNDERSTOOD)
		return f->id;
	return str_printf(a, "%.*s-%016llx", STR_ARG(f->id), (unsigned long long)hash64(f->text.p, f->text.n));
}

static void take_proof(struct arena *a, const struct work_estate *e, const struct proved *proved,
		       const struct proof_report *r, struct check_part *part)
{
	struct unique_names ids = unique_names_new(a);
	const struct proof_finding *all = proof_findings(a, r, proved, &part->n);
	part->v = ARENA_ARRAY(a, struct check_finding, part->n);
	for (size_t i = 0; i < part->n; i++) {
		const struct proof_finding *f = &all[i];
		struct str id = unique_name(&ids, proof_id(a, f));
		enum check_weight weight = proved->unjudged ? WEIGHT_NONE : weight_of(&proved->proof, f->kind);
		part->v[i] = (struct check_finding){
			.id = str_printf(a, "%s:%.*s:%.*s", e->from->files[0], STR_ARG(part->name), STR_ARG(id)),
			.kind = str_of(proof_kinds[f->kind].id),
			.title = f->title,
			.text = f->text,
			.parts = f->parts,
			.witness = f->witness,
			.rule = f->rule,
			.needed = f->why,
			.document = f->cite,
			.mend = f->mend,
			.file = str_of(f->at.source ? f->at.source->name : proved->path),
			.line = f->at.line,
			.level = weight == WEIGHT_NONE && f->kind == PROOF_UNPROVED ? LEVEL_NOTE
										    : proof_kinds[f->kind].level,
			.weight = weight,
			.open_ended =
				f->kind == PROOF_MORE || f->kind == PROOF_UNPROVED || str_ends(f->parts, "\nand more"),
		};
	}
	part->summary = proved->unjudged ? str_of(proved->proof.why_unproved) : proof_counts(a, &proved->proof);
}

static void prove_job(void *ctx, size_t i, struct out *result)
{
	struct checking *c = ctx;
	struct work_estate *e = c->jobs.v[i].estate;
	struct checked_place *p = c->jobs.v[i].place;
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct invocation own = within(c->call, a);
	struct check_part part = p->part;
	struct proof proof;
	part.dialect = str_of(p->task.dialect->name);
	if (task_prove(&own, &e->proving, &p->task, &proof)) {
		struct proved proved;
		task_proved(&own, &e->proving, &p->task, &proof, &proved);
		struct proof_report r = { .plan = e->proving.plan, .v = &proved, .n = 1 };
		take_proof(a, e, &proved, &r, &part);
	} else {
		part.status = MAX(status_of(&own), (unsigned)STATUS_INPUT);
	}
	part.messages = messages_of(&own);
	pack_part(result, &part);
}

static bool prove_all(struct checking *c)
{
	struct invocation *call = c->call;
	struct str *results = ARENA_ARRAY(call->arena, struct str, c->jobs.n);
	uint32_t jobs = 0;
	const char *given = option(call, "jobs");
	if (given && (!str_to_u32(str_of(given), MOST_WORKERS, &jobs) || !jobs))
		return diag_error(call->diag, NOWHERE, "--jobs \"%s\" is not a number from 1 to %d", given,
				  MOST_WORKERS);
	struct work w = { c->jobs.n, prove_job, c, "rule files", jobs };
	if (!work_divide(call->arena, &w, call->diag, results))
		return false;
	for (size_t i = 0; i < c->jobs.n; i++) {
		struct pack_reader at = pack_reader_of(results[i]);
		if (!unpack_part(call->arena, &at, &c->jobs.v[i].place->part) || !pack_reader_done(&at))
			return diag_machine(call->diag, 0, "a process ended before its work was done");
	}
	return true;
}

bool check_work(struct invocation *call, const struct checked_folder *folder, struct cache *cache,
		struct check_report *ret)
{
	struct checking c = { .call = call, .cache = cache };
	struct work_estate *all = ARENA_ARRAY(call->arena, struct work_estate, folder->n);
	VEC(struct check_part) parts = { 0 };
	for (size_t i = 0; i < folder->n; i++) {
		struct work_estate *e = &all[i];
		e->from = &folder->v[i];
		bool kept = cache->folder >= 0 && read_texts(call, e);
		e->found = kept && find_answer(&c, e);
		if (!kept)
			e->n_texts = 0;
		if (!e->found)
			plan_estate_of(&c, e);
	}
	if (!prove_all(&c))
		return false;
	for (size_t i = 0; i < folder->n; i++) {
		if (!all[i].found && all[i].n_texts)
			keep_answer(&c, &all[i]);
		*VEC_ADD(call->arena, &parts) = all[i].part;
		for (size_t j = 0; j < all[i].n_places; j++)
			*VEC_ADD(call->arena, &parts) = all[i].places[j].part;
	}
	ret->v = parts.v;
	ret->n = parts.n;
	return true;
}
