// SPDX-License-Identifier: GPL-2.0-only
/* The table of kernel symbols. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../../user/core/ksyms.h"
#include "../lib/tap.h"

static const char text[] =
	"0000000000000000 A fixed_percpu_data\n"
	"0000000000000000 A __per_cpu_start\n"
	"0000000000021740 d runqueues\n"
	"ffffffff81000000 T _stext\n"
	"ffffffff81000000 T startup_64\n"
	"ffffffff81000000 T _text\n"
	"ffffffff81000100 t local_first\n"
	"ffffffff81000100 T global_alias\n"
	"ffffffff81000100 T global_second\n"
	"ffffffff81000180 W weak_function\n"
	"ffffffff81001000 T __sched_text_start\n"
	"ffffffff81001000 t __schedule\n"
	"ffffffff81001200 T schedule\n"
	"ffffffff81001300 T __sched_text_end\n"
	"ffffffff81001300 T after_sched\n"
	"ffffffff81001400 T __lock_text_start\n"
	"ffffffff81001400 T _raw_spin_lock\n"
	"ffffffff81001480 T __lock_text_end\n"
	"ffffffff81001480 T after_lock\n"
	"ffffffff82100000 D tasklist_lock\n"
	"ffffffff82100040 d dup\n"
	"ffffffff82100080 D dup\n"
	"ffffffff821000c0 B _end\n"
	"ffffffff83100000 D __init_begin\n"
	"ffffffff83100000 d boot_only_lock\n"
	"ffffffff83101000 D __init_end\n"
	"this line is not a symbol\n"
	"\n"
	"ffffffffffffffffff T seventeen_digits\n"
	"ffffffff81000500 T\n"
	"ffffffffc0200010 t second_mod_fn\t[second]\n"
	"ffffffffc0100000 t mod_fn\t[first]\n"
	"ffffffffc0100080 d mod_lock\t[first]\n"
	"ffffffffc0100090 t tasklist_lock\t[first]\n"
	"ffffffffc0300000 t bpf_prog_6deef7357e7b4530_begin\t[bpf]\n"
	"ffffffffc0300800 t bpf_trampoline_123\n"
	"ffffffffc0400000 t last\t[second]";

static const struct {
	uint64_t addr;
	const char *name, *module;	/* NULL: nothing there */
	uint32_t off, size;
	unsigned int flags;
	const char *what;
} lookup[] = {
	{ 0xffffffff81000000, "startup_64", "", 0, 0x100, 0, "a function before the marks at its address" },
	{ 0xffffffff810000ff, "startup_64", "", 0xff, 0x100, 0, "its last byte" },
	{ 0xffffffff81000100, "global_alias", "", 0, 0x80, 0, "the first global of several names" },
	{ 0xffffffff81000190, "weak_function", "", 0x10, 0xe80, 0, "weak symbols are text" },
	{ 0xffffffff81001000, "__schedule", "", 0, 0x200, KSYM_LOCK_TEXT, "scheduler text, local" },
	{ 0xffffffff810012ff, "schedule", "", 0xff, 0x100, KSYM_LOCK_TEXT, "the end of scheduler text" },
	{ 0xffffffff81001300, "after_sched", "", 0, 0x100, 0, "behind it" },
	{ 0xffffffff81001410, "_raw_spin_lock", "", 0x10, 0x80, KSYM_LOCK_TEXT, "lock text" },
	{ 0xffffffff81001480, "after_lock", "", 0, 0xb80, 0, "behind it, up to the page's end: a gap" },
	{ 0xffffffff81002000, NULL, NULL, 0, 0, 0, "in the gap" },
	{ 0xffffffff82100000, "tasklist_lock", "", 0, 0x40, KSYM_DATA, "data" },
	{ 0xffffffff8210003f, "tasklist_lock", "", 0x3f, 0x40, KSYM_DATA, "inside of data" },
	{ 0xffffffff830ff000, "_end", "", 0xffef40, 0xffff40, KSYM_DATA, "almost 16 MiB of bss" },
	{ 0xffffffffc0100010, "mod_fn", "first", 0x10, 0x80, 0, "a module, sorted" },
	{ 0xffffffffc0100085, "mod_lock", "first", 5, 0x10, KSYM_DATA, "data of a module" },
	{ 0xffffffffc0100fff, "tasklist_lock", "first", 0xf6f, 0xf70, 0, "a module ends with its page" },
	{ 0xffffffffc0101000, NULL, NULL, 0, 0, 0, "behind a module" },
	{ 0xffffffffc0200010, "second_mod_fn", "second", 0, 0xff0, 0, "another module" },
	{ 0xffffffffc0300000, "bpf_prog_6deef7357e7b4530_begin", "bpf", 0, 0x800, KSYM_BPF, "a BPF program" },
	{ 0xffffffffc0300900, "bpf_trampoline_123", "", 0x100, 0x800, KSYM_BPF, "a trampoline" },
	{ 0xffffffffc0400fff, "last", "second", 0xfff, 0x1000, 0, "the last symbol, without a newline" },
	{ 0xffffffffc0401000, NULL, NULL, 0, 0, 0, "behind the last symbol" },
	{ 0xffffffffffffffff, NULL, NULL, 0, 0, 0, "the last address" },
	{ 0x21780, "runqueues", "", 0x40, 0x8c0, KSYM_DATA, "an offset in the per-CPU area" },
	{ 0x40000000, NULL, NULL, 0, 0, 0, "a user address" },
};

