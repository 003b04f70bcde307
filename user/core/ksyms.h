/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel symbols from the text of /proc/kallsyms, which its caller reads and
 * feeds in chunks of any size. Compact: some 40 bytes per symbol.
 */
#ifndef LK_KSYMS_H
#define LK_KSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ksym_flags {
	KSYM_DATA	= 1 << 0,	/* else text */
	KSYM_LOCK_TEXT	= 1 << 1,	/* in the text section of locks or of the scheduler */
	KSYM_BPF	= 1 << 2,	/* BPF program, trampoline or dispatcher */
};

struct ksym {
	const char *name;	/* these two are valid until ksyms_free() */
	const char *module;	/* "" = vmlinux */
	uint64_t start;
	uint32_t size;		/* up to the next symbol, bounded; see ksyms.c */
	uint32_t off;		/* of the address asked for */
	unsigned int flags;	/* enum ksym_flags */
};

struct ksyms;

/* NULL when out of memory. */
struct ksyms *ksyms_new(void);
void ksyms_free(struct ksyms *k);

/*
 * The next bytes of the text. Lines that are not symbols are skipped. 0 or
 * -ENOMEM; -EBADMSG for a text without end (4 GiB of names).
 */
int ksyms_feed(struct ksyms *k, const char *buf, size_t len);

/*
 * The module @name has @bytes of memory, its sections all taken together (second column
 * of /proc/modules); how far its last variables may reach is known by that. To be told
 * before ksyms_finish(). 0 or as ksyms_feed().
 */
int ksyms_module(struct ksyms *k, const char *name, uint64_t bytes);

/* End of the text; only now the rest can be used. 0 or -ENOMEM. */
int ksyms_finish(struct ksyms *k);

/* The symbol that @addr lies in; false (and *ret untouched) when there is none. */
bool ksyms_lookup(const struct ksyms *k, uint64_t addr, struct ksym *ret);
/* The same, among data symbols only. */
bool ksyms_lookup_data(const struct ksyms *k, uint64_t addr, struct ksym *ret);

/*
 * Address of a symbol, 0 if there is none (or its address is hidden). Of several
 * of that name: one of vmlinux, a global one, the lowest, in this order. Takes
 * a millisecond.
 */
uint64_t ksyms_find(const struct ksyms *k, const char *name);

/*
 * The function @base, or one that the compiler derived from it (base.isra.0); the
 * function itself before those, vmlinux before modules. Not what was cut off from
 * one (.cold, .part.0). False (and *ret untouched) when there is none.
 */
bool ksyms_find_func(const struct ksyms *k, const char *base, struct ksym *ret);

/*
 * Of all symbols of modules, in their order: equal for equal texts. The text is not of one moment: a module whose
 * init function ends while it is read, gets another table of symbols under its reader, who may miss some (6.1
 * kernel/module/main.c, do_init_module(): "kallsyms may be walking!"). Two texts that agree are whole.
 */
uint64_t ksyms_modules_hash(const struct ksyms *k);

/* Number of symbols; their addresses are all zero (kptr_restrict, no privilege)? */
size_t ksyms_nr(const struct ksyms *k);
bool ksyms_hidden(const struct ksyms *k);

#endif /* LK_KSYMS_H */
