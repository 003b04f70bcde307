// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records to events (codec.h). The bytes have passed their checksum but are
 * still not trusted: every length, index and count is checked before it is
 * used. Strings are handed out where they lie in the block.
 */
#include "codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

struct dec {
	struct wire_in in;
	bool newer;
	uint64_t last_addr, last_time;
	uint32_t nr_strings, nr_keys, nr_owners;
	const char *string[LKS_STRINGS_MAX];
	struct codec_key key[LKS_KEYS_MAX];
	struct codec_owner owner[LKS_OWNERS_MAX];
	uint64_t frames[LK_STACK_DEPTH_MAX];
	struct lk_bucket hist[LK_HIST_BUCKETS];
	struct lk_ev_hold held[LK_HELD_MAX];
	struct lk_ev_part part[LK_PARTS_MAX];
};

struct dec *dec_new(void)
{
	struct dec *d = malloc(sizeof(*d));

	if (d)
		dec_begin(d, "", 0, false);
	return d;
}

void dec_free(struct dec *d)
{
	free(d);
}

void dec_begin(struct dec *d, const void *data, size_t len, bool newer)
{
	d->in.p = data;
	d->in.end = d->in.p + len;
	d->newer = newer;
	d->last_addr = 0;
	d->last_time = 0;
	d->nr_strings = 1;
	d->nr_keys = 1;
	d->nr_owners = 1;
	d->string[0] = "";
	memset(&d->key[0], 0, sizeof(d->key[0]));
	memset(&d->owner[0], 0, sizeof(d->owner[0]));
}

/* --- fields ----------------------------------------------------------------------------- */

static bool get_diff(struct wire_in *in, uint64_t *last, uint64_t *ret)
{
	uint64_t v;

	if (!get_varint(in, &v))
		return false;
	*last += unzigzag(v);
	*ret = *last;
	return true;
}

static bool get_tgid(struct wire_in *in, uint32_t tid, uint32_t *ret)
{
	uint64_t v;

	if (!get_varint(in, &v))
		return false;
	v = tid + unzigzag(v);
	if (v > UINT32_MAX)
		return false;
	*ret = (uint32_t)v;
	return true;
}

static bool get_stack(struct wire_in *in, uint32_t *ret)
{
	uint32_t v;

	if (!get_varint32(in, &v))
		return false;
	*ret = v - 1;
	return true;
}

static bool get_index(struct wire_in *in, uint32_t nr, uint32_t *ret)
{
	return get_varint32(in, ret) && *ret < nr;
}

static bool get_string(struct dec *d, struct wire_in *in, const char **ret)
{
	uint32_t i;

	if (!get_index(in, d->nr_strings, &i))
		return false;
	*ret = d->string[i];
	return true;
}

static bool get_frames(struct dec *d, struct wire_in *in, struct lk_ev_stack *s)
{
	uint32_t i;

	if (!get_varint32(in, &s->nr) || s->nr > LK_STACK_DEPTH_MAX)
		return false;
	for (i = 0; i < s->nr; i++)
		if (!get_diff(in, &d->last_addr, &d->frames[i]))
			return false;
	s->addr = d->frames;
	return true;
}

static bool get_hist(struct dec *d, struct wire_in *in, struct lk_ev_agg *a)
{
	uint32_t i, gap, next = 0;

	if (!get_varint32(in, &a->nr_hist) || a->nr_hist > LK_HIST_BUCKETS)
		return false;
	for (i = 0; i < a->nr_hist; i++) {
		if (!get_varint32(in, &gap) || gap >= LK_HIST_BUCKETS - next ||
		    !get_varint(in, &d->hist[i].n))
			return false;
		d->hist[i].index = next + gap;
		d->hist[i].pad = 0;
		next += gap + 1;
	}
	a->hist = d->hist;
	return true;
}

static bool get_agg(struct dec *d, struct wire_in *in, struct lk_ev_agg *a)
{
	return get_varint(in, &a->count) && get_varint(in, &a->total_ns) &&
	       get_varint(in, &a->max_ns) && get_varint(in, &a->min_ns) &&
	       get_diff(in, &d->last_time, &a->first_ns) &&
	       get_diff(in, &d->last_time, &a->last_ns) && get_hist(d, in, a);
}

