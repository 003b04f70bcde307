// SPDX-License-Identifier: GPL-2.0-only
/*
 * Histograms; see hist.h.
 *
 * Packed form: per bucket in use, ascending, a varint (7 bits per byte, low
 * first) of (distance from the previous bucket + 1) << 1 | more, followed by a
 * varint of n if `more` is set; otherwise n is 1. Distances start from
 * bucket -1. The packed bytes are always our own, so decoding trusts them.
 */
#include "hist.h"

#include <math.h>
#include <string.h>

#include "sat.h"

static uint8_t *put_varint(uint8_t *p, uint64_t v)
{
	while (v >= 0x80) {
		*p++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}

static const uint8_t *get_varint(const uint8_t *p, uint64_t *ret)
{
	uint64_t v = *p & 0x7f;
	unsigned int shift = 7;

	while (*p++ & 0x80) {
		v |= (uint64_t)(*p & 0x7f) << shift;
		shift += 7;
	}
	*ret = v;
	return p;
}

/* Next bucket at @p, where the previous one was *index - 1. */
static inline const uint8_t *get_bucket(const uint8_t *p, uint32_t *index, uint64_t *n)
{
	uint64_t v;

	p = get_varint(p, &v);
	*index += (uint32_t)(v >> 1);
	*n = 1;
	return v & 1 ? get_varint(p, n) : p;
}

/* @next = the previous bucket's index + 1; becomes this one's. */
static inline uint8_t *put_bucket(uint8_t *p, uint32_t *next, uint32_t index, uint64_t n)
{
	uint64_t v = (uint64_t)(index - *next) << 1;

	*next = index + 1;
	if (n == 1)
		return put_varint(p, v);
	return put_varint(put_varint(p, v | 1), n);
}

/* Buckets before the first and behind the last one of @add are copied as they are. */
size_t hist_merge(const uint8_t *old, size_t len, const struct lk_bucket *add, unsigned int nr,
		  uint8_t *out)
{
	const uint8_t *end = old + len, *from = old, *p;
	uint32_t index = 0, next = 0;
	uint8_t *to = out;
	uint64_t n;

	while (nr && !add->n) {
		add++;
		nr--;
	}
	while (nr && from < end) {
		index = next;
		p = get_bucket(from, &index, &n);
		if (index >= add->index)
			break;
		from = p;
		next = index + 1;
	}
	if (!nr)
		from = end;
	memcpy(to, old, (size_t)(from - old));
	to += from - old;
	index = next;		/* of the old ones; next: of the new ones */
	while (nr && from < end) {
		from = get_bucket(from, &index, &n);
		for (; nr && add->index < index; add++, nr--)
			if (add->n)
				to = put_bucket(to, &next, add->index, add->n);
		if (nr && add->index == index) {
			n = sat_add(n, add->n);
			add++;
			nr--;
		}
		to = put_bucket(to, &next, index++, n);
	}
	for (; nr; add++, nr--)
		if (add->n)
			to = put_bucket(to, &next, add->index, add->n);
	memcpy(to, from, (size_t)(end - from));
	return (size_t)(to - out) + (size_t)(end - from);
}

void hist_sum_init(struct hist_sum *s)
{
	memset(s, 0, sizeof(*s));
	s->lo = LK_HIST_BUCKETS;
}

void hist_sum_clear(struct hist_sum *s)
{
	if (s->lo < s->hi)
		memset(s->n + s->lo, 0, (s->hi - s->lo) * sizeof(s->n[0]));
	s->lo = LK_HIST_BUCKETS;
	s->hi = 0;
}

void hist_sum_add(struct hist_sum *s, const uint8_t *packed, size_t len)
{
	const uint8_t *end = packed + len;
	uint32_t index = 0;
	uint64_t n;

	while (packed < end) {
		packed = get_bucket(packed, &index, &n);
		s->n[index] = sat_add(s->n[index], n);
		if (index < s->lo)
			s->lo = index;
		index++;
	}
	if (index > s->hi)
		s->hi = index;
}

unsigned int hist_sum_list(const struct hist_sum *s, uint32_t *index, uint64_t *n)
{
	unsigned int nr = 0;
	uint32_t i;

	for (i = s->lo; i < s->hi; i++) {
		if (!s->n[i])
			continue;
		index[nr] = i;
		n[nr++] = s->n[i];
	}
	return nr;
}

/* Middle of a bucket: what is reported for everything in it. */
static uint64_t bucket_middle(uint32_t bucket)
{
	uint64_t lower = lk_hist_lower(bucket);

	return lower + (lk_hist_lower(bucket + 1) - 1 - lower) / 2;
}

uint64_t hist_quantile(const uint32_t *index, const uint64_t *n, unsigned int nr, double q,
		       uint64_t min_ns, uint64_t max_ns)
{
	uint64_t sum = 0, rank, value;
	unsigned int i;
	double want;

	if (!nr)
		return 0;
	for (i = 0; i < nr; i++)
		sum = sat_add(sum, n[i]);
	want = ceil(q * (double)sum);
	if (want < 1)
		rank = 1;
	else
		rank = want < (double)sum ? (uint64_t)want : sum;
	for (i = 0, sum = 0; i < nr - 1; i++) {
		sum = sat_add(sum, n[i]);
		if (sum >= rank)
			break;
	}
	value = bucket_middle(index[i]);
	if (value < min_ns)
		value = min_ns;
	return value > max_ns ? max_ns : value;
}
