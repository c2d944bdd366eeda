/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three arrays: nodes, their runs, and a unique table (hash consing).  A
 * direct-mapped cache keeps the results of operations: a collision costs time,
 * never correctness.  The arrays grow by realloc() rather than in the arena, which
 * would keep every smaller copy.
 */
#include "flow/diagram.h"

#include "base/hash.h"

struct node {
	uint32_t first_run, n_runs;
	uint8_t place; /* of its field in the order; N_DIMS: a value */
};

struct cached {
	diagram x, y, result;
	uint8_t op; /* N_OPS: empty */
};

/*
 * Nodes that a search has visited: those with its number.  Clearing the marks would cost
 * more than the search.
 */
struct marks {
	uint32_t *v; /* by node */
	size_t n;
	uint32_t search;
};

struct diagrams {
	uint32_t sizes[N_DIMS];                 /* by level, as everything here */
	uint8_t fields[N_DIMS], places[N_DIMS]; /* by level, and the inverse */
	struct node *nodes;                     /* [0 .. N_VALUES) are the values */
	size_t n_nodes, nodes_room;
	struct run *runs;
	size_t n_runs, runs_room;
	size_t most_runs; /* 0: no limit */
	bool exhausted;
	uint32_t *table;   /* of node numbers; 0: empty */
	size_t table_room; /* a power of two */
	struct cached *cache;
	size_t cache_room; /* a power of two */
	struct marks *marks;
	struct run *scratch; /* a stack of runs under construction */
	size_t n_scratch, scratch_room;
};

enum {
	FIRST_TABLE = 1 << 10,
	FIRST_CACHE = 1 << 10,
	LARGEST_CACHE = 1 << 22,
};

/*
 * Rows are the first's NONE PERMIT DENY RETURN MAYBE.  Sets have only NONE and PERMIT; a
 * set's other rows and columns make a neutral operand visible as such (decided()
 * below).  What may return, or be decided by a later rule, is decided by that rule where it
 * counts in favour of the reading; otherwise it returns.
 */
/* clang-format off */
static const struct operation operations[N_OPS] = {
	[OP_OR]        = { { { 0, 1, 2, 3, 4 }, { 1, 1, 1, 1, 1 }, { 2, 1, 2, 2, 2 }, { 3, 1, 3, 3, 3 }, { 4, 1, 4, 4, 4 } } },
	[OP_AND]       = { { { 0, 0, 0, 0, 0 }, { 0, 1, 2, 3, 4 }, { 0, 2, 0, 0, 0 }, { 0, 3, 0, 0, 0 }, { 0, 4, 0, 0, 0 } } },
	[OP_MINUS]     = { { { 0, 0, 0, 0, 0 }, { 1, 0, 1, 1, 1 }, { 2, 0, 2, 2, 2 }, { 3, 0, 3, 3, 3 }, { 4, 0, 4, 4, 4 } } },
	[OP_FIRST]     = { { { 0, 1, 2, 3, 4 }, { 1, 1, 1, 1, 1 }, { 2, 2, 2, 2, 2 }, { 3, 3, 3, 3, 3 }, { 4, 1, 3, 3, 4 } } },
	[OP_FIRST_LOW] = { { { 0, 1, 2, 3, 4 }, { 1, 1, 1, 1, 1 }, { 2, 2, 2, 2, 2 }, { 3, 3, 3, 3, 3 }, { 4, 3, 2, 3, 4 } } },
	[OP_CALL]      = { { { 0, 0, 0, 0, 0 }, { 0, 1, 2, 0, 0 }, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } } },
	[OP_GOTO]      = { { { 0, 0, 0, 0, 0 }, { 3, 1, 2, 3, 3 }, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 }, { 0, 0, 0, 0, 0 } } },
	[OP_PERMITTED] = { { { 0, 0, 0, 0, 0 }, { 0, 1, 0, 0, 0 }, { 0, 2, 0, 0, 0 }, { 0, 3, 0, 0, 0 }, { 0, 4, 0, 0, 0 } } },
	[OP_DENIED]    = { { { 0, 0, 0, 0, 0 }, { 0, 0, 1, 0, 0 }, { 0, 0, 2, 0, 0 }, { 0, 0, 3, 0, 0 }, { 0, 0, 4, 0, 0 } } },
	[OP_UNDECIDED] = { { { 0, 0, 0, 0, 0 }, { 1, 0, 0, 0, 1 }, { 2, 0, 0, 0, 2 }, { 3, 0, 0, 0, 3 }, { 4, 0, 0, 0, 4 } } },
};
/* clang-format on */

