// SPDX-License-Identifier: GPL-2.0-only
/*
 * What kind of text it is, and who reads it (import.h).
 */
#include "import.h"

#include <errno.h>
#include <string.h>

#include "../base/diag.h"
#include "../core/sat.h"
#include "import_priv.h"
#include "proc.h"
#include "trace.h"

bool import_probe(const uint8_t *p, size_t len)
{
	size_t i, odd = 0;

	/* Magic numbers of recordings and archives have such bytes early; a serial console may have a few. */
	for (i = 0; i < len; i++)
		odd += (p[i] < 0x20 && !strchr("\t\n\v\f\r\x1b", p[i])) || !p[i] || p[i] == 0x7f;
	return len && p[0] != 0x89 && odd <= len / 16;
}

int import_begin(struct import *im, const char *tool, const char *kernel, uint64_t start_ns)
{
	struct lk_event ev = { .kind = LK_EV_META, .meta = {
		.tool = tool, .kernel = kernel, .arch = "", .host = "", .boot_id = "", .cmdline = im->name,
		.filter = "", .start_ns = start_ns, .flags = LK_META_IMPORTED,
	} };

	if (im->begun)
		return 0;
	im->begun = true;
	im->last_ns = start_ns;
	return sink_emit(im->sink, &ev);
}

int import_end(struct import *im)
{
	struct lk_event ev = { .kind = LK_EV_END, .time = { im->last_ns } };

	return im->begun ? sink_emit(im->sink, &ev) : 0;
}

void import_damaged(struct import *im)
{
	if (!im->stats->damaged++)
		im->stats->first_damaged = im->in.lines;
}

/*
 * The next line of the @n bytes ahead, of which it is taken: as linein_next() will give it, but for what
 * does not go into @size bytes. False: there is no whole one.
 */
static bool peek_line(const char **data, size_t *n, char *line, size_t size)
{
	const char *end = memchr(*data, '\n', *n);
	size_t len = end ? (size_t)(end - *data) : 0, kept = len < size ? len : size - 1;
	char *p = line;

	if (!end)
		return false;
	memcpy(line, *data, kept);
	line[kept] = 0;
	while ((p = memchr(p, 0, kept - (size_t)(p - line))))
		*p = ' ';
	*data = end + 1;
	*n -= len + 1;
	return true;
}

/* Is the text ahead a trace? */
static bool is_trace(struct linein *in)
{
	struct trace_line l;
	const char *data;
	char line[512];
	size_t n = linein_peek(in, &data);

	while (peek_line(&data, &n, line, sizeof(line)))
		if (!strncmp(line, "# tracer:", 9) || trace_line_parse(line, &l) > 0)
			return true;
	return false;
}

/* Does the text ahead begin with one of lockdep's lists? */
static bool is_list(struct linein *in)
{
	const char *data;
	char line[64];
	size_t n = linein_peek(in, &data), len;

	while (peek_line(&data, &n, line, sizeof(line))) {
		len = strlen(line);
		if (len && line[len - 1] == '\r')
			line[len - 1] = 0;
		if (line[0])
			return proc_heading(line);
	}
	return false;
}

/* A line that is cut off may name another lock than it did: it is used no more than one without sense. */
static int trace_one(struct import *im, struct trace *t, char *line)
{
	struct trace_line l;
	int ret = trace_line_parse(line, &l);

	if (ret > 0 && im->in.whole)
		return trace_add(t, &l);
	if (ret)
		import_damaged(im);
	else
		im->stats->lost = sat_add(im->stats->lost, trace_line_lost(line));
	return 0;
}

static int import_trace(struct import *im)
{
	struct trace *t = trace_new(im);
	size_t len;
	char *line;
	int err = t ? 0 : -ENOMEM;

	while (!err && (line = linein_next(&im->in, &len)))
		err = trace_one(im, t, line);
	if (!err)
		err = trace_tell(t);
	trace_free(t);
	return err;
}

int import_text(int fd, const char *name, const struct lk_sink *sink, struct import_stats *stats,
		struct diag *why)
{
	struct import im = { .name = name, .sink = sink, .stats = stats };
	int err = linein_init(&im.in, fd);

	*stats = (struct import_stats){ 0 };
	if (!err)
		err = is_list(&im.in) ? import_proc(&im) :
		      is_trace(&im.in) ? import_trace(&im) : import_log(&im);
	if (!err)
		err = import_end(&im);
	stats->bytes = im.in.in.off;
	stats->lines = im.in.lines;
	if (err)
		diag_errno(why, err, "cannot read '%s'", name);
	else if (im.in.in.err)
		err = diag_errno(why, im.in.in.err, "cannot read '%s'", name);
	else if (!im.begun && stats->damaged)
		err = diag_set(why, -ENODATA, "'%s' has %llu lines that name events of locks, but none that makes "
			       "sense, the first is line %llu; trace with a clock of seconds (local, mono) and "
			       "copy it again", name, (unsigned long long)stats->damaged,
			       (unsigned long long)stats->first_damaged);
	else if (!im.begun)
		err = diag_set(why, -ENODATA, "'%s' is text without a report of the kernel about its locks "
			       "and without a trace of them (%llu lines read); give a kernel log that has "
			       "one, a trace of lock:*, a copy of /proc/lockdep, or a file made by "
			       "'lockscope record -o FILE'", name, (unsigned long long)im.in.lines);
	linein_done(&im.in);
	return err;
}
