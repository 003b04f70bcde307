// SPDX-License-Identifier: GPL-2.0-only
/*
 * The first events of a live trace: META and COVERAGE.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "announce.h"
#include "features.h"
#include "hooks.h"
#include "kernel.h"
#include "probe.h"
#include "tiers.h"

#define META_TEXT_MAX	4000	/* a recording would cut longer ones (file/format.h) */

int announce_init(struct announce *a, const struct session_opts *o)
{
	a->waits = o->waits;
	a->tool = strndup(o->tool ? o->tool : "", META_TEXT_MAX);
	a->cmdline = strndup(o->cmdline ? o->cmdline : "", META_TEXT_MAX);
	a->filter_text = strndup(o->filter_text ? o->filter_text : "", META_TEXT_MAX);
	return a->tool && a->cmdline && a->filter_text ? 0 : -ENOMEM;
}

void announce_done(struct announce *a)
{
	free(a->tool);
	free(a->cmdline);
	free(a->filter_text);
}

static uint32_t flags(const struct announce *a, const struct features *f, const struct tiers *t)
{
	return (a->waits ? LK_META_WAITS : 0) |
	       (t->hooks && probe_preemptible(f, t->hooks) ? LK_META_PREEMPTIBLE : 0) |
	       (t->hooks && hooks_hold_times(t->hooks) ? LK_META_HOLDS : 0);
}

static int emit_meta(const struct announce *a, uint32_t meta_flags, const struct lk_sink *sink)
{
	struct lk_event ev = { .kind = LK_EV_META };
	char boot[64];
	struct utsname u;

	if (uname(&u))
		memset(&u, 0, sizeof(u));
	kernel_read_line("/proc/sys/kernel/random/boot_id", boot, sizeof(boot));
	ev.meta = (struct lk_ev_meta){
		.tool = a->tool, .kernel = u.release, .arch = u.machine, .host = u.nodename,
		.boot_id = boot, .cmdline = a->cmdline, .filter = a->filter_text,
		.start_ns = a->start_ns, .start_real_ns = a->start_real_ns,
		.nr_cpus = (uint32_t)sysconf(_SC_NPROCESSORS_ONLN), .flags = meta_flags };
	return sink_emit(sink, &ev);
}

static int emit_coverage(const struct features *f, const struct tiers *t,
			 const struct lk_sink *sink)
{
	const struct probe_tiers got = {
		.features = f, .wanted = t->wanted, .hooks = t->hooks,
		.lockdep = t->lockdep_why[0] ? NULL : t->lockdep, .lockdep_why = t->lockdep_why,
		.watch = t->hooks && hooks_watch_enter(t->hooks) };
	struct probe p;
	unsigned int i;
	int err = probe_rows(&p, &got);

	if (err)
		return err;
	for (i = 0; i < p.nr_rows && !err; i++) {
		struct lk_event ev = { .kind = LK_EV_COVERAGE, .coverage = {
			.primitive = p.row[i].primitive, .tier = p.row[i].tier,
			.reason = p.row[i].reason, .remedy = p.row[i].remedy,
			.state = p.row[i].state } };

		err = sink_emit(sink, &ev);
	}
	probe_done(&p);
	return err;
}

int announce_emit(const struct announce *a, const struct features *f, const struct tiers *t,
		  const struct lk_sink *sink)
{
	int err = emit_meta(a, flags(a, f, t), sink);

	return err ?: emit_coverage(f, t, sink);
}
