// SPDX-License-Identifier: GPL-2.0-only
/*
 * Reports of the kernel, one of each kind and of several eras (tests/golden/reports):
 * what they say, cut anywhere, damaged, and through our own text back again.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../user/base/diag.h"
#include "../../user/core/finding.h"
#include "../../user/import/import.h"
#include "../../user/render/render.h"
#include "../lib/tap.h"

#define DIR "tests/golden/reports/"
#define NR(table)	(sizeof(table) / sizeof((table)[0]))

struct wanted {
	const char *file;
	enum finding_kind kind;
	const char *subkind, *comm;
	uint32_t pid;
	const char *acquiring, *acquiring_at, *holding, *chain, *held, *kernel;
};

static const struct wanted table[] = {
	{ "bad-unlock-2.6.25.txt", FINDING_BAD_UNLOCK, "", "pulse", 4277, "&codec->mutex", "mutex_unlock+0x8/0xa", "", "",
	  "&pcm->open_mutex ", "2.6.25-rc8-mm1" },
	{ "circular-2.6.18.txt", FINDING_CIRCULAR, "", "tool", 1886, "&dev->tx_lock", "send_it+0x10/0x90", "&dev->cfg_lock",
	  "&dev->cfg_lock &dev->tx_lock ", "&dev->cfg_lock ", "" },
	{ "circular-6.12.txt", FINDING_CIRCULAR, "", "kworker/u8:3", 4711, "&a->lock#2", "do_a+0x30/0x90", "c_mutex",
	  "c_mutex b_sem/1 &a->lock#2 ", "(wq_completion)events c_mutex ", "6.12.0-test" },
	{ "dept.txt", FINDING_CIRCULAR, "", "jbd2/sda1-8", 89, "&(&journal->wait_commit)->dmap:0", "wait_done+0x60/0x100",
	  "&journal->state:8", "&(&journal->wait_commit)->dmap:0 &journal->state:8 ", "", "5.17.0-dept" },
	{ "hung-6.15.txt", FINDING_DEADLOCKED_NOW, "hung-task", "kworker/u16:0", 12, "mutex", NULL, "", "", "", "6.15.0-test" },
	{ "hung-6.15.txt", FINDING_DEADLOCKED_NOW, "self-deadlock", "cat", 345, "mutex", NULL, "", "", "&q->lock &r->lock ",
	  "6.15.0-test" },
	{ "inconsistent-2.6.26.txt", FINDING_INCONSISTENT, "", "ethtool", 1985, "&np->lock",
	  ":drv:set_settings+0x30/0x2a0", "", "", "rtnl_mutex ", "2.6.26-rc4" },
	{ "irq-inversion-4.9.txt", FINDING_IRQ_INVERSION, "", "kswapd0", 46, "&node->mutex", "release_node+0x45/0x1d0", "", "",
	  "", "4.9.0-test" },
	{ "irq-order-3.14.txt", FINDING_IRQ_INVERSION, "lock-order", "rmmod", 1921, "area_lock", "find_area+0x10/0x6c",
	  "&(&pool->lock)->rlock#2", "", "&__lockdep_no_validate__ &(&pool->lock)->rlock#2 ", "3.14.19-test" },
	{ "quoted-printable.txt", FINDING_RECURSIVE, "", "a", 5, "&a->quite_a_long_name_of_a_lock", "f_of_a+0x1/0x10",
	  "&a->quite_a_long_name_of_a_lock", "", "", "5.4.0" },
	{ "recursive-5.10.txt", FINDING_RECURSIVE, "", "CPU 0/KVM", 5886, "&group->lock", "unpin+0x16/0x80 [vfio]",
	  "&group->lock", "", "&group->lock ", "5.10.0-8-test" },
	{ "short.txt", FINDING_OTHER, "bad-contention", "a", 11, "&x->l", "f1+0x1/0x10", "", "", "", "4.19.0" },
	{ "short.txt", FINDING_OTHER, "held-lock-freed", "b", 12, "", NULL, "", "", "slock-AF_INET6 ", "6.6.0" },
	{ "short.txt", FINDING_HELD_AT_EXIT, "", "c", 13, "", NULL, "", "", "&m->lock ", "4.10.0" },
	{ "short.txt", FINDING_OTHER, "held-at-user-return", "d", 14, "", NULL, "", "", "&u->lock ", "5.15.0" },
	{ "short.txt", FINDING_OTHER, "nested-lock-not-taken", "e", 15, "&n->inner", "f5+0x5/0x50", "", "", "", "5.4.0" },
	{ "short.txt", FINDING_WAIT_CONTEXT, "invalid-wait-context", "swapper/0", 1, "&w->lock", "f6+0x6/0x60", "", "",
	  "rcu_read_lock ", "6.12.0" },
	{ "short.txt", FINDING_OTHER, "suspicious-rcu-usage", "f", 16, "", NULL, "", "", "", "6.1.0" },
	{ "short.txt", FINDING_OTHER, "workqueue-leak", "kworker/0:1", 17, "", NULL, "", "", "&k->lock ", "5.4.0" },
	{ "short.txt", FINDING_OTHER, "non-static-key", "g", 18, "", NULL, "", "", "", "6.1.0" },
};

static const char *const files[] = {
	"bad-unlock-2.6.25.txt", "circular-2.6.18.txt", "circular-6.12.txt", "dept.txt", "hung-6.15.txt",
	"inconsistent-2.6.26.txt", "irq-inversion-4.9.txt", "irq-order-3.14.txt", "quoted-printable.txt",
	"recursive-5.10.txt", "short.txt",
};

/* --- helpers ---------------------------------------------------------------------------- */