/* Feed in chunks of @chunk bytes (0: random). */
static struct ksyms *feed(const char *s, size_t len, size_t chunk, uint64_t *seed)
{
	struct ksyms *k = ksyms_new();
	size_t n;
	int err = 0;

	for (; len && !err; s += n, len -= n) {
		n = chunk ? chunk : 1 + tap_random(seed) % 50;
		n = n < len ? n : len;
		err = ksyms_feed(k, s, n);
	}
	if (err || ksyms_finish(k)) {
		ksyms_free(k);
		return NULL;
	}
	return k;
}

static void test_lookup(void)
{
	static const size_t chunk[] = { sizeof(text), 1, 7, 64, 0 };
	uint64_t seed = tap_seed(7);
	struct ksyms *k;
	struct ksym s;
	size_t i, c;
	bool found;

	for (c = 0; c < sizeof(chunk) / sizeof(chunk[0]); c++) {
		k = feed(text, sizeof(text) - 1, chunk[c], &seed);
		is_int(ksyms_nr(k), 33, "chunks of %zu: every symbol and nothing else", chunk[c]);
		for (i = 0; i < sizeof(lookup) / sizeof(lookup[0]); i++) {
			found = ksyms_lookup(k, lookup[i].addr, &s);
			if (!found || !lookup[i].name) {
				ok(found == !!lookup[i].name, "%s", lookup[i].what);
				continue;
			}
			ok(!strcmp(s.name, lookup[i].name) && !strcmp(s.module, lookup[i].module) &&
			   s.off == lookup[i].off && s.size == lookup[i].size &&
			   s.flags == lookup[i].flags && s.start == lookup[i].addr - s.off,
			   "%s: %s+0x%x/0x%x [%s] %u", lookup[i].what, s.name, s.off, s.size, s.module,
			   s.flags);
		}
		ok(ksyms_lookup_data(k, 0xffffffff82100041, &s), "data by address");
		is_str(s.name, "dup", "has its name");
		ok(!ksyms_lookup_data(k, 0xffffffff81000000, &s), "text is not data");
		ok(!ksyms_lookup_data(k, 0xffffffff83100010, &s), "freed init data is not looked up");
		ok(ksyms_lookup(k, 0xffffffff83100010, &s), "but is a symbol");
		ok(!ksyms_hidden(k), "addresses are not hidden");
		ksyms_free(k);
	}
}

