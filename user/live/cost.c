// SPDX-License-Identifier: GPL-2.0-only
/*
 * Run times of programs, and the stack of a task: what a live screen asks for
 * beside the trace itself.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cost.h"
#include "kernel.h"
#include "session.h"

int cost_measure(void)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	return fd < 0 ? -errno : fd;
}

/*
 * A trampoline, against one turn of test_run's loop: 133 instructions (an empty fentry program, entry and exit
 * of a mutex, by tools/bench, 6.12) against 52 (tests/bpf/bench, "empty loop").
 */
#define TRAMPOLINE_TENTHS	25

/* A socket filter, since test_run repeats that kind of program. */
uint32_t cost_dispatch_ns(void)
{
	static const char frame[64];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = frame, .data_size_in = sizeof(frame),
		    .repeat = 10000);
	int fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", kernel_ret0, KERNEL_RET0_LEN, NULL), err;

	if (fd < 0)
		return 0;
	err = bpf_prog_test_run_opts(fd, &opts);
	close(fd);
	return err ? 0 : opts.duration * TRAMPOLINE_TENTHS / 10;
}

void cost_add(const struct bpf_object *obj, uint64_t *run_ns, uint64_t *runs)
{
	struct bpf_prog_info info;
	struct bpf_program *prog;
	__u32 len;

	if (!obj)
		return;
	bpf_object__for_each_program(prog, obj) {
		if (bpf_program__fd(prog) < 0)
			continue;
		memset(&info, 0, sizeof(info));
		len = sizeof(info);
		if (bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			continue;
		*run_ns += info.run_time_ns;
		*runs += info.run_cnt;
	}
}

uint64_t cost_run_ns(const struct bpf_object *obj)
{
	uint64_t run_ns = 0, runs = 0;

	cost_add(obj, &run_ns, &runs);
	return run_ns;
}

static char task_state(uint32_t tid)
{
	char path[40], line[512], *p;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%u/stat", tid);
	f = fopen(path, "re");
	p = f && fgets(line, sizeof(line), f) ? strrchr(line, ')') : NULL;
	if (f)
		fclose(f);
	return p && p[1] == ' ' && p[2] ? p[2] : '?';
}

/* "[<0>] poll_schedule_timeout+0x37/0x90" -> "poll_schedule_timeout+0x37/0x90" */
char *session_task_stack(uint32_t tid, char *state)
{
	char path[40], line[512], *text = NULL, *p;
	size_t size;
	FILE *in, *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	*state = task_state(tid);
	snprintf(path, sizeof(path), "/proc/%u/stack", tid);
	in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in)) {
		p = strstr(line, "] ");
		fputs(p ? p + 2 : line, out);
	}
	if (in)
		fclose(in);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}
