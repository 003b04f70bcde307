/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * CRC-32C (Castagnoli): the checksum of recordings. Reflected polynomial
 * 0x82f63b78, initial value and final XOR all ones; the CRC of "123456789" is
 * 0xe3069283.
 */
#ifndef LK_CRC32C_H
#define LK_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/*
 * CRC of @len bytes at @data, continuing from @crc: 0 to begin, or the result
 * for the bytes before. Uses the CPU's instruction where there is one.
 */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

/* The same by tables, on every CPU; crc32c() falls back to it. */
uint32_t crc32c_sw(uint32_t crc, const void *data, size_t len);

#endif /* LK_CRC32C_H */
