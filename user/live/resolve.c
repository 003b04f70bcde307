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
#include "../base/vec.h"
#include "../core/ksyms.h"
#include "cgroup.h"
#include "inits.h"
#include "member.h"
#include "modules.h"
#include "percpu.h"
#include "resolve.h"

/* Farther into a symbol than that is no member of it but something without a symbol. */
#define DATA_OFF_MAX (64u << 10)

/* Stacks of records are told apart from those of the tables by this bit. */
#define STACK_OURS 0x80000000u

/* A stack as a key of a table. */
struct frames {
	uint64_t nr;
	uint64_t addr[LK_ORDER_STACK];
};

/* What was said of a text address. */
struct said {
	uint64_t hash;		/* of the event */
	uint32_t generation;	/* of the symbols, when it was last looked up */
	uint32_t pad;
};

struct resolver {
	struct ksyms *ksyms;
	struct modules *modules;
	uint32_t generation;	/* how often kallsyms was read */
	bool untold;		/* modules changed, and resolver_poll() has not said so yet */
	bool all_data;		/* kallsyms has every data symbol (CONFIG_KALLSYMS_ALL) */
	const struct percpu *percpu;
	struct members *members;
	const struct inits *inits;
	struct resolver_maps maps;
	struct htab stacks, frames, syms, cgroups, locks;
	VEC(struct said) said;	/* by number in syms */
};

static int feed_kallsyms(struct ksyms *k)
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

struct listing {
	struct ksyms *ksyms;
	bool all_live;
};

static int on_module(void *ctx, const char *name, uint64_t bytes, bool live)
{
	struct listing *l = ctx;

	l->all_live &= live;
	return ksyms_module(l->ksyms, name, bytes);
}

int resolver_reload(struct resolver *r)
{
	struct listing l = { .ksyms = ksyms_new(), .all_live = true };
	int err = l.ksyms ? feed_kallsyms(l.ksyms) : -ENOMEM;

	err = err ?: modules_list(on_module, &l);
	err = err ?: ksyms_finish(l.ksyms);
	if (err) {
		ksyms_free(l.ksyms);
		return err;
	}
	/* Until two readings agree; the first one has nothing to agree with. */
	if (r->ksyms ? ksyms_modules_hash(r->ksyms) != ksyms_modules_hash(l.ksyms) : !l.all_live)
		modules_again(r->modules);
	ksyms_free(r->ksyms);
	r->ksyms = l.ksyms;
	r->generation++;
	return 0;
}

int resolver_new(struct resolver **ret)
{
	struct resolver *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return -ENOMEM;
	htab_init(&r->stacks, sizeof(uint32_t));
	htab_init(&r->frames, sizeof(struct frames));
	htab_init(&r->syms, sizeof(uint64_t));
	htab_init(&r->cgroups, sizeof(uint64_t));
	htab_init(&r->locks, sizeof(uint64_t));
	err = modules_new(&r->modules);
	err = err ?: resolver_reload(r);
	if (err) {
		resolver_free(r);
		return err;
	}
	/* Both are static data of every kernel. */
	r->all_data = ksyms_find(r->ksyms, "init_mm") || ksyms_find(r->ksyms, "tasklist_lock");
	*ret = r;
	return 0;
}

/* modules_changed() says it once, whoever asks: it is kept for resolver_poll(). */
static int follow_modules(struct resolver *r)
{
	if (!modules_changed(r->modules))
		return 0;
	r->untold = true;
	return resolver_reload(r);
}

int resolver_poll(struct resolver *r, bool *changed)
{
	int err = follow_modules(r);

	*changed = r->untold;
	r->untold = false;
	return err;
}

void resolver_bind(struct resolver *r, const struct resolver_maps *maps, const struct percpu *percpu,
		   struct members *members)
{
	r->maps = *maps;
	r->percpu = percpu;
	r->members = members;
}

void resolver_bind_inits(struct resolver *r, const struct inits *inits)
{
	r->inits = inits;
}

void resolver_free(struct resolver *r)
{
	if (!r)
		return;
	ksyms_free(r->ksyms);
	modules_free(r->modules);
	htab_done(&r->stacks);
	htab_done(&r->frames);
	htab_done(&r->syms);
	vec_free(&r->said);
	htab_done(&r->cgroups);
	htab_done(&r->locks);
	free(r);
}

uint64_t resolver_symbol(const struct resolver *r, const char *name)
{
	return ksyms_find(r->ksyms, name);
}

void resolver_span(const struct resolver *r, const char *name, uint64_t *start, uint64_t *end)
{
	struct ksym sym;

	*start = *end = 0;
	if (ksyms_lookup(r->ksyms, ksyms_find(r->ksyms, name), &sym)) {
		*start = sym.start;
		*end = sym.start + sym.size;
	}
}

bool resolver_lookup(const struct resolver *r, uint64_t addr, struct ksym *ret)
{
	return ksyms_lookup(r->ksyms, addr, ret);
}

bool resolver_func(const struct resolver *r, const char *base, struct ksym *ret)
{
	return ksyms_find_func(r->ksyms, base, ret);
}

/* Tells events about the same address apart. */
static uint64_t hash_sym(const struct ksym *sym)
{
	uint64_t h[3] = { htab_hash(sym->name, strlen(sym->name)),
			  htab_hash(sym->module, strlen(sym->module)), sym->off };

	return htab_hash(h, sizeof(h));
}

