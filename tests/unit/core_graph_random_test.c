// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random graphs, each step against two naive answers from a matrix of strengths:
 * small graphs by trying every cycle that passes no node twice, one strength of
 * each edge at a time; larger ones by the length of the shortest strong walk
 * (all pairs, over nodes and strengths), which is the cycle's as long as there was
 * no cycle before, and a lower bound from then on. Edges come and gain strengths,
 * nodes are merged, edges are skipped; components and their order are checked
 * against the reachability of the matrix.
 */
#include "../../user/core/graph_priv.h"
#include "../lib/tap.h"

enum { MAX = 40, FAR = 1000 };

static uint8_t dep[MAX][MAX];		/* the graph, naively */
static bool skipped[MAX][MAX];
static unsigned int nr;

/* What the checks saw; one line of TAP each at the end. */
static struct {
	unsigned long steps, cycles, weak, twice;	/* weak: cycles of edges, not strong */
	bool edges, exact, valid, bound, first, order, skip, moves;
} seen;

/* --- naively ----------------------------------------------------------------------------- */

/* May an edge taken as the one strength @q follow one taken as @p? */
static bool meets(unsigned int p, unsigned int q)
{
	return !((p == GRAPH_SR || p == GRAPH_ER) && (q == GRAPH_SR || q == GRAPH_SN));
}

struct attempt {
	unsigned int goal, first, best;
	bool used[MAX];
};

/* Extend a path of @len edges that has reached @at by strength @last. */
static void attempt(struct attempt *a, unsigned int at, unsigned int last, unsigned int len)
{
	unsigned int to, bit;

	if (len + 1 >= a->best)
		return;
	for (to = 0; to < nr; to++) {
		if (skipped[at][to] || (to != a->goal && a->used[to]))
			continue;
		for (bit = 1; bit < 16; bit <<= 1) {
			if (!(dep[at][to] & bit) || !meets(last, bit))
				continue;
			if (to == a->goal) {
				if (meets(bit, a->first) && len + 1 < a->best)
					a->best = len + 1;
				continue;
			}
			a->used[to] = true;
			attempt(a, to, bit, len + 1);
			a->used[to] = false;
		}
	}
}

/* Edges of the shortest strong cycle through @from -> @to with one of @bits; FAR = none. */
static unsigned int try_all(unsigned int from, unsigned int to, unsigned int bits)
{
	struct attempt a = { .goal = from, .best = FAR };
	unsigned int bit;

	if (skipped[from][to])
		return FAR;
	for (bit = 1; bit < 16; bit <<= 1) {
		if (!(bits & bit))
			continue;
		memset(a.used, 0, sizeof(a.used));
		a.used[from] = a.used[to] = true;
		a.first = bit;
		attempt(&a, to, bit, 1);
	}
	return a.best;
}

/*
 * dist[v][e][w][s]: edges of the shortest strong walk from v, entered by an R (e = 1)
 * or N edge, to w, whose last edge ends in R (s = 1) or N.
 */
static unsigned int dist[2 * MAX][2 * MAX];

static void all_pairs(void)
{
	unsigned int v, w, k, p, bit, s;

	for (v = 0; v < 2 * nr; v++)
		for (w = 0; w < 2 * nr; w++)
			dist[v][w] = v == w ? 0 : FAR;
	for (v = 0; v < nr; v++)
		for (w = 0; w < nr; w++)
			for (bit = 1; bit < 16; bit <<= 1)
				for (p = 0; p < 2; p++) {
					s = bit == GRAPH_SR || bit == GRAPH_ER;
					if ((dep[v][w] & bit) && meets(p ? GRAPH_ER : GRAPH_EN, bit))
						dist[2 * v + p][2 * w + s] = 1;
				}
	for (k = 0; k < 2 * nr; k++)
		for (v = 0; v < 2 * nr; v++)
			for (w = 0; dist[v][k] < FAR && w < 2 * nr; w++)
				if (dist[v][k] + dist[k][w] < dist[v][w])
					dist[v][w] = dist[v][k] + dist[k][w];
}

static unsigned int shortest_walk(unsigned int from, unsigned int to, unsigned int bits)
{
	unsigned int bit, s, best = FAR;

	for (bit = 1; bit < 16; bit <<= 1)
		for (s = 0; s < 2; s++) {
			unsigned int d = dist[2 * to + (bit == GRAPH_SR || bit == GRAPH_ER)][2 * from + s];

			if ((bits & bit) && meets(s ? GRAPH_ER : GRAPH_EN, bit) && d + 1 < best)
				best = d + 1;
		}
	return best;
}

static bool walk_from(unsigned int v, unsigned int w, bool *been)
{
	unsigned int k;

	if (v == w)
		return true;
	been[v] = true;
	for (k = 0; k < nr; k++)
		if (dep[v][k] && !been[k] && walk_from(k, w, been))
			return true;
	return false;
}

