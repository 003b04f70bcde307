// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding out what the kernel offers. Trial programs are loaded and closed at
 * once; none is attached.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "../../bpf/lockfns.h"
#include "../base/htab.h"
#include "../base/vec.h"
#include "features.h"
#include "kernel.h"
#include "percpu.h"

#define NAME_LEN 48

struct features_fns {
	struct htab names;		/* fixed-size names that exist */
	VEC(uint32_t) ids;		/* their BTF ids */
	uint32_t mutex_lock_id;		/* BTF id, 0 = not there */
	bool contention_begin, contention_end, lock_acquire, lock_sync, fprobe, kprobe, slab_kfunc;
};

static void fixed_name(char out[NAME_LEN], const char *name)
{
	memset(out, 0, NAME_LEN);
	snprintf(out, NAME_LEN, "%s", name);
}

/* One pass over BTF: 100,000 types, asked for one by one, would take seconds. */
static int scan_btf(struct features_fns *fns, const struct btf *btf)
{
#define NAME(symbol, ...) #symbol,
	static const char *const wanted[] = { LK_LOCK_FNS(NAME) };
#undef NAME
	struct htab want;
	char key[NAME_LEN];
	uint32_t index, i, n = btf__type_cnt(btf);
	size_t w;
	int err = 0;

	htab_init(&want, NAME_LEN);
	for (w = 0; w < sizeof(wanted) / sizeof(wanted[0]) && err >= 0; w++) {
		fixed_name(key, wanted[w]);
		err = htab_put(&want, key, &index);
	}
	for (i = 1; i < n && err >= 0; i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *name = btf__name_by_offset(btf, t->name_off);

		if (btf_is_typedef(t) && !strncmp(name, "btf_trace_", 10)) {
			fns->contention_begin |= !strcmp(name + 10, "contention_begin");
			fns->contention_end |= !strcmp(name + 10, "contention_end");
			fns->lock_acquire |= !strcmp(name + 10, "lock_acquire");
		}
		if (!btf_is_func(t) || strlen(name) >= NAME_LEN)
			continue;
		fns->fprobe |= !strcmp(name, "register_fprobe");
		fns->kprobe |= !strcmp(name, "register_kprobe");
		fns->lock_sync |= !strcmp(name, "lock_sync");
		fns->slab_kfunc |= !strcmp(name, "bpf_get_kmem_cache");
		fixed_name(key, name);
		if (htab_find(&want, key) == HTAB_NONE)
			continue;
		if (!strcmp(name, "mutex_lock") || !strcmp(name, "mutex_lock_nested"))
			fns->mutex_lock_id = i;
		err = htab_put(&fns->names, key, &index);
		if (err > 0)
			err = vec_push(&fns->ids, i);
	}
	htab_done(&want);
	return err < 0 ? err : 0;
}

uint32_t features_fn_id(const struct features *f, const char *symbol)
{
	char key[NAME_LEN];
	uint32_t index;

	fixed_name(key, symbol);
	index = f->fns ? htab_find(&f->fns->names, key) : HTAB_NONE;
	return index == HTAB_NONE ? 0 : f->fns->ids.v[index];
}

bool features_has_fn(const struct features *f, const char *symbol)
{
	return features_fn_id(f, symbol) != 0;
}

/* Load "return 0" as a program of this type: 0 or -errno. */
static int trial_load(enum bpf_prog_type type, enum bpf_attach_type attach, uint32_t btf_id)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach,
		    .attach_btf_id = btf_id);
	struct utsname u;
	unsigned int a = 0, b = 0, c = 0;
	int fd;

	/* Kernels before 5.0 insist on their version for kprobes. */
	if (!uname(&u) && sscanf(u.release, "%u.%u.%u", &a, &b, &c) >= 2)
		opts.kern_version = a << 16 | b << 8 | (c > 255 ? 255 : c);
	fd = bpf_prog_load(type, NULL, "GPL", kernel_ret0, KERNEL_RET0_LEN, &opts);
	if (fd < 0)
		return -errno;
	close(fd);
	return 0;
}

static enum feature_state tried(int err)
{
	return !err ? FEATURE_YES : err == -EPERM || err == -EACCES ? FEATURE_REFUSED : FEATURE_NO;
}

