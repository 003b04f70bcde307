/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What all tests of programs through test_run share.
 */
#ifndef LK_RIG_H
#define LK_RIG_H

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sched.h>
#include <unistd.h>

#include "../../bpf/abi.h"
#include "../lib/tap.h"

/* The kernel's BTF, for the caller to free; NULL without root or BTF, and the test is skipped. */
static inline struct btf *rig_btf(void)
{
	struct btf *btf;

	if (geteuid()) {
		printf("1..0 # SKIP needs root\n");
		return NULL;
	}
	if (!getenv("LIBBPF_DEBUG"))
		libbpf_set_print(NULL);
	btf = btf__load_vmlinux_btf();
	if (!btf)
		printf("1..0 # SKIP no BTF in this kernel\n");
	return btf;
}

/* Address of a kernel symbol; 0 if kallsyms does not have or show it. */
static inline uint64_t rig_symbol(const char *name)
{
	FILE *f = fopen("/proc/kallsyms", "re");
	char line[512], have[256], type;
	unsigned long long addr, found = 0;

	while (f && !found && fgets(line, sizeof(line), f))
		if (sscanf(line, "%llx %c %255s", &addr, &type, have) == 3 && !strcmp(have, name))
			found = addr;
	if (f)
		fclose(f);
	return found;
}

/*
 * Run a program with @args of @size bytes here (cpu < 0), or on a CPU: there in interrupt
 * context, if it is another one. What it returned.
 */
static inline int rig_run(const struct bpf_program *prog, uint64_t *args, uint32_t size, int cpu)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = size);

	if (cpu >= 0) {
		opts.flags = BPF_F_TEST_RUN_ON_CPU;
		opts.cpu = (uint32_t)cpu;
	}
	if (bpf_prog_test_run_opts(bpf_program__fd(prog), &opts))
		printf("# test_run: %s\n", strerror(errno));
	return (int)opts.retval;
}

static inline void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* A loss counter over all CPUs; UINT64_MAX if it cannot be read. */
static inline uint64_t rig_stat(const struct bpf_map *stats, enum lk_stat which)
{
	static uint64_t value[4096];
	uint32_t key = which;
	int n = libbpf_num_possible_cpus(), c;
	uint64_t sum = 0;

	if (n > 4096 || bpf_map_lookup_elem(bpf_map__fd(stats), &key, value))
		return UINT64_MAX;
	for (c = 0; c < n; c++)
		sum += value[c];
	return sum;
}

/* Every loss counter must be zero but the one named. */
static inline void rig_only_stat(const struct bpf_map *stats, enum lk_stat which, uint64_t want, const char *name)
{
	uint32_t s;

	for (s = 1; s < LK_STAT_NR; s++)
		if (s != which && rig_stat(stats, s))
			ok(false, "%s: counter %u is %" PRIu64 ", want 0", name, s, rig_stat(stats, s));
	if (which)
		is_int((int64_t)rig_stat(stats, which), (int64_t)want, "%s: counted", name);
}

#endif /* LK_RIG_H */
