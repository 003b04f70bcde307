// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is written is read: every kind of event with random and with extreme
 * contents, in small blocks and in full ones; and the writer's own promises.
 */
#include <errno.h>

#include "../../bpf/abi.h"
#include "../../user/file/format.h"
#include "../../user/file/reader.h"
#include "../../user/file/writer.h"
#include "../lib/mkrec.h"
#include "../lib/rec.h"
#include "../lib/tap.h"

#define NR_STR 8

/* Memory that a random event points to. */
struct pool {
	uint64_t rng;
	char str[NR_STR][LKS_STR_MAX + 1];
	unsigned int next;
	uint64_t addr[LK_STACK_DEPTH_MAX];
	struct lk_bucket hist[LK_HIST_BUCKETS];
	struct lk_ev_hold held[LK_HELD_MAX];
	struct lk_ev_part part[LK_PARTS_MAX];
};

/* A number of any size, the ends of the range more often. */
static uint64_t any64(struct pool *p)
{
	uint64_t r = tap_random(&p->rng);

	if (r % 16 == 0)
		return r & 16 ? UINT64_MAX : 0;
	return tap_random(&p->rng) >> (r >> 8) % 64;
}

static uint32_t any32(struct pool *p)
{
	uint64_t r = tap_random(&p->rng);

	if (r % 16 == 0)
		return r & 16 ? UINT32_MAX : 0;
	return (uint32_t)tap_random(&p->rng) >> (r >> 8) % 32;
}

/* Any bytes but NUL, of any length up to the limit, "" and short ones most often. */
static const char *any_str(struct pool *p)
{
	static const unsigned int max[8] = { 0, 0, 3, 3, 15, 15, 200, LKS_STR_MAX };
	char *s = p->str[p->next++ % NR_STR];
	unsigned int i, n = max[tap_random(&p->rng) % 8];

	n = n ? (unsigned int)(tap_random(&p->rng) % (n + 1)) : 0;
	for (i = 0; i < n; i++)
		s[i] = (char)(1 + tap_random(&p->rng) % 255);
	s[n] = 0;
	return s;
}

static struct lk_ev_agg any_agg(struct pool *p)
{
	struct lk_ev_agg a = { any64(p), any64(p), any64(p), any64(p), any64(p), any64(p), 0, p->hist };
	uint32_t i, one_in = tap_random(&p->rng) % 4 ? 200 : 1;

	for (i = 0; i < LK_HIST_BUCKETS; i++)
		if (tap_random(&p->rng) % one_in == 0)
			p->hist[a.nr_hist++] = (struct lk_bucket){ i, 0, any64(p) };
	return a;
}

static void any_names(struct pool *p, struct lk_event *ev)
{
	switch (ev->kind) {
	case LK_EV_META:
		ev->meta = (struct lk_ev_meta){
			any_str(p), any_str(p), any_str(p), any_str(p), any_str(p), any_str(p),
			any_str(p), any64(p), any64(p), any32(p), any32(p),
		};
		break;
	case LK_EV_COVERAGE:
		ev->coverage = (struct lk_ev_coverage){ any_str(p), any_str(p), any_str(p), any_str(p), any32(p) };
		break;
	case LK_EV_SYM:
		ev->sym = (struct lk_ev_sym){ any64(p), any_str(p), any_str(p), any32(p), any32(p), any32(p) };
		break;
	case LK_EV_CGROUP:
		ev->cgroup = (struct lk_ev_cgroup){ any64(p), any_str(p) };
		break;
	default:
		ev->lock = (struct lk_ev_lock){ any64(p), any_str(p), any_str(p), any_str(p), any_str(p),
						any32(p), any32(p), any_str(p), any_str(p), any_str(p),
						any_str(p), any32(p), any32(p) };
	}
}

static struct lk_ev_hold any_hold(struct pool *p)
{
	return (struct lk_ev_hold){ any64(p), any64(p), any64(p), any64(p), any32(p), any32(p), any32(p), any32(p) };
}

