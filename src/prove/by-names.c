/* SPDX-License-Identifier: Apache-2.0 */
#include "prove/by-names.h"

#include "base/strmap.h"
#include "prove/comparer.h"
#include "prove/rpc.h"

/* One comparison for each pair; each of them copies the rules. */
enum { MOST_PAIRS = 900, MOST_COPIED = 20000000 };

enum { OLD, NEW, N_SIDES };

/* An interface that rules may name: by its own name, and by those of the groups that it is in. */
struct face {
	struct str name; /* empty: any that no rule names */
	VEC(struct str) names[N_SIDES];
	struct out seen; /* which rules name it, in step with all rules: the same for alike interfaces */
};

typedef VEC(struct face) faces;

struct asker {
	struct arena *arena;
	const struct ruleset *rules[N_SIDES];
	const struct permits *said[N_SIDES];
	const struct compare_options *options;
	faces in, out;
	struct strmap told; /* changes, by what decides them and their witness: their index + 1 */
	struct changes added, removed;
	struct comparison all;
};

static bool is_one_of(struct str name, const struct str *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(names[i], name))
			return true;
	return false;
}

static bool stands_for(struct str written, struct str name)
{
	if (written.n && written.p[written.n - 1] == '*')
		return name.n >= written.n - 1 &&
		       str_eq(str_first(name, written.n - 1), str_first(written, written.n - 1));
	return str_eq(written, name);
}

static bool names_hold(const struct interface_names *names, const struct face *f, int side)
{
	bool any = !names->n;
	for (size_t i = 0; i < names->n && !any; i++)
		for (size_t j = 0; j < f->names[side].n && !any; j++)
			any = stands_for(names->v[i], f->names[side].v[j]);
	return names->n ? any != names->negated : true;
}

static const struct interface_names *names_of(const struct rule *r, bool in)
{
	return in ? &r->match.in : &r->match.out;
}

static void add_name(struct arena *a, struct strmap *known, faces *all, struct str name)
{
	if (!strmap_add(known, name, all))
		return;
	struct face *f = VEC_ADD(a, all);
	*f = (struct face){ .name = name };
	for (int side = OLD; side <= NEW; side++)
		*VEC_ADD(a, &f->names[side]) = name;
}

/* Of "eth*": an interface that it stands for and that has no name of its own. */
static struct str another(struct arena *a, struct str pattern)
{
	return str_printf(a, "%.*s*", (int)pattern.n - 1, pattern.p);
}

static void add_names(struct asker *asker, const struct ruleset *r, bool in, struct strmap *known, faces *all)
{
	struct arena *a = asker->arena;
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n; i++) {
			const struct interface_names *names = names_of(&r->chains.v[c].rules.v[i], in);
			for (size_t n = 0; n < names->n; n++) {
				struct str name = names->v[n];
				bool pattern = name.n && name.p[name.n - 1] == '*';
				add_name(a, known, all, pattern ? another(a, name) : name);
			}
		}
}

static void add_members(struct asker *asker, const struct ruleset *r, struct strmap *known, faces *all)
{
	for (size_t i = 0; i < r->members.n; i++)
		if (r->members.v[i].member.n)
			add_name(asker->arena, known, all, r->members.v[i].member);
}

static void add_groups(struct asker *asker, faces *all)
{
	for (int side = OLD; side <= NEW; side++)
		for (size_t i = 0; i < asker->rules[side]->members.n; i++) {
			const struct interface_member *m = &asker->rules[side]->members.v[i];
			for (size_t f = 0; f < all->n; f++)
				if (m->member.n && str_eq(all->v[f].name, m->member) &&
				    !is_one_of(m->group, all->v[f].names[side].v, all->v[f].names[side].n))
					*VEC_ADD(asker->arena, &all->v[f].names[side]) = m->group;
		}
}

