/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libyaml's events, kept as a tree.  A stack of open collections replaces
 * recursion, so that the depth can be compared with a limit.
 */
#include "doc/yaml.h"

#include <yaml.h>

#include "base/strmap.h"
#include "base/vec.h"

enum { FEW_KEYS = 12 }; /* up to this many are compared pairwise */

struct open_node {
	struct node *node;
	VEC(const struct node *) items; /* of a map: key, value, key, value */
};

struct reader {
	struct arena *arena;
	const struct source *source;
	struct diag *diag;
	struct strmap anchors; /* name -> struct node, complete or not */
	struct open_node open[YAML_MOST_DEPTH];
	size_t depth;
	const struct node *root;
	bool several; /* documents are wanted */
	VEC(const struct node *) documents;
};

static bool is_open(const struct reader *r, const struct node *n)
{
	for (size_t i = 0; i < r->depth; i++)
		if (r->open[i].node == n)
			return true;
	return false;
}

static struct loc place(const struct reader *r, const yaml_mark_t *from, const yaml_mark_t *to)
{
	uint32_t length = 1;
	if (to->line == from->line && to->column > from->column)
		length = (uint32_t)(to->column - from->column);
	return (struct loc){ r->source, (uint32_t)from->line + 1, (uint32_t)from->column + 1, length };
}

static struct loc event_place(const struct reader *r, const yaml_event_t *e)
{
	struct loc at = place(r, &e->start_mark, &e->end_mark);
	/* a block collection begins at its first item: mark one character, not the line */
	if (e->type == YAML_MAPPING_START_EVENT || e->type == YAML_SEQUENCE_START_EVENT)
		at.length = 1;
	return at;
}

static struct node *node_new(struct reader *r, const yaml_event_t *e, enum node_kind kind)
{
	struct node *n = ARENA_NEW(r->arena, struct node);
	n->kind = kind;
	n->size = 1;
	n->at = event_place(r, e);
	return n;
}

static bool add_to_parent(struct reader *r, const struct node *n)
{
	if (r->depth == 0 && r->several)
		*VEC_ADD(r->arena, &r->documents) = n;
	else if (r->depth == 0)
		r->root = n;
	else
		*VEC_ADD(r->arena, &r->open[r->depth - 1].items) = n;
	return true;
}

static void refuse_tag(struct reader *r, const yaml_char_t *tag, struct loc at)
{
	if (tag)
		diag_error(r->diag, at, "tags are not supported: leave out \"%s\"", (const char *)tag);
}

static bool set_anchor(struct reader *r, const yaml_char_t *anchor, struct node *n)
{
	if (!anchor)
		return true;
	struct str name = str_dup(r->arena, str_of((const char *)anchor));
	const struct node *other = strmap_get(&r->anchors, name);
	if (other) {
		diag_error(r->diag, n->at, "duplicate anchor \"&%.*s\"", STR_ARG(name));
		diag_note(r->diag, other->at, "the other one is here");
		return false;
	}
	strmap_add(&r->anchors, name, n);
	return true;
}

/*
 * Text that equals its source needs no copy.  Marks count characters: after a non-ASCII
 * character it is copied.
 */
static struct str kept_text(const struct reader *r, const yaml_event_t *e, struct str text)
{
	struct str behind = str_skip(r->source->text, e->start_mark.index);
	if (text.n && behind.n >= text.n && memcmp(behind.p, text.p, text.n) == 0)
		return str_first(behind, text.n);
	return str_dup(r->arena, text);
}

static bool take_scalar(struct reader *r, const yaml_event_t *e)
{
	struct node *n = node_new(r, e, NODE_SCALAR);
	struct str text = { (const char *)e->data.scalar.value, e->data.scalar.length };

	refuse_tag(r, e->data.scalar.tag, n->at);
	if (text.n > YAML_LONGEST_SCALAR) {
		diag_error(r->diag, n->at, "a text of %zu bytes is too long: the limit is %d", text.n,
			   YAML_LONGEST_SCALAR);
		text = STR("");
	} else if (str_find(text, 0) != SIZE_MAX) {
		diag_error(r->diag, n->at, "a text may not contain the character U+0000");
	}
	n->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	n->text = kept_text(r, e, text);
	return set_anchor(r, e->data.scalar.anchor, n) && add_to_parent(r, n);
}

