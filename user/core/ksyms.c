// SPDX-License-Identifier: GPL-2.0-only
/*
 * Table of kernel symbols; see ksyms.h.
 *
 * A symbol ends where the next one of another address begins, but: if that is
 * more than 16 MiB away or belongs to another module, it ends with its page. So
 * an address in a hole (freed module, trampoline) gets no wrong name. Data of a
 * module may go on for as many pages as the module has besides those in which its
 * symbols begin: more it cannot be. Data of the init sections is not looked up:
 * that memory was freed and is something else now.
 *
 * Of several symbols at one address the first in this order names it: global,
 * local, what is no object of its own (the linker's marks "__sched_text_start",
 * "__key.0"), and as they came.
 */
#include "ksyms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/htab.h"
#include "../base/vec.h"
#include "symclass.h"

#define SIZE_MAX_BYTES	(UINT64_C(16) << 20)
#define PAGE_BYTES	UINT64_C(4096)
#define LINE_BYTES	1024u

enum rank { RANK_GLOBAL, RANK_LOCAL, RANK_MARK };

struct sym {
	uint64_t addr;
	uint32_t name;		/* offset in names */
	uint16_t module;	/* index in modules; 0 = vmlinux */
	uint8_t rank;		/* enum rank */
	uint8_t data;		/* not text */
};

_Static_assert(sizeof(struct sym) == 16, "a quarter of a million of these");

struct module {
	uint32_t name;		/* offset in names */
	uint32_t more_pages;	/* of its memory, those in which no symbol begins */
	uint64_t bytes;		/* all of its memory; 0 = not known */
};

struct span {
	uint64_t start, end;
};

struct ksyms {
	VEC(struct sym) sym;
	VEC(char) names;
	VEC(struct module) module;
	uint16_t last_module;
	uint64_t modules_hash;	/* of the lines of modules */
	bool any_addr;		/* an address was not zero */
	bool skip;		/* in the rest of a line that is too long */
	size_t nr_line;
	char line[LINE_BYTES];	/* beginning of a line whose end has not come */
	struct span sched, lock, init;
};

struct ksyms *ksyms_new(void)
{
	struct ksyms *k = calloc(1, sizeof(*k));

	if (!k)
		return NULL;
	/* Offset 0 is "", and module 0, vmlinux, has that name. */
	if (vec_push(&k->names, '\0') || vec_push(&k->module, (struct module){ 0 })) {
		ksyms_free(k);
		return NULL;
	}
	return k;
}

void ksyms_free(struct ksyms *k)
{
	if (!k)
		return;
	vec_free(&k->sym);
	vec_free(&k->names);
	vec_free(&k->module);
	free(k);
}

/* --- parsing ------------------------------------------------------------------------------ */

static int add_name(struct ksyms *k, const char *s, size_t len, uint32_t *off)
{
	if (len + 1 > UINT32_MAX - k->names.nr)
		return -EBADMSG;
	if (vec_reserve(&k->names, len + 1))
		return -ENOMEM;
	*off = (uint32_t)k->names.nr;
	memcpy(k->names.v + k->names.nr, s, len);
	k->names.v[k->names.nr + len] = '\0';
	k->names.nr += len + 1;
	return 0;
}

static bool is_name(const struct ksyms *k, uint32_t off, const char *s, size_t len)
{
	const char *have = k->names.v + off;

	return !strncmp(have, s, len) && !have[len];
}

/* Symbols of one module come together, so that the last module is nearly always the right one. */
static int find_module(struct ksyms *k, const char *s, size_t len, uint16_t *ret)
{
	uint32_t off;
	size_t i;
	int err;

	if (is_name(k, k->module.v[k->last_module].name, s, len)) {
		*ret = k->last_module;
		return 0;
	}
	for (i = 1; i < k->module.nr; i++)
		if (is_name(k, k->module.v[i].name, s, len))
			goto found;
	if (i > UINT16_MAX)
		return -EBADMSG;
	err = add_name(k, s, len, &off);
	if (err)
		return err;
	if (vec_push(&k->module, (struct module){ .name = off }))
		return -ENOMEM;
found:
	*ret = k->last_module = (uint16_t)i;
	return 0;
}

