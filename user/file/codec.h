/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events as the records of one block, and back. codec.c has the one table of
 * every kind's fields; encode.c and decode.c only know the types of fields, so
 * that neither can forget one that the other has.
 *
 * A block stands alone: strings, keys, owners and the values that differences
 * refer to begin anew in each, so that a lost block never makes another wrong.
 * Private to user/file/ and its tests.
 */
#ifndef LK_CODEC_H
#define LK_CODEC_H

#include "../core/event.h"
#include "format.h"

enum field_type {
	FIELD_U64 = 1,	/* varint */
	FIELD_U32,	/* varint */
	FIELD_STR,	/* index of a string */
	FIELD_ADDR,	/* difference from the block's last address */
	FIELD_TIME,	/* difference from the block's last time */
	FIELD_STACK,	/* stack id + 1, modulo 2^32 (LK_STACK_NONE is the commonest odd one) */
	FIELD_TGID,	/* difference from the tid, which is the field before */
	FIELD_FRAMES,	/* struct lk_ev_stack: nr, addr */
	FIELD_AGG,	/* struct lk_ev_agg */
	FIELD_KEY,	/* index of a key */
	FIELD_OWNER,	/* index of an owner */
	FIELD_SPAN,	/* struct lk_ev_wait: end as FIELD_TIME, dur_ns */
	FIELD_HOLD,	/* struct lk_ev_hold: lock as FIELD_ADDR, key as its difference from lock, ... */
	FIELD_HELD,	/* struct lk_ev_order: nr_held, held */
	FIELD_PARTS,	/* struct lk_ev_report: nr_parts, part, with their strings in place */
};

struct field {
	uint8_t type;		/* enum field_type; 0 ends the list */
	uint8_t later;		/* appended in a later minor version: records of older ones end before it */
	uint16_t off;		/* in struct lk_event */
};

/* The fields of an event of @kind in the order they are written; NULL for an unknown kind. */
const struct field *codec_fields(unsigned int kind);

/* What LKS_REC_KEY and LKS_REC_OWNER define; comm is the index of a string. No padding: compared as bytes. */
struct codec_key {
	uint64_t lock, cgroup;
	uint32_t tid, tgid, stack, lcb, ctx, cpu, comm, pad;
};

struct codec_owner {
	uint32_t tid, tgid, reader, comm;
};

LK_STATIC_ASSERT(sizeof(struct codec_key) == 48, "codec_key has padding");

/* --- encode.c --------------------------------------------------------------------------- */

struct enc;

struct enc *enc_new(void);
void enc_free(struct enc *e);

/* Begin an empty block. */
void enc_begin(struct enc *e);

/*
 * Append an event; @source numbers the META that it belongs to and is written
 * with META only. -EINVAL for an event that breaks the limits of event.h (the
 * block is unchanged). There is always room while enc_full() is false.
 */
int enc_event(struct enc *e, const struct lk_event *ev, uint32_t source);

/* Time to write the block out. */
bool enc_full(const struct enc *e);

const uint8_t *enc_data(const struct enc *e, size_t *len);

/* --- decode.c --------------------------------------------------------------------------- */

struct dec;

struct dec *dec_new(void);
void dec_free(struct dec *d);

/*
 * Begin a block of @len bytes, borrowed until the next dec_begin(). @newer: the
 * file is of a newer minor version, so records may have fields that we do not
 * know behind those that we do.
 */
void dec_begin(struct dec *d, const void *data, size_t len, bool newer);

/*
 * Next event: 1 and *ev (valid until the next call), with *source for META; 0 at
 * the end of the block; -EBADMSG if a record is malformed. Events of unknown
 * kinds are stepped over and added to *unknown.
 */
int dec_next(struct dec *d, struct lk_event *ev, uint32_t *source, uint64_t *unknown);

#endif /* LK_CODEC_H */