static bool take_alias(struct reader *r, const yaml_event_t *e)
{
	struct str name = str_of((const char *)e->data.alias.anchor);
	struct loc at = event_place(r, e);
	const struct node *n = strmap_get(&r->anchors, name);
	if (!n)
		return diag_error(r->diag, at, "there is no anchor \"&%.*s\" before this alias", STR_ARG(name));
	if (is_open(r, n)) {
		diag_error(r->diag, at, "the alias \"*%.*s\" is inside its own anchor", STR_ARG(name));
		diag_note(r->diag, n->at, "which begins here");
		return false;
	}
	return add_to_parent(r, n);
}

static bool open_collection(struct reader *r, const yaml_event_t *e, enum node_kind kind, const yaml_char_t *anchor,
			    const yaml_char_t *tag)
{
	struct node *n = node_new(r, e, kind);
	if (r->depth == YAML_MOST_DEPTH)
		return diag_error(r->diag, n->at, "this is nested more than %d deep", YAML_MOST_DEPTH);
	refuse_tag(r, tag, n->at);
	if (!set_anchor(r, anchor, n))
		return false;
	r->open[r->depth++] = (struct open_node){ .node = n };
	return true;
}

static bool grow_size(struct reader *r, struct node *n, const struct node *child)
{
	if (child->size > YAML_MOST_NODES || n->size > YAML_MOST_NODES - child->size)
		return diag_error(r->diag, child->at, "with its aliases expanded this is more than %d values",
				  YAML_MOST_NODES);
	n->size += child->size;
	return true;
}

/* An earlier pair of the same key.  Most maps have few keys, and need no index for this. */
static const struct pair *earlier_pair(struct strmap *seen, const struct pair *pairs, size_t i, size_t n)
{
	const struct node *key = pairs[i].key;
	if (n <= FEW_KEYS) {
		for (size_t j = 0; j < i; j++)
			if (pairs[j].key->kind == NODE_SCALAR && str_eq(pairs[j].key->text, key->text))
				return &pairs[j];
		return NULL;
	}
	const struct pair *other = strmap_get(seen, key->text);
	if (!other)
		strmap_add(seen, key->text, (void *)&pairs[i]);
	return other;
}

/* Keys are scalars, each once; a merge key would hide where a value comes from. */
static void check_key(struct reader *r, struct strmap *seen, const struct pair *pairs, size_t i, size_t n)
{
	const struct node *key = pairs[i].key;
	const struct pair *other;

	if (key->kind != NODE_SCALAR) {
		diag_error(r->diag, key->at, "a key must be text, not %s", node_what(key));
	} else if (key->plain && str_is(key->text, "<<")) {
		diag_error(r->diag, key->at, "merge keys (<<) are not part of YAML 1.2");
		diag_note(r->diag, NOWHERE, "write the values out, or put the shared ones into an overlay file");
	} else if ((other = earlier_pair(seen, pairs, i, n))) {
		diag_error(r->diag, key->at, "duplicate key \"%.*s\"", STR_ARG(key->text));
		diag_note(r->diag, other->key->at, "the other one is here");
	}
}

static bool close_collection(struct reader *r)
{
	struct open_node *o = &r->open[--r->depth];
	struct node *n = o->node;

	for (size_t i = 0; i < o->items.n; i++)
		if (!grow_size(r, n, o->items.v[i]))
			return false;
	if (n->kind == NODE_LIST) {
		n->items = o->items.v;
		n->n = o->items.n;
		return add_to_parent(r, n);
	}
	n->n = o->items.n / 2;
	struct pair *pairs = ARENA_ARRAY(r->arena, struct pair, n->n);
	struct strmap seen = strmap_new(r->arena);
	for (size_t i = 0; i < n->n; i++) {
		pairs[i] = (struct pair){ o->items.v[2 * i], o->items.v[2 * i + 1] };
		check_key(r, &seen, pairs, i, n->n);
	}
	n->pairs = pairs;
	return add_to_parent(r, n);
}

