// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a recording: read, applied to a model, rendered in every format.
 * libFuzzer target; link with all of base, core, file and render:
 *
 *	clang -g -O1 -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -o reader_fuzz \
 *		tests/fuzz/reader_fuzz.c (every .c of user/base, core, file and render)
 *	./reader_fuzz -max_len=16384 WORKDIR tests/fuzz/corpus/reader
 *
 * Checksums would stop nearly every mutation at the door, so the mutator works
 * on the payload of a block and then makes the checksums right, mostly.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../user/base/crc32c.h"
#include "../../user/base/diag.h"
#include "../../user/core/model.h"
#include "../../user/file/codec.h"
#include "../../user/file/format.h"
#include "../../user/file/reader.h"
#include "../../user/file/wire.h"
#include "../../user/render/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* --- the target ------------------------------------------------------------------------- */

#define check(held) do { \
	if (!(held)) { \
		fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #held); \
		abort(); \
	} \
} while (0)

static void render_as(const struct renderer *r, const struct model *m, const struct render_opts *opts)
{
	char *text = NULL;
	size_t n;
	FILE *out = open_memstream(&text, &n);
	int err;

	check(out);
	err = r->report(m, opts, out);
	if (!err && r->interval)
		err = r->interval(m, opts, out);
	/* A format need not have all sections at once. */
	check(!err || (err == -EINVAL && opts->sections));
	check(!fclose(out));
	free(text);
}

static void render(const struct model *m)
{
	const struct renderer *r;
	unsigned int i;

	for (i = 0; (r = renderer_nth(i)); i++) {
		render_as(r, m, &(struct render_opts){ .width = 80 });
		render_as(r, m, &(struct render_opts){ .sections = RENDER_ALL, .verbose = true });
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int ret, fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct diag why = { "" };
	struct lk_event ev;
	struct model *m;
	struct reader *r;
	struct enc *e;

	check(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
	ret = reader_open_fd(fd, "fuzz", &r, &why);
	if (ret) {
		check(why.text[0]);
		close(fd);
		return 0;
	}
	m = model_new();
	e = enc_new();
	check(m && e);
	while ((ret = reader_next(r, &ev, &why))) {
		if (ret == 1) {
			ret = model_apply(m, &ev, &why);
			check(!ret || ret == -EBADMSG);
			if (enc_full(e))
				enc_begin(e);
			check(!enc_event(e, &ev, 1));	/* what was read keeps the limits */
		} else {
			check(ret == -EBADMSG && why.text[0]);
			check(!model_add_gap(m, why.text));
		}
	}
	check(reader_bytes(r) <= size);
	render(m);
	enc_free(e);
	model_free(m);
	reader_free(r);
	close(fd);
	return 0;
}

/* --- the mutator ------------------------------------------------------------------------ */

static void fix_header(uint8_t *data, size_t size)
{
	size_t n = get_le(data + LKS_HDR_SIZE_OFF, 4);

	if (n < LKS_HDR_SZ || n > size)
		n = LKS_HDR_SZ;
	put_le(data + LKS_HDR_SIZE_OFF, n, 4);
	put_le(data + n - 4, crc32c(0, data, n - 4), 4);
}

/* Make the block at @off one that checks; returns where the next one is. */
static size_t fix_block(uint8_t *data, size_t size, size_t off)
{
	size_t n = get_le(data + off + LKS_BLK_LEN_OFF, 4), room = size - off - LKS_BLK_SZ;

	if (n > room)
		n = room;
	put_le(data + off + LKS_BLK_SYNC_OFF, LKS_SYNC, 4);
	put_le(data + off + LKS_BLK_LEN_OFF, n, 4);
	put_le(data + off + LKS_BLK_PAYLOAD_CRC_OFF, crc32c(0, data + off + LKS_BLK_SZ, n), 4);
	put_le(data + off + LKS_BLK_CRC_OFF, crc32c(0, data + off, LKS_BLK_CRC_OFF), 4);
	return off + LKS_BLK_SZ + n;
}

static void fix_all(uint8_t *data, size_t size)
{
	size_t off = LKS_HDR_SZ;

	if (size < LKS_HDR_SZ)
		return;
	fix_header(data, size);
	if (get_le(data + LKS_HDR_SIZE_OFF, 4) <= size)
		off = get_le(data + LKS_HDR_SIZE_OFF, 4);
	while (off + LKS_BLK_SZ <= size)
		off = fix_block(data, size, off);
}

/* Mutate the payload of one block; false if there is none. */
static bool mutate_payload(uint8_t *data, size_t *size, size_t max_size, unsigned int seed)
{
	size_t off = LKS_HDR_SZ, n, tail, room, len;
	uint8_t *copy;

	for (;; off += LKS_BLK_SZ + n) {
		if (off + LKS_BLK_SZ > *size)
			return false;
		n = get_le(data + off + LKS_BLK_LEN_OFF, 4);
		if (n > *size - off - LKS_BLK_SZ)
			return false;
		if (seed % 4 == 0 || off + 2 * LKS_BLK_SZ + n > *size)
			break;
		seed /= 4;
	}
	tail = *size - off - LKS_BLK_SZ - n;
	room = max_size - off - LKS_BLK_SZ - tail;
	copy = malloc(room + 1);
	check(copy != NULL);
	memcpy(copy, data + off + LKS_BLK_SZ, n);
	len = LLVMFuzzerMutate(copy, n, room);
	memmove(data + off + LKS_BLK_SZ + len, data + off + LKS_BLK_SZ + n, tail);
	memcpy(data + off + LKS_BLK_SZ, copy, len);
	put_le(data + off + LKS_BLK_LEN_OFF, len, 4);
	*size = off + LKS_BLK_SZ + len + tail;
	free(copy);
	return true;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	if (size > max_size)
		size = max_size;
	if (seed % 4 == 0 || !mutate_payload(data, &size, max_size, seed / 4))
		size = LLVMFuzzerMutate(data, size, max_size);
	if (seed % 32)
		fix_all(data, size);
	return size;
}
