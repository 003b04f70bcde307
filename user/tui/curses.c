// SPDX-License-Identifier: GPL-2.0-only
/*
 * The terminal by ncurses. ncurses writes into a file in memory, and what it wrote
 * goes to the terminal from there without blocking: a write that waits for a slow
 * terminal would keep the records of the kernel waiting, too. So the modes of the
 * terminal are set here; ncurses would set them on its file.
 */
#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "../base/diag.h"
#include "terminal.h"
#include "top.h"

#define CLOSE_MS	1000	/* for the last output */
#define ESC_MS		25	/* between Esc and the rest of what a key sends */

struct terminal {
	SCREEN *screen;
	FILE *file;		/* what ncurses writes into: a memfd */
	int out;		/* the terminal, not blocking */
	struct termios saved, raw;
	bool raw_set, ascii, colour;
	char *queue;		/* bytes for it */
	size_t queue_nr, queue_at;
	attr_t attr[STYLE_NR];
	short pair[STYLE_NR];
};

/* --- crashes -------------------------------------------------------------------------------- */

static const int crash_signal[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
#define NR_CRASH (sizeof(crash_signal) / sizeof(crash_signal[0]))

/* What the handler needs; set while a terminal is open. */
static struct {
	int fd;
	struct termios saved;
	char restore[256];
	size_t len;
	void (*then)(void);
	struct sigaction old[NR_CRASH];
} crash;

static void on_crash(int sig)
{
	size_t i;

	(void)!write(crash.fd, crash.restore, crash.len);	/* nobody to tell if it fails */
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &crash.saved);
	if (crash.then)
		crash.then();
	for (i = 0; i < NR_CRASH; i++)
		if (crash_signal[i] == sig)
			sigaction(sig, &crash.old[i], NULL);
	raise(sig);
}

/* Append a capability without its padding. */
static void add_capability(const char *name)
{
	const char *s = tigetstr((char *)(uintptr_t)name);	/* takes a char *, changes nothing */

	if (!s || s == (char *)-1)
		return;
	while (*s && crash.len < sizeof(crash.restore)) {
		if (s[0] == '$' && s[1] == '<' && strchr(s, '>'))
			s = strchr(s, '>') + 1;
		else
			crash.restore[crash.len++] = *s++;
	}
}

static void catch_crashes(const struct terminal *t, void (*then)(void))
{
	struct sigaction sa = { .sa_handler = on_crash, .sa_flags = SA_NODEFER };
	size_t i;

	crash.fd = STDOUT_FILENO;
	crash.saved = t->saved;
	crash.then = then;
	crash.len = 0;
	add_capability("sgr0");
	add_capability("rmkx");
	add_capability("cnorm");
	add_capability("rmcup");
	for (i = 0; i < NR_CRASH; i++)
		sigaction(crash_signal[i], &sa, &crash.old[i]);
}

static void let_crash(void)
{
	size_t i;

	for (i = 0; i < NR_CRASH; i++)
		sigaction(crash_signal[i], &crash.old[i], NULL);
}

/* --- output --------------------------------------------------------------------------------- */

/* What ncurses wrote goes into the queue. */
static int collect(struct terminal *t)
{
	int fd = fileno(t->file);
	off_t size;
	char *grown;
	ssize_t n;

	fflush(t->file);
	size = lseek(fd, 0, SEEK_CUR);
	if (size <= 0)
		return 0;
	grown = realloc(t->queue, t->queue_nr + (size_t)size);
	if (!grown)
		return -ENOMEM;
	t->queue = grown;
	n = pread(fd, t->queue + t->queue_nr, (size_t)size, 0);
	if (n > 0)
		t->queue_nr += (size_t)n;
	return ftruncate(fd, 0) || lseek(fd, 0, SEEK_SET) < 0 || n < 0 ? -errno : 0;
}

int terminal_flush(struct terminal *t)
{
	ssize_t n;

	while (t->queue_at < t->queue_nr) {
		n = write(t->out, t->queue + t->queue_at, t->queue_nr - t->queue_at);
		if (n >= 0)
			t->queue_at += (size_t)n;
		else if (errno == EAGAIN)
			return 1;
		else if (errno != EINTR)
			return -errno;
	}
	t->queue_nr = t->queue_at = 0;
	return 0;
}

static void flush_for(struct terminal *t, int ms)
{
	struct pollfd p = { .fd = t->out, .events = POLLOUT };

	while (terminal_flush(t) == 1 && poll(&p, 1, ms) > 0)
		;
}

static void put_cell(const struct terminal *t, int row, int col, const struct cell *cell)
{
	wchar_t text[2] = { (wchar_t)cell->cp, L'\0' };
	unsigned int s = cell->style < STYLE_NR ? cell->style : STYLE_PLAIN;
	cchar_t cc;

	if (setcchar(&cc, text, t->attr[s], t->pair[s], NULL) == OK)
		(void)mvadd_wch(row, col, &cc);	/* in the last column of all it says ERR */
}

