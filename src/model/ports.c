/* SPDX-License-Identifier: Apache-2.0 */
#include "model/ports.h"

#include "base/vec.h"

static const struct {
	const char *word;
	enum ports_kind kind;
} words[] = {
	{ "dynamic", PORTS_DYNAMIC },
	{ "-", PORTS_NONE },
	{ "echo-request", PORTS_ECHO },
	{ "?", PORTS_UNKNOWN },
};

bool ports_parse(struct arena *a, const struct name *text, struct ports *ret, struct diag *d)
{
	struct str s = text->s, rest = s, item;
	VEC(struct port_range) ranges = { 0 };
	bool list = str_find(s, ',') != SIZE_MAX, alternatives = str_find(s, '|') != SIZE_MAX;

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_is(s, words[i].word)) {
			*ret = (struct ports){ .kind = words[i].kind, .text = s };
			return true;
		}
	if (list && alternatives)
		return diag_error(d, text->at, "\"%.*s\" mixes \",\" (all) and \"|\" (one of them)", STR_ARG(s));
	while (str_cut(&rest, alternatives ? '|' : ',', &item)) {
		struct port_range r;
		enum port_parse p = port_range_parse(item, &r);
		if (p != PORT_OK)
			return diag_error(d, text->at, "\"%.*s\" is no port: %s", STR_ARG(item), port_parse_why(p));
		if (ranges.n == MOST_PORTS_OF_A_NEED)
			return diag_error(d, text->at, "more than %d ports", MOST_PORTS_OF_A_NEED);
		*VEC_ADD(a, &ranges) = r;
	}
	*ret = (struct ports){ alternatives ? PORTS_ALTERNATIVES : PORTS_LIST, ranges.v, ranges.n, s };
	return true;
}
