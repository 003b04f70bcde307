// SPDX-License-Identifier: GPL-2.0-only
/*
 * Recordings as bytes, events as text (rec.h). ev_text() lists the fields on its
 * own, not by the codec's table, so that a field the codec forgets is noticed.
 */
#include "rec.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../../user/base/crc32c.h"
#include "../../user/file/format.h"
#include "../../user/file/reader.h"
#include "../../user/file/wire.h"
#include "../../user/file/writer.h"

static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

/* --- events as text --------------------------------------------------------------------- */

static void str(FILE *f, const char *name, const char *s)
{
	fprintf(f, " %s=\"", name);
	for (; s && *s; s++)	/* evidence may be NULL: not known */
		if (*s > 0x20 && *s < 0x7f && *s != '"' && *s != '\\')
			putc(*s, f);
		else
			fprintf(f, "\\x%02x", (unsigned int)(unsigned char)*s);
	putc('"', f);
}

static void num(FILE *f, const char *name, uint64_t v)
{
	fprintf(f, " %s=%" PRIu64, name, v);
}

#define NUM(of, field)	num(f, #field, (of)->field)
#define STR(of, field)	str(f, #field, (of)->field)

static void meta_text(FILE *f, const struct lk_ev_meta *m)
{
	fprintf(f, "META");
	STR(m, tool); STR(m, kernel); STR(m, arch); STR(m, host); STR(m, boot_id);
	STR(m, cmdline); STR(m, filter); NUM(m, start_ns); NUM(m, start_real_ns);
	NUM(m, nr_cpus); NUM(m, flags);
}

static void stack_text(FILE *f, const struct lk_ev_stack *s)
{
	uint32_t i;

	fprintf(f, "STACK");
	NUM(s, id); NUM(s, nr);
	for (i = 0; i < s->nr; i++)
		num(f, "addr", s->addr[i]);
}

static void agg_text(FILE *f, const struct lk_ev_agg *a)
{
	uint32_t i;

	NUM(a, count); NUM(a, total_ns); NUM(a, max_ns); NUM(a, min_ns); NUM(a, first_ns);
	NUM(a, last_ns); NUM(a, nr_hist);
	for (i = 0; i < a->nr_hist; i++) {
		NUM(&a->hist[i], index);
		NUM(&a->hist[i], n);
	}
}

static void cont_text(FILE *f, const char *kind, const struct lk_ev_cont *c)
{
	fprintf(f, "%s", kind);
	NUM(c, lock); NUM(c, cgroup); NUM(c, tid); NUM(c, tgid); NUM(c, stack); NUM(c, lcb);
	NUM(c, ctx); NUM(c, cpu); STR(c, comm);
	agg_text(f, &c->agg);
}

static void owner_text(FILE *f, const struct lk_ev_owner *o)
{
	fprintf(f, "OWNER");
	NUM(o, lock); NUM(o, tid); NUM(o, tgid); NUM(o, stack); NUM(o, lcb); NUM(o, reader);
	STR(o, comm);
	agg_text(f, &o->agg);
}

static void wait_text(FILE *f, const char *kind, const struct lk_ev_wait *w)
{
	fprintf(f, "%s", kind);
	NUM(w, lock); NUM(w, cgroup); NUM(w, start_ns); NUM(w, dur_ns); NUM(w, tid); NUM(w, tgid);
	NUM(w, stack); NUM(w, lcb); NUM(w, ctx); NUM(w, cpu); NUM(w, owner_tid);
	NUM(w, owner_tgid); NUM(w, owner_reader); STR(w, comm); STR(w, owner_comm);
}

static void hold_text(FILE *f, const struct lk_ev_hold *h)
{
	NUM(h, lock); NUM(h, key); NUM(h, mem); NUM(h, site); NUM(h, prim); NUM(h, read); NUM(h, flags); NUM(h, rule);
}

static void class_text(FILE *f, const struct lk_ev_class *c)
{
	fprintf(f, "CLASS");
	NUM(c, tier); NUM(c, key); STR(c, name); NUM(c, subclass); NUM(c, name_version); STR(c, symbol);
	STR(c, module); STR(c, percpu); STR(c, cache); NUM(c, off); NUM(c, flags); NUM(c, rule);
	NUM(c, detail); STR(c, refine); STR(c, type); STR(c, member);
}

static void order_text(FILE *f, const struct lk_ev_order *o)
{
	uint32_t i;

	fprintf(f, "ORDER");
	NUM(o, time_ns); NUM(o, tier); NUM(o, tid); NUM(o, tgid); NUM(o, cpu); NUM(o, ctx); NUM(o, stack);
	NUM(o, flags); NUM(o, from); NUM(o, watch_mask); STR(o, comm);
	hold_text(f, &o->acq);
	NUM(o, nr_held);
	for (i = 0; i < o->nr_held; i++)
		hold_text(f, &o->held[i]);
	NUM(o, weight);
}