static char *slurp(const char *name, size_t *n)
{
	static char text[1 << 20];
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), DIR "%s", name);
	f = fopen(path, "r");
	*n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	text[*n] = 0;
	if (f)
		fclose(f);
	return text;
}

static int put(void *ctx, const struct lk_event *ev)
{
	return model_apply(ctx, ev, NULL);
}

/* A model of a text; *err: what import_text() returned. */
static struct model *model_of(const char *text, size_t n, int *err, struct import_stats *stats)
{
	int fd = memfd_create("text", MFD_CLOEXEC);
	struct model *m = model_new();
	const struct lk_sink sink = { put, m };
	struct diag why = { "" };

	if (fd < 0 || !m || pwrite(fd, text, n, 0) != (ssize_t)n)
		abort();
	*err = import_text(fd, "x.log", &sink, stats, &why);
	if (*err && !why.text[0])
		ok(false, "an error without a sentence");
	close(fd);
	return m;
}

static char *names(const struct finding *f, uint32_t role)
{
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);
	unsigned int i;

	for (i = 0; i < f->report->nr_parts; i++)
		if (f->report->part[i].role == role)
			fprintf(mem, "%s ", f->report->part[i].text);
	if (fclose(mem))
		abort();
	return text;
}

/* --- what they say ---------------------------------------------------------------------- */

static void test_one(const struct wanted *w, const struct finding *f)
{
	const struct finding_link *l = &f->link[0];
	char *chain = names(f, LK_PART_CHAIN), *held = names(f, LK_PART_HELD);

	is_int(f->kind, w->kind, "%s, line %u: kind", w->file, f->report->line);
	is_str(f->report->subkind, w->subkind, "... subkind");
	is_str(l->task.comm, w->comm, "... task");
	is_int(l->task.tgid, w->pid, "... its id");
	is_str(l->taken.name, w->acquiring, "... lock that is being taken");
	is_str(l->taken.at, w->acquiring_at, "... where");
	is_str(l->held.name, w->holding, "... lock that is held");
	is_str(chain, w->chain, "... chain");
	is_str(held, w->held, "... held locks");
	is_str(f->report->kernel, w->kernel, "... kernel");
	is_int(f->report->lacks, 0, "... nothing is missing");
	is_int(f->report->skipped, 0, "... no line was left over");
	free(chain);
	free(held);
}

static void test_reports(void)
{
	size_t i, n, at = 0;
	int err;

	for (i = 0; i < NR(files); i++) {
		char *text = slurp(files[i], &n);
		struct import_stats st;
		struct model *m = model_of(text, n, &err, &st);
		unsigned int k;

		is_int(err, 0, "%s is read", files[i]);
		is_int(model_nr_findings(m), st.reports, "... all %u reports are findings", st.reports);
		ok(model_complete(m), "... and it is complete");
		for (k = 0; k < model_nr_findings(m) && at < NR(table); k++, at++) {
			is_str(table[at].file, files[i], "report %zu is in %s", at, files[i]);
			test_one(&table[at], model_finding(m, k));
		}
		model_free(m);
	}
	is_int(at, NR(table), "all reports were there");
}

