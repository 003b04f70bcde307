// SPDX-License-Identifier: GPL-2.0-only
/*
 * The order tier's object: loading what the plan wants. What the kernel refuses is
 * taken out of the plan, and the rest is loaded again.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../bpf/abi.h"
#include "../base/diag.h"
#include "bpflog.h"
#include "features.h"
#include "kernel.h"
#include "hooks_priv.h"
#include "progload.h"
#include "resolve.h"

#define DEFAULT_SLOTS	16384u
#define DEFAULT_ORDERS	65536u
#define DEFAULT_RING	(4u << 20)
#define EPOCHS_BEHIND	(1u << 30)
#define LOAD_TRIES	16	/* each leaves something more out */

static bool exists(const void *ctx, const char *symbol)
{
	return features_has_fn(ctx, symbol);
}

static struct bpf_program *find_prog(const struct hooks *o, const char *name)
{
	return bpf_object__find_program_by_name(o->skel->obj, name);
}

/* NULL: a row whose program there is none of. */
struct bpf_program *hooks_prog(const struct hooks *o, unsigned int row, bool at_exit)
{
	char name[80];

	switch (o->plan.mode) {
	case ORDER_MODE_FENTRY:
		snprintf(name, sizeof(name), "%s_%s", at_exit ? "fx" : "fe", order_fns[row].symbol);
		return find_prog(o, name);
	case ORDER_MODE_MULTI:
		return at_exit ? o->skel->progs.km_exit : o->skel->progs.km_enter;
	case ORDER_MODE_KPROBE:
		return at_exit ? o->skel->progs.kp_exit : o->skel->progs.kp_enter;
	case ORDER_MODE_BEST:
		break;
	}
	return NULL;
}

unsigned int hooks_row_of_prog(const char *name)
{
	unsigned int row;

	for (row = 0; row < LK_ROW_NR; row++)
		if (!strncmp(name, "fe_", 3) || !strncmp(name, "fx_", 3) || hooks_is_got(name))
			if (!strcmp(name + 3, order_fns[row].symbol))
				break;
	return row;
}

static unsigned int power_of_two(unsigned int n)
{
	unsigned int p = 1;

	while (p < n && p < 1u << 22)
		p *= 2;
	return p;
}

static int share(struct bpf_map *map, int fd)
{
	return fd < 0 ? 0 : bpf_map__reuse_fd(map, fd);
}

static int configure(struct hooks *o)
{
	struct lk_order_cfg *cfg = (struct lk_order_cfg *)&o->skel->rodata->order_cfg;
	unsigned int slots = power_of_two(o->opts.held_tasks ? o->opts.held_tasks : DEFAULT_SLOTS);
	/* A table that is more than half full has long ways. */
	unsigned int edges = 2 * power_of_two(o->opts.orders ? o->opts.orders : DEFAULT_ORDERS);
	int err;

	if (o->opts.cfg)
		memcpy((void *)&o->skel->rodata->cfg, o->opts.cfg, sizeof(*o->opts.cfg));
	if (o->no_kfuncs)
		((struct lk_cfg *)&o->skel->rodata->cfg)->has_kfuncs = 0;
	if (o->no_kfuncs)
		((struct lk_cfg *)&o->skel->rodata->cfg)->has_slab_kfunc = 0;
	cfg->slot_mask = slots - 1;
	cfg->edge_mask = edges - 1;
	cfg->verify = 1;
	cfg->look_upon = o->plan.mode == ORDER_MODE_FENTRY;
	cfg->completions = o->plan.prim[LK_PRIM_COMPLETION].state != LK_STATE_NONE;
	/* Modules lie behind the kernel's image. Without data symbols that is not known. */
	cfg->module_lo = resolver_symbol(o->opts.resolver, "_end");
	cfg->node_data = resolver_symbol(o->opts.resolver, "node_data");
	cfg->sample_mask = o->opts.sample ? power_of_two(o->opts.sample) - 1 : 0;
	cfg->vmalloc_base = resolver_symbol(o->opts.resolver, "vmalloc_base");
	cfg->cpu_hotplug_lock = resolver_symbol(o->opts.resolver, "cpu_hotplug_lock");
	if (!cfg->cpu_hotplug_lock && o->plan.row[LK_ROW_cpus_read_lock])
		order_plan_drop(&o->plan, LK_ROW_cpus_read_lock,
				"the address of cpu_hotplug_lock is not known");
	/* Behind the tasks, the two interrupt levels of each CPU. */
	err = bpf_map__set_max_entries(o->skel->maps.slots,
				       slots + 2 * (unsigned int)libbpf_num_possible_cpus());
	err = err ?: bpf_map__set_max_entries(o->skel->maps.edges, edges);
	err = err ?: bpf_map__set_max_entries(o->skel->maps.order_rb,
					      o->opts.ring_bytes ? o->opts.ring_bytes : DEFAULT_RING);
	err = err ?: share(o->skel->maps.cpus, o->opts.cpus);
	err = err ?: share(o->skel->maps.stats, o->opts.stats);
	err = err ?: share(o->skel->maps.tasks, o->opts.tasks);
	err = err ?: share(o->skel->maps.cgroups, o->opts.cgroups);
	return err ?: hooks_hold_configure(o);
}

