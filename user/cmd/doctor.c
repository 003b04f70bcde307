// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockscope doctor: what the probe found, as text or JSON. In text, primitives
 * of a tier that share state and reason share a paragraph. The JSON form is
 * described in lockscope-doctor(8).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/diag.h"
#include "../base/sanitize.h"
#include "../live/probe.h"
#include "../render/jsonw.h"
#include "../render/parts.h"
#include "cmd.h"
#include "opts.h"
#include "output.h"
#include "talk.h"
#include "version.h"
#include "wrap.h"

#define LIST_MAX	1024
#define NAME_COL	11	/* after "  partial  " */
#define REASON_COL	13
#define DETAIL_COL	34

static const struct {
	const char *tier, *text;
} tiers[] = {
	{ "contention", "who waits for which lock, how long, and who holds it" },
	{ "order", "in which order locks are taken" },
	{ "lockdep", "what lockdep's own tracepoints tell" },
	{ "watch", "which locks are held when a function is called" },
};

static const char *tier_text(const char *tier)
{
	size_t i;

	for (i = 0; i < sizeof(tiers) / sizeof(tiers[0]); i++)
		if (!strcmp(tiers[i].tier, tier))
			return tiers[i].text;
	return "";
}

static void put_text(FILE *out, const char *text, unsigned int col, unsigned int width)
{
	char clean[SANITIZE_MAX(LIST_MAX)];

	sanitize_text(clean, sizeof(clean), text);
	wrap_put(out, clean, col, width);
}

static bool same_outcome(const struct probe_row *a, const struct probe_row *b)
{
	return !strcmp(a->tier, b->tier) && a->state == b->state &&
	       !strcmp(a->reason, b->reason) && !strcmp(a->remedy, b->remedy);
}

/* One paragraph: row @i and those like it. @done marks the rows that were printed. */
static void put_rows(const struct probe *p, unsigned int i, bool *done, unsigned int width,
		     FILE *out)
{
	const struct probe_row *r = &p->row[i];
	char list[LIST_MAX] = "", remedy[sizeof(r->remedy) + 16];
	unsigned int j;

	for (j = i; j < p->nr_rows; j++) {
		if (done[j] || !same_outcome(r, &p->row[j]))
			continue;
		done[j] = true;
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
			 j == i ? "" : ", ", p->row[j].primitive);
	}
	fprintf(out, "  %-*s", NAME_COL - 2, parts_state_str(r->state));
	put_text(out, list, NAME_COL, width);
	if (r->reason[0]) {
		fprintf(out, "%*s", REASON_COL, "");
		put_text(out, r->reason, REASON_COL, width);
	}
	if (r->remedy[0]) {
		snprintf(remedy, sizeof(remedy), "remedy: %s", r->remedy);
		fprintf(out, "%*s", REASON_COL, "");
		put_text(out, remedy, REASON_COL, width);
	}
}

static void put_tier(const struct probe *p, unsigned int first, bool *done, unsigned int width,
		     FILE *out)
{
	const char *tier = p->row[first].tier, *text = tier_text(tier);
	unsigned int i;

	fprintf(out, "\nTier %s%s%s\n", tier, *text ? ": " : "", text);
	for (i = first; i < p->nr_rows; i++)
		if (!done[i] && !strcmp(p->row[i].tier, tier))
			put_rows(p, i, done, width, out);
}

static void put_facts(const struct probe *p, unsigned int width, FILE *out)
{
	unsigned int i;

	fputs("\nTried and looked up\n", out);
	for (i = 0; i < p->nr_facts; i++) {
		const struct probe_fact *f = &p->fact[i];

		fprintf(out, "  %-*s%-*s ", NAME_COL - 2, !f->known ? "unknown" : f->ok ? "yes" : "no",
			DETAIL_COL - NAME_COL - 1, f->name);
		put_text(out, f->detail, DETAIL_COL, width);
	}
}

static int write_text(const struct probe *p, unsigned int width, FILE *out)
{
	bool *done = calloc(p->nr_rows + 1, sizeof(*done));
	char head[512];
	unsigned int i;

	if (!done)
		return -ENOMEM;
	snprintf(head, sizeof(head), "%s on %s, Linux %s (%s)", LK_TOOL, p->host, p->kernel, p->arch);
	put_text(out, head, 0, width);
	if (!p->privileged)
		put_text(out, probe_missing_caps(), 0, width);
	for (i = 0; i < p->nr_rows; i++)
		if (!done[i])
			put_tier(p, i, done, width, out);
	put_facts(p, width, out);
	free(done);
	return 0;
}

static void key_str(struct jsonw *w, const char *key, const char *value)
{
	jsonw_key(w, key);
	jsonw_str(w, value);
}

static void key_bool(struct jsonw *w, const char *key, bool value)
{
	jsonw_key(w, key);
	jsonw_bool(w, value);
}

static void json_rows(const struct probe *p, struct jsonw *w)
{
	unsigned int i;

	jsonw_key(w, "coverage");
	jsonw_array(w, true);
	for (i = 0; i < p->nr_rows; i++) {
		const struct probe_row *r = &p->row[i];

		jsonw_object(w, false);
		key_str(w, "primitive", r->primitive);
		key_str(w, "tier", r->tier);
		key_str(w, "state", parts_state_str(r->state));
		key_str(w, "reason", r->reason);
		key_str(w, "remedy", r->remedy);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void json_facts(const struct probe *p, struct jsonw *w)
{
	unsigned int i;

	jsonw_key(w, "facts");
	jsonw_array(w, true);
	for (i = 0; i < p->nr_facts; i++) {
		const struct probe_fact *f = &p->fact[i];

		jsonw_object(w, false);
		key_str(w, "name", f->name);
		jsonw_key(w, "ok");
		if (f->known)
			jsonw_bool(w, f->ok);
		else
			jsonw_null(w);
		key_str(w, "detail", f->detail);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static int write_json(const struct probe *p, FILE *out)
{
	struct jsonw w;

	jsonw_init(&w, out);
	jsonw_object(&w, true);
	key_str(&w, "schema", "lockscope.doctor/1");
	key_str(&w, "tool", LK_TOOL);
	key_str(&w, "host", p->host);
	key_str(&w, "kernel", p->kernel);
	key_str(&w, "arch", p->arch);
	key_bool(&w, "privileged", p->privileged);
	json_rows(p, &w);
	json_facts(p, &w);
	jsonw_end(&w);
	return jsonw_finish(&w);
}

int cmd_doctor(const struct opts *o, struct talk *talk)
{
	struct probe p = { .fact = NULL };
	struct diag why = { "" };
	struct output out;
	int err;

	err = output_open(&out, o->output, &why);
	if (err)
		goto out;
	err = probe_run(&p);
	if (err)
		diag_errno(&why, err, "cannot probe this kernel");
	else if (!strcmp(o->format->name, "json"))
		err = write_json(&p, out.f);
	else
		err = write_text(&p, output_width(&out), out.f);
	err = output_close(&out, err, &why);
	probe_done(&p);
out:
	if (err)
		talk_error(talk, "%s", why.text);
	return err ? EXIT_FAILED : EXIT_DONE;
}