/* Lock order and watched functions; false: another kind. */
static bool any_order(struct pool *p, struct lk_event *ev)
{
	uint32_t i;

	switch (ev->kind) {
	case LK_EV_CLASS:
		ev->class = (struct lk_ev_class){ any32(p), any64(p), any_str(p), any32(p), any32(p), any_str(p),
						  any_str(p), any_str(p), any_str(p), any32(p), any32(p),
						  any32(p), any32(p), any_str(p), any_str(p), any_str(p) };
		return true;
	case LK_EV_ORDER:
		ev->order = (struct lk_ev_order){ any64(p), any32(p), any32(p), any32(p), any32(p), any32(p),
						  any32(p), any32(p), any32(p), any32(p), any_str(p), any_hold(p),
						  any32(p) % (LK_HELD_MAX + 1), p->held, any32(p) };
		for (i = 0; i < ev->order.nr_held; i++)
			p->held[i] = any_hold(p);
		return true;
	case LK_EV_ODD:
		ev->odd = (struct lk_ev_odd){ any64(p), any32(p), any32(p), any32(p), any32(p), any32(p),
					      any32(p), any_str(p), any_hold(p) };
		return true;
	case LK_EV_WATCH:
		ev->watch = (struct lk_ev_watch){ any32(p), any32(p), any_str(p), any_str(p), any_str(p) };
		return true;
	case LK_EV_SITE:
		ev->site = (struct lk_ev_site){ any32(p), any64(p), any64(p), any32(p), any_str(p), any_str(p) };
		return true;
	case LK_EV_WATCHED:
		ev->watched = (struct lk_ev_watched){ any32(p), any64(p), any64(p), any64(p), any64(p) };
		return true;
	default:
		return false;
	}
}

/* Strings of parts: fixed ones, as the pool's are few. */
static void any_report(struct pool *p, struct lk_event *ev)
{
	static const char *const text[] = { "", "&a->b", "f+0x1/0x2 [m]", "\xff\x01{+.+.}" };
	uint32_t i, max = tap_random(&p->rng) % 64 ? 40 : LK_PARTS_MAX;

	ev->report = (struct lk_ev_report){ any64(p), any32(p), any32(p), any32(p), any32(p), any32(p),
		any32(p), any32(p), any_str(p), any_str(p), any_str(p), any_str(p), any_str(p), any_str(p),
		any_str(p), any32(p) % (max + 1), p->part };
	for (i = 0; i < ev->report.nr_parts; i++)
		p->part[i] = (struct lk_ev_part){ any32(p), any32(p), any64(p), text[any32(p) % 4],
						  text[any32(p) % 4], text[any32(p) % 4] };
}

static void any_event(struct pool *p, unsigned int kind, struct lk_event *ev)
{
	uint32_t i;

	memset(ev, 0, sizeof(*ev));
	ev->kind = kind;
	if (any_order(p, ev))
		return;
	switch (kind) {
	case LK_EV_STACK:
		ev->stack = (struct lk_ev_stack){ any32(p), any32(p) % (LK_STACK_DEPTH_MAX + 1), p->addr };
		for (i = 0; i < ev->stack.nr; i++)
			p->addr[i] = any64(p);
		break;
	case LK_EV_CONT:
	case LK_EV_HELD:
		ev->cont = (struct lk_ev_cont){ any64(p), any64(p), any32(p), any32(p), any32(p), any32(p),
						any32(p), any32(p), any_str(p), any_agg(p) };
		break;
	case LK_EV_OWNER:
		ev->owner = (struct lk_ev_owner){ any64(p), any32(p), any32(p), any32(p), any32(p), any32(p),
						  any_str(p), any_agg(p) };
		break;
	case LK_EV_WAIT:
	case LK_EV_WAITING:
	case LK_EV_HOLD:
		ev->wait = (struct lk_ev_wait){ any64(p), any64(p), any64(p), any64(p), any32(p), any32(p),
						any32(p), any32(p), any32(p), any32(p), any32(p), any32(p),
						any32(p), any_str(p), any_str(p) };
		break;
	case LK_EV_LOSS:
		ev->loss = (struct lk_ev_loss){ any32(p), 0, any64(p) };
		break;
	case LK_EV_SHED:
		ev->shed = (struct lk_ev_shed){ any64(p), any32(p), any32(p), any32(p), any32(p), any32(p) };
		break;
	case LK_EV_REPORT:
		any_report(p, ev);
		break;
	case LK_EV_TICK:
	case LK_EV_END:
		ev->time.now_ns = any64(p);
		break;
	default:
		any_names(p, ev);
	}
}

