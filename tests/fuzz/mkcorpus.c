// SPDX-License-Identifier: GPL-2.0-only
/*
 * Makes the seeds of reader_fuzz: small recordings that together have every kind
 * of event, block and damage. Deterministic, so the kept corpus can be made anew:
 *
 *	mkcorpus tests/fuzz/corpus/reader
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../user/file/format.h"
#include "../../user/file/wire.h"
#include "../lib/mkrec.h"
#include "../lib/rec.h"

static const char *dir;

static void save(const char *name, const uint8_t *p, size_t n)
{
	char path[4096];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "wb");
	if (!f || fwrite(p, 1, n, f) != n || fclose(f)) {
		perror(path);
		exit(1);
	}
}

struct flusher {
	const struct lk_sink *sink;
	const struct mkrec_opts *opts;
	unsigned int nr, every;
};

static int put_and_flush(void *ctx, const struct lk_event *ev)
{
	struct flusher *f = ctx;
	int err = sink_emit(f->sink, ev);

	return err || ++f->nr % f->every ? err : sink_emit(f->sink, NULL);
}

static int put(void *ctx, const struct lk_sink *sink)
{
	struct flusher *f = ctx;
	struct lk_sink flushing = { put_and_flush, f };

	f->sink = sink;
	return mkrec_emit(f->opts, &flushing);
}

static struct bytes make(struct mkrec_opts opts, unsigned int flush_every)
{
	struct flusher f = { .opts = &opts, .every = flush_every };
	struct bytes b;

	rec_write(&b, put, &f, !opts.no_end);
	return b;
}

static int put_odd(void *ctx, const struct lk_sink *sink)
{
	static const uint64_t addr[] = { 0, UINT64_MAX, 0xffffffff81000000 };
	static const struct lk_bucket hist[] = { { 0, 0, 1 }, { LK_HIST_BUCKETS - 1, 0, UINT64_MAX } };
	static const struct lk_ev_hold held[] = {
		{ 5, 3, 0, 1, LK_PRIM_MUTEX, 0, 0, 0 }, { 6, LK_CK_STACK, 9, 2, LK_PRIM_RWLOCK, 2, 0xffff, UINT32_MAX },
	};
	const struct lk_ev_agg agg = { UINT64_MAX, UINT64_MAX, UINT64_MAX, 0, UINT64_MAX, 0, 2, hist };
	static const struct lk_ev_part part[] = {
		{ LK_PART_ACQUIRING, 0, UINT64_MAX, "&a\xff", "{+.+.}", "f+0x1/0x2" },
		{ LK_PART_CHAIN, 1, 0, "&b", "", "" }, { LK_PART_FRAME, 0, 9, "g+0x1/0x2 [m]", "", "" },
		{ LK_PART_CHAIN, 0, 0, "&a\n", "{....}", "" }, { LK_PART_HELD, 0, 5, "", "", "\x1b[31m" },
		{ LK_PART_NOTE, 0, 0, "   CPU0\tCPU1", "", "" }, { LK_PART_BACKTRACE, 0, 0, "stack backtrace:", "", "" },
	};
	const struct lk_event ev[] = {
		{ .kind = LK_EV_META, .meta = { "t\x1b[31m", "k\n", "<a>", "\"h\"", "", "a,b;c\xff", "f", 0, 0, 0, 0 } },
		{ .kind = LK_EV_COVERAGE, .coverage = { "p", "t", "r", "", 77 } },
		{ .kind = LK_EV_STACK, .stack = { LK_STACK_NONE, 3, addr } },
		{ .kind = LK_EV_STACK, .stack = { 5, 0, addr } },
		{ .kind = LK_EV_SYM, .sym = { UINT64_MAX, "s\xc3", "m", UINT32_MAX, UINT32_MAX, UINT32_MAX } },
		{ .kind = LK_EV_LOCK, .lock = { .symbol = "", .percpu = "runqueues.__lock" } },
		{ .kind = LK_EV_LOCK, .lock = { 1, "", "", "", "", UINT32_MAX, UINT32_MAX, "t", "m\xff", "&x", "fs", UINT32_MAX, 8 } },
		{ .kind = LK_EV_CONT, .cont = { 1, 9, 0, 0, LK_STACK_NONE, UINT32_MAX, UINT32_MAX, UINT32_MAX, "\xff", agg } },
		{ .kind = LK_EV_OWNER, .owner = { 1, 0, 0, 5, 0, 2, "", agg } },
		{ .kind = LK_EV_WAITING, .wait = { 1, 9, UINT64_MAX, UINT64_MAX, 0, 0, 5, 63, 7, 1, 1, 1, 1, "a", "b" } },
		{ .kind = LK_EV_HELD, .cont = { 1, 9, 0, 0, 5, LK_LCB_MUTEX, 0, UINT32_MAX, "\xff", agg } },
		{ .kind = LK_EV_HOLD, .wait = { 1, 9, UINT64_MAX, UINT64_MAX, 0, 0, 5, 63, 7, 1, 0, 0, 0, "a", "" } },
		{ .kind = LK_EV_CLASS, .class = { LK_TIER_LOCKDEP, 2, "&a->b\xff", 7, 9, "", "", "", "", UINT32_MAX, 3, 9, 1, "ext4", "inode", "i_rwsem" } },
		{ .kind = LK_EV_CLASS, .class = { LK_TIER_ORDER, 3, "", 0, 0, "", "", "", "kmalloc-8", 4, 5, 0, 0, "", "", "" } },
		{ .kind = LK_EV_ORDER, .order = { UINT64_MAX, LK_TIER_LOCKDEP, 1, 1, 0, 0, 5, LK_ORDER_OVERFLOW, 1, 3,
			"a", { 1, 2, 0, 3, LK_PRIM_LOCKDEP, 0, 0, 0 }, 1, held, 0 } },
		{ .kind = LK_EV_ORDER, .order = { 7, LK_TIER_ORDER, 1, 1, 0, 7, LK_STACK_NONE, 0, 3, 0,
			"b", { 9, 3, 4, UINT64_MAX, LK_PRIM_RWSEM, 1, 0x80, 1 }, 2, held, 0 } },
		{ .kind = LK_EV_ORDER, .order = { 9, LK_TIER_ORDER, 1, 1, 0, 0, 5, LK_ORDER_WATCH_ENTRY, 0, 0x8000,
			"c", { 0, 0, 0, 0, 0, 0, 0, 0 }, 2, held, 0 } },
		{ .kind = LK_EV_ODD, .odd = { 9, LK_TIER_ORDER, LK_ODD_HELD_AT_EXIT, 1, 1, 0, 5, "d", { 9, 3, 0, 0, 1, 0, 4, 0 } } },
		{ .kind = LK_EV_SITE, .site = { LK_TIER_ORDER, 3, 1, LK_PRIM_MUTEX, "t", "m" } },
		{ .kind = LK_EV_ORDER, .order = { 9, LK_TIER_ORDER, 1, 1, 0, 0, 5, LK_ORDER_SAMPLE, 0, 0,
			"e", { 9, 3, 0, 1, LK_PRIM_MUTEX, 0, 0, 0 }, 0, held, 64 } },
		{ .kind = LK_EV_WATCH, .watch = { 15, LK_STATE_PARTIAL, "f\n", "", "<r>" } },
		{ .kind = LK_EV_WATCHED, .watched = { 15, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX } },
		{ .kind = LK_EV_REPORT, .report = { UINT64_MAX, LK_ORIGIN_LOCKDEP, 1, 1, 1, 7, 8, 9, "a", "t\n", "", "{x}",
			"6.1", "6.1 #1", "f", 7, part } },
		{ .kind = LK_EV_REPORT, .report = { 0, LK_ORIGIN_HUNG_TASK, 9, 1, 1, 0, 0, 0, "", "", "self-deadlock", "",
			"", "", "", 0, part } },
		{ .kind = LK_EV_SHED, .shed = { 7, LK_SHED_SPIN, 0, LK_SHED_BUDGET, UINT32_MAX, 1 } },
		{ .kind = LK_EV_SHED, .shed = { 0, LK_SHED_ALL, 1, LK_SHED_STOPPED, 0, 0 } },
		{ .kind = LK_EV_LOSS, .loss = { UINT32_MAX, 0, UINT64_MAX } },
		{ .kind = LK_EV_META, .meta = { "", "", "", "second", "", "", "", UINT64_MAX, 0, 0, LK_META_WAITS } },
		{ .kind = LK_EV_TICK, .time = { 0 } },
		{ .kind = LK_EV_END, .time = { UINT64_MAX } },
	};
	size_t i;

	(void)ctx;
	for (i = 0; i < sizeof(ev) / sizeof(ev[0]); i++)
		if (sink_emit(sink, &ev[i]))
			return -1;
	return 0;
}

/* Variants of one recording, each a few bytes away from it. */
static void save_variants(struct bytes *b)
{
	size_t second = rec_block_off(b, 1);

	save("cut", b->p, b->n / 2);
	b->p[second + 60] ^= 4;
	save("flipped", b->p, b->n);
	b->p[second + 60] ^= 4;
	put_le(b->p + LKS_HDR_MINOR_OFF, 7, 2);
	rec_fix_crc(b, 0);
	b->p[second + LKS_BLK_TYPE_OFF] = 99;
	rec_fix_crc(b, second);
	save("newer", b->p, b->n);
	put_le(b->p + LKS_HDR_MAJOR_OFF, 2, 2);
	rec_fix_crc(b, 0);
	save("future", b->p, LKS_HDR_SZ);
}

