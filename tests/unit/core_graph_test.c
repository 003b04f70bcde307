// SPDX-License-Identifier: GPL-2.0-only
/* The order graph, case by case: strengths, shortest cycles, skipping, merging, giving up. */
#include "../../user/core/graph.h"
#include "../lib/tap.h"

#include <errno.h>

enum { A, B, C, D, E, F, X, NODES };

static const char *const names[] = { "A", "B", "C", "D", "E", "F", "X" };
static const char *const deps[] = { "", "SR", "ER", "", "SN", "", "", "", "EN" };
static const uint8_t strengths[] = { GRAPH_SR, GRAPH_ER, GRAPH_SN, GRAPH_EN };

static struct graph *make(unsigned int nr)
{
	struct graph *g = graph_new();
	uint32_t node = GRAPH_NONE;

	while (nr--)
		if (graph_node(g, &node))
			ok(false, "a node could not be made");
	return g;
}

static uint32_t add(struct graph *g, uint32_t from, uint32_t to, uint8_t dep)
{
	uint32_t edge = GRAPH_NONE;

	if (graph_add(g, from, to, dep, &edge) < 0)
		ok(false, "edge %u -> %u was refused", from, to);
	return edge;
}

/* Cycle through the edge as text: "ABC", "" = none. */
static const char *cycle(struct graph *g, uint32_t edge, uint8_t dep)
{
	static char text[64];
	const uint32_t *path;
	int n = graph_cycle(g, edge, dep, NULL, NULL, &path), i;

	for (i = 0; i < n && i < (int)sizeof(text) - 1; i++) {
		const struct graph_edge *e = graph_edge(g, path[i]);

		if (e->to != graph_edge(g, path[(i + 1) % n])->from)
			return "not a cycle";
		text[i] = names[e->from][0];
	}
	text[i < 0 ? 0 : i] = '\0';
	return n < 0 ? "error" : text;
}

/* The cycle that a new edge closes. */
static const char *closes(struct graph *g, uint32_t from, uint32_t to, uint8_t dep)
{
	return cycle(g, add(g, from, to, dep), dep);
}

static void test_basics(void)
{
	struct graph *g = make(0);
	uint32_t node, edge = 7, a, b;
	const uint32_t *path;

	is_int(graph_dep(0, 0), GRAPH_EN, "exclusive, then exclusive");
	is_int(graph_dep(0, 1), GRAPH_EN, "exclusive, then shared");
	is_int(graph_dep(0, 2), GRAPH_ER, "exclusive, then shared recursively");
	is_int(graph_dep(1, 0), GRAPH_SN, "shared, then exclusive");
	is_int(graph_dep(2, 1), GRAPH_SN, "shared recursively, then shared");
	is_int(graph_dep(2, 2), GRAPH_SR, "shared recursively, twice");

	is_int(graph_find(g, 0, 1), GRAPH_NONE, "an empty graph has no edges");
	is_int(graph_add(g, 0, 1, GRAPH_EN, &edge), -EINVAL, "nor nodes");
	is_int(graph_node(g, &node), 0, "a node");
	is_int(node, 0, "is number 0");
	graph_node(g, &node);
	is_int(node, 1, "the next one is number 1");
	is_int(graph_add(g, 0, 0, GRAPH_EN, &edge), -EINVAL, "no edge to itself");
	is_int(graph_add(g, 0, 1, 0, &edge), -EINVAL, "no edge without strength");
	is_int(graph_add(g, 0, 1, 16, &edge), -EINVAL, "nor of an unknown one");
	is_int(edge, 7, "and nothing was written");
	is_int(graph_add(g, 0, 1, GRAPH_SR, &a), 1, "a new edge");
	is_int(graph_add(g, 0, 1, GRAPH_SR, &b), 0, "a known one");
	is_int(b, a, "keeps its number");
	is_int(graph_add(g, 0, 1, GRAPH_EN, &b), 1, "a new strength is new");
	is_int(b, a, "and the number is still the same");
	is_int(graph_edge(g, a)->dep, GRAPH_SR | GRAPH_EN, "strengths add up");
	is_int(graph_nr_edges(g), 1, "one edge in all");
	is_int(graph_nr_nodes(g), 2, "and two nodes");
	is_int(graph_find(g, 0, 1), a, "it can be found");
	is_int(graph_find(g, 1, 0), GRAPH_NONE, "but not backwards");
	is_int(graph_cycle(g, 5, GRAPH_EN, NULL, NULL, &path), -EINVAL, "no cycle through no edge");
	is_int(graph_cycle(g, a, 0, NULL, NULL, &path), -EINVAL, "nor one without strength");
	graph_free(g);
	graph_free(NULL);
}

