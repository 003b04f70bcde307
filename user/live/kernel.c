// SPDX-License-Identifier: GPL-2.0-only
/*
 * Small questions to the kernel. Nothing here keeps state.
 */
#include <bpf/btf.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/membarrier.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "kernel.h"

const struct bpf_insn kernel_ret0[KERNEL_RET0_LEN] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif
#ifndef CAP_BPF
#define CAP_BPF 39
#endif

bool kernel_may_trace(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];
	uint64_t caps;

	memset(data, 0, sizeof(data));
	if (syscall(SYS_capget, &head, data))
		return false;
	caps = data[0].effective | (uint64_t)data[1].effective << 32;
	if (caps >> CAP_SYS_ADMIN & 1)
		return true;
	return (caps >> CAP_BPF & 1) && (caps >> CAP_PERFMON & 1);
}

void kernel_read_line(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	buf[0] = '\0';
	if (fd < 0)
		return;
	n = read(fd, buf, size - 1);	/* files of the kernel: all of it comes at once */
	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
	(void)close(fd);	/* read-only: nothing can be lost */
}

/* Parse "0-3,8,10-11". */
int kernel_online_cpus(unsigned int **cpu, unsigned int *nr)
{
	char line[4096], *p = line, *end;
	unsigned int n = 0, cap = 0, *v = NULL, *grown;
	unsigned long first, last;

	kernel_read_line("/sys/devices/system/cpu/online", line, sizeof(line));
	if (!line[0])
		strcpy(line, "0");
	while (isdigit((unsigned char)*p)) {
		first = last = strtoul(p, &end, 10);
		if (*end == '-')
			last = strtoul(end + 1, &end, 10);
		for (; first <= last && first < 65536; first++) {
			if (n == cap) {
				cap = cap ? 2 * cap : 16;
				grown = realloc(v, cap * sizeof(*v));
				if (!grown) {
					free(v);
					return -ENOMEM;
				}
				v = grown;
			}
			v[n++] = (unsigned int)first;
		}
		p = *end == ',' ? end + 1 : end;
	}
	*cpu = v;
	*nr = n;
	return 0;
}

static uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);		/* cannot fail for these two */
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

uint64_t kernel_now_ns(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

uint64_t kernel_real_ns(void)
{
	return clock_ns(CLOCK_REALTIME);
}

int kernel_wait_for_programs(void)
{
	return syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) ? -errno : 0;
}

bool kernel_btf_has_func(const struct btf *btf, const char *name)
{
	return btf && btf__find_by_name_kind(btf, name, BTF_KIND_FUNC) > 0;
}
