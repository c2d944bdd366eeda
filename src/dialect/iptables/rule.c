/* SPDX-License-Identifier: Apache-2.0 */
/* A rule of iptables: options from left to right, each narrowing the drafts; then its target. */
#include "dialect/iptables/iptables.h"

#include "dialect/common/names.h"
#include "flow/translate.h"

static bool is_option(struct str word)
{
	return str_is(word, "-4") || str_is(word, "-6") ||
	       (word.n > 1 && word.p[0] == '-' && !(word.p[1] >= '0' && word.p[1] <= '9'));
}

/* Skips the values of an option that is not modelled. */
static void skip_values(struct ipt_rule *r)
{
	const words *w = &r->t->words;
	while (r->i + 1 < w->n && !is_option(w->v[r->i + 1]) && !str_is(w->v[r->i + 1], "!"))
		r->i++;
}

static void take_target(struct ipt_rule *r)
{
	r->goes = str_is_one_of(r->option, "-g --goto");
	r->jumps = true;
	r->target = ipt_argument(r);
}

/* Some modules are a condition by their name alone. */
static void take_module(struct ipt_rule *r)
{
	static const char conditions[] = "socket unclean eui64 ah esp frag hbh dst";
	r->module = ipt_argument(r);
	ipt_load_module(r, r->module);
	r->routing |= str_is(r->module, "rt");
	if (str_is_one_of(r->module, conditions))
		ipt_perhaps(r, arena_printf(r->t->keep, "a condition of -m %.*s", STR_ARG(r->module)));
}

/* Options of a target; any other option after the target is a condition as well. */
static bool is_of_target(const struct ipt_rule *r)
{
	static const char options[] =
		"--reject-with --log-prefix --log-level --log-tcp-sequence --log-tcp-options --log-ip-options "
		"--log-uid --log-macdecode --nflog-prefix --nflog-group --nflog-range --nflog-size --nflog-threshold "
		"--ulog-prefix --ulog-nlgroup --ulog-cprange --ulog-qthreshold --set-mark --set-xmark --and-mark "
		"--or-mark --xor-mark --save-mark --restore-mark --nfmask --ctmask --mask --left-shift-mark "
		"--right-shift-mark --notrack --helper --zone --zone-orig --zone-reply --ctevents --expevents "
		"--timeout --set-mss --clamp-mss-to-pmtu --checksum-fill --set-tos --and-tos --or-tos --xor-tos "
		"--set-dscp --set-dscp-class --add-set --del-set --map-set --map-mark --map-prio --map-queue --exist "
		"--type --set-class --to-destination --to-source --to-ports --to --random --random-fully --persistent "
		"--queue-num --queue-balance --queue-bypass --queue-cpu-fanout --hl-set --hl-dec --hl-inc --ttl-set "
		"--ttl-dec --ttl-inc --ecn-tcp-remove --strip-options --gateway --save --restore --selctx "
		"--rateest-name --rateest-interval --rateest-ewmalog --led-trigger-id --led-delay --led-always-blink "
		"--label --alarm --tarpit --honeypot --reset --hmark-tuple --hmark-mod --hmark-offset --hmark-rnd "
		"--hmark-src-prefix --hmark-dst-prefix --hmark-sport-mask --hmark-dport-mask --hmark-spi-mask "
		"--hmark-proto-mask --nodst";
	return r->jumps && str_is_one_of(r->option, options);
}

static void take_unknown(struct ipt_rule *r)
{
	bool of_target = is_of_target(r);
	static const char texts[] = "--log-prefix --nflog-prefix --ulog-prefix --string --hex-string";
	if (str_is_one_of(r->option, texts))
		ipt_argument(r);
	else
		skip_values(r);
	r->reset |=
		str_is(r->option, "--reject-with") && r->i < r->t->words.n && str_is(r->t->words.v[r->i], "tcp-reset");
	if (of_target || str_starts(r->option, "--rt-"))
		return;
	ipt_perhaps(r, r->module.n ? arena_printf(r->t->keep, "a condition of -m %.*s", STR_ARG(r->module))
				   : "a condition that is not modelled");
}