static bool take_event(struct reader *r, const yaml_event_t *e)
{
	switch (e->type) {
	case YAML_SCALAR_EVENT:
		return take_scalar(r, e);
	case YAML_ALIAS_EVENT:
		return take_alias(r, e);
	case YAML_MAPPING_START_EVENT:
		return open_collection(r, e, NODE_MAP, e->data.mapping_start.anchor, e->data.mapping_start.tag);
	case YAML_SEQUENCE_START_EVENT:
		return open_collection(r, e, NODE_LIST, e->data.sequence_start.anchor, e->data.sequence_start.tag);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		return close_collection(r);
	case YAML_DOCUMENT_START_EVENT:
		if (r->several)
			r->anchors = strmap_new(r->arena);
		if (r->root)
			return diag_error(r->diag, event_place(r, e),
					  "a second document begins here; one file holds one");
		return true;
	default:
		return true;
	}
}

/* The messages of libyaml that people meet most, in words of our own. */
static const char *in_our_words(const char *problem, struct str line, uint32_t column)
{
	static const char *const words[][2] = {
		{ "did not find expected ',' or '}'", "a comma or \"}\" is missing before this" },
		{ "did not find expected ',' or ']'", "a comma or \"]\" is missing before this" },
		{ "mapping values are not allowed in this context",
		  "a second \":\" stands in one line; put a value that has one in quotes, or the key on a line of its "
		  "own" },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(problem, words[i][0]) == 0)
			return words[i][1];
	if (strcmp(problem, "did not find expected key") == 0)
		return str_trim(str_first(line, column - 1)).n
			       ? "this does not belong to the value before it; put all of a value in one pair of quotes"
			       : "this line is indented less than its neighbours above, and more than what they belong "
				 "to";
	return problem;
}

static const char *begun(const char *context)
{
	static const char *const words[][2] = {
		{ "while parsing a flow mapping", "the \"{\" that is still open is here" },
		{ "while parsing a flow sequence", "the \"[\" that is still open is here" },
		{ "while parsing a block mapping", "the keys that it would belong to begin here" },
		{ "while parsing a block collection", "the list that it would belong to begins here" },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(context, words[i][0]) == 0)
			return words[i][1];
	return context;
}

/* libyaml's messages, replaced where they are unclear. */
static bool report(struct reader *r, const yaml_parser_t *p)
{
	struct loc at = place(r, &p->problem_mark, &p->problem_mark);
	const char *problem = p->problem ? p->problem : "this is not YAML";

	if (p->error == YAML_MEMORY_ERROR)
		out_of_memory(0);
	if (p->error == YAML_READER_ERROR) {
		uint32_t line = 1, column = 1;
		for (size_t i = 0; i < p->problem_offset && i < r->source->text.n; i++) {
			unsigned char c = (unsigned char)r->source->text.p[i];
			if (c == '\n')
				line++, column = 1;
			else if ((c & 0xc0) != 0x80)
				column++;
		}
		return diag_error(r->diag, (struct loc){ r->source, line, column, 1 },
				  "this is not text in UTF-8: %s (0x%02x)", problem,
				  (unsigned)p->problem_value & 0xffffff);
	}
	if (strstr(problem, "found character that cannot start any token")) {
		struct str line = source_line(r->source, at.line);
		bool tab = at.column <= line.n && line.p[at.column - 1] == '\t';
		return diag_error(r->diag, at, "%s",
				  tab ? "a tab cannot indent YAML; use blanks"
				      : "a value cannot begin with this character; put it in quotes");
	}
	diag_error(r->diag, at, "%s", in_our_words(problem, source_line(r->source, at.line), at.column));
	if (p->context && p->context_mark.line != p->problem_mark.line)
		diag_note(r->diag, place(r, &p->context_mark, &p->context_mark), "%s", begun(p->context));
	return false;
}