static void choose(struct hooks *o)
{
	bool hooks = order_plan_any(&o->plan), watch;
	unsigned int row;

	if (!find_prog(o, "watch_enter") || !find_prog(o, "watch_exit"))
		o->no_watch = true;
	watch = o->opts.watch && !o->no_watch;

	for (row = 0; row < LK_ROW_NR; row++) {
		struct bpf_program *enter = hooks_prog(o, row, false);
		struct bpf_program *leave = hooks_prog(o, row, true);
		struct bpf_program *got = hooks_got(o, row);

		if (!o->plan.row[row])
			continue;
		if (got)
			bpf_program__set_autoload(got, true);
		if (enter && order_needs_entry(o->plan.mode, row))
			bpf_program__set_autoload(enter, true);
		if (leave && order_needs_exit(row))
			bpf_program__set_autoload(leave, true);
	}
	bpf_program__set_autoload(o->skel->progs.watchdog_start, o->opts.features->watchdog == FEATURE_YES);
	bpf_program__set_autoload(o->skel->progs.order_reset, o->opts.features->watchdog == FEATURE_YES);
	bpf_program__set_autoload(o->skel->progs.order_reset_inits, o->opts.features->watchdog == FEATURE_YES);
	bpf_program__set_autoload(o->skel->progs.hold_self, hooks && o->skel->rodata->order_cfg.hold_times);
	bpf_program__set_autoload(o->skel->progs.upon_find,
				  hooks && o->plan.mode == ORDER_MODE_FENTRY && !o->no_upon);
	bpf_program__set_autoload(o->skel->progs.task_exit, hooks);
	bpf_program__set_autoload(o->skel->progs.task_free, hooks || watch);
	bpf_program__set_autoload(o->skel->progs.module_gone, hooks);
	bpf_program__set_autoload(o->skel->progs.task_switch, o->plan.row[LK_ROW__raw_spin_lock]);
	if (watch) {
		bpf_program__set_autoload(find_prog(o, "watch_enter"), true);
		bpf_program__set_autoload(find_prog(o, "watch_exit"), true);
	}
}

/* The kernel refused something: leave it out. False if that would leave nothing. */
static bool leave_out(struct hooks *o, int err, const struct bpflog *log)
{
	unsigned int row = hooks_row_of_prog(log->prog);

	if (err == -ENOMEM)
		return false;
	if (!o->no_watch && !strncmp(log->prog, "watch_", 6)) {
		o->no_watch = true;
		return order_plan_any(&o->plan);
	}
	if (!o->no_upon && !strcmp(log->prog, "upon_find")) {
		o->no_upon = true;
		return true;
	}
	if (o->opts.cfg && o->opts.cfg->has_kfuncs && !o->no_kfuncs) {
		o->no_kfuncs = true;
		return true;
	}
	if (row == LK_ROW_NR || err == -EPERM)
		return false;
	if (hooks_is_got(log->prog)) {
		o->untimed[row] = true;
		return true;
	}
	order_plan_drop(&o->plan, row, log->last[0] ? log->last : strerror(-err));
	return order_plan_any(&o->plan);
}

static int open_and_load(struct hooks *o)
{
	int err;

	o->skel = order_bpf__open();
	if (!o->skel)
		return -errno;
	err = configure(o);
	if (err)
		return err;
	choose(o);
	return order_bpf__load(o->skel);
}