static bool reaches(unsigned int v, unsigned int w)
{
	bool been[MAX] = { false };

	return walk_from(v, w, been);
}

/* --- checks ------------------------------------------------------------------------------ */

static bool skip_edge(void *ctx, uint32_t edge)
{
	const struct graph_edge *e = graph_edge(ctx, edge);

	return skipped[e->from][e->to];
}

/* The path is a strong cycle of different nodes, through @edge with one of @bits. */
static bool valid_cycle(const struct graph *g, const uint32_t *path, int n, uint32_t edge,
			unsigned int bits)
{
	unsigned int can[2], i, first, bit, next;
	bool been[MAX] = { false };
	bool strong = false;

	if (n < 2 || path[0] != edge)
		return false;
	for (i = 0; i < (unsigned int)n; i++) {
		const struct graph_edge *e = graph_edge(g, path[i]);

		if (e->dep != dep[e->from][e->to] || skipped[e->from][e->to] || been[e->from] ||
		    e->to != graph_edge(g, path[(i + 1) % (unsigned int)n])->from)
			return false;
		been[e->from] = true;
	}
	for (first = 1; first < 16; first <<= 1) {
		if (!(bits & first))
			continue;
		for (can[0] = first, i = 1; i < (unsigned int)n; i++, can[0] = can[1]) {
			can[1] = 0;
			for (bit = 1; bit < 16; bit <<= 1)
				for (next = 1; next < 16; next <<= 1)
					if ((can[0] & bit) && meets(bit, next))
						can[1] |= next & graph_edge(g, path[i])->dep;
		}
		for (bit = 1; bit < 16; bit <<= 1)
			strong |= (can[0] & bit) && meets(bit, first);
	}
	return strong;
}

/* Order and components; @exact: no merge took edges away, so components are no larger than they must be. */
static void check_order(const struct graph *g, bool exact)
{
	unsigned int v, w, live = 0;

	for (v = 0; v < nr; v++) {
		for (w = 0; w < nr; w++) {
			uint32_t e = graph_find(g, v, w), cv = g->node.v[v].comp, cw = g->node.v[w].comp;

			seen.edges &= e == GRAPH_NONE ? !dep[v][w] :
				      graph_edge(g, e)->dep == dep[v][w] && graph_edge(g, e)->from == v &&
				      graph_edge(g, e)->to == w;
			live += !!dep[v][w];
			if (v == w)
				continue;
			if (dep[v][w])
				seen.order &= cv == cw || g->node.v[cv].pos < g->node.v[cw].pos;
			if (cv != cw)
				seen.order &= g->node.v[cv].pos != g->node.v[cw].pos;
			else if (exact)
				seen.order &= reaches(v, w) && reaches(w, v);
		}
	}
	for (v = 0; v < graph_nr_edges(g); v++)
		live -= !!graph_edge(g, v)->dep;
	seen.edges &= !live;
}

/* Ask for a cycle through an edge and judge the answer. */
static void check_cycle(struct graph *g, uint32_t edge, unsigned int bits, bool skip, bool small,
			bool clean)
{
	const struct graph_edge *e = graph_edge(g, edge);
	const uint32_t *path = NULL;
	unsigned int walk, want;
	int n;

	n = graph_cycle(g, edge, (uint8_t)bits, skip ? skip_edge : NULL, g, &path);
	seen.steps++;
	if (n > 0) {
		seen.valid &= valid_cycle(g, path, n, edge, bits);
		seen.cycles++;
	} else if (reaches(e->to, e->from)) {
		seen.weak++;
	}
	if (small) {
		want = try_all(e->from, e->to, bits);
		*(skip ? &seen.skip : &seen.exact) &= n == (want == FAR ? 0 : (int)want);
	}
	if (skip)
		return;
	all_pairs();
	walk = shortest_walk(e->from, e->to, bits);
	seen.bound &= n ? n >= (int)walk : true;
	if (clean)
		seen.first &= n == (walk == FAR ? 0 : (int)walk);
	else if (walk < FAR && n != (int)walk)
		seen.twice++;
}

static struct graph *begin(unsigned int nodes)
{
	struct graph *g = graph_new();
	uint32_t node, i;

	memset(dep, 0, sizeof(dep));
	memset(skipped, 0, sizeof(skipped));
	nr = nodes;
	for (i = 0; i < nodes; i++)
		if (graph_node(g, &node) || node != i)
			ok(false, "a node could not be made");
	return g;
}

static uint64_t seed;

static unsigned int below(unsigned int n)
{
	return (unsigned int)(tap_random(&seed) % n);
}

static void note_move(void *ctx, uint32_t old, uint32_t now)
{
	const struct graph *g = ctx;

	seen.moves &= !graph_edge(g, old)->dep;
	seen.moves &= now == GRAPH_NONE || (graph_edge(g, now)->dep && now != old);
}

