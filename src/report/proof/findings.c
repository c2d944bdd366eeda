/* SPDX-License-Identifier: Apache-2.0 */
#include "report/proof/findings.h"

#include "base/hash.h"
#include "base/vec.h"
#include "report/packets.h"
#include "report/plan/reasons.h"
#include "report/proof/blocks.h"
#include "report/proof/words.h"
#include "report/sarif.h"

const struct proof_kind_row proof_kinds[N_PROOF_KINDS] = {
	[PROOF_MISSING] = { "missing", "missing", "The plan needs this flow, and the rules do not permit it.",
			    LEVEL_ERROR },
	[PROOF_MISSING_PERHAPS] = { "missing-perhaps", "conditional",
				    "The plan needs this flow, and whether the rules permit it depends on a match that "
				    "cannot be decided.",
				    LEVEL_WARNING },
	[PROOF_SURPLUS] = { "surplus", "surplus", "The rules permit these packets, and no flow of the plan needs them.",
			    LEVEL_ERROR },
	[PROOF_SURPLUS_PERHAPS] = { "surplus-perhaps", "possible surplus",
				    "No flow of the plan needs these packets, and whether the rules permit them "
				    "depends on "
				    "a match that cannot be decided.",
				    LEVEL_WARNING },
	[PROOF_NOT_UNDERSTOOD] = { "not-understood", "not understood",
				   "A line of the rules was not understood, so nothing is proved.", LEVEL_ERROR },
	[PROOF_UNPROVED] = { "unproved", "not proved", "Why there is no verdict.", LEVEL_ERROR },
	[PROOF_MORE] = { "more", "further differences", "Differences that were counted but not computed.",
			 LEVEL_ERROR },
	[PROOF_ANY_ACK] = { "accepts-any-ack", "replies are permitted widely",
			    "A stateless list lets packets pass that reply to nothing.", LEVEL_NOTE },
	[PROOF_NO_ERRORS] = { "no-icmp-errors", "no ICMP errors are permitted",
			      "A stateless list permits no ICMP errors, so packets that are too large for a path are "
			      "lost without a word.",
			      LEVEL_WARNING },
	[PROOF_INVALID] = { "accepts-invalid", "invalid packets are accepted",
			    "A rule accepts packets that connection tracking calls invalid.", LEVEL_WARNING },
	[PROOF_ASSUMED] = { "assumed", "assumed", "What the rules do not state, but the proof depends on.",
			    LEVEL_NOTE },
	[PROOF_TOLERATED] = { "tolerated", "tolerated", "What the estate lets pass without needing it.", LEVEL_NOTE },
};

void proof_kinds_sarif(struct json *j)
{
	for (size_t i = 0; i < N_PROOF_KINDS; i++) {
		const struct proof_kind_row *kind = &proof_kinds[i];
		sarif_rule(j,
			   &(struct sarif_kind){ kind->id, kind->title, kind->about, kind->level,
						 STR("portolan-prove(1) explains the findings of a proof."), NO_STR });
	}
}

typedef VEC(struct proof_finding) finding_vec;

struct finder {
	struct arena *arena;
	const struct proof_report *report;
	const struct proved *proved;
	finding_vec found;
};

static struct proof_finding *add(struct finder *f, enum proof_kind kind)
{
	struct proof_finding *finding = VEC_ADD(f->arena, &f->found);
	finding->kind = kind;
	if (f->proved->proof.rules)
		finding->at.source = f->proved->proof.rules->source;
	return finding;
}

static void set_shown(struct finder *f, struct proof_finding *finding, const struct shown *s)
{
	char packet[PACKET_TEXT];
	struct loc at = s->by ? s->by->at : s->chain ? s->chain->policy_at : NOWHERE;
	finding->witness = str_dup(f->arena, str_of(packet_text(&s->witness, packet)));
	finding->witness = str_printf(f->arena, "%.*s%.*s", STR_ARG(finding->witness),
				      STR_ARG(translated_text(f->arena, f->proved->proof.rules, s)));
	finding->quoted = s->by && s->by->text.n;
	finding->rule = finding->quoted ? s->by->text : decided_by(f->arena, s);
	if (at.line)
		finding->at = at;
}

