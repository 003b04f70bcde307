// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys of lockscope top: what they do to the state and what they ask for. And a
 * storm: random keys on screens of random sizes must neither crash nor draw outside.
 */
#include "../lib/tap.h"
#include "tui_screens.h"

static const struct {
	const char *keys, *what;
	enum top_action action;
	enum top_mode mode;
	enum top_panel panel;
} moves[] = {
	{ "q", "q quits", TOP_QUIT, MODE_LIST, TOP_LOCKS },
	{ "\n", "Enter opens a detail", TOP_UPDATE, MODE_DETAIL, TOP_LOCKS },
	{ "\nq", "q in a detail goes back", TOP_NOTHING, MODE_LIST, TOP_LOCKS },
	{ "\n\3", "so does Esc", TOP_NOTHING, MODE_LIST, TOP_LOCKS },
	{ "\n3", "a panel's number in a detail goes to its list", TOP_UPDATE, MODE_LIST, TOP_CALLERS },
	{ "?", "? is help", TOP_NOTHING, MODE_HELP, TOP_LOCKS },
	{ "\nhx", "any key leaves help to where it came from", TOP_NOTHING, MODE_DETAIL, TOP_LOCKS },
	{ "hq", "q too, and does not quit", TOP_NOTHING, MODE_LIST, TOP_LOCKS },
	{ "\t", "Tab is the next panel", TOP_UPDATE, MODE_LIST, TOP_TASKS },
	{ "\t\t\t\t\t\t", "and the first after the last", TOP_UPDATE, MODE_LIST, TOP_LOCKS },
	{ "5", "5 is Findings", TOP_UPDATE, MODE_LIST, TOP_FINDINGS },
	{ "6", "6 is Watch", TOP_UPDATE, MODE_LIST, TOP_WATCH },
	{ "p", "p pauses", TOP_PAUSED, MODE_LIST, TOP_LOCKS },
	{ "s", "s saves", TOP_SAVE, MODE_LIST, TOP_LOCKS },
	{ "/", "/ prompts", TOP_NOTHING, MODE_PROMPT, TOP_LOCKS },
	{ "/\3", "Esc leaves the prompt", TOP_NOTHING, MODE_LIST, TOP_LOCKS },
	{ "\2", "F6 is the sort menu", TOP_NOTHING, MODE_SORT, TOP_LOCKS },
	{ "\2\3", "Esc leaves it", TOP_NOTHING, MODE_LIST, TOP_LOCKS },
	{ "\2q", "q there quits", TOP_QUIT, MODE_SORT, TOP_LOCKS },
	{ "i2\n", "i takes an interval", TOP_INTERVAL, MODE_LIST, TOP_LOCKS },
	{ "i0.01\n", "but not one that is too short", TOP_NOTHING, MODE_LIST, TOP_LOCKS },
	{ "i\n", "none is no change", TOP_NOTHING, MODE_LIST, TOP_LOCKS },
};

static void test_moves(void)
{
	struct screen t;
	size_t i;

	for (i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		screen_typical(&t, TOP_LOCKS);
		screen_draw(&t, 24, 80, false);
		is_int(screen_keys(&t, moves[i].keys), moves[i].action, "%s", moves[i].what);
		is_int(t.s.mode, moves[i].mode, "... mode");
		is_int(t.s.panel, moves[i].panel, "... panel");
		screen_end(&t);
	}
}

static const char *cursor_name(struct screen *t)
{
	const struct top_list *l = &t->s.list[t->s.panel];
	const struct top_row *r;

	screen_draw(t, 24, 80, false);
	r = top_data_find(&t->d, t->s.panel, l->key);
	return r ? r->name : NULL;
}

static void test_cursor(void)
{
	struct screen t;

	screen_typical(&t, TOP_LOCKS);
	is_str(cursor_name(&t), "&mm->mmap_lock", "the cursor is on the worst lock");
	screen_keys(&t, "\1");
	is_str(cursor_name(&t), "&ext4_inode_cache", "Down goes to the next");
	screen_keys(&t, "r");
	is_str(cursor_name(&t), "&ext4_inode_cache", "reversed, it stays with the row");
	is_int(t.s.list[TOP_LOCKS].cursor, 2, "... which is elsewhere");
	screen_keys(&t, "\7");
	is_str(cursor_name(&t), "contig_page_data+0x5c0", "Home is the first row");
	screen_keys(&t, "r");
	is_str(cursor_name(&t), "&mm->mmap_lock", "and the cursor stays on the first row then");
	screen_keys(&t, "\6");
	is_str(cursor_name(&t), "contig_page_data+0x5c0", "End is the last row");
	screen_keys(&t, "\7/pipe\n");
	is_str(cursor_name(&t), "mutex@pipe_write", "the search goes to what it finds");
	screen_keys(&t, "/mm\nn");
	is_str(cursor_name(&t), "&mm->mmap_lock", "the next one of one is that one");
	screen_keys(&t, "/nowhere\n");
	ok(t.s.message_bad && strstr(t.s.message, "nowhere"), "what is not found is said");
	is_str(cursor_name(&t), "&mm->mmap_lock", "... and the cursor stays");
	screen_keys(&t, "fpipe\n");
	is_str(cursor_name(&t), "mutex@pipe_write", "a filter leaves what matches");
	screen_keys(&t, "f\3");
	is_str(t.s.filter, "", "Esc takes the filter away");
	screen_end(&t);
}

