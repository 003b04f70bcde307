// SPDX-License-Identifier: GPL-2.0-only
/*
 * What kind of text it is, and who reads it (import.h).
 */
#include "import.h"

#include <errno.h>
#include <string.h>

#include "../base/diag.h"
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

/* Is the text ahead a trace? */
static bool is_trace(struct linein *in)
{
	const char *data, *line, *end;
	struct trace_line l;
	char copy[512];
	size_t n = linein_peek(in, &data), len;

	for (line = data; line < data + n; line = end + 1) {
		end = memchr(line, '\n', n - (size_t)(line - data));
		if (!end)
			break;
		len = (size_t)(end - line) < sizeof(copy) - 1 ? (size_t)(end - line) : sizeof(copy) - 1;
		memcpy(copy, line, len);
		copy[len] = 0;
		if (!strncmp(copy, "# tracer:", 9) || trace_line_parse(copy, &l))
			return true;
	}
	return false;
}

/* Does the text ahead begin with one of lockdep's lists? */
static bool is_list(struct linein *in)
{
	const char *data, *end;
	size_t n = linein_peek(in, &data);
	char line[64];

	for (; n && (*data == '\n' || *data == '\r'); n--)
		data++;
	end = memchr(data, '\n', n < sizeof(line) ? n : sizeof(line) - 1);
	if (!end)
		return false;
	n = (size_t)(end - data);
	n -= n && data[n - 1] == '\r';
	memcpy(line, data, n);
	line[n] = 0;
	return proc_heading(line);
}

static int import_trace(struct import *im)
{
	struct trace *t = trace_new(im);
	struct trace_line l;
	size_t len;
	char *line;
	int err = t ? 0 : -ENOMEM;

	while (!err && (line = linein_next(&im->in, &len)))
		if (trace_line_parse(line, &l))
			err = trace_add(t, &l);
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
	else if (!im.begun)
		err = diag_set(why, -ENODATA, "'%s' is text without a report of the kernel about its locks "
			       "and without a trace of them (%llu lines read); give a kernel log that has "
			       "one, a trace of lock:*, a copy of /proc/lockdep, or a file made by "
			       "'lockscope record -o FILE'", name, (unsigned long long)im.in.lines);
	linein_done(&im.in);
	return err;
}
