// SPDX-License-Identifier: GPL-2.0-only
/*
 * Explaining ids and addresses. What has been emitted is remembered in sets, so
 * that every explanation goes out once.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../bpf/abi.h"
#include "../base/htab.h"
#include "../core/ksyms.h"
#include "cgroup.h"
#include "percpu.h"
#include "resolve.h"

/* Farther into a symbol than that is no member of it but something without a symbol. */
#define DATA_OFF_MAX (64u << 10)

struct resolver {
	struct ksyms *ksyms;
	bool all_data;		/* kallsyms has every data symbol (CONFIG_KALLSYMS_ALL) */
	const struct percpu *percpu;
	struct resolver_maps maps;
	struct htab stacks, syms, cgroups, locks;
};

static int read_kallsyms(struct ksyms *k)
{
	int fd = open("/proc/kallsyms", O_RDONLY | O_CLOEXEC), err = 0;
	char *buf;
	ssize_t n;

	if (fd < 0)
		return 0;		/* addresses stay unnamed; doctor says why */
	buf = malloc(1 << 16);
	if (!buf) {
		close(fd);
		return -ENOMEM;
	}
	while (!err && (n = read(fd, buf, 1 << 16)) > 0)
		err = ksyms_feed(k, buf, (size_t)n);
	free(buf);
	close(fd);
	return err;
}

int resolver_new(struct resolver **ret)
{
	struct resolver *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	htab_init(&r->stacks, sizeof(uint32_t));
	htab_init(&r->syms, sizeof(uint64_t));
	htab_init(&r->cgroups, sizeof(uint64_t));
	htab_init(&r->locks, sizeof(uint64_t));
	r->ksyms = ksyms_new();
	err = r->ksyms ? read_kallsyms(r->ksyms) : -ENOMEM;
	err = err ?: ksyms_finish(r->ksyms);
	if (err) {
		resolver_free(r);
		return err;
	}
	/* Both are static data of every kernel. */
	r->all_data = ksyms_find(r->ksyms, "init_mm") || ksyms_find(r->ksyms, "tasklist_lock");
	*ret = r;
	return 0;
}

void resolver_bind(struct resolver *r, const struct resolver_maps *maps, const struct percpu *percpu)
{
	r->maps = *maps;
	r->percpu = percpu;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	ksyms_free(r->ksyms);
	htab_done(&r->stacks);
	htab_done(&r->syms);
	htab_done(&r->cgroups);
	htab_done(&r->locks);
	free(r);
}

uint64_t resolver_symbol(const struct resolver *r, const char *name)
{
	return ksyms_find(r->ksyms, name);
}

static int emit_sym(struct resolver *r, const struct lk_sink *sink, uint64_t addr)
{
	struct lk_event ev = { .kind = LK_EV_SYM, .sym = {
		.addr = addr, .name = "", .module = "" } };
	struct ksym sym;
	uint32_t index;
	int err = htab_put(&r->syms, &addr, &index);

	if (err <= 0)
		return err;
	if (ksyms_lookup(r->ksyms, addr, &sym)) {
		ev.sym.name = sym.name;
		ev.sym.module = sym.module;
		ev.sym.off = sym.off;
		ev.sym.size = sym.size;
		ev.sym.flags = (sym.flags & KSYM_LOCK_TEXT ? LK_SYM_LOCK : 0) |
			       (sym.flags & KSYM_BPF ? LK_SYM_TRACER : 0);
	}
	return sink_emit(sink, &ev);
}

int resolver_stack(struct resolver *r, const struct lk_sink *sink, uint32_t id)
{
	struct lk_event ev = { .kind = LK_EV_STACK };
	uint64_t addr[LK_STACK_DEPTH_MAX];
	uint32_t index, nr = 0, key = id & ~LK_STACK_ALT;
	int fd = id & LK_STACK_ALT ? r->maps.stacks_alt : r->maps.stacks, err;

	if (id == LK_STACK_NONE)
		return 0;
	err = htab_put(&r->stacks, &id, &index);
	if (err <= 0)
		return err;
	memset(addr, 0, sizeof(addr));
	if (bpf_map_lookup_elem(fd, &key, addr))
		return 0;		/* the row says "unknown stack" */
	for (err = 0; nr < r->maps.stack_depth && addr[nr] && !err; nr++)
		err = emit_sym(r, sink, addr[nr]);
	if (err)
		return err;
	ev.stack = (struct lk_ev_stack){ .id = id, .nr = nr, .addr = addr };
	return sink_emit(sink, &ev);
}

int resolver_cgroup(struct resolver *r, const struct lk_sink *sink, uint64_t id)
{
	struct lk_event ev = { .kind = LK_EV_CGROUP };
	char path[PATH_MAX];
	uint32_t index;
	int err = htab_put(&r->cgroups, &id, &index);

	if (err <= 0)
		return err;
	if (cgroup_path(id, path, sizeof(path)))
		return 0;		/* gone, or no cgroup2 mount: the id stays */
	ev.cgroup = (struct lk_ev_cgroup){ .id = id, .path = path };
	return sink_emit(sink, &ev);
}

int resolver_lock(struct resolver *r, const struct lk_sink *sink, uint64_t addr, bool final)
{
	struct lk_event ev = { .kind = LK_EV_LOCK, .lock = {
		.addr = addr, .symbol = "", .module = "", .percpu = "", .cache = "" } };
	char symbol[256], percpu[128], cache[LK_CACHE_NAME_LEN + 1];
	struct lk_lock_info info;
	struct ksym sym;
	uint32_t index;
	int err;

	if (htab_find(&r->locks, &addr) != HTAB_NONE)
		return 0;
	if (bpf_map_lookup_elem(r->maps.locks, &addr, &info)) {
		if (!final)
			return 0;	/* the programs are about to note it: next time */
		memset(&info, 0, sizeof(info));
	}
	err = htab_put(&r->locks, &addr, &index);
	if (err < 0)
		return err;
	if (ksyms_lookup_data(r->ksyms, addr, &sym) &&
	    (!sym.off || (r->all_data && sym.off < DATA_OFF_MAX))) {
		if (sym.off)
			snprintf(symbol, sizeof(symbol), "%s+0x%x", sym.name, sym.off);
		else
			snprintf(symbol, sizeof(symbol), "%s", sym.name);
		ev.lock.symbol = symbol;
		ev.lock.module = sym.module;
	}
	if (percpu_name(r->percpu, addr, percpu, sizeof(percpu)))
		ev.lock.percpu = percpu;
	if (info.has_cache) {
		memcpy(cache, info.cache, LK_CACHE_NAME_LEN);
		cache[LK_CACHE_NAME_LEN] = '\0';
		ev.lock.cache = cache;
		if (info.has_cache > 1)
			ev.lock.flags = LK_LOCK_MERGED;
	}
	ev.lock.rule = info.rule;
	return sink_emit(sink, &ev);
}
