// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format dot: the order of locks as a directed graph for graphviz. An arrow from A to B:
 * B was taken while A was held; the more often, the wider. Locks and arrows of a finding
 * are coloured by its severity and named by its id. Locks of one part of the kernel
 * are in one box, where the name tells. What was left out, and whether the result is
 * complete, is in the label of the graph.
 *
 * What hovering shows (tooltips, in SVG) is the stack of an arrow's first observation.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../base/sanitize.h"
#include "dot_graph.h"
#include "fmt.h"
#include "formats.h"
#include "parts.h"
#include "text.h"

#define SUBSYSTEM_LEN	80
#define LABELS_MAX	150	/* edges: with labels on more, nobody can read them and graphviz takes minutes */

struct dot {
	const struct model *m;
	struct dot_graph g;
	struct strpool subsystem;	/* number 0, "": not known */
	VEC(uint32_t) of_node;		/* number of its subsystem */
	FILE *out;
};

/* --- strings ---------------------------------------------------------------------------- */

/* Does graphviz take what is behind this & for the name of a character? */
static bool is_entity(const char *s)
{
	size_t n = strspn(s, "#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	return n && s[n] == ';';
}

/* Inside a quoted string: sanitized text, with nothing in it that graphviz would replace. */
static int put_text(struct dot *d, const char *s)
{
	char *text = text_safe(s), *c;

	if (!text)
		return -ENOMEM;
	for (c = text; *c; c++) {
		if (*c == '\\' || *c == '"')
			fputc('\\', d->out);
		fputs(*c == '&' && is_entity(c + 1) ? "&amp;" : (char[]){ *c, 0 }, d->out);
	}
	free(text);
	return 0;
}

/* --- severity --------------------------------------------------------------------------- */

static const char *line_colour(const struct finding *f)
{
	if (!f)
		return "gray50";
	return f->severity >= FINDING_CERTAIN ? "red3" :
	       f->severity == FINDING_LIKELY ? "darkorange2" : "goldenrod2";
}

/* Yellow cannot be read on white. */
static const char *text_colour(const struct finding *f)
{
	return f->severity == FINDING_POSSIBLE ? "goldenrod4" : line_colour(f);
}

static const char *fill_colour(const struct finding *f)
{
	if (!f)
		return "gray97";
	return f->severity >= FINDING_CERTAIN ? "mistyrose" :
	       f->severity == FINDING_LIKELY ? "bisque" : "lightyellow";
}

/* "[c-227a9077]", or with others "[c-227a9077 and 2 more]". */
static void put_ids(struct dot *d, const struct finding *f, unsigned int nr)
{
	fprintf(d->out, "[%s", f->id);
	if (nr > 1)
		fprintf(d->out, " and %u more", nr - 1);
	fputc(']', d->out);
}

/* --- nodes ------------------------------------------------------------------------------ */

static int put_node(struct dot *d, uint32_t i, const char *indent)
{
	const struct dot_node *n = &d->g.node.v[i];

	fprintf(d->out, "%sc%" PRIu32 " [label=\"", indent, i);
	if (put_text(d, n->name))
		return -ENOMEM;
	if (n->type[0] && strcmp(n->type, "lock")) {
		fputs("\\n", d->out);
		if (put_text(d, n->type))
			return -ENOMEM;
	}
	fputs("\", tooltip=\"", d->out);
	if (put_text(d, n->name))
		return -ENOMEM;
	if (n->instances)
		fprintf(d->out, "\\n%" PRIu32 " instance%s seen", n->instances, n->instances > 1 ? "s" : "");
	if (n->finding) {
		fputs("\\nin ", d->out);
		put_ids(d, n->finding, n->nr_findings);
	}
	fputc('"', d->out);
	if (n->finding)
		fprintf(d->out, ", color=%s, fillcolor=%s, penwidth=2", line_colour(n->finding),
			fill_colour(n->finding));
	if (!strcmp(n->type, "completion"))
		fputs(", shape=ellipse", d->out);
	fputs("];\n", d->out);
	return 0;
}

static int put_cluster(struct dot *d, uint32_t subsystem)
{
	uint32_t i;
	int err = 0;

	if (subsystem) {
		fprintf(d->out, "  subgraph cluster_%" PRIu32 " {\n    label=\"", subsystem);
		err = put_text(d, strpool_str(&d->subsystem, subsystem));
		fputs("\"; labelloc=t; style=rounded; color=gray75; fontcolor=gray40; tooltip=\" \";\n",
		      d->out);
	}
	for (i = 0; i < d->g.node.nr && !err; i++) {
		if (d->g.node.v[i].chosen && d->of_node.v[i] == subsystem)
			err = put_node(d, i, subsystem ? "    " : "  ");
	}
	if (subsystem)
		fputs("  }\n", d->out);
	return err;
}

static int put_nodes(struct dot *d)
{
	char buf[SUBSYSTEM_LEN];
	uint32_t i, id;
	int err = 0;

	for (i = 0; i < d->g.node.nr && !err; i++) {
		id = 0;
		if (d->g.node.v[i].chosen && dot_subsystem(d->g.node.v[i].name, buf, sizeof(buf)))
			err = strpool_id(&d->subsystem, buf, &id);
		if (!err)
			err = vec_push(&d->of_node, id);
	}
	for (i = 0; i < strpool_nr(&d->subsystem) && !err; i++)
		err = put_cluster(d, i);
	return err;
}

/* --- edges ------------------------------------------------------------------------------ */

/* "SN EN", lockdep's strengths. */
static void put_kinds(struct dot *d, const struct model_edge *e)
{
	static const char *const names[] = { "SR", "ER", "SN", "EN" };
	unsigned int i;

	if (e->completion) {
		fputs(" completion", d->out);
		return;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (e->dep >> i & 1)
			fprintf(d->out, " %s", names[i]);
	}
}

static void put_edge_label(struct dot *d, const struct dot_edge *e)
{
	char buf[FMT_LEN];

	bool counts = e->observed && d->g.nr_chosen_edges <= LABELS_MAX;

	if (counts) {
		fputs(fmt_count(e->e.count, buf), d->out);
		put_kinds(d, &e->e);
	}
	if (counts && e->finding)
		fputs("\\n", d->out);
	if (e->finding)
		put_ids(d, e->finding, e->nr_findings);
}

/* The stack from the caller outwards: that of a link of a finding, else of the first observation. */
static int put_stack(struct dot *d, const struct dot_edge *e)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int i, nr, source = e->finding ? e->link->source : e->e.source;
	int err = 0;

	nr = model_stack(d->m, source, e->finding ? e->link->stack : e->e.stack, frame, &i);
	for (i = i < nr ? i : 0; i < nr && !err; i++) {
		char *text = parts_frame(&frame[i]);

		fputs("\\n  ", d->out);
		err = text ? put_text(d, text) : -ENOMEM;
		free(text);
	}
	return err;
}