/* A module of 5 pages: text, data and bss of a symbol each, and two pages without any. */
static void test_module_size(void)
{
	static const char modules[] =
		"ffffffffc0100000 t fn\t[big]\n"
		"ffffffffc0101000 d locks\t[big]\n"
		"ffffffffc0108000 t neighbour_fn\t[near]\n"
		"ffffffffc0108800 d neighbour\t[near]\n"
		"ffffffffc010a000 d top\t[big]\n";
	static const struct {
		const char *module;
		uint64_t bytes, addr;
		const char *name;	/* NULL: nothing there */
		const char *what;
	} c[] = {
		{ "big", 0x5000, 0xffffffffc0101fff, "locks", "an array in its first page" },
		{ "big", 0x5000, 0xffffffffc0103fff, "locks", "as far as the module has pages" },
		{ "big", 0x5000, 0xffffffffc0104000, NULL, "but no farther" },
		{ "big", 0x5000, 0xffffffffc010cfff, "top", "so too the last symbol of all" },
		{ "big", 0x5000, 0xffffffffc010d000, NULL, "and no farther" },
		{ "big", 0x5000, 0xffffffffc0109000, NULL, "another module has no more of it" },
		{ "big", 0x1000000000, 0xffffffffc0107fff, "locks", "up to the next module" },
		{ "big", 0x1000000000, 0xffffffffc0108800, "neighbour", "which has its own" },
		{ "big", 0x3000, 0xffffffffc0102000, NULL, "no page is left" },
		{ "big", 1, 0xffffffffc0102000, NULL, "fewer pages than have symbols" },
		{ "near", 0x5000, 0xffffffffc0102000, NULL, "a size that is not known" },
		{ "near", 0x2000, 0xffffffffc0109abc, "neighbour", "the neighbour's" },
		{ "gone", 0x5000, 0xffffffffc0102000, NULL, "a module without symbols" },
		{ "", 0x5000, 0xffffffffc0102000, NULL, "vmlinux is none" },
		{ "big", 0x5000, 0xffffffffc0100fff, "fn", "text ends with its page" },
	};
	static const char keys[] =
		"ffffffffc0100000 b __key.0\t[m]\nffffffffc0100000 b __key.1\t[m]\n"
		"ffffffffc0100000 b pairs\t[m]\n";
	struct ksyms *k;
	struct ksym s;
	bool found;
	size_t i;

	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
		k = ksyms_new();
		ksyms_feed(k, modules, sizeof(modules) - 1);
		is_int(ksyms_module(k, c[i].module, c[i].bytes), 0, "%s: told", c[i].what);
		ksyms_finish(k);
		found = ksyms_lookup(k, c[i].addr, &s);
		ok(found == !!c[i].name && (!found || !strcmp(s.name, c[i].name)), "%s", c[i].what);
		ksyms_free(k);
	}
	k = ksyms_new();
	ksyms_feed(k, "ffffffffc0100000 t fn\t[m]\nffffffffc0103000 t last\t[m]\n", 52);
	ksyms_module(k, "m", 0x9000);
	ksyms_finish(k);
	ok(!ksyms_lookup(k, 0xffffffffc0104000, &s), "text does not go on: trampolines may be there");
	ksyms_free(k);
	k = feed(keys, sizeof(keys) - 1, 100, NULL);
	ok(ksyms_lookup_data(k, 0xffffffffc0100008, &s), "behind empty keys");
	is_str(s.name, "pairs", "the array at their address, not they");
	ksyms_free(k);
}

static void test_find(void)
{
	static const struct {
		const char *name;
		uint64_t addr;
	} c[] = {
		{ "schedule", 0xffffffff81001200 }, { "__sched_text_start", 0xffffffff81001000 },
		{ "tasklist_lock", 0xffffffff82100000 },	/* of vmlinux, not of the module */
		{ "dup", 0xffffffff82100080 },			/* the global one */
		{ "mod_lock", 0xffffffffc0100080 }, { "runqueues", 0x21740 },
		{ "local_first", 0xffffffff81000100 }, { "sched", 0 }, { "", 0 }, { "schedul", 0 },
		{ "seventeen_digits", 0 },
	};
	struct ksyms *k = feed(text, sizeof(text) - 1, 100, NULL);
	size_t i;

	for (i = 0; i < sizeof(c) / sizeof(c[0]); i++)
		is_int(ksyms_find(k, c[i].name), c[i].addr, "find \"%s\"", c[i].name);
	ksyms_free(k);
}