static void merge(struct graph *g)
{
	unsigned int a = below(nr), b = below(nr), k, bits;

	if (a == b)
		return;
	seen.moves &= !graph_merge(g, a, b, note_move, g);
	for (k = 0; k < nr; k++) {
		if (k != b) {
			dep[b][k] |= dep[a][k];
			dep[k][b] |= dep[k][a];
		}
		dep[a][k] = dep[k][a] = 0;
	}
	dep[b][b] = 0;
	for (k = 0; k < nr; k++) {
		bits = dep[b][k];
		if (bits)
			check_cycle(g, graph_find(g, b, k), bits, false, nr <= 7, false);
	}
}

/*
 * One random graph, edge by edge. @sizes are limits of the numbers of nodes, edges and
 * merges; strengths of few kinds make it likelier that some matter.
 */
static void run(const unsigned int sizes[3][2])
{
	static const uint8_t strength[] = { GRAPH_SR, GRAPH_ER, GRAPH_SN, GRAPH_EN };
	unsigned int nodes = sizes[0][0] + below(sizes[0][1]), edges = sizes[1][0] + below(sizes[1][1]);
	unsigned int merges = sizes[2][0] + below(sizes[2][1]), kinds, i, v, w, bit, known;
	bool clean = true, merged = false, small = nodes <= 7;
	struct graph *g = begin(nodes);
	const uint32_t *path;
	uint32_t edge;

	kinds = 1 + below(15);
	for (i = 0; i < edges; i++) {
		v = below(nodes);
		w = below(nodes);
		bit = strength[below(4)];
		if (v == w || !(kinds & bit))
			continue;
		known = dep[v][w] & bit;
		seen.edges &= graph_add(g, v, w, (uint8_t)bit, &edge) == !known;
		dep[v][w] |= (uint8_t)bit;
		check_cycle(g, edge, bit, false, small, clean);
		clean &= graph_cycle(g, edge, (uint8_t)bit, NULL, NULL, &path) == 0;
		check_cycle(g, edge, dep[v][w], false, small, false);
		if (small && !below(4)) {
			unsigned int x = below(nodes), y = below(nodes);

			skipped[x][y] = true;
			check_cycle(g, edge, dep[v][w], true, small, false);
			skipped[x][y] = !below(3);
			if (skipped[x][y])
				check_cycle(g, edge, dep[v][w], true, small, false);
			skipped[x][y] = false;
		}
		if (merges && !below(edges / merges + 1)) {
			merge(g);
			merged = true;
			clean = false;
		}
		if (small || !below(8))
			check_order(g, !merged);
	}
	check_order(g, !merged);
	seen.exact &= !graph_undecided(g) || !small;
	graph_free(g);
}

static void verdict(const char *what)
{
	ok(seen.edges, "%s: edges and strengths are those that were added", what);
	ok(seen.order, "%s: components and order are right", what);
	ok(seen.exact, "%s: lengths are those of trying every cycle", what);
	ok(seen.skip, "%s: also where edges are skipped", what);
	ok(seen.valid, "%s: every cycle is one, strong, and of different nodes", what);
	ok(seen.first, "%s: the first cycle is as long as the shortest strong walk", what);
	ok(seen.bound, "%s: and none is shorter than that", what);
	ok(seen.moves, "%s: merging says what becomes of edges", what);
	ok(seen.cycles > 500 && seen.weak > 500, "%s: both verdicts occurred often", what);
	printf("# %s: %lu answers, %lu cycles, %lu not strong, %lu shortest walks were no cycles\n", what,
	       seen.steps, seen.cycles, seen.weak, seen.twice);
}

static void reset(void)
{
	memset(&seen, 0, sizeof(seen));
	seen.edges = seen.exact = seen.valid = seen.bound = seen.first = seen.order = true;
	seen.skip = seen.moves = true;
}

int main(void)
{
	static const unsigned int small[3][2] = { { 2, 6 }, { 8, 40 }, { 0, 1 } };
	static const unsigned int merged[3][2] = { { 2, 6 }, { 8, 40 }, { 1, 3 } };
	static const unsigned int large[3][2] = { { 8, MAX - 8 }, { 40, 80 }, { 0, 4 } };
	unsigned int i;

	seed = tap_seed(4711);
	reset();
	for (i = 0; i < 6000; i++)
		run(small);
	ok(seen.twice > 0, "some walks pass a node twice");
	verdict("6,000 small graphs");
	reset();
	for (i = 0; i < 3000; i++)
		run(merged);
	verdict("3,000 small graphs with merges");
	reset();
	for (i = 0; i < 200; i++)
		run(large);
	verdict("200 larger graphs");
	return done_testing();
}