static bool has_prefix(const char *s, size_t len, const char *prefix)
{
	size_t n = strlen(prefix);

	return len >= n && !memcmp(s, prefix, n);
}

static bool has_suffix(const char *s, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len >= n && !memcmp(s + len - n, suffix, n);
}

static bool is_mark(const char *s, size_t len)
{
	if (s[0] != '_')
		return false;
	/* A lock_class_key, which is empty without lockdep: then the next variable is at its address. */
	if (has_prefix(s, len, "__key."))
		return true;
	return has_suffix(s, len, "_start") || has_suffix(s, len, "_end") ||
	       has_prefix(s, len, "__start_") || has_prefix(s, len, "__stop_") ||
	       has_prefix(s, len, "__end_") || has_suffix(s, len, "_begin") ||
	       (len <= 8 && (has_prefix(s, len, "_text") || has_prefix(s, len, "_stext") ||
			     has_prefix(s, len, "_etext") || has_prefix(s, len, "_sdata") ||
			     has_prefix(s, len, "_edata") || has_prefix(s, len, "_sinit") ||
			     has_prefix(s, len, "_einit")));
}

/* The marks that tell lock code, and what is freed after boot, from the rest. */
static void note_mark(struct ksyms *k, const char *s, size_t len, uint64_t addr)
{
	const struct {
		const char *name;
		uint64_t *at;
	} mark[] = {
		{ "__sched_text_start", &k->sched.start }, { "__sched_text_end", &k->sched.end },
		{ "__lock_text_start", &k->lock.start }, { "__lock_text_end", &k->lock.end },
		{ "__init_begin", &k->init.start }, { "__init_end", &k->init.end },
	};
	size_t i;

	for (i = 0; i < sizeof(mark) / sizeof(mark[0]); i++)
		if (strlen(mark[i].name) == len && !memcmp(s, mark[i].name, len))
			*mark[i].at = addr;
}

/* Hexadecimal digits at @p: how many (0 if more than 16). */
static size_t parse_hex(const char *p, const char *end, uint64_t *ret)
{
	uint64_t v = 0;
	const char *s;

	for (s = p; s < end; s++) {
		unsigned int d = (unsigned char)*s;

		if (d - '0' <= 9)
			d -= '0';
		else if ((d | 0x20) - 'a' <= 5)
			d = (d | 0x20) - 'a' + 10;
		else
			break;
		v = v << 4 | d;
	}
	*ret = v;
	return s - p > 16 ? 0 : (size_t)(s - p);
}

/* BPF programs, and trampolines of ftrace and kprobes ("[__builtin__ftrace]"), come and go with any tracer. */
static bool is_no_module(const char *name, size_t len)
{
	return (len == 3 && has_prefix(name, len, "bpf")) || has_prefix(name, len, "__builtin__");
}

static void hash_line(struct ksyms *k, const char *p, size_t len)
{
	uint64_t hash[2] = { k->modules_hash, htab_hash(p, len) };

	k->modules_hash = htab_hash(hash, sizeof(hash));
}

/* "ffffffff81000000 T name\t[module]", without the newline. */
static int add_line(struct ksyms *k, const char *p, size_t len)
{
	const char *end = p + len, *name, *tab;
	struct sym s = { 0 };
	size_t n, name_len;
	char type;
	int err;

	n = parse_hex(p, end, &s.addr);
	if (!n || len < n + 4 || p[n] != ' ' || p[n + 2] != ' ' || memchr(p, '\0', len))
		return 0;
	type = p[n + 1];
	name = p + n + 3;
	tab = memchr(name, '\t', (size_t)(end - name));
	name_len = (size_t)((tab ? tab : end) - name);
	if (!name_len)
		return 0;
	if (tab && end - tab > 3 && tab[1] == '[' && end[-1] == ']') {
		err = find_module(k, tab + 2, (size_t)(end - tab) - 3, &s.module);
		if (err)
			return err;
		if (!is_no_module(tab + 2, (size_t)(end - tab) - 3))
			hash_line(k, p, len);
	}
	s.data = !strchr("tTwW", type);
	s.rank = type >= 'A' && type <= 'Z' ? RANK_GLOBAL : RANK_LOCAL;
	if (is_mark(name, name_len)) {
		s.rank = RANK_MARK;
		note_mark(k, name, name_len, s.addr);
	}
	k->any_addr |= s.addr != 0;
	err = add_name(k, name, name_len, &s.name);
	return err ? err : vec_push(&k->sym, s);
}

