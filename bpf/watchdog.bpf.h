/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The watchdog: when nobody reads any more, because user space was stopped or hangs,
 * the gate goes down by itself, and the hooks cost next to nothing until user space
 * comes back. Each object has one for its own gate, so that nothing on the hot path
 * knows of it. Included once per object, after WATCHDOG_GATE has been defined.
 *
 * A timer looks once a second whether user space has written its heartbeat since. It
 * counts looks, not time: when a virtual machine is halted, or the timer itself comes
 * late, nobody has missed anything. Programs of hooks may not have timers, and this one
 * is no hook: user space starts it by test_run. The timer dies with its map, so with
 * the process.
 */
#ifndef LK_WATCHDOG_BPF_H
#define LK_WATCHDOG_BPF_H

#define WATCHDOG_NS	(1000ull * 1000 * 1000)
#define WATCHDOG_LOOKS	5	/* so many without a heartbeat, and the gate goes down */

struct watchdog {
	struct bpf_timer timer;
};

/* Never full by construction. Writer: the kernel. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct watchdog);
} watchdogs SEC(".maps");

/* User space counts this up as long as it is well ... */
__u64 watchdog_beat;
/* ... and finds here when the gate went down (CLOCK_MONOTONIC); 0 = it did not. */
__u64 watchdog_bit_ns;

static __u64 watchdog_seen;	/* the heartbeat of the last look */
static __u32 watchdog_still;	/* looks since it moved */

static int watchdog_look(void *map, __u32 *key, struct watchdog *w)
{
	__u64 beat = *(volatile __u64 *)&watchdog_beat;

	(void)map;
	(void)key;
	if (beat != watchdog_seen) {
		watchdog_seen = beat;
		watchdog_still = 0;
	} else if (++watchdog_still >= WATCHDOG_LOOKS) {
		WATCHDOG_GATE = 0;
		watchdog_bit_ns = bpf_ktime_get_ns();
		return 0;	/* no more looks: user space starts it again */
	}
	bpf_timer_start(&w->timer, WATCHDOG_NS, 0);
	return 0;
}

/* Start, or start again after it has bitten: 0 or a negative error. */
SEC("?syscall")
int watchdog_start(void *ctx)
{
	struct watchdog *w;
	__u32 zero = 0;
	long err;

	(void)ctx;
	w = bpf_map_lookup_elem(&watchdogs, &zero);
	if (!w)
		return -1;
	err = bpf_timer_init(&w->timer, &watchdogs, CLOCK_MONOTONIC);
	if (err && err != -EBUSY)
		return err;
	watchdog_seen = watchdog_beat;
	watchdog_still = 0;
	watchdog_bit_ns = 0;
	err = bpf_timer_set_callback(&w->timer, watchdog_look);
	return err ? err : bpf_timer_start(&w->timer, WATCHDOG_NS, 0);
}

#endif /* LK_WATCHDOG_BPF_H */
