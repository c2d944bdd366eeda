/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Routes the lines.
 *
 * The lines to one side of a box are a net.  From its box a source goes out
 * into the channel beside it, along the net's track there, and, when the target
 * stands further away, along the net's lane and down the channel beside the
 * target:
 *
 *	[source]──╮
 *	[source]──┤ track                 ╭─▶[target]
 *	          ╰───────── lane ────────╯
 *
 * Nets that would overlap in a channel or a lane get separate tracks, the first
 * free one from the left or from above (the left-edge algorithm of Hashimoto and
 * Stevens, DAC 1971); so lines of different nets cross, but never run on top of
 * each other.
 */
#include "report/map/map.h"

#include "base/vec.h"

enum {
	PITCH = 5,            /* between tracks, while they fit */
	MOST_CHANNEL_W = 240, /* beyond that, tracks move closer */
	MOST_LANES_H = 80,
	ARROW = 7, /* the gap between the end of a line and its box */
};

/* Where lines leave and enter a box, from its middle; the offsets of the two sides differ. */
static int port_dy(bool left, bool in)
{
	return in ? (left ? -9 : -3) : left ? 3 : 9;
}

struct net {
	uint32_t target;
	bool leftward;                        /* comes from the right, enters the right side */
	uint32_t channel;                     /* beside the target */
	uint32_t gap;                         /* above which row its lane runs */
	uint32_t first_channel, last_channel; /* of the lane; first > last: none */
	int64_t rows;                         /* the sum of its sources' rows, to choose the gap */
	uint32_t n;
	uint32_t lane;
	uint32_t first_run; /* its runs in channels */
	uint32_t n_runs;
};

/* A net's part of one channel. */
struct run {
	uint32_t net, channel;
	uint32_t from, to; /* in half rows: 2 * gap, 2 * row + 1; both belong to it */
	uint32_t track;
};

struct router {
	struct arena *arena;
	struct map *map;
	struct net *nets; /* by target: 2 * box, and one more for the right side */
	VEC(struct run) runs;
	struct map_grid grid;
	uint32_t *tracks, *lanes; /* how many, by channel and by gap */
};

struct ends {
	uint32_t net, from_channel;
	bool direct; /* both boxes are at one channel */
};

static struct ends pair_ends(const struct map *m, const struct map_pair *p)
{
	const struct map_box *from = &m->boxes[p->from], *to = &m->boxes[p->to];
	bool leftward = from->column >= to->column;
	uint32_t channel = to->column + leftward;
	uint32_t from_channel = from->column > to->column ? from->column : from->column + 1;
	return (struct ends){ 2 * p->to + leftward, from_channel, channel == from_channel };
}

static void make_nets(struct router *r)
{
	struct map *m = r->map;
	r->nets = ARENA_ARRAY(r->arena, struct net, 2 * m->n_boxes);
	for (uint32_t i = 0; i < 2 * m->n_boxes; i++)
		r->nets[i] = (struct net){
			.target = i / 2,
			.leftward = i % 2,
			.channel = m->boxes[i / 2].column + i % 2,
			.first_channel = UINT32_MAX,
		};
	for (size_t i = 0; i < m->n_pairs; i++) {
		const struct map_pair *p = &m->pairs[i];
		if (p->from == p->to)
			continue;
		struct ends e = pair_ends(m, p);
		struct net *n = &r->nets[e.net];
		n->n++;
		if (e.direct)
			continue;
		n->rows += (int64_t)m->boxes[p->from].row - m->boxes[p->to].row;
		n->first_channel = MIN(n->first_channel, MIN(e.from_channel, n->channel));
		n->last_channel = MAX(n->last_channel, MAX(e.from_channel, n->channel));
	}
	for (size_t i = 0; i < 2 * m->n_boxes; i++)
		r->nets[i].gap = m->boxes[i / 2].row + (r->nets[i].rows > 0);
}

static bool has_lane(const struct net *n)
{
	return n->first_channel <= n->last_channel;
}

static void widen_run(struct router *r, uint32_t net, uint32_t channel, uint32_t at)
{
	struct net *n = &r->nets[net];
	struct run *run = NULL;
	for (uint32_t i = 0; i < n->n_runs && !run; i++)
		if (r->runs.v[n->first_run + i].channel == channel)
			run = &r->runs.v[n->first_run + i];
	if (!run) {
		run = VEC_ADD(r->arena, &r->runs);
		*run = (struct run){ net, channel, at, at, 0 };
		n->n_runs++;
	}
	run->from = MIN(run->from, at);
	run->to = MAX(run->to, at);
}