static struct str named_item(struct arena *a, const struct catalogue *c, const struct bundle_item *it)
{
	char text[ITEM_TEXT];
	bool named = it->service != NO_SERVICE;
	return str_printf(a, "%s%s%.*s%s", item_text(it, text), named ? " (" : "",
			  STR_ARG(named ? c->services[it->service].id : STR("")), named ? ")" : "");
}

struct str flow_title(struct arena *a, const struct proof_report *r, const struct flow *f)
{
	return str_printf(a, "%.*s -> %.*s %.*s", STR_ARG(f->from->name), STR_ARG(f->to->name),
			  STR_ARG(named_item(a, plan_estate(r->plan)->catalogue, f->item)));
}

static enum proof_kind missing_kind(const struct missing *m)
{
	return m->condition ? PROOF_MISSING_PERHAPS : PROOF_MISSING;
}

static enum proof_kind surplus_kind(const struct surplus *s)
{
	return s->condition ? PROOF_SURPLUS_PERHAPS : PROOF_SURPLUS;
}

const char *missing_title(const struct missing *m)
{
	return proof_kinds[missing_kind(m)].title;
}

const char *surplus_title(const struct surplus *s)
{
	return proof_kinds[surplus_kind(s)].title;
}

static struct str missing_id(struct arena *a, const struct missing *m)
{
	char id[FLOW_ID];
	return str_printf(a, "%s%s%s", flow_id(missing_flow(m), id), m->reply ? "-reply" : "",
			  m->condition ? "-perhaps" : "");
}

static struct proof_finding *add_missing(struct finder *f, const struct missing *m)
{
	struct arena *a = f->arena;
	const struct flow *flow = missing_flow(m);
	const struct reason *r = &flow->item->reasons[0];
	struct proof_finding *finding = add(f, missing_kind(m));

	finding->id = missing_id(a, m);
	finding->title = str_printf(a, "%.*s%s%s", STR_ARG(flow_title(a, f->report, flow)),
				    m->reply ? ", the reply" : "", m->condition ? ", uncertain" : "");
	finding->text = missing_text(a, &f->proved->proof, m);
	set_shown(f, finding, &m->shown);
	finding->why = reason_why(r);
	finding->cite = reason_citation(a, r);
	finding->mend = missing_mend(a, &f->proved->proof, m, 1);
	return finding;
}

/* A line for each service: "tcp 88 (kerberos): Tickets. (ad-ds-port-requirements)". */
static struct str block_services(struct finder *f, const struct missing_block *b)
{
	const struct catalogue *c = plan_estate(f->report->plan)->catalogue;
	CLEANUP(out_free) struct out lines = out_memory(1 << 24);
	for (size_t i = 0; i < b->run; i++) {
		const struct bundle_item *it = missing_flow(&b->missing[i])->item;
		out_printf(&lines, "%s%.*s: %.*s", i ? "\n" : "", STR_ARG(named_item(f->arena, c, it)),
			   STR_ARG(item_needed_for(f->arena, it)));
	}
	return str_dup(f->arena, out_view(&lines));
}

