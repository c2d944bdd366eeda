/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of a cache, as prove/proof-pack.h has them, to the question of a small estate.
 * The first line is the name of a dialect, and the rest a text whose answer is
 * packed and unpacked: every report of it is the same.  Or it is "answer", and
 * the rest is a packed answer: it is refused, or every report can be written.
 */
#include "fuzz.h"

#include "../agree.h"
#include "cli/rules.h"
#include "prove/proof-pack.h"
#include "report/proof/format.h"

enum {
	MOST_PROVED = 300, /* rules; of larger sets, the proof takes long */
	MOST_EDITED = 20,
	PACKETS = 20,
};

static const char estate_text[] =
	"estate: fuzz\n"
	"zones: { a: { subnets: [10.1.0.0/16, '2001:db8:1::/48'] }, b: { subnets: [10.2.0.0/16, '2001:db8:2::/48'] } "
	"}\n"
	"hosts:\n"
	"  x: { zone: a, address: [10.1.0.1, '2001:db8:1::1'], joined: workgroup, roles: [workgroup-computer] }\n"
	"  y: { zone: b, address: [10.2.0.2, '2001:db8:2::2'], joined: workgroup, roles: [workgroup-computer] }\n"
	"firewalls: { f: { zones: [a, b] } }\n"
	"allow:\n"
	"  - { from: x, to: y, protocol: tcp, ports: 443, why: w, owner: o }\n"
	"  - { from: y, to: x, protocol: udp, ports: 53-60, why: w, owner: o }\n"
	"  - { from: x, to: y, protocol: icmp, icmp-types: echo, why: w, owner: o }\n";

/* What the answers of the corpus are about. */
static const char rules_text[] = "*filter\n"
				 ":FORWARD DROP [0:0]\n"
				 ":WEB - [0:0]\n"
				 "-A FORWARD -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n"
				 "-A FORWARD -s 10.1.0.0/24 -d 10.2.0.2/32 -j WEB\n"
				 "-A FORWARD -s 10.2.0.2/32 -p udp -m udp --dport 53:58 -m limit --limit 5/sec -m "
				 "comment --comment names -j ACCEPT\n"
				 "-A FORWARD -p icmp -m icmp --icmp-type 8 -j ACCEPT\n"
				 "-A WEB -p tcp -m multiport --dports 80,443 -j ACCEPT\n"
				 "COMMIT\n";

struct asker {
	struct arena *a;
	const struct plan *plan;
	struct place at;
	struct interface_map map;
	struct proof_question question;
};

/* Made once: it takes longer than most answers. */
static const struct plan *plan_of_estate(void)
{
	static const struct plan *plan;
	if (plan)
		return plan;
	struct arena *a = arena_new();
	struct diag *d = diag_new(a);
	struct plan_options options = { 0 };
	const struct node *n = yaml_parse(a, source_of_text(a, "estate.yaml", str_of(estate_text)), d);
	struct estate *e = n ? estate_of_tree(a, &catalogue_builtin, n, d) : NULL;
	plan = e ? plan_make(a, e, &options, d) : NULL;
	if (!plan) {
		struct out err = out_fd(2);
		diag_print(d, &err, false);
		out_flush(&err);
		abort();
	}
	return plan;
}

static void asker_init(struct asker *k, struct arena *a)
{
	*k = (struct asker){ .a = a, .plan = plan_of_estate(), .at = place_of_firewall(0) };
	struct judged judged = plan_judged(a, k->plan, &k->at);
	k->map = place_interfaces(a, k->plan, &k->at);
	k->question =
		(struct proof_question){ .map = &k->map, .judged = judged.boxes, .n_judged = judged.n, .most = 1000 };
	k->question.required = place_required(a, k->plan, &k->at, &k->question.n_required);
}