static void *grown(void *old, size_t n, size_t size)
{
	size_t bytes;
	void *p = __builtin_mul_overflow(n, size, &bytes) ? NULL : realloc(old, bytes);
	if (!p)
		out_of_memory(n);
	return p;
}

static void free_arrays(void *ctx)
{
	struct diagrams *m = ctx;
	free(m->nodes);
	free(m->runs);
	free(m->table);
	free(m->cache);
	free(m->marks->v);
	free(m->scratch);
}

static void clear_cache(struct diagrams *m, size_t room)
{
	free(m->cache);
	m->cache = grown(NULL, room, sizeof *m->cache);
	m->cache_room = room;
	for (size_t i = 0; i < room; i++)
		m->cache[i].op = N_OPS;
}

struct diagrams *diagrams_new(struct arena *a, const uint32_t sizes[N_DIMS])
{
	struct diagrams *m = ARENA_NEW(a, struct diagrams);
	m->marks = ARENA_NEW(a, struct marks);
	arena_at_end(a, free_arrays, m);
	for (uint8_t d = 0; d < N_DIMS; d++) {
		m->sizes[d] = sizes[d];
		m->fields[d] = m->places[d] = d;
	}
	m->nodes_room = 256;
	m->nodes = grown(NULL, m->nodes_room, sizeof *m->nodes);
	m->n_nodes = N_VALUES;
	for (int value = 0; value < N_VALUES; value++)
		m->nodes[value] = (struct node){ .place = N_DIMS };
	m->table_room = FIRST_TABLE;
	m->table = grown(NULL, m->table_room, sizeof *m->table);
	memset(m->table, 0, m->table_room * sizeof *m->table);
	clear_cache(m, FIRST_CACHE);
	return m;
}

void diagrams_order(struct diagrams *m, const enum dim order[N_DIMS])
{
	uint32_t sizes[N_DIMS];
	assert(m->n_nodes == N_VALUES);
	for (uint8_t d = 0; d < N_DIMS; d++)
		sizes[d] = diagrams_size(m, (enum dim)d);
	for (uint8_t i = 0; i < N_DIMS; i++) {
		m->fields[i] = (uint8_t)order[i];
		m->places[order[i]] = i;
		m->sizes[i] = sizes[order[i]];
	}
}

enum dim diagrams_field(const struct diagrams *m, int place)
{
	return (enum dim)m->fields[place];
}

static uint64_t runs_hash(uint8_t place, const struct run *runs, size_t n)
{
	return hash64_seed(runs, n * sizeof *runs, place);
}

static void widen_table(struct diagrams *m)
{
	size_t room = m->table_room * 4;
	uint32_t *table = grown(NULL, room, sizeof *table);
	memset(table, 0, room * sizeof *table);
	for (size_t j = N_VALUES; j < m->n_nodes; j++) {
		const struct node *n = &m->nodes[j];
		size_t i = runs_hash(n->place, &m->runs[n->first_run], n->n_runs) & (room - 1);
		while (table[i])
			i = (i + 1) & (room - 1);
		table[i] = (uint32_t)j;
	}
	free(m->table);
	m->table = table;
	m->table_room = room;
	/* a growing problem needs a larger operation cache */
	if (m->cache_room < MIN(room, (size_t)LARGEST_CACHE))
		clear_cache(m, MIN(room, (size_t)LARGEST_CACHE));
}