static void odd_text(FILE *f, const struct lk_ev_odd *o)
{
	fprintf(f, "ODD");
	NUM(o, time_ns); NUM(o, tier); NUM(o, odd); NUM(o, tid); NUM(o, tgid); NUM(o, cpu); NUM(o, stack);
	STR(o, comm);
	hold_text(f, &o->hold);
}

static void watch_text(FILE *f, const struct lk_event *ev)
{
	if (ev->kind == LK_EV_WATCH) {
		fprintf(f, "WATCH");
		NUM(&ev->watch, id); NUM(&ev->watch, state); STR(&ev->watch, function);
		STR(&ev->watch, symbol); STR(&ev->watch, reason);
	} else {
		fprintf(f, "WATCHED");
		NUM(&ev->watched, id); NUM(&ev->watched, calls); NUM(&ev->watched, returned);
		NUM(&ev->watched, total_ns); NUM(&ev->watched, max_ns);
	}
}

static void report_text(FILE *f, const struct lk_ev_report *r)
{
	uint32_t i;

	fprintf(f, "REPORT");
	NUM(r, time_ns); NUM(r, origin); NUM(r, kind); NUM(r, tid); NUM(r, tgid); NUM(r, line);
	NUM(r, lacks); NUM(r, skipped); STR(r, comm); STR(r, title); STR(r, subkind); STR(r, state);
	STR(r, kernel); STR(r, ident); STR(r, file); NUM(r, nr_parts);
	for (i = 0; i < r->nr_parts; i++) {
		const struct lk_ev_part *p = &r->part[i];

		NUM(p, role); NUM(p, num); NUM(p, addr); STR(p, text); STR(p, usage); STR(p, at);
	}
}

static void name_text(FILE *f, const struct lk_event *ev)
{
	switch (ev->kind) {
	case LK_EV_COVERAGE:
		fprintf(f, "COVERAGE");
		STR(&ev->coverage, primitive); STR(&ev->coverage, tier); STR(&ev->coverage, reason);
		STR(&ev->coverage, remedy); NUM(&ev->coverage, state);
		break;
	case LK_EV_SYM:
		fprintf(f, "SYM");
		NUM(&ev->sym, addr); STR(&ev->sym, name); STR(&ev->sym, module);
		NUM(&ev->sym, off); NUM(&ev->sym, size); NUM(&ev->sym, flags);
		break;
	case LK_EV_CGROUP:
		fprintf(f, "CGROUP");
		NUM(&ev->cgroup, id); STR(&ev->cgroup, path);
		break;
	case LK_EV_LOCK:
		fprintf(f, "LOCK");
		NUM(&ev->lock, addr); STR(&ev->lock, symbol); STR(&ev->lock, module);
		STR(&ev->lock, percpu); STR(&ev->lock, cache); NUM(&ev->lock, rule);
		NUM(&ev->lock, flags); STR(&ev->lock, type); STR(&ev->lock, member); STR(&ev->lock, init);
		STR(&ev->lock, refine); NUM(&ev->lock, detail); NUM(&ev->lock, off);
		break;
	case LK_EV_SITE:
		fprintf(f, "SITE");
		NUM(&ev->site, tier); NUM(&ev->site, key); NUM(&ev->site, site); NUM(&ev->site, prim);
		STR(&ev->site, type); STR(&ev->site, member);
		break;
	default:
		abort();
	}
}

char *ev_text(const struct lk_event *ev)
{
	char *text;
	size_t n;
	FILE *f = must(open_memstream(&text, &n));

	switch (ev->kind) {
	case LK_EV_META:	meta_text(f, &ev->meta); break;
	case LK_EV_STACK:	stack_text(f, &ev->stack); break;
	case LK_EV_CONT:	cont_text(f, "CONT", &ev->cont); break;
	case LK_EV_HELD:	cont_text(f, "HELD", &ev->cont); break;
	case LK_EV_HOLD:	wait_text(f, "HOLD", &ev->wait); break;
	case LK_EV_OWNER:	owner_text(f, &ev->owner); break;
	case LK_EV_WAIT:	wait_text(f, "WAIT", &ev->wait); break;
	case LK_EV_WAITING:	wait_text(f, "WAITING", &ev->wait); break;
	case LK_EV_LOSS:
		fprintf(f, "LOSS");
		NUM(&ev->loss, counter); NUM(&ev->loss, count);
		break;
	case LK_EV_TICK:	fprintf(f, "TICK"); NUM(&ev->time, now_ns); break;
	case LK_EV_CLASS:	class_text(f, &ev->class); break;
	case LK_EV_ORDER:	order_text(f, &ev->order); break;
	case LK_EV_ODD:		odd_text(f, &ev->odd); break;
	case LK_EV_WATCH:
	case LK_EV_WATCHED:	watch_text(f, ev); break;
	case LK_EV_REPORT:	report_text(f, &ev->report); break;
	case LK_EV_SHED:
		fprintf(f, "SHED");
		NUM(&ev->shed, time_ns); NUM(&ev->shed, what); NUM(&ev->shed, on);
		NUM(&ev->shed, cause); NUM(&ev->shed, cost_ppm); NUM(&ev->shed, allowed_ppm);
		break;
	case LK_EV_END:		fprintf(f, "END"); NUM(&ev->time, now_ns); break;
	default:		name_text(f, ev);
	}
	if (fclose(f))
		abort();
	return text;
}