static bool get_key(struct dec *d, struct wire_in *in, struct lk_event *ev)
{
	const struct codec_key *k;
	uint32_t i;

	if (!get_index(in, d->nr_keys, &i))
		return false;
	k = &d->key[i];
	if (ev->kind == LK_EV_CONT || ev->kind == LK_EV_HELD) {
		struct lk_ev_cont *c = &ev->cont;

		c->lock = k->lock;
		c->cgroup = k->cgroup;
		c->tid = k->tid;
		c->tgid = k->tgid;
		c->stack = k->stack;
		c->lcb = k->lcb;
		c->ctx = k->ctx;
		c->cpu = k->cpu;
		c->comm = d->string[k->comm];
	} else {
		struct lk_ev_wait *w = &ev->wait;

		w->lock = k->lock;
		w->cgroup = k->cgroup;
		w->tid = k->tid;
		w->tgid = k->tgid;
		w->stack = k->stack;
		w->lcb = k->lcb;
		w->ctx = k->ctx;
		w->cpu = k->cpu;
		w->comm = d->string[k->comm];
	}
	return true;
}

static bool get_owner(struct dec *d, struct wire_in *in, struct lk_ev_wait *w)
{
	const struct codec_owner *o;
	uint32_t i;

	if (!get_index(in, d->nr_owners, &i))
		return false;
	o = &d->owner[i];
	w->owner_tid = o->tid;
	w->owner_tgid = o->tgid;
	w->owner_reader = o->reader;
	w->owner_comm = d->string[o->comm];
	return true;
}

static bool get_span(struct dec *d, struct wire_in *in, struct lk_ev_wait *w)
{
	uint64_t end;

	if (!get_diff(in, &d->last_time, &end) || !get_varint(in, &w->dur_ns))
		return false;
	w->start_ns = end - w->dur_ns;
	return true;
}

static bool get_hold(struct dec *d, struct wire_in *in, struct lk_ev_hold *h)
{
	uint64_t key;

	if (!get_diff(in, &d->last_addr, &h->lock) || !get_varint(in, &key) ||
	    !get_varint(in, &h->mem) || !get_diff(in, &d->last_addr, &h->site))
		return false;
	h->key = h->lock + unzigzag(key);
	return get_varint32(in, &h->prim) && get_varint32(in, &h->read) &&
	       get_varint32(in, &h->flags) && get_varint32(in, &h->rule);
}

static bool get_held(struct dec *d, struct wire_in *in, struct lk_ev_order *o)
{
	uint32_t i;

	if (!get_varint32(in, &o->nr_held) || o->nr_held > LK_HELD_MAX)
		return false;
	for (i = 0; i < o->nr_held; i++)
		if (!get_hold(d, in, &d->held[i]))
			return false;
	o->held = d->held;
	return true;
}

/* A string that lies in the record itself; *room: bytes that strings of this kind may still have. */
static bool get_inline(struct wire_in *in, size_t *room, const char **ret)
{
	uint64_t len;

	if (!get_varint(in, &len) || len >= (uint64_t)(in->end - in->p) || len >= *room ||
	    memchr(in->p, 0, len + 1) != in->p + len)
		return false;
	*ret = (const char *)in->p;
	in->p += len + 1;
	*room -= len + 1;
	return true;
}

static bool get_parts(struct dec *d, struct wire_in *in, struct lk_ev_report *r)
{
	size_t room = LK_PARTS_BYTES_MAX;
	uint32_t i;

	if (!get_varint32(in, &r->nr_parts) || r->nr_parts > LK_PARTS_MAX)
		return false;
	for (i = 0; i < r->nr_parts; i++) {
		struct lk_ev_part *p = &d->part[i];

		if (!get_varint32(in, &p->role) || !get_varint32(in, &p->num) ||
		    !get_diff(in, &d->last_addr, &p->addr) || !get_inline(in, &room, &p->text) ||
		    !get_inline(in, &room, &p->usage) || !get_inline(in, &room, &p->at))
			return false;
	}
	r->part = d->part;
	return true;
}

static void *at_off(struct lk_event *ev, size_t off)
{
	return (char *)ev + off;
}

