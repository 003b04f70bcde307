// SPDX-License-Identifier: GPL-2.0-only
/*
 * /proc/lock_stat (proc.h), versions 0.1 to 0.4. A class has one row, or one for writers
 * (-W) and one for readers (-R), and then, if any of them waited, up to four callers that
 * waited with their counts, and up to four that held it.
 *
 * Counts of callers have no times, so the waits of a row are shown with their caller only
 * where a single one made all of the class's waits.
 */
#include "proc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/sat.h"

#define ROWS_MAX	65536u
#define NR_NEW		12	/* numbers of a row: of version 0.4 */
#define NR_OLD		10	/* without the averages, before Linux 3.13 */
#define NAME_LEN	64	/* the kernel prints up to 40 */
#define ADDR_OF(nr)	((uint64_t)(nr) << 32)
#define SUB_MAX		0x7fffffffu

struct row {
	uint32_t lcb;
	uint64_t count, min_ns, max_ns, total_ns;
};

struct procstat {
	struct import *im;
	char name[NAME_LEN];		/* of the class that comes; "" = none */
	struct row row[2];
	uint32_t nr_rows, blocks, nr_points;
	uint64_t point_count;		/* of the first point of the first block: */
	char point[128];		/* function */
	char module[64];
	uint32_t off, size;
	uint32_t nr;			/* rows told */
	uint64_t full;			/* waits of rows that were not */
};

struct procstat *procstat_new(struct import *im)
{
	struct procstat *s = calloc(1, sizeof(*s));

	if (s)
		s->im = im;
	return s;
}

void procstat_free(struct procstat *s)
{
	free(s);
}

/* --- telling ------------------------------------------------------------------------------ */

/* The caller of all waits, as a stack; its number in *stack. */
static int tell_point(struct procstat *s, uint32_t *stack)
{
	const uint64_t start = ADDR_OF(s->nr + 1), addr = start + s->off;
	const struct lk_event ev[] = {
		{ .kind = LK_EV_SYM, .sym = { .addr = addr, .name = s->point, .module = s->module, .off = s->off,
					      .size = s->size } },
		{ .kind = LK_EV_STACK, .stack = { .id = s->nr, .nr = 1, .addr = &addr } },
	};
	int err = sink_emit(s->im->sink, &ev[0]);

	*stack = s->nr;
	return err ? err : sink_emit(s->im->sink, &ev[1]);
}

static int tell_row(struct procstat *s, const struct row *r, uint32_t stack)
{
	const uint64_t addr = ADDR_OF(s->nr + 1);
	const struct lk_event ev[] = {
		{ .kind = LK_EV_LOCK, .lock = { .addr = addr, .init = s->name, .symbol = "", .module = "",
						.percpu = "", .cache = "" } },
		{ .kind = LK_EV_CONT, .cont = { .lock = addr, .stack = stack, .lcb = LK_LCB_ANY | r->lcb,
			.ctx = LK_CTX_UNKNOWN, .comm = "",
			.agg = { .count = r->count, .total_ns = r->total_ns, .max_ns = r->max_ns, .min_ns = r->min_ns } } },
	};
	int err;

	if (s->nr >= ROWS_MAX) {
		s->full = sat_add(s->full, r->count);
		return 0;
	}
	s->nr++;
	err = sink_emit(s->im->sink, &ev[0]);
	return err ? err : sink_emit(s->im->sink, &ev[1]);
}

/* All of the class has come. */
static int tell_class(struct procstat *s)
{
	uint64_t waits = 0;
	uint32_t i, stack = LK_STACK_NONE;
	int err = 0;

	for (i = 0; i < s->nr_rows; i++)
		waits = sat_add(waits, s->row[i].count);
	if (waits && s->nr_points == 1 && s->point_count == waits && s->nr < ROWS_MAX)
		err = tell_point(s, &stack);
	for (i = 0; i < s->nr_rows && !err; i++)
		if (s->row[i].count)
			err = tell_row(s, &s->row[i], stack);
	s->nr_rows = s->blocks = s->nr_points = 0;
	s->name[0] = 0;
	return err;
}

/* --- lines -------------------------------------------------------------------------------- */

/* "12.34" microseconds. */
static bool take_us(const char **p, uint64_t *ns)
{
	uint64_t us, hundredths;

	if (!proc_number(p, &us) || **p != '.' || (*p)[1] < '0' || (*p)[1] > '9' || (*p)[2] < '0' || (*p)[2] > '9' ||
	    us > UINT64_MAX / 1000 - 1)
		return false;
	hundredths = (uint64_t)((*p)[1] - '0') * 10 + (uint64_t)((*p)[2] - '0');
	*p += 3;
	*ns = us * 1000 + hundredths * 10;
	return true;
}

