// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the hooks on lock functions did not get: the kernel counts how often it passed
 * over a program that was running already, a kprobe that was hit inside of another one,
 * and a return it had no room to note (maxactive of a kretprobe, nodes of a rethook).
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <string.h>

#include "hooks_priv.h"

/*
 * struct bpf_link_info as of Linux 6.7 (include/uapi/linux/bpf.h), the parts that have a
 * count of misses. Older kernels leave that zero, newer ones have more behind it.
 */
struct link_info {
	__u32 type, id, prog_id, pad;
	union {
		struct {
			__u64 addrs;
			__u32 count, flags;
			__u64 missed;
		} multi;		/* BPF_LINK_TYPE_KPROBE_MULTI */
		struct {
			__u32 type, pad;
			__u64 func_name;
			__u32 name_len, offset;
			__u64 addr, missed;
		} probe;		/* BPF_LINK_TYPE_PERF_EVENT, of these two types: */
	};
};
#define LINK_KPROBE	3u	/* BPF_PERF_EVENT_KPROBE */
#define LINK_KRETPROBE	4u	/* BPF_PERF_EVENT_KRETPROBE */

static uint64_t link_missed(const struct bpf_link *link)
{
	struct link_info info = { .type = 0 };
	__u32 len = sizeof(info);

	if (!link || bpf_obj_get_info_by_fd(bpf_link__fd(link), &info, &len))
		return 0;
	if (info.type == BPF_LINK_TYPE_KPROBE_MULTI)
		return info.multi.missed;
	if (info.type == BPF_LINK_TYPE_PERF_EVENT &&
	    (info.probe.type == LINK_KPROBE || info.probe.type == LINK_KRETPROBE))
		return info.probe.missed;
	return 0;
}

static uint64_t links_missed(const struct hooks *o)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; o->plan.mode == ORDER_MODE_MULTI && i < HOOKS_MULTI_NR; i++)
		sum += link_missed(o->multi[i]);
	for (i = 0; o->plan.mode == ORDER_MODE_KPROBE && i < LK_ROW_NR; i++)
		sum += link_missed(o->link[i].enter) + link_missed(o->link[i].leave);
	return sum;
}

uint64_t hooks_recursion(const struct hooks *o)
{
	/* Sending a record takes such a lock, inside of one of these. */
	const unsigned int sending = LK_ROW__raw_spin_lock_irqsave;
	uint64_t sum = links_missed(o), own;
	struct bpf_prog_info info;
	struct bpf_program *prog;
	unsigned int row;
	__u32 len;

	bpf_object__for_each_program(prog, o->skel->obj) {
		row = hooks_row_of_prog(bpf_program__name(prog));
		if (hooks_is_got(bpf_program__name(prog)))
			continue;	/* costs a hold time, which is counted when the hold ends */
		if (bpf_program__fd(prog) < 0)
			continue;
		if (row < LK_ROW_NR && order_is_release(row) && order_spins(order_fns[row].prim))
			continue;	/* missed in interrupts only: what those took was not followed, and counted */
		memset(&info, 0, sizeof(info));
		len = sizeof(info);
		if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			continue;
		own = row == sending ?
		      *(volatile uint32_t *)&o->skel->bss->row_sent[sending] : 0;
		sum += info.recursion_misses > own ? info.recursion_misses - own : 0;
	}
	return sum;
}