/* Every form of the report, one behind the other. */
static struct str reported(const struct asker *k, const struct proof *proof)
{
	struct out o = out_memory((size_t)1 << 30);
	struct proved p = { .at = k->at,
			    .name = STR("f"),
			    .dialect = "x",
			    .path = "rules",
			    .proof = *proof,
			    .required = k->question.required,
			    .n_required = k->question.n_required };
	if (ruleset_size(proof->rules) <= MOST_EDITED) {
		struct edits *e = ARENA_NEW(k->a, struct edits);
		*e = propose_edits(k->a, &p.proof, &k->question);
		p.edits = e;
	}
	proof_join_lines(k->a, &p.proof);
	struct proof_report r = { .plan = k->plan, .v = &p, .n = 1 };
	proof_report_finish(&r);
	for (size_t i = 0; proof_formats[i]; i++)
		proof_formats[i]->write(&o, &r);
	struct str s = str_dup(k->a, out_view(&o));
	out_free(&o);
	return s;
}

static bool unpacked(const struct asker *k, struct str bytes, const struct source *file, struct diag *d,
		     struct proof *ret)
{
	struct unpacker u = unpacker_new(k->a, bytes, file);
	return unpack_answer(&u, &k->question, d, ret);
}

static struct str packed(const struct asker *k, const struct source *file, const struct diag *d,
			 const struct proof *proof)
{
	struct out o = out_memory((size_t)1 << 30);
	struct packer p = packer_new(k->a, &o, file);
	if (!pack_answer(&p, &k->question, d, 0, proof))
		abort();
	struct str s = str_dup(k->a, out_view(&o));
	out_free(&o);
	return s;
}

static void try_text(const struct asker *k, const struct dialect *x, struct str text)
{
	struct read_options options = place_reading(k->a, k->plan, &k->at);
	struct source *s = source_of_text(k->a, "rules", text), *t = source_of_text(k->a, "rules", str_dup(k->a, text));
	struct diag *d = diag_new(k->a), *again = diag_new(k->a);
	struct ruleset *r;
	struct proof back;
	if (!dialect_read(k->a, x, s, &options, &r, d) || ruleset_size(r) > MOST_PROVED)
		return;
	struct proof fresh = prove(k->a, r, &k->question);
	struct str bytes = packed(k, s, d, &fresh);
	if (!unpacked(k, bytes, t, again, &back) || !str_eq(packed(k, t, again, &back), bytes) ||
	    !str_eq(reported(k, &fresh), reported(k, &back)))
		abort();
}

static void try_answer(const struct asker *k, struct str bytes)
{
	struct source *s = source_of_text(k->a, "rules", str_of(rules_text));
	struct diag *d = diag_new(k->a), *again = diag_new(k->a);
	struct disagreement wrong;
	struct proof proof, back;
	if (!unpacked(k, bytes, s, d, &proof)) {
		if (diag_count(d))
			abort();
		return;
	}
	/* a place may be none of the text: saying it does no harm */
	struct out said = out_memory(1 << 24);
	diag_print(d, &said, true);
	out_free(&said);
	struct str once = packed(k, s, d, &proof);
	if (!unpacked(k, once, s, again, &back) || !str_eq(packed(k, s, again, &back), once))
		abort();
	if (ruleset_size(proof.rules) > MOST_PROVED)
		return;
	reported(k, &proof);
	if (!agree(k->a, proof.rules, &k->map, PACKETS, bytes.n, &wrong))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct asker k;
	asker_init(&k, a);
	struct str rest = { (const char *)data, size };
	size_t end = size ? str_find(rest, '\n') : SIZE_MAX;
	struct str line = str_first(rest, end == SIZE_MAX ? 0 : end),
		   body = end == SIZE_MAX ? STR("") : str_skip(rest, end + 1);
	const struct dialect *x = dialect_find(line);
	if (x && x->parse)
		try_text(&k, x, body);
	else if (str_is(line, "answer"))
		try_answer(&k, body);
	return 0;
}
