/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Screens for the tests of the live view: a trace of ten seconds in four ticks with
 * tasks that wait at its end, made of the models of the renderers' tests.
 */
#ifndef LK_TUI_SCREENS_H
#define LK_TUI_SCREENS_H

#include "../../user/tui/field.h"
#include "../../user/tui/top.h"
#include "render_hold_models.h"
#include "render_order_models.h"

#define NR_WAITS 5

struct screen {
	struct model *m;
	struct top_data d;
	struct top_state s;
	struct top_env env;
	struct top_head h;
	struct canvas c;
	struct top_ask ask;
	struct lk_ev_wait wait[NR_WAITS];
	unsigned int source[NR_WAITS];
};

static inline void must(int err)
{
	if (err) {
		printf("Bail out! error %d\n", err);
		exit(1);
	}
}

static inline struct lk_ev_wait make_wait(uint64_t lock, uint32_t lcb, uint32_t stack, struct who who,
					  struct who owner, uint64_t begin_ns, uint64_t now_ns)
{
	return (struct lk_ev_wait){
		.lock = lock, .cgroup = who.cgroup, .start_ns = begin_ns, .dur_ns = now_ns - begin_ns,
		.tid = who.tid, .tgid = who.tgid, .stack = stack, .lcb = lcb,
		.owner_tid = owner.tid, .owner_tgid = owner.tgid, .comm = who.comm,
		.owner_comm = owner.comm ? owner.comm : "",
	};
}

static inline char *fake_stack(void *ctx, uint32_t tid, char *state)
{
	(void)ctx;
	*state = tid % 2 ? 'D' : 'R';
	return strdup(tid % 2 ? "io_schedule+0x46/0x70\nfolio_wait_bit_common+0x13d/0x350\n" : "");
}

static inline void screen_look(struct screen *t, uint64_t now_ns, bool tick)
{
	t->env.now_ns = now_ns;
	t->env.wait = t->wait;
	t->env.source = t->source;
	t->env.wait_known = true;
	must(top_data_update(&t->d, t->m, &t->env, t->s.panel, tick));
}

/* Begin a screen on @m, which has had its META only. */
static inline void screen_begin(struct screen *t, struct model *m, enum top_panel panel)
{
	memset(t, 0, sizeof(*t));
	t->m = m;
	must(top_data_init(&t->d));
	top_state_init(&t->s, SEC, false);
	t->s.panel = panel;
	t->ask.stack = fake_stack;
	t->h = (struct top_head){ .host = "web1", .kernel = "6.12.57+deb13-amd64", .filter = "",
		.tiers = "contention+order", .live = true, .up_ns = 10 * SEC, .loss = strdup(""),
		.cost_known = true, .bpf_known = true, .bpf_share = 0.0123, .user_share = 0.004 };
	screen_look(t, T0, true);
}

static inline void screen_end(struct screen *t)
{
	free(t->h.loss);
	canvas_done(&t->c);
	top_data_done(&t->d);
	model_free(t->m);
}

/* Waits, findings and tasks that wait: one in a chain of three, two for the same lock. */
static inline void screen_typical(struct screen *t, enum top_panel panel)
{
	struct model *m = new_order_model();
	const uint64_t now = T0 + 10 * SEC;

	screen_begin(t, m, panel);
	add_typical_waits(m);
	screen_look(t, T0 + 8 * SEC, true);
	add_waits(m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 100, 2 * MS, 0);
	screen_look(t, T0 + 9 * SEC, true);
	add_waits(m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, 4, 50 * MS, 0);
	add_waits(m, LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_YES, 23456, 900, 0);
	t->wait[0] = make_wait(LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, WHO_WORKER,
			       now - 3 * SEC, now);
	t->wait[1] = make_wait(LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL2, WHO_MYSQL,
			       now - 12 * SEC, now);
	t->wait[2] = make_wait(LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_WORKER, WHO_MYSQL,
			       now - 4 * SEC, now);
	t->wait[3] = make_wait(LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_YES, (struct who){ 0 },
			       now - MS, now);
	t->wait[4] = make_wait(LOCK_PIPE, LK_LCB_MUTEX, STACK_PIPE, WHO_MYSQL, WHO_YES,
			       now - 2 * MS, now);
	t->env.nr_wait = 5;
	screen_look(t, now, true);
}

/* The same with hold times: two ticks of them, and a lock that nobody waits for. */
static inline void screen_holds(struct screen *t, enum top_panel panel)
{
	screen_typical(t, panel);
	add_lock(t->m, LOCK_ZONE + 64, "quiet_lock", "", LK_RULE_NONE);
	add_held(t->m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, 400, 20 * US, 15 * MS);
	add_held(t->m, LOCK_INODE, LK_LCB_WRITE, STACK_MODULE, WHO_WORKER, 7, 90 * US, 25 * MS);
	add_held(t->m, LOCK_MMAP, LK_LCB_READ, STACK_FAULT, WHO_MYSQL, 120000, 300, 30 * MS);
	add_held(t->m, LOCK_ZONE + 64, LK_LCB_SPIN, STACK_FREE, WHO_YES, 1000, 700, 0);
	t->wait[0].dur_ns += SEC;
	screen_look(t, T0 + 11 * SEC, true);
	add_held(t->m, LOCK_INODE, LK_LCB_WRITE, STACK_RENAME, WHO_MV, 10, 40 * US, 0);
	t->wait[0].dur_ns += SEC;
	screen_look(t, T0 + 12 * SEC, true);
}

/* The finding of the model abba, ten seconds into the trace, and watched functions. */
static inline void screen_findings(struct screen *t, enum top_panel panel)
{
	screen_begin(t, model_abba(), panel);
	screen_look(t, T0 + 10 * SEC, true);
}

static inline void screen_draw(struct screen *t, unsigned int rows, unsigned int cols, bool ascii)
{
	char *detail = NULL;

	t->c.ascii = ascii;
	must(canvas_resize(&t->c, rows, cols));
	if (t->s.mode == MODE_DETAIL)
		must(top_detail(&t->d, t->m, &t->env, t->s.panel, t->s.detail_key, &t->ask, cols, ascii,
				&detail));
	must(top_draw(&t->s, &t->d, &t->h, detail ? detail : "", &t->c));
	free(detail);
}

/* Keys as a string; '\n' is Enter, \1 Down, \2 F6, \3 Esc, \4 Up, \5 PgDn, \6 End, \7 Home. */
static inline enum top_action screen_keys(struct screen *t, const char *keys)
{
	static const uint32_t special[] = { 0, KEYCODE_DOWN, KEYCODE_F6, KEYCODE_ESC, KEYCODE_UP,
					    KEYCODE_PAGE_DOWN, KEYCODE_END, KEYCODE_HOME };
	enum top_action action = TOP_NOTHING;

	for (; *keys; keys++) {
		uint32_t key = *keys == '\n' ? KEYCODE_ENTER : *keys == '\t' ? KEYCODE_TAB :
			       *keys < 8 ? special[(int)*keys] : (uint32_t)*keys;

		action = top_key(&t->s, &t->d, key);
		if (action == TOP_UPDATE)
			screen_look(t, t->env.now_ns, false);
	}
	return action;
}

static inline char *screen_text(const struct screen *t)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	canvas_print(&t->c, f);
	fclose(f);
	return text;
}

#endif /* LK_TUI_SCREENS_H */
