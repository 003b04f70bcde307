// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order graph alone: how many orders a second it takes, of a kernel's size (5,000
 * classes, 100,000 edges), in order and not. Prints `what: value unit`.
 */
#include "../../user/core/graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { NODES = 5000, EDGES = 100000, REPEAT = 20 };

struct pair {
	uint32_t from, to;
	uint8_t dep;
};

static struct pair pairs[EDGES];
static uint32_t rank[NODES];
static uint64_t state = 1;

/* xorshift64 */
static uint32_t below(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)((state >> 20) % n);
}

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * Edges in random order over a hidden order of the nodes, which is not that of their
 * numbers; @inversions of them, per million, are against it. A tenth has a reader.
 */
static void make_pairs(uint32_t inversions)
{
	static const uint8_t dep[] = { GRAPH_SR, GRAPH_ER, GRAPH_SN };
	uint32_t i, j, a, b;

	for (i = 0; i < NODES; i++)
		rank[i] = i;
	for (i = NODES; i-- > 1; ) {
		j = below(i + 1);
		a = rank[i];
		rank[i] = rank[j];
		rank[j] = a;
	}
	for (i = 0; i < EDGES; i++) {
		do {
			a = below(NODES);
			b = below(NODES);
		} while (a == b);
		if ((rank[a] > rank[b]) != (below(1000000) < inversions)) {
			j = a;
			a = b;
			b = j;
		}
		pairs[i] = (struct pair){ a, b, below(10) ? GRAPH_EN : dep[below(3)] };
	}
}

static struct graph *new_graph(void)
{
	struct graph *g = graph_new();
	uint32_t i, node;

	for (i = 0; g && i < NODES; i++) {
		if (graph_node(g, &node)) {
			graph_free(g);
			g = NULL;
		}
	}
	if (!g) {
		fprintf(stderr, "graph: out of memory\n");
		exit(1);
	}
	return g;
}

/* Add one; a new one is searched for a cycle, as the reducer does. */
static uint32_t observe(struct graph *g, const struct pair *p)
{
	const uint32_t *path;
	uint32_t edge;

	if (graph_add(g, p->from, p->to, p->dep, &edge) <= 0)
		return 0;
	return graph_cycle(g, edge, p->dep, NULL, NULL, &path) > 0;
}

static void report(const char *what, double began, uint32_t nr, uint32_t cycles, const struct graph *g)
{
	double s = seconds() - began;

	printf("%s: %.2f million/s (%.0f ns each; %u edges, %u cycles, %llu undecided)\n", what,
	       nr / s / 1e6, s * 1e9 / nr, graph_nr_edges(g), cycles,
	       (unsigned long long)graph_undecided(g));
}

static void measure(const char *what, uint32_t inversions)
{
	struct graph *g = new_graph();
	uint32_t i, cycles = 0;
	char text[128];
	double began;

	make_pairs(inversions);
	began = seconds();
	for (i = 0; i < EDGES; i++)
		cycles += observe(g, &pairs[i]);
	snprintf(text, sizeof(text), "%s, nothing but new edges", what);
	report(text, began, EDGES, cycles, g);
	began = seconds();
	for (i = 0; i < EDGES * REPEAT; i++)
		observe(g, &pairs[below(EDGES)]);
	snprintf(text, sizeof(text), "%s, known edges", what);
	report(text, began, EDGES * REPEAT, cycles, g);
	graph_free(g);

	g = new_graph();
	cycles = 0;
	began = seconds();
	for (i = 0; i < EDGES * REPEAT; i++)
		cycles += observe(g, &pairs[below(EDGES)]);
	snprintf(text, sizeof(text), "%s, each edge %d times", what, REPEAT);
	report(text, began, EDGES * REPEAT, cycles, g);
	graph_free(g);
}

int main(void)
{
	measure("consistent order", 0);
	measure("10 inversions in 100,000", 100);
	measure("half are inversions", 500000);
	return 0;
}