static void test_sort(void)
{
	struct screen t;

	screen_typical(&t, TOP_LOCKS);
	screen_draw(&t, 24, 80, false);
	is_int(top_columns(TOP_LOCKS)[t.s.list[TOP_LOCKS].sort].field, FIELD_TIME, "sorted by time lost");
	screen_keys(&t, "<");
	is_int(top_columns(TOP_LOCKS)[t.s.list[TOP_LOCKS].sort].field, FIELD_WAITS, "< is the column before");
	is_str(cursor_name(&t), "mutex@pipe_write", "... and its largest is first");
	screen_keys(&t, ">>");
	is_int(top_columns(TOP_LOCKS)[t.s.list[TOP_LOCKS].sort].field, FIELD_AVG,
	       "> passes bars and what is not on the screen");
	screen_keys(&t, ">>>");
	is_int(top_columns(TOP_LOCKS)[t.s.list[TOP_LOCKS].sort].field, FIELD_NAME, "and goes round");
	screen_keys(&t, "\2\1\1\n");
	is_int(top_columns(TOP_LOCKS)[t.s.list[TOP_LOCKS].sort].field, FIELD_WAITS, "the menu chooses");
	screen_end(&t);
}

static void test_replay_keys(void)
{
	struct screen t;

	screen_typical(&t, TOP_LOCKS);
	t.s.replay = true;
	screen_draw(&t, 24, 80, false);
	is_int(top_key(&t.s, &t.d, KEYCODE_RIGHT), TOP_STEP, "replay: Right steps");
	is_int(top_key(&t.s, &t.d, KEYCODE_LEFT), TOP_STEP_BACK, "replay: Left steps back");
	is_int(top_key(&t.s, &t.d, '+'), TOP_SPEED, "replay: + changes the speed");
	ok(t.s.speed > 1.9 && t.s.speed < 2.1, "... to twice as fast");
	is_int(top_key(&t.s, &t.d, ' '), TOP_PAUSED, "replay: Space stops");
	is_int(screen_keys(&t, "i"), TOP_NOTHING, "replay: there is no interval to change");
	is_int(t.s.mode, MODE_LIST, "... and no prompt");
	screen_end(&t);
	screen_typical(&t, TOP_LOCKS);
	is_int(top_key(&t.s, &t.d, KEYCODE_RIGHT), TOP_NOTHING, "live: Right does not step");
	screen_end(&t);
}

static uint32_t random_key(uint64_t *rnd)
{
	uint64_t r = tap_random(rnd);

	if (r & 1)
		return KEYCODE_FIRST + (uint32_t)(r >> 8) % 26;
	return (uint32_t)(r >> 8) % 0x180;
}

static void test_storm(void)
{
	uint64_t rnd = tap_seed(20260102);
	unsigned int i, rows = 24, cols = 80;
	struct screen t;

	screen_typical(&t, TOP_LOCKS);
	for (i = 0; i < 20000; i++) {
		uint64_t r = tap_random(&rnd);

		if (r % 5 == 0) {
			rows = 1 + (unsigned int)(r >> 8) % 60;
			cols = 1 + (unsigned int)(r >> 20) % 220;
		}
		if (top_key(&t.s, &t.d, random_key(&rnd)) == TOP_UPDATE)
			screen_look(&t, t.env.now_ns, false);
		if (r % 50 == 0) {
			t.env.nr_wait = (unsigned int)(r >> 16) % (NR_WAITS + 1);
			screen_look(&t, t.env.now_ns + (r >> 40), true);
		}
		screen_draw(&t, rows, cols, r & 2);
	}
	ok(t.c.rows == rows && t.c.cols == cols, "20000 random keys on screens of random sizes");
	screen_end(&t);
}

int main(void)
{
	test_moves();
	test_cursor();
	test_sort();
	test_replay_keys();
	test_storm();
	return done_testing();
}