/* Several that are missing: the first, with what is said of all. */
static void add_block(struct finder *f, const struct missing_block *b)
{
	struct arena *a = f->arena;
	struct str *flows = ARENA_ARRAY(a, struct str, b->n), ends = missing_block_ends(a, b);
	struct proof_finding *finding = add_missing(f, b->missing);
	for (size_t i = 0; i < b->n; i++)
		flows[i] = missing_id(a, &b->missing[i]);
	finding->flows = flows;
	finding->n_flows = b->n;
	if (b->n == 1)
		return;
	const struct bundle_item *it = missing_flow(b->missing)->item;
	struct str services = b->run == 1 ? named_item(a, plan_estate(f->report->plan)->catalogue, it)
					  : str_printf(a, "%zu services", b->run);
	finding->title = str_printf(a, "%.*s%s %.*s%s", STR_ARG(ends), b->run == 1 ? "" : ":", STR_ARG(services),
				    b->missing->reply ? ", the reply" : "");
	finding->text = str_printf(a, "for example %.*s", STR_ARG(finding->text));
	finding->mend = missing_mend(a, &f->proved->proof, b->missing, b->n);
	if (b->run == 1)
		return;
	finding->parts = block_services(f, b);
	finding->why = finding->cite = NO_STR;
}

static void add_all_missing(struct finder *f, bool in_blocks)
{
	const struct proof *proof = &f->proved->proof;
	struct missing_block b = { .n = 1 };
	for (size_t i = 0; i < proof->n_missing; i += b.n) {
		if (in_blocks) {
			b = missing_block_first(&proof->missing[i], proof->n_missing - i);
			add_block(f, &b);
		} else {
			add_missing(f, &proof->missing[i]);
		}
	}
}

static void add_surplus(struct finder *f, const struct surplus *s)
{
	struct arena *a = f->arena;
	struct proof_finding *finding = add(f, surplus_kind(s));
	CLEANUP(out_free) struct out parts = out_memory(1 << 26);

	for (size_t i = 0; i < s->n_regions; i++)
		out_printf(&parts, "%s%.*s", i ? "\n" : "", STR_ARG(region_text(a, &s->regions[i])));
	if (s->more_regions)
		out_text(&parts, "\nand more");
	finding->parts = str_dup(a, out_view(&parts));
	finding->title = s->n_regions ? region_text(a, &s->regions[0]) : NO_STR;
	if (s->n_regions > 1 || s->more_regions)
		finding->title = str_printf(a, "%.*s, and more", STR_ARG(finding->title));
	finding->text = surplus_text(a, &f->proved->proof, s);
	const struct hand_rule *forbidden = surplus_forbidden(a, f->report->plan, s);
	if (forbidden) {
		finding->forbidden = forbidden_text(a, forbidden);
		finding->text = str_printf(a, "%.*s; %.*s", STR_ARG(finding->text), STR_ARG(finding->forbidden));
	}
	set_shown(f, finding, &s->shown);
	uint64_t h = hash64_seed(finding->parts.p, finding->parts.n, hash64(finding->rule.p, finding->rule.n));
	finding->id = str_printf(a, "s-%016llx", (unsigned long long)h);
	finding->mend = surplus_mend(a, &f->proved->proof, s);
}

static void add_unknown(struct finder *f, const struct unknown_line *u)
{
	struct proof_finding *finding = add(f, PROOF_NOT_UNDERSTOOD);
	finding->id = str_printf(f->arena, "u-%016llx", (unsigned long long)hash64(u->text.p, u->text.n));
	finding->title = u->text.n ? u->text : STR("the file");
	finding->text = str_of(u->why);
	finding->rule = u->text;
	finding->quoted = u->text.n;
	if (u->at.source)
		finding->at = u->at;
}

static void add_plain(struct finder *f, enum proof_kind kind, struct str text)
{
	struct proof_finding *finding = add(f, kind);
	finding->id = str_of(proof_kinds[kind].id);
	finding->title = str_of(proof_kinds[kind].title);
	finding->text = text;
}