static void put_canvas(const struct terminal *t, const struct canvas *c)
{
	unsigned int row, col;

	for (row = 0; row < c->rows; row++)
		for (col = 0; col < c->cols; col++)
			if (c->cell[(size_t)row * c->cols + col].cp)
				put_cell(t, (int)row, (int)col,
					 &c->cell[(size_t)row * c->cols + col]);
}

int terminal_draw(struct terminal *t, const struct canvas *c)
{
	int err = terminal_flush(t);

	if (err)
		return err;
	if ((int)c->rows != LINES || (int)c->cols != COLS)
		resizeterm((int)c->rows, (int)c->cols);
	put_canvas(t, c);
	curs_set(c->cursor_row >= 0);
	if (c->cursor_row >= 0)
		move(c->cursor_row, c->cursor_col);
	refresh();
	err = collect(t);
	return err ? err : terminal_flush(t);
}

void terminal_redraw(struct terminal *t)
{
	(void)t;
	clearok(curscr, TRUE);
}

/* --- keys ----------------------------------------------------------------------------------- */

static uint32_t special(wint_t key)
{
	static const struct { int curses; uint32_t ours; } map[] = {
		{ KEY_UP, KEYCODE_UP }, { KEY_DOWN, KEYCODE_DOWN }, { KEY_LEFT, KEYCODE_LEFT },
		{ KEY_RIGHT, KEYCODE_RIGHT }, { KEY_PPAGE, KEYCODE_PAGE_UP },
		{ KEY_NPAGE, KEYCODE_PAGE_DOWN }, { KEY_HOME, KEYCODE_HOME }, { KEY_END, KEYCODE_END },
		{ KEY_A1, KEYCODE_HOME }, { KEY_C1, KEYCODE_END }, { KEY_A3, KEYCODE_PAGE_UP },
		{ KEY_C3, KEYCODE_PAGE_DOWN }, { KEY_FIND, KEYCODE_HOME }, { KEY_SELECT, KEYCODE_END },
		{ KEY_ENTER, KEYCODE_ENTER }, { KEY_BACKSPACE, KEYCODE_BACKSPACE },
		{ KEY_DC, KEYCODE_BACKSPACE }, { KEY_BTAB, KEYCODE_BACKTAB },
	};
	size_t i;

	for (i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if ((wint_t)map[i].curses == key)
			return map[i].ours;
	if (key >= (wint_t)KEY_F(1) && key <= (wint_t)KEY_F(10))
		return KEYCODE_F1 + (uint32_t)(key - (wint_t)KEY_F(1));
	return KEYCODE_NONE;
}

static uint32_t character(wint_t key)
{
	switch (key) {
	case '\r': case '\n':
		return KEYCODE_ENTER;
	case '\t':
		return KEYCODE_TAB;
	case 0x7f: case '\b':
		return KEYCODE_BACKSPACE;
	default:
		return (uint32_t)key;
	}
}

uint32_t terminal_key(struct terminal *t)
{
	uint32_t key;
	wint_t c;
	int kind;

	(void)t;
	do {
		kind = get_wch(&c);
		if (kind == ERR)
			return KEYCODE_NONE;
		key = kind == KEY_CODE_YES ? special(c) : character(c);
	} while (key == KEYCODE_NONE);
	return key;
}

/* --- taking and giving back ----------------------------------------------------------------- */

static void set_styles(struct terminal *t)
{
	static const struct { attr_t mono, colour; short fg, bg; } look[STYLE_NR] = {
		[STYLE_BOLD] = { A_BOLD, A_BOLD, -1, -1 },
		[STYLE_DIM] = { A_DIM, A_DIM, -1, -1 },
		[STYLE_HEAD] = { A_REVERSE, A_NORMAL, COLOR_BLACK, COLOR_GREEN },
		[STYLE_SELECTED] = { A_REVERSE | A_BOLD, A_NORMAL, COLOR_BLACK, COLOR_CYAN },
		[STYLE_GOOD] = { A_NORMAL, A_NORMAL, COLOR_GREEN, -1 },
		[STYLE_WARN] = { A_BOLD, A_BOLD, COLOR_YELLOW, -1 },
		[STYLE_BAD] = { A_BOLD, A_BOLD, COLOR_RED, -1 },
		[STYLE_BAR] = { A_NORMAL, A_NORMAL, COLOR_CYAN, -1 },
	};
	const char *no_color = getenv("NO_COLOR");
	short i;

	t->colour = has_colors() && !(no_color && no_color[0]) && start_color() == OK;
	if (t->colour)
		use_default_colors();
	for (i = 0; i < STYLE_NR; i++) {
		t->attr[i] = t->colour ? look[i].colour : look[i].mono;
		if (t->colour && i && (look[i].fg >= 0 || look[i].bg >= 0) &&
		    init_pair(i, look[i].fg, look[i].bg) == OK)
			t->pair[i] = i;
	}
}

/* A descriptor of the terminal of our own, so that O_NONBLOCK is nobody else's business. */
static int open_out(void)
{
	const char *name = ttyname(STDOUT_FILENO);
	int fd = name ? open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC) : -1;

	if (fd < 0)
		fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);	/* then it may block */
	return fd < 0 ? -errno : fd;
}

