// SPDX-License-Identifier: GPL-2.0-only
/*
 * Function names of lock code and of tracing machinery; see symclass.h. Most of
 * the former also lies in the kernel's own text sections for it (LK_SYM_LOCK);
 * this table covers what does not, and recordings without these flags.
 */
#include "symclass.h"

#include <string.h>

/* A '*' at the end stands for anything, also nothing. */
static const char *const lock_names[] = {
	"mutex_lock*", "__mutex_lock*", "mutex_spin_on_owner", "mutex_optimistic_spin",
	"ww_mutex_lock*", "__ww_mutex*", "atomic_dec_and_mutex_lock", "refcount_dec_and_mutex_lock",
	"down", "down_*", "__down", "__down_*", "rwsem_*", "__rwsem_*",
	"percpu_down*", "__percpu_down*", "percpu_rwsem_*",
	"mutex_unlock", "__mutex_unlock*", "ww_mutex_unlock", "up_read", "up_read_non_owner", "up_write",
	"downgrade_write", "percpu_up_*",
	"rt_mutex_*", "__rt_mutex_*", "rtlock*", "__rtlock*", "rt_spin_*", "__rt_spin_*",
	"rt_read_*", "rt_write_*", "rwbase_*", "task_blocks_on_rt_mutex",
	"_raw_spin_*", "__raw_spin_*", "do_raw_spin_*",
	"_raw_read_*", "__raw_read_*", "do_raw_read_*",
	"_raw_write_*", "__raw_write_*", "do_raw_write_*",
	"queued_*", "native_queued_*", "pv_queued_*", "__pv_queued_*",
	"__raw_callee_save___pv_queued_*", "virt_spin_lock", "osq_*", "lockref_*",
	"resilient_queued_*", "resilient_tas_*", "rqspinlock_*",
	"_atomic_dec_and_lock*", "_atomic_dec_and_raw_lock*", "refcount_dec_and_lock*",
	"lock_acquire", "lock_contended", "lock_acquired", "__lock_acquire",
	"schedule", "__schedule", "schedule_timeout*", "schedule_hrtimeout*",
	"schedule_preempt_disabled", "schedule_rtlock*", "io_schedule*", "preempt_schedule*",
};

static const char *const tracer_names[] = {
	"__traceiter_*", "__bpf_trace_*", "bpf_trace_run*", "bpf_prog_*", "bpf_trampoline_*",
	"__bpf_prog_enter*", "__bpf_prog_exit*", "bpf_dispatcher_*", "bpf_get_stack*",
	"__bpf_get_stack*", "stack_trace_save*", "get_perf_callchain", "perf_callchain_kernel",
	"trace_call_bpf", "perf_trace_contention*", "trace_event_raw_event_contention*",
	"trace_contention_*", "ftrace_trampoline*", "kprobe_ftrace_handler", "arch_stack_walk",
};

static const char *const wrapper_names[] = {
	"device_lock*", "regmap_lock_*", "i2c_adapter_lock_bus", "clk_prepare_lock", "clk_enable_lock",
	"dma_resv_lock*", "drm_modeset_lock*", "modeset_lock", "lock_two_*", "inode_lock*",
	"lock_sock_nested", "__lock_sock*", "release_sock", "sk_*lock*", "kernfs_get_active",
	"add_wait_queue*", "remove_wait_queue", "prepare_to_wait*", "finish_wait", "__wake_up*",
	"wake_up_*", "swake_up_*", "prepare_to_swait*", "finish_swait", "complete*",
	"wait_for_completion*", "do_wait_*", "autoremove_wake_function", "bit_wait*",
	"skb_queue_*", "skb_dequeue*", "skb_unlink", "skb_append", "__skb_*",
	"lockref_*", "percpu_counter_*", "__percpu_counter_*", "percpu_ref_*", "list_lru_*",
	"sbitmap_*", "__sbitmap_*", "klist_*", "kfifo_*", "ida_*", "idr_*", "xa_*", "__xa_*",
	"ratelimit*", "___ratelimit", "lock_timer_base", "__mod_timer*", "add_timer*",
	"hrtimer_*", "try_to_wake_up", "task_rq_lock", "up", "down_trylock", "seq_*", "mempool_*",
	"dma_pool_*", "gen_pool_*", "refcount_dec_and_*", "_atomic_dec_and_*", "rhashtable_*",
	"__rhashtable_*", "dma_fence_*", "srcu_*", "__srcu_*", "kthread_queue_*", "queue_work_on",
	"__queue_work",
};

static const char *const suffixes[] = { ".constprop.", ".isra.", ".part.", ".cold", ".llvm." };

size_t symclass_base_len(const char *name)
{
	const char *dot;
	size_t i;

	for (dot = strchr(name, '.'); dot; dot = strchr(dot + 1, '.')) {
		if (dot == name)
			continue;
		for (i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
			if (!strncmp(dot, suffixes[i], strlen(suffixes[i])))
				return (size_t)(dot - name);
	}
	return strlen(name);
}

static bool matches(const char *name, size_t len, const char *pattern)
{
	size_t n = strlen(pattern);

	if (pattern[n - 1] == '*')
		return len >= n - 1 && !memcmp(name, pattern, n - 1);
	return len == n && !memcmp(name, pattern, n);
}

static bool in_table(const char *name, const char *const *table, size_t nr)
{
	size_t len = symclass_base_len(name), i;

	for (i = 0; i < nr; i++)
		if (matches(name, len, table[i]))
			return true;
	return false;
}

bool symclass_is_lock(const char *name)
{
	return in_table(name, lock_names, sizeof(lock_names) / sizeof(lock_names[0]));
}

bool symclass_is_wrapper(const char *name)
{
	return in_table(name, wrapper_names, sizeof(wrapper_names) / sizeof(wrapper_names[0]));
}

bool symclass_is_tracer(const char *name)
{
	return in_table(name, tracer_names, sizeof(tracer_names) / sizeof(tracer_names[0]));
}
