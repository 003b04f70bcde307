// SPDX-License-Identifier: GPL-2.0-only
/*
 * A live trace, from open to free. The order matters and is kept here: load;
 * learn every CPU's per-CPU base; attach the ends before the beginnings; raise
 * the gates last. To stop: gates down, wait for running programs, read; and
 * detach when all has been said, since that can take long.
 */
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../../bpf/abi.h"
#include "../base/diag.h"
#include "announce.h"
#include "cost.h"
#include "drain.h"
#include "features.h"
#include "gates.h"
#include "kernel.h"
#include "load.h"
#include "hooks.h"
#include "lockdep.h"
#include "member.h"
#include "percpu.h"
#include "probe.h"
#include "resolve.h"
#include "session.h"
#include "spend.h"
#include "tiers.h"
#include "trace.skel.h"
#include "watchpoints.h"

/*
 * The kernel's wake-up for a ring is an interrupt to the CPU that filled it, which may
 * be about to spin with interrupts off for ever: look without being woken, too.
 */
#define LOOK_MS 10

enum { LINK_FORK, LINK_EXIT, LINK_END, LINK_BEGIN, LINK_NR };

struct session {
	struct trace_bpf *skel;
	struct btf *btf;
	struct percpu *percpu;
	struct members *members;
	struct resolver *resolver;
	struct drain *drain;
	struct ring_buffer *ring;
	struct bpf_link *link[LINK_NR];
	struct features features;
	struct tiers tiers;
	struct gates gates;
	struct spend spend;
	struct session_opts opts;	/* what attaching needs; the lists are gone */
	const struct lk_sink *sink;
	struct announce announce;
	unsigned int nr_cpus;
	int sink_err;		/* first error of the sink inside a ring callback */
	int measure_fd;		/* run times are measured while it is open; 0 = they are not */
	bool contention, waits, follow, started, stopped;
};

static int learn_percpu(struct session *s)
{
	return percpu_learn(s->btf, bpf_program__fd(s->skel->progs.percpu_base),
			    bpf_map__fd(s->skel->maps.cpus), s->nr_cpus, &s->percpu);
}

static int on_record(void *ctx, void *data, size_t size)
{
	const struct lk_rec_wait *rec = data;
	struct session *s = ctx;
	struct lk_event ev = { .kind = LK_EV_WAIT };

	gates_beat(&s->gates);
	if (size < sizeof(*rec) || (rec->kind != LK_REC_WAIT && rec->kind != LK_REC_HOLD) || s->sink_err)
		return 0;
	if (rec->kind == LK_REC_HOLD)
		ev.kind = LK_EV_HOLD;
	ev.wait = (struct lk_ev_wait){
		.lock = rec->key.lock, .cgroup = rec->key.cgroup, .start_ns = rec->start_ns,
		.dur_ns = rec->dur_ns, .tid = rec->key.tid, .tgid = rec->key.tgid,
		.stack = rec->key.stack, .lcb = rec->key.lcb, .ctx = rec->key.ctx,
		.cpu = rec->key.cpu, .owner_tid = rec->owner_tid, .owner_tgid = rec->owner_tgid,
		.owner_reader = rec->owner_reader, .comm = "", .owner_comm = "" };
	s->sink_err = sink_emit(s->sink, &ev);
	return 0;
}