/* A piece of a line; @whole: it ends here. */
static int add_piece(struct ksyms *k, const char *p, size_t len, bool whole)
{
	int err = 0;

	if (whole && !k->nr_line && !k->skip)
		return add_line(k, p, len);
	if (len > LINE_BYTES - k->nr_line)
		k->skip = true;
	if (!k->skip) {
		memcpy(k->line + k->nr_line, p, len);
		k->nr_line += len;
	}
	if (whole) {
		if (!k->skip)
			err = add_line(k, k->line, k->nr_line);
		k->nr_line = 0;
		k->skip = false;
	}
	return err;
}

int ksyms_feed(struct ksyms *k, const char *buf, size_t len)
{
	const char *end = buf + len, *eol;
	int err = 0;

	for (; buf < end && !err; buf = eol + 1) {
		eol = memchr(buf, '\n', (size_t)(end - buf));
		if (!eol)
			return add_piece(k, buf, (size_t)(end - buf), false);
		err = add_piece(k, buf, (size_t)(eol - buf), true);
	}
	return err;
}

int ksyms_module(struct ksyms *k, const char *name, uint64_t bytes)
{
	uint16_t i;
	int err = find_module(k, name, strlen(name), &i);

	if (!err && i)
		k->module.v[i].bytes = bytes;
	return err;
}

