// SPDX-License-Identifier: GPL-2.0-only
/*
 * Per-CPU data by BTF. The section ".data..percpu" of the kernel's BTF lists
 * every static per-CPU variable with its offset and type; one known address per
 * CPU (its run queue) gives the base of the rest.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../bpf/abi.h"
#include "btftype.h"
#include "kernel.h"
#include "percpu.h"

#define MEMBER_DEPTH 8		/* structs inside structs that we look into */

struct percpu {
	const struct btf *btf;
	const struct btf_type *section;
	uint64_t *base;
	unsigned int nr;
};

static const struct btf_type *find_section(const struct btf *btf)
{
	int id = btf ? btf__find_by_name_kind(btf, ".data..percpu", BTF_KIND_DATASEC) : -1;

	return id > 0 ? btf__type_by_id(btf, (unsigned int)id) : NULL;
}

/* The section's entry of a variable, NULL if there is none. */
static const struct btf_var_secinfo *find_var(const struct btf *btf, const struct btf_type *sec,
					      const char *name)
{
	const struct btf_var_secinfo *v;
	const struct btf_type *t;
	int i;

	if (!sec)
		return NULL;
	for (i = 0, v = btf_var_secinfos(sec); i < btf_vlen(sec); i++, v++) {
		t = btf__type_by_id(btf, v->type);
		if (t && !strcmp(btf__name_by_offset(btf, t->name_off), name))
			return v;
	}
	return NULL;
}

int64_t percpu_preempt_off(const struct btf *btf)
{
	const struct btf_type *sec = find_section(btf), *hot;
	const struct btf_var_secinfo *rq, *pc;
	const struct btf_member *m;
	int i;

	rq = find_var(btf, sec, "runqueues");
	if (!rq)
		return 0;
	pc = find_var(btf, sec, "__preempt_count");	/* up to 6.1 and from 6.15 */
	if (pc)
		return (int64_t)pc->offset - (int64_t)rq->offset;
	pc = find_var(btf, sec, "pcpu_hot");		/* 6.2 (64701838bf05) to 6.14 */
	hot = pc ? btftype_skip_mods(btf, btf__type_by_id(btf, pc->type)->type, NULL) : NULL;
	if (!hot || !btf_is_composite(hot))
		return 0;
	/* preempt_count is inside an anonymous union and struct at the start. */
	for (i = 0, m = btf_members(hot); i < btf_vlen(hot); i++, m++) {
		const struct btf_type *in = btftype_skip_mods(btf, m->type, NULL);
		const struct btf_member *n;
		int j;

		while (in && btf_is_composite(in) && btf_vlen(in)) {
			for (j = 0, n = btf_members(in); j < btf_vlen(in); j++, n++)
				if (!strcmp(btf__name_by_offset(btf, n->name_off), "preempt_count"))
					return (int64_t)pc->offset - (int64_t)rq->offset +
					       (btf_member_bit_offset(hot, (__u32)i) +
						btf_member_bit_offset(in, (__u32)j)) / 8;
			in = btftype_skip_mods(btf, btf_members(in)[0].type, NULL);
		}
	}
	return 0;
}

int64_t percpu_current_off(const struct btf *btf)
{
	const struct btf_type *sec = find_section(btf);
	const struct btf_var_secinfo *rq = find_var(btf, sec, "runqueues"), *cur;

	cur = find_var(btf, sec, "current_task");		/* up to 6.1 and from 6.15 */
	if (!cur)
		cur = find_var(btf, sec, "pcpu_hot");		/* its first member, 6.2 to 6.14 */
	return rq && cur ? (int64_t)cur->offset - (int64_t)rq->offset : 0;
}