/* False after an error in the reader's list. */
static bool read_stream(struct reader *r)
{
	size_t errors = diag_errors(r->diag);
	struct str text = r->source->text;
	yaml_parser_t parser;
	bool ok = true, done = false;

	if (text.n > YAML_MOST_BYTES)
		return diag_error(r->diag, (struct loc){ r->source, 0, 0, 0 }, "this is larger than %d MB",
				  YAML_MOST_BYTES >> 20);
	if (!yaml_parser_initialize(&parser))
		out_of_memory(sizeof parser);
	yaml_parser_set_input_string(&parser, (const unsigned char *)text.p, text.n);
	while (ok && !done) {
		yaml_event_t event;
		if (!yaml_parser_parse(&parser, &event)) {
			ok = report(r, &parser);
			break;
		}
		done = event.type == YAML_STREAM_END_EVENT;
		ok = take_event(r, &event);
		yaml_event_delete(&event);
	}
	yaml_parser_delete(&parser);
	return diag_errors(r->diag) == errors;
}

const struct node *yaml_parse_several(struct arena *a, const struct source *s, struct diag *d)
{
	struct reader *r = ARENA_NEW(a, struct reader);
	*r = (struct reader){ .arena = a, .source = s, .diag = d, .anchors = strmap_new(a), .several = true };
	if (!read_stream(r))
		return NULL;
	struct node *all = ARENA_NEW(a, struct node);
	*all = (struct node){
		.kind = NODE_LIST, .size = 1, .at = { s, 1, 1, 1 }, .n = r->documents.n, .items = r->documents.v
	};
	return all;
}

const struct node *yaml_parse(struct arena *a, const struct source *s, struct diag *d)
{
	struct reader *r = ARENA_NEW(a, struct reader);
	*r = (struct reader){ .arena = a, .source = s, .diag = d, .anchors = strmap_new(a) };
	if (!read_stream(r))
		return NULL;
	if (!r->root || node_is_null(r->root)) {
		struct node *empty = ARENA_NEW(a, struct node);
		*empty = (struct node){ .kind = NODE_MAP, .size = 1, .at = { s, 1, 1, 1 } };
		return empty;
	}
	return r->root;
}

static bool means_nothing(struct str text)
{
	return text.n == 0 || str_is(text, "~") || str_is(text, "null") || str_is(text, "Null") || str_is(text, "NULL");
}

bool node_is_null(const struct node *n)
{
	return n->kind == NODE_SCALAR && n->plain && means_nothing(n->text);
}

struct str yaml_name(struct arena *a, struct str name)
{
	return means_nothing(name) ? str_printf(a, "\"%.*s\"", STR_ARG(name)) : name;
}

bool node_bool(const struct node *n, bool *ret)
{
	if (n->kind != NODE_SCALAR || !n->plain)
		return false;
	if (str_is(n->text, "true") || str_is(n->text, "True") || str_is(n->text, "TRUE"))
		*ret = true;
	else if (str_is(n->text, "false") || str_is(n->text, "False") || str_is(n->text, "FALSE"))
		*ret = false;
	else
		return false;
	return true;
}

const struct node *node_get(const struct node *map, const char *key)
{
	if (!map || map->kind != NODE_MAP)
		return NULL;
	for (size_t i = 0; i < map->n; i++)
		if (str_is(map->pairs[i].key->text, key))
			return map->pairs[i].value;
	return NULL;
}

const struct node *node_overlay(struct arena *a, const struct node *under, const struct node *over)
{
	if (!under || under->kind != NODE_MAP || over->kind != NODE_MAP)
		return over;
	struct node *n = ARENA_NEW(a, struct node);
	struct pair *pairs = ARENA_ARRAY(a, struct pair, under->n + over->n);
	struct strmap index = strmap_new(a);
	*n = *under;
	n->n = 0;
	for (size_t i = 0; i < under->n; i++) {
		pairs[n->n] = under->pairs[i];
		strmap_add(&index, pairs[n->n].key->text, &pairs[n->n]);
		n->n++;
	}
	for (size_t i = 0; i < over->n; i++) {
		struct pair *same = strmap_get(&index, over->pairs[i].key->text);
		if (same) {
			same->key = over->pairs[i].key;
			same->value = node_overlay(a, same->value, over->pairs[i].value);
		} else {
			pairs[n->n++] = over->pairs[i];
		}
	}
	n->pairs = pairs;
	return n;
}

const char *node_what(const struct node *n)
{
	switch (n->kind) {
	case NODE_LIST:
		return "a list";
	case NODE_MAP:
		return "a map";
	case NODE_SCALAR:
		break;
	}
	return node_is_null(n) ? "nothing" : "text";
}