/* --- random events ---------------------------------------------------------------------- */

struct random_run {
	struct pool pool;
	unsigned int nr, flush_every;	/* 0 = never */
	char **want;
};

static int put_random(void *ctx, const struct lk_sink *sink)
{
	struct random_run *run = ctx;
	unsigned int i;
	int err = 0;

	for (i = 0; i < run->nr && !err; i++) {
		/* Each kind once, then at random; META rarely, as it closes a block. */
		unsigned int kind = i < LK_EV_NR - 1 ? i + 1 :
				    1 + (unsigned int)(tap_random(&run->pool.rng) % (LK_EV_NR - 1));
		struct lk_event ev;

		if (i >= LK_EV_NR - 1 && kind == LK_EV_META && tap_random(&run->pool.rng) % 16)
			kind = LK_EV_WAIT;
		any_event(&run->pool, kind, &ev);
		run->want[i] = ev_text(&ev);
		err = sink_emit(sink, &ev);
		if (!err && run->flush_every && i % run->flush_every == 0)
			err = sink_emit(sink, NULL);
	}
	return err;
}

static void test_random(uint64_t seed, unsigned int nr, unsigned int flush_every)
{
	struct random_run *run = calloc(1, sizeof(*run));
	struct rec_result res;
	struct bytes b;
	unsigned int i, bad = 0;

	run->pool.rng = seed;
	run->nr = nr;
	run->flush_every = flush_every;
	run->want = calloc(nr, sizeof(*run->want));
	rec_write(&b, put_random, run, true);
	rec_read(b.p, b.n, &res);
	is_int(res.open_err, 0, "%u events, flush every %u: opens", nr, flush_every);
	is_int(res.nr, nr, "... and has them all");
	for (i = 0; i < nr && i < res.nr; i++)
		if (strcmp(res.line[i], run->want[i]) && !bad++)
			is_str(res.line[i], run->want[i], "event %u", i);
	is_int(bad, 0, "... field by field");
	is_int(res.gaps, 0, "... without a gap");
	ok(res.complete && !res.unknown, "... and is complete, with nothing unknown");
	for (i = 0; i < nr; i++)
		free(run->want[i]);
	free(run->want);
	free(run);
	free(b.p);
	rec_result_free(&res);
}

/* --- more names than a block has room for ----------------------------------------------- */

static int put_many_keys(void *ctx, const struct lk_sink *sink)
{
	unsigned int i, nr = *(unsigned int *)ctx;
	char comm[32], owner[32];
	struct lk_event ev = { .kind = LK_EV_META };
	int err;

	ev.meta = (struct lk_ev_meta){ "", "", "", "", "", "", "", 0, 0, 0, 0 };
	err = sink_emit(sink, &ev);
	for (i = 0; i < nr && !err; i++) {
		snprintf(comm, sizeof(comm), "w%u", i % 3 ? i : 7);
		snprintf(owner, sizeof(owner), "o%u", i);
		ev.kind = LK_EV_WAIT;
		ev.wait = (struct lk_ev_wait){ .tid = i, .owner_tid = i, .comm = comm, .owner_comm = owner };
		err = sink_emit(sink, &ev);
	}
	return err;
}