static void see_rules(struct asker *asker, bool in, struct face *f)
{
	f->seen = out_memory(SIZE_MAX);
	for (int side = OLD; side <= NEW; side++)
		for (size_t c = 0; c < asker->rules[side]->chains.n; c++) {
			const struct chain *chain = &asker->rules[side]->chains.v[c];
			for (size_t i = 0; i < chain->rules.n; i++) {
				const struct interface_names *names = names_of(&chain->rules.v[i], in);
				if (names->n)
					out_char(&f->seen, names_hold(names, f, side) ? '+' : '-');
			}
		}
}

/* The interfaces that the rules distinguish: of several that the same rules name, the first stands for all. */
static faces find_faces(struct asker *asker, bool in)
{
	struct strmap known = strmap_new(asker->arena), alike = strmap_new(asker->arena);
	faces all = { 0 }, ret = { 0 };
	*VEC_ADD(asker->arena, &all) = (struct face){ .name = NO_STR };
	for (int side = OLD; side <= NEW; side++)
		add_names(asker, asker->rules[side], in, &known, &all);
	for (int side = OLD; side <= NEW; side++)
		add_members(asker, asker->rules[side], &known, &all);
	add_groups(asker, &all);
	for (size_t i = 0; i < all.n && ret.n <= MOST_PAIRS; i++) {
		see_rules(asker, in, &all.v[i]);
		if (strmap_add(&alike, str_dup(asker->arena, out_view(&all.v[i].seen)), &all))
			*VEC_ADD(asker->arena, &ret) = all.v[i];
		out_free(&all.v[i].seen);
	}
	return ret;
}

/* The rules of one pair of interfaces, which they no longer name. */
static struct ruleset *rules_between(struct arena *a, const struct ruleset *r, const struct face *in,
				     const struct face *out, int side)
{
	struct ruleset *ret = ruleset_copy(a, r);
	for (size_t c = 0; c < ret->chains.n; c++)
		for (size_t i = 0; i < ret->chains.v[c].rules.n; i++) {
			struct rule *rule = &ret->chains.v[c].rules.v[i];
			rule->match.never |=
				!names_hold(&rule->match.in, in, side) || !names_hold(&rule->match.out, out, side);
			rule->match.in = rule->match.out = (struct interface_names){ 0 };
		}
	return ret;
}

/* The same change between other interfaces is told once. */
static struct change *known_change(struct asker *asker, const struct change *c, struct changes *all)
{
	struct {
		const void *before_rule, *before_chain, *after_rule, *after_chain, *list;
		struct packet witness;
	} key;
	memset(&key, 0, sizeof key);
	key.before_rule = c->before.by;
	key.before_chain = c->before.chain;
	key.after_rule = c->after.by;
	key.after_chain = c->after.chain;
	key.list = all;
	key.witness.src.n = c->before.witness.src.n;
	key.witness.dst.n = c->before.witness.dst.n;
	key.witness.src.family = c->before.witness.src.family;
	key.witness.protocol = c->before.witness.protocol;
	key.witness.sport = c->before.witness.sport;
	key.witness.port = c->before.witness.port;
	struct str text = { arena_memdup(asker->arena, &key, sizeof key), sizeof key };
	size_t *index = strmap_get(&asker->told, text);
	if (index)
		return &all->v.v[*index];
	index = ARENA_NEW(asker->arena, size_t);
	*index = all->v.n;
	strmap_add(&asker->told, text, index);
	*VEC_ADD(asker->arena, &all->v) = *c;
	return &all->v.v[*index];
}

static void take_changes(struct asker *asker, const struct ruleset *const left[N_SIDES], const struct change *changes,
			 size_t n, const struct face *in, const struct face *out, struct changes *ret)
{
	for (size_t i = 0; i < n; i++) {
		struct change c = changes[i];
		shown_in(asker->rules[OLD], left[OLD], &c.before);
		shown_in(asker->rules[NEW], left[NEW], &c.after);
		struct change *known = known_change(asker, &c, ret);
		*VEC_ADD(asker->arena, &known->ways) = (struct way){ in->name, out->name };
	}
}