static void test_chain_links(void)
{
	struct import_stats st;
	size_t n;
	char *text = slurp("circular-6.12.txt", &n);
	const struct finding *f;
	struct model *m;
	int err;

	m = model_of(text, n, &err, &st);
	f = model_finding(m, 0);
	is_int(f->nr_links, 3, "the links of the circle");
	is_str(f->link[1].taken.name, "b_sem/1", "#1 was taken");
	is_str(f->link[1].held.name, "&a->lock#2", "... while #0 was held");
	is_str(f->link[2].frame[1], "do_c+0x41/0x80 [mod_c]", "#2 has its own stack");
	is_int(f->link[0].nr_frames, 2, "#0 too");
	is_int((int64_t)f->link[0].taken.addr, (int64_t)0xffff888101000010, "the instance");
	is_int((int64_t)f->first_seen_ns, 50000002000, "the time");
	ok(!strcmp(f->report->part[0].usage, "{+.+.}-{3:3}"), "usage characters and wait types");
	model_free(m);
}

/* --- nothing, and less than all --------------------------------------------------------- */

static void test_silent(void)
{
	static const char *const texts[] = {
		"", "\n\n\n", "hello\n", "[    1.0] usb 1-1: new device\n",
		"WARNING: possible circular locking dependency detected\n",
		"possible circular locking dependency detected\na/1 is trying to acquire lock:\n (a){+.+.}, at: f+0x1/0x2\n",
		"a/1 is trying to acquire lock:\n (a){+.+.}, at: f+0x1/0x2\n-> #0 (a){+.+.}:\n",
		"INFO: task hung in the queue was blocked for more than a day\n",
		"1 lock held by a/1:\n #0: (a){+.+.}, at: f+0x1/0x2\n",
	};
	struct import_stats st;
	size_t i, n;
	int err;

	for (i = 0; i <= NR(texts); i++) {
		const char *text = i < NR(texts) ? texts[i] : slurp("mention.txt", &n);
		struct model *m = model_of(text, strlen(text), &err, &st);

		is_int(err, -ENODATA, "text %zu has no report", i);
		ok(!model_nr_sources(m) && !model_nr_findings(m), "... and nothing was told");
		model_free(m);
	}
}

static bool has_backtrace(const struct finding *f)
{
	unsigned int i;

	for (i = 0; i + 1 < f->report->nr_parts; i++)
		if (f->report->part[i].role == LK_PART_BACKTRACE)
			return true;
	return !strcmp(f->report->subkind, "held-at-user-return");
}

/* After each line, and after each byte of one file: fewer reports, or partial ones, but never a wrong step. */
static void test_cut(void)
{
	unsigned int whole, unmarked = 0, gaps = 0, k;
	struct import_stats st;
	size_t i, n, len;
	int err;

	for (i = 0; i < NR(files); i++) {
		char *text = slurp(files[i], &n);
		unsigned int bad = 0, most = 0;

		model_free(model_of(text, n, &err, &st));
		whole = st.reports;
		for (len = 0; len < n; len++) {
			struct model *m;

			if (text[len] != '\n' && i)
				continue;
			m = model_of(text, len, &err, &st);
			bad += err && err != -ENODATA;
			bad += model_nr_findings(m) > whole;
			most = model_nr_findings(m) > most ? model_nr_findings(m) : most;
			for (k = 0; k < model_nr_findings(m); k++) {
				const struct finding *f = model_finding(m, k);

				unmarked += !f->report->lacks && !has_backtrace(f);
				if (!f->report->lacks && !has_backtrace(f))
					printf("# %s cut at %zu: %s\n", files[i], len, f->report->title);
				gaps += f->report->lacks && model_complete(m);
			}
			model_free(m);
		}
		is_int(bad, 0, "%s, cut anywhere: read, and never more reports than there are", files[i]);
		ok(most > 0, "... and some of it is reported");
	}
	is_int(unmarked, 0, "what is cut before its backtrace is marked");
	is_int(gaps, 0, "... and then the result is incomplete");
}