/* What comes behind "NAME:": counts and times of waits, then counts and times of holding. */
static bool take_numbers(const char *p, struct row *r)
{
	uint64_t n[NR_NEW] = { 0 };
	unsigned int i, nr;
	const char *q;

	for (q = p, nr = 0; *(q += strspn(q, " \t")); nr++)
		q += strcspn(q, " \t");
	if (nr != NR_NEW && nr != NR_OLD)
		return false;
	for (i = 0; i < nr; i++)	/* bounces and contentions, times; the same of acquisitions */
		if (i % (nr / 2) < 2 ? !proc_number(&p, &n[i]) : !take_us(&p, &n[i]))
			return false;
	if (p[strspn(p, " \t")])
		return false;
	*r = (struct row){ .count = n[1], .min_ns = n[2], .max_ns = n[3], .total_ns = n[4] };
	return true;
}

static void cut_copy(char *to, size_t size, const char *from, size_t len)
{
	len = len < size ? len : size - 1;
	memcpy(to, from, len);
	to[len] = 0;
}

/* "NAME:", "NAME-W:" or "NAME-R:" and numbers. */
static int row_line(struct procstat *s, const char *line, const char *colon)
{
	const char *name = line + strspn(line, " ");
	char base[NAME_LEN];
	size_t len = (size_t)(colon - name);
	struct row r;
	int err = 0;

	if (colon <= name || !take_numbers(colon + 1, &r))
		return PROC_DAMAGED;
	if (len > 2 && name[len - 2] == '-' && strchr("WR", name[len - 1])) {
		r.lcb = name[len - 1] == 'W' ? LK_LCB_WRITE : LK_LCB_READ;
		len -= 2;
	}
	cut_copy(base, sizeof(base), name, len);
	if (strcmp(base, s->name) || s->nr_rows != 1 || s->blocks || s->row[0].lcb != LK_LCB_WRITE ||
	    r.lcb != LK_LCB_READ)
		err = tell_class(s);
	memcpy(s->name, base, sizeof(base));
	s->row[s->nr_rows++] = r;
	return err;
}

/* "NAME COUNT [<ADDR>] function+0x1/0x2 [module]", of which @at is the bracket. */
static int point_line(struct procstat *s, const char *line, const char *at)
{
	const char *end = at, *count, *func = strstr(at, ">]");
	uint64_t n;
	size_t len;
	int used = 0;

	while (end > line && end[-1] == ' ')
		end--;
	for (count = end; count > line && count[-1] >= '0' && count[-1] <= '9'; count--)
		;
	if (!func || count == end || count == line || count[-1] != ' ' || !proc_number(&count, &n) || !s->nr_rows)
		return PROC_DAMAGED;
	s->blocks += !s->blocks;	/* its line of dashes may be missing */
	if (s->blocks > 1)		/* who held it */
		return 0;
	if (s->nr_points++)
		return 0;
	s->point_count = n;
	func += 2 + strspn(func + 2, " ");
	len = strcspn(func, "+ ");
	cut_copy(s->point, sizeof(s->point), func, len);
	s->off = s->size = 0;
	s->module[0] = 0;
	if (sscanf(func + len, "+%" SCNx32 "/%" SCNx32 "%n", &s->off, &s->size, &used) < 2)
		s->off = s->size = 0;
	s->off &= SUB_MAX;
	func += len + (size_t)used;
	if (!strncmp(func, " [", 2))
		cut_copy(s->module, sizeof(s->module), func + 2, strcspn(func + 2, "]"));
	return s->point[0] ? 0 : PROC_DAMAGED;
}

int procstat_line(struct procstat *s, const char *line)
{
	const char *p = line + strspn(line, " "), *colon = strrchr(p, ':'), *point = strstr(p, " [<");

	if (!*p || !strncmp(p, "*WARNING*", 9) || !strncmp(p, "class name ", 11))
		return 0;
	if (p[strspn(p, "-")] == 0) {		/* points come */
		s->blocks += s->nr_rows > 0;
		return 0;
	}
	if (p[strspn(p, ".")] == 0)
		return tell_class(s);
	if (point)
		return point_line(s, line, point);
	return colon ? row_line(s, line, colon) : PROC_DAMAGED;
}

int procstat_end(struct procstat *s)
{
	struct lk_event ev = { .kind = LK_EV_LOSS, .loss = { LK_STAT_FOLD_FULL, 0, s->full } };
	int err = tell_class(s);

	ev.loss.count = s->full;
	s->full = 0;
	return err || !ev.loss.count ? err : sink_emit(s->im->sink, &ev);
}