/* One try. -EAGAIN: something was taken out of the plan. */
static int try_load(struct hooks *o, struct bpflog *log)
{
	struct progload *progs = progload_begin(o->opts.features);
	int err;

	if (!progs)
		return -ENOMEM;
	err = progload_end(progs, open_and_load(o));
	if (!err || !o->skel)
		return err;
	order_bpf__destroy(o->skel);
	o->skel = NULL;
	return leave_out(o, err, log) ? -EAGAIN : err;
}

static int load(struct hooks *o, struct diag *why)
{
	struct bpflog log = { .line = o->opts.log };
	int err = -EAGAIN, tries;

	for (tries = 0; tries < LOAD_TRIES && err == -EAGAIN; tries++) {
		bpflog_begin(&log);
		err = try_load(o, &log);
		bpflog_end();
	}
	if (!err)
		return 0;
	if (log.last[0])
		return diag_set(why, err, "its programs do not load (%s)", log.last);
	return diag_errno(why, err, "its programs do not load");
}

static void refuse_all(struct hooks *o, const char *why, const char *remedy)
{
	unsigned int i, row;

	for (row = 0; row < LK_ROW_NR; row++)
		o->plan.row[row] = false;
	for (i = 0; i < LK_PRIM_NR; i++) {
		if (!o->plan.prim[i].state)
			continue;
		o->plan.prim[i].state = LK_STATE_NONE;
		snprintf(o->plan.prim[i].reason, sizeof(o->plan.prim[i].reason), "%.199s", why);
		snprintf(o->plan.prim[i].remedy, sizeof(o->plan.prim[i].remedy), "%.99s", remedy);
	}
}

static const char *how(enum feature_state s)
{
	return s == FEATURE_REFUSED ? "refused by policy" : s == FEATURE_YES ? "there" : "absent";
}

/* No mode is there: why. */
static int refuse_modes(struct hooks *o, struct diag *why)
{
	const struct features *f = o->opts.features;
	const char *remedy = "a kernel with CONFIG_KPROBES or BTF and ftrace";

	if (o->opts.mode != ORDER_MODE_BEST)
		diag_set(why, -ENOTSUP, "its functions cannot be hooked by %s here",
			 order_mode_name(o->opts.mode));
	else
		diag_set(why, -ENOTSUP, "its functions cannot be hooked: fentry %s, kprobes %s",
			 how(f->fentry), how(f->kprobe));
	if (f->fentry == FEATURE_REFUSED)
		remedy = "a kernel that allows fentry or has CONFIG_KPROBES";
	refuse_all(o, why->text, remedy);
	return -ENOTSUP;
}

/* The best mode that loads. */
static int load_hooks(struct hooks *o, struct diag *why)
{
	const struct features *f = o->opts.features;
	const struct {
		enum order_mode mode;
		enum feature_state has;
	} modes[] = {
		{ ORDER_MODE_FENTRY, f->fentry },
		{ ORDER_MODE_MULTI, f->kprobe_multi },
		{ ORDER_MODE_KPROBE, f->kprobe },
	};
	bool tried = false;
	int err = -ENOTSUP;
	size_t i;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]) && err; i++) {
		if (modes[i].has != FEATURE_YES ||
		    (o->opts.mode != ORDER_MODE_BEST && o->opts.mode != modes[i].mode))
			continue;
		tried = true;
		order_plan_make(&o->plan, modes[i].mode, o->opts.spin, exists, f);
		err = order_plan_any(&o->plan) ? load(o, why) :
		      diag_set(why, -ENOTSUP, "none of the lock functions is there");
	}
	if (!tried)
		return refuse_modes(o, why);
	if (err)
		refuse_all(o, why->text, "");
	return err;
}

