// SPDX-License-Identifier: GPL-2.0-only
/*
 * The reader: finds blocks, checks them, hands out their events.
 *
 * A block counts only when its header, its payload and its place in the order
 * check; everything else is skipped up to the next block that does, and each
 * run of skipped bytes is reported once. A header that checks is trusted for its
 * length: so the payload of a damaged block, which may hold a copy of a block,
 * is not searched, and each byte is looked at a fixed number of times.
 */
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/crc32c.h"
#include "../base/diag.h"
#include "../base/input.h"
#include "codec.h"
#include "header.h"
#include "wire.h"

enum reader_state {
	READER_BETWEEN = 1,	/* at the beginning of a block */
	READER_INSIDE,		/* decoding an EVENTS block */
	READER_ENDED,		/* behind the END block */
	READER_DONE,		/* nothing more to say */
};

struct reader {
	struct input in;
	struct dec *dec;
	char *name;
	bool own_fd;
	bool newer;		/* a newer minor version wrote it */
	bool complete;		/* END block seen */
	bool gap;		/* something was missing or damaged */
	bool resync;		/* behind a gap: blocks may be missing */
	enum reader_state state;
	uint32_t next_seq;
	uint32_t source;	/* of the META last handed out */
	uint64_t block_off;	/* of the block being decoded */
	uint64_t events, unknown;
};

struct block {
	uint16_t type, version;
	uint32_t flags, len, seq, crc;
	const uint8_t *payload;
};

/* --- blocks ----------------------------------------------------------------------------- */

static int gap(struct reader *r)
{
	r->gap = true;
	return -EBADMSG;
}

static bool parse_block(const uint8_t *p, struct block *b)
{
	if (get_le(p + LKS_BLK_SYNC_OFF, 4) != LKS_SYNC ||
	    get_le(p + LKS_BLK_CRC_OFF, 4) != crc32c(0, p, LKS_BLK_CRC_OFF))
		return false;
	b->type = (uint16_t)get_le(p + LKS_BLK_TYPE_OFF, 2);
	b->version = (uint16_t)get_le(p + LKS_BLK_VERSION_OFF, 2);
	b->flags = (uint32_t)get_le(p + LKS_BLK_FLAGS_OFF, 4);
	b->len = (uint32_t)get_le(p + LKS_BLK_LEN_OFF, 4);
	b->seq = (uint32_t)get_le(p + LKS_BLK_SEQ_OFF, 4);
	b->crc = (uint32_t)get_le(p + LKS_BLK_PAYLOAD_CRC_OFF, 4);
	return b->len <= LKS_BLOCK_MAX;
}

/* Bytes from the window's start, which is no block, to where one may begin. */
static size_t to_next_sync(const uint8_t *p, size_t avail)
{
	uint8_t sync[4];
	const uint8_t *hit;

	put_le(sync, LKS_SYNC, 4);
	hit = memmem(p + 1, avail - 1, sync, sizeof(sync));
	if (hit)
		return (size_t)(hit - p);
	return avail - (sizeof(sync) - 1);
}

/*
 * Go to the next block that checks: 1, not yet consumed; 0 at the end of file.
 * *skipped: bytes on the way; *cut: the file ended inside a block.
 */
static int find_block(struct reader *r, struct block *b, uint64_t *skipped, bool *cut)
{
	struct input *in = &r->in;

	*skipped = 0;
	*cut = false;
	for (;;) {
		size_t skip, avail = input_need(in, LKS_BLK_SZ);

		if (in->err)
			return in->err;
		if (avail < LKS_BLK_SZ) {
			*cut |= avail && !*skipped;
			skip = avail;
		} else if (!parse_block(input_data(in), b)) {
			skip = to_next_sync(input_data(in), avail);
		} else {
			skip = LKS_BLK_SZ + b->len;
			avail = input_need(in, skip);
			if (in->err)
				return in->err;
			b->payload = input_data(in) + LKS_BLK_SZ;
			if (avail < skip) {
				*cut |= !*skipped;
				skip = avail;
			} else if (b->seq >= r->next_seq && crc32c(0, b->payload, b->len) == b->crc) {
				return 1;
			}
		}
		input_skip(in, skip);
		*skipped += skip;
		if (!skip)
			return 0;
	}
}