/* Lines doubled, swapped and overwritten: anything goes but a wrong step. */
static void test_damaged(void)
{
	uint64_t rng = tap_seed(20260901);
	struct import_stats st;
	unsigned int round, bad = 0;
	size_t n, k;
	int err;

	for (round = 0; round < 600; round++) {
		char *text = slurp(files[round % NR(files)], &n);

		for (k = 0; k < 8; k++) {
			size_t at = tap_random(&rng) % n, from = tap_random(&rng) % n;
			size_t len = tap_random(&rng) % 60;

			len = at + len > n ? n - at : len;
			len = from + len > n ? n - from : len;
			memmove(text + at, text + from, len);
		}
		model_free(model_of(text, n, &err, &st));
		bad += err && err != -ENODATA;
	}
	is_int(bad, 0, "600 damaged texts are read");
}

static void test_many(void)
{
	size_t n, part;
	char *text = slurp("circular-6.12.txt", &n), *all;
	struct import_stats st;
	struct model *m;
	unsigned int i;
	int err;

	part = n;
	all = malloc(100 * part);
	for (i = 0; i < 100; i++)
		memcpy(all + i * part, text, part);
	m = model_of(all, 100 * part, &err, &st);
	is_int(model_nr_findings(m), 100, "a hundred reports in one text");
	ok(strcmp(model_finding(m, 0)->id, model_finding(m, 1)->id), "... with different ids");
	model_free(m);
	free(all);
}

/* --- our own text ----------------------------------------------------------------------- */

/* By task, since our text has the worst ones first; each has its own. */
static int by_task(const void *a, const void *b)
{
	const struct finding *const *f = a, *const *g = b;

	return (int)(*f)->link[0].task.tid - (int)(*g)->link[0].task.tid;
}

static char *dump(const struct model *m, bool notes)
{
	unsigned int i, k, nr = model_nr_findings(m);
	const struct finding *all[64];
	char *text = NULL;
	size_t size;
	FILE *mem = open_memstream(&text, &size);

	for (i = 0; i < nr && i < NR(all); i++)
		all[i] = model_finding(m, i);
	qsort(all, nr, sizeof(all[0]), by_task);
	for (i = 0; i < nr; i++) {
		const struct finding *f = all[i];
		const struct finding_report *r = f->report;

		fprintf(mem, "%s %s %u %s/%u '%s' '%s' '%s' '%s' lacks %u\n", f->id, finding_kind_str(f->kind), r->origin,
			f->link[0].task.comm, f->link[0].task.tid, r->subkind, r->state, r->kernel, r->title, r->lacks);
		for (k = 0; k < r->nr_parts; k++) {
			const struct lk_ev_part *p = &r->part[k];

			if (p->role != LK_PART_NOTE || notes)
				fprintf(mem, "  %u %u %" PRIx64 " '%s' '%s' '%s'\n", p->role, p->num,
					p->role == LK_PART_FRAME ? 0 : p->addr, p->text, p->usage, p->at);
		}
	}
	if (fclose(mem))
		abort();
	return text;
}

static void test_round_trip(const char *file, const char *from, size_t n, unsigned int width)
{
	struct render_opts opts = { .width = width, .sections = RENDER_FINDINGS };
	struct import_stats st;
	char *text = NULL, *first, *second;
	struct model *m, *again;
	size_t size;
	FILE *mem;
	int err;

	m = model_of(from, n, &err, &st);
	mem = open_memstream(&text, &size);
	is_int(renderer_nth(0)->report(m, &opts, mem), 0, "%s as our text, %u columns", file, width);
	if (fclose(mem))
		abort();
	again = model_of(text, size, &err, &st);
	is_int(err, 0, "... is read back");
	first = dump(m, !width);
	second = dump(again, !width);
	is_str(second, first, "... and says the same");
	free(first);
	free(second);
	free(text);
	model_free(m);
	model_free(again);
}

int main(void)
{
	size_t i, n;

	if (access(DIR "short.txt", R_OK)) {
		skip("no " DIR " here; run from the top of the source");
		return done_testing();
	}
	test_reports();
	test_chain_links();
	test_silent();
	test_cut();
	test_damaged();
	test_many();
	for (i = 0; i < NR(files); i++) {
		char *text = slurp(files[i], &n);

		test_round_trip(files[i], text, n, 0);
		test_round_trip(files[i], text, n, 80);
	}
	return done_testing();
}
