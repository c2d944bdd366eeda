/* SPDX-License-Identifier: Apache-2.0 */
/*
 * draw DIALECT FIRST COUNT [answer]: rule sets for tests/netns/drawn, with what the readers decide of packets.
 *
 * Each round writes one text of the grammar and a mutation of it, as the records
 *
 *	set ROUND drawn|mutated SIDE BYTES
 *	(the text)
 *	SRC DST PROTOCOL SPORT PORT opening|reply|invalid permit|deny|uncertain
 *	...
 *	end
 *
 * With "answer", records come in on standard input, without packets, and texts that are read take the place of those
 * that are drawn: the same packets are asked about.
 */
#include "property/grammar/grammar.h"
#include "property/grammar/table.h"

#include "base/names.h"

#define DECLARE(name) extern const struct grammar grammar_##name;
GRAMMARS(DECLARE)
#define LIST(name) &grammar_##name,
static const struct grammar *const grammars[] = { GRAMMARS(LIST) };

enum { PACKETS = 60, MOST_TEXT = 16 << 20 };

enum kind { KIND_OPENING, KIND_REPLY, KIND_INVALID, N_KINDS };

static const char *const kind_names[] = {
	[KIND_OPENING] = "opening", [KIND_REPLY] = "reply", [KIND_INVALID] = "invalid"
};
_Static_assert(ARRAY_LEN(kind_names) == N_KINDS, "a kind without a name");

static const char *const side_names[] = {
	[POLICY_TRANSIT] = "forward", [POLICY_INBOUND] = "input", [POLICY_OUTBOUND] = "output"
};

struct asked {
	struct packet packet;
	enum kind kind;
};

struct round {
	const struct grammar *grammar;
	size_t number;
	struct draft draft;
	struct asked asked[PACKETS];
	size_t n_asked;
};

/* Packets */

/* What connection tracking makes of a packet that belongs to nothing; false: it does not look at it. */
static bool kind_alone(const struct packet *p, enum kind *ret)
{
	bool opens = true;
	if (p->protocol == PROTO_ICMP)
		opens = p->port == 8 || p->port == 13 || p->port == 15 || p->port == 17;
	if (p->protocol == PROTO_ICMP6)
		opens = p->port == 128 || p->port == 139;
	*ret = opens ? KIND_OPENING : KIND_INVALID;
	return p->protocol != PROTO_ICMP6 || !((p->port >= 130 && p->port <= 137) || p->port == 143);
}

static bool may_reply(const struct packet *p)
{
	if (protocol_is_icmp(p->protocol))
		return p->port == (p->protocol == PROTO_ICMP ? 0 : 129) && !p->sport;
	return p->protocol == PROTO_TCP || p->protocol == PROTO_UDP || !protocol_has_ports(p->protocol);
}

static void ask(struct round *r)
{
	struct draft *w = &r->draft;
	for (size_t i = 0; i < PACKETS; i++) {
		struct asked one = { .packet = packet_near(w) };
		bool seen = packet_is_possible(&one.packet) && kind_alone(&one.packet, &one.kind);
		if (chance(w, 4) && may_reply(&one.packet))
			one.kind = KIND_REPLY;
		else if (chance(w, 8) && one.packet.protocol == PROTO_TCP)
			one.kind = KIND_INVALID;
		if (seen)
			r->asked[r->n_asked++] = one;
	}
}

/* Texts */

/* Words, and what is between them, of a line. */
typedef VEC(struct str) pieces;

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static pieces pieces_of(struct arena *a, struct str text)
{
	pieces v = { 0 };
	while (text.n) {
		size_t n = 1;
		if (is_word_char(text.p[0]))
			while (n < text.n && is_word_char(text.p[n]))
				n++;
		*VEC_ADD(a, &v) = str_first(text, n);
		text = str_skip(text, n);
	}
	return v;
}

/* A word of the text, or one that belongs elsewhere. */
static struct str other_word(struct draft *w, const pieces *v)
{
	if (chance(w, 2))
		return v->v[rnd(w, (uint32_t)v->n)];
	return str_of(ONE_OF(w, "tcp", "udp", "icmp", "!", "!=", "{", "}", ",", "-", "0", "65536", "accept", "drop",
			     "-j", "ACCEPT", "DROP", "DNAT", "return", "RETURN", "--dport", "dport", "ip6", "ip", "22",
			     "any", "all", "10.0.0.0/33", "fd00::1", "established", "NEW", "--syn", "th", "@set_9", "!",
			     "\"", "\n", "-m", "-p", "-s", "-i", "eth0", "mark", "limit", "1-", ":", "jump", "goto",
			     "ct"));
}

static void change_piece(struct draft *w, pieces *v)
{
	size_t i = rnd(w, (uint32_t)v->n), to = rnd(w, (uint32_t)v->n);
	struct str old = v->v[i];
	/* blanks alone change nothing: find a word */
	for (unsigned tries = 0; tries < 8 && (old.p[0] == ' ' || old.p[0] == '\t'); tries++)
		old = v->v[i = rnd(w, (uint32_t)v->n)];
	switch (rnd(w, 6)) {
	case 0:
		v->v[i] = NO_STR;
		return;
	case 1:
		v->v[i] = str_printf(w->a, "%.*s %.*s", STR_ARG(old), STR_ARG(old));
		return;
	case 2:
		v->v[i] = v->v[to];
		v->v[to] = old;
		return;
	case 3:
		v->v[i] = str_printf(w->a, "%.*s %.*s ", STR_ARG(old), STR_ARG(other_word(w, v)));
		return;
	case 4:
		v->v[i] = str_first(old, old.n - 1);
		return;
	default:
		v->v[i] = other_word(w, v);
	}
}

