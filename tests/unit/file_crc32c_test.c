// SPDX-License-Identifier: GPL-2.0-only
/*
 * CRC-32C: known values, and table and instruction against the definition, bit
 * by bit, for every length and alignment that matters.
 */
#include "../../user/base/crc32c.h"

#include "../lib/tap.h"

static uint32_t by_definition(const uint8_t *p, size_t n)
{
	uint32_t crc = ~0u;
	int bit;

	while (n--)
		for (crc ^= *p++, bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
	return ~crc;
}

static void test_known_values(void)
{
	uint8_t zero[32] = { 0 }, ones[32], up[32];
	unsigned int i;

	for (i = 0; i < 32; i++) {
		ones[i] = 0xff;
		up[i] = (uint8_t)i;
	}
	is_int(crc32c(0, "123456789", 9), 0xe3069283, "check value");
	is_int(crc32c_sw(0, "123456789", 9), 0xe3069283, "check value, by tables");
	is_int(crc32c(0, zero, 32), 0x8a9136aa, "RFC 3720: 32 zeros");
	is_int(crc32c(0, ones, 32), 0x62a8ab43, "RFC 3720: 32 ones");
	is_int(crc32c(0, up, 32), 0x46dd794e, "RFC 3720: ascending");
	is_int(crc32c(0, "", 0), 0, "nothing");
}

static void test_against_definition(void)
{
	uint64_t rng = tap_seed(1);
	unsigned int off, bad = 0;
	uint8_t buf[300];
	size_t n;

	for (n = 0; n < sizeof(buf); n++)
		buf[n] = (uint8_t)tap_random(&rng);
	for (off = 0; off < 9; off++) {
		for (n = 0; n + off <= 280; n++) {
			uint32_t want = by_definition(buf + off, n), cut = (uint32_t)(n / 3);

			bad += crc32c(0, buf + off, n) != want;
			bad += crc32c_sw(0, buf + off, n) != want;
			bad += crc32c(crc32c(0, buf + off, cut), buf + off + cut, n - cut) != want;
			bad += crc32c_sw(crc32c(0, buf + off, cut), buf + off + cut, n - cut) != want;
		}
	}
	is_int(bad, 0, "every length at every alignment, whole and in two parts");
}

int main(void)
{
	test_known_values();
	test_against_definition();
	return done_testing();
}