static int by_address(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

struct percpu *percpu_new(const struct btf *btf, const uint64_t *runqueue, unsigned int nr)
{
	struct percpu *p = calloc(1, sizeof(*p));
	const struct btf_var_secinfo *rq;
	unsigned int i;

	if (!p)
		return NULL;
	p->btf = btf;
	p->section = find_section(btf);
	rq = find_var(btf, p->section, "runqueues");
	p->base = calloc(nr ? nr : 1, sizeof(*p->base));
	if (!p->base) {
		free(p);
		return NULL;
	}
	for (i = 0; rq && i < nr; i++)
		if (runqueue[i])
			p->base[p->nr++] = runqueue[i] - rq->offset;
	qsort(p->base, p->nr, sizeof(*p->base), by_address);
	return p;
}

int percpu_learn(const struct btf *btf, int prog, int cpus, unsigned int nr, struct percpu **ret)
{
	unsigned int *cpu = NULL, nr_cpu = 0, i;
	struct lk_cpu *v = NULL;
	uint64_t *rq = NULL;
	uint32_t zero = 0;
	int err = kernel_online_cpus(&cpu, &nr_cpu);

	if (err)
		return err;
	for (i = 0; i < nr_cpu && prog >= 0; i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .flags = BPF_F_TEST_RUN_ON_CPU, .cpu = cpu[i]);

		(void)bpf_prog_test_run_opts(prog, &opts);	/* failing: contexts unknown there */
	}
	v = calloc(nr, sizeof(*v));
	rq = calloc(nr, sizeof(*rq));
	err = v && rq ? 0 : -ENOMEM;
	if (!err && !bpf_map_lookup_elem(cpus, &zero, v))
		for (i = 0; i < nr; i++)
			rq[i] = v[i].runqueue;
	if (!err) {
		*ret = percpu_new(btf, rq, nr);
		err = *ret ? 0 : -ENOMEM;
	}
	free(v);
	free(rq);
	free(cpu);
	return err;
}

void percpu_free(struct percpu *p)
{
	if (!p)
		return;
	free(p->base);
	free(p);
}

void percpu_layout(const struct percpu *p, struct lk_order_percpu *ret)
{
	unsigned int i;

	memset(ret, 0, sizeof(*ret));
	if (!p->section || !p->nr)
		return;
	ret->base = p->base[0];
	ret->size = p->section->size;
	ret->nr = p->nr;
	ret->unit = p->nr > 1 ? p->base[1] - p->base[0] : 0;
	for (i = 2; i < p->nr && ret->unit; i++)
		if (p->base[i] - p->base[i - 1] != ret->unit)
			ret->unit = 0;
}

/* Type of an array's elements; *off becomes the offset in the one that is there. NULL: nonsense. */
static const struct btf_type *element(const struct btf *btf, const struct btf_type *array, uint32_t *off)
{
	uint32_t type = btf_array(array)->type;
	int64_t size = btf__resolve_size(btf, type);

	if (size <= 0)
		return NULL;
	*off %= (uint32_t)size;
	return btftype_skip_mods(btf, type, NULL);
}

/* Append ".member" for what lies at @off, down to the lock itself. */
static void append_members(const struct btf *btf, const struct btf_type *t, uint32_t off,
			   char *buf, size_t size)
{
	const struct btf_member *m, *hit;
	const char *name;
	uint32_t at;
	size_t len;
	int i, depth;

	for (depth = 0; depth < MEMBER_DEPTH && t; depth++) {
		if (btf_is_array(t)) {		/* all elements are of one kind */
			t = element(btf, t, &off);
			continue;
		}
		if (!btf_is_composite(t))
			return;
		hit = NULL;
		for (i = 0, m = btf_members(t); i < btf_vlen(t); i++, m++) {
			at = btf_member_bit_offset(t, (__u32)i) / 8;
			if (at <= off && (!hit || btf_member_bitfield_size(t, (__u32)i) == 0))
				hit = m;
			if (at > off)
				break;
		}
		if (!hit)
			return;
		name = btf__name_by_offset(btf, hit->name_off);
		off -= btf_member_bit_offset(t, (__u32)(hit - btf_members(t))) / 8;
		t = btftype_skip_mods(btf, hit->type, NULL);
		if (!name[0])
			continue;
		len = strlen(buf);
		snprintf(buf + len, size - len, ".%s", name);
		/* A lock's own inner members ("rlock", "raw_lock") say nothing. */
		if (t && btf_is_composite(t)) {
			name = btf__name_by_offset(btf, t->name_off);
			if (strstr(name, "lock") || strstr(name, "mutex") || strstr(name, "semaphore"))
				return;
		}
	}
}

bool percpu_name(const struct percpu *p, uint64_t addr, char *buf, size_t size)
{
	const struct btf_var_secinfo *v;
	const struct btf_type *t;
	unsigned int c;
	int i;

	if (!p->section)
		return false;
	for (c = 0; c < p->nr; c++) {
		if (addr < p->base[c] || addr - p->base[c] >= p->section->size)
			continue;
		for (i = 0, v = btf_var_secinfos(p->section); i < btf_vlen(p->section); i++, v++) {
			uint32_t off = (uint32_t)(addr - p->base[c]);

			if (off < v->offset || off - v->offset >= v->size)
				continue;
			t = btf__type_by_id(p->btf, v->type);
			snprintf(buf, size, "%s", btf__name_by_offset(p->btf, t->name_off));
			append_members(p->btf, btftype_skip_mods(p->btf, t->type, NULL), off - v->offset,
				       buf, size);
			return true;
		}
	}
	return false;
}
