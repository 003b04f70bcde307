// SPDX-License-Identifier: GPL-2.0-only
/*
 * Texts of a view: names of locks, callers and cgroups, resolved once per
 * number of the model and numbered by the view's own pool.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "symclass.h"
#include "view_priv.h"

struct stack_text {
	uint32_t caller;	/* + 1; 0 = not yet */
	uint32_t module;
};

struct site_key {
	uint32_t type, caller, module;	/* texts */
};

int view_text_init(struct view_ctx *c)
{
	const struct model *m = c->m;
	uint32_t lcb;

	htab_init(&c->sites, sizeof(struct site_key));
	if (strpool_init(&c->str))
		return -ENOMEM;
	c->name_text = calloc((size_t)m->lock_names.nr + 1, sizeof(*c->name_text));
	c->stack_text = calloc(m->stack.nr + 1, sizeof(*c->stack_text));
	c->cgroup_text = calloc(m->cgroup_path.nr + 1, sizeof(*c->cgroup_text));
	if (!c->name_text || !c->stack_text || !c->cgroup_text ||
	    strpool_id(&c->str, "(unknown)", &c->unknown_text) ||
	    strpool_id(&c->str, "(folded)", &c->folded_text))
		return -ENOMEM;
	for (lcb = 0; lcb <= LK_LCB_MASK; lcb++)
		if (strpool_id(&c->str, lock_type_str(lcb), &c->type_text[lcb]))
			return -ENOMEM;
	return 0;
}

void view_text_done(struct view_ctx *c)
{
	strpool_done(&c->str);
	free(c->name_text);
	free(c->stack_text);
	free(c->cgroup_text);
	htab_done(&c->sites);
	vec_free(&c->site_text);
}

/* Text of the function that waited; without what the compiler appended to its name. */
static int caller_text(struct view_ctx *c, const struct model_frame *f, uint32_t *text)
{
	char buf[512];

	if (f->name[0])
		snprintf(buf, sizeof(buf), "%.*s", (int)symclass_base_len(f->name), f->name);
	else
		snprintf(buf, sizeof(buf), "0x%" PRIx64, f->addr);
	return strpool_id(&c->str, buf, text);
}

int view_text_caller(struct view_ctx *c, uint32_t stack, uint32_t *caller, uint32_t *module)
{
	struct stack_text *t = &c->stack_text[stack];
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int nr, at;
	uint32_t text = c->unknown_text;

	if (!t->caller) {
		nr = model_stack_at(c->m, stack, frame, &at);
		if (at < nr && (caller_text(c, &frame[at], &text) ||
				strpool_id(&c->str, frame[at].module, &t->module)))
			return -ENOMEM;
		t->caller = text + 1;
	}
	*caller = t->caller - 1;
	*module = t->module;
	return 0;
}

/* A lock that only its type and its caller tell from others: "mutex@pipe_write". */
static int site_text(struct view_ctx *c, const struct item *it, uint32_t *text)
{
	struct site_key key = { .type = c->type_text[it->lcb] };
	const char *module;
	char buf[1024];
	uint32_t i;

	if (view_text_caller(c, it->stack, &key.caller, &key.module))
		return -ENOMEM;
	if (key.caller == c->unknown_text) {
		*text = c->unknown_text;
		return 0;
	}
	i = htab_find(&c->sites, &key);
	if (i == HTAB_NONE) {
		module = strpool_str(&c->str, key.module);
		snprintf(buf, sizeof(buf), "%s@%s%s%s%s", strpool_str(&c->str, key.type),
			 strpool_str(&c->str, key.caller), module[0] ? " [" : "", module,
			 module[0] ? "]" : "");
		if (vec_reserve(&c->site_text, 1) || strpool_id(&c->str, buf, text) ||
		    htab_put(&c->sites, &key, &i) < 0)
			return -ENOMEM;
		c->site_text.v[c->site_text.nr++] = *text;
	}
	*text = c->site_text.v[i];
	return 0;
}

int view_text_lock(struct view_ctx *c, const struct item *it, uint32_t *text)
{
	const struct model *m = c->m;
	uint32_t number = m->lock_name.v[it->lock];
	const struct lock_name *name;
	uint32_t *cached;

	if (item_is_folded(c, it)) {
		*text = c->folded_text;
		return 0;
	}
	if (!number)
		return site_text(c, it, text);
	name = htab_key(&m->lock_names, number - 1);
	if (name->by == NAMED_BY_SITE)
		return site_text(c, it, text);
	cached = &c->name_text[number - 1];
	if (!*cached) {
		if (strpool_id(&c->str, name->name, text))
			return -ENOMEM;
		*cached = *text + 1;
	}
	*text = *cached - 1;
	return 0;
}

int view_text_cgroup(struct view_ctx *c, uint32_t cgroup, uint32_t *text)
{
	const struct model *m = c->m;
	uint32_t *cached;
	uint64_t id;
	char buf[32];

	if (cgroup == NO_NUMBER) {
		*text = c->unknown_text;
		return 0;
	}
	cached = &c->cgroup_text[cgroup];
	if (!*cached) {
		id = cgroup_key(m, cgroup)->addr;
		snprintf(buf, sizeof(buf), "cgroup %" PRIu64, id);
		*text = c->unknown_text;
		if (m->cgroup_path.v[cgroup]) {
			if (strpool_id(&c->str, strpool_str(&m->str, m->cgroup_path.v[cgroup]), text))
				return -ENOMEM;
		} else if (id && strpool_id(&c->str, buf, text)) {
			return -ENOMEM;
		}
		*cached = *text + 1;
	}
	*text = *cached - 1;
	return 0;
}

const char *view_named_by(const struct view_ctx *c, const struct item *it, const char **cache)
{
	const struct lock_name *name = model_lock_at(c->m, it->lock);

	*cache = name ? name->cache : "";
	if (item_is_folded(c, it))
		return NULL;
	return lockname_by_str(name ? name->by : NAMED_BY_SITE);
}
