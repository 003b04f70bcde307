// SPDX-License-Identifier: GPL-2.0-only
/*
 * Events to records (codec.h). The buffer has room for a full block plus the
 * largest event, so that nothing here checks for room: check_event() refuses
 * what would be larger, and format.h asserts the sum.
 *
 * An event is written in two passes: the first defines the strings, key and
 * owner that it is the first to use, the second writes the event itself.
 */
#include "codec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"

#define NR_SLOTS	16384u	/* at least twice the entries of a table */
#define MAX_FIELDS	24

/* Open addressing; a slot holds the index of an entry, 0 = free. */
struct slots {
	uint16_t at[NR_SLOTS];
};

struct str_ref {
	uint32_t off, len;	/* of the bytes in enc.buf */
};

struct enc {
	uint8_t *buf;
	size_t len;
	uint64_t last_addr, last_time;
	uint32_t nr_strings, nr_keys, nr_owners;
	struct slots string_slots, key_slots, owner_slots;
	struct str_ref string[LKS_STRINGS_MAX];
	struct codec_key key[LKS_KEYS_MAX];
	struct codec_owner owner[LKS_OWNERS_MAX];
};

LK_STATIC_ASSERT(NR_SLOTS >= 2 * LKS_STRINGS_MAX && NR_SLOTS >= 2 * LKS_KEYS_MAX &&
		 NR_SLOTS >= 2 * LKS_OWNERS_MAX, "tables may fill up");

/* Role, number, address and three lengths of a part, beside the bytes of its strings. */
LK_STATIC_ASSERT(LK_PARTS_MAX * (2 * 5 + 10 + 3 * 3) + LK_PARTS_BYTES_MAX + 8 * (LKS_STR_MAX + 8) + 256 <
		 LKS_EVENT_MAX, "a report may not fit");

struct enc *enc_new(void)
{
	struct enc *e = malloc(sizeof(*e));

	if (!e)
		return NULL;
	e->buf = malloc(LKS_BLOCK_TARGET + LKS_EVENT_MAX);
	if (!e->buf) {
		free(e);
		return NULL;
	}
	enc_begin(e);
	return e;
}

void enc_free(struct enc *e)
{
	if (!e)
		return;
	free(e->buf);
	free(e);
}

void enc_begin(struct enc *e)
{
	e->len = 0;
	e->last_addr = 0;
	e->last_time = 0;
	e->nr_strings = 1;
	e->nr_keys = 1;
	e->nr_owners = 1;
	memset(&e->string_slots, 0, sizeof(e->string_slots));
	memset(&e->key_slots, 0, sizeof(e->key_slots));
	memset(&e->owner_slots, 0, sizeof(e->owner_slots));
	memset(&e->key[0], 0, sizeof(e->key[0]));
	memset(&e->owner[0], 0, sizeof(e->owner[0]));
}

bool enc_full(const struct enc *e)
{
	/* One event defines at most seven strings, one key and one owner. */
	return e->len >= LKS_BLOCK_TARGET || e->nr_strings + 7 > LKS_STRINGS_MAX ||
	       e->nr_keys + 1 > LKS_KEYS_MAX || e->nr_owners + 1 > LKS_OWNERS_MAX;
}

const uint8_t *enc_data(const struct enc *e, size_t *len)
{
	*len = e->len;
	return e->buf;
}

/* --- records ---------------------------------------------------------------------------- */

/* Begin a record; returns where its payload goes. */
static uint8_t *rec_begin(struct enc *e, unsigned int kind)
{
	e->buf[e->len] = (uint8_t)kind;
	return e->buf + e->len + 2;
}

/* End a record whose payload reaches up to @p; a length of one byte is the usual case. */
static void rec_end(struct enc *e, uint8_t *p)
{
	uint8_t *payload = e->buf + e->len + 2, *body;
	size_t len = (size_t)(p - payload);

	body = put_varint(e->buf + e->len + 1, 0);
	if (len >= 0x80) {
		uint8_t tmp[WIRE_VARINT_MAX];
		size_t len_sz = (size_t)(put_varint(tmp, len) - tmp);

		body = e->buf + e->len + 1 + len_sz;
		memmove(body, payload, len);
	}
	(void)put_varint(e->buf + e->len + 1, len);
	e->len = (size_t)(body - e->buf) + len;
}

