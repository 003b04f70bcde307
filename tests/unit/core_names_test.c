// SPDX-License-Identifier: GPL-2.0-only
/* Names in the model: cgroups, locks, and stacks with their callers. */
#include "../../user/core/lockname.h"
#include "core_events.h"

static void test_names(void)
{
	struct model *m = model_new();
	struct lk_event ev;

	apply(m, meta(0, 0));
	ok(!model_cgroup(m, 0, 1) && !model_lock(m, 0, 0x10), "nothing known yet");
	apply(m, cont(0x10, 1, 1, 1, NULL, 0));
	ok(!model_cgroup(m, 0, 1) && !model_lock(m, 0, 0x10), "mentioned, but not described");
	apply(m, sample(LK_EV_CGROUP));
	apply(m, sample(LK_EV_LOCK));
	is_str(model_cgroup(m, 0, 1), "/a", "cgroup");
	is_str(model_lock(m, 0, 0x10)->name, "s", "lock");
	is_int(model_lock(m, 0, 0x10)->by, NAMED_BY_SYMBOL, "by its symbol");
	ev = sample(LK_EV_LOCK);
	ev.lock.symbol = "";
	ev.lock.cache = "kmalloc-64";
	apply(m, ev);
	is_int(model_lock(m, 0, 0x10)->by, NAMED_BY_SITE, "later evidence replaces it");
	is_str(model_lock(m, 0, 0x10)->cache, "kmalloc-64", "the cache is kept");
	apply(m, meta(0, 0));
	ok(!model_cgroup(m, 1, 1) && !model_lock(m, 1, 0x10), "another source knows nothing of it");
	model_free(m);
}

static void add_sym(struct model *m, uint64_t addr, const char *name, uint32_t flags)
{
	struct lk_event ev = { .kind = LK_EV_SYM, .sym = { .addr = addr, .name = name, .module = "",
		.off = 4, .size = 64, .flags = flags } };

	apply(m, ev);
}

/* Stacks as letters: which frames are left, and which one is the caller. */
static void test_stacks(void)
{
	static const struct {
		const char *in, *out;
		unsigned int caller;
	} c[] = {
		{ "", "", 0 },
		{ "tTmpq", "mpq", 1 },		/* tracer frames go */
		{ "ttt", "", 0 },
		{ "mMp", "mMp", 2 },
		{ "pmq", "pmq", 0 },		/* lock code further out is no matter */
		{ "mm", "mm", 2 },		/* no caller */
		{ "utump", "ump", 2 },		/* unknown before the tracer goes with it */
		{ "uump", "uump", 3 },		/* unknown before lock code is not the caller */
		{ "up", "up", 0 },		/* unknown before anything else is */
		{ "mup", "mup", 1 },		/* so it is behind lock code */
		{ "uu", "uu", 0 },
		{ "mtp", "mtp", 2 },		/* a tracer further out stays, but is no caller */
		{ "mpt", "mpt", 1 },
		{ "ptm", "ptm", 0 },
		{ "sp", "sp", 1 },		/* by its flag only */
		{ "bmp", "mp", 1 },		/* tracer by its flag only */
	};
	struct model_frame f[LK_STACK_DEPTH_MAX];
	uint64_t addr[LK_STACK_DEPTH_MAX];
	unsigned int nr, caller, i, k, late;
	struct model *m;
	char got[32];
	struct lk_event ev;

	for (late = 0; late < 2; late++) {
		m = model_new();
		apply(m, meta(0, 0));
		for (i = 0; i < sizeof(c) / sizeof(c[0]) + 1; i++) {
			if (i == (late ? sizeof(c) / sizeof(c[0]) : 0)) {
				add_sym(m, 't', "bpf_trace_run2", 0);
				add_sym(m, 'T', "__traceiter_contention_begin", 0);
				add_sym(m, 'm', "mutex_lock", 0);
				add_sym(m, 'M', "__mutex_lock.constprop.0", 0);
				add_sym(m, 'p', "pipe_write", 0);
				add_sym(m, 'q', "vfs_write", 0);
				add_sym(m, 's', "strange_sleep", LK_SYM_LOCK);
				add_sym(m, 'b', "strange_program", LK_SYM_TRACER);
			}
			if (i == sizeof(c) / sizeof(c[0]))
				break;
			for (k = 0; c[i].in[k]; k++)
				addr[k] = (uint64_t)c[i].in[k];
			ev = (struct lk_event){ .kind = LK_EV_STACK, .stack = { .id = i, .nr = k, .addr = addr } };
			apply(m, ev);
		}
		for (i = 0; i < sizeof(c) / sizeof(c[0]); i++) {
			nr = model_stack(m, 0, i, f, &caller);
			for (k = 0; k < nr; k++)
				got[k] = (char)f[k].addr;
			got[nr] = '\0';
			is_str(got, c[i].out, "stack %s, symbols %s", c[i].in, late ? "after" : "before");
			is_int(caller, c[i].caller, "its caller");
		}
		nr = model_stack(m, 0, 3, f, &caller);
		ok(nr == 3 && f[0].internal && f[1].internal && !f[2].internal, "frames know what is internal");
		is_str(f[2].name, "pipe_write", "name");
		ok(f[2].off == 4 && f[2].size == 64 && !f[2].module[0], "offset and size");
		is_int(model_stack(m, 0, 77, f, &caller), 0, "an unknown stack");
		is_int(caller, 0, "has no caller");
		is_int(model_stack(m, 1, 3, f, &caller), 0, "another source's neither");
		model_free(m);
	}
}

static void test_stack_replaced(void)
{
	static const uint64_t a[] = { 1, 2, 3 }, b[] = { 4, 5 }, d[] = { 6, 7, 8, 9 };
	struct model_frame f[LK_STACK_DEPTH_MAX];
	struct model *m = model_new();
	struct lk_event ev = { .kind = LK_EV_STACK };
	unsigned int caller;

	apply(m, meta(0, 0));
	ev.stack = (struct lk_ev_stack){ .id = 1, .nr = 3, .addr = a };
	apply(m, ev);
	ev.stack = (struct lk_ev_stack){ .id = 2, .nr = 2, .addr = b };
	apply(m, ev);
	ev.stack = (struct lk_ev_stack){ .id = 1, .nr = 2, .addr = b };
	apply(m, ev);
	is_int(model_stack(m, 0, 1, f, &caller), 2, "replaced by a shorter one");
	ok(f[0].addr == 4 && f[1].addr == 5, "with its frames");
	ev.stack = (struct lk_ev_stack){ .id = 1, .nr = 4, .addr = d };
	apply(m, ev);
	is_int(model_stack(m, 0, 1, f, &caller), 4, "replaced by a longer one");
	ok(f[0].addr == 6 && f[3].addr == 9, "with its frames");
	is_int(model_stack(m, 0, 2, f, &caller), 2, "the other one is as it was");
	ok(f[0].addr == 4 && f[1].addr == 5, "with its frames");
	model_free(m);
}

int main(void)
{
	test_names();
	test_stacks();
	test_stack_replaced();
	return done_testing();
}
