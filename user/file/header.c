// SPDX-License-Identifier: GPL-2.0-only
/*
 * The file header (format.h). What is read of it before its checksum (magic, byte
 * order, size) and the places of both version numbers and of the feature bits
 * hold for every version to come, so that any reader can say what it has met.
 */
#include "header.h"

#include <errno.h>
#include <string.h>

#include "../base/crc32c.h"
#include "../base/diag.h"
#include "../base/input.h"
#include "foreign.h"
#include "wire.h"

/* The 32 hexadecimal digits of a boot id as 16 bytes; all zero if it is not one. */
static void put_boot_id(uint8_t *p, const char *s)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t id[16] = { 0 };
	unsigned int nr = 0;

	for (; s && *s; s++) {
		const char *d = strchr(digits, *s);

		if (*s == '-')
			continue;
		if (!d || nr >= 32)
			return;
		id[nr / 2] = (uint8_t)(id[nr / 2] << 4 | (d - digits));
		nr++;
	}
	if (nr == 32)
		memcpy(p, id, sizeof(id));
}

void header_fill(uint8_t *h, const char *boot_id)
{
	memset(h, 0, LKS_HDR_SZ);
	memcpy(h + LKS_HDR_MAGIC_OFF, LKS_MAGIC, LKS_MAGIC_SZ);
	put_le(h + LKS_HDR_ENDIAN_OFF, LKS_ENDIAN, 4);
	put_le(h + LKS_HDR_SIZE_OFF, LKS_HDR_SZ, 4);
	put_le(h + LKS_HDR_MAJOR_OFF, LKS_MAJOR, 2);
	put_le(h + LKS_HDR_MINOR_OFF, LKS_MINOR, 2);
	put_boot_id(h + LKS_HDR_BOOT_ID_OFF, boot_id);
	put_le(h + LKS_HDR_SZ - 4, crc32c(0, h, LKS_HDR_SZ - 4), 4);
}

static int damaged(const char *name, struct diag *why)
{
	return diag_set(why, -EBADMSG, "'%s' is a recording whose header is damaged; copy it again from "
			"where it was made, or record again", name);
}

static int check_version(const uint8_t *h, const char *name, bool *newer, struct diag *why)
{
	unsigned int major = (unsigned int)get_le(h + LKS_HDR_MAJOR_OFF, 2);
	unsigned int minor = (unsigned int)get_le(h + LKS_HDR_MINOR_OFF, 2);
	uint64_t unknown = get_le(h + LKS_HDR_INCOMPAT_OFF, 8) & ~LKS_INCOMPAT;

	if (major != LKS_MAJOR)
		return diag_set(why, -EBADMSG, "'%s' has version %u.%u of the format, and this lockscope "
				"reads version %u.%u; use %s one", name, major, minor, LKS_MAJOR,
				LKS_MINOR, major > LKS_MAJOR ? "a newer" : "an older");
	if (unknown)
		return diag_set(why, -EBADMSG, "'%s' (format version %u.%u) needs features (0x%llx) that "
				"this lockscope (version %u.%u) does not have; use a newer one", name,
				major, minor, (unsigned long long)unknown, LKS_MAJOR, LKS_MINOR);
	*newer = minor > LKS_MINOR;
	return 0;
}

/* The first @len bytes of the file are all there is of a header; what can be said? */
static int check_short(const uint8_t *h, size_t len, const char *name, struct diag *why)
{
	size_t cmp = len < LKS_MAGIC_SZ ? len : LKS_MAGIC_SZ;

	if (!len || memcmp(h, LKS_MAGIC, cmp))
		return diag_set(why, -EBADMSG, "'%s' is not a recording: %s", name, foreign_describe(h, len));
	return diag_set(why, -EBADMSG, "'%s' is a recording that is cut off inside its header; "
			"copy it again, or record again", name);
}

int header_check(struct input *in, const char *name, bool *newer, struct diag *why)
{
	size_t size, avail = input_need(in, LKS_HDR_SZ);
	const uint8_t *h = input_data(in);
	int err;

	if (in->err)
		return diag_errno(why, in->err, "cannot read '%s'", name);
	if (avail < LKS_HDR_SZ || memcmp(h, LKS_MAGIC, LKS_MAGIC_SZ))
		return check_short(h, avail < 512 ? avail : 512, name, why);
	size = (size_t)get_le(h + LKS_HDR_SIZE_OFF, 4);
	if (get_le(h + LKS_HDR_ENDIAN_OFF, 4) != LKS_ENDIAN || size < LKS_HDR_SZ ||
	    size > LKS_HDR_SZ_MAX || input_need(in, size) < size)
		return damaged(name, why);
	h = input_data(in);
	if (get_le(h + size - 4, 4) != crc32c(0, h, size - 4))
		return damaged(name, why);
	err = check_version(h, name, newer, why);
	if (!err)
		input_skip(in, size);
	return err;
}