static uint8_t *put_diff(uint8_t *p, uint64_t *last, uint64_t v)
{
	p = put_varint(p, zigzag(v - *last));
	*last = v;
	return p;
}

static uint8_t *put_tgid(uint8_t *p, uint32_t tid, uint32_t tgid)
{
	return put_varint(p, zigzag((uint64_t)tgid - tid));
}

/* --- tables ----------------------------------------------------------------------------- */

static uint32_t hash_bytes(const void *data, size_t len)
{
	const uint8_t *p = data;
	uint64_t h = 0x9e3779b97f4a7c15ull ^ len, w;

	for (; len >= 8; len -= 8, p += 8) {
		memcpy(&w, p, sizeof(w));
		h = (h ^ w) * 0xff51afd7ed558ccdull;
		h ^= h >> 32;
	}
	for (w = 0; len; len--)
		w = w << 8 | *p++;
	h = (h ^ w) * 0xc4ceb9fe1a85ec53ull;
	return (uint32_t)(h >> 32);
}

/* Bytes of @s that are written: all, or what a whole character leaves of LKS_STR_MAX. */
static uint32_t cut_len(const char *s)
{
	size_t len = strnlen(s, LKS_STR_MAX + 1);

	if (len <= LKS_STR_MAX)
		return (uint32_t)len;
	for (len = LKS_STR_MAX; len > LKS_STR_MAX - 4 && ((uint8_t)s[len] & 0xc0) == 0x80; len--)
		;
	return (uint32_t)len;
}

static uint32_t intern_string(struct enc *e, const char *s)
{
	uint32_t len, i, at;
	uint8_t *p;

	if (!s || !*s)
		return 0;
	len = cut_len(s);
	for (at = hash_bytes(s, len) % NR_SLOTS; (i = e->string_slots.at[at]); at = (at + 1) % NR_SLOTS)
		if (e->string[i].len == len && !memcmp(e->buf + e->string[i].off, s, len))
			return i;

	p = rec_begin(e, LKS_REC_STRING);
	memcpy(p, s, len);
	p[len] = 0;
	rec_end(e, p + len + 1);
	i = e->nr_strings++;
	e->string[i].off = (uint32_t)e->len - len - 1;
	e->string[i].len = len;
	e->string_slots.at[at] = (uint16_t)i;
	return i;
}

static uint32_t intern_key(struct enc *e, const struct codec_key *k)
{
	uint32_t i, at;
	uint8_t *p;

	for (at = hash_bytes(k, sizeof(*k)) % NR_SLOTS; (i = e->key_slots.at[at]); at = (at + 1) % NR_SLOTS)
		if (!memcmp(&e->key[i], k, sizeof(*k)))
			return i;

	p = put_diff(rec_begin(e, LKS_REC_KEY), &e->last_addr, k->lock);
	p = put_varint(p, k->cgroup);
	p = put_varint(p, k->tid);
	p = put_tgid(p, k->tid, k->tgid);
	p = put_varint(p, k->stack + 1u);
	p = put_varint(p, k->lcb);
	p = put_varint(p, k->ctx);
	p = put_varint(p, k->cpu);
	rec_end(e, put_varint(p, k->comm));
	i = e->nr_keys++;
	e->key[i] = *k;
	e->key_slots.at[at] = (uint16_t)i;
	return i;
}

static uint32_t intern_owner(struct enc *e, const struct codec_owner *o)
{
	uint32_t i, at;
	uint8_t *p;

	if (!memcmp(&e->owner[0], o, sizeof(*o)))
		return 0;
	for (at = hash_bytes(o, sizeof(*o)) % NR_SLOTS; (i = e->owner_slots.at[at]); at = (at + 1) % NR_SLOTS)
		if (!memcmp(&e->owner[i], o, sizeof(*o)))
			return i;

	p = put_varint(rec_begin(e, LKS_REC_OWNER), o->tid);
	p = put_tgid(p, o->tid, o->tgid);
	p = put_varint(p, o->reader);
	rec_end(e, put_varint(p, o->comm));
	i = e->nr_owners++;
	e->owner[i] = *o;
	e->owner_slots.at[at] = (uint16_t)i;
	return i;
}