int resolver_text(struct resolver *r, const struct lk_sink *sink, uint64_t addr)
{
	struct lk_event ev = { .kind = LK_EV_SYM, .sym = {
		.addr = addr, .name = "", .module = "" } };
	struct ksym sym = { .name = "", .module = "" };
	bool found, fresh;
	struct said *said;
	uint32_t index;
	uint64_t hash;
	int err = htab_put(&r->syms, &addr, &index);

	if (err < 0)
		return err;
	fresh = err;
	if (fresh)
		err = vec_push(&r->said, (struct said){ 0 });
	else if (r->said.v[index].generation == r->generation)
		return 0;
	found = ksyms_lookup(r->ksyms, addr, &sym);
	if (!err && !found) {		/* in a module that came this moment? */
		err = follow_modules(r);
		found = !err && ksyms_lookup(r->ksyms, addr, &sym);
	}
	if (err)
		return err;
	said = &r->said.v[index];
	said->generation = r->generation;
	hash = hash_sym(&sym);
	/* What has gone keeps its name: it was right for what has been seen. */
	if (!fresh && (!found || said->hash == hash))
		return 0;
	said->hash = hash;
	if (found) {
		ev.sym.name = sym.name;
		ev.sym.module = sym.module;
		ev.sym.off = sym.off;
		ev.sym.size = sym.size;
		ev.sym.flags = (sym.flags & KSYM_LOCK_TEXT ? LK_SYM_LOCK : 0) |
			       (sym.flags & KSYM_BPF ? LK_SYM_TRACER : 0);
	}
	return sink_emit(sink, &ev);
}

int resolver_frames(struct resolver *r, const struct lk_sink *sink, const uint64_t *addr,
		    unsigned int nr, uint32_t *id)
{
	struct lk_event ev = { .kind = LK_EV_STACK };
	struct frames key = { .nr = nr <= LK_ORDER_STACK ? nr : LK_ORDER_STACK };
	uint32_t index;
	unsigned int i;
	int fresh, err = 0;

	*id = LK_STACK_NONE;
	if (!nr)
		return 0;
	memcpy(key.addr, addr, key.nr * sizeof(*addr));
	fresh = htab_put(&r->frames, &key, &index);
	if (fresh < 0)
		return fresh;
	*id = STACK_OURS | index;
	for (i = 0; i < key.nr && !err; i++)
		err = resolver_text(r, sink, key.addr[i]);
	if (err || !fresh)
		return err;
	ev.stack = (struct lk_ev_stack){ .id = *id, .nr = (uint32_t)key.nr, .addr = key.addr };
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
		err = resolver_text(r, sink, addr[nr]);
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

bool resolver_data(const struct resolver *r, uint64_t addr, char *buf, size_t size,
		   const char **module)
{
	struct ksym sym;

	if (!ksyms_lookup_data(r->ksyms, addr, &sym) ||
	    (sym.off && (!r->all_data || sym.off >= DATA_OFF_MAX)))
		return false;
	if (sym.off)
		snprintf(buf, size, "%s+0x%x", sym.name, sym.off);
	else
		snprintf(buf, size, "%s", sym.name);
	*module = sym.module;
	return true;
}

/* What the kernel side noted of a lock, and what BTF makes of it, into *ev; the strings lie in @buf. */
struct lock_texts {
	char cache[LK_CACHE_NAME_LEN + 1], refine[sizeof(((struct lk_lock_info *)0)->refine) + 1];
	struct member member;
};

static void explain_lock(const struct resolver *r, const struct lk_lock_info *info, struct lk_ev_lock *ev,
			 struct lock_texts *buf)
{
	ev->rule = info->rule;
	ev->detail = info->detail;
	memcpy(buf->refine, info->refine, sizeof(info->refine));
	buf->refine[sizeof(info->refine)] = '\0';
	ev->refine = buf->refine;
	if (r->inits && info->prim)
		ev->init = inits_find(r->inits, ev->addr, info->prim);
	if (!info->has_cache)
		return;
	memcpy(buf->cache, info->cache, LK_CACHE_NAME_LEN);
	buf->cache[LK_CACHE_NAME_LEN] = '\0';
	ev->cache = buf->cache;
	ev->flags = info->has_cache > 1 ? LK_LOCK_MERGED : 0;
	ev->off = info->off;
	if (r->members && info->off != UINT32_MAX && info->has_cache == 1 &&
	    members_of_cache(r->members, buf->cache, info->object_size, false, info->off, info->prim,
			     &buf->member)) {
		ev->type = buf->member.type;
		ev->member = buf->member.path;
	}
}

int resolver_lock(struct resolver *r, const struct lk_sink *sink, uint64_t addr, bool final)
{
	struct lk_event ev = { .kind = LK_EV_LOCK, .lock = {
		.addr = addr, .symbol = "", .module = "", .percpu = "", .cache = "" } };
	char symbol[256], percpu[128];
	struct lock_texts texts;
	struct lk_lock_info info;
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
	if (resolver_data(r, addr, symbol, sizeof(symbol), &ev.lock.module))
		ev.lock.symbol = symbol;
	if (percpu_name(r->percpu, addr, percpu, sizeof(percpu)))
		ev.lock.percpu = percpu;
	explain_lock(r, &info, &ev.lock, &texts);
	return sink_emit(sink, &ev);
}
