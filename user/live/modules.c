// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which kernel modules there are, and noticing that some came or went.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../base/htab.h"
#include "bpflog.h"
#include "kernel.h"
#include "modules.h"
#include "modules.skel.h"

#define LOOK_NS 200000000u

struct modules {
	struct modules_bpf *skel;	/* NULL: compare /proc/modules */
	uint64_t seen;			/* count of changes, or hash */
	uint64_t freed;			/* count of modules that went */
	uint64_t next_ns;		/* when to look again; 0 = no need to */
};

/* "NAME BYTES USERS ..."; see kernel/module/procfs.c. */
int modules_list(int (*each)(void *ctx, const char *name, uint64_t bytes), void *ctx)
{
	FILE *f = fopen("/proc/modules", "re");
	unsigned long long bytes;
	char *line = NULL, name[64];
	size_t size = 0;
	int err = 0;

	while (f && !err && getline(&line, &size, f) > 0)
		if (sscanf(line, "%63s %llu", name, &bytes) == 2)
			err = each(ctx, name, bytes);
	free(line);
	if (f)
		(void)fclose(f);	/* read-only: nothing can be lost */
	return err;
}

/* Hash of /proc/modules; 0 where there is none. */
static uint64_t hash_modules(void)
{
	int fd = open("/proc/modules", O_RDONLY | O_CLOEXEC);
	uint64_t hash[2] = { 0 };
	char buf[4096];
	ssize_t n;

	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0) {
		hash[1] = htab_hash(buf, (size_t)n);
		hash[0] = htab_hash(hash, sizeof(hash));
	}
	if (fd >= 0)
		close(fd);
	return hash[0];
}

static struct modules_bpf *load(void)
{
	struct modules_bpf *skel = modules_bpf__open();

	if (!skel)
		return NULL;
	bpf_program__set_autoload(skel->progs.module_load, true);
	bpf_program__set_autoload(skel->progs.module_free, true);
	if (!modules_bpf__load(skel) && !modules_bpf__attach(skel))
		return skel;
	modules_bpf__destroy(skel);
	return NULL;
}

int modules_new(struct modules **ret)
{
	struct modules *m = calloc(1, sizeof(*m));
	struct bpflog quiet = { .line = NULL };

	if (!m)
		return -ENOMEM;
	bpflog_begin(&quiet);
	m->skel = load();
	bpflog_end();
	if (!m->skel)
		m->seen = hash_modules();
	*ret = m;
	return 0;
}

void modules_free(struct modules *m)
{
	if (!m)
		return;
	modules_bpf__destroy(m->skel);
	free(m);
}

/* A module that goes is still there when we are told, so look a second time, later. */
static bool count_changed(struct modules *m)
{
	uint64_t freed = *(volatile uint64_t *)&m->skel->bss->modules_freed;
	uint64_t sum = freed + *(volatile uint64_t *)&m->skel->bss->modules_loaded;

	if (sum != m->seen) {
		if (freed != m->freed)
			m->next_ns = kernel_now_ns() + LOOK_NS;
		m->freed = freed;
		m->seen = sum;
		return true;
	}
	if (!m->next_ns || kernel_now_ns() < m->next_ns)
		return false;
	m->next_ns = 0;
	return true;
}

bool modules_changed(struct modules *m)
{
	uint64_t now, seen = m->seen;

	if (m->skel)
		return count_changed(m);
	now = kernel_now_ns();
	if (now < m->next_ns)
		return false;
	m->next_ns = now + LOOK_NS;
	m->seen = hash_modules();
	return m->seen != seen;
}