/* --- recordings as bytes ---------------------------------------------------------------- */

static int sink_put(void *ctx, const struct lk_event *ev)
{
	return ev ? writer_put(ctx, ev) : writer_flush(ctx);
}

static void slurp(int fd, struct bytes *out)
{
	struct stat st;

	if (fstat(fd, &st))
		abort();
	out->n = (size_t)st.st_size;
	out->p = must(malloc(out->n + 1));
	if (pread(fd, out->p, out->n, 0) != (ssize_t)out->n)
		abort();
}

void rec_write(struct bytes *out, int (*put)(void *ctx, const struct lk_sink *sink), void *ctx, bool end)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);
	struct lk_sink sink = { .emit = sink_put };
	struct writer *w;
	char path[32];

	snprintf(path, sizeof(path), "/dev/fd/%d", fd);
	if (fd < 0 || writer_open(path, &w, NULL))
		abort();
	sink.ctx = w;
	if (put(ctx, &sink) || (end ? writer_close(w, NULL) : writer_flush(w)))
		abort();
	writer_free(w);
	slurp(fd, out);
	close(fd);
}

int rec_fd(const void *data, size_t n)
{
	int fd = memfd_create("recording", MFD_CLOEXEC);

	if (fd < 0 || pwrite(fd, data, n, 0) != (ssize_t)n)
		abort();
	return fd;
}

static void add_line(struct rec_result *out, const struct lk_event *ev)
{
	if (!(out->nr & (out->nr - 1)))
		out->line = must(realloc(out->line, (out->nr ? 2 * out->nr : 1) * sizeof(*out->line)));
	out->line[out->nr++] = ev_text(ev);
}

void rec_read(const void *data, size_t n, struct rec_result *out)
{
	int ret, fd = rec_fd(data, n);
	struct lk_event ev;
	struct reader *r;

	memset(out, 0, sizeof(*out));
	out->open_err = reader_open_fd(fd, "x.lks", &r, &out->why);
	while (!out->open_err && (ret = reader_next(r, &ev, &out->why))) {
		if (ret == 1) {
			add_line(out, &ev);
		} else if (ret != -EBADMSG) {
			out->err = ret;
			break;
		} else if (!out->gaps++) {
			out->first_gap = out->why;
		}
	}
	if (!out->open_err) {
		out->complete = reader_complete(r);
		out->unknown = reader_unknown(r);
		out->events = reader_events(r);
		reader_free(r);
	}
	close(fd);
}

void rec_result_free(struct rec_result *res)
{
	size_t i;

	for (i = 0; i < res->nr; i++)
		free(res->line[i]);
	free(res->line);
	memset(res, 0, sizeof(*res));
}

size_t rec_block_off(const struct bytes *b, unsigned int i)
{
	size_t off = get_le(b->p + LKS_HDR_SIZE_OFF, 4);

	while (i-- && off < b->n)
		off += LKS_BLK_SZ + get_le(b->p + off + LKS_BLK_LEN_OFF, 4);
	return off;
}

void rec_fix_crc(struct bytes *b, size_t off)
{
	uint8_t *p = b->p + off;
	size_t n;

	if (!off) {
		n = get_le(p + LKS_HDR_SIZE_OFF, 4) - 4;
		put_le(p + n, crc32c(0, p, n), 4);
		return;
	}
	n = get_le(p + LKS_BLK_LEN_OFF, 4);
	put_le(p + LKS_BLK_PAYLOAD_CRC_OFF, crc32c(0, p + LKS_BLK_SZ, n), 4);
	put_le(p + LKS_BLK_CRC_OFF, crc32c(0, p, LKS_BLK_CRC_OFF), 4);
}
