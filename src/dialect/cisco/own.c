/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of the lists and groups that we write, and their removal.
 *
 * A list that is bound cannot be replaced in one step: an interface of IOS whose list is gone permits everything, and a
 * group in use cannot be removed.  So a name says its content.  What changed has a new name, is bound in place of the old
 * one, and what has an old name is removed last.
 */
#include "base/hash.h"
#include "base/strmap.h"
#include "base/vec.h"
#include "dialect/cisco/cisco.h"
#include "dialect/common/text.h"
#include "dialect/common/withdraw.h"

enum { LONGEST_NAME = 64, HASH_LENGTH = 9 };

struct str cisco_content_name(struct arena *a, struct str name, struct str content)
{
	name = text_name(a, name, "-_.", '-', LONGEST_NAME - HASH_LENGTH);
	return str_printf(a, "%.*s-%08x", STR_ARG(name), (unsigned)hash64(content.p, content.n));
}

struct str cisco_written_name(const struct strmap *names, struct str name)
{
	const struct str *written = strmap_get(names, name);
	return written ? *written : name;
}

void cisco_put_group(struct arena *a, struct strmap *names, const char *kind, struct str name, struct str members,
		     struct out *o)
{
	struct str *written = ARENA_NEW(a, struct str);
	*written = cisco_content_name(a, name, members);
	strmap_add(names, name, written);
	out_printf(o, "object-group %s %.*s\n%.*s", kind, STR_ARG(*written), STR_ARG(members));
}

enum { OF_LISTS, OF_GROUPS, OF_INTERFACES }; /* ranks: the order in which they go */

/* The first words of a line. */
static struct str first_words(struct str line, size_t n)
{
	struct str rest = line, word;
	while (n-- && str_word(&rest, &word))
		;
	return str_trim(str_first(line, line.n - rest.n));
}

/* What a line makes; *interface is the block that it is in. */
static bool owned_by(struct str line, struct str *interface, struct owned *ret)
{
	static const struct {
		const char *begins;
		size_t words;
		unsigned rank;
	} kinds[] = {
		{ "object-group ", 3, OF_GROUPS },
		{ "access-list ", 2, OF_LISTS },
		{ "ip access-list extended ", 4, OF_LISTS },
		{ "ipv6 access-list ", 3, OF_LISTS },
	};
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_starts(line, kinds[i].begins)) {
			*ret = (struct owned){ .rank = kinds[i].rank, .path = first_words(line, kinds[i].words) };
			return true;
		}
	if (str_starts(line, "interface "))
		*interface = str_skip(line, strlen("interface "));
	struct str at = NO_STR;
	if (str_starts(line, " ip access-group "))
		at = *interface;
	else if (str_starts(line,
			    "access-group ")) /* "access-group LIST in interface NAME", or "access-group LIST global" */
		at = str_skip(line, first_words(line, str_ends(line, " global") ? 2 : 4).n);
	*ret = (struct owned){ .rank = OF_INTERFACES, .list = STR("interface"), .path = str_trim(at) };
	return at.n > 0;
}

static struct owned_list owned_of(struct arena *a, struct str text)
{
	struct strmap seen = strmap_new(a);
	VEC(struct owned) all = { 0 };
	struct str line, interface = NO_STR;
	struct owned one;
	while (str_cut(&text, '\n', &line))
		if (owned_by(line, &interface, &one) && strmap_add(&seen, one.path, a))
			*VEC_ADD(a, &all) = one;
	return (struct owned_list){ all.v, all.n };
}

void cisco_withdraw(struct arena *a, struct str before, struct str now, struct out *o)
{
	struct owned_list gone = owned_gone(a, owned_of(a, before), owned_of(a, now));
	const struct owned *last = gone.n ? &gone.v[gone.n - 1] : NULL;
	if (last && last->rank == OF_INTERFACES) {
		out_printf(o,
			   "! Nothing is removed: the new file does not bind a list at \"%.*s\", which the earlier one "
			   "did.\n",
			   STR_ARG(last->path));
		out_text(o, "! Without its list it would permit everything.  Bind one there, then remove the lists and "
			    "groups.\n");
		return;
	}
	for (size_t i = 0; i < gone.n; i++) {
		bool of_asa = str_starts(gone.v[i].path, "access-list ");
		out_printf(o, "%s %.*s\n", of_asa ? "clear configure" : "no", STR_ARG(gone.v[i].path));
	}
}

bool cisco_removes_group(struct cisco *c)
{
	const words *w = &c->words;
	if (!words_begin(w, "no object-group % %") || w->n != 4)
		return false;
	struct cisco_group *g = cisco_group(c, 'g', w->v[3], false);
	if (g)
		*g = (struct cisco_group){ .name = g->name, .at = g->at };
	c->group = NULL;
	return true;
}