/* What bpf/watchdog.bpf.h, and the programs that forget, need: all of it, or none is loaded. */
static enum feature_state try_watchdog(void)
{
	static const enum bpf_func_id needed[] = {
		BPF_FUNC_timer_init, BPF_FUNC_loop, BPF_FUNC_for_each_map_elem,
		BPF_FUNC_map_lookup_percpu_elem,
	};
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++)
		if (libbpf_probe_bpf_helper(BPF_PROG_TYPE_SYSCALL, needed[i], NULL) != 1)
			return FEATURE_NO;
	return FEATURE_YES;
}

static void try_programs(struct features *f)
{
	int err;

	if (!f->privileged)
		return;
	f->watchdog = try_watchdog();
	err = trial_load(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0);
	f->raw_tp_errno = -err;
	f->raw_tp = tried(err);
	if (f->fns->mutex_lock_id) {
		err = trial_load(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, f->fns->mutex_lock_id);
		f->fentry_errno = -err;
		f->fentry = tried(err);
	} else if (f->btf == FEATURE_YES) {
		f->fentry = FEATURE_NO;
	}
	if (f->btf == FEATURE_YES && !f->fns->kprobe) {
		f->kprobe = f->kprobe_multi = FEATURE_NO;
		return;
	}
	f->kprobe = tried(trial_load(BPF_PROG_TYPE_KPROBE, 0, 0));
	f->kprobe_multi = f->fns->fprobe ? tried(trial_load(BPF_PROG_TYPE_KPROBE,
							    BPF_TRACE_KPROBE_MULTI, 0)) : FEATURE_NO;
}

/* Are addresses shown, and is a data symbol that every kernel has among them? */
static void look_at_kallsyms(struct features *f)
{
	FILE *k = fopen("/proc/kallsyms", "re");
	char line[512];

	f->ksyms = FEATURE_NO;
	f->data_syms = FEATURE_NO;
	while (k && fgets(line, sizeof(line), k)) {
		if (f->ksyms != FEATURE_YES && strncmp(line, "0000000000000000 ", 17))
			f->ksyms = FEATURE_YES;
		if (strlen(line) > 19 && (!strcmp(line + 19, "init_mm\n") ||
					  !strcmp(line + 19, "tasklist_lock\n"))) {
			f->data_syms = FEATURE_YES;
			break;
		}
	}
	if (k)
		(void)fclose(k);
}

static void look_at_lockdown(struct features *f)
{
	char line[128], *open;

	kernel_read_line("/sys/kernel/security/lockdown", line, sizeof(line));
	open = strchr(line, '[');
	if (!open)
		return;
	open[1 + strcspn(open + 1, "]")] = '\0';
	snprintf(f->lockdown, sizeof(f->lockdown), "%.31s", open + 1);
}

int features_probe(struct features *f, const struct btf *btf, bool symbols)
{
	struct btf *own = NULL;
	int err = 0;

	memset(f, 0, sizeof(*f));
	f->fns = calloc(1, sizeof(*f->fns));
	if (!f->fns)
		return -ENOMEM;
	htab_init(&f->fns->names, NAME_LEN);
	f->privileged = kernel_may_trace();
	if (!btf)
		btf = own = btf__load_vmlinux_btf();
	f->btf = btf ? FEATURE_YES : FEATURE_NO;
	if (btf) {
		err = scan_btf(f->fns, btf);
		f->contention = f->fns->contention_begin && f->fns->contention_end ?
			FEATURE_YES : FEATURE_NO;
		f->lockdep = f->fns->lock_acquire ? FEATURE_YES : FEATURE_NO;
		f->context = percpu_preempt_off(btf) ? FEATURE_YES : FEATURE_NO;
	}
	if (err) {
		btf__free(own);
		features_done(f);
		return err;
	}
	if (symbols)
		look_at_kallsyms(f);
	look_at_lockdown(f);
	preempt_look(&f->preempt);
	try_programs(f);
	f->lock_sync = f->fns->lock_sync;
	f->has_slab_kfunc = f->fns->slab_kfunc;
	f->slab = f->has_slab_kfunc || f->data_syms == FEATURE_YES ? FEATURE_YES : FEATURE_NO;
	btf__free(own);
	return 0;
}

void features_done(struct features *f)
{
	if (f->fns) {
		htab_done(&f->fns->names);
		vec_free(&f->fns->ids);
	}
	free(f->fns);
	f->fns = NULL;
}