static uint32_t intern_event_key(struct enc *e, const struct lk_event *ev)
{
	struct codec_key k;

	memset(&k, 0, sizeof(k));
	if (ev->kind == LK_EV_CONT || ev->kind == LK_EV_HELD) {
		const struct lk_ev_cont *c = &ev->cont;

		k = (struct codec_key){ c->lock, c->cgroup, c->tid, c->tgid, c->stack, c->lcb,
					c->ctx, c->cpu, intern_string(e, c->comm), 0 };
	} else {
		const struct lk_ev_wait *w = &ev->wait;

		k = (struct codec_key){ w->lock, w->cgroup, w->tid, w->tgid, w->stack, w->lcb,
					w->ctx, w->cpu, intern_string(e, w->comm), 0 };
	}
	return intern_key(e, &k);
}

static uint32_t intern_event_owner(struct enc *e, const struct lk_ev_wait *w)
{
	struct codec_owner o = { w->owner_tid, w->owner_tgid, w->owner_reader,
				 intern_string(e, w->owner_comm) };

	return intern_owner(e, &o);
}

/* --- fields ----------------------------------------------------------------------------- */

static const void *at_off(const struct lk_event *ev, size_t off)
{
	return (const char *)ev + off;
}

static uint8_t *put_frames(struct enc *e, uint8_t *p, const struct lk_ev_stack *s)
{
	uint32_t i;

	p = put_varint(p, s->nr);
	for (i = 0; i < s->nr; i++)
		p = put_diff(p, &e->last_addr, s->addr[i]);
	return p;
}

static uint8_t *put_agg(struct enc *e, uint8_t *p, const struct lk_ev_agg *a)
{
	uint32_t i, next = 0;

	p = put_varint(p, a->count);
	p = put_varint(p, a->total_ns);
	p = put_varint(p, a->max_ns);
	p = put_varint(p, a->min_ns);
	p = put_diff(p, &e->last_time, a->first_ns);
	p = put_diff(p, &e->last_time, a->last_ns);
	p = put_varint(p, a->nr_hist);
	for (i = 0; i < a->nr_hist; i++) {
		p = put_varint(p, a->hist[i].index - next);
		p = put_varint(p, a->hist[i].n);
		next = a->hist[i].index + 1;
	}
	return p;
}

/* The class key of a static lock is the lock's address. */
static uint8_t *put_hold(struct enc *e, uint8_t *p, const struct lk_ev_hold *h)
{
	p = put_diff(p, &e->last_addr, h->lock);
	p = put_varint(p, zigzag(h->key - h->lock));
	p = put_varint(p, h->mem);
	p = put_diff(p, &e->last_addr, h->site);
	p = put_varint(p, h->prim);
	p = put_varint(p, h->read);
	p = put_varint(p, h->flags);
	return put_varint(p, h->rule);
}

static uint8_t *put_held(struct enc *e, uint8_t *p, const struct lk_ev_order *o)
{
	uint32_t i;

	p = put_varint(p, o->nr_held);
	for (i = 0; i < o->nr_held; i++)
		p = put_hold(e, p, &o->held[i]);
	return p;
}

/* In place: the parts of one report would fill the block's table of strings. */
static uint8_t *put_inline(uint8_t *p, const char *s)
{
	size_t len = strlen(s);

	p = put_varint(p, len);
	memcpy(p, s, len + 1);
	return p + len + 1;
}

static uint8_t *put_parts(struct enc *e, uint8_t *p, const struct lk_ev_report *r)
{
	uint32_t i;

	p = put_varint(p, r->nr_parts);
	for (i = 0; i < r->nr_parts; i++) {
		p = put_varint(p, r->part[i].role);
		p = put_varint(p, r->part[i].num);
		p = put_diff(p, &e->last_addr, r->part[i].addr);
		p = put_inline(p, r->part[i].text);
		p = put_inline(p, r->part[i].usage);
		p = put_inline(p, r->part[i].at);
	}
	return p;
}

