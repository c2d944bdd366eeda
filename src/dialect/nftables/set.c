/* SPDX-License-Identifier: Apache-2.0 */
/* Named sets and maps of nftables: their elements are kept as text and read by the keys that they are used with. */
#include "dialect/nftables/nftables.h"

struct nft_set *nft_find_set(struct nft *n, struct str name, bool make)
{
	struct str key = nft_full_name(n, name);
	struct nft_set *s = strmap_get(&n->sets, key);
	if (!s && make) {
		s = ARENA_NEW(n->keep, struct nft_set);
		s->name = str_dup(n->keep, name);
		strmap_add(&n->sets, str_dup(n->keep, key), s);
	}
	return s;
}

/*
 * Keeps the text between { and } until the key that it is matched with is known, which determines
 * how it is read.  The text is in the file, or in one definition.
 */
void nft_keep_elements(struct nft *n, struct nft_set *s)
{
	if (!nft_is(n, "{")) {
		s->unread = true;
		nft_skip_statement(n);
		return;
	}
	size_t level = n->n_inputs;
	struct input *in = &n->inputs[level - 1];
	struct str begin = in->rest;
	struct loc at = { n->source, in->in_file ? in->line : n->token.at.line,
			  in->in_file ? in->column : n->token.at.column, 1 };
	unsigned depth = 1;
	nft_next(n);
	while (n->token.kind != TOK_END) {
		if (nft_is(n, "{"))
			depth++;
		if (nft_is(n, "}") && --depth == 0)
			break;
		nft_next(n);
	}
	if (n->token.kind == TOK_END)
		return;
	if (n->n_inputs != level) {
		s->unread = true;
	} else if (n->first_pass) {
		size_t length = (size_t)(n->token.text.p - begin.p);
		*VEC_ADD(n->keep, &s->texts) = str_first(begin, length);
		*VEC_ADD(n->keep, &s->texts_at) = at;
	}
	n->n_seen++;
	nft_next(n);
}

void nft_read_set_block(struct nft *n, struct nft_set *s)
{
	nft_next(n); /* { */
	for (;;) {
		nft_skip_newlines(n);
		if (n->token.kind == TOK_END || nft_is(n, "}"))
			break;
		if (nft_accept(n, "elements")) {
			if (nft_accept(n, "="))
				nft_keep_elements(n, s);
			continue;
		}
		s->expires |= nft_is(n, "timeout");
		if (nft_is(n, "flags")) {
			while (!nft_at_end(n)) {
				s->dynamic |= nft_is(n, "dynamic");
				nft_next(n);
			}
		}
		nft_skip_statement(n);
	}
	if (nft_is(n, "}"))
		nft_next(n);
}

static bool same_keys(const struct nft_reading *s, const struct left *keys, size_t n_keys)
{
	if (s->n_keys != n_keys)
		return false;
	for (size_t i = 0; i < n_keys; i++)
		if (s->keys[i].key != keys[i].key || s->keys[i].protocol != keys[i].protocol ||
		    s->keys[i].what != keys[i].what)
			return false;
	return true;
}

/* The elements of a set, read from its kept texts by the keys that it is used with. */
bool nft_set_elements(struct nft *n, struct nft_set *s, const struct left *keys, size_t n_keys, element_vec *ret)
{
	struct token looked_at = n->token;
	struct input inputs[MOST_DEFINE_DEPTH + 1];
	size_t n_inputs = n->n_inputs;
	struct arena *arena = n->arena;
	element_vec elements = { 0 };
	bool ok = true;

	for (size_t i = 0; i < s->readings.n; i++)
		if (same_keys(&s->readings.v[i], keys, n_keys)) {
			*ret = s->readings.v[i].elements;
			return true;
		}
	if (s->readings.n == MOST_READINGS || s->unread)
		return false;
	n->arena = n->keep;
	memcpy(inputs, n->inputs, sizeof inputs);
	for (size_t i = 0; i < s->texts.n && ok; i++) {
		n->inputs[0] = (struct input){ s->texts.v[i], s->texts_at.v[i].line, s->texts_at.v[i].column, true };
		n->n_inputs = 1;
		nft_next(n);
		ok = nft_read_elements(n, keys, n_keys, &elements);
	}
	for (size_t i = 0; s->expires && i < elements.n; i++)
		elements.v[i].values[0].while_there = "an element that expires";
	memcpy(n->inputs, inputs, sizeof inputs);
	n->n_inputs = n_inputs;
	n->token = looked_at;
	n->arena = arena;
	if (ok) {
		struct nft_reading *r = VEC_ADD(n->keep, &s->readings);
		memcpy(r->keys, keys, n_keys * sizeof *keys);
		r->n_keys = n_keys;
		r->elements = *ret = elements;
	}
	return ok;
}