static struct proof_finding *find(struct arena *a, const struct proof_report *r, const struct proved *p, bool in_blocks,
				  size_t *n)
{
	struct finder f = { .arena = a, .report = r, .proved = p };
	const struct proof *proof = &p->proof;

	add_all_missing(&f, in_blocks);
	if (proof->all_missing > proof->n_missing)
		add_plain(&f, PROOF_MORE,
			  str_printf(a, "%zu more flows are missing; --everything shows them",
				     proof->all_missing - proof->n_missing));
	for (size_t i = 0; i < proof->n_surplus; i++)
		add_surplus(&f, &proof->surplus[i]);
	if (proof->more_surplus)
		add_plain(&f, PROOF_MORE, STR("there is more surplus; --everything shows it"));
	if (proof->why_unproved)
		add_plain(&f, PROOF_UNPROVED, str_of(proof->why_unproved));
	for (size_t i = 0; i < proof->rules->unknown.n; i++)
		add_unknown(&f, &proof->rules->unknown.v[i]);
	if (proof->accepts_any_ack)
		add_plain(&f, PROOF_ANY_ACK,
			  STR("TCP packets that are not the first of a conversation pass more widely than "
			      "any reply needs; such a list is stateless"));
	if (ruleset_lacks_icmp_errors(proof->rules))
		add_plain(
			&f, PROOF_NO_ERRORS,
			STR("no rule permits ICMP errors, so packets that are too large for a path are lost without a "
			    "word"));
	const struct rule *invalid = ruleset_accepts_invalid(proof->rules);
	if (invalid) {
		add_plain(&f, PROOF_INVALID, STR("packets that connection tracking calls invalid are accepted here"));
		struct proof_finding *last = &f.found.v[f.found.n - 1];
		last->at = invalid->at;
		last->rule = invalid->text;
		last->quoted = true;
	}
	for (size_t i = 0; i < proof->rules->assumed.n; i++)
		add_plain(&f, PROOF_ASSUMED, str_of(proof->rules->assumed.v[i]));
	for (size_t i = 0; i < p->n_tolerated; i++)
		add_plain(&f, PROOF_TOLERATED, hand_text(a, p->tolerated[i].row));
	*n = f.found.n;
	return f.found.v;
}

struct proof_finding *proof_findings(struct arena *a, const struct proof_report *r, const struct proved *p, size_t *n)
{
	return find(a, r, p, false, n);
}

struct proof_finding *proof_blocks(struct arena *a, const struct proof_report *r, const struct proved *p, size_t *n)
{
	return find(a, r, p, true, n);
}

static struct str count(struct arena *a, size_t n, bool more, const char *what)
{
	return n ? str_printf(a, "%zu%s %s", n, more ? " or more" : "", what) : str_printf(a, "nothing %s", what);
}

struct str proof_counts(struct arena *a, const struct proof *p)
{
	struct str unknown = p->rules->unknown.n == 0 ? STR("")
						      : str_printf(a, ", %zu %s not understood", p->rules->unknown.n,
								   p->rules->unknown.n == 1 ? "line" : "lines");
	return str_printf(a, "%.*s, %.*s%.*s", STR_ARG(count(a, p->all_missing, false, "missing")),
			  STR_ARG(count(a, p->n_surplus, p->more_surplus, "surplus")), STR_ARG(unknown));
}

struct str path_counts(struct arena *a, const struct proof_report *r)
{
	const struct proved_path *w = r->path;
	size_t lost = 0;
	for (size_t i = 0; i < w->n_required; i++)
		lost += w->comparison.loses[i];
	return str_printf(a, "over %zu firewalls%s, %zu of %zu %s pass%s; %.*s", r->n,
			  w->whole ? "" : " (not all of the estate's)", w->n_required - lost, w->n_required,
			  w->n_required == 1 ? "flow" : "flows", w->comparison.uncertain ? " or may pass" : "",
			  STR_ARG(count(a, w->comparison.n_added, w->comparison.more_added, "surplus")));
}

struct str change_parts(struct arena *a, const struct change *c)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 26);
	for (size_t i = 0; i < c->n_regions; i++)
		out_printf(&o, "%s%.*s", i ? "\n" : "", STR_ARG(region_text(a, &c->regions[i])));
	if (c->more_regions)
		out_text(&o, "\nand more");
	return str_dup(a, out_view(&o));
}