static int put_edge_tooltip(struct dot *d, const struct dot_edge *e)
{
	char buf[FMT_LEN];
	int err = put_text(d, d->g.node.v[e->from].name);

	fputs(", then ", d->out);
	if (!err)
		err = put_text(d, d->g.node.v[e->to].name);
	if (e->observed) {
		fprintf(d->out, ": %s", fmt_count(e->e.count, buf));
		put_kinds(d, &e->e);
		fputs(e->e.tasks > 1 ? ", by 2 tasks or more" : ", by one task", d->out);
	}
	if (e->finding)
		fprintf(d->out, "\\n%s, %s", parts_finding_title(e->finding->kind),
			finding_severity_str(e->finding->severity));
	if (e->finding && e->link->task.comm[0]) {
		fputs(", by ", d->out);
		if (!err)
			err = put_text(d, e->link->task.comm);
		fprintf(d->out, "/%" PRIu32, e->link->task.tid);
	}
	return err ? err : put_stack(d, e);
}

/* One point more each time that the count is eight times as large. */
static unsigned int width_of(uint64_t count)
{
	unsigned int width = 1;

	for (; count >= 8 && width < 6; count /= 8)
		width++;
	return width;
}

static int put_edge(struct dot *d, const struct dot_edge *e)
{
	unsigned int width = width_of(e->observed ? e->e.count : 1) + (e->finding ? 1 : 0);
	int err;

	fprintf(d->out, "  c%" PRIu32 " -> c%" PRIu32 " [label=\"", e->from, e->to);
	put_edge_label(d, e);
	fputs("\", tooltip=\"", d->out);
	err = put_edge_tooltip(d, e);
	fprintf(d->out, "\", penwidth=%u", width);
	if (e->finding)
		fprintf(d->out, ", color=%s, fontcolor=%s", line_colour(e->finding),
			text_colour(e->finding));
	if (e->observed && e->e.completion)
		fputs(", style=dashed", d->out);
	fputs("];\n", d->out);
	return err;
}

