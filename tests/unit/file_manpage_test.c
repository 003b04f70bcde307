// SPDX-License-Identifier: GPL-2.0-only
/*
 * lockscope.lks(5) keeps up with the code: it has every kind of event, field,
 * definition, counter and rule, and the numbers of the format.
 */
#include "../../bpf/abi.h"
#include "../../user/file/codec.h"
#include "../../user/file/format.h"
#include "../lib/rec.h"
#include "../lib/tap.h"

static char page[65536];

static bool load(void)
{
	FILE *f = fopen("user/man/lockscope.lks.5", "r");
	size_t n;

	if (!f)
		return false;
	n = fread(page, 1, sizeof(page) - 1, f);
	fclose(f);
	return n > 0;
}

/* The part of the page from @from up to @to, or to its end; "" if there is none. */
static const char *part(const char *from, const char *to)
{
	static char buf[sizeof(page)];
	const char *p = strstr(page, from), *end = p ? strstr(p + 1, to) : NULL;
	size_t n = p ? end ? (size_t)(end - p) : strlen(p) : 0;

	memcpy(buf, p ? p : "", n);
	buf[n] = 0;
	return buf;
}

/*
 * Names of an event's fields, as ev_text() prints them, must be words of its
 * section or of the shared parts.
 */
static void test_event(unsigned int kind)
{
	static const uint64_t addr;
	static const struct lk_bucket bucket;
	struct lk_event ev;
	char *text, *word, *save, head[32], shared[sizeof(page)];
	const char *section;
	unsigned int missing = 0;

	memset(&ev, 0, sizeof(ev));
	ev.kind = kind;
	switch (kind) {		/* no string may be NULL */
	case LK_EV_META: ev.meta = (struct lk_ev_meta){ "", "", "", "", "", "", "", 0, 0, 0, 0 }; break;
	case LK_EV_COVERAGE: ev.coverage = (struct lk_ev_coverage){ "", "", "", "", 0 }; break;
	case LK_EV_SYM: ev.sym = (struct lk_ev_sym){ 0, "", "", 0, 0, 0 }; break;
	case LK_EV_STACK: ev.stack.addr = &addr; break;
	case LK_EV_CGROUP: ev.cgroup.path = ""; break;
	case LK_EV_LOCK: ev.lock = (struct lk_ev_lock){ .symbol = "" }; break;
	case LK_EV_CONT: case LK_EV_HELD: ev.cont.comm = ""; ev.cont.agg.hist = &bucket; break;
	case LK_EV_OWNER: ev.owner.comm = ""; ev.owner.agg.hist = &bucket; break;
	case LK_EV_WAIT: case LK_EV_WAITING: case LK_EV_HOLD: ev.wait.comm = ev.wait.owner_comm = ""; break;
	case LK_EV_CLASS: ev.class = (struct lk_ev_class){ .name = "" }; break;
	case LK_EV_ORDER: ev.order.comm = ""; break;
	case LK_EV_ODD: ev.odd.comm = ""; break;
	case LK_EV_WATCH: ev.watch = (struct lk_ev_watch){ 0, 0, "", "", "" }; break;
	case LK_EV_REPORT:
		ev.report = (struct lk_ev_report){ 0, 0, 0, 0, 0, 0, 0, 0, "", "", "", "", "", "", "", 0, NULL };
		break;
	default: break;
	}
	text = ev_text(&ev);
	snprintf(head, sizeof(head), ".SS %u %.*s\n", kind, (int)strcspn(text, " "), text);
	strcpy(shared, part(".SS Definitions", ".SH EVENTS"));
	section = part(head, ".S");
	ok(*section, "event %u has a section: %.*s", kind, (int)strcspn(text, " "), text);
	strtok_r(text, " ", &save);
	while ((word = strtok_r(NULL, " ", &save))) {
		word[strcspn(word, "=")] = 0;
		/* A span is two fields; n and nr are the counts of what follows. */
		if (!strcmp(word, "start_ns") || !strcmp(word, "dur_ns") || !strncmp(word, "nr", 2))
			continue;
		if (!strstr(section, word) && !strstr(shared, word)) {
			printf("# %s is missing\n", word);
			missing++;
		}
	}
	is_int(missing, 0, "... with all its fields");
	free(text);
}

/* Is @n in the section, as a word with another behind it? */
static bool has_number(const char *section, unsigned int n)
{
	char want[16];
	const char *p;

	snprintf(want, sizeof(want), "%u ", n);
	for (p = strstr(section, want); p; p = strstr(p + 1, want))
		if (p > section && strchr(" \t\n", p[-1]))
			return true;
	return false;
}

static void test_numbers(const char *what, const char *section, unsigned int nr)
{
	unsigned int i;

	for (i = 1; i < nr; i++)
		ok(has_number(section, i), "%s %u is there", what, i);
	ok(!has_number(section, nr), "... and no more");
}

static void test_limits(void)
{
	static const struct { unsigned long value; const char *text; } table[] = {
		{ LKS_BLOCK_MAX, "at most %lu (2^20)" },
		{ LKS_BLOCK_TARGET, "its payload reaches %lu bytes" },
		{ LKS_STRINGS_MAX, "A table has at most %lu entries" },
		{ LK_PARTS_MAX, "at most %lu, and" },
		{ LK_PARTS_BYTES_MAX, "at most %lu bytes, the bytes 0" },
		{ LKS_STR_MAX, "1 to %lu bytes" },
		{ LK_STACK_DEPTH_MAX, "at most %lu, and" },
		{ LK_HELD_MAX, "at most %lu, and" },
		{ LK_HIST_BUCKETS, "number of buckets that follow, at most %lu" },
		{ LKS_HDR_SZ, "size of the header in bytes: %lu in version" },
		{ LKS_HDR_SZ_MAX, "at most %lu\n" },
		{ LKS_REC_STRING, ".B %lu STRING" },
		{ LKS_REC_KEY, ".B %lu KEY" },
		{ LKS_REC_OWNER, ".B %lu OWNER" },
	};
	char want[64];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const char *at = strstr(table[i].text, "%lu");

		snprintf(want, sizeof(want), "%.*s%lu%s", (int)(at - table[i].text), table[i].text,
			 table[i].value, at + 3);
		ok(strstr(page, want), "\"%.*s\"", (int)strcspn(want, "\n"), want);
	}
	snprintf(want, sizeof(want), "format version %d.%d\n", LKS_MAJOR, LKS_MINOR);
	ok(strstr(page, want), "the version is %d.%d", LKS_MAJOR, LKS_MINOR);
	ok(LKS_KEYS_MAX == LKS_STRINGS_MAX && LKS_OWNERS_MAX == LKS_STRINGS_MAX, "all tables have one limit");
}

int main(void)
{
	unsigned int kind;

	if (!load()) {
		skip("no user/man/lockscope.lks.5 here; run from the top of the source");
		return done_testing();
	}
	for (kind = 1; kind < LK_EV_NR; kind++) {
		ok(codec_fields(kind), "event %u can be coded", kind);
		test_event(kind);
	}
	ok(!codec_fields(0) && !codec_fields(LK_EV_NR), "... and no other");
	test_numbers("counter", part("Counters:", ".SS"), LK_STAT_NR);
	test_numbers("rule", part("rule	varint	what it is", "flags"), LK_RULE_NR);
	test_limits();
	return done_testing();
}
