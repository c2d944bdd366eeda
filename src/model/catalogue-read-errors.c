/* SPDX-License-Identifier: Apache-2.0 */
#include "model/catalogue-read.h"
#include "model/error-code.h"

/* "FROM -> TO SERVICE" */
static bool read_flow(struct reader *r, struct name text, struct error_flow *ret)
{
	enum { WORDS = 4 };
	struct str words[WORDS], rest = text.s;
	size_t n = 0;
	for (struct str word; str_cut(&rest, ' ', &word); n++)
		if (n < WORDS)
			words[n] = word;
	if (n != WORDS || !str_is(words[1], "->"))
		return diag_error(r->diag, text.at, "\"%.*s\" is not a flow: FROM -> TO SERVICE", STR_ARG(text.s));
	int from = reader_role(r, (struct name){ words[0], text.at }),
	    to = reader_role(r, (struct name){ words[2], text.at }), service = catalogue_service(&r->cat, words[3]);
	if (service < 0)
		reader_unknown(r, "service", (struct name){ words[3], text.at }, r->service_words);
	*ret = (struct error_flow){ (role_id)from, (role_id)to, (service_id)service };
	return from >= 0 && to >= 0 && service >= 0;
}

static void check_numbers(struct reader *r, struct names names, uint32_t most)
{
	uint32_t number;
	for (size_t i = 0; i < names.n; i++)
		if (!error_number_parse(names.v[i].s, &number) || number > most)
			diag_error(r->diag, names.v[i].at, "\"%.*s\" is not a number up to %u", STR_ARG(names.v[i].s),
				   most);
}

static void read_error(struct reader *r, const struct error_row *row, struct error_code *ret)
{
	struct error_flow *flows = ARENA_ARRAY(r->arena, struct error_flow, row->flows.n);
	*ret = (struct error_code){
		.id = row->id.s,
		.win32 = row_texts(r->arena, row->win32),
		.codes = row_texts(r->arena, row->codes),
		.events = row_texts(r->arena, row->events),
		.names = row_texts(r->arena, row->names),
		.meaning = row->meaning.s,
		.where = row->where.s,
		.flows = flows,
		.otherwise = row_text(row->otherwise),
		.uncertain = row_text(row->uncertain),
		.source = row->source.s,
	};
	check_numbers(r, row->win32, UINT16_MAX);
	check_numbers(r, row->codes, UINT32_MAX);
	check_numbers(r, row->events, UINT16_MAX);
	for (size_t i = 0; i < row->flows.n; i++)
		ret->n_flows += read_flow(r, row->flows.v[i], &flows[ret->n_flows]);
	if (!row->win32.n && !row->codes.n && !row->events.n && !row->names.n)
		diag_error(r->diag, row->id.at, "this error has no code");
	if (!row->flows.n && !ret->otherwise.n)
		diag_error(r->diag, row->id.at,
			   "this error stands for no flow, and lacks \"otherwise\", which says for what it does");
}

static int by_id(const void *left, const void *right)
{
	return str_cmp(((const struct error_code *)left)->id, ((const struct error_code *)right)->id);
}

bool read_errors(struct reader *r, const char *folder)
{
	struct records *rows = reader_words(r, folder, "vocabulary/errors.yaml", &errors_record, 0);
	if (!rows)
		return false;
	struct error_code *errors = ARENA_ARRAY(r->arena, struct error_code, rows->n);
	const struct error_row *row = rows->v;
	for (size_t i = 0; i < rows->n; i++)
		read_error(r, &row[i], &errors[i]);
	sort_items(errors, rows->n, sizeof *errors, by_id);
	r->cat.errors = errors;
	r->cat.n_errors = rows->n;
	return true;
}
