// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recordings from the future: a newer minor version is read and what is not
 * understood is counted; a newer major version or an unknown incompatible
 * feature is refused in a sentence that names both versions.
 */
#include <errno.h>

#include "../../user/base/crc32c.h"
#include "../../user/file/format.h"
#include "../../user/file/wire.h"
#include "../lib/rec.h"
#include "../lib/tap.h"

static int put_sample(void *ctx, const struct lk_sink *sink)
{
	struct lk_event ev = { .kind = LK_EV_META };
	int err;

	(void)ctx;
	ev.meta = (struct lk_ev_meta){ "lockscope 0.1.0", "6.1", "x86_64", "h",
				       "01234567-89ab-cdef-0123-456789abcdef", "", "", 5, 6, 7, 0 };
	err = sink_emit(sink, &ev);
	ev = (struct lk_event){ .kind = LK_EV_LOSS, .loss = { 1, 0, 7 } };
	err = err ? err : sink_emit(sink, &ev);
	err = err ? err : sink_emit(sink, NULL);
	ev = (struct lk_event){ .kind = LK_EV_END, .time = { 99 } };
	return err ? err : sink_emit(sink, &ev);
}

/* A copy with @n bytes at @add put in before offset @at. */
static struct bytes insert(const struct bytes *from, size_t at, const void *add, size_t n)
{
	struct bytes b = { malloc(from->n + n), from->n + n };

	memcpy(b.p, from->p, at);
	if (n)
		memcpy(b.p + at, add, n);
	memcpy(b.p + at + n, from->p + at, from->n - at);
	return b;
}

/* Put records at the end of the first block's payload. */
static struct bytes add_records(const struct bytes *from, const void *records, size_t n)
{
	size_t at = rec_block_off(from, 0), len = get_le(from->p + at + LKS_BLK_LEN_OFF, 4);
	struct bytes b = insert(from, at + LKS_BLK_SZ + len, records, n);

	put_le(b.p + at + LKS_BLK_LEN_OFF, len + n, 4);
	rec_fix_crc(&b, at);
	return b;
}

static void set_minor(struct bytes *b, unsigned int minor)
{
	put_le(b->p + LKS_HDR_MINOR_OFF, minor, 2);
	rec_fix_crc(b, 0);
}

static void test_header(const struct bytes *sample)
{
	static const struct {
		const char *what;
		size_t off;
		unsigned int size;
		uint64_t value;
		const char *told;	/* NULL: it is read */
	} table[] = {
		{ "this version", LKS_HDR_MINOR_OFF, 2, LKS_MINOR, NULL },
		{ "an older minor version", LKS_HDR_MINOR_OFF, 2, 0, NULL },
		{ "a newer minor version", LKS_HDR_MINOR_OFF, 2, 9, NULL },
		{ "an unknown compatible feature", LKS_HDR_COMPAT_OFF, 8, UINT64_MAX, NULL },
		{ "a uuid", LKS_HDR_UUID_OFF, 8, 12345, NULL },
		{ "reserved bytes in use", 20, 4, 12345, NULL },
		{ "a newer major version", LKS_HDR_MAJOR_OFF, 2, 2,
		  "'x.lks' has version 2.1 of the format, and this lockscope reads version 1.1; use a newer one" },
		{ "an older major version", LKS_HDR_MAJOR_OFF, 2, 0,
		  "'x.lks' has version 0.1 of the format, and this lockscope reads version 1.1; use an older one" },
		{ "an unknown incompatible feature", LKS_HDR_INCOMPAT_OFF, 8, 0x8000000000000004ull,
		  "'x.lks' (format version 1.1) needs features (0x8000000000000004) that this lockscope "
		  "(version 1.1) does not have; use a newer one" },
		{ "bytes in the other order", LKS_HDR_ENDIAN_OFF, 4, 0x04030201,
		  "'x.lks' is a recording whose header is damaged; copy it again from where it was made, "
		  "or record again" },
	};
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bytes b = insert(sample, 0, NULL, 0);
		struct rec_result res;

		put_le(b.p + table[i].off, table[i].value, table[i].size);
		rec_fix_crc(&b, 0);
		rec_read(b.p, b.n, &res);
		is_int(res.open_err, table[i].told ? -EBADMSG : 0, "%s", table[i].what);
		if (table[i].told)
			is_str(res.why.text, table[i].told, "... is refused");
		else
			ok(res.nr == 3 && res.complete && !res.gaps && !res.unknown, "... is read as it is");
		free(b.p);
		rec_result_free(&res);
	}
}