struct by_net {
	uint32_t net, pair;
};

static int by_net_cmp(const void *left, const void *right)
{
	const struct by_net *a = left, *b = right;
	return a->net != b->net ? CMP(a->net, b->net) : CMP(a->pair, b->pair);
}

static void make_runs(struct router *r)
{
	struct map *m = r->map;
	struct by_net *order = ARENA_ARRAY(r->arena, struct by_net, m->n_pairs);
	size_t n = 0;

	for (size_t i = 0; i < m->n_pairs; i++)
		if (m->pairs[i].from != m->pairs[i].to)
			order[n++] = (struct by_net){ pair_ends(m, &m->pairs[i]).net, (uint32_t)i };
	sort_items(order, n, sizeof *order, by_net_cmp);
	for (size_t i = 0; i < n; i++) {
		const struct map_pair *p = &m->pairs[order[i].pair];
		struct ends e = pair_ends(m, p);
		struct net *net = &r->nets[e.net];
		if (i == 0 || order[i - 1].net != order[i].net) {
			net->first_run = (uint32_t)r->runs.n;
			widen_run(r, e.net, net->channel, 2 * m->boxes[net->target].row + 1);
			if (has_lane(net))
				widen_run(r, e.net, net->channel, 2 * net->gap);
		}
		widen_run(r, e.net, e.from_channel, 2 * m->boxes[p->from].row + 1);
		if (!e.direct)
			widen_run(r, e.net, e.from_channel, 2 * net->gap);
	}
}

/* Intervals that need a track: sorted, each gets the first free one. */
struct stretch {
	uint32_t group; /* channel or gap */
	uint32_t from, to;
	uint32_t owner; /* run or net */
	uint32_t track;
};

static int stretch_cmp(const void *left, const void *right)
{
	const struct stretch *a = left, *b = right;
	if (a->group != b->group)
		return CMP(a->group, b->group);
	/* the longest first: short ones fit beside it */
	if (a->to - a->from != b->to - b->from)
		return CMP(b->to - b->from, a->to - a->from);
	return a->from != b->from ? CMP(a->from, b->from) : CMP(a->owner, b->owner);
}

/* tracks[group]: the number of tracks of the group. */
static void give_tracks(struct arena *a, struct stretch *stretches, size_t n, uint32_t *tracks)
{
	bool *taken = ARENA_ARRAY(a, bool, n + 1);
	size_t first = 0;
	sort_items(stretches, n, sizeof *stretches, stretch_cmp);
	for (size_t i = 0; i < n; i++) {
		if (stretches[i].group != stretches[first].group)
			first = i;
		memset(taken, 0, i - first + 1);
		for (size_t j = first; j < i; j++)
			if (stretches[j].from <= stretches[i].to && stretches[i].from <= stretches[j].to)
				taken[stretches[j].track] = true;
		while (taken[stretches[i].track])
			stretches[i].track++;
		tracks[stretches[i].group] = MAX(tracks[stretches[i].group], stretches[i].track + 1);
	}
}

static int room_for(uint32_t tracks, int most)
{
	return tracks ? MIN((int)(tracks - 1) * PITCH + 1, most) : 0;
}

/* The position of a track, from the first. */
static int track_at(uint32_t track, uint32_t tracks, int room)
{
	return tracks > 1 ? (int)((uint64_t)track * (uint64_t)(room - 1) / (tracks - 1)) : 0;
}

static void track_channels(struct router *r)
{
	uint32_t channels = r->map->n_columns + 1;
	struct stretch *stretches = ARENA_ARRAY(r->arena, struct stretch, r->runs.n);
	for (size_t i = 0; i < r->runs.n; i++)
		stretches[i] =
			(struct stretch){ r->runs.v[i].channel, r->runs.v[i].from, r->runs.v[i].to, (uint32_t)i, 0 };
	r->tracks = ARENA_ARRAY(r->arena, uint32_t, channels);
	give_tracks(r->arena, stretches, r->runs.n, r->tracks);
	for (size_t i = 0; i < r->runs.n; i++)
		r->runs.v[stretches[i].owner].track = stretches[i].track;
	for (uint32_t c = 0; c < channels; c++)
		r->grid.channel_w[c] = room_for(r->tracks[c], MOST_CHANNEL_W);
}

