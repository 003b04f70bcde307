// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's preemption mode. Its version string tells how it was built (init/Makefile);
 * a kernel with PREEMPT_DYNAMIC chooses when it boots, and debugfs tells what, or else the
 * argument "preempt=" (kernel/sched: sched_dynamic_show(), setup_preempt_mode()).
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "kernel.h"
#include "preempt.h"

#define MODE_LEN 16

/* "none (voluntary) full": the one in brackets; "" if there is none. */
static void mode_of_debugfs(char mode[MODE_LEN])
{
	char line[128], *open;

	kernel_read_line("/sys/kernel/debug/sched/preempt", line, sizeof(line));
	open = strchr(line, '(');
	if (!open)
		return;
	open++;
	open[strcspn(open, ")")] = '\0';
	snprintf(mode, MODE_LEN, "%.15s", open);
}

/* The kernel goes by the last one. */
static void mode_of_cmdline(char mode[MODE_LEN])
{
	char line[4096], *word, *save;

	kernel_read_line("/proc/cmdline", line, sizeof(line));
	for (word = strtok_r(line, " ", &save); word; word = strtok_r(NULL, " ", &save))
		if (!strncmp(word, "preempt=", 8))
			snprintf(mode, MODE_LEN, "%.15s", word + 8);
}

static void look_at_choice(struct preempt *p)
{
	char mode[MODE_LEN] = "";

	p->choice = true;
	mode_of_debugfs(mode);
	if (!mode[0])
		mode_of_cmdline(mode);
	p->known = mode[0] != '\0';
	p->full = strcmp(mode, "none") && strcmp(mode, "voluntary");
	snprintf(p->how, sizeof(p->how), "PREEMPT_DYNAMIC, %s", p->known ? mode : "mode not known");
}

void preempt_look(struct preempt *ret)
{
	struct utsname u;
	const char *word;

	memset(ret, 0, sizeof(*ret));
	if (uname(&u))
		u.version[0] = '\0';
	word = strstr(u.version, "PREEMPT");
	ret->known = true;
	ret->full = word != NULL;
	if (word && strstr(word, "PREEMPT_RT"))
		snprintf(ret->how, sizeof(ret->how), "PREEMPT_RT");
	else if (word && strstr(word, "PREEMPT_DYNAMIC"))
		look_at_choice(ret);
	else
		snprintf(ret->how, sizeof(ret->how), word ? "PREEMPT" : "no PREEMPT");
}
