// SPDX-License-Identifier: GPL-2.0-only
/*
 * Screens of lockscope top without a terminal, byte for byte as in tests/golden/tui/:
 * every panel at every usual size, in UTF-8 and ASCII, details, menus and prompts.
 * Some have a second picture of the styles, a letter per cell. After a wanted change
 * run this test with UPDATE_GOLDEN=1 and read the difference.
 */
#include "../lib/golden.h"
#include "../lib/tap.h"
#include "tui_screens.h"

#define GOLDEN_DIR "tests/golden/tui"

static const struct shot {
	const char *name;
	void (*make)(struct screen *t, enum top_panel panel);
	enum top_panel panel;
	unsigned int rows, cols;
	bool ascii, styles;
	const char *keys;
} shots[] = {
	{ "locks-80x24", screen_typical, TOP_LOCKS, 24, 80, false, true, "" },
	{ "locks-120x40", screen_typical, TOP_LOCKS, 40, 120, false, false, "" },
	{ "locks-200x50", screen_typical, TOP_LOCKS, 50, 200, false, false, "" },
	{ "locks-ascii-120x40", screen_typical, TOP_LOCKS, 40, 120, true, false, "" },
	{ "locks-40x10", screen_typical, TOP_LOCKS, 10, 40, false, false, "" },
	{ "locks-30x6", screen_typical, TOP_LOCKS, 6, 30, false, false, "" },
	{ "too-small-20x5", screen_typical, TOP_LOCKS, 5, 20, false, false, "" },
	{ "locks-total-80x24", screen_typical, TOP_LOCKS, 24, 80, false, false, "t" },
	{ "locks-by-name-80x24", screen_typical, TOP_LOCKS, 24, 80, false, true, "\2\4\4\4\4\4\n" },
	{ "locks-sort-menu-80x24", screen_typical, TOP_LOCKS, 24, 80, false, false, "\2\4" },
	{ "locks-filter-80x24", screen_typical, TOP_LOCKS, 24, 80, false, false, "fPIPE\n" },
	{ "locks-filter-none-80x24", screen_typical, TOP_LOCKS, 24, 80, false, false, "\\zzz\n" },
	{ "locks-prompt-80x24", screen_typical, TOP_LOCKS, 24, 80, false, false, "/mma" },
	{ "locks-search-80x24", screen_typical, TOP_LOCKS, 24, 80, false, true, "/PAGE_D\n" },
	{ "locks-paused-80x24", screen_typical, TOP_LOCKS, 24, 80, false, false, "p" },
	{ "holds-80x24", screen_holds, TOP_LOCKS, 24, 80, false, true, "" },
	{ "holds-120x40", screen_holds, TOP_LOCKS, 40, 120, false, false, "" },
	{ "holds-200x50", screen_holds, TOP_LOCKS, 50, 200, false, false, "" },
	{ "holds-40x10", screen_holds, TOP_LOCKS, 10, 40, false, false, "" },
	{ "holds-total-100x30", screen_holds, TOP_LOCKS, 30, 100, false, false, "t" },
	{ "holds-sorted-80x24", screen_holds, TOP_LOCKS, 24, 80, false, false, "\2\1\1\1\n" },
	{ "holds-sort-menu-100x30", screen_holds, TOP_LOCKS, 30, 100, false, false, "\2" },
	{ "holds-detail-100x80", screen_holds, TOP_LOCKS, 80, 100, false, false, "/ext4\n\n" },
	{ "holds-quiet-detail-100x40", screen_holds, TOP_LOCKS, 40, 100, false, false, "/quiet\n\n" },
	{ "holds-tasks-80x24", screen_holds, TOP_TASKS, 24, 80, false, false, "" },
	{ "tasks-80x24", screen_typical, TOP_TASKS, 24, 80, false, true, "" },
	{ "tasks-120x40", screen_typical, TOP_TASKS, 40, 120, false, false, "" },
	{ "tasks-200x50", screen_typical, TOP_TASKS, 50, 200, false, false, "" },
	{ "callers-80x24", screen_typical, TOP_CALLERS, 24, 80, false, false, "" },
	{ "callers-120x40", screen_typical, TOP_CALLERS, 40, 120, false, false, "" },
	{ "cgroups-80x24", screen_typical, TOP_CGROUPS, 24, 80, false, false, "" },
	{ "cgroups-200x50", screen_typical, TOP_CGROUPS, 50, 200, false, false, "" },
	{ "findings-none-80x24", screen_typical, TOP_FINDINGS, 24, 80, false, false, "" },
	{ "findings-80x24", screen_findings, TOP_FINDINGS, 24, 80, false, true, "" },
	{ "findings-120x40", screen_findings, TOP_FINDINGS, 40, 120, false, false, "" },
	{ "watch-80x24", screen_findings, TOP_WATCH, 24, 80, false, false, "" },
	{ "watch-120x40", screen_findings, TOP_WATCH, 40, 120, false, false, "" },
	{ "lock-detail-80x60", screen_typical, TOP_LOCKS, 60, 80, false, true, "\n" },
	{ "lock-detail-ascii-120x60", screen_typical, TOP_LOCKS, 60, 120, true, false, "\n" },
	{ "lock-detail-scrolled-80x24", screen_typical, TOP_LOCKS, 24, 80, false, false, "\n\5" },
	{ "task-detail-100x50", screen_typical, TOP_TASKS, 50, 100, false, false, "\n" },
	{ "caller-detail-100x50", screen_typical, TOP_CALLERS, 50, 100, false, false, "\n" },
	{ "cgroup-detail-100x50", screen_typical, TOP_CGROUPS, 50, 100, false, false, "\n" },
	{ "finding-detail-80x60", screen_findings, TOP_FINDINGS, 60, 80, false, false, "\n" },
	{ "watch-detail-80x24", screen_findings, TOP_WATCH, 24, 80, false, false, "\n" },
	{ "help-80x24", screen_typical, TOP_LOCKS, 24, 80, false, true, "?" },
	{ "help-end-80x24", screen_typical, TOP_LOCKS, 24, 80, false, false, "?\6" },
};

static void put_styles(const struct canvas *c, FILE *f)
{
	static const char letter[] = ".bdHSgwBr";
	unsigned int row, col;

	fputs("--- styles\n", f);
	for (row = 0; row < c->rows; row++) {
		for (col = 0; col < c->cols; col++)
			fputc(letter[c->cell[row * c->cols + col].style], f);
		fputc('\n', f);
	}
}

static char *taken(const struct shot *shot)
{
	struct screen t;
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	shot->make(&t, shot->panel);
	screen_draw(&t, shot->rows, shot->cols, shot->ascii);
	screen_keys(&t, shot->keys);
	screen_draw(&t, shot->rows, shot->cols, shot->ascii);
	canvas_print(&t.c, f);
	if (shot->styles)
		put_styles(&t.c, f);
	fclose(f);
	screen_end(&t);
	return text;
}

int main(void)
{
	char path[128];
	size_t i;

	setenv("TZ", "UTC", 1);
	for (i = 0; i < sizeof(shots) / sizeof(shots[0]); i++) {
		char *got = taken(&shots[i]), *want;

		snprintf(path, sizeof(path), "%s/%s.text", GOLDEN_DIR, shots[i].name);
		want = golden_text(path, got);
		is_str(got, want, "%s", shots[i].name);
		free(got);
		free(want);
	}
	return done_testing();
}