/* Removes a line, or writes one twice. */
static struct str change_line(struct draft *w, struct str text)
{
	VEC(struct str) lines = { 0 };
	struct str line;
	struct out o = out_memory(MOST_TEXT);
	while (str_cut(&text, '\n', &line))
		*VEC_ADD(w->a, &lines) = line;
	size_t at = rnd(w, (uint32_t)lines.n);
	bool twice = chance(w, 2);
	for (size_t i = 0; i < lines.n; i++)
		for (unsigned n = i != at ? 1 : twice ? 2 : 0; n; n--)
			out_printf(&o, "%.*s\n", STR_ARG(lines.v[i]));
	struct str changed = str_dup(w->a, out_view(&o));
	out_free(&o);
	return changed;
}

static struct str mutated(struct draft *w, struct str text)
{
	if (chance(w, 5))
		return change_line(w, text);
	pieces v = pieces_of(w->a, text);
	for (uint32_t n = chance(w, 3) ? 2 : 1; n; n--)
		change_piece(w, &v);
	struct out o = out_memory(MOST_TEXT);
	for (size_t i = 0; i < v.n; i++)
		out_str(&o, v.v[i]);
	struct str changed = str_dup(w->a, out_view(&o));
	out_free(&o);
	return changed;
}

/* Answers */

/* NULL: the text has an error, so that nothing is certain. */
static const struct ruleset *read_text(struct draft *w, const struct dialect *dialect, struct str text)
{
	struct diag *d = diag_new(w->a);
	struct ruleset *r = NULL;
	struct source *s = source_of_text(w->a, "random", text);
	return dialect_read(w->a, dialect, s, &w->options, &r, d) ? r : NULL;
}

static const char *answer(struct draft *w, const struct ruleset *r, const struct asked *q)
{
	struct interface_map map = { .addresses = place_addresses, .ctx = w };
	struct reading lower = { .reply = q->kind == KIND_REPLY, .invalid = q->kind == KIND_INVALID }, upper = lower;
	const struct rule *by;
	uint32_t chain;
	upper.upper = true;
	if (!r || r->unknown.n)
		return "uncertain";
	enum action must = ruleset_decide(r, &q->packet, &map, lower, &by, &chain),
		    may = ruleset_decide(r, &q->packet, &map, upper, &by, &chain);
	return must != may ? "uncertain" : must == ACTION_PERMIT ? "permit" : "deny";
}

static void put_set(struct out *o, struct round *r, const char *kind, struct str text)
{
	struct draft *w = &r->draft;
	const struct ruleset *rules = read_text(w, dialect_find(str_of(r->grammar->dialect)), text);
	out_printf(o, "set %zu %s %s %zu\n", r->number, kind, side_names[w->options.side], text.n);
	out_str(o, text);
	for (size_t i = 0; i < r->n_asked; i++) {
		const struct packet *p = &r->asked[i].packet;
		char src[ADDR_TEXT], dst[ADDR_TEXT];
		out_printf(o, "%s %s %u %u %u %s %s\n", addr_text(p->src, src), addr_text(p->dst, dst), p->protocol,
			   p->sport, p->port, kind_names[r->asked[i].kind], answer(w, rules, &r->asked[i]));
	}
	out_text(o, "end\n");
}

static struct round *round_of(struct arena *a, const struct grammar *g, size_t number)
{
	struct round *r = ARENA_NEW(a, struct round);
	r->grammar = g;
	r->number = number;
	r->draft = (struct draft){ .a = a, .seed = 7919 * (number + 1), .text = out_memory(MOST_TEXT) };
	rnd(&r->draft, 1);
	g->write(&r->draft);
	ask(r);
	return r;
}

static void draw(struct out *o, const struct grammar *g, size_t number)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	struct round *r = round_of(a, g, number);
	struct str text = str_dup(a, out_view(&r->draft.text));
	put_set(o, r, "drawn", text);
	put_set(o, r, "mutated", mutated(&r->draft, text));
	out_free(&r->draft.text);
}

/* False at the end of the input. */
static bool answer_one(struct out *o, const struct grammar *g)
{
	CLEANUP(arena_freep) struct arena *a = arena_new();
	size_t number, n;
	char kind[16];
	if (scanf("set %zu %15s %*s %zu", &number, kind, &n) != 3 || n > MOST_TEXT || getchar() != '\n')
		return false;
	char *text = arena_alloc(a, n + 1);
	if (fread(text, 1, n, stdin) != n)
		return false;
	struct round *r = round_of(a, g, number);
	put_set(o, r, kind, (struct str){ text, n });
	out_free(&r->draft.text);
	return true;
}

static const struct grammar *grammar_of(const char *dialect)
{
	for (size_t i = 0; i < ARRAY_LEN(grammars); i++)
		if (strcmp(grammars[i]->dialect, dialect) == 0)
			return grammars[i];
	return NULL;
}

int main(int argc, char **argv)
{
	const struct grammar *g = argc >= 4 ? grammar_of(argv[1]) : NULL;
	if (!g)
		return 2;
	struct out o = out_fd(1);
	size_t first = strtoul(argv[2], NULL, 10), n = strtoul(argv[3], NULL, 10);
	if (argc > 4)
		while (answer_one(&o, g))
			;
	else
		for (size_t i = first; i < first + n; i++)
			draw(&o, g, i);
	bool written = out_flush(&o);
	out_free(&o);
	return written ? 0 : 1;
}