/* Every pair of strengths: a cycle is strong unless R meets S at one of the two nodes. */
static void test_two_edges(void)
{
	unsigned int i, j;
	bool strong;

	for (i = 0; i < 4; i++) {
		for (j = 0; j < 4; j++) {
			uint8_t p = strengths[i], q = strengths[j];
			struct graph *g = make(2);

			strong = !((p & (GRAPH_SR | GRAPH_ER)) && (q & (GRAPH_SR | GRAPH_SN))) &&
				 !((q & (GRAPH_SR | GRAPH_ER)) && (p & (GRAPH_SR | GRAPH_SN)));
			is_str(closes(g, A, B, p), "", "A -(%s)-> B alone", deps[p]);
			is_str(closes(g, B, A, q), strong ? "BA" : "", "and B -(%s)-> A %s", deps[q],
			       strong ? "close a cycle" : "do not");
			graph_free(g);
		}
	}
}

static void test_lengths(void)
{
	struct graph *g = make(NODES);
	uint32_t ca, ab;

	ab = add(g, A, B, GRAPH_EN);
	add(g, B, C, GRAPH_EN);
	add(g, C, D, GRAPH_EN);
	add(g, D, E, GRAPH_EN);
	is_str(closes(g, A, E, GRAPH_EN), "", "a way round is no cycle");
	is_str(closes(g, E, F, GRAPH_EN), "", "nor is a longer way");
	is_str(closes(g, F, A, GRAPH_EN), "FAE", "the shortest of two cycles");
	is_str(closes(g, D, B, GRAPH_EN), "DBC", "another one is found after the first");
	ok(graph_edge(g, graph_find(g, D, B))->aside, "and its last edge is aside");
	ok(!graph_edge(g, ab)->aside, "but not its others");
	is_str(closes(g, B, D, GRAPH_EN), "BD", "a cycle of an edge aside and a new one in order");
	is_str(closes(g, X, A, GRAPH_EN), "", "an edge into a cycle closes none");
	is_str(closes(g, D, X, GRAPH_EN), "DXAB", "but one out of it may");
	is_str(cycle(g, ab, GRAPH_EN), "ABDX", "the cycle through an old edge");
	graph_free(g);

	/* The classic three tasks. */
	g = make(3);
	add(g, A, B, GRAPH_EN);
	add(g, B, C, GRAPH_EN);
	ca = add(g, C, A, GRAPH_EN);
	is_str(cycle(g, ca, GRAPH_EN), "CAB", "three locks");
	graph_free(g);
	g = make(3);
	add(g, A, B, GRAPH_EN);
	add(g, B, C, GRAPH_EN);
	is_str(closes(g, A, C, GRAPH_EN), "", "three locks in order");
	graph_free(g);
}

