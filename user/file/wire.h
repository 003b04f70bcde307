/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers as bytes: fixed-width little-endian ones for headers, and varints
 * (LEB128: 7 bits a byte, lowest first, top bit = more follows) for records.
 * Signed differences are zigzag coded: 0, -1, 1, -2 ... as 0, 1, 2, 3 ...
 *
 * Writing assumes room (encode.c proves it); reading never passes the end.
 */
#ifndef LK_WIRE_H
#define LK_WIRE_H

#include <stdbool.h>
#include <stdint.h>

static inline void put_le(uint8_t *p, uint64_t v, unsigned int bytes)
{
	while (bytes--) {
		*p++ = (uint8_t)v;
		v >>= 8;
	}
}

static inline uint64_t get_le(const uint8_t *p, unsigned int bytes)
{
	uint64_t v = 0;

	while (bytes--)
		v = v << 8 | p[bytes];
	return v;
}

#define WIRE_VARINT_MAX 10

static inline uint8_t *put_varint(uint8_t *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (uint8_t)v | 0x80;
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}

/* A stretch of bytes still to be read. */
struct wire_in {
	const uint8_t *p, *end;
};

/* False at the end of the stretch, or if the number needs more than 64 bits. */
static inline bool get_varint(struct wire_in *in, uint64_t *ret)
{
	unsigned int shift;
	uint64_t v = 0;

	for (shift = 0; in->p < in->end && shift < 64; shift += 7) {
		uint8_t b = *in->p++;

		if (shift == 63 && b > 1)
			return false;
		v |= (uint64_t)(b & 0x7f) << shift;
		if (b < 0x80) {
			*ret = v;
			return true;
		}
	}
	return false;
}

static inline bool get_varint32(struct wire_in *in, uint32_t *ret)
{
	uint64_t v;

	if (!get_varint(in, &v) || v > UINT32_MAX)
		return false;
	*ret = (uint32_t)v;
	return true;
}

/* Differences are taken modulo 2^64, so every pair of values has one. */
static inline uint64_t zigzag(uint64_t diff)
{
	return diff << 1 ^ (0 - (diff >> 63));
}

static inline uint64_t unzigzag(uint64_t v)
{
	return v >> 1 ^ (0 - (v & 1));
}

#endif /* LK_WIRE_H */