static void read_options_of(struct ipt_rule *r)
{
	const words *w = &r->t->words;
	for (; r->i < w->n && !r->odd; r->i++) {
		struct str word = w->v[r->i];
		if (str_is(word, "!")) {
			if (r->negated)
				ipt_refuse(r, word, "stands twice");
			r->negated = !r->negated;
			continue;
		}
		if (!is_option(word)) {
			ipt_odd(r, word, "is not expected here");
			break;
		}
		r->option = word;
		ipt_check_option(r);
		if (str_is_one_of(r->option, "-m --match"))
			take_module(r);
		else if (str_is_one_of(r->option, "-j --jump -g --goto"))
			take_target(r);
		else if (str_is_one_of(r->option, "-4 --ipv4 -6 --ipv6"))
			/* a file for both programs: each leaves out the rules of the other family */
			r->other_family |= str_is_one_of(r->option, "-4 --ipv4") != (r->t->family == IPV4);
		else if (!ipt_take_condition(r))
			take_unknown(r);
		r->negated = false;
	}
}

enum verdict_kind { VERDICT_ACTION, VERDICT_UNCERTAIN, VERDICT_CHAIN, VERDICT_STRANGE };

static enum verdict_kind target_of(struct ipt_rule *r, enum action *action)
{
	static const char idle[] =
		"LOG NFLOG ULOG MARK CONNMARK CT NOTRACK TCPMSS CHECKSUM TOS DSCP SET TRACE AUDIT CLASSIFY SECMARK "
		"CONNSECMARK HL TTL ECN TCPOPTSTRIP RATEEST IDLETIMER LED TEE HMARK";
	static const char ending[] = "SNAT MASQUERADE DNAT REDIRECT NETMAP SAME";
	*action = ACTION_NEXT;
	if (!r->jumps || str_is_one_of(r->target, idle))
		return VERDICT_ACTION;
	if (str_is(r->target, "ACCEPT") || str_is_one_of(r->target, ending))
		*action = ACTION_PERMIT;
	else if (str_is(r->target, "DROP") || str_is(r->target, "REJECT") || str_is(r->target, "TARPIT"))
		*action = ACTION_DENY;
	else if (str_is(r->target, "RETURN"))
		*action = ACTION_RETURN;
	else if (str_is(r->target, "QUEUE") || str_is(r->target, "NFQUEUE")) {
		*action = ACTION_PERMIT;
		return VERDICT_UNCERTAIN;
	} else if (str_is(r->target, "TPROXY") || str_is(r->target, "SYNPROXY") || str_is(r->target, "CLUSTERIP")) {
		return VERDICT_STRANGE;
	} else {
		*action = r->goes ? ACTION_GOTO : ACTION_CALL;
		return VERDICT_CHAIN;
	}
	return VERDICT_ACTION;
}

static const char untracked[] = "whether a connection is tracked, which a rule turns off";

/*
 * NOTRACK, or CT --notrack: states are known neither for the packets that it matches nor for the
 * replies to them.
 */
static void add_untracked(struct ipt_rule *r, struct ipt_chain *chain)
{
	struct ipt *t = r->t;
	for (size_t i = 0; i < r->drafts.n; i++) {
		struct match m = draft_match_done(&r->drafts.v[i]), back = match_of_replies(t->keep, &m);
		ruleset_doubt(t->rules, chain->number, &m, lines_at(&t->lines), t->line, untracked);
		ruleset_doubt(t->rules, chain->number, &back, lines_at(&t->lines), t->line, untracked);
	}
}

static bool turns_tracking_off(const struct ipt_rule *r)
{
	return str_is(r->target, "NOTRACK") ||
	       (str_is(r->target, "CT") && str_find_text(r->t->line, STR("--notrack")) != SIZE_MAX);
}

