/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JUnit XML, which build servers read: a suite for each firewall.  There is a case for
 * each flow that is needed, and for each difference, under a name that is stable between
 * runs.  A law that holds without such cases is one case that passes.
 */
#include "report/markup.h"
#include "report/proof/findings.h"
#include "report/proof/format.h"

/* The three laws of a suite. */
enum law { LAW_MISSING, LAW_SURPLUS, LAW_UNDERSTOOD, N_LAWS };

static const struct {
	const char *class, *holds;
} laws[N_LAWS] = {
	[LAW_MISSING] = { "missing", "every flow that is needed passes" },
	[LAW_SURPLUS] = { "surplus", "nothing passes that is not needed" },
	[LAW_UNDERSTOOD] = { "understood", "every rule is understood" },
};

/* N_LAWS: breaks none. */
static enum law law_of(const struct proof_finding *f)
{
	switch (f->kind) {
	case PROOF_MISSING:
	case PROOF_MISSING_PERHAPS:
		return LAW_MISSING;
	case PROOF_SURPLUS:
	case PROOF_SURPLUS_PERHAPS:
		return LAW_SURPLUS;
	case PROOF_NOT_UNDERSTOOD:
	case PROOF_UNPROVED:
		return LAW_UNDERSTOOD;
	case PROOF_MORE:
	case PROOF_ANY_ACK:
	case PROOF_NO_ERRORS:
	case PROOF_INVALID:
	case PROOF_ASSUMED:
	case PROOF_TOLERATED:
	case N_PROOF_KINDS:
		break;
	}
	return N_LAWS;
}

struct suite {
	const struct proved *proved;
	const struct proof_finding *v;
	size_t n;
	size_t broken[N_LAWS];
	const struct required **passing; /* flows that certainly pass */
	size_t n_passing;
	size_t tests, failures, errors;
};

/* Nothing is said of any flow where not all were decided. */
static void find_passing(struct arena *a, struct suite *s)
{
	const struct proved *p = s->proved;
	if (p->proof.verdict == VERDICT_UNPROVED || p->proof.all_missing > p->proof.n_missing)
		return;
	bool *missing = ARENA_ARRAY(a, bool, p->n_required);
	for (size_t i = 0; i < p->proof.n_missing; i++)
		missing[p->proof.missing[i].required - p->required] = true;
	s->passing = ARENA_ARRAY(a, const struct required *, p->n_required);
	for (size_t i = 0; i < p->n_required; i++)
		if (!missing[i])
			s->passing[s->n_passing++] = &p->required[i];
}

static struct suite make_suite(struct arena *a, const struct proof_report *r, const struct proved *p)
{
	struct suite s = { .proved = p };
	s.v = proof_findings(a, r, p, &s.n);
	for (size_t i = 0; i < s.n; i++) {
		enum law law = law_of(&s.v[i]);
		if (law != N_LAWS)
			s.broken[law]++;
	}
	find_passing(a, &s);
	for (enum law i = 0; i < N_LAWS; i++) {
		size_t cases = s.broken[i] + (i == LAW_MISSING ? s.n_passing : 0);
		s.tests += MAX(cases, (size_t)1);
	}
	s.failures = s.broken[LAW_MISSING] + s.broken[LAW_SURPLUS];
	s.errors = s.broken[LAW_UNDERSTOOD];
	return s;
}

static void put_line(struct out *o, const char *label, struct str s)
{
	if (!s.n)
		return;
	out_printf(o, "%s: ", label);
	put_markup(o, s);
	out_char(o, '\n');
}

static void put_place(struct out *o, const struct proof_finding *f)
{
	if (!f->at.source)
		return;
	put_attribute(o, "file", str_of(f->at.source->name));
	if (f->at.line)
		out_printf(o, " line=\"%u\"", f->at.line);
}

static void begin_case(struct out *o, const struct suite *s, enum law law, struct str name)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	out_text(o, "    <testcase");
	put_attribute(o, "classname", str_printf(a, "%.*s.%s", STR_ARG(s->proved->name), laws[law].class));
	put_attribute(o, "name", name);
}

static void put_case(struct out *o, const struct suite *s, const struct proof_finding *f)
{
	enum law law = law_of(f);
	const char *element = law == LAW_UNDERSTOOD ? "error" : "failure";

	begin_case(o, s, law, f->title);
	put_place(o, f);
	out_printf(o, ">\n      <%s", element);
	put_attribute(o, "type", str_of(proof_kinds[f->kind].id));
	put_attribute(o, "message", f->text);
	out_text(o, ">");
	put_line(o, "packets", f->parts);
	put_line(o, "witness", f->witness);
	put_line(o, "decided by", f->rule);
	put_line(o, "needed", f->why);
	put_line(o, "document", f->cite);
	put_line(o, "mend", f->mend);
	out_printf(o, "</%s>\n    </testcase>\n", element);
}

static void put_passing(struct out *o, const struct proof_report *r, const struct suite *s)
{
	for (size_t i = 0; i < s->n_passing; i++) {
		CLEANUP(arena_freep) struct arena *a = arena_new();
		begin_case(o, s, LAW_MISSING, flow_title(a, r, s->passing[i]->what));
		out_text(o, "/>\n");
	}
}

static void put_suite(struct out *o, const struct proof_report *r, const struct suite *s)
{
	out_text(o, "  <testsuite");
	put_attribute(o, "name", s->proved->name);
	out_printf(o, " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" skipped=\"0\">\n", s->tests, s->failures,
		   s->errors);
	for (enum law law = 0; law < N_LAWS; law++) {
		if (law == LAW_MISSING)
			put_passing(o, r, s);
		if (!s->broken[law] && !(law == LAW_MISSING && s->n_passing)) {
			begin_case(o, s, law, str_of(laws[law].holds));
			out_text(o, "/>\n");
		}
		for (size_t i = 0; i < s->n; i++)
			if (law_of(&s->v[i]) == law)
				put_case(o, s, &s->v[i]);
	}
	for (size_t i = 0; i < s->n; i++) {
		if (law_of(&s->v[i]) != N_LAWS)
			continue;
		out_text(o, "    <system-out>");
		put_markup(o, s->v[i].text);
		out_text(o, "</system-out>\n");
	}
	out_text(o, "  </testsuite>\n");
}

static void write_junit(struct out *o, const struct proof_report *r)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct suite *suites = ARENA_ARRAY(a, struct suite, r->n);
	size_t tests = 0, failures = 0, errors = 0;

	for (size_t i = 0; i < r->n; i++) {
		suites[i] = make_suite(a, r, &r->v[i]);
		tests += suites[i].tests;
		failures += suites[i].failures;
		errors += suites[i].errors;
	}
	out_printf(o,
		   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"portolan prove\" tests=\"%zu\" "
		   "failures=\"%zu\" errors=\"%zu\">\n",
		   tests, failures, errors);
	for (size_t i = 0; i < r->n; i++)
		put_suite(o, r, &suites[i]);
	out_text(o, "</testsuites>\n");
}

const struct proof_format proof_format_junit = {
	.name = "junit",
	.title = "JUnit XML",
	.write = write_junit,
};
