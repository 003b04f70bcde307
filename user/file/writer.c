// SPDX-License-Identifier: GPL-2.0-only
/*
 * The writer: events are encoded into a block; a full or flushed block goes out
 * in one write. Each block begins with the META of its source, so that any
 * block that survives can be read alone.
 *
 * The first error sticks: after it nothing is written, so that the file is a
 * prefix of the recording and never has a hole.
 */
#include "writer.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "../base/crc32c.h"
#include "../base/diag.h"
#include "codec.h"
#include "header.h"
#include "outfile.h"
#include "wire.h"

#define NR_META_STR 7

struct writer {
	int fd;
	char *name;
	struct enc *enc;
	int err;
	uint32_t seq;
	uint32_t source;	/* METAs so far */
	uint64_t pending;	/* events in the block that is being filled */
	uint64_t events, bytes;
	struct lk_ev_meta meta;
	char *meta_str[NR_META_STR];
};

static int keep_error(struct writer *w, int err)
{
	if (err && !w->err)
		w->err = err;
	return err;
}

/* --- output ----------------------------------------------------------------------------- */

/* Write it all. A descriptor that does not block is waited for. */
static int write_all(struct writer *w, struct iovec *iov, int nr)
{
	while (nr) {
		ssize_t n = writev(w->fd, iov, nr);

		if (n < 0 && errno == EAGAIN) {
			struct pollfd pfd = { .fd = w->fd, .events = POLLOUT };

			(void)poll(&pfd, 1, -1);	/* writev() tells what is wrong */
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		w->bytes += (uint64_t)n;
		while (nr && (size_t)n >= iov->iov_len) {
			n -= (ssize_t)iov->iov_len;
			iov++;
			nr--;
		}
		if (nr) {
			iov->iov_base = (char *)iov->iov_base + n;
			iov->iov_len -= (size_t)n;
		}
	}
	return 0;
}

/* Write a block, behind the file header if it is the first. */
static int write_block(struct writer *w, unsigned int type, const uint8_t *payload, size_t len)
{
	uint8_t header[LKS_HDR_SZ], b[LKS_BLK_SZ] = { 0 };
	struct iovec iov[3] = {
		{ header, sizeof(header) }, { b, sizeof(b) }, { (void *)payload, len },
	};

	put_le(b + LKS_BLK_SYNC_OFF, LKS_SYNC, 4);
	put_le(b + LKS_BLK_TYPE_OFF, type, 2);
	put_le(b + LKS_BLK_VERSION_OFF, LKS_BLOCK_VERSION, 2);
	put_le(b + LKS_BLK_LEN_OFF, len, 4);
	put_le(b + LKS_BLK_SEQ_OFF, w->seq, 4);
	put_le(b + LKS_BLK_PAYLOAD_CRC_OFF, crc32c(0, payload, len), 4);
	put_le(b + LKS_BLK_CRC_OFF, crc32c(0, b, LKS_BLK_CRC_OFF), 4);
	if (w->seq++)
		return write_all(w, iov + 1, 2);
	header_fill(header, w->meta.boot_id);
	return write_all(w, iov, 3);
}

/* --- blocks ----------------------------------------------------------------------------- */

static int begin_block(struct writer *w)
{
	const struct lk_event ev = { .kind = LK_EV_META, .meta = w->meta };

	enc_begin(w->enc);
	w->pending = 0;
	return w->source ? enc_event(w->enc, &ev, w->source) : 0;
}

static int end_block(struct writer *w)
{
	const uint8_t *data;
	size_t len;
	int err;

	if (!w->pending)
		return 0;
	data = enc_data(w->enc, &len);
	err = write_block(w, LKS_BLOCK_EVENTS, data, len);
	return err ? err : begin_block(w);
}

static void free_strings(char **s)
{
	unsigned int i;

	for (i = 0; i < NR_META_STR; i++)
		free(s[i]);
}

/* Keep a copy of a META, to begin blocks with. */
static int keep_meta(struct writer *w, const struct lk_ev_meta *meta)
{
	struct lk_ev_meta copy = *meta;
	const char **field[NR_META_STR] = {
		&copy.tool, &copy.kernel, &copy.arch, &copy.host,
		&copy.boot_id, &copy.cmdline, &copy.filter,
	};
	char *str[NR_META_STR] = { NULL };
	unsigned int i;

	for (i = 0; i < NR_META_STR; i++) {
		str[i] = strdup(*field[i]);
		if (!str[i]) {
			free_strings(str);
			return -ENOMEM;
		}
		*field[i] = str[i];
	}
	free_strings(w->meta_str);
	memcpy(w->meta_str, str, sizeof(str));
	w->meta = copy;
	return 0;
}

static int put_meta(struct writer *w, const struct lk_ev_meta *meta)
{
	int err = end_block(w);

	if (!err)
		err = keep_meta(w, meta);
	if (err)
		return err;
	w->source++;
	return begin_block(w);
}

/* --- interface -------------------------------------------------------------------------- */

/* Takes over @fd, also on failure. */
static int new_writer(int fd, const char *name, struct writer **ret, struct diag *why)
{
	struct writer *w = calloc(1, sizeof(*w));

	if (!w) {
		close(fd);
		goto nomem;
	}
	w->fd = fd;
	w->name = strdup(name);
	w->enc = enc_new();
	if (!w->name || !w->enc) {
		writer_free(w);
		goto nomem;
	}
	*ret = w;
	return 0;
nomem:
	return diag_errno(why, -ENOMEM, "cannot record to '%s'", name);
}

int writer_open(const char *path, struct writer **ret, struct diag *why)
{
	int fd, err = outfile_open(path, &fd, why);

	return err ? err : new_writer(fd, strcmp(path, "-") ? path : "standard output", ret, why);
}

int writer_put(struct writer *w, const struct lk_event *ev)
{
	int err;

	if (w->err)
		return w->err;
	if (ev->kind == LK_EV_META)
		err = put_meta(w, &ev->meta);
	else
		err = enc_event(w->enc, ev, 0);
	if (err)
		return keep_error(w, err);
	w->pending++;
	w->events++;
	return enc_full(w->enc) ? writer_flush(w) : 0;
}

int writer_flush(struct writer *w)
{
	return w->err ? w->err : keep_error(w, end_block(w));
}

static int explain(const struct writer *w, struct diag *why)
{
	const char *next = w->err == -ENOSPC || w->err == -EDQUOT || w->err == -EFBIG ?
			   "free some space or choose another place with -o, and record again" :
			   w->err == -EPIPE ? "what reads it stopped too early" :
			   w->err == -EINVAL ? "this is a bug, please report it" :
			   "choose another place with -o, and record again";
	const char *cause = strerrordesc_np(-w->err);

	return diag_set(why, w->err, "cannot write '%s': %s after %llu bytes, what is there can still be "
			"reported; %s", w->name, cause ? cause : "unknown error",
			(unsigned long long)w->bytes, next);
}

int writer_close(struct writer *w, struct diag *why)
{
	uint8_t end[LKS_END_SZ];

	if (!writer_flush(w)) {
		put_le(end + LKS_END_EVENTS_OFF, w->events, 8);
		put_le(end + LKS_END_OFFSET_OFF, w->seq ? w->bytes : LKS_HDR_SZ, 8);
		keep_error(w, write_block(w, LKS_BLOCK_END, end, sizeof(end)));
	}
	if (w->fd >= 0 && close(w->fd))
		keep_error(w, -errno);
	w->fd = -1;
	return w->err ? explain(w, why) : 0;
}

void writer_free(struct writer *w)
{
	if (!w)
		return;
	if (w->fd >= 0)
		close(w->fd);
	enc_free(w->enc);
	free_strings(w->meta_str);
	free(w->name);
	free(w);
}

uint64_t writer_bytes(const struct writer *w)
{
	return w->bytes;
}

uint64_t writer_events(const struct writer *w)
{
	return w->events;
}
