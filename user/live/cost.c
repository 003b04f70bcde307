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

#include "cost.h"
#include "session.h"

int cost_measure(void)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	return fd < 0 ? -errno : fd;
}

uint64_t cost_run_ns(const struct bpf_object *obj)
{
	struct bpf_prog_info info;
	struct bpf_program *prog;
	uint64_t sum = 0;
	__u32 len;

	if (!obj)
		return 0;
	bpf_object__for_each_program(prog, obj) {
		if (bpf_program__fd(prog) < 0)
			continue;
		memset(&info, 0, sizeof(info));
		len = sizeof(info);
		if (!bpf_obj_get_info_by_fd(bpf_program__fd(prog), &info, &len))
			sum += info.run_time_ns;
	}
	return sum;
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