/* --- the graph -------------------------------------------------------------------------- */

static int put_sources(struct dot *d)
{
	const char *host = parts_common(d->m, offsetof(struct model_source, host));
	const char *kernel = parts_common(d->m, offsetof(struct model_source, kernel));
	int err = 0;

	if (model_nr_sources(d->m) > 1)
		fprintf(d->out, "%u inputs", model_nr_sources(d->m));
	if (model_nr_sources(d->m) > 1 && (parts_known(host) || parts_known(kernel)))
		fputs(", ", d->out);
	if (parts_known(host))
		err = put_text(d, host);
	if (parts_known(host) && parts_known(kernel))
		fputs(", ", d->out);
	if (parts_known(kernel)) {
		fputs("Linux ", d->out);
		err = err ? err : put_text(d, kernel);
	}
	fputs("\\l", d->out);
	return err;
}

static int put_legend(struct dot *d)
{
	const struct dot_graph *g = &d->g;
	char *complete = text_complete(d->m);
	int err = complete ? put_sources(d) : -ENOMEM;

	if (!parts_order_traced(d->m))
		fputs("the order of locks was not traced\\l", d->out);
	fprintf(d->out, "%u of %u locks, %u of %u orders", g->nr_chosen_nodes, g->nr_nodes,
		g->nr_chosen_edges, g->nr_edges);
	if (g->nr_chosen_nodes < g->nr_nodes)
		fputs("; all with --view order -E 0", d->out);
	fprintf(d->out, "; %u finding%s\\l", g->findings.nr, g->findings.nr == 1 ? "" : "s");
	fprintf(d->out, "A -> B: B was taken while A was held; wider: more often; %s\\l",
		g->nr_chosen_edges <= LABELS_MAX ? "SR ER SN EN: lockdep's strengths" :
						   "hovering shows how often, and a stack");
	if (g->findings.nr)
		fputs("red: a finding that is certain; orange: likely; yellow: possible; [id]: "
		      "lockscope report --view findings explains it\\l", d->out);
	if (!err)
		err = put_text(d, complete);
	fputs("\\l", d->out);
	free(complete);
	return err;
}

static int put_graph(struct dot *d)
{
	size_t i;
	int err;

	fputs("digraph lockscope {\n  graph [fontname=\"Helvetica\", fontsize=11, labelloc=b, "
	      "labeljust=l, ranksep=0.6, nodesep=0.3, newrank=true, tooltip=\" \", label=\"", d->out);
	err = put_legend(d);
	fputs("\"];\n  node [shape=box, style=\"filled,rounded\", fillcolor=gray97, color=gray40, "
	      "fontname=\"Helvetica\", fontsize=11, margin=\"0.12,0.06\"];\n"
	      "  edge [fontname=\"Helvetica\", fontsize=9, color=gray50, fontcolor=gray25, arrowsize=0.7];\n",
	      d->out);
	if (!err)
		err = put_nodes(d);
	for (i = 0; i < d->g.edge.nr && !err; i++) {
		if (dot_edge_chosen(&d->g, &d->g.edge.v[i]))
			err = put_edge(d, &d->g.edge.v[i]);
	}
	fputs("}\n", d->out);
	return err;
}

int dot_report(const struct model *m, const struct render_opts *opts, FILE *out)
{
	struct dot d = { .m = m, .out = out };
	unsigned int sections = parts_sections(opts, RENDER_FINDINGS | RENDER_ORDER);
	int err = dot_graph_build(m, &opts->view, sections, &d.g);

	if (!err)
		err = strpool_init(&d.subsystem);
	if (!err)
		err = put_graph(&d);
	strpool_done(&d.subsystem);
	vec_free(&d.of_node);
	dot_graph_done(&d.g);
	return err ? err : parts_flush(out);
}