static int make_helpers(struct session *s)
{
	struct drain_maps dm = {
		.rows = bpf_map__fd(s->skel->maps.rows), .folds = bpf_map__fd(s->skel->maps.folds),
		.owners = bpf_map__fd(s->skel->maps.owners), .hist = bpf_map__fd(s->skel->maps.hist),
		.waiters = bpf_map__fd(s->skel->maps.waiters),
		.cpus = bpf_map__fd(s->skel->maps.cpus), .stats = bpf_map__fd(s->skel->maps.stats),
		.nr_hist = bpf_map__max_entries(s->skel->maps.hist),
		.nr_waiters = bpf_map__max_entries(s->skel->maps.waiters), .nr_cpus = s->nr_cpus };
	struct resolver_maps rm = {
		.stacks = bpf_map__fd(s->skel->maps.stacks),
		.stacks_alt = bpf_map__fd(s->skel->maps.stacks_alt),
		.locks = bpf_map__fd(s->skel->maps.locks),
		.stack_depth = bpf_map__value_size(s->skel->maps.stacks) / 8 };
	struct hooks_hold_maps hm = { .rows = -1, .folds = -1, .hist = -1 };
	int err;

	if (s->tiers.hooks)
		hooks_hold_maps(s->tiers.hooks, &hm);
	dm.hold_rows = hm.rows;
	dm.hold_folds = hm.folds;
	dm.hold_hist = hm.hist;
	dm.nr_hold_hist = hm.nr_hist;
	resolver_bind(s->resolver, &rm, s->percpu, s->members);
	err = drain_new(&dm, &s->drain);
	if (!err && s->waits) {
		s->ring = ring_buffer__new(bpf_map__fd(s->skel->maps.rb), on_record, s, NULL);
		err = s->ring ? 0 : -errno;
	}
	return err ?: tiers_bind(&s->tiers, s->resolver, s->percpu, s->members, &s->ring);
}

/* Contention is traced unless it is not wanted or this kernel has no tracepoints for it. */
static int decide_contention(struct session *s, const struct session_opts *o, struct diag *why)
{
	bool wanted = !o->tiers || o->tiers >> LK_TIER_CONTENTION & 1;

	s->contention = wanted && s->features.contention == FEATURE_YES;
	if (s->contention || !wanted || !o->tiers)
		return 0;
	return diag_set(why, -ENOENT, "this kernel has no tracepoint contention_begin (contention "
			"tracing needs Linux 5.19 or later); 'lockscope doctor' shows what it offers");
}

static int open_tiers(struct session *s, const struct session_opts *o, struct diag *why)
{
	int err = tiers_open(&s->tiers, o, &s->features, s->resolver, s->skel, why);

	if (err || s->contention || tiers_any(&s->tiers))
		return err;
	return diag_set(why, -ENOTSUP, "nothing can be traced here: no contention tracepoints (Linux "
			"5.19 or later has them), no hooks on lock functions, no lockdep; "
			"'lockscope doctor' shows what this kernel offers");
}

int session_open(const struct session_opts *o, struct session **ret, struct diag *why)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	struct session *s;
	int err;

	if (!kernel_may_trace())
		return diag_set(why, -EPERM, "%s", probe_missing_caps());
	if (o->nr_cgroup > LK_MAX_FILTER)
		return diag_set(why, -E2BIG, "%u cgroups to filter on, at most %d are possible",
				o->nr_cgroup, LK_MAX_FILTER);
	(void)setrlimit(RLIMIT_MEMLOCK, &unlimited);	/* needed before 5.11 only, and may be refused */
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->waits = o->waits;
	s->follow = o->follow != 0;
	s->nr_cpus = (unsigned int)libbpf_num_possible_cpus();
	s->btf = btf__load_vmlinux_btf();
	if (!s->btf) {
		err = diag_set(why, -ENOTSUP, "this kernel has no type information "
			       "(/sys/kernel/btf/vmlinux); it must be built with CONFIG_DEBUG_INFO_BTF=y");
		goto out;
	}
	s->opts = (struct session_opts){ .tiers = o->tiers, .budget_ppm = o->budget_ppm };
	err = announce_init(&s->announce, o);
	err = err ?: features_probe(&s->features, s->btf, false);
	err = err ?: decide_contention(s, o, why);
	err = err ?: members_new(s->btf, &s->members);
	err = err ?: resolver_new(&s->resolver);
	err = err ?: load_programs(o, s->btf, &s->features, s->resolver, s->contention, &s->skel, why);
	err = err ?: open_tiers(s, o, why);
	err = err ?: learn_percpu(s);
	err = err ?: make_helpers(s);
	if (err)
		goto out;
	*ret = s;
	return 0;
out:
	session_free(s);
	return err;
}