/* What a rule of the table nat makes of a packet: the first packets of connections pass it, and no others. */
static void translate_into(struct ipt_rule *r, const struct draft_match *m, struct rule *rule)
{
	struct translation translation;
	if (!ipt_translation(r, m, &translation))
		return;
	rule->action = ACTION_NEXT;
	rule->target = ruleset_translation(r->t->rules, translation);
}

static void add_rules(struct ipt_rule *r, struct ipt_chain *chain)
{
	struct ipt *t = r->t;
	enum action action;
	enum verdict_kind kind = target_of(r, &action);
	uint32_t target = 0;

	if (kind == VERDICT_CHAIN) {
		struct ipt_chain *c = ipt_chain_of(t, r->target);
		if (!c->used_at.line) {
			c->used_at = lines_word_at(&t->lines, t->line, r->target);
			c->used_text = t->line;
		}
		target = c->number;
	}
	if (kind == VERDICT_UNCERTAIN)
		ipt_perhaps(r, "the decision of a program (queue)");
	for (size_t i = 0; i < r->drafts.n; i++) {
		struct rule *rule = ruleset_rule(t->rules, chain->number, lines_at(&t->lines));
		draft_into(&r->drafts.v[i], rule);
		rule->action = action;
		rule->target = target;
		rule->comment = r->comment;
		rule->text = t->line;
		if (str_is(t->table, "nat"))
			translate_into(r, &r->drafts.v[i], rule);
		ruleset_keep(t->rules, &rule->match);
	}
}

static void add_strange(struct ipt_rule *r, struct ipt_chain *chain)
{
	struct ipt *t = r->t;
	const char *why = arena_printf(t->keep, "the target %.*s, which is not modelled", STR_ARG(r->target));
	for (size_t i = 0; i < r->drafts.n; i++) {
		struct match m = draft_match_done(&r->drafts.v[i]);
		ruleset_doubt(t->rules, chain->number, &m, lines_at(&t->lines), t->line, why);
	}
}

void ipt_read_rule(struct ipt *t, struct ipt_chain *chain, size_t from, bool counts)
{
	struct ipt_rule r = { .t = t, .arena = t->scratch, .i = from, .protocol = ANY_PROTOCOL };
	enum action action;
	*VEC_ADD(r.arena, &r.drafts) = draft_match_new(r.arena);
	draft_family(&r.drafts.v[0], t->family);
	read_options_of(&r);
	if (r.other_family)
		return;
	if (!r.odd && ipt_is_refused(&r, t->words.v[from - 1])) {
		ruleset_refused(t->rules, lines_word_at(&t->lines, t->line, r.odd_word), t->line, "\"%.*s\" %s",
				STR_ARG(r.odd_word), r.refused);
		return;
	}
	if (!counts)
		return;
	if (r.odd) {
		ruleset_unknown(t->rules, lines_word_at(&t->lines, t->line, r.odd_word), t->line, "\"%.*s\" %s",
				STR_ARG(r.odd_word), r.odd);
		return;
	}
	/* a plan has no packets with a routing header; one that is permitted may be any */
	if (r.routing && (str_is(r.target, "DROP") || str_is(r.target, "REJECT")))
		ipt_never(&r);
	else if (r.routing)
		ipt_perhaps(&r, "a routing header");
	if (str_is(r.target, "CT"))
		t->rules->helps_tftp |= str_find_text(t->line, STR("--helper tftp")) != SIZE_MAX;
	if (str_is(t->table, "nat"))
		EACH_DRAFT(&r, m)
	draft_conversation(m, CONVERSATION_OPENING);
	if (turns_tracking_off(&r))
		add_untracked(&r, chain);
	else if (target_of(&r, &action) == VERDICT_STRANGE)
		add_strange(&r, chain);
	else
		add_rules(&r, chain);
}