static int report_skipped(struct reader *r, uint64_t at, uint64_t skipped, bool cut, struct diag *why)
{
	if (cut)
		diag_set(why, 0, "'%s' is cut off inside block %u (at byte %llu): %llu bytes of it "
			 "cannot be used", r->name, r->next_seq, (unsigned long long)at,
			 (unsigned long long)skipped);
	else
		diag_set(why, 0, "'%s' is damaged in block %u (at byte %llu): %llu byte%s skipped",
			 r->name, r->next_seq, (unsigned long long)at, (unsigned long long)skipped,
			 skipped == 1 ? " was" : "s were");
	r->resync = true;
	return gap(r);
}

static int report_missing(struct reader *r, uint32_t seq, struct diag *why)
{
	uint32_t nr = seq - r->next_seq;

	diag_set(why, 0, "'%s' lacks %u block%s from block %u on (at byte %llu)", r->name, nr,
		 nr == 1 ? "" : "s", r->next_seq, (unsigned long long)r->in.off);
	r->resync = true;
	return gap(r);
}

static int end_block(struct reader *r, const struct block *b, struct diag *why)
{
	r->state = READER_ENDED;
	r->complete = true;
	if (r->gap || r->unknown)	/* then numbers cannot match, and the user knows */
		return 0;
	if (b->len >= LKS_END_SZ && get_le(b->payload + LKS_END_EVENTS_OFF, 8) == r->events &&
	    get_le(b->payload + LKS_END_OFFSET_OFF, 8) == r->block_off)
		return 0;
	diag_set(why, 0, "'%s' ends with other totals than it has (%llu events read): something is missing",
		 r->name, (unsigned long long)r->events);
	return gap(r);
}

/* Enter the next block, or leave the state BETWEEN for good: 0, or an error to hand out. */
static int next_block(struct reader *r, struct diag *why)
{
	uint64_t at = r->in.off, skipped;
	struct block b = { 0 };
	bool cut;
	int ret = find_block(r, &b, &skipped, &cut);

	if (ret < 0)
		return diag_errno(why, ret, "cannot read '%s' (at byte %llu)", r->name,
				  (unsigned long long)r->in.off);
	if (skipped)
		return report_skipped(r, at, skipped, cut, why);
	if (!ret) {
		r->state = READER_DONE;
		return 0;
	}
	if (b.seq != r->next_seq && !r->resync)
		return report_missing(r, b.seq, why);
	r->resync = false;
	r->next_seq = b.seq + 1;
	r->block_off = at;
	input_skip(&r->in, LKS_BLK_SZ + b.len);
	if ((b.flags & LKS_FLAGS_MUST) || b.version != LKS_BLOCK_VERSION)
		b.type = 0;
	if (b.type == LKS_BLOCK_END)
		return end_block(r, &b, why);
	if (b.type == LKS_BLOCK_EVENTS) {
		dec_begin(r->dec, b.payload, b.len, r->newer);
		r->state = READER_INSIDE;
	} else {
		r->unknown++;
	}
	return 0;
}

/* Next event of the block: 1, 0 when the state has changed, or an error to hand out. */
static int next_event(struct reader *r, struct lk_event *ev, struct diag *why)
{
	uint32_t source = 0;
	int ret;

	while ((ret = dec_next(r->dec, ev, &source, &r->unknown)) == 1) {
		if (ev->kind == LK_EV_META) {
			if (source == r->source)
				continue;	/* each block begins with it */
			r->source = source;
		}
		r->events++;
		return 1;
	}
	r->state = READER_BETWEEN;
	if (!ret)
		return 0;
	diag_set(why, 0, "'%s' is damaged in block %u (at byte %llu): the rest of the block was skipped",
		 r->name, r->next_seq - 1, (unsigned long long)r->block_off);
	return gap(r);
}