static void ask_between(struct asker *asker, const struct face *in, const struct face *out)
{
	struct arena *a = asker->arena;
	struct permits sides[N_SIDES];
	struct filter filters[N_SIDES];
	const struct ruleset *left[N_SIDES];
	struct compare_options options = *asker->options;
	options.most = 0;
	for (int side = OLD; side <= NEW; side++) {
		left[side] = rules_between(a, asker->rules[side], in, out, side);
		sides[side] = *asker->said[side];
		filters[side] = sides[side].filters[0];
		filters[side].rules = left[side];
		sides[side].filters = &filters[side];
	}
	struct comparison c = compare(a, &sides[OLD], &sides[NEW], &options);
	asker->all.gave_up |= c.gave_up;
	asker->all.uncertain |= c.uncertain;
	asker->all.engine = c.engine;
	asker->added.more |= c.more_added;
	asker->removed.more |= c.more_removed;
	take_changes(asker, left, c.added, c.n_added, in, out, &asker->added);
	take_changes(asker, left, c.removed, c.n_removed, in, out, &asker->removed);
}

static bool names_any(const struct ruleset *r)
{
	bool any = false;
	for (size_t c = 0; c < r->chains.n; c++)
		for (size_t i = 0; i < r->chains.v[c].rules.n && !any; i++)
			any = r->chains.v[c].rules.v[i].match.in.n || r->chains.v[c].rules.v[i].match.out.n;
	return any;
}

bool can_compare_by_names(const struct permits *old, const struct permits *new)
{
	if (old->n_filters != 1 || new->n_filters != 1 || old->filters->map || new->filters->map)
		return false;
	const struct ruleset *left = old->filters->rules, *right = new->filters->rules;
	return strcmp(left->dialect, right->dialect) == 0 && (names_any(left) || names_any(right));
}

static void limit(struct changes *c, size_t most, size_t n_pairs)
{
	c->more |= most && c->v.n > most;
	c->v.n = most ? MIN(c->v.n, most) : c->v.n;
	for (size_t i = 0; i < c->v.n; i++)
		if (c->v.v[i].ways.n == n_pairs)
			c->v.v[i].ways.n = 0;
}

struct comparison compare_by_names(struct arena *a, const struct permits *old, const struct permits *new,
				   const struct compare_options *options)
{
	static const struct compare_options usual = { 0 };
	struct asker asker = { .arena = a,
			       .said = { old, new },
			       .rules = { old->filters->rules, new->filters->rules },
			       .options = options ? options : &usual,
			       .told = strmap_new(a) };
	asker.in = find_faces(&asker, true);
	asker.out = find_faces(&asker, false);
	size_t pairs = asker.in.n * asker.out.n;
	if (pairs > MOST_PAIRS ||
	    pairs * (ruleset_size(asker.rules[OLD]) + ruleset_size(asker.rules[NEW])) > MOST_COPIED)
		return compare(a, old, new, options);
	asker.added.met = ARENA_ARRAY(a, bool, asker.options->n_required);
	asker.removed.met = ARENA_ARRAY(a, bool, asker.options->n_required);
	for (size_t i = 0; i < asker.in.n && !asker.all.gave_up; i++)
		for (size_t j = 0; j < asker.out.n && !asker.all.gave_up; j++)
			ask_between(&asker, &asker.in.v[i], &asker.out.v[j]);
	limit(&asker.added, asker.options->most, pairs);
	limit(&asker.removed, asker.options->most, pairs);
	struct comparison ret = comparison_of(asker.all.engine, asker.all.uncertain, &asker.added, &asker.removed);
	ret.by_names = true;
	ret.gave_up = asker.all.gave_up;
	ret.uncertain |= ret.gave_up;
	return ret;
}