static void test_states(void)
{
	struct graph *g;

	/* A -(ER)-> B -(SN)-> C is no strong path; with A -> D -> B it is. */
	g = make(NODES);
	add(g, A, B, GRAPH_ER);
	add(g, B, C, GRAPH_SN);
	is_str(closes(g, C, A, GRAPH_EN), "", "a recursive reader before a reader");
	add(g, A, D, GRAPH_EN);
	is_str(closes(g, D, B, GRAPH_EN), "DBCA", "the longer way is the strong one");
	is_str(cycle(g, graph_find(g, C, A), GRAPH_EN), "CADB",
	       "B is entered a second time when it was reached weakly first");
	graph_free(g);

	/* Both strengths were seen of A -> B, no single one closes A -> B -> A in both ends. */
	g = make(2);
	add(g, A, B, GRAPH_ER);
	add(g, A, B, GRAPH_SN);
	is_str(closes(g, B, A, GRAPH_SR), "", "ER and SN are not EN: R before S at both ends");
	is_str(closes(g, B, A, GRAPH_ER), "BA", "ER closes with the ER");
	is_str(cycle(g, graph_find(g, A, B), GRAPH_ER | GRAPH_SN), "AB", "whichever strength is the one");
	is_str(cycle(g, graph_find(g, A, B), GRAPH_SN), "", "but not with SN alone");
	is_str(closes(g, B, A, GRAPH_SN), "BA", "SN closes with the SN");
	is_str(cycle(g, graph_find(g, A, B), GRAPH_SN), "AB", "now with SN too");
	graph_free(g);

	/* The shorter cycle needs SN at the root, a longer one is open to ER. */
	g = make(NODES);
	add(g, B, C, GRAPH_SN);
	add(g, C, A, GRAPH_EN);
	add(g, B, D, GRAPH_EN);
	add(g, D, E, GRAPH_EN);
	add(g, E, A, GRAPH_EN);
	is_str(closes(g, A, B, GRAPH_ER), "ABDE", "ER must take the longer way");
	is_str(closes(g, A, B, GRAPH_SN), "ABC", "SN can take the shorter one");
	is_str(cycle(g, graph_find(g, A, B), GRAPH_ER | GRAPH_SN), "ABC", "the shorter of both");
	graph_free(g);
}

/*
 * X -(ER)-> B -(SN)-> X is no deadlock. The known inversion of B and C turns it
 * into a closed strong walk X B C B X, which is none either: B would be held
 * shared and exclusively at once.
 */
static void test_twice(void)
{
	struct graph *g = make(NODES);

	add(g, B, C, GRAPH_EN);
	is_str(closes(g, C, B, GRAPH_EN), "CB", "an inversion");
	is_str(closes(g, D, B, GRAPH_ER), "", "a reader into it");
	is_str(closes(g, X, D, GRAPH_EN), "", "and before it");
	is_str(closes(g, B, X, GRAPH_SN), "", "is not part of it");
	is_int((int64_t)graph_undecided(g), 0, "which is certain");
	add(g, C, E, GRAPH_EN);
	is_str(closes(g, E, X, GRAPH_EN), "EXDBC", "a longer way without B twice is found");
	is_str(cycle(g, graph_find(g, X, D), GRAPH_EN), "XDBCE", "from every edge of it");
	graph_free(g);
}

static void test_undecided(void)
{
	enum { BLOB = 16, X_ = BLOB, T_, B_, NR };
	struct graph *g = make(NR);
	uint32_t i, j;

	for (i = 0; i < BLOB; i++)
		for (j = 0; j < BLOB; j++)
			if (i != j)
				add(g, i, j, GRAPH_EN);
	add(g, B_, 0, GRAPH_EN);
	add(g, 1, B_, GRAPH_EN);
	add(g, T_, B_, GRAPH_ER);
	add(g, B_, X_, GRAPH_SN);
	is_int((int64_t)graph_undecided(g), 0, "nothing was given up yet");
	is_str(closes(g, X_, T_, GRAPH_EN), "", "a search that takes too long finds nothing");
	is_int((int64_t)graph_undecided(g), 1, "and is counted");
	graph_free(g);
}

static bool skip_one(void *ctx, uint32_t edge)
{
	return edge == *(uint32_t *)ctx;
}

static void test_skip(void)
{
	struct graph *g = make(4);
	const uint32_t *path;
	uint32_t ab, bc, ca, bd;

	ab = add(g, A, B, GRAPH_EN);
	bc = add(g, B, C, GRAPH_EN);
	ca = add(g, C, A, GRAPH_EN);
	is_int(graph_cycle(g, ca, GRAPH_EN, skip_one, &bc, &path), 0, "the only way is closed");
	is_int(graph_cycle(g, ca, GRAPH_EN, skip_one, &ca, &path), 0, "the edge itself is skipped");
	bd = add(g, B, D, GRAPH_EN);
	add(g, D, C, GRAPH_EN);
	is_int(graph_cycle(g, ca, GRAPH_EN, skip_one, &bc, &path), 4, "the way round");
	is_int(path[2], bd, "by its edges");
	is_int(graph_cycle(g, ca, GRAPH_EN, skip_one, &bd, &path), 3, "the short way again");
	is_int(path[0], ca, "the edge comes first");
	is_int(path[1], ab, "and then the next");
	graph_free(g);
}