static void test_header_size(const struct bytes *sample)
{
	static const struct { uint32_t size; bool fine; } table[] = {
		{ 80, true }, { 88, true }, { 4096, true }, { 4100, false }, { 76, false }, { 0, false },
		{ UINT32_MAX, false },
	};
	uint8_t more[8192] = { 0 };
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t size = table[i].size, add = size > 80 && size < 8192 ? size - 80 : 0;
		struct bytes b = insert(sample, 80, more, add);
		struct rec_result res;

		put_le(b.p + LKS_HDR_SIZE_OFF, size, 4);
		put_le(b.p + LKS_HDR_MINOR_OFF, LKS_MINOR + 1, 2);
		if (add)	/* the END block knows its offset */
			put_le(b.p + b.n - 8, rec_block_off(&b, 2), 8);
		if (add || size == 80)
			rec_fix_crc(&b, 0);
		if (add)
			rec_fix_crc(&b, rec_block_off(&b, 2));
		rec_read(b.p, b.n, &res);
		if (table[i].fine)
			ok(!res.open_err && res.nr == 3 && !res.gaps && res.complete,
			   "a header of %zu bytes is read", size);
		else
			ok(res.open_err == -EBADMSG && strstr(res.why.text, "header is damaged"),
			   "a header of %zu bytes is refused: %s", size, res.why.text);
		free(b.p);
		rec_result_free(&res);
	}
}

static void test_boot_id(const struct bytes *sample)
{
	static const uint8_t id[16] = {
		0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
	};

	ok(!memcmp(sample->p + LKS_HDR_BOOT_ID_OFF, id, 16), "the boot id is in the header");
}

/* Records that a newer minor version may add. */
static void test_unknown_records(const struct bytes *sample)
{
#define R(text)	text, sizeof(text) - 1
	static const struct {
		const char *what, *records;
		size_t n;
		unsigned int unknown, events, gaps;	/* with a newer minor version */
		unsigned int gaps_now;			/* with this one */
	} table[] = {
		{ "an unknown event",		R("\x40\x03" "abc"),			1, 3, 0, 0 },
		{ "an unknown empty event",	R("\x7f\x00"),				1, 3, 0, 0 },
		{ "two unknown events and a known one", R("\x40\x00\x41\x01z\x0c\x01\x02"), 2, 4, 0, 0 },
		{ "an unknown definition",	R("\xff\x02zz\x0c\x01\x02"),		0, 4, 0, 0 },
		{ "a known event with more fields", R("\x0c\x03\x02zz\x0c\x01\x02"),	0, 5, 0, 1 },
		{ "a key with more fields",	R("\x81\x0b\x00\x00\x00\x00\x00\x00\x00\x00\x00zz\x0c\x01\x02"),
		  0, 4, 0, 1 },
		{ "a known event with fewer fields", R("\x0b\x01\x02"),			0, 2, 1, 1 },
		{ "a length beyond the block",	R("\x40\x7f" "abc"),			0, 2, 1, 1 },
	};
	unsigned int minor;
	size_t i;

	for (i = 0; i < 2 * sizeof(table) / sizeof(table[0]); i++) {
		struct bytes b = add_records(sample, table[i / 2].records, table[i / 2].n);
		unsigned int gaps;
		struct rec_result res;

		/* The totals of the END block are those of a writer that counted its events. */
		size_t end = rec_block_off(&b, 2);

		minor = i % 2;
		gaps = minor ? table[i / 2].gaps : table[i / 2].gaps_now;
		put_le(b.p + end + LKS_BLK_SZ + LKS_END_EVENTS_OFF, table[i / 2].events, 8);
		put_le(b.p + end + LKS_BLK_SZ + LKS_END_OFFSET_OFF, end, 8);
		rec_fix_crc(&b, end);
		set_minor(&b, LKS_MINOR + minor);
		rec_read(b.p, b.n, &res);
		is_int(res.gaps, gaps, "%s, version 1.%u: %s", table[i / 2].what, LKS_MINOR + minor,
		       gaps ? "damage" : "no damage");
		is_int(res.unknown, table[i / 2].unknown, "... counted as unknown");
		if (!gaps)
			is_int(res.nr, table[i / 2].events, "... and all the others are read");
		ok(res.nr && !strcmp(res.line[res.nr - 1], "END now_ns=99"), "... up to the last");
		free(b.p);
		rec_result_free(&res);
	}
#undef R
}