static void test_full_tables(void)
{
	unsigned int i, bad = 0, nr = 40000;
	struct rec_result res;
	struct bytes b;
	char want[64];

	rec_write(&b, put_many_keys, &nr, true);
	rec_read(b.p, b.n, &res);
	is_int(res.nr, nr + 1, "40000 keys, owners and names");
	for (i = 0; i < nr && i + 1 < res.nr; i++) {
		snprintf(want, sizeof(want), "comm=\"w%u\" owner_comm=\"o%u\"", i % 3 ? i : 7, i);
		bad += !strstr(res.line[i + 1], want);
	}
	is_int(bad, 0, "... each as it was");
	ok(rec_block_off(&b, 5) < b.n, "... in several blocks");
	free(b.p);
	rec_result_free(&res);
}

/* --- the writer ------------------------------------------------------------------------- */

static int put_long_string(void *ctx, const struct lk_sink *sink)
{
	struct lk_event ev = { .kind = LK_EV_CGROUP };

	ev.cgroup = (struct lk_ev_cgroup){ 1, ctx };
	return sink_emit(sink, &ev);
}

static void test_long_strings(void)
{
	static const struct {
		unsigned int fill;	/* this many 'a', then what follows */
		const char *tail;
		unsigned int keep;
	} table[] = {
		{ LKS_STR_MAX, "", LKS_STR_MAX },
		{ LKS_STR_MAX, "b", LKS_STR_MAX },
		{ LKS_STR_MAX - 1, "\xc3\xa4" "b", LKS_STR_MAX - 1 },
		{ LKS_STR_MAX - 3, "\xf0\x9f\x98\x80", LKS_STR_MAX - 3 },
		{ LKS_STR_MAX - 4, "\xf0\x9f\x98\x80", LKS_STR_MAX },
		{ 3 * LKS_STR_MAX, "", LKS_STR_MAX },
	};
	unsigned int i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char *s = malloc(4 * LKS_STR_MAX), *cut;
		struct lk_event want = { .kind = LK_EV_CGROUP };
		struct rec_result res;
		struct bytes b;

		memset(s, 'a', table[i].fill);
		strcpy(s + table[i].fill, table[i].tail);
		rec_write(&b, put_long_string, s, true);
		rec_read(b.p, b.n, &res);
		s[table[i].keep] = 0;
		want.cgroup = (struct lk_ev_cgroup){ 1, s };
		cut = ev_text(&want);
		is_str(res.nr ? res.line[0] : NULL, cut, "long string %u is cut at a whole character", i);
		free(cut);
		free(s);
		free(b.p);
		rec_result_free(&res);
	}
}

static int put_bad(void *ctx, const struct lk_sink *sink)
{
	static const uint64_t addr[LK_STACK_DEPTH_MAX + 1];
	static const struct lk_bucket far[] = { { LK_HIST_BUCKETS, 0, 1 } };
	static const struct lk_bucket twice[] = { { 3, 0, 1 }, { 3, 0, 1 } };
	static const struct lk_bucket most[LK_HIST_BUCKETS + 1];
	static struct lk_ev_part many[LK_PARTS_MAX + 1];
	static char words[LK_PARTS_BYTES_MAX / LK_PARTS_MAX];
	struct lk_event ev[] = {
		{ .kind = LK_EV_STACK, .stack = { 1, LK_STACK_DEPTH_MAX + 1, addr } },
		{ .kind = LK_EV_CONT, .cont = { .comm = "", .agg = { .nr_hist = 1, .hist = far } } },
		{ .kind = LK_EV_CONT, .cont = { .comm = "", .agg = { .nr_hist = 2, .hist = twice } } },
		{ .kind = LK_EV_HELD, .cont = { .comm = "", .agg = { .nr_hist = 2, .hist = twice } } },
		{ .kind = LK_EV_OWNER, .owner = { .comm = "", .agg = { .nr_hist = LK_HIST_BUCKETS + 1, .hist = most } } },
		{ .kind = LK_EV_ORDER, .order = { .comm = "", .nr_held = LK_HELD_MAX + 1 } },
		{ .kind = LK_EV_REPORT, .report = { .nr_parts = LK_PARTS_MAX + 1, .part = many } },
		{ .kind = LK_EV_REPORT, .report = { .nr_parts = LK_PARTS_MAX, .part = many } },
		{ .kind = LK_EV_NR },
		{ .kind = 0 },
	};
	size_t i = *(size_t *)ctx, k;

	memset(words, 'x', sizeof(words) - 1);	/* with its NUL and two more a part too much */
	for (k = 0; k < LK_PARTS_MAX; k++)
		many[k] = (struct lk_ev_part){ .role = LK_PART_NOTE, .text = words, .usage = "", .at = "" };
	return i < sizeof(ev) / sizeof(ev[0]) ? sink_emit(sink, &ev[i]) : -ENOENT;
}

