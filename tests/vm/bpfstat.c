// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a tracer has in the kernel, for tests in guests, where there is no
 * bpftool:
 *
 *	bpfstat left	"N programs, N maps, N links" of this machine; exit 1 unless
 *			all are 0
 *	bpfstat held	the locks that tracers believe to be held, one a line:
 *			"task COMM TID PRIM LOCK MODE FLAGS" or "cpu CPU LEVEL ...";
 *			last "held: N by tasks, M by CPUs, K overflows, S slots"
 *	bpfstat cost	"N runs, T ns" of all programs; counts only while the sysctl
 *			kernel.bpf_stats_enabled is 1
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "../../bpf/abi.h"

struct sums {
	unsigned int by_tasks, by_cpus, overflow, slots;
};

static unsigned int count(int (*next)(__u32 id, __u32 *out))
{
	unsigned int n = 0;
	__u32 id = 0;

	while (!next(id, &id))
		n++;
	return n;
}

static int cmd_left(void)
{
	unsigned int progs = count(bpf_prog_get_next_id), maps = count(bpf_map_get_next_id),
		     links = count(bpf_link_get_next_id);

	printf("%u programs, %u maps, %u links\n", progs, maps, links);
	return progs || maps || links;
}

static void print_locks(const char *who, const struct lk_held *h, unsigned int depth)
{
	for (; depth; depth--, h++)
		printf("%s prim=%u lock=0x%" PRIx64 " read=%u flags=0x%x site=0x%" PRIx64 "\n", who,
		       h->prim, (uint64_t)h->lock, h->read, h->flags, (uint64_t)h->site);
}

static unsigned int at_most(unsigned int depth)
{
	return depth < LK_HELD_MAX ? depth : LK_HELD_MAX;
}

static void comm_of(unsigned int tid, char *comm, size_t size)
{
	char path[32];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/comm", tid);
	f = fopen(path, "r");
	if (!f || !fgets(comm, (int)size, f))
		snprintf(comm, size, "?");
	if (f)
		fclose(f);
	comm[strcspn(comm, "\n")] = '\0';
}

static void print_slots(int fd, unsigned int nr, struct sums *s)
{
	char comm[32], who[80];
	struct lk_slot slot;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (bpf_map_lookup_elem(fd, &i, &slot) || !slot.task)
			continue;
		s->slots++;
		s->overflow += slot.stack.overflow;
		if (!slot.stack.depth)
			continue;
		comm_of(slot.tid, comm, sizeof(comm));
		snprintf(who, sizeof(who), "task %s %u", comm, slot.tid);
		print_locks(who, slot.stack.held, at_most(slot.stack.depth));
		s->by_tasks += slot.stack.depth;
	}
}

static int print_levels(int fd, unsigned int nr, struct sums *s)
{
	int cpus = libbpf_num_possible_cpus(), cpu;
	struct lk_level *levels;
	char who[40];
	unsigned int i;

	levels = cpus > 0 ? calloc((size_t)cpus, sizeof(*levels)) : NULL;
	if (!levels)
		return -ENOMEM;
	for (i = 0; i < nr; i++) {
		if (bpf_map_lookup_elem(fd, &i, levels))
			continue;
		for (cpu = 0; cpu < cpus; cpu++) {
			snprintf(who, sizeof(who), "cpu %d level %u", cpu, i);
			print_locks(who, levels[cpu].stack.held, at_most(levels[cpu].stack.depth));
			s->by_cpus += levels[cpu].stack.depth;
			s->overflow += levels[cpu].stack.overflow;
		}
	}
	free(levels);
	return 0;
}

static int cmd_held(void)
{
	struct bpf_map_info info;
	struct sums s = { 0 };
	__u32 id = 0, len;
	int fd, err = 0;

	while (!err && !bpf_map_get_next_id(id, &id)) {
		fd = bpf_map_get_fd_by_id(id);
		if (fd < 0)
			continue;	/* gone meanwhile */
		len = sizeof(info);
		memset(&info, 0, sizeof(info));
		if (!bpf_obj_get_info_by_fd(fd, &info, &len)) {
			if (!strcmp(info.name, "slots") && info.value_size == sizeof(struct lk_slot))
				print_slots(fd, info.max_entries, &s);
			else if (!strcmp(info.name, "levels") &&
				 info.value_size == sizeof(struct lk_level))
				err = print_levels(fd, info.max_entries, &s);
		}
		close(fd);
	}
	printf("held: %u by tasks, %u by CPUs, %u overflows, %u slots\n", s.by_tasks, s.by_cpus,
	       s.overflow, s.slots);
	return err != 0;
}

static int cmd_cost(void)
{
	struct bpf_prog_info info;
	uint64_t runs = 0, ns = 0;
	__u32 id = 0, len;
	int fd;

	while (!bpf_prog_get_next_id(id, &id)) {
		fd = bpf_prog_get_fd_by_id(id);
		if (fd < 0)
			continue;	/* gone meanwhile */
		len = sizeof(info);
		memset(&info, 0, sizeof(info));
		if (!bpf_obj_get_info_by_fd(fd, &info, &len)) {
			runs += info.run_cnt;
			ns += info.run_time_ns;
		}
		close(fd);
	}
	printf("%" PRIu64 " runs, %" PRIu64 " ns\n", runs, ns);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "left"))
		return cmd_left();
	if (argc == 2 && !strcmp(argv[1], "held"))
		return cmd_held();
	if (argc == 2 && !strcmp(argv[1], "cost"))
		return cmd_cost();
	fprintf(stderr, "usage: bpfstat left|held|cost\n");
	return 2;
}