static diagram make_node(struct diagrams *m, uint8_t place, const struct run *runs, size_t n)
{
	if (n == 1)
		return runs[0].child;
	size_t i = runs_hash(place, runs, n) & (m->table_room - 1);
	for (; m->table[i]; i = (i + 1) & (m->table_room - 1)) {
		const struct node *node = &m->nodes[m->table[i]];
		if (node->place == place && node->n_runs == n &&
		    memcmp(&m->runs[node->first_run], runs, n * sizeof *runs) == 0)
			return m->table[i];
	}
	if (m->exhausted || (m->most_runs && m->n_runs + n > m->most_runs)) {
		m->exhausted = true;
		return VALUE_NONE;
	}
	if (m->n_nodes == m->nodes_room) {
		m->nodes_room *= 2;
		m->nodes = grown(m->nodes, m->nodes_room, sizeof *m->nodes);
	}
	if (m->runs_room - m->n_runs < n) {
		m->runs_room = MAX(m->runs_room * 2, m->n_runs + n + 1024);
		m->runs = grown(m->runs, m->runs_room, sizeof *m->runs);
	}
	if (m->n_runs + n > UINT32_MAX)
		out_of_memory(n * sizeof *runs);
	uint32_t number = (uint32_t)m->n_nodes++;
	m->nodes[number] = (struct node){ (uint32_t)m->n_runs, (uint32_t)n, place };
	memcpy(&m->runs[m->n_runs], runs, n * sizeof *runs);
	m->n_runs += n;
	m->table[i] = number;
	if (2 * m->n_nodes > m->table_room)
		widen_table(m);
	return number;
}

/* Runs under construction, on a stack because operations nest. */
static void push_run(struct diagrams *m, size_t base, uint32_t last, diagram child)
{
	if (m->n_scratch > base && m->scratch[m->n_scratch - 1].child == child) {
		m->scratch[m->n_scratch - 1].last = last;
		return;
	}
	if (m->n_scratch == m->scratch_room) {
		m->scratch_room = MAX(m->scratch_room * 2, (size_t)256);
		m->scratch = grown(m->scratch, m->scratch_room, sizeof *m->scratch);
	}
	m->scratch[m->n_scratch++] = (struct run){ last, child };
}

static diagram pop_node(struct diagrams *m, size_t base, uint8_t place)
{
	diagram made = make_node(m, place, &m->scratch[base], m->n_scratch - base);
	m->n_scratch = base;
	return made;
}

diagram diagram_split(struct diagrams *m, enum dim d, struct spans s, diagram inside, diagram outside)
{
	size_t base = m->n_scratch;
	uint32_t at = 0;
	uint8_t place = m->places[d];

	assert(m->nodes[inside].place > place && m->nodes[outside].place > place);
	if (inside == outside)
		return inside;
	for (size_t i = 0; i < s.n; i++) {
		if (s.v[i].first > at)
			push_run(m, base, s.v[i].first - 1, outside);
		push_run(m, base, s.v[i].last, inside);
		at = s.v[i].last + 1;
	}
	if (at < m->sizes[place])
		push_run(m, base, m->sizes[place] - 1, outside);
	return pop_node(m, base, place);
}

/* The result when one operand alone determines it; false when both are needed. */
static bool decided(const struct operation *o, diagram left, diagram right, diagram *ret)
{
	bool same = true, identity = true;
	if (left < N_VALUES) {
		const uint8_t *row = o->table[left];
		if (right < N_VALUES) {
			*ret = row[right];
			return true;
		}
		for (int value = 0; value < N_VALUES; value++) {
			same &= row[value] == row[0];
			identity &= row[value] == value;
		}
		*ret = same ? row[0] : right;
		return same || identity;
	}
	if (right >= N_VALUES)
		return false;
	for (int value = 0; value < N_VALUES; value++) {
		same &= o->table[value][right] == o->table[0][right];
		identity &= o->table[value][right] == value;
	}
	if (same)
		*ret = o->table[0][right];
	else if (identity)
		*ret = left;
	return same || identity;
}

