/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The stack id of a waiting task, mostly without walking its stack.
 *
 * A walk costs more than all the rest of a wait's bookkeeping. So after a walk we
 * note at which places of the kernel stack its return addresses lie, and next
 * time, at the same depth, compare what is there now. If all are the same, it is
 * the same stack: each return address fixes the frame size of the function it
 * returns into, and with it the place of the next one, all the way up. Where a
 * value occurs at several places all of them are compared, so the true one is
 * among them. Stacks that leave the task's own kernel stack (interrupts), are
 * too deep, or hold a frame that we do not find are always walked.
 *
 * One hit in STACK_CHECK_EVERY is walked as well; if it disagrees, the entry is
 * dropped and STACK_CACHE counted.
 */
#ifndef LK_STACK_BPF_H
#define LK_STACK_BPF_H

#define STACK_WAYS		128	/* entries per CPU; a power of two */
#define STACK_PLACES		40	/* places compared per entry */
#define STACK_FRAMES		32	/* frames looked for */
#define STACK_WORDS		384	/* words searched, from our own frame up */
#define STACK_CHECK_EVERY	256
#define THREAD_SIZE		16384	/* x86-64 without KASAN; larger only means fewer hits */

struct stack_entry {
	__u64 depth;			/* of our frame below the top of the stack */
	__u32 stack;			/* its id */
	__u32 nr;			/* places; 0 = empty */
	__u32 hits;
	__u32 low[STACK_PLACES];	/* low half of the return address there */
	__u16 off[STACK_PLACES];	/* from our frame, in words */
};

struct stack_cpu {
	struct stack_entry entry[STACK_WAYS];
	__u64 fp;
	__u64 frame[STACK_FRAMES];
	__u64 word[STACK_WORDS];
	/* state of the search */
	struct stack_entry *into;
	__u32 nr_frames, next;
};

/* Writer: the CPU, in task context. An entry is overwritten by the next that wants its place. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct stack_cpu);
} stack_cache SEC(".maps");

static __always_inline __u32 stack_walk(void *ctx)
{
	long id = bpf_get_stackid(ctx, &stacks, 0);

	if (id >= 0)
		return id;
	if (id == -EEXIST) {
		id = bpf_get_stackid(ctx, &stacks_alt, 1);
		if (id >= 0)
			return (__u32)id | LK_STACK_ALT;
		stat_inc(id == -EEXIST ? LK_STAT_STACK_COLLISION : LK_STAT_STACK_FAULT);
	} else {
		stat_inc(LK_STAT_STACK_FAULT);
	}
	return LK_STACK_NONE;
}

static __always_inline bool stack_same(const struct stack_entry *e, __u64 fp, __u64 depth)
{
	__u32 i;

	if (!e->nr || e->depth != depth)
		return false;
	for (i = 0; i < STACK_PLACES; i++) {
		if (i >= e->nr)
			return true;
		if ((__u32)peek(refcount_struct, fp + e->off[i] * 8ull, refs.counter) != e->low[i])
			return false;
	}
	return true;
}

/* One word of the stack: is it one of the walk's return addresses? */
static long stack_note_word(__u32 i, struct stack_cpu **arg)
{
	struct stack_cpu *sc = *arg;
	struct stack_entry *e;
	__u64 word;
	__u32 f, n;

	if (i >= STACK_WORDS)
		return 1;
	word = sc->word[i];
	if (word >> 31 != 0x1ffffffffull)	/* not in the kernel's or a module's text */
		return 0;
	for (f = 1; f < STACK_FRAMES; f++) {
		if (f >= sc->nr_frames)
			return 0;
		if (sc->frame[f] == word)
			break;
	}
	if (f >= STACK_FRAMES)
		return 0;
	e = &sc->entry[sc->next >> 16 & (STACK_WAYS - 1)];
	n = e->nr;
	if (n >= STACK_PLACES) {
		sc->nr_frames = 0;		/* too many: give up */
		return 1;
	}
	e->off[n] = i;
	e->low[n] = word;
	e->nr = n + 1;
	if (f == (sc->next & 0xffff))
		sc->next++;
	return 0;
}

