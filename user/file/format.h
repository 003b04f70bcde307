/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The layout of a recording (.lks) on disk; its prose twin, complete enough to
 * write another reader from, is user/man/lockscope.lks.5. Everything is
 * little-endian and is read and written byte by byte, never through a struct.
 *
 *	header | EVENTS block | EVENTS block | ... | END block
 *
 * Every number here is on disk: append only, never reuse.
 */
#ifndef LK_FORMAT_H
#define LK_FORMAT_H

#include <stdint.h>

#include "../../bpf/abi.h"

#define LKS_MAGIC	"\x89LKS\r\n\x1a\n"	/* shows transfers as text */
#define LKS_MAGIC_SZ	8
#define LKS_ENDIAN	0x01020304u
#define LKS_MAJOR	1	/* older readers would misread */
#define LKS_MINOR	1	/* older readers miss something, but read the rest right */
#define LKS_INCOMPAT	0ull	/* feature bits that this version knows */

/* File header. The CRC is in its last four bytes, whatever its size. */
enum lks_hdr {
	LKS_HDR_MAGIC_OFF	= 0,
	LKS_HDR_ENDIAN_OFF	= 8,	/* u32 */
	LKS_HDR_SIZE_OFF	= 12,	/* u32, CRC included */
	LKS_HDR_MAJOR_OFF	= 16,	/* u16 */
	LKS_HDR_MINOR_OFF	= 18,	/* u16 */
	LKS_HDR_COMPAT_OFF	= 24,	/* u64 */
	LKS_HDR_INCOMPAT_OFF	= 32,	/* u64 */
	LKS_HDR_UUID_OFF	= 40,	/* 16 bytes, zero = none */
	LKS_HDR_BOOT_ID_OFF	= 56,	/* 16 bytes, zero = not known */
	LKS_HDR_SZ		= 80,
	LKS_HDR_SZ_MAX		= 4096,
};

/* Block header. Its own CRC is its last field: so a length can be trusted before it is used. */
#define LKS_SYNC	0x424b4c8bu	/* 8b 'L' 'K' 'B' */
enum lks_blk {
	LKS_BLK_SYNC_OFF	= 0,	/* u32 */
	LKS_BLK_TYPE_OFF	= 4,	/* u16, enum lks_block_type */
	LKS_BLK_VERSION_OFF	= 6,	/* u16, of the payload's layout */
	LKS_BLK_FLAGS_OFF	= 8,	/* u32 */
	LKS_BLK_LEN_OFF		= 12,	/* u32, of the payload */
	LKS_BLK_SEQ_OFF		= 16,	/* u32, 0, 1, 2, ... */
	LKS_BLK_PAYLOAD_CRC_OFF	= 20,	/* u32 */
	LKS_BLK_CRC_OFF		= 28,	/* u32, of the 28 bytes before */
	LKS_BLK_SZ		= 32,
};

#define LKS_BLOCK_MAX		(1u << 20)	/* payload bytes; longer = damage */
#define LKS_BLOCK_TARGET	(1u << 17)	/* a writer closes a block from here on */
#define LKS_BLOCK_VERSION	1
#define LKS_FLAGS_MUST		0xffff0000u	/* a block with an unknown one of these is skipped */

enum lks_block_type {
	LKS_BLOCK_EVENTS	= 1,
	LKS_BLOCK_END		= 2,
};

/* END block: events and blocks before it, and its own offset in the file. */
enum lks_end {
	LKS_END_EVENTS_OFF	= 0,	/* u64 */
	LKS_END_OFFSET_OFF	= 8,	/* u64 */
	LKS_END_SZ		= 16,
};

/*
 * Records in an EVENTS block: kind (u8), length of the rest (varint), the rest.
 * Kinds below LKS_REC_AUX are events, enum lk_ev_kind; the others define what
 * later records of the same block refer to.
 */
enum lks_rec {
	LKS_REC_AUX	= 128,
	LKS_REC_STRING	= 128,
	LKS_REC_KEY	= 129,	/* who waits for or holds what: of CONT, WAIT, WAITING, HELD, HOLD */
	LKS_REC_OWNER	= 130,	/* who holds it: of WAIT, WAITING, HOLD */
};

/* Limits that readers may rely on. Index 0 of each table is predefined: "" or all zero. */
#define LKS_STRINGS_MAX		8192	/* per block */
#define LKS_KEYS_MAX		8192
#define LKS_OWNERS_MAX		8192
#define LKS_STR_MAX		4096	/* bytes without the NUL; a writer cuts longer ones */
/*
 * The most one event can take, with all that it defines: eight strings, and a
 * histogram, a stack, or the parts of a report. A block is never longer than its target
 * plus this.
 */
#define LKS_EVENT_MAX		(1u << 19)

LK_STATIC_ASSERT(8 * (LKS_STR_MAX + 8) + LK_HIST_BUCKETS * 12 + LK_STACK_DEPTH_MAX * 10 + 1024 <
		 LKS_EVENT_MAX, "an event may not fit");
LK_STATIC_ASSERT((LK_HELD_MAX + 1) * (4 * 10 + 4 * 5) + LKS_STR_MAX + 8 + 256 < LKS_EVENT_MAX,
		 "an order may not fit");
LK_STATIC_ASSERT(LKS_BLOCK_TARGET + LKS_EVENT_MAX <= LKS_BLOCK_MAX, "a block may not fit");

#endif /* LK_FORMAT_H */