static int check_trailing(struct reader *r, struct diag *why)
{
	r->state = READER_DONE;
	if (!input_need(&r->in, 1))
		return 0;
	diag_set(why, 0, "'%s' goes on behind its END block (at byte %llu), which was not read: "
		 "give recordings as separate files, they are merged", r->name,
		 (unsigned long long)r->in.off);
	return gap(r);
}

int reader_next(struct reader *r, struct lk_event *ev, struct diag *why)
{
	int ret = 0;

	while (!ret) {
		if (r->state == READER_DONE)
			return 0;
		if (r->state == READER_INSIDE)
			ret = next_event(r, ev, why);
		else if (r->state == READER_BETWEEN)
			ret = next_block(r, why);
		else
			ret = check_trailing(r, why);
	}
	return ret;
}

/* --- opening ---------------------------------------------------------------------------- */

static int check_type(const struct stat *st, const char *name, struct diag *why)
{
	if (S_ISDIR(st->st_mode))
		return diag_set(why, -EISDIR, "'%s' is a directory; give a recording (.lks) in it", name);
	if (!S_ISREG(st->st_mode) && !S_ISFIFO(st->st_mode) && !S_ISSOCK(st->st_mode))
		return diag_set(why, -EBADMSG, "'%s' is a device or terminal, not a recording; "
				"give the name of a file, or '-' behind a pipe", name);
	return 0;
}

/* @own_fd: the reader closes @fd, now if it fails. */
static int new_reader(int fd, const char *name, bool own_fd, struct reader **ret, struct diag *why)
{
	struct reader *r = calloc(1, sizeof(*r));
	int err = -ENOMEM;

	if (!r) {
		if (own_fd)
			close(fd);
		return diag_errno(why, err, "cannot read '%s'", name);
	}
	r->in.fd = fd;
	r->own_fd = own_fd;
	r->state = READER_BETWEEN;
	r->name = strdup(name);
	r->dec = dec_new();
	if (!r->name || !r->dec || input_init(&r->in, fd, LKS_BLOCK_MAX + LKS_BLK_SZ)) {
		diag_errno(why, err, "cannot read '%s'", name);
		goto out;
	}
	err = header_check(&r->in, r->name, &r->newer, why);
	if (err)
		goto out;
	*ret = r;
	return 0;
out:
	reader_free(r);
	return err;
}

int reader_open_fd(int fd, const char *name, struct reader **ret, struct diag *why)
{
	struct stat st;
	int err;

	if (fstat(fd, &st)) {
		err = -errno;
		return diag_errno(why, err, "cannot read '%s'", name);
	}
	err = check_type(&st, name, why);
	return err ? err : new_reader(fd, name, false, ret, why);
}

int reader_open(const char *path, struct reader **ret, struct diag *why)
{
	struct stat st;
	int fd, err;

	if (!strcmp(path, "-"))
		return reader_open_fd(STDIN_FILENO, "standard input", ret, why);
	if (stat(path, &st))		/* before open(), which a device could act upon */
		goto fail;
	err = check_type(&st, path, why);
	if (err)
		return err;
	fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		goto fail;
	return new_reader(fd, path, true, ret, why);
fail:
	err = -errno;
	return diag_errno(why, err, "cannot open '%s'", path);
}

bool reader_probe(const char *path)
{
	uint8_t magic[LKS_MAGIC_SZ];
	struct stat st;
	bool found;
	int fd;

	if (stat(path, &st) || !S_ISREG(st.st_mode))
		return false;
	fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return false;
	found = pread(fd, magic, sizeof(magic), 0) == sizeof(magic) &&
		!memcmp(magic, LKS_MAGIC, sizeof(magic));
	close(fd);
	return found;
}

void reader_free(struct reader *r)
{
	if (!r)
		return;
	if (r->own_fd)
		close(r->in.fd);
	input_done(&r->in);
	dec_free(r->dec);
	free(r->name);
	free(r);
}

bool reader_complete(const struct reader *r)
{
	return r->complete;
}

uint64_t reader_events(const struct reader *r)
{
	return r->events;
}

uint64_t reader_bytes(const struct reader *r)
{
	return r->in.off;
}

uint64_t reader_unknown(const struct reader *r)
{
	return r->unknown;
}