static void test_unknown_blocks(const struct bytes *sample)
{
	static const struct {
		const char *what;
		size_t off;
		unsigned int size;
		uint64_t value;
		unsigned int unknown;
	} table[] = {
		{ "an unknown type", LKS_BLK_TYPE_OFF, 2, 77, 1 },
		{ "a newer layout", LKS_BLK_VERSION_OFF, 2, 2, 1 },
		{ "an unknown flag that must be understood", LKS_BLK_FLAGS_OFF, 4, 0x10000, 1 },
		{ "an unknown flag that need not", LKS_BLK_FLAGS_OFF, 4, 0x8001, 0 },
		{ "reserved bytes in use", 24, 4, 1, 0 },
	};
	size_t i, at = rec_block_off(sample, 1);

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct bytes b = insert(sample, 0, NULL, 0);
		struct rec_result res;

		put_le(b.p + at + table[i].off, table[i].value, table[i].size);
		rec_fix_crc(&b, at);
		rec_read(b.p, b.n, &res);
		is_int(res.unknown, table[i].unknown, "a block with %s", table[i].what);
		is_int(res.nr, table[i].unknown ? 2 : 3, "... %s", table[i].unknown ? "is stepped over" : "is read");
		ok(!res.gaps && res.complete, "... and is not damage");
		free(b.p);
		rec_result_free(&res);
	}
}

static void test_long_block(const struct bytes *sample)
{
	static const struct { uint32_t len; bool fine; } table[] = {
		{ LKS_BLOCK_MAX, true }, { LKS_BLOCK_MAX + 1, false }, { UINT32_MAX, false },
	};
	size_t i, at = rec_block_off(sample, 1);

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		uint32_t n = table[i].fine ? table[i].len : LKS_BLOCK_MAX + 1;
		uint8_t *block = calloc(1, LKS_BLK_SZ + n);
		struct rec_result res;
		struct bytes b;

		/* A block of a type that nobody knows; the ones behind it count one further. */
		memcpy(block, sample->p + at, LKS_BLK_SZ);
		put_le(block + LKS_BLK_TYPE_OFF, 77, 2);
		put_le(block + LKS_BLK_LEN_OFF, n, 4);
		put_le(block + LKS_BLK_PAYLOAD_CRC_OFF, crc32c(0, block + LKS_BLK_SZ, n), 4);
		put_le(block + LKS_BLK_LEN_OFF, table[i].len, 4);
		put_le(block + LKS_BLK_CRC_OFF, crc32c(0, block, LKS_BLK_CRC_OFF), 4);
		b = insert(sample, at, block, LKS_BLK_SZ + n);
		put_le(b.p + at + LKS_BLK_SZ + n + LKS_BLK_SEQ_OFF, 2, 4);
		rec_fix_crc(&b, at + LKS_BLK_SZ + n);
		put_le(b.p + b.n - LKS_END_SZ - LKS_BLK_SZ + LKS_BLK_SEQ_OFF, 3, 4);
		rec_fix_crc(&b, b.n - LKS_END_SZ - LKS_BLK_SZ);
		rec_read(b.p, b.n, &res);
		is_int(res.gaps, !table[i].fine, "a block that says %u bytes", table[i].len);
		is_int(res.unknown, table[i].fine, "... %s", table[i].fine ? "is stepped over" : "is damage");
		ok(res.nr == 3 && res.complete, "... and what follows is read");
		free(block);
		free(b.p);
		rec_result_free(&res);
	}
}

int main(void)
{
	struct bytes sample;

	rec_write(&sample, put_sample, NULL, true);
	test_header(&sample);
	test_header_size(&sample);
	test_boot_id(&sample);
	test_unknown_records(&sample);
	test_unknown_blocks(&sample);
	test_long_block(&sample);
	free(sample.p);
	return done_testing();
}