static uint8_t *put_field(struct enc *e, uint8_t *p, const struct lk_event *ev,
			  const struct field *f, uint32_t ref)
{
	const uint32_t *u32 = at_off(ev, f->off);
	const uint64_t *u64 = at_off(ev, f->off);
	const struct lk_ev_wait *w = &ev->wait;

	switch (f->type) {
	case FIELD_U64:
		return put_varint(p, *u64);
	case FIELD_U32:
		return put_varint(p, *u32);
	case FIELD_ADDR:
		return put_diff(p, &e->last_addr, *u64);
	case FIELD_TIME:
		return put_diff(p, &e->last_time, *u64);
	case FIELD_STACK:
		return put_varint(p, *u32 + 1u);
	case FIELD_TGID:
		return put_tgid(p, *(const uint32_t *)at_off(ev, f[-1].off), *u32);
	case FIELD_FRAMES:
		return put_frames(e, p, &ev->stack);
	case FIELD_AGG:
		return put_agg(e, p, at_off(ev, f->off));
	case FIELD_SPAN:
		return put_varint(put_diff(p, &e->last_time, w->start_ns + w->dur_ns), w->dur_ns);
	case FIELD_HOLD:
		return put_hold(e, p, at_off(ev, f->off));
	case FIELD_HELD:
		return put_held(e, p, &ev->order);
	case FIELD_PARTS:
		return put_parts(e, p, &ev->report);
	default:		/* FIELD_STR, FIELD_KEY, FIELD_OWNER */
		return put_varint(p, ref);
	}
}

static uint32_t intern_field(struct enc *e, const struct lk_event *ev, const struct field *f)
{
	switch (f->type) {
	case FIELD_STR:
		return intern_string(e, *(const char *const *)at_off(ev, f->off));
	case FIELD_KEY:
		return intern_event_key(e, ev);
	case FIELD_OWNER:
		return intern_event_owner(e, &ev->wait);
	default:
		return 0;
	}
}

static int check_agg(const struct lk_ev_agg *a)
{
	uint32_t i, next = 0;

	if (a->nr_hist > LK_HIST_BUCKETS)
		return -EINVAL;
	for (i = 0; i < a->nr_hist; i++) {
		if (a->hist[i].index < next || a->hist[i].index >= LK_HIST_BUCKETS)
			return -EINVAL;
		next = a->hist[i].index + 1;
	}
	return 0;
}

static int check_parts(const struct lk_ev_report *r)
{
	size_t bytes = 0;
	uint32_t i;

	if (r->nr_parts > LK_PARTS_MAX)
		return -EINVAL;
	for (i = 0; i < r->nr_parts; i++) {
		bytes += strlen(r->part[i].text) + strlen(r->part[i].usage) + strlen(r->part[i].at) + 3;
		if (bytes > LK_PARTS_BYTES_MAX)
			return -EINVAL;
	}
	return 0;
}

static int check_event(const struct lk_event *ev)
{
	switch (ev->kind) {
	case LK_EV_STACK:
		return ev->stack.nr > LK_STACK_DEPTH_MAX ? -EINVAL : 0;
	case LK_EV_CONT:
	case LK_EV_HELD:
		return check_agg(&ev->cont.agg);
	case LK_EV_OWNER:
		return check_agg(&ev->owner.agg);
	case LK_EV_ORDER:
		return ev->order.nr_held > LK_HELD_MAX ? -EINVAL : 0;
	case LK_EV_REPORT:
		return check_parts(&ev->report);
	default:
		return codec_fields(ev->kind) ? 0 : -EINVAL;
	}
}

int enc_event(struct enc *e, const struct lk_event *ev, uint32_t source)
{
	const struct field *fields = codec_fields(ev->kind), *f;
	uint32_t ref[MAX_FIELDS];
	uint8_t *p;
	int err = check_event(ev);

	if (err)
		return err;
	for (f = fields; f->type; f++)
		ref[f - fields] = intern_field(e, ev, f);
	p = rec_begin(e, ev->kind);
	if (ev->kind == LK_EV_META)
		p = put_varint(p, source);
	for (f = fields; f->type; f++)
		p = put_field(e, p, ev, f, ref[f - fields]);
	rec_end(e, p);
	return 0;
}