static void test_hidden(void)
{
	static const char hidden[] = "0000000000000000 T schedule\n0000000000000000 D jiffies\n";
	struct ksyms *k = feed(hidden, sizeof(hidden) - 1, 100, NULL);
	struct ksym s;

	ok(ksyms_hidden(k), "all addresses zero: hidden");
	is_int(ksyms_nr(k), 2, "though there are symbols");
	ok(!ksyms_lookup(k, 0, &s), "nothing is looked up");
	is_int(ksyms_find(k, "schedule"), 0, "nothing is found");
	ksyms_free(k);
	k = feed("", 0, 1, NULL);
	ok(!ksyms_hidden(k) && !ksyms_nr(k), "an empty text hides nothing");
	ok(!ksyms_lookup(k, 0xffffffff81000000, &s), "and has nothing");
	ksyms_free(k);
	ksyms_free(NULL);
}

static void test_hostile(void)
{
	uint64_t seed = tap_seed(8);
	char *buf = malloc(100000);
	struct ksyms *k;
	struct ksym s;
	size_t round, i, len;

	memset(buf, 'x', 100000);
	memcpy(buf, "ffffffff81000000 T ", 19);
	buf[50000] = '\n';
	memcpy(buf + 50001, "ffffffff81000000 T fine\n", 24);
	k = feed(buf, 100000, 999, NULL);
	is_int(ksyms_nr(k), 1, "a line too long is skipped, the next one is not");
	ok(ksyms_lookup(k, 0xffffffff81000004, &s) && !strcmp(s.name, "fine"), "and has its name");
	ksyms_free(k);
	for (round = 0; round < 300; round++) {
		len = tap_random(&seed) % 2000;
		memcpy(buf, text, sizeof(text) < len ? sizeof(text) : len);
		for (i = 0; i < len; i++)
			if (!(tap_random(&seed) % 20))
				buf[i] = (char)tap_random(&seed);
		k = feed(buf, len, 0, &seed);
		for (i = 0; k && i < 100; i++)
			if (ksyms_lookup(k, tap_random(&seed) | 0xffffffff80000000, &s))
				len += strlen(s.name) + strlen(s.module);
		ksyms_free(k);
	}
	ok(true, "garbage does no harm");
	free(buf);
}

static uint64_t hash_of(const char *lines)
{
	struct ksyms *k = ksyms_new();
	uint64_t hash;

	ksyms_feed(k, lines, strlen(lines));
	hash = ksyms_modules_hash(k);
	ksyms_free(k);
	return hash;
}

static void test_modules_hash(void)
{
	static const char kernel[] = "ffffffff81000000 T _stext\n";
	static const char one[] = "ffffffffc0100000 t mod_fn\t[first]\nffffffffc0100010 t mod_init\t[first]\n";
	char with[256];

	snprintf(with, sizeof(with), "%s%s", kernel, one);
	ok(hash_of(with) == hash_of(with), "modules: equal for equal texts");
	ok(hash_of(with) != hash_of(kernel), "modules: another one with a module");
	ok(hash_of(with) == hash_of(one), "modules: what the kernel itself has does not matter");
	ok(hash_of("ffffffffc0100000 t mod_fn\t[first]\n") != hash_of(one), "modules: a symbol less");
	ok(hash_of("ffffffffc0200000 t mod_fn\t[first]\nffffffffc0200010 t mod_init\t[first]\n") != hash_of(one),
	   "modules: another place");
	snprintf(with, sizeof(with), "%s%s", one, "ffffffffc0300000 t bpf_prog_x\t[bpf]\n"
		 "ffffffffc0400000 t ftrace_trampoline\t[__builtin__ftrace]\n");
	ok(hash_of(with) == hash_of(one), "modules: programs and trampolines of tracers are none");
}

int main(void)
{
	test_lookup();
	test_module_size();
	test_find();
	test_hidden();
	test_hostile();
	test_modules_hash();
	return done_testing();
}