static bool get_field(struct dec *d, struct wire_in *in, struct lk_event *ev, const struct field *f)
{
	void *to = at_off(ev, f->off);

	switch (f->type) {
	case FIELD_U64:
		return get_varint(in, to);
	case FIELD_U32:
		return get_varint32(in, to);
	case FIELD_STR:
		return get_string(d, in, to);
	case FIELD_ADDR:
		return get_diff(in, &d->last_addr, to);
	case FIELD_TIME:
		return get_diff(in, &d->last_time, to);
	case FIELD_STACK:
		return get_stack(in, to);
	case FIELD_TGID:
		return get_tgid(in, *(uint32_t *)at_off(ev, f[-1].off), to);
	case FIELD_FRAMES:
		return get_frames(d, in, &ev->stack);
	case FIELD_AGG:
		return get_agg(d, in, to);
	case FIELD_KEY:
		return get_key(d, in, ev);
	case FIELD_OWNER:
		return get_owner(d, in, &ev->wait);
	case FIELD_SPAN:
		return get_span(d, in, &ev->wait);
	case FIELD_HOLD:
		return get_hold(d, in, to);
	case FIELD_HELD:
		return get_held(d, in, &ev->order);
	case FIELD_PARTS:
		return get_parts(d, in, &ev->report);
	default:
		return false;
	}
}

/* --- records ---------------------------------------------------------------------------- */

static bool define_string(struct dec *d, struct wire_in *in)
{
	size_t len = (size_t)(in->end - in->p);

	if (d->nr_strings >= LKS_STRINGS_MAX || len < 2 || len > LKS_STR_MAX + 1)
		return false;
	if (memchr(in->p, 0, len) != in->end - 1)
		return false;
	d->string[d->nr_strings++] = (const char *)in->p;
	in->p = in->end;
	return true;
}

static bool define_key(struct dec *d, struct wire_in *in)
{
	struct codec_key k = { 0 };

	if (d->nr_keys >= LKS_KEYS_MAX)
		return false;
	if (!get_diff(in, &d->last_addr, &k.lock) || !get_varint(in, &k.cgroup) ||
	    !get_varint32(in, &k.tid) || !get_tgid(in, k.tid, &k.tgid) ||
	    !get_stack(in, &k.stack) || !get_varint32(in, &k.lcb) ||
	    !get_varint32(in, &k.ctx) || !get_varint32(in, &k.cpu) ||
	    !get_index(in, d->nr_strings, &k.comm))
		return false;
	d->key[d->nr_keys++] = k;
	return true;
}

static bool define_owner(struct dec *d, struct wire_in *in)
{
	struct codec_owner o;

	if (d->nr_owners >= LKS_OWNERS_MAX)
		return false;
	if (!get_varint32(in, &o.tid) || !get_tgid(in, o.tid, &o.tgid) ||
	    !get_varint32(in, &o.reader) || !get_index(in, d->nr_strings, &o.comm))
		return false;
	d->owner[d->nr_owners++] = o;
	return true;
}

static bool define(struct dec *d, unsigned int kind, struct wire_in *in)
{
	switch (kind) {
	case LKS_REC_STRING:
		return define_string(d, in);
	case LKS_REC_KEY:
		return define_key(d, in);
	case LKS_REC_OWNER:
		return define_owner(d, in);
	default:		/* only records that we do not know refer to it */
		in->p = in->end;
		return true;
	}
}

static bool get_event(struct dec *d, unsigned int kind, const struct field *f, struct wire_in *in,
		      struct lk_event *ev, uint32_t *source)
{
	memset(ev, 0, sizeof(*ev));
	ev->kind = kind;
	if (kind == LK_EV_META && !get_varint32(in, source))
		return false;
	for (; f->type; f++) {
		if (f->later && in->p == in->end)
			break;
		if (!get_field(d, in, ev, f))
			return false;
	}
	return true;
}

int dec_next(struct dec *d, struct lk_event *ev, uint32_t *source, uint64_t *unknown)
{
	while (d->in.p < d->in.end) {
		const struct field *fields;
		unsigned int kind = *d->in.p++;
		struct wire_in rec;
		uint64_t len;
		bool fine;

		if (!kind || !get_varint(&d->in, &len) || len > (uint64_t)(d->in.end - d->in.p))
			return -EBADMSG;
		rec.p = d->in.p;
		rec.end = rec.p + len;
		d->in.p = rec.end;
		fields = codec_fields(kind);
		if (kind < LKS_REC_AUX && !fields) {
			(*unknown)++;
			continue;
		}
		fine = fields ? get_event(d, kind, fields, &rec, ev, source) : define(d, kind, &rec);
		if (!fine || (rec.p < rec.end && !d->newer))
			return -EBADMSG;
		if (fields)
			return 1;
	}
	return 0;
}