static int attach(struct session *s, int which, struct bpf_program *prog, const char *tp,
		  struct diag *why)
{
	s->link[which] = bpf_program__attach_raw_tracepoint(prog, tp);
	if (s->link[which])
		return 0;
	if (errno == ENOENT)
		return diag_set(why, -ENOENT, "this kernel has no tracepoint %s (contention tracing "
				"needs Linux 5.19 or later); 'lockscope doctor' shows what it offers", tp);
	return diag_errno(why, -errno, "cannot attach to the tracepoint %s", tp);
}

static int attach_all(struct session *s, struct diag *why)
{
	int err = 0;

	if (s->follow) {
		err = attach(s, LINK_FORK, s->skel->progs.follow_fork, "sched_process_fork", why);
		err = err ?: attach(s, LINK_EXIT, s->skel->progs.follow_exit,
				    "sched_process_exit", why);
	}
	err = err ?: tiers_attach(&s->tiers, &s->opts, why);
	if (err || !s->contention)
		return err;
	err = attach(s, LINK_END, s->skel->progs.contention_end, "contention_end", why);
	return err ?: attach(s, LINK_BEGIN, s->skel->progs.contention_begin, "contention_begin",
			     why);
}

static void open_gates(struct session *s)
{
	s->gates = (struct gates){ .skel = s->skel, .tiers = &s->tiers, .percpu = s->percpu,
				   .sink = s->sink, .contention = s->contention };
	s->tiers.gates = &s->gates;
	gates_init(&s->gates, s->features.watchdog == FEATURE_YES);
	gates_open(&s->gates, s->announce.start_ns);
}

int session_start(struct session *s, const struct lk_sink *sink, struct diag *why)
{
	int err;

	s->sink = s->tiers.sink = sink;
	err = attach_all(s, why);
	if (!err && s->tiers.hooks && hooks_hold_times(s->tiers.hooks))
		err = resolver_reload(s->resolver);
	if (err)
		return err;
	s->announce.start_real_ns = kernel_real_ns();
	s->announce.start_ns = kernel_now_ns();
	open_gates(s);
	s->started = true;
	err = announce_emit(&s->announce, &s->features, &s->tiers, sink);
	if (!err && s->tiers.watch)
		err = watchpoints_update(s->tiers.watch, sink, true);
	gates_watch(&s->gates);
	spend_begin(&s->spend, &s->gates, s->opts.budget_ppm);
	return err;
}

const char *session_unbudgeted(const struct session *s)
{
	return s->spend.why_not;
}

bool session_watched(const struct session *s)
{
	return s->gates.watched;
}

bool session_missing(const struct session *s, unsigned int i, char *buf, size_t size)
{
	char gap[240] = "";

	if (s->tiers.hooks)
		hooks_hold_gap(s->tiers.hooks, gap, sizeof(gap));
	if (gap[0] && i-- == 0) {
		snprintf(buf, size, "%s hold times: %s", hooks_hold_times(s->tiers.hooks) ? "not all" : "no",
			 gap);
		return true;
	}
	return s->tiers.watch && watchpoints_missing(s->tiers.watch, i, buf, size);
}

/* What came into the rings; modules first, whose functions it may name. */
static int take_records(struct session *s)
{
	bool changed;
	int err = resolver_poll(s->resolver, &changed);

	if (!err && changed) {
		members_changed(s->members);
		tiers_modules(&s->tiers);
	}
	if (!err && s->tiers.watch)
		err = watchpoints_update(s->tiers.watch, s->sink, changed);
	if (!err && s->ring)
		err = ring_buffer__consume(s->ring);
	if (err < 0)
		return err;
	return s->sink_err ? s->sink_err : s->tiers.err;
}

int session_poll(struct session *s, int wake_fd, int timeout_ms)
{
	struct pollfd fds[2] = {
		{ .fd = wake_fd, .events = POLLIN },
		{ .fd = s->ring ? ring_buffer__epoll_fd(s->ring) : -1, .events = POLLIN },
	};
	int n, err;

	if (tiers_any(&s->tiers) && (timeout_ms < 0 || timeout_ms > LOOK_MS))
		timeout_ms = LOOK_MS;
	n = poll(fds, 2, spend_timeout(&s->spend, gates_timeout(&s->gates, timeout_ms)));
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	err = gates_check(&s->gates);
	err = err ?: spend_check(&s->spend);
	err = err ?: take_records(s);
	return err ? err : fds[0].revents != 0;
}

