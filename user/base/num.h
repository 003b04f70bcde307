/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Numbers from and for people. Parsing is strict: the whole string must be the
 * number, without blanks, signs or garbage. All parsers return 0, -EINVAL (not
 * such a number) or -ERANGE (outside of [min, max]) and write *ret only on
 * success.
 */
#ifndef LK_NUM_H
#define LK_NUM_H

#include <stddef.h>
#include <stdint.h>

/* Decimal. */
int num_parse_u64(const char *s, uint64_t min, uint64_t max, uint64_t *ret);
int num_parse_u32(const char *s, uint32_t min, uint32_t max, uint32_t *ret);

/* Decimal, with an optional suffix K, M or G (or k, m, g): times 2^10, 2^20, 2^30. */
int num_parse_size(const char *s, uint64_t min, uint64_t max, uint64_t *ret);

/*
 * A duration: "10", "0.5", "10s", "250ms", "2m" (minutes), also "us" and "ns";
 * seconds without a unit. The result is in ns, rounded down.
 */
int num_parse_duration(const char *s, uint64_t min_ns, uint64_t max_ns, uint64_t *ret_ns);

/* "0x" and one to 16 hexadecimal digits. */
int num_parse_addr(const char *s, uint64_t *ret);

/*
 * A duration with its unit, at most 9 columns: whole ns below one us, else two
 * decimals, rounded half up ("1.23 ms", "999.99 us", "1.50 m", "3.00 h"); days
 * from 24 h on, whole ones from 10000 on. @buf has NUM_NS_SIZE bytes; returns it.
 */
#define NUM_NS_SIZE	24
char *num_format_ns(char *buf, uint64_t ns);

#endif /* LK_NUM_H */