int main(int argc, char **argv)
{
	static const struct { const char *name; struct mkrec_opts opts; unsigned int flush; } table[] = {
		{ "tiny", { .waits = 1, .rows = 1, .emit_waits = true }, 1000 },
		{ "small", { .waits = 60, .rows = 8, .intervals = 2, .waiting = 2, .emit_waits = true, .loss = 3 }, 1000 },
		{ "rows", { .waits = 300, .rows = 40, .intervals = 3 }, 1000 },
		{ "blocks", { .waits = 30, .rows = 3, .intervals = 4, .waiting = 1, .emit_waits = true }, 10 },
		{ "orders", { .waits = 5, .rows = 2, .orders = 60, .loss = 1 }, 1000 },
		{ "no-end", { .waits = 20, .rows = 4, .no_end = true }, 1000 },
	};
	struct bytes b;
	size_t i;

	if (argc != 2) {
		fprintf(stderr, "usage: mkcorpus DIR\n");
		return 2;
	}
	dir = argv[1];
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		b = make(table[i].opts, table[i].flush);
		save(table[i].name, b.p, b.n);
		if (!strcmp(table[i].name, "blocks"))
			save_variants(&b);
		free(b.p);
	}
	rec_write(&b, put_odd, NULL, true);
	save("odd", b.p, b.n);
	free(b.p);
	save("empty", (const uint8_t *)"", 0);
	save("text", (const uint8_t *)"hello\n", 6);
	return 0;
}
