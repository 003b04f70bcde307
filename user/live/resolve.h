/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From ids and addresses to the events that explain them: LK_EV_SYM, STACK,
 * CGROUP and LOCK. Each is emitted once, before the first row that needs it, so
 * that a recording carries every name it uses.
 */
#ifndef LK_RESOLVE_H
#define LK_RESOLVE_H

#include "../core/event.h"

struct percpu;
struct resolver;

struct resolver_maps {
	int stacks, stacks_alt, locks;	/* descriptors; stay the caller's */
	unsigned int stack_depth;
};

/* Reads /proc/kallsyms. 0 or -ENOMEM; unreadable symbols only leave addresses unnamed. */
int resolver_new(struct resolver **ret);

/* Tell where stacks and evidence lie and how per-CPU data is called; @percpu stays the caller's. */
void resolver_bind(struct resolver *r, const struct resolver_maps *maps, const struct percpu *percpu);
void resolver_free(struct resolver *r);

/* Address of a symbol of vmlinux, 0 if kallsyms does not have or show it. */
uint64_t resolver_symbol(const struct resolver *r, const char *name);

/* Each emits what has not been emitted yet. 0, or what the sink or malloc returned. */
int resolver_stack(struct resolver *r, const struct lk_sink *sink, uint32_t id);
int resolver_cgroup(struct resolver *r, const struct lk_sink *sink, uint64_t id);
/* @final: emit what is known even if the kernel side has no evidence (yet). */
int resolver_lock(struct resolver *r, const struct lk_sink *sink, uint64_t addr, bool final);

#endif /* LK_RESOLVE_H */
