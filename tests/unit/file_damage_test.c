// SPDX-License-Identifier: GPL-2.0-only
/*
 * Damaged recordings: cut at every byte, every bit flipped, blocks lost,
 * repeated, overwritten, added. What is read is always part of what was
 * written, in order; what is missing is always said; what a damaged block does
 * not hold is always there.
 */
#include <errno.h>

#include "../../user/file/format.h"
#include "../../user/file/wire.h"
#include "../lib/mkrec.h"
#include "../lib/rec.h"
#include "../lib/tap.h"

#define NR_BLOCKS	5	/* EVENTS blocks of the sample */
#define PER_BLOCK	6	/* events in each */

/* The sample: its bytes, its events, and the number of events in the blocks before each block. */
static struct bytes whole;
static struct rec_result events;
static size_t first_event[NR_BLOCKS + 2];

struct flusher {
	const struct lk_sink *sink;
	unsigned int nr;
};

static int put_and_flush(void *ctx, const struct lk_event *ev)
{
	struct flusher *f = ctx;
	int err = sink_emit(f->sink, ev);

	if (!err && ++f->nr % PER_BLOCK == 0)
		err = sink_emit(f->sink, NULL);
	return err;
}

static int put_sample(void *ctx, const struct lk_sink *sink)
{
	struct mkrec_opts opts = { .seed = 3, .waits = 4, .rows = 1, .waiting = 1,
				   .emit_waits = true };
	struct flusher f = { sink, 0 };
	struct lk_sink flushing = { put_and_flush, &f };

	(void)ctx;
	return mkrec_emit(&opts, &flushing);
}

static bool make_sample(void)
{
	unsigned int i;

	rec_write(&whole, put_sample, NULL, true);
	rec_read(whole.p, whole.n, &events);
	for (i = 0; i <= NR_BLOCKS; i++)
		first_event[i] = i * PER_BLOCK < events.nr ? i * PER_BLOCK : events.nr;
	first_event[NR_BLOCKS + 1] = events.nr;
	ok(!events.open_err && events.complete && !events.gaps, "the sample itself is sound");
	is_int(rec_block_off(&whole, NR_BLOCKS + 1), whole.n, "... and has %u blocks and the END", NR_BLOCKS);
	return is_int((events.nr + PER_BLOCK - 1) / PER_BLOCK, NR_BLOCKS, "... filled by %u events each", PER_BLOCK);
}

static bool is_prefix(const struct rec_result *res)
{
	size_t i;

	for (i = 0; i < res->nr; i++)
		if (i >= events.nr || strcmp(res->line[i], events.line[i]))
			return false;
	return true;
}

/* Exactly the sample's events but for those of blocks @from to @to (but META comes with any block). */
static bool is_all_but(const struct rec_result *res, unsigned int from, unsigned int to)
{
	size_t i, at = 0;

	for (i = 0; i < events.nr; i++) {
		bool lost = i >= first_event[from] && i < first_event[to + 1];

		if (lost && !(i == 0 && events.nr > first_event[to + 1]))
			continue;
		if (at >= res->nr || strcmp(res->line[at++], events.line[i]))
			return false;
	}
	return at == res->nr;
}

static unsigned int block_of(size_t off)
{
	unsigned int i = 0;

	while (rec_block_off(&whole, i + 1) <= off)
		i++;
	return i;
}

static void test_truncation(void)
{
	unsigned int bad = 0, silent = 0, lost = 0;
	struct rec_result res;
	size_t n;

	for (n = 0; n < whole.n; n++) {
		rec_read(whole.p, n, &res);
		if (n < LKS_HDR_SZ) {
			bad += res.open_err != -EBADMSG || !res.why.text[0];
		} else {
			unsigned int b = block_of(n);
			bool at_block = rec_block_off(&whole, b) == n;

			bad += res.open_err || !is_prefix(&res);
			silent += res.complete || res.gaps != !at_block;
			lost += res.nr != first_event[b];
		}
		rec_result_free(&res);
	}
	is_int(bad, 0, "cut at every byte (%zu): a prefix of the events, or a refusal with a reason", whole.n);
	is_int(silent, 0, "... never complete, and a cut inside a block is told once");
	is_int(lost, 0, "... with all events of the whole blocks before the cut");
}

static void test_cut_message(void)
{
	size_t off = rec_block_off(&whole, 2);
	struct rec_result res;
	char want[200];

	rec_read(whole.p, off + 50, &res);
	snprintf(want, sizeof(want), "'x.lks' is cut off inside block 2 (at byte %zu): 50 bytes of it "
		 "cannot be used", off);
	is_str(res.first_gap.text, want, "a cut names block, place and what is lost");
	rec_result_free(&res);
	rec_read(whole.p, off, &res);
	ok(!res.complete && !res.gaps, "a cut between blocks shows by the missing END only");
	rec_result_free(&res);
	rec_read(whole.p, 33, &res);
	is_str(res.why.text, "'x.lks' is a recording that is cut off inside its header; copy it again, "
	       "or record again", "a cut header");
	rec_result_free(&res);
}