struct moves {
	unsigned int nr;
	uint32_t old[8], now[8];
};

static void note_move(void *ctx, uint32_t old, uint32_t now)
{
	struct moves *m = ctx;

	m->old[m->nr] = old;
	m->now[m->nr++] = now;
}

static void test_merge(void)
{
	struct graph *g = make(NODES);
	struct moves m = { 0 };
	uint32_t ab, xb, ax, xc, dx;
	const uint32_t *path;

	ab = add(g, A, B, GRAPH_SN);
	xb = add(g, X, B, GRAPH_ER);
	ax = add(g, A, X, GRAPH_EN);
	xc = add(g, X, C, GRAPH_EN);
	dx = add(g, D, X, GRAPH_EN);
	is_int(graph_merge(g, X, X, NULL, NULL), -EINVAL, "a node and itself are one already");
	is_int(graph_merge(g, X, NODES, NULL, NULL), -EINVAL, "an unknown node");
	is_int(graph_merge(g, X, A, note_move, &m), 0, "X turns out to be A");
	is_int(m.nr, 2, "two edges lose their lives");
	is_int(m.old[0], xb, "the duplicate");
	is_int(m.now[0], ab, "to the other one");
	is_int(m.old[1], ax, "and the loop");
	is_int(m.now[1], GRAPH_NONE, "to nobody");
	is_int(graph_edge(g, ab)->dep, GRAPH_SN | GRAPH_ER, "strengths add up");
	is_int(graph_edge(g, xb)->dep, 0, "the duplicate has none");
	is_int(graph_edge(g, ax)->dep, 0, "nor has the loop");
	is_int(graph_find(g, A, C), xc, "an edge moved at its beginning");
	is_int(graph_find(g, D, A), dx, "and one at its end");
	is_int(graph_find(g, X, C), GRAPH_NONE, "and are not where they were");
	is_int(graph_cycle(g, xb, GRAPH_EN, NULL, NULL, &path), 0, "no cycle through a dead edge");
	is_int(graph_next_out(g, A, GRAPH_NONE), ab, "edges of A: the first");
	is_int(graph_next_out(g, A, ab), xc, "the second");
	is_int(graph_next_out(g, A, xc), GRAPH_NONE, "no more");
	is_int(graph_next_out(g, X, GRAPH_NONE), GRAPH_NONE, "none of X");
	is_str(closes(g, C, D, GRAPH_EN), "CDA", "a cycle through what moved");
	graph_free(g);

	/* A -> B and C -> D; B is C and D is A: a cycle by merging alone. */
	g = make(4);
	ab = add(g, A, B, GRAPH_EN);
	add(g, C, D, GRAPH_EN);
	graph_merge(g, C, B, NULL, NULL);
	is_str(cycle(g, ab, GRAPH_EN), "", "half of it");
	graph_merge(g, D, A, NULL, NULL);
	is_str(cycle(g, ab, GRAPH_EN), "AB", "merged classes close a cycle");
	graph_free(g);
	g = make(4);
	ab = add(g, A, B, GRAPH_EN);
	add(g, C, D, GRAPH_EN);
	graph_merge(g, D, B, NULL, NULL);
	graph_merge(g, C, A, NULL, NULL);
	is_str(cycle(g, graph_find(g, A, B), GRAPH_EN), "", "and merged the other way round they do not");
	is_int(graph_nr_edges(g), 2, "numbers are not given back");
	graph_free(g);
}

int main(void)
{
	test_basics();
	test_two_edges();
	test_lengths();
	test_states();
	test_twice();
	test_undecided();
	test_skip();
	test_merge();
	return done_testing();
}
