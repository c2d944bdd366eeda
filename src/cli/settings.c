/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/settings.h"

static const struct dialect_setting *setting_of(const struct dialect *dialect, struct str key)
{
	for (const struct dialect_setting *s = dialect->settings; s && s->key; s++)
		if (str_is(key, s->key))
			return s;
	return NULL;
}

static bool any_has(struct str key)
{
	bool any = false;
	for (size_t i = 0; dialects[i]; i++)
		any |= setting_of(dialects[i], key) != NULL;
	return any;
}

static bool is_value(const struct dialect_setting *s, struct str value)
{
	if (s->choices)
		return str_is_one_of(value, s->choices);
	return str_is_plain(value, s->also) && value.n <= s->longest;
}

static bool refuse_key(struct invocation *call, const struct dialect *dialect, struct str key)
{
	VEC(struct str) words = { 0 };
	for (const struct dialect_setting *s = dialect->settings; s && s->key; s++)
		*VEC_ADD(call->arena, &words) = str_of(s->key);
	diag_error(call->diag, NOWHERE, "%s has no setting \"%.*s\"", dialect->title, STR_ARG(key));
	diag_suggest(call->diag, key, words.v, words.n);
	return false;
}

static bool refuse_value(struct invocation *call, const struct dialect_setting *s, struct str value)
{
	if (s->choices)
		return diag_error(call->diag, NOWHERE, "%s, %s, is one of %s; not \"%.*s\"", s->key, s->about,
				  s->choices, STR_ARG(value));
	return diag_error(call->diag, NOWHERE,
			  "%s, %s, has letters, digits and \"%s\", and at most %u of them; not \"%.*s\"", s->key,
			  s->about, s->also, s->longest, STR_ARG(value));
}

typedef VEC(struct policy_setting) setting_vec;

/* KEY=VALUE of --set, and NAME of --anchor. */
static bool what_was_said(struct invocation *call, setting_vec *ret)
{
	size_t n;
	bool ok = true;
	const char *const *said = option_all(call, "set", &n);
	for (size_t i = 0; i < n; i++) {
		struct str value = str_of(said[i]), key = NO_STR;
		if (strchr(said[i], '=') && str_cut(&value, '=', &key))
			*VEC_ADD(call->arena, ret) = (struct policy_setting){ key, value };
		else
			ok = diag_error(call->diag, NOWHERE, "--set %s: this is not KEY=VALUE", said[i]);
	}
	said = option_all(call, "anchor", &n);
	for (size_t i = 0; i < n; i++)
		*VEC_ADD(call->arena, ret) = (struct policy_setting){ STR("anchor"), str_of(said[i]) };
	return ok;
}

bool settings_read(struct invocation *call, const struct dialect *dialect, bool of_any, struct policy *p)
{
	setting_vec said = { 0 }, all = { 0 };
	bool ok = what_was_said(call, &said);
	for (size_t i = 0; i < said.n; i++) {
		const struct dialect_setting *s = setting_of(dialect, said.v[i].key);
		if (s && !is_value(s, said.v[i].value))
			ok = refuse_value(call, s, said.v[i].value);
		else if (s)
			*VEC_ADD(call->arena, &all) = said.v[i];
		else if (!of_any || !any_has(said.v[i].key))
			ok = refuse_key(call, dialect, said.v[i].key);
	}
	p->settings = all.v;
	p->n_settings = all.n;
	for (const struct dialect_setting *s = dialect->settings; ok && s && s->key; s++)
		if (s->stands_for_it && !policy_setting(p, s->key).n)
			diag_warn(
				call->diag, NOWHERE,
				"%s is not known; \"%s\" stands for it, which the platform refuses: use --set %s=NAME",
				s->about, s->stands_for_it, s->key);
	return ok;
}
