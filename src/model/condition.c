/* SPDX-License-Identifier: Apache-2.0 */
#include "model/condition.h"

static const char *const side_names[] = { [SIDE_FROM] = "from", [SIDE_TO] = "to", [SIDE_EITHER] = "either" };

static int find_word(struct str word)
{
	for (size_t i = 0; i < N_CONDITIONS; i++) {
		struct str name, rest = str_of(condition_words[i].word);
		if (str_word(&rest, &name) && str_eq(name, word))
			return (int)i;
	}
	return -1;
}

static bool unknown_word(const struct name *text, struct str word, struct diag *d)
{
	struct str words[N_CONDITIONS];
	for (size_t i = 0; i < N_CONDITIONS; i++) {
		struct str rest = str_of(condition_words[i].word);
		str_word(&rest, &words[i]);
	}
	diag_error(d, text->at, "\"%.*s\" is not a condition", STR_ARG(word));
	diag_suggest(d, word, words, N_CONDITIONS);
	return false;
}

static bool takes_argument(enum condition_kind kind)
{
	return strchr(condition_words[kind].word, ' ') != NULL;
}

/* "A" or "A|B": names of optional functions. */
static bool features_valid(struct str features)
{
	struct str name;
	if (features.n == 0 || features.p[features.n - 1] == '|')
		return false;
	while (str_cut(&features, '|', &name)) {
		if (!str_is_name(name))
			return false;
	}
	return true;
}

static bool find_argument(const struct catalogue *c, const struct name *text, struct str argument,
			  struct condition *cond, struct diag *d)
{
	int i = 0;
	switch (cond->kind) {
	case COND_OLDER_THAN:
	case COND_AT_LEAST:
		i = catalogue_system(c, argument);
		break;
	case COND_ROLE:
	case COND_INSTEAD_OF:
	case COND_COMES_THROUGH:
		i = catalogue_role(c, argument);
		break;
	case COND_PORT_SET:
		i = catalogue_service(c, argument);
		cond->feature = argument;
		break;
	default:
		if (!features_valid(argument))
			return diag_error(d, text->at,
					  "\"%.*s\" is not an optional function, nor several separated by \"|\"",
					  STR_ARG(argument));
		cond->feature = argument;
	}
	if (i < 0)
		return diag_error(d, text->at, "\"%.*s\" is unknown here", STR_ARG(argument));
	cond->index = (uint16_t)i;
	return true;
}

bool condition_parse(const struct catalogue *c, struct arena *a, const struct name *text, struct condition *ret,
		     struct diag *d)
{
	struct str rest = text->s, word, argument;
	struct condition cond = { .direction = ret->direction, .text = str_dup(a, text->s) };

	if (!str_word(&rest, &word))
		return diag_error(d, text->at, "a condition is missing");
	int side = NAME_FIND(side_names, word);
	if (side < 0)
		return diag_error(d, text->at, "a condition begins with from, to or either");
	cond.side = (enum side)side;
	if (!str_word(&rest, &word))
		return diag_error(d, text->at, "a condition is missing after \"%s\"", side_names[side]);
	if (str_is(word, "not")) {
		cond.negated = true;
		if (!str_word(&rest, &word))
			return diag_error(d, text->at, "a condition is missing after \"not\"");
	}
	int kind = find_word(word);
	if (kind < 0)
		return unknown_word(text, word, d);
	cond.kind = (enum condition_kind)kind;
	bool has_argument = str_word(&rest, &argument);
	if (has_argument != takes_argument(cond.kind))
		return diag_error(d, text->at,
				  has_argument ? "\"%.*s\" takes no argument" : "\"%.*s\" needs an argument",
				  STR_ARG(word));
	if (str_word(&rest, &word))
		return diag_error(d, text->at, "unexpected text after \"%.*s\"", STR_ARG(argument));
	if (has_argument && !find_argument(c, text, argument, &cond, d))
		return false;
	*ret = cond;
	return true;
}