diagram diagram_apply(struct diagrams *m, enum op op, diagram left, diagram right)
{
	diagram result;
	if (m->exhausted)
		return VALUE_NONE;
	if (decided(&operations[op], left, right, &result))
		return result;
	if (left == right) {
		if (op == OP_FIRST || op == OP_FIRST_LOW || op == OP_OR)
			return left;
		if (op == OP_MINUS)
			return VALUE_NONE;
	}
	uint64_t h = hash_mix((uint64_t)left << 32 | right, op);
	struct cached *c = &m->cache[h & (m->cache_room - 1)];
	if (c->op == op && c->x == left && c->y == right)
		return c->result;

	uint8_t px = m->nodes[left].place, py = m->nodes[right].place, place = MIN(px, py);
	size_t base = m->n_scratch;
	uint32_t i = 0, j = 0, at;
	do {
		/* runs may move while children are combined, so they are looked up each time */
		struct run p = { m->sizes[place] - 1, left }, q = { m->sizes[place] - 1, right };
		if (px == place)
			p = m->runs[m->nodes[left].first_run + i];
		if (py == place)
			q = m->runs[m->nodes[right].first_run + j];
		at = MIN(p.last, q.last);
		push_run(m, base, at, diagram_apply(m, op, p.child, q.child));
		i += p.last == at;
		j += q.last == at;
	} while (at != m->sizes[place] - 1);
	result = pop_node(m, base, place);
	c = &m->cache[h & (m->cache_room - 1)];
	*c = (struct cached){ left, right, result, (uint8_t)op };
	return result;
}

diagram diagram_fold(struct diagrams *m, enum op op, const diagram *parts, size_t n)
{
	if (n == 0)
		return VALUE_NONE;
	if (n == 1)
		return parts[0];
	diagram first = diagram_fold(m, op, parts, n / 2);
	return diagram_apply(m, op, first, diagram_fold(m, op, parts + n / 2, n - n / 2));
}

static diagram map_node(struct diagrams *m, diagram root, const uint8_t map[N_VALUES], diagram *done)
{
	if (root < N_VALUES)
		return map[root];
	if (done[root])
		return done[root] - 1;
	size_t base = m->n_scratch;
	for (uint32_t i = 0; i < m->nodes[root].n_runs; i++) {
		struct run r = m->runs[m->nodes[root].first_run + i];
		push_run(m, base, r.last, map_node(m, r.child, map, done));
	}
	diagram result = pop_node(m, base, m->nodes[root].place);
	done[root] = result + 1;
	return result;
}

diagram diagram_map(struct diagrams *m, diagram root, const uint8_t map[N_VALUES])
{
	diagram *done = calloc(m->n_nodes, sizeof *done);
	if (!done)
		out_of_memory(m->n_nodes * sizeof *done);
	diagram result = map_node(m, root, map, done);
	free(done);
	return result;
}

/* The run that contains a coordinate. */
static const struct run *run_at(const struct diagrams *m, const struct node *n, uint32_t coordinate)
{
	const struct run *runs = &m->runs[n->first_run];
	uint32_t lo = 0, hi = n->n_runs - 1;
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;
		if (runs[mid].last < coordinate)
			lo = mid + 1;
		else
			hi = mid;
	}
	return &runs[lo];
}

enum value diagram_at(const struct diagrams *m, diagram root, const uint32_t point[N_DIMS])
{
	while (root >= N_VALUES)
		root = run_at(m, &m->nodes[root], point[m->fields[m->nodes[root].place]])->child;
	return (enum value)root;
}

/*
 * A search for a value marks the nodes that do not reach it, so that no node is
 * visited twice.
 */
struct finder {
	const struct diagrams *m;
	enum value v;
	struct marks *barren;
	uint32_t *ret;
};