static int writer_sink(void *ctx, const struct lk_event *ev)
{
	return writer_put(ctx, ev);
}

static void test_bad_events(void)
{
	struct lk_event tick = { .kind = LK_EV_TICK };
	size_t i;

	for (i = 0;; i++) {
		struct lk_sink sink = { .emit = writer_sink };
		struct diag why = { "" };
		struct writer *w;
		int err;

		if (writer_open("/dev/null", &w, &why))
			break;
		sink.ctx = w;
		err = put_bad(&i, &sink);
		if (err != -ENOENT) {
			is_int(err, -EINVAL, "event %zu breaks a limit and is refused", i);
			is_int(writer_put(w, &tick), -EINVAL, "... and nothing is written after it");
			is_int(writer_close(w, &why), -EINVAL, "... and closing says so");
			ok(strstr(why.text, "'/dev/null'"), "... in words: %s", why.text);
		}
		writer_free(w);
		if (err == -ENOENT)
			break;
	}
	is_int(i, 10, "all bad events were tried");
}

static int put_mkrec(void *ctx, const struct lk_sink *sink)
{
	return mkrec_emit(ctx, sink);
}

static void test_same_bytes(void)
{
	struct mkrec_opts opts = { .seed = 5, .waits = 500, .rows = 20, .intervals = 3, .emit_waits = true };
	struct bytes a, b, c;

	rec_write(&a, put_mkrec, &opts, true);
	rec_write(&b, put_mkrec, &opts, true);
	opts.seed = 6;
	rec_write(&c, put_mkrec, &opts, true);
	ok(a.n == b.n && !memcmp(a.p, b.p, a.n), "the same events make the same file, byte for byte");
	ok(a.n != c.n || memcmp(a.p, c.p, a.n), "other events make another");
	free(a.p);
	free(b.p);
	free(c.p);
}

static int put_nothing(void *ctx, const struct lk_sink *sink)
{
	(void)ctx;
	(void)sink;
	return 0;
}

static void test_no_events(void)
{
	struct rec_result res;
	struct bytes b;

	rec_write(&b, put_nothing, NULL, true);
	rec_read(b.p, b.n, &res);
	is_int(b.n, LKS_HDR_SZ + LKS_BLK_SZ + LKS_END_SZ, "no events: header and END block");
	ok(!res.open_err && !res.nr && !res.gaps && res.complete, "... is a complete recording");
	free(b.p);
	rec_result_free(&res);
}

int main(void)
{
	uint64_t seed = tap_seed(20260801);

	test_random(seed, LK_EV_NR - 1, 0);
	test_random(seed + 1, 3000, 0);
	test_random(seed + 2, 1000, 1);
	test_random(seed + 3, 1000, 13);
	test_full_tables();
	test_long_strings();
	test_bad_events();
	test_same_bytes();
	test_no_events();
	return done_testing();
}
