// SPDX-License-Identifier: GPL-2.0-only
/*
 * Telling foreign files apart by how they begin, so that the user reads what he
 * gave and not just that it was wrong.
 */
#include "foreign.h"

#include <stdbool.h>
#include <string.h>

#define WHAT_TO_GIVE "give a file made by 'lockscope record -o FILE'"

struct signature {
	const char *bytes;
	size_t len;
	const char *what;
};

#define SIG(bytes, what) { bytes, sizeof(bytes) - 1, what }

static const struct signature signatures[] = {
	SIG("\x89LKS", "it was changed on its way, as by a transfer as text; copy it again as binary"),
	SIG("\x7f" "ELF", "it is a program or library (ELF); " WHAT_TO_GIVE),
	SIG("\x1f\x8b", "it is compressed with gzip; use 'gzip -dc FILE | lockscope report -'"),
	SIG("\x28\xb5\x2f\xfd", "it is compressed with zstd; use 'zstd -dc FILE | lockscope report -'"),
	SIG("\xfd" "7zXZ", "it is compressed with xz; use 'xz -dc FILE | lockscope report -'"),
	SIG("BZh", "it is compressed with bzip2; use 'bzip2 -dc FILE | lockscope report -'"),
	SIG("PERFILE2", "it is a recording of perf; use 'perf report' for it, or " WHAT_TO_GIVE),
	SIG("PERFFILE", "it is a recording of perf; use 'perf report' for it, or " WHAT_TO_GIVE),
	SIG("\x17\x08\x44tracing", "it is a recording of trace-cmd; use 'trace-cmd report' for it, or "
	    WHAT_TO_GIVE),
	SIG("PK\x03\x04", "it is a zip archive; unpack it first"),
};

static bool all_zero(const uint8_t *p, size_t len)
{
	while (len && !*p) {
		p++;
		len--;
	}
	return !len;
}

/* No control characters but white space and escape (colours); UTF-8 is not looked into. */
static bool is_text(const uint8_t *p, size_t len)
{
	for (; len; p++, len--)
		if ((*p < 0x20 && !strchr("\t\n\v\f\r\x1b", *p)) || !*p || *p == 0x7f)
			return false;
	return true;
}

const char *foreign_describe(const uint8_t *p, size_t len)
{
	size_t i;

	if (!len)
		return "it is empty; the trace may have ended before anything was written, record again";
	for (i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++)
		if (len >= signatures[i].len && !memcmp(p, signatures[i].bytes, signatures[i].len))
			return signatures[i].what;
	if (all_zero(p, len))
		return "it begins with zeros; its contents were lost, copy it again or record again";
	if (is_text(p, len))
		return "it is text; " WHAT_TO_GIVE;
	return "it begins like no file that we know; " WHAT_TO_GIVE;
}
