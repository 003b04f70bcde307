/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From ids and addresses to the events that explain them: LK_EV_SYM, STACK,
 * CGROUP and LOCK. Each is emitted once, before the first row that needs it, so
 * that a recording carries every name it uses.
 */
#ifndef LK_RESOLVE_H
#define LK_RESOLVE_H

#include "../core/event.h"

struct inits;
struct ksym;
struct members;
struct percpu;
struct resolver;

struct resolver_maps {
	int stacks, stacks_alt, locks;	/* descriptors; stay the caller's */
	unsigned int stack_depth;
};

/* Reads /proc/kallsyms. 0 or -ENOMEM; unreadable symbols only leave addresses unnamed. */
int resolver_new(struct resolver **ret);

/*
 * Tell where stacks and evidence lie, how per-CPU data is called and what structs are in slab
 * caches; @percpu and @members stay the caller's.
 */
void resolver_bind(struct resolver *r, const struct resolver_maps *maps, const struct percpu *percpu,
		   struct members *members);
/* Whom to ask for what locks were called where they were initialised; stays the caller's. */
void resolver_bind_inits(struct resolver *r, const struct inits *inits);
void resolver_free(struct resolver *r);

/* Address of a symbol of vmlinux, 0 if kallsyms does not have or show it. */
uint64_t resolver_symbol(const struct resolver *r, const char *name);

/* First byte of a function of vmlinux and the one behind its last; zeros if it is not known. */
void resolver_span(const struct resolver *r, const char *name, uint64_t *start, uint64_t *end);

/* As ksyms_find_func(): the function @base or what the compiler made of it. */
bool resolver_func(const struct resolver *r, const char *base, struct ksym *ret);

/* As ksyms_lookup(): what @addr lies in; valid until resolver_poll(). */
bool resolver_lookup(const struct resolver *r, uint64_t addr, struct ksym *ret);

/*
 * Static data that @addr lies in: "symbol" or "symbol+0xoff" in @buf, and its module
 * in *module ("" = vmlinux), valid until resolver_poll(). False if it is in none.
 */
bool resolver_data(const struct resolver *r, uint64_t addr, char *buf, size_t size,
		   const char **module);

/*
 * If modules came or went: read kallsyms again, which takes some 100 ms. *changed says
 * whether they did since the last call, also if resolver_text() was the first to notice.
 * 0 or -ENOMEM. Call it before records that may name new modules are passed on.
 */
int resolver_poll(struct resolver *r, bool *changed);

/*
 * Read the kernel's symbols again: our own programs and what leads to them have some once
 * they are attached, and stacks that are walked inside of them begin there. 0 or -errno; then the old ones stay.
 */
int resolver_reload(struct resolver *r);

/* LK_EV_SYM for a text address; again when its module was replaced by another. */
int resolver_text(struct resolver *r, const struct lk_sink *sink, uint64_t addr);

/* LK_EV_STACK for these addresses, at most LK_ORDER_STACK, under an id of user space, *id. */
int resolver_frames(struct resolver *r, const struct lk_sink *sink, const uint64_t *addr,
		    unsigned int nr, uint32_t *id);

/* Each emits what has not been emitted yet. 0, or what the sink or malloc returned. */
int resolver_stack(struct resolver *r, const struct lk_sink *sink, uint32_t id);
int resolver_cgroup(struct resolver *r, const struct lk_sink *sink, uint64_t id);
/* @final: emit what is known even if the kernel side has no evidence (yet). */
int resolver_lock(struct resolver *r, const struct lk_sink *sink, uint64_t addr, bool final);

#endif /* LK_RESOLVE_H */
