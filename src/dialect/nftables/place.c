/* SPDX-License-Identifier: Apache-2.0 */
/* Rules by their index in a chain: insertion before one, and chains that are emptied. */
#include "dialect/nftables/nftables.h"

enum { MOST_MOVED = 1 << 26 }; /* rules that make room for inserted ones, over the whole file */

/* The rules from one on, which were read last, become those of an index. */
static void move_last(struct nft *n, struct nft_chain *c, size_t from, uint32_t index)
{
	struct chain *chain = &n->rules->chains.v[c->number];
	size_t at = c->entries.v[index], added = chain->rules.n - from, last = c->entries.n - 1;
	struct rule *made = ARENA_ARRAY(n->keep, struct rule, added);
	if (added) {
		memcpy(made, chain->rules.v + from, added * sizeof *made);
		memmove(chain->rules.v + at + added, chain->rules.v + at, (from - at) * sizeof *made);
		memcpy(chain->rules.v + at, made, added * sizeof *made);
	}
	for (size_t i = last; i > index; i--)
		c->entries.v[i] = c->entries.v[i - 1] + (uint32_t)added;
	c->entries.v[index] = (uint32_t)at;
}

void nft_insert_rule(struct nft *n, struct nft_chain *c, uint32_t index, struct loc at)
{
	const struct chain *chain = &n->rules->chains.v[c->number];
	size_t from = chain->rules.n, last = c->entries.n;
	/* the reader takes gotos at the end of a chain as one, see drop_needless_gotos() */
	bool ends_in_goto = from && chain->rules.v[from - 1].action == ACTION_GOTO;
	nft_read_rule(n, c);
	if (index == last)
		return;
	n->moved += n->rules->chains.v[c->number].rules.n + last - index;
	if (ends_in_goto || n->moved > MOST_MOVED)
		nft_unknown(n, at, "a rule that is inserted before others; list the rule set and read that");
	else
		move_last(n, c, from, index);
}

/* "flush chain FAMILY TABLE NAME" of a chain that others call. */
bool nft_flush_chain(struct nft *n)
{
	nft_next(n);
	if (!nft_accept(n, "chain") || n->first_pass)
		return false;
	struct str family = STR("ip");
	if (str_is_one_of(n->token.text, "ip ip6 inet arp bridge netdev")) {
		family = n->token.text;
		nft_next(n);
	}
	struct str table = n->token.text;
	nft_next(n);
	struct str key =
		str_printf(n->arena, "%.*s %.*s %.*s", STR_ARG(family), STR_ARG(table), STR_ARG(n->token.text));
	struct nft_chain *c = strmap_get(&n->chains, key);
	if (!c || !c->defined || c->is_base || c->ignored || c->translates)
		return false;
	nft_next(n);
	n->rules->chains.v[c->number].rules.n = 0;
	c->entries.n = 0;
	return true;
}

void nft_number_rules(struct nft *n)
{
	for (size_t i = 0; i < n->all_chains.n; i++) {
		const struct nft_chain *c = n->all_chains.v[i];
		struct chain *chain = &n->rules->chains.v[c->number];
		for (size_t entry = 0; entry < c->entries.n; entry++) {
			size_t end = entry + 1 < c->entries.n ? c->entries.v[entry + 1] : chain->rules.n;
			for (size_t rule = c->entries.v[entry]; rule < end; rule++)
				chain->rules.v[rule].number = (uint32_t)entry + 1;
		}
	}
}
