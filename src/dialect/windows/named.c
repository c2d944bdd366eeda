/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of a script that later statements disable, enable or remove by their names. */
#include "dialect/windows/windows.h"

static windows_list *list_of(struct windows *w, size_t i)
{
	windows_list *const lists[] = { &w->bypass, &w->block, &w->allow };
	return lists[i];
}

struct windows_named windows_begin_named(const struct windows *w)
{
	return (struct windows_named){ .from = { w->bypass.n, w->block.n, w->allow.n } };
}

/* A second rule of a name is not made; PowerShell reports it. */
void windows_end_named(struct windows *w, struct strmap *named, struct str name, const struct windows_named *made)
{
	struct windows_named *kept = ARENA_NEW(w->arena, struct windows_named);
	*kept = *made;
	for (size_t i = 0; i < ARRAY_LEN(kept->to); i++)
		kept->to[i] = list_of(w, i)->n;
	strmap_add(named, str_lower(w->arena, name), kept);
}

/* Rules that are disabled match nothing; enabled again, they match what they did. */
static bool set_disabled(struct windows *w, struct windows_named *named, bool disabled)
{
	size_t n = 0;
	for (size_t i = 0; i < ARRAY_LEN(named->from); i++)
		for (size_t at = named->from[i]; at < named->to[i]; at++, n++) {
			struct match *m = &list_of(w, i)->v[at].match;
			if (n == named->never.n)
				*VEC_ADD(w->arena, &named->never) = m->never;
			m->never = disabled || named->never.v[n];
		}
	named->disabled = disabled;
	return n > 0;
}

const char *windows_switch(struct windows *w, const struct strmap *names, struct str name, enum windows_switch what)
{
	struct windows_named *named = strmap_get(names, str_lower(w->arena, name));
	if (!named || named->removed)
		return "there is no rule of this name in the script";
	named->removed = what == SWITCH_REMOVE;
	return set_disabled(w, named, what != SWITCH_ENABLE) || what != SWITCH_ENABLE
		       ? NULL
		       : "a rule that was made without effect is enabled";
}
