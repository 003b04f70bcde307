/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Streaming JSON writer: one call per token, commas and line breaks placed by
 * the writer, nothing held in memory. Errors are sticky: after a failed write or
 * a call that would make the text invalid, nothing more is written and
 * jsonw_finish() says so; callers need not check in between.
 *
 * A container opened with `lines` puts each of its children on a line of its
 * own; all others stay on their line. So a document has one array element per
 * line, which `diff` and `grep` like, and is still one JSON value.
 */
#ifndef LK_JSONW_H
#define LK_JSONW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define JSONW_DEPTH_MAX 12

struct json_stacks;

struct jsonw {
	FILE *out;
	int err;		/* 0, -EIO (write failed), -EINVAL (misused) */
	unsigned int depth;
	bool has_key;		/* a key waits for its value */
	bool finished;		/* the one top-level value is complete */
	/* For the writer's owner to set after jsonw_init(): */
	bool dense;		/* no line breaks and blanks between tokens */
	bool in_html;		/* inside of <script> in a page: see base/sanitize.h */
	struct json_stacks *stacks; /* stacks as numbers of these (json_stacks.h); NULL: each in full */
	struct jsonw_level {
		bool object;
		bool lines;
		bool used;	/* has a child already */
	} level[JSONW_DEPTH_MAX];
};

void jsonw_init(struct jsonw *w, FILE *out);

void jsonw_object(struct jsonw *w, bool lines);
void jsonw_array(struct jsonw *w, bool lines);
/* Close the innermost container. */
void jsonw_end(struct jsonw *w);

/* Name of the next value; only inside an object. @key is our own text, not escaped. */
void jsonw_key(struct jsonw *w, const char *key);

/* A string; NULL gives null. Any bytes are fine: see base/sanitize for what becomes of bad ones. */
void jsonw_str(struct jsonw *w, const char *s);
/* 64-bit integers go as strings, because many readers keep numbers in a double. */
void jsonw_u64(struct jsonw *w, uint64_t v);
/* "0x...", as the kernel prints addresses; 0 gives null. */
void jsonw_addr(struct jsonw *w, uint64_t v);
void jsonw_u32(struct jsonw *w, uint32_t v);
/* A time or duration of @ns nanoseconds as a number of microseconds: 1234.567 */
void jsonw_us(struct jsonw *w, uint64_t ns);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);

/* Key and value in one; "" gives null like NULL, because it stands for what is not known. */
void jsonw_key_str(struct jsonw *w, const char *key, const char *s);
void jsonw_key_u64(struct jsonw *w, const char *key, uint64_t v);
void jsonw_key_addr(struct jsonw *w, const char *key, uint64_t v);
void jsonw_key_u32(struct jsonw *w, const char *key, uint32_t v);
void jsonw_key_us(struct jsonw *w, const char *key, uint64_t ns);
void jsonw_key_bool(struct jsonw *w, const char *key, bool v);
void jsonw_key_array(struct jsonw *w, const char *key, bool lines);

/* End the document with a newline. 0, -EIO, or -EINVAL if it is not one complete value. */
int jsonw_finish(struct jsonw *w);

#endif /* LK_JSONW_H */
