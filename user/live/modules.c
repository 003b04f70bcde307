// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which kernel modules there are, and noticing that some came or went.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/htab.h"
#include "bpflog.h"
#include "kernel.h"
#include "modules.h"
#include "modules.skel.h"

#define LOOK_NS 200000000u

struct modules {
	struct modules_bpf *skel;	/* NULL: compare /proc/modules */
	uint64_t seen;			/* count of changes, or hash */
	uint64_t next_ns;		/* when to look into /proc/modules again */
	uint64_t again_ns;		/* when to say once more that something changed; 0 = no need to */
};

/* "NAME BYTES USERS USERS,... Live|Loading|Unloading ADDRESS"; see kernel/module/procfs.c. */
int modules_list(int (*each)(void *ctx, const char *name, uint64_t bytes, bool live), void *ctx)
{
	FILE *f = fopen("/proc/modules", "re");
	char *line = NULL, name[64], state[16];
	unsigned long long bytes;
	size_t size = 0;
	int err = 0;

	while (f && !err && getline(&line, &size, f) > 0)
		if (sscanf(line, "%63s %llu %*s %*s %15s", name, &bytes, state) == 3)
			err = each(ctx, name, bytes, !strcmp(state, "Live"));
	free(line);
	if (f)
		(void)fclose(f);	/* read-only: nothing can be lost */
	return err;
}

uint64_t modules_instance(const char *name)
{
	char path[96];
	struct stat st;

	snprintf(path, sizeof(path), "/sys/module/%.63s", name);
	return stat(path, &st) ? 0 : st.st_ino;
}

static int hash_module(void *ctx, const char *name, uint64_t bytes, bool live)
{
	uint64_t *hash = ctx, part[] = { *hash, htab_hash(name, strlen(name)), bytes, modules_instance(name) };

	(void)live;
	*hash = htab_hash(part, sizeof(part));
	return 0;
}

/* Hash of all modules; 0 where there is none. */
static uint64_t hash_modules(void)
{
	uint64_t hash = 0;

	(void)modules_list(hash_module, &hash);		/* it always goes on */
	return hash;
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

/* The count, or the hash: not looked at too often. */
static uint64_t look(struct modules *m, uint64_t now)
{
	if (m->skel)
		return *(volatile uint64_t *)&m->skel->bss->modules_freed +
		       *(volatile uint64_t *)&m->skel->bss->modules_loaded;
	if (now < m->next_ns)
		return m->seen;
	m->next_ns = now + LOOK_NS;
	return hash_modules();
}

void modules_again(struct modules *m)
{
	m->again_ns = kernel_now_ns() + LOOK_NS;
}

/* A module that goes is still there when we are told, and one that comes is not ready: a second time, later. */
bool modules_changed(struct modules *m)
{
	uint64_t now = kernel_now_ns(), seen = look(m, now);

	if (seen != m->seen) {
		m->seen = seen;
		modules_again(m);
		return true;
	}
	if (!m->again_ns || now < m->again_ns)
		return false;
	m->again_ns = 0;
	return true;
}