/* Sum of the times the kernel skipped one of our programs because it was running already. */
static struct drain_misses misses(const struct session *s)
{
	const struct bpf_program *prog[] = { s->skel->progs.contention_begin,
					     s->skel->progs.contention_end };
	struct drain_misses m = { .order = 0 };
	struct bpf_prog_info info;
	__u32 len;
	size_t i;

	if (s->tiers.hooks && hooks_object(s->tiers.hooks))
		m.order = hooks_recursion(s->tiers.hooks);

	for (i = 0; s->contention && i < sizeof(prog) / sizeof(prog[0]); i++) {
		memset(&info, 0, sizeof(info));
		len = sizeof(info);
		if (!bpf_obj_get_info_by_fd(bpf_program__fd(prog[i]), &info, &len))
			m.contention += info.recursion_misses;
	}
	return m;
}

static int emit_time(struct session *s, enum lk_ev_kind kind, uint64_t now)
{
	struct lk_event ev = { .kind = kind, .time = { .now_ns = now } };

	return sink_emit(s->sink, &ev);
}

static int emit_counts(struct session *s, bool final)
{
	struct drain_misses m = misses(s);
	int err = drain_tick(s->drain, s->resolver, s->sink, &m, final);

	if (!err && s->tiers.watch)
		err = watchpoints_tick(s->tiers.watch, s->sink);
	return err;
}

int session_tick(struct session *s)
{
	uint64_t now = kernel_now_ns();
	int err;

	gates_beat(&s->gates);
	err = emit_counts(s, false);
	return err ?: emit_time(s, LK_EV_TICK, now);
}

int session_waiting(struct session *s, const struct lk_sink *sink)
{
	return drain_waiting(s->drain, s->resolver, sink, kernel_now_ns(), true);
}

int session_measure(struct session *s)
{
	int fd = cost_measure();

	if (fd > 0)
		s->measure_fd = fd;
	return fd < 0 ? fd : 0;
}

uint64_t session_run_ns(const struct session *s)
{
	return cost_run_ns(s->skel->obj) +
	       (s->tiers.hooks ? cost_run_ns(hooks_object(s->tiers.hooks)) : 0) +
	       (s->tiers.lockdep ? cost_run_ns(lockdep_object(s->tiers.lockdep)) : 0);
}

bool session_slow_to_detach(const struct session *s)
{
	return s->tiers.hooks && hooks_attached(s->tiers.hooks);
}

void session_detach(struct session *s)
{
	int i;

	for (i = LINK_NR - 1; i >= 0; i--) {
		bpf_link__destroy(s->link[i]);
		s->link[i] = NULL;
	}
	tiers_detach(&s->tiers);
}

int session_stop(struct session *s)
{
	uint64_t now;
	int err;

	if (!s->started || s->stopped)
		return 0;
	s->stopped = true;
	spend_end(&s->spend);
	err = gates_close(&s->gates);
	now = kernel_now_ns();
	(void)kernel_wait_for_programs();	/* refused: the last microseconds may be missing */
	err = err ?: take_records(s);
	err = err ?: emit_counts(s, true);
	err = err ?: drain_waiting(s->drain, s->resolver, s->sink, now, false);
	err = err ?: emit_time(s, LK_EV_TICK, now);
	return err ?: emit_time(s, LK_EV_END, now);
}

void session_free(struct session *s)
{
	if (!s)
		return;
	if (s->started)
		(void)gates_close(&s->gates);	/* no sink any more: nothing is emitted twice */
	session_detach(s);
	ring_buffer__free(s->ring);
	drain_free(s->drain);
	tiers_free(&s->tiers);
	resolver_free(s->resolver);
	percpu_free(s->percpu);
	members_free(s->members);
	trace_bpf__destroy(s->skel);
	features_done(&s->features);
	btf__free(s->btf);
	if (s->measure_fd)
		close(s->measure_fd);
	spend_end(&s->spend);
	announce_done(&s->announce);
	free(s);
}