/* Names lie in the order in which they came, so that this is a total order. */
static int compare(const void *va, const void *vb)
{
	const struct sym *a = va, *b = vb;

	if (a->addr != b->addr)
		return a->addr < b->addr ? -1 : 1;
	if (a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	return a->name < b->name ? -1 : a->name > b->name;
}

/* No two modules share a page, and symbols are sorted. */
static void count_pages(struct ksyms *k)
{
	uint64_t page, last = UINT64_MAX;
	struct module *m;
	size_t i;

	for (i = 1; i < k->module.nr; i++) {
		page = k->module.v[i].bytes / PAGE_BYTES;
		k->module.v[i].more_pages = page < UINT32_MAX ? (uint32_t)page : UINT32_MAX;
	}
	for (i = 0; i < k->sym.nr; i++) {
		page = k->sym.v[i].addr / PAGE_BYTES;
		m = &k->module.v[k->sym.v[i].module];
		if (page != last && m->more_pages)
			m->more_pages--;
		last = page;
	}
}

int ksyms_finish(struct ksyms *k)
{
	size_t i;
	int err = 0;

	if (k->nr_line || k->skip)
		err = add_piece(k, "", 0, true);
	for (i = 1; i < k->sym.nr; i++)
		if (compare(&k->sym.v[i - 1], &k->sym.v[i]) > 0)
			break;
	if (i < k->sym.nr)
		qsort(k->sym.v, k->sym.nr, sizeof(k->sym.v[0]), compare);
	count_pages(k);
	return err;
}

/* --- looking up --------------------------------------------------------------------------- */

/* Index behind the last symbol that begins at or before @addr. */
static size_t upper_bound(const struct ksyms *k, uint64_t addr)
{
	size_t lo = 0, hi = k->sym.nr;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (k->sym.v[mid].addr <= addr)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint64_t size_of(const struct ksyms *k, const struct sym *s, size_t next)
{
	uint64_t most = PAGE_BYTES - s->addr % PAGE_BYTES, gap;

	if (s->data)
		most += k->module.v[s->module].more_pages * PAGE_BYTES;
	if (most > SIZE_MAX_BYTES)
		most = SIZE_MAX_BYTES;
	if (next == k->sym.nr)
		return most;
	gap = k->sym.v[next].addr - s->addr;
	if (gap > SIZE_MAX_BYTES || k->sym.v[next].module != s->module)
		return gap < most ? gap : most;
	return gap;
}

static unsigned int flags_of(const struct ksyms *k, const struct sym *s)
{
	const char *name = k->names.v + s->name, *module = k->names.v + k->module.v[s->module].name;
	size_t len = strlen(name);
	unsigned int flags = s->data ? KSYM_DATA : 0;

	if ((s->addr >= k->sched.start && s->addr < k->sched.end) ||
	    (s->addr >= k->lock.start && s->addr < k->lock.end))
		flags |= KSYM_LOCK_TEXT;
	if (!strcmp(module, "bpf") || has_prefix(name, len, "bpf_prog_") ||
	    has_prefix(name, len, "bpf_trampoline_"))
		flags |= KSYM_BPF;
	return flags;
}

static bool lookup(const struct ksyms *k, uint64_t addr, bool data_only, struct ksym *ret)
{
	size_t next = upper_bound(k, addr), first = next;
	const struct sym *s;
	uint64_t size;

	if (!k->any_addr || !next)
		return false;
	/* The first of those at the same address is the preferred one; see compare(). */
	while (first && k->sym.v[first - 1].addr == k->sym.v[next - 1].addr)
		first--;
	if (data_only && addr >= k->init.start && addr < k->init.end)
		return false;
	if (data_only)
		while (first < next && !k->sym.v[first].data)
			first++;
	if (first == next)
		return false;
	s = &k->sym.v[first];
	size = size_of(k, s, next);
	if (addr - s->addr >= size)
		return false;
	*ret = (struct ksym){
		.name = k->names.v + s->name,
		.module = k->names.v + k->module.v[s->module].name,
		.start = s->addr,
		.size = (uint32_t)size,
		.off = (uint32_t)(addr - s->addr),
		.flags = flags_of(k, s),
	};
	return true;
}

bool ksyms_lookup(const struct ksyms *k, uint64_t addr, struct ksym *ret)
{
	return lookup(k, addr, false, ret);
}

bool ksyms_lookup_data(const struct ksyms *k, uint64_t addr, struct ksym *ret)
{
	return lookup(k, addr, true, ret);
}

uint64_t ksyms_find(const struct ksyms *k, const char *name)
{
	const struct sym *best = NULL, *s;
	size_t i;

	for (i = 0; i < k->sym.nr; i++) {
		s = &k->sym.v[i];
		if (strcmp(k->names.v + s->name, name))
			continue;
		if (!best || (best->module && !s->module) ||
		    (!best->module == !s->module && s->rank < best->rank))
			best = s;
	}
	return best ? best->addr : 0;
}

/* How well does a function's name fit? 0: not at all; 2: exactly. */
static unsigned int fits(const char *name, const char *base, size_t len)
{
	if (strncmp(name, base, len))
		return 0;
	if (!name[len])
		return 2;
	return name[len] == '.' && symclass_base_len(name) == len && !strstr(name + len, ".cold") &&
	       !strstr(name + len, ".part.");
}

bool ksyms_find_func(const struct ksyms *k, const char *base, struct ksym *ret)
{
	unsigned int fit, best = 0;
	size_t len = strlen(base), i;
	const struct sym *s;

	for (i = 0; i < k->sym.nr; i++) {
		s = &k->sym.v[i];
		if (s->data || !s->addr)
			continue;
		fit = fits(k->names.v + s->name, base, len);
		if (!fit || 2 * fit + !s->module <= best)
			continue;
		best = 2 * fit + !s->module;
		*ret = (struct ksym){
			.name = k->names.v + s->name,
			.module = k->names.v + k->module.v[s->module].name,
			.start = s->addr,
			.flags = flags_of(k, s),
		};
	}
	return best != 0;
}

uint64_t ksyms_modules_hash(const struct ksyms *k)
{
	return k->modules_hash;
}

size_t ksyms_nr(const struct ksyms *k)
{
	return k->sym.nr;
}

bool ksyms_hidden(const struct ksyms *k)
{
	return k->sym.nr && !k->any_addr;
}
