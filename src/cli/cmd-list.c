/* SPDX-License-Identifier: Apache-2.0 */
/*
 * portolan list: the words that an estate may use.
 */
#include "base/vec.h"
#include "cli/command.h"
#include "dialect/dialect.h"
#include "doc/json.h"
#include "report/columns.h"

/* One word: its id, what it is, and other words for it. */
struct word {
	struct str id, title, other;
};

struct word_list {
	struct invocation *call;
	const struct catalogue *catalogue;
	const char *kind;
	VEC(struct word) words;
};

static void add(struct word_list *l, struct str id, struct str title, struct str other)
{
	*VEC_ADD(l->call->arena, &l->words) = (struct word){ id, title, other };
}

static struct str joined(struct arena *a, struct strs words)
{
	CLEANUP(out_free) struct out o = out_memory(1 << 16);
	for (size_t i = 0; i < words.n; i++)
		out_printf(&o, "%s%.*s", i ? ", " : "", STR_ARG(words.v[i]));
	return str_dup(a, out_view(&o));
}

static void list_roles(struct word_list *l)
{
	for (size_t i = 0; i < l->catalogue->n_roles; i++) {
		const struct role *r = &l->catalogue->roles[i];
		add(l, r->id, r->name, joined(l->call->arena, r->aka));
	}
}

static void list_services(struct word_list *l)
{
	for (size_t i = 0; i < l->catalogue->n_services; i++) {
		const struct service *s = &l->catalogue->services[i];
		add(l, s->id, s->name, joined(l->call->arena, s->aka));
	}
}

static void list_systems(struct word_list *l)
{
	for (size_t i = 0; i < l->catalogue->n_systems; i++)
		add(l, l->catalogue->systems[i].id, l->catalogue->systems[i].name, NO_STR);
}

/* The first need that depends on the feature says what it is for. */
static struct str purpose_of(const struct catalogue *c, struct str feature)
{
	for (size_t i = 0; i < c->n_needs; i++)
		for (size_t j = 0; j < c->needs[i].n_conditions; j++) {
			const struct condition *condition = &c->needs[i].conditions[j];
			struct str rest = condition->feature, one;
			while (condition->kind == COND_FEATURE && str_cut(&rest, '|', &one))
				if (str_eq(one, feature))
					return c->needs[i].why;
		}
	return NO_STR;
}

static void list_features(struct word_list *l)
{
	for (size_t i = 0; i < l->catalogue->features.n; i++)
		add(l, l->catalogue->features.v[i], purpose_of(l->catalogue, l->catalogue->features.v[i]), NO_STR);
}

static void list_documents(struct word_list *l)
{
	for (size_t i = 0; i < l->catalogue->n_documents; i++) {
		const struct document *d = &l->catalogue->documents[i];
		struct str date = d->date.n ? str_printf(l->call->arena, "%.*s%s", STR_ARG(d->date),
							 d->superseded ? ", superseded" : "")
					    : NO_STR;
		add(l, d->id, d->title, date);
	}
}

static void list_dialects(struct word_list *l)
{
	for (size_t i = 0; dialects[i]; i++)
		add(l, str_of(dialects[i]->name), str_of(dialects[i]->title), NO_STR);
}

static const struct {
	const char *name;
	void (*list)(struct word_list *l);
} kinds[] = {
	{ "roles", list_roles },       { "services", list_services },   { "os", list_systems },
	{ "features", list_features }, { "documents", list_documents }, { "dialects", list_dialects },
};

static void write_json(void *ctx, struct out *o)
{
	const struct word_list *l = ctx;
	struct json j = json_to(o);
	json_object(&j);
	json_put_text(&j, "format", "portolan.list/1");
	json_key(&j, l->kind);
	json_list_lines(&j);
	for (size_t i = 0; i < l->words.n; i++) {
		const struct word *word = &l->words.v[i];
		json_object(&j);
		json_put_str(&j, "id", word->id);
		json_put_some(&j, "title", word->title);
		json_put_some(&j, "other", word->other);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	out_char(o, '\n');
}

static void write_text(void *ctx, struct out *o)
{
	static const char *const titles[] = { "WORD", "OTHER", "WHAT" };
	const struct word_list *l = ctx;
	struct columns *rows = columns_new(l->call->arena, titles, ARRAY_LEN(titles), 2);
	for (size_t i = 0; i < l->words.n; i++) {
		const struct str cells[] = { l->words.v[i].id, l->words.v[i].other, l->words.v[i].title };
		columns_row(rows, cells);
	}
	columns_print(rows, o, l->call->width, l->call->colour_out);
}

static enum status run(struct invocation *call)
{
	struct word_list l = { .call = call, .catalogue = invocation_catalogue(call) };
	struct str words[ARRAY_LEN(kinds)];
	if (!l.catalogue)
		return STATUS_INPUT;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		words[i] = str_of(kinds[i].name);
		if (strcmp(call->operands[0], kinds[i].name) != 0)
			continue;
		l.kind = kinds[i].name;
		kinds[i].list(&l);
		return invocation_write(call, write_text, write_json, &l) ? STATUS_WELL : STATUS_MACHINE;
	}
	diag_error(call->diag, NOWHERE,
		   "there is no list of \"%s\": roles, services, os, features, documents or dialects",
		   call->operands[0]);
	diag_suggest(call->diag, str_of(call->operands[0]), words, ARRAY_LEN(words));
	return STATUS_INPUT;
}

static const struct option_row options[] = { OPTION_FORMAT("text json"), OPTION_OUTPUT, OPTION_CATALOGUE, OPTIONS_END };

const struct command command_list = {
	.name = "list",
	.summary = "list the words that an estate may use",
	.arguments = "roles|services|os|features|documents|dialects",
	.about = "Lists the roles, services, systems, features, documents or dialects that an estate may name, with "
		 "what "
		 "they are and what else people call them.",
	.options = options,
	.least = 1,
	.most = 1,
	.run = run,
};
