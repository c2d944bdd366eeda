/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patches of nftables.  A rule is removed by its handle, which the kernel gives and no file states.  So what is added goes
 * into chains of its own, with a jump to each at its place; the undo empties those chains, and a jump to an empty chain
 * changes nothing.  A rule that goes is denied before it, where that is the same.
 */
#include "dialect/common/patch.h"
#include "dialect/nftables/nftables.h"

struct patcher {
	struct arena *arena;
	const struct patch_request *request;
	const struct policy *part;
	struct out *apply, *undo;
};

/* "inet filter": the table that a chain is in, by the lines above it; empty: it was not found. */
static struct str table_of(const struct patcher *p, const struct chain *c)
{
	for (uint32_t line = c->at.line; line; line--) {
		struct str rest = str_trim(source_line(c->at.source, line)), word, kind, family, table;
		if (!str_word(&rest, &word))
			continue;
		bool command = str_is_one_of(word, "add create") && str_word(&rest, &kind) &&
			       (str_is(kind, "table") || (str_is(kind, "chain") && line == c->at.line));
		if (!command && !str_is(word, "table"))
			continue;
		if (!str_word(&rest, &family))
			return NO_STR;
		if (!str_is_one_of(family, "ip ip6 inet"))
			return str_printf(p->arena, "ip %.*s", STR_ARG(family));
		return str_word(&rest, &table) ? str_printf(p->arena, "%.*s %.*s", STR_ARG(family), STR_ARG(table))
					       : NO_STR;
	}
	return NO_STR;
}

/* A whole rule of the file that accepts, with the opposite verdict; empty: it is not that simple. */
static struct str denied(const struct patcher *p, const struct rule *r)
{
	struct str text = str_trim(r->text);
	size_t at = str_find_text(text, STR("accept"));
	if (at == SIZE_MAX || p->request->dialect->line_kind(text) != LINE_RULE)
		return NO_STR;
	struct str rest = str_skip(text, at + strlen("accept"));
	if (str_find_text(rest, STR("accept")) != SIZE_MAX || str_find(str_first(text, at), '"') != SIZE_MAX)
		return NO_STR;
	return str_printf(p->arena, "%.*sdrop%.*s", STR_ARG(str_first(text, at)), STR_ARG(rest));
}

/* The sets of the rules of a step. */
static void put_sets(struct patcher *p, const struct patch_step *step, size_t relation)
{
	struct policy own = *p->part;
	own.relations += relation;
	own.n_relations = step->n_boxes;
	/* each relation has its groups and services at its own place */
	own.groups += 2 * relation;
	own.n_groups = 2 * step->n_boxes;
	own.services += relation;
	own.n_services = step->n_boxes;
	struct relation *relations = ARENA_ARRAY(p->arena, struct relation, step->n_boxes);
	for (size_t i = 0; i < step->n_boxes; i++) {
		relations[i] = own.relations[i];
		relations[i].src = (uint32_t)(2 * i);
		relations[i].dst = (uint32_t)(2 * i + 1);
		relations[i].services = (uint32_t)i;
	}
	own.relations = relations;
	nft_put_sets(p->apply, p->arena, &own);
}

/* The chain of a step: its name is the id of its first rule. */
static const char *put_chain(struct patcher *p, const struct patch_step *step, size_t relation, struct str table,
			     struct str name)
{
	const bool families[2] = { !str_starts(table, "ip6 "), !str_starts(table, "ip ") };
	out_printf(p->apply, "\tchain %.*s {\n", STR_ARG(name));
	if (step->removes) {
		struct str text = denied(p, step->at);
		if (!text.n)
			return "a rule that would go cannot be denied in the same words";
		out_printf(p->apply, "\t\t%.*s\n", STR_ARG(text));
	}
	for (size_t i = 0; i < step->n_boxes; i++)
		nft_put_relation(p->apply, p->arena, p->part, &p->part->relations[relation + i], families);
	out_text(p->apply, "\t}\n");
	return NULL;
}

static void put_jump(struct patcher *p, const struct patch_step *step, struct str table, struct str name)
{
	if (step->at)
		out_printf(p->apply, "insert rule %.*s %.*s index %u jump %.*s\n", STR_ARG(table),
			   STR_ARG(step->chain->name), step->at->number - 1, STR_ARG(name));
	else
		out_printf(p->apply, "add rule %.*s %.*s jump %.*s\n", STR_ARG(table), STR_ARG(step->chain->name),
			   STR_ARG(name));
	out_printf(p->undo, "flush chain %.*s %.*s\n", STR_ARG(table), STR_ARG(name));
}

static bool is_number_known(const struct patch_step *step)
{
	return !step->at || step->at->number;
}

static const char *put_step(struct patcher *p, const struct patch_step *step, size_t relation, struct str *table,
			    struct str *name)
{
	*table = table_of(p, step->chain);
	*name = step->removes ? str_printf(p->arena, "portolan-%u", step->at->at.line)
			      : p->part->relations[relation].id;
	if (!table->n || !is_number_known(step))
		return "the chain is not one that the file writes";
	if (str_find_text(p->request->text, *name) != SIZE_MAX)
		return str_printf(p->arena, "the rules already have a \"%.*s\"", STR_ARG(*name)).p;
	out_printf(p->apply, "table %.*s {\n", STR_ARG(*table));
	put_sets(p, step, relation);
	return put_chain(p, step, relation, *table, *name);
}

/* Jumps follow all chains, from the last place to the first, so that none moves the place of another. */
static void put_jumps(struct patcher *p, const struct str *tables, const struct str *names)
{
	const struct patch_request *q = p->request;
	for (size_t i = q->n; i--;)
		if (q->steps[i].at)
			put_jump(p, &q->steps[i], tables[i], names[i]);
	for (size_t i = 0; i < q->n; i++)
		if (!q->steps[i].at)
			put_jump(p, &q->steps[i], tables[i], names[i]);
}

static const char *write(struct arena *a, const struct patch_request *q, struct out *apply, struct out *undo)
{
	const struct policy *part = patch_part(a, q, NULL);
	struct patcher p = { a, q, part, apply, undo };
	struct str *tables = ARENA_ARRAY(a, struct str, q->n), *names = ARENA_ARRAY(a, struct str, q->n);
	size_t relation = 0;
	if (!part)
		return "it would be too many rules; emit writes new ones";
	if (!dialect_can_say(q->dialect, part, diag_new(a)))
		return "the language cannot express a rule that would be added";
	for (size_t i = 0; i < q->n; relation += q->steps[i++].n_boxes) {
		const char *why = put_step(&p, &q->steps[i], relation, &tables[i], &names[i]);
		if (why)
			return why;
		out_text(apply, "}\n");
	}
	put_jumps(&p, tables, names);
	return NULL;
}

const struct patch_writer nftables_patch = { .comment = "# ", .write = write };