static bool find_in(struct finder *f, diagram root);

static bool find_in_runs(struct finder *f, const struct node *n)
{
	uint32_t first = 0;
	for (uint32_t i = 0; i < n->n_runs; i++) {
		struct run r = f->m->runs[n->first_run + i];
		if (find_in(f, r.child)) {
			f->ret[f->m->fields[n->place]] = first;
			return true;
		}
		first = r.last + 1;
	}
	return false;
}

static bool find_in(struct finder *f, diagram root)
{
	if (root < N_VALUES)
		return root == (diagram)f->v;
	if (f->barren->v[root] == f->barren->search)
		return false;
	const struct node *n = &f->m->nodes[root];
	bool found = find_in_runs(f, n);
	if (!found)
		f->barren->v[root] = f->barren->search;
	return found;
}

static struct marks *new_search(const struct diagrams *m)
{
	struct marks *marks = m->marks;
	if (marks->n < m->n_nodes || marks->search == UINT32_MAX) {
		marks->n = m->n_nodes + m->n_nodes / 2;
		free(marks->v);
		marks->v = calloc(marks->n, sizeof *marks->v);
		if (!marks->v)
			out_of_memory(marks->n * sizeof *marks->v);
		marks->search = 0;
	}
	marks->search++;
	return marks;
}

bool diagram_find(const struct diagrams *m, diagram root, enum value value, uint32_t ret[N_DIMS])
{
	struct finder f = { .m = m, .v = value, .ret = ret };
	memset(ret, 0, N_DIMS * sizeof *ret);
	f.barren = new_search(m);
	return find_in(&f, root);
}

static bool spans_meet(struct spans s, uint32_t first, uint32_t last)
{
	for (size_t i = 0; i < s.n; i++)
		if (first <= s.v[i].last && s.v[i].first <= last)
			return true;
	return false;
}

static diagram any_node(struct diagrams *m, diagram root, uint8_t place, struct spans s, diagram *done)
{
	if (m->nodes[root].place > place)
		return root;
	if (done[root])
		return done[root] - 1;
	size_t base = m->n_scratch;
	diagram result = VALUE_NONE;
	uint32_t first = 0;
	bool here = m->nodes[root].place == place;
	for (uint32_t i = 0; i < m->nodes[root].n_runs; i++) {
		/* making diagrams moves the runs, so they are looked up again */
		struct run r = m->runs[m->nodes[root].first_run + i];
		if (!here)
			push_run(m, base, r.last, any_node(m, r.child, place, s, done));
		else if (spans_meet(s, first, r.last))
			result = diagram_apply(m, OP_OR, result, r.child);
		first = r.last + 1;
	}
	if (!here)
		result = pop_node(m, base, m->nodes[root].place);
	done[root] = result + 1;
	return result;
}

diagram diagram_any(struct diagrams *m, diagram set, enum dim d, struct spans s)
{
	if (!s.n)
		return VALUE_NONE;
	diagram *done = calloc(m->n_nodes, sizeof *done);
	if (!done)
		out_of_memory(m->n_nodes * sizeof *done);
	diagram result = any_node(m, set, m->places[d], s, done);
	free(done);
	return result;
}

bool diagram_node(const struct diagrams *m, diagram root, enum dim *d, const struct run **runs, uint32_t *n)
{
	if (root < N_VALUES)
		return false;
	*d = (enum dim)m->fields[m->nodes[root].place];
	*runs = &m->runs[m->nodes[root].first_run];
	*n = m->nodes[root].n_runs;
	return true;
}

void diagrams_limit(struct diagrams *m, size_t runs)
{
	m->most_runs = runs;
}

bool diagrams_exhausted(const struct diagrams *m)
{
	return m->exhausted;
}

size_t diagrams_runs(const struct diagrams *m)
{
	return m->n_runs;
}

uint32_t diagrams_size(const struct diagrams *m, enum dim d)
{
	return m->sizes[m->places[d]];
}
