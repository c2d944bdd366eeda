/* SPDX-License-Identifier: Apache-2.0 */
#include "doc/fields.h"

#include "base/vec.h"

bool decode_text(struct decode *d, const struct node *n, struct name *ret)
{
	if (n->kind != NODE_SCALAR || node_is_null(n) || !n->text.n)
		return diag_error(d->diag, n->at, "expected text, not %s",
				  n->kind == NODE_SCALAR ? "nothing" : node_what(n));
	*ret = (struct name){ n->text, n->at };
	return true;
}

bool decode_name(struct decode *d, const struct node *n, struct name *ret)
{
	struct name name;
	if (!decode_text(d, n, &name))
		return false;
	if (!str_is_name(name.s))
		return diag_error(d->diag, n->at,
				  "\"%.*s\" is not a name: letters, digits, \".\", \"_\" and \"-\", "
				  "a letter or digit first",
				  STR_ARG(name.s));
	*ret = name;
	return true;
}

static bool decode_names(struct decode *d, const struct node *n, bool any_text, struct names *ret)
{
	const struct node *one = n;
	const struct node *const *items = &one;
	size_t n_items = 1;
	bool ok = true;

	if (n->kind == NODE_LIST) {
		items = n->items;
		n_items = n->n;
	}
	struct name *list = ARENA_ARRAY(d->arena, struct name, n_items);
	size_t used = 0;
	for (size_t i = 0; i < n_items; i++) {
		if (any_text ? decode_text(d, items[i], &list[used]) : decode_name(d, items[i], &list[used]))
			used++;
		else
			ok = false;
	}
	*ret = (struct names){ list, used, n->at };
	return ok;
}

bool decode_texts(struct decode *d, const struct node *n, struct names *ret)
{
	return decode_names(d, n, true, ret);
}

static bool decode_number(struct decode *d, const struct node *n, uint64_t min, uint64_t max, struct number *ret)
{
	uint64_t value;
	if (n->kind != NODE_SCALAR || !n->plain || !str_to_u64(n->text, UINT64_MAX, &value) || value < min ||
	    value > max)
		return diag_error(d->diag, n->at, "expected a whole number from %llu to %llu", (unsigned long long)min,
				  (unsigned long long)max);
	*ret = (struct number){ value, n->at };
	return true;
}

static void decode_choice(struct decode *d, const struct field *f, const struct node *n, struct number *ret)
{
	struct str *words = ARENA_ARRAY(d->arena, struct str, f->n_choices);
	CLEANUP(out_free) struct out all = out_memory(4096);

	for (size_t i = 0; i < f->n_choices; i++) {
		words[i] = str_of(f->choices[i]);
		if (n->kind == NODE_SCALAR && str_eq(n->text, words[i])) {
			*ret = (struct number){ i, n->at };
			return;
		}
		out_printf(&all, "%s\"%s\"", i == 0 ? "" : i + 1 == f->n_choices ? " or " : ", ", f->choices[i]);
	}
	struct str list = out_view(&all);
	if (n->kind != NODE_SCALAR) {
		diag_error(d->diag, n->at, "expected %.*s, not %s", STR_ARG(list), node_what(n));
		return;
	}
	diag_error(d->diag, n->at, "\"%.*s\" is not one of %.*s", STR_ARG(n->text), STR_ARG(list));
	diag_suggest(d->diag, n->text, words, f->n_choices);
}

static void *member(void *base, size_t offset)
{
	return (char *)base + offset;
}

static void decode_records(struct decode *d, const struct field *f, const struct node *n, struct records *ret)
{
	const struct record *r = f->record;
	bool is_map = f->type == FIELD_RECORD_MAP;
	if (n->kind != (is_map ? NODE_MAP : NODE_LIST)) {
		/* "zones:" with no value is an empty map */
		if (!node_is_null(n))
			diag_error(d->diag, n->at, "\"%s\" is %s, each %s; this is %s", f->key,
				   is_map ? "a map of names" : "a list", r->what, node_what(n));
		return;
	}
	char *items = arena_array(d->arena, n->n, r->size);
	for (size_t i = 0; i < n->n; i++) {
		void *into = items + i * r->size;
		if (is_map)
			decode_name(d, n->pairs[i].key, member(into, r->key_offset));
		record_decode(d, r, is_map ? n->pairs[i].value : n->items[i], into);
	}
	*ret = (struct records){ items, n->n, n->at };
}

static void decode_field(struct decode *d, const struct field *f, const struct node *n, void *base)
{
	void *into = member(base, f->offset);
	struct flag *flag = into;

	switch (f->type) {
	case FIELD_TEXT:
		decode_text(d, n, into);
		return;
	case FIELD_NAME:
		decode_name(d, n, into);
		return;
	case FIELD_NAMES:
		decode_names(d, n, false, into);
		return;
	case FIELD_TEXTS:
		decode_names(d, n, true, into);
		return;
	case FIELD_FLAG:
		if (node_bool(n, &flag->on))
			flag->at = n->at;
		else
			diag_error(d->diag, n->at, "expected true or false");
		return;
	case FIELD_NUMBER:
		decode_number(d, n, f->min, f->max, into);
		return;
	case FIELD_CHOICE:
		decode_choice(d, f, n, into);
		return;
	case FIELD_RECORD:
		record_decode(d, f->record, n, into);
		return;
	case FIELD_RECORDS:
	case FIELD_RECORD_MAP:
		decode_records(d, f, n, into);
		return;
	case FIELD_CUSTOM:
		f->decode(d, n, into);
		return;
	}
}

static const struct field *find_field(const struct record *r, struct str key)
{
	for (size_t i = 0; i < r->n_fields; i++)
		if (str_is(key, r->fields[i].key))
			return &r->fields[i];
	return NULL;
}

static void unknown_key(struct decode *d, const struct record *r, const struct node *key)
{
	struct str *words = ARENA_ARRAY(d->arena, struct str, r->n_fields);
	for (size_t i = 0; i < r->n_fields; i++)
		words[i] = str_of(r->fields[i].key);
	diag_error(d->diag, key->at, "%s has no key \"%.*s\"", r->what, STR_ARG(key->text));
	for (size_t i = 0; i < r->n_fields; i++)
		if (r->fields[i].wrong && str_iis_one_of(key->text, r->fields[i].wrong)) {
			diag_note(d->diag, NOWHERE, "did you mean \"%s\"?", r->fields[i].key);
			return;
		}
	diag_suggest(d->diag, key->text, words, r->n_fields);
}

bool record_decode(struct decode *d, const struct record *r, const struct node *n, void *into)
{
	size_t errors = diag_errors(d->diag);
	enum { MOST_FIELDS = 64 };
	bool seen[MOST_FIELDS] = { false };

	assert(r->n_fields <= MOST_FIELDS);
	if (n->kind != NODE_MAP)
		return diag_error(d->diag, n->at, "%s is a map of keys and values, not %s", r->what, node_what(n));
	if (r->at_offset != NO_OFFSET)
		*(struct loc *)member(into, r->at_offset) = n->at;
	for (size_t i = 0; i < n->n; i++) {
		const struct field *f = find_field(r, n->pairs[i].key->text);
		if (!f) {
			unknown_key(d, r, n->pairs[i].key);
			continue;
		}
		seen[f - r->fields] = true;
		decode_field(d, f, n->pairs[i].value, into);
	}
	for (size_t i = 0; i < r->n_fields; i++)
		if (r->fields[i].required && !seen[i])
			diag_error(d->diag, n->at, "%s needs the key \"%s\"", r->what, r->fields[i].key);
	return diag_errors(d->diag) == errors;
}
