// SPDX-License-Identifier: GPL-2.0-only
/*
 * The filter of a view: which items count. Verdicts that depend on a name are
 * remembered per text, stack and cgroup, so that a million rows are cheap.
 */
#include <errno.h>
#include <string.h>

#include "../base/num.h"
#include "view_priv.h"

#define FAIL	1
#define PASS	2

int view_filter_init(struct view_ctx *c)
{
	c->stack_pass = calloc(c->m->stack.nr + 1, 1);
	c->cgroup_pass = calloc(c->m->cgroup_path.nr + 1, 1);
	return c->stack_pass && c->cgroup_pass ? 0 : -ENOMEM;
}

void view_filter_done(struct view_ctx *c)
{
	vec_free(&c->lock_pass);
	free(c->stack_pass);
	free(c->cgroup_pass);
}

bool view_filter_is_empty(const struct view_ctx *c)
{
	const struct view_filter *f = &c->opts->filter;

	return !f->nr_pid && !f->nr_tid && !f->nr_cgroup && !f->type_mask && !f->nr_lock &&
	       !f->nr_caller;
}

static bool contains(const uint32_t *list, unsigned int nr, uint32_t id)
{
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (list[i] == id)
			return true;
	return false;
}

/* Is @path the cgroup @root or one below it? Both are relative to the mount. */
static bool is_below(const char *path, const char *root)
{
	size_t len;

	while (*root == '/')
		root++;
	while (*path == '/')
		path++;
	len = strlen(root);
	while (len && root[len - 1] == '/')
		len--;
	if (!len)
		return true;
	return !strncmp(path, root, len) && (!path[len] || path[len] == '/');
}

static bool pass_cgroup(struct view_ctx *c, uint32_t cgroup)
{
	const struct view_filter *f = &c->opts->filter;
	const struct model *m = c->m;
	uint8_t *verdict;
	unsigned int i;

	if (cgroup == NO_NUMBER || !m->cgroup_path.v[cgroup])
		return false;
	verdict = &c->cgroup_pass[cgroup];
	if (!*verdict) {
		*verdict = FAIL;
		for (i = 0; i < f->nr_cgroup; i++)
			if (is_below(strpool_str(&m->str, m->cgroup_path.v[cgroup]), f->cgroup[i]))
				*verdict = PASS;
	}
	return *verdict == PASS;
}

static bool pass_caller(struct view_ctx *c, uint32_t stack)
{
	const struct view_filter *f = &c->opts->filter;
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	uint8_t *verdict = &c->stack_pass[stack];
	unsigned int nr, caller, i, k;

	if (!*verdict) {
		*verdict = FAIL;
		nr = model_stack_at(c->m, stack, frame, &caller);
		for (i = 0; i < nr; i++)
			for (k = 0; k < f->nr_caller; k++)
				if (strstr(frame[i].name, f->caller[k]))
					*verdict = PASS;
	}
	return *verdict == PASS;
}

/* Is the part [s, s + len) of a name what the user asked for? */
static bool same(const char *s, size_t len, const char *want)
{
	return strlen(want) == len && !memcmp(s, want, len);
}

/* Length of a name without its " [module]", " (file system)", "#2" and "/1". */
static size_t name_len(const char *name)
{
	size_t len = strcspn(name, "#");
	const char *s = strstr(name, " [");

	if (s && (size_t)(s - name) < len)
		len = (size_t)(s - name);
	s = strstr(name, " (");
	if (s && (size_t)(s - name) < len)
		len = (size_t)(s - name);
	while (len > 2 && name[len - 2] == '/' && name[len - 1] >= '1' && name[len - 1] <= '7')
		len -= 2;
	return len;
}

bool view_lock_matches(const char *name, const char *want)
{
	size_t len = name_len(name), n;
	const char *member, *s;

	if (!strcmp(name, want) || same(name, len, want))
		return true;
	if (name[0] != '&' && strncmp(name, "percpu:", 7))
		return false;
	member = name + (name[0] == '&' ? 1 : 7);
	n = len - (size_t)(member - name);
	if (same(member, n, want))
		return true;
	for (s = member; s < name + len; s++) {
		if (s[0] == '.')
			member = s + 1;
		else if (s[0] == '-' && s[1] == '>')
			member = s + 2;
	}
	return same(member, (size_t)(name + len - member), want);
}

static int pass_lock(struct view_ctx *c, const struct item *it)
{
	const struct view_filter *f = &c->opts->filter;
	uint64_t addr;
	uint32_t text;
	unsigned int i;

	for (i = 0; i < f->nr_lock; i++)
		if (!num_parse_addr(f->lock[i], &addr) && lock_key(c->m, it->lock)->addr == addr)
			return 1;
	if (view_text_lock(c, it, &text))
		return -ENOMEM;
	if (text >= c->lock_pass.nr) {
		if (vec_reserve(&c->lock_pass, text + 1 - c->lock_pass.nr))
			return -ENOMEM;
		while (c->lock_pass.nr <= text)
			c->lock_pass.v[c->lock_pass.nr++] = 0;
	}
	if (!c->lock_pass.v[text]) {
		c->lock_pass.v[text] = FAIL;
		for (i = 0; i < f->nr_lock; i++)
			if (view_lock_matches(strpool_str(&c->str, text), f->lock[i]))
				c->lock_pass.v[text] = PASS;
	}
	return c->lock_pass.v[text] == PASS;
}

int view_filter_pass(struct view_ctx *c, const struct item *it)
{
	const struct view_filter *f = &c->opts->filter;

	if (f->type_mask && !(f->type_mask >> it->lcb & 1))
		return 0;
	if (f->nr_pid && !(it->has_task && contains(f->pid, f->nr_pid, it->tgid)))
		return 0;
	if (f->nr_tid && !(it->has_task && contains(f->tid, f->nr_tid, it->tid)))
		return 0;
	if (f->nr_cgroup && !pass_cgroup(c, it->cgroup))
		return 0;
	if (f->nr_caller && !pass_caller(c, it->stack))
		return 0;
	return f->nr_lock ? pass_lock(c, it) : 1;
}