int hooks_open(const struct hooks_opts *opts, struct hooks **ret, struct diag *why)
{
	struct hooks *o = calloc(1, sizeof(*o));
	struct diag no_watch = { "" };
	int err = -ENOTSUP;

	*ret = o;
	if (!o)
		return -ENOMEM;
	o->opts = *opts;
	o->park.want = o->park.have = LK_GATE_ALL;
	o->park.settled = true;
	o->opts.watch &= opts->features->kprobe == FEATURE_YES;
	order_plan_make(&o->plan, ORDER_MODE_FENTRY, ORDER_SPIN_AUTO, exists, opts->features);
	if (opts->hooks) {
		err = load_hooks(o, why);
		if (err)
			snprintf(o->why_not, sizeof(o->why_not), "%.199s", why->text);
	} else {
		refuse_all(o, "left out (--tier)", "");
	}
	if (err && o->opts.watch && !o->no_watch)
		err = load(o, opts->hooks ? &no_watch : why);
	return err;
}

bool hooks_any(const struct hooks *o)
{
	return o->skel && order_plan_any(&o->plan);
}

const char *hooks_why_not(const struct hooks *o)
{
	return o->why_not;
}

static bool has_watch(const struct hooks *o)
{
	return o->skel && o->opts.watch && !o->no_watch;
}

struct bpf_program *hooks_watch_enter(const struct hooks *o)
{
	return has_watch(o) ? find_prog(o, "watch_enter") : NULL;
}

struct bpf_program *hooks_watch_exit(const struct hooks *o)
{
	return has_watch(o) ? find_prog(o, "watch_exit") : NULL;
}

int hooks_watch_stats(const struct hooks *o)
{
	return has_watch(o) ? bpf_object__find_map_fd_by_name(o->skel->obj, "watch_stats") : -1;
}

int hooks_inits(const struct hooks *o)
{
	return hooks_any(o) ? bpf_map__fd(o->skel->maps.inits) : -1;
}

uint32_t hooks_sample(const struct hooks *o)
{
	return hooks_any(o) && o->opts.sample ? o->skel->rodata->order_cfg.sample_mask + 1 : 0;
}

const struct order_plan *hooks_get_plan(const struct hooks *o)
{
	return &o->plan;
}

struct bpf_object *hooks_object(const struct hooks *o)
{
	return o->skel ? o->skel->obj : NULL;
}

int hooks_ring(const struct hooks *o)
{
	return bpf_map__fd(o->skel->maps.order_rb);
}

void hooks_enable(struct hooks *o, const struct lk_order_percpu *percpu, uint64_t now_ns, uint32_t bits)
{
	memcpy(&o->skel->bss->order_percpu, percpu, sizeof(*percpu));
	o->skel->bss->order_started_ns = now_ns;
	o->skel->bss->order_young = 1;
	hooks_hold_begin(o);
	__atomic_store_n(&o->skel->bss->order_enabled, bits, __ATOMIC_RELEASE);
}

struct gate_part hooks_gate(const struct hooks *o)
{
	return (struct gate_part){
		.start = o->skel->progs.watchdog_start, .beat = &o->skel->bss->watchdog_beat,
		.bit_ns = &o->skel->bss->watchdog_bit_ns,
		.reset = o->skel->progs.order_reset,
		.reset_inits = o->skel->progs.order_reset_inits };
}

/* The epoch wraps around: the one that counts must not fall behind by half of that. */
void hooks_ripen(struct hooks *o)
{
	uint32_t now;

	if (o->skel->bss->order_young) {
		now = __atomic_fetch_add(&o->skel->data->epoch, 1, __ATOMIC_SEQ_CST);
		__atomic_store_n(&o->skel->bss->order_ripe_epoch, now + 1, __ATOMIC_SEQ_CST);
		__atomic_store_n(&o->skel->bss->order_young, 0, __ATOMIC_SEQ_CST);
		__atomic_add_fetch(&o->skel->bss->tag_gen, 1, __ATOMIC_SEQ_CST);
		return;
	}
	now = __atomic_load_n(&o->skel->data->epoch, __ATOMIC_RELAXED);
	if (now - o->skel->bss->order_ripe_epoch > EPOCHS_BEHIND)
		__atomic_store_n(&o->skel->bss->order_ripe_epoch, now - EPOCHS_BEHIND, __ATOMIC_RELAXED);
}

void hooks_disable(struct hooks *o)
{
	if (o->skel && o->skel->bss)
		__atomic_store_n(&o->skel->bss->order_enabled, 0, __ATOMIC_RELEASE);
}

void hooks_free(struct hooks *o)
{
	if (!o)
		return;
	hooks_disable(o);
	hooks_detach(o);
	order_bpf__destroy(o->skel);
	free(o);
}