/* Keys one by one, without echo; Ctrl-C, Ctrl-Z stay signals; Ctrl-S must not stop us. */
static int set_modes(struct terminal *t)
{
	if (tcgetattr(STDIN_FILENO, &t->saved))
		return -errno;
	t->raw = t->saved;
	t->raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | IEXTEN);
	t->raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL);
	t->raw.c_oflag &= ~(tcflag_t)OPOST;	/* ncurses takes a newline for one row down */
	t->raw.c_cc[VMIN] = 1;
	t->raw.c_cc[VTIME] = 0;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &t->raw))
		return -errno;
	t->raw_set = true;
	return 0;
}

static int start_curses(struct terminal *t, struct diag *why)
{
	const char *term = getenv("TERM");
	int fd = memfd_create("screen", MFD_CLOEXEC), err = -errno;

	t->file = fd < 0 ? NULL : fdopen(fd, "r+");
	if (!t->file) {
		if (fd >= 0)
			close(fd);
		return diag_errno(why, fd < 0 ? err : -ENOMEM, "cannot start the screen");
	}
	t->screen = newterm(NULL, t->file, stdin);
	if (!t->screen)
		return diag_set(why, -EINVAL, "ncurses cannot use the terminal '%s' (TERM)", term);
	set_term(t->screen);
	set_escdelay(ESC_MS);
	typeahead(-1);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	scrollok(stdscr, FALSE);
	set_styles(t);
	return 0;
}

int terminal_check(struct diag *why)
{
	const char *term = getenv("TERM"), *cup;
	int bad;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return diag_set(why, -ENOTTY, "top needs a terminal on standard input and output; "
				"'lockscope top --batch' prints plain frames");
	if (term && setupterm(term, STDOUT_FILENO, &bad) == OK) {
		cup = tigetstr("cup");
		if (cup && cup != (char *)-1)
			return 0;
	}
	return diag_set(why, -EINVAL, "the terminal '%s' (TERM) is not known or cannot place "
			"a cursor; set TERM, or use 'lockscope top --batch'", term ? term : "");
}

int terminal_open(struct terminal **ret, void (*then)(void), struct diag *why)
{
	struct terminal *t;
	int err = terminal_check(why);

	if (err)
		return err;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	t->out = open_out();
	err = t->out < 0 ? diag_errno(why, t->out, "cannot open the terminal") : 0;
	if (!err)
		err = start_curses(t, why);
	if (!err) {
		err = set_modes(t);
		if (err)
			diag_errno(why, err, "cannot set the modes of the terminal");
	}
	if (err) {
		terminal_close(t);
		return err;
	}
	catch_crashes(t, then);
	*ret = t;
	return 0;
}

void terminal_suspend(struct terminal *t)
{
	curs_set(1);
	endwin();
	(void)collect(t);	/* no memory: then the screen stays as it is */
	flush_for(t, CLOSE_MS);
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->saved);	/* it may have gone */
}

void terminal_resume(struct terminal *t)
{
	(void)tcsetattr(STDIN_FILENO, TCSANOW, &t->raw);
	clearok(curscr, TRUE);
}

void terminal_close(struct terminal *t)
{
	if (!t)
		return;
	if (t->raw_set) {
		terminal_suspend(t);
		let_crash();
	}
	if (t->screen)
		delscreen(t->screen);
	if (t->file)
		fclose(t->file);
	if (t->out >= 0)
		close(t->out);
	free(t->queue);
	free(t);
}

/* --- what it is ------------------------------------------------------------------------------ */

bool terminal_ascii(const struct terminal *t)
{
	return t->ascii;
}

void terminal_size(const struct terminal *t, unsigned int *rows, unsigned int *cols)
{
	struct winsize ws;

	(void)t;
	*rows = 24;
	*cols = 80;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) || !ws.ws_row || !ws.ws_col)
		return;
	*rows = ws.ws_row < 1000 ? ws.ws_row : 1000;
	*cols = ws.ws_col < 1000 ? ws.ws_col : 1000;
}

int terminal_in(const struct terminal *t)
{
	(void)t;
	return STDIN_FILENO;
}

int terminal_out(const struct terminal *t)
{
	return t->out;
}
