// SPDX-License-Identifier: GPL-2.0-only
/*
 * The JSON writer: where commas and line breaks go, what is refused, and that
 * errors stick.
 */
#include <errno.h>

#include "../../user/render/jsonw.h"
#include "../lib/tap.h"

/* What @build writes, @in_page: as in a page; *err = what jsonw_finish() says. */
static char *written_for(bool in_page, void (*build)(struct jsonw *w), int *err)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct jsonw w;

	if (!out)
		exit(1);
	jsonw_init(&w, out);
	w.dense = w.in_html = in_page;
	build(&w);
	*err = jsonw_finish(&w);
	fclose(out);
	return text;
}

static char *written(void (*build)(struct jsonw *w), int *err)
{
	return written_for(false, build, err);
}

static void build_nested(struct jsonw *w)
{
	jsonw_object(w, true);
	jsonw_key_str(w, "a", "x");
	jsonw_key_array(w, "list", true);
	jsonw_object(w, false);
	jsonw_key_u32(w, "n", 4294967295u);
	jsonw_key_bool(w, "b", true);
	jsonw_end(w);
	jsonw_array(w, false);
	jsonw_u32(w, 0);
	jsonw_us(w, 18446744073709551615ull);
	jsonw_us(w, 1005);
	jsonw_bool(w, false);
	jsonw_null(w);
	jsonw_end(w);
	jsonw_end(w);
	jsonw_key_array(w, "empty", true);
	jsonw_end(w);
	jsonw_key(w, "inner");
	jsonw_object(w, false);
	jsonw_end(w);
	jsonw_end(w);
}

static void build_integers(struct jsonw *w)
{
	jsonw_array(w, false);
	jsonw_u64(w, 0);
	jsonw_u64(w, UINT64_MAX);
	jsonw_addr(w, 0xffff888101234560);
	jsonw_addr(w, 0);
	jsonw_end(w);
}

static void build_strings(struct jsonw *w)
{
	jsonw_object(w, false);
	jsonw_key(w, "null");
	jsonw_str(w, NULL);
	jsonw_key(w, "empty");
	jsonw_str(w, "");
	jsonw_key_str(w, "unknown", "");
	jsonw_key_str(w, "hostile", "\"\\\n\033\xff\u202e</script>\u00e9");
	jsonw_end(w);
}

static void build_bare(struct jsonw *w)
{
	jsonw_u32(w, 7);
}

static void test_layout(void)
{
	static const struct {
		const char *name;
		void (*build)(struct jsonw *w);
		const char *text;
	} cases[] = {
		{ "nested", build_nested,
		  "{\n"
		  "  \"a\": \"x\",\n"
		  "  \"list\": [\n"
		  "    {\"n\": 4294967295, \"b\": true},\n"
		  "    [0, 18446744073709551.615, 1.005, false, null]\n"
		  "  ],\n"
		  "  \"empty\": [],\n"
		  "  \"inner\": {}\n"
		  "}\n" },
		{ "integers", build_integers,
		  "[\"0\", \"18446744073709551615\", \"0xffff888101234560\", null]\n" },
		{ "strings", build_strings,
		  "{\"null\": null, \"empty\": \"\", \"unknown\": null, "
		  "\"hostile\": \"\\\"\\\\\\u000a\\u001b\\ufffd\\u202e</script>\u00e9\"}\n" },
		{ "a bare value", build_bare, "7\n" },
	};
	size_t i;
	int err;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *text = written(cases[i].build, &err);

		is_int(err, 0, "%s: no error", cases[i].name);
		is_str(text, cases[i].text, "%s: text", cases[i].name);
		free(text);
	}
}

/* --- misuse ----------------------------------------------------------------------------- */

static void wrong_nothing(struct jsonw *w)
{
	(void)w;
}

static void wrong_open(struct jsonw *w)
{
	jsonw_object(w, false);
}

static void wrong_value_without_key(struct jsonw *w)
{
	jsonw_object(w, false);
	jsonw_u32(w, 1);
	jsonw_end(w);
}

static void wrong_key_in_array(struct jsonw *w)
{
	jsonw_array(w, false);
	jsonw_key(w, "k");
	jsonw_u32(w, 1);
	jsonw_end(w);
}

static void wrong_two_keys(struct jsonw *w)
{
	jsonw_object(w, false);
	jsonw_key(w, "a");
	jsonw_key(w, "b");
	jsonw_u32(w, 1);
	jsonw_end(w);
}

static void wrong_key_without_value(struct jsonw *w)
{
	jsonw_object(w, false);
	jsonw_key(w, "a");
	jsonw_end(w);
}

static void wrong_second_document(struct jsonw *w)
{
	jsonw_null(w);
	jsonw_null(w);
}

static void wrong_end(struct jsonw *w)
{
	jsonw_end(w);
}

static void nest(struct jsonw *w, unsigned int depth)
{
	unsigned int i;

	for (i = 0; i < depth; i++)
		jsonw_array(w, false);
	for (i = 0; i < depth; i++)
		jsonw_end(w);
}

static void wrong_depth(struct jsonw *w)
{
	nest(w, JSONW_DEPTH_MAX + 1);
}

static void right_depth(struct jsonw *w)
{
	nest(w, JSONW_DEPTH_MAX);
}

static void test_misuse(void)
{
	static const struct {
		const char *name;
		void (*build)(struct jsonw *w);
		int err;
	} cases[] = {
		{ "nothing at all", wrong_nothing, -EINVAL },
		{ "a container left open", wrong_open, -EINVAL },
		{ "a value without a key in an object", wrong_value_without_key, -EINVAL },
		{ "a key in an array", wrong_key_in_array, -EINVAL },
		{ "two keys in a row", wrong_two_keys, -EINVAL },
		{ "a key without a value", wrong_key_without_value, -EINVAL },
		{ "a second document", wrong_second_document, -EINVAL },
		{ "an end without a beginning", wrong_end, -EINVAL },
		{ "nesting too deep", wrong_depth, -EINVAL },
		{ "nesting just deep enough", right_depth, 0 },
	};
	size_t i;
	int err;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		free(written(cases[i].build, &err));
		is_int(err, cases[i].err, "%s", cases[i].name);
	}
}

static void test_write_error_sticks(void)
{
	FILE *full = fopen("/dev/full", "w");
	struct jsonw w;
	unsigned int i;

	if (!full) {
		skip("no /dev/full here");
		return;
	}
	jsonw_init(&w, full);
	jsonw_array(&w, true);
	for (i = 0; i < 100000 && !w.err; i++)
		jsonw_str(&w, "as many as it takes to fill the buffer");
	is_int(w.err, -EIO, "a full device is noticed");
	clearerr(full);
	jsonw_end(&w);
	is_int(jsonw_finish(&w), -EIO, "and told at the end, although the stream forgot");
	fclose(full);
}

static void test_in_a_page(void)
{
	int err, more;
	char *nested = written_for(true, build_nested, &err);
	char *strings = written_for(true, build_strings, &more);

	is_int(err | more, 0, "in a page: no error");
	is_str(nested, "{\"a\":\"x\",\"list\":[{\"n\":4294967295,\"b\":true},[0,18446744073709551.615,1.005,false,null]],\"empty\":[],\"inner\":{}}\n",
	       "no blank and no line break");
	ok(strstr(strings, "\\u003c/script\\u003e") && !strchr(strings, '<'), "no markup");
	free(nested);
	free(strings);
}

int main(void)
{
	test_layout();
	test_in_a_page();
	test_misuse();
	test_write_error_sticks();
	return done_testing();
}
