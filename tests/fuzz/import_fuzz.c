// SPDX-License-Identifier: GPL-2.0-only
/*
 * Any bytes as a text: read, applied to a model, written into a recording,
 * rendered; and what is rendered is read again. libFuzzer target; see reader_fuzz.c.
 *
 *	./import_fuzz -max_len=16384 WORKDIR tests/fuzz/corpus/import tests/golden/reports
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../../user/base/diag.h"
#include "../../user/core/finding.h"
#include "../../user/file/codec.h"
#include "../../user/import/import.h"
#include "../../user/render/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define check(held) do { \
	if (!(held)) { \
		fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #held); \
		abort(); \
	} \
} while (0)

struct target {
	struct model *m;
	struct enc *enc;
};

/* Whatever a text makes of events, they are good ones. */
static int put(void *ctx, const struct lk_event *ev)
{
	struct target *t = ctx;
	struct diag why = { "" };
	int err;

	if (enc_full(t->enc))
		enc_begin(t->enc);
	check(!enc_event(t->enc, ev, 1));
	err = model_apply(t->m, ev, &why);
	if (err)
		fprintf(stderr, "%s\n", why.text);
	check(!err);
	return 0;
}

static struct model *read_text(const void *data, size_t size)
{
	int err, fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct target t = { model_new(), enc_new() };
	const struct lk_sink sink = { put, &t };
	struct diag why = { "" };
	struct import_stats st;

	check(fd >= 0 && pwrite(fd, data, size, 0) == (ssize_t)size && t.m && t.enc);
	err = import_text(fd, "fuzz", &sink, &st, &why);
	check(!err || (err == -ENODATA && why.text[0] && !model_nr_sources(t.m)));
	check(st.bytes <= size);
	enc_free(t.enc);
	close(fd);
	return t.m;
}

static char *render_as(const struct renderer *r, const struct model *m, const struct render_opts *opts, size_t *n)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, n);
	int err;

	check(out);
	err = r->report(m, opts, out);
	check(!err || (err == -EINVAL && opts->sections));	/* a format need not have all sections at once */
	check(!fclose(out));
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct model *m = read_text(data, size);
	const struct renderer *r;
	unsigned int i;
	char *text;
	size_t n;

	for (i = 0; (r = renderer_nth(i)); i++) {
		text = render_as(r, m, &(struct render_opts){ .width = 80 }, &n);
		if (!i)
			model_free(read_text(text, n));
		free(text);
		free(render_as(r, m, &(struct render_opts){ .sections = RENDER_ALL, .verbose = true }, &n));
	}
	model_free(m);
	return 0;
}
