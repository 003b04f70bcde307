// SPDX-License-Identifier: GPL-2.0-only
/*
 * Format dot: which part of the kernel a lock belongs to, where its name tells. Names
 * say it in four ways: the module behind it ("iommu_lock [intel]"), the file system or
 * the address family that a rule found ("(ext4:dir)", "slock-AF_INET"), the struct that
 * it is a member of ("&mm->mmap_lock"), or how the name of a static lock begins.
 * A struct or a beginning is in the tables only where it means one thing.
 */
#include <stdio.h>
#include <string.h>

#include "dot_graph.h"

struct belongs {
	const char *what, *subsystem;
};

static const struct belongs structs[] = {
	{ "mm", "memory" }, { "mm_struct", "memory" }, { "vma", "memory" },
	{ "vm_area_struct", "memory" }, { "anon_vma", "memory" }, { "zone", "memory" },
	{ "pcp", "memory" }, { "per_cpu_pages", "memory" }, { "lruvec", "memory" },
	{ "mapping", "memory" }, { "address_space", "memory" }, { "pgdat", "memory" },
	{ "kmem_cache_node", "memory" }, { "vn", "memory" }, { "pcpu_lock", "memory" },
	{ "inode", "file systems" }, { "dentry", "file systems" }, { "sb", "file systems" },
	{ "super_block", "file systems" }, { "file", "file systems" }, { "mount", "file systems" },
	{ "files_struct", "file systems" }, { "newf", "file systems" }, { "fs", "file systems" },
	{ "fs_struct", "file systems" }, { "pipe", "file systems" },
	{ "pipe_inode_info", "file systems" }, { "wb", "file systems" }, { "bdi", "file systems" },
	{ "ep", "file systems" }, { "eventpoll", "file systems" },
	{ "q", "block layer" }, { "request_queue", "block layer" }, { "hctx", "block layer" },
	{ "disk", "block layer" }, { "gendisk", "block layer" }, { "bdev", "block layer" },
	{ "sk", "network" }, { "sock", "network" }, { "net", "network" }, { "net_device", "network" },
	{ "tcp_hashinfo", "network" }, { "icsk", "network" }, { "unix_sock", "network" },
	{ "rq", "scheduler" }, { "runqueues", "scheduler" }, { "cfs_rq", "scheduler" },
	{ "rt_rq", "scheduler" }, { "dl_rq", "scheduler" },
	{ "pool", "workqueues" }, { "worker_pool", "workqueues" }, { "wq", "workqueues" },
	{ "workqueue_struct", "workqueues" },
	{ "hrtimer_bases", "time" }, { "timer_bases", "time" }, { "tk_core", "time" },
	{ "sighand", "processes" }, { "sighand_struct", "processes" }, { "sig", "processes" },
	{ "signal_struct", "processes" }, { "task_struct", "processes" },
	{ "tty", "tty" }, { "tty_struct", "tty" }, { "uart_port", "tty" },
	{ "rcu_state", "RCU" }, { "rnp", "RCU" }, { "rcu_node", "RCU" }, { "krc", "RCU" },
	{ "krcp", "RCU" }, { "sdp", "RCU" }, { "ssp", "RCU" },
};

static const struct belongs beginnings[] = {
	{ "sk_lock-", "network" }, { "slock-", "network" }, { "rlock-", "network" },
	{ "clock-AF_", "network" }, { "rtnl_", "network" },
	{ "sb_writers", "file systems" }, { "mount_lock", "file systems" },
	{ "namespace_sem", "file systems" }, { "rename_lock", "file systems" },
	{ "inode_hash_lock", "file systems" }, { "kn->active", "file systems" },
	{ "&root->kernfs_", "file systems" }, { "kernfs_", "file systems" },
	{ "&type->i_mutex_dir_key", "file systems" }, { "&type->s_umount_key", "file systems" },
	{ "fs_reclaim", "memory" }, { "shrinker_", "memory" }, { "mmu_notifier", "memory" },
	{ "&p->pi_lock", "scheduler" }, { "psi_seq", "scheduler" }, { "sched_", "scheduler" },
	{ "(wq_completion)", "workqueues" }, { "(work_completion)", "workqueues" },
	{ "wq_pool_", "workqueues" }, { "wq_mayday", "workqueues" },
	{ "timekeeper_", "time" }, { "jiffies_", "time" },
	{ "rcu_", "RCU" }, { "srcu_", "RCU" },
	{ "tasklist_lock", "processes" }, { "pidmap_lock", "processes" },
	{ "cgroup_", "cgroups" }, { "css_set_lock", "cgroups" },
	{ "cpu_hotplug_lock", "CPU hotplug" }, { "cpuhp_", "CPU hotplug" },
	{ "bdev_lock", "block layer" }, { "console_", "console" }, { "(console_sem)", "console" },
	{ "ftrace_", "tracing" }, { "trace_", "tracing" }, { "event_mutex", "tracing" },
	{ "bpf_", "BPF" }, { "module_mutex", "modules" }, { "text_mutex", "modules" },
};

/* "NAME [module]" */
static bool by_module(const char *name, char *buf, size_t size)
{
	const char *open = strrchr(name, '[');
	size_t len = open ? strlen(open) : 0;

	if (len < 3 || open == name || open[-1] != ' ' || open[len - 1] != ']')
		return false;
	snprintf(buf, size, "module %.*s", (int)len - 2, open + 1);
	return true;
}

/* "NAME (ext4)" or "NAME (ext4:dir)": what refined an inode's lock. */
static bool by_file_system(const char *name, char *buf, size_t size)
{
	const char *open = strrchr(name, '(');

	if (!open || open == name || open[-1] != ' ' || name[strlen(name) - 1] != ')' ||
	    (strncmp(name, "&inode->", 8) && strncmp(name, "&sb->", 5)))
		return false;
	snprintf(buf, size, "file system %.*s", (int)strcspn(open + 1, ":)"), open + 1);
	return true;
}

static bool by_struct(const char *name, char *buf, size_t size)
{
	const char *begin = name + strspn(name, "&(");
	size_t i, len = strcspn(begin, "-.[ )");

	if (strncmp(begin + len, "->", 2) && begin[len] != '.' && begin[len] != '[')
		return false;
	for (i = 0; i < sizeof(structs) / sizeof(structs[0]); i++) {
		if (strlen(structs[i].what) == len && !strncmp(structs[i].what, begin, len)) {
			snprintf(buf, size, "%s", structs[i].subsystem);
			return true;
		}
	}
	return false;
}

static bool by_beginning(const char *name, char *buf, size_t size)
{
	size_t i;

	for (i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++) {
		if (!strncmp(name, beginnings[i].what, strlen(beginnings[i].what))) {
			snprintf(buf, size, "%s", beginnings[i].subsystem);
			return true;
		}
	}
	return false;
}

bool dot_subsystem(const char *name, char *buf, size_t size)
{
	return by_module(name, buf, size) || by_file_system(name, buf, size) ||
	       by_beginning(name, buf, size) || by_struct(name, buf, size);
}