static void test_bit_flips(void)
{
	unsigned int silent = 0, wrong = 0, complete = 0;
	struct rec_result res;
	size_t bit;

	for (bit = 0; bit < whole.n * 8; bit++) {
		unsigned int b = bit / 8 < LKS_HDR_SZ ? 0 : block_of(bit / 8);

		whole.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		rec_read(whole.p, whole.n, &res);
		whole.p[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (bit / 8 < LKS_HDR_SZ) {
			silent += res.open_err != -EBADMSG || !res.why.text[0];
		} else {
			silent += res.open_err || res.gaps != 1 || res.err;
			wrong += !is_all_but(&res, b, b);
			complete += res.complete != (b != NR_BLOCKS);
		}
		rec_result_free(&res);
	}
	is_int(silent, 0, "every bit flipped (%zu): refused or told exactly once", whole.n * 8);
	is_int(wrong, 0, "... costs the events of its own block and no other");
	is_int(complete, 0, "... and the END block counts only when it is sound");
}

static void test_random_damage(void)
{
	uint64_t rng = tap_seed(11);
	unsigned int i, bad = 0, silent = 0;
	struct bytes b = { malloc(whole.n), whole.n };
	struct rec_result res;

	for (i = 0; i < 1000; i++) {
		size_t at = LKS_HDR_SZ + tap_random(&rng) % (whole.n - LKS_HDR_SZ);
		size_t n = 1 + tap_random(&rng) % (whole.n - at), j;
		unsigned int from = block_of(at), to = block_of(at + n - 1);

		memcpy(b.p, whole.p, whole.n);
		for (j = 0; j < n; j++)	/* zeros, as from a lost sector, or noise; never what it was */
			b.p[at + j] = i % 2 ? (whole.p[at + j] ? 0 : 1) :
				      whole.p[at + j] ^ (uint8_t)(1 + tap_random(&rng) % 255);
		rec_read(b.p, b.n, &res);
		bad += !is_all_but(&res, from, to > NR_BLOCKS ? NR_BLOCKS : to);
		silent += res.gaps != 1;
		rec_result_free(&res);
	}
	is_int(bad, 0, "1000 overwritten stretches: the other blocks are all there");
	is_int(silent, 0, "... and each is told once");
	free(b.p);
}

/* --- blocks that come and go ------------------------------------------------------------ */

/* A copy with the bytes [@at, @at + @drop) replaced by @n bytes at @add. */
static struct bytes splice(size_t at, size_t drop, const void *add, size_t n)
{
	struct bytes b = { malloc(whole.n + n), whole.n - drop + n };

	memcpy(b.p, whole.p, at);
	if (n)
		memcpy(b.p + at, add, n);
	memcpy(b.p + at + n, whole.p + at + drop, whole.n - at - drop);
	return b;
}

static void test_blocks(void)
{
	size_t b1 = rec_block_off(&whole, 1), b3 = rec_block_off(&whole, 3), b4 = rec_block_off(&whole, 4);
	uint8_t noise[200];
	const struct {
		const char *what;
		size_t at, drop;
		const void *add;
		size_t n;
		unsigned int from, to;	/* blocks whose events are lost; from > to: none */
		const char *told;
	} table[] = {
		{ "two blocks taken out", b1, b3 - b1, NULL, 0, 1, 2, "lacks 2 blocks from block 1 on" },
		{ "the first block taken out", LKS_HDR_SZ, b1 - LKS_HDR_SZ, NULL, 0, 0, 0, "lacks 1 block from block 0 on" },
		{ "a block that comes twice", b4, 0, whole.p + b3, b4 - b3, 9, 0, "is damaged in block 4" },
		{ "noise between blocks", b3, 0, noise, sizeof(noise), 9, 0, "200 bytes were skipped" },
		{ "one stray byte between blocks", b3, 0, noise, 1, 9, 0, " 1 byte was skipped" },
		{ "a stray marker between blocks", b3, 0, "\x8b" "LKB\x8b" "LKB", 8, 9, 0, " 8 bytes were skipped" },
		{ "bytes taken out of a block", b3 + 40, 5, NULL, 0, 3, 4, "is damaged in block 3" },
		{ "bytes put into a block", b3 + 40, 0, noise, 5, 3, 3, "is damaged in block 3" },
	};
	size_t i;

	memset(noise, 0x8b, sizeof(noise));
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bytes b = splice(table[i].at, table[i].drop, table[i].add, table[i].n);
		struct rec_result res;

		rec_read(b.p, b.n, &res);
		is_int(res.gaps, 1, "%s: told once", table[i].what);
		ok(strstr(res.first_gap.text, table[i].told), "... in words: %s", res.first_gap.text);
		if (table[i].from > table[i].to)
			ok(res.nr == events.nr && is_prefix(&res), "... and no event is lost");
		else
			ok(is_all_but(&res, table[i].from, table[i].to), "... and only its events are lost");
		ok(res.complete, "... and the END is there");
		free(b.p);
		rec_result_free(&res);
	}
}