static void track_lanes(struct router *r)
{
	struct map *m = r->map;
	struct stretch *stretches = ARENA_ARRAY(r->arena, struct stretch, 2 * m->n_boxes);
	size_t n = 0;
	for (uint32_t i = 0; i < 2 * m->n_boxes; i++) {
		const struct net *net = &r->nets[i];
		if (net->n && has_lane(net))
			stretches[n++] = (struct stretch){ net->gap, net->first_channel, net->last_channel, i, 0 };
	}
	r->lanes = ARENA_ARRAY(r->arena, uint32_t, m->n_rows + 1);
	give_tracks(r->arena, stretches, n, r->lanes);
	for (size_t i = 0; i < n; i++)
		r->nets[stretches[i].owner].lane = stretches[i].track;
	for (uint32_t g = 0; g <= m->n_rows; g++)
		r->grid.lanes_h[g] = room_for(r->lanes[g], MOST_LANES_H);
}

static int track_x(const struct router *r, uint32_t net, uint32_t channel)
{
	const struct net *n = &r->nets[net];
	for (uint32_t i = 0; i < n->n_runs; i++) {
		const struct run *run = &r->runs.v[n->first_run + i];
		if (run->channel == channel)
			return r->grid.channel_x[channel] +
			       track_at(run->track, r->tracks[channel], r->grid.channel_w[channel]);
	}
	assert(!"a net without a run in a channel that it uses");
	return 0;
}

static struct map_point port(const struct map *m, const struct map_box *b, bool left, bool in)
{
	int edge = left ? b->x - (in ? ARROW : 0) : b->x + m->box_w + (in ? ARROW : 0);
	return (struct map_point){ edge, b->y + m->box_h / 2 + port_dy(left, in) };
}

static void draw_line(struct router *r, uint32_t pair, struct map_line *l)
{
	struct map *m = r->map;
	const struct map_pair *p = &m->pairs[pair];
	const struct map_box *from = &m->boxes[p->from], *to = &m->boxes[p->to];
	struct ends e = pair_ends(m, p);
	const struct net *n = &r->nets[e.net];
	struct map_point out = port(m, from, e.from_channel == from->column, false);
	struct map_point in = port(m, to, !n->leftward, true);
	int track = track_x(r, e.net, e.from_channel);

	*l = (struct map_line){ .pair = pair, .leftward = n->leftward };
	l->v[l->n++] = out;
	l->v[l->n++] = (struct map_point){ track, out.y };
	if (!e.direct) {
		int y = r->grid.lane_y[n->gap] + track_at(n->lane, r->lanes[n->gap], r->grid.lanes_h[n->gap]);
		l->v[l->n++] = (struct map_point){ track, y };
		track = track_x(r, e.net, n->channel);
		l->v[l->n++] = (struct map_point){ track, y };
	}
	l->v[l->n++] = (struct map_point){ track, in.y };
	l->v[l->n++] = in;
}

static void draw_lines(struct router *r)
{
	struct map *m = r->map;
	m->lines = ARENA_ARRAY(r->arena, struct map_line, m->n_pairs);
	m->arrows = ARENA_ARRAY(r->arena, struct map_arrow, 2 * m->n_boxes);
	for (uint32_t i = 0; i < m->n_pairs; i++)
		if (m->pairs[i].from != m->pairs[i].to)
			draw_line(r, i, &m->lines[m->n_lines++]);
	for (uint32_t i = 0; i < 2 * m->n_boxes; i++) {
		const struct net *n = &r->nets[i];
		if (!n->n)
			continue;
		const struct map_box *b = &m->boxes[n->target];
		struct map_point tip = port(m, b, !n->leftward, true);
		tip.x = n->leftward ? b->x + m->box_w : b->x;
		m->arrows[m->n_arrows++] = (struct map_arrow){ tip, n->target, n->leftward };
	}
}

void map_route(struct arena *a, struct map *m)
{
	struct router r = {
		.arena = a,
		.map = m,
		.grid = {
			.channel_w = ARENA_ARRAY(a, int, m->n_columns + 1),
			.lanes_h = ARENA_ARRAY(a, int, m->n_rows + 1),
			.channel_x = ARENA_ARRAY(a, int, m->n_columns + 1),
			.lane_y = ARENA_ARRAY(a, int, m->n_rows + 1),
		},
	};
	make_nets(&r);
	make_runs(&r);
	track_channels(&r);
	track_lanes(&r);
	map_measure(a, m, &r.grid);
	draw_lines(&r);
}