static void test_trailing(void)
{
	struct bytes two = splice(whole.n, 0, whole.p, whole.n), one = splice(whole.n, 0, "", 1);
	struct rec_result res;
	char want[300];

	rec_read(two.p, two.n, &res);
	ok(res.nr == events.nr && is_prefix(&res) && res.complete, "cat A B: A is read");
	snprintf(want, sizeof(want), "'x.lks' goes on behind its END block (at byte %zu), which was not read: "
		 "give recordings as separate files, they are merged", whole.n);
	is_int(res.gaps, 1, "... B is told once");
	is_str(res.first_gap.text, want, "... with what to do");
	rec_result_free(&res);
	rec_read(one.p, one.n, &res);
	is_int(res.gaps, 1, "a single byte behind the END block is told, too");
	rec_result_free(&res);
	free(two.p);
	free(one.p);
}

/* --- blocks whose checksum is right, but not their content ------------------------------ */

static void test_end_totals(void)
{
	static const struct { size_t off; const char *what; } table[] = {
		{ LKS_END_EVENTS_OFF, "events" }, { LKS_END_OFFSET_OFF, "bytes" },
	};
	size_t i, end = rec_block_off(&whole, NR_BLOCKS);

	for (i = 0; i < 2; i++) {
		struct bytes b = splice(0, 0, NULL, 0);
		struct rec_result res;

		b.p[end + LKS_BLK_SZ + table[i].off]++;
		rec_fix_crc(&b, end);
		rec_read(b.p, b.n, &res);
		ok(res.nr == events.nr && res.gaps == 1 &&
		   strstr(res.first_gap.text, "ends with other totals"), "wrong total of %s is told: %s",
		   table[i].what, res.first_gap.text);
		free(b.p);
		rec_result_free(&res);
	}
}

/* Replace the payload of block 2 by records of our own; returns the result of reading. */
static void with_records(const void *records, size_t n, struct rec_result *res)
{
	size_t at = rec_block_off(&whole, 2), next = rec_block_off(&whole, 3);
	struct bytes b = splice(at + LKS_BLK_SZ, next - at - LKS_BLK_SZ, records, n);

	put_le(b.p + at + LKS_BLK_LEN_OFF, n, 4);
	rec_fix_crc(&b, at);
	rec_read(b.p, b.n, res);
	free(b.p);
}

static void test_malformed_records(void)
{
#define R(text)	text, sizeof(text) - 1
	static const struct { const char *what, *bytes; size_t n; } table[] = {
		{ "kind 0",			R("\x00\x00") },
		{ "no length",			R("\x0c") },
		{ "length beyond the block",	R("\x0c\x02\x00") },
		{ "unending length",		R("\x0c\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01") },
		{ "event too short",		R("\x0b\x01\x01") },
		{ "event too long",		R("\x0c\x02\x00\x00") },
		{ "number beyond 64 bits",	R("\x0c\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02") },
		{ "number beyond 32 bits",	R("\x0b\x06\x80\x80\x80\x80\x10\x01") },
		{ "undefined string",		R("\x05\x02\x01\x01") },
		{ "undefined key",		R("\x09\x04\x01\x00\x00\x00") },
		{ "undefined owner",		R("\x09\x04\x00\x01\x00\x00") },
		{ "empty string",		R("\x80\x01\x00") },
		{ "string without its NUL",	R("\x80\x02" "ab") },
		{ "string with two NULs",	R("\x80\x03" "a\0\0") },
		{ "tgid below zero",		R("\x82\x04\x01\x05\x00\x00") },
		{ "stack too deep",		R("\x04\x03\x01\x80\x01") },
		{ "bucket out of range",	R("\x07\x0b\x00\x00\x00\x00\x00\x00\x00\x01\xc0\x09\x01") },
		{ "too many buckets",		R("\x07\x09\x00\x00\x00\x00\x00\x00\x00\xc1\x09") },
	};
	struct rec_result res;
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		with_records(table[i].bytes, table[i].n, &res);
		ok(res.gaps == 1 && strstr(res.first_gap.text, "damaged in block 2") && res.complete &&
		   is_all_but(&res, 2, 2), "%s: told, and the other blocks are read", table[i].what);
		rec_result_free(&res);
	}
	with_records(R("\x0b\x02\x01\x07\x0c\x01\x14\x09\x04\x00\x00\x00\x00\x0b\x01"), &res);
	ok(res.gaps == 1 && res.nr == events.nr - PER_BLOCK + 3, "what is before a malformed record is read");
	is_str(res.nr > 13 ? res.line[13] : "", "TICK now_ns=10", "... as it was written");
	rec_result_free(&res);
#undef R
}

int main(void)
{
	if (!make_sample())
		return done_testing();
	test_truncation();
	test_cut_message();
	test_bit_flips();
	test_random_damage();
	test_blocks();
	test_trailing();
	test_end_totals();
	test_malformed_records();
	free(whole.p);
	rec_result_free(&events);
	return done_testing();
}
