// SPDX-License-Identifier: GPL-2.0-only
/*
 * Known bugs: their locks, links and functions, made of the findings of a model.
 */
#include <stdio.h>
#include <string.h>

#include "expect_priv.h"
#include "symclass.h"

#define FUNC_LEN	128

/* The function in "? function.part.0+0x1/0x2 [module]"; false: there is none. */
static bool function_of(const char *frame, char func[FUNC_LEN])
{
	size_t len;

	if (frame[0] == '?' && frame[1] == ' ')
		frame += 2;
	len = strcspn(frame, "+ ([");
	if (!len || len >= FUNC_LEN || !strncmp(frame, "0x", 2))
		return false;
	memcpy(func, frame, len);
	func[len] = 0;
	func[symclass_base_len(func)] = 0;
	return true;
}

static int add_func(struct expect *e, struct xlock *x, const char *frame)
{
	char func[FUNC_LEN];
	const char *copy;
	unsigned int i;

	if (x->nr_func == EXPECT_FUNCS || !function_of(frame, func) || symclass_is_lock(func))
		return 0;
	for (i = 0; i < x->nr_func; i++)
		if (!strcmp(x->func[i], func))
			return 0;
	copy = strpool_copy(&e->str, func);
	if (!copy)
		return -ENOMEM;
	x->func[x->nr_func++] = copy;
	return 0;
}

static int add_inside(struct expect *e, struct xbug *b, const char *frame)
{
	char func[FUNC_LEN];
	const char *copy;

	if (!function_of(frame, func) || symclass_is_lock(func))
		return 0;
	copy = strpool_copy(&e->str, func);
	return copy ? vec_push(&b->inside, copy) : -ENOMEM;
}

/* Who takes it: the first function of the stack that is not one which takes locks for others. */
static int add_taker(struct expect *e, struct xlock *x, unsigned int nr, const char *const *frame)
{
	char func[FUNC_LEN];
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (function_of(frame[i], func) && !symclass_is_lock(func) && !symclass_is_wrapper(func) &&
		    strncmp(func, "wait_for_common", 15))
			return add_func(e, x, frame[i]);
	return 0;
}

/* The frames of a link in a report of the kernel, or those of a trace's own finding. */
static int add_stack(struct expect *e, struct xbug *b, struct xlock *x, const struct model *known,
		     const struct finding_link *l)
{
	struct model_frame frame[LK_STACK_DEPTH_MAX];
	unsigned int i, nr, caller;
	int err = add_taker(e, x, l->nr_frames, l->frame);

	for (i = 0; i < l->nr_frames && !err; i++)
		err = add_inside(e, b, l->frame[i]);
	nr = model_stack(known, l->source, l->stack, frame, &caller);
	for (i = 0; i < nr && !err; i++)
		err = add_inside(e, b, frame[i].name);
	if (!err && caller < nr)
		err = add_func(e, x, frame[caller].name);
	return err;
}

/* Where it was taken, as a report says beside the lock, or by the address of the call. */
static int add_place(struct expect *e, struct xlock *x, const struct model *known, unsigned int source,
		     const struct finding_lock *l)
{
	struct model_frame f;

	if (l->at)
		return add_func(e, x, l->at);
	return l->site && model_symbol(known, source, l->site, &f) ? add_func(e, x, f.name) : 0;
}

static int set_lock(struct expect *e, struct xbug *b, unsigned int i, const struct finding_lock *l)
{
	struct expect_lock *pub = &b->lock_pub[i];

	lockalias_today(l->name, &b->lock[i].alias);
	pub->name = strpool_copy(&e->str, l->name);
	pub->today = strpool_copy(&e->str, b->lock[i].alias.name);
	pub->class = EXPECT_NONE;
	return pub->name && pub->today ? 0 : -ENOMEM;
}

/* A cycle of one lock, of the links of the finding, or of the two locks that it names. */
static unsigned int count_locks(const struct finding *f)
{
	unsigned int i;

	for (i = 0; i < f->nr_links; i++)
		if (!f->link[i].taken.name[0])
			return 0;
	switch (f->kind) {
	case FINDING_CIRCULAR:
		if (f->nr_links > 1)
			return f->nr_links;
		return f->link[0].held.name[0] ? 2 : 0;
	case FINDING_RECURSIVE:
	case FINDING_RW_UPGRADE:
		return 1;
	default:
		return 0;
	}
}

/* What @l says of where lock @x was held and taken: also in the list of all that was held. */
static int read_link(struct expect *e, struct xbug *b, const struct model *known,
		     const struct finding_link *l, struct xlock *held, struct xlock *taken)
{
	unsigned int i, k;
	int err = add_stack(e, b, taken, known, l);

	if (!err)
		err = add_place(e, taken, known, l->source, &l->taken);
	if (!err)
		err = add_place(e, held, known, l->source, &l->held);
	for (i = 0; i < l->nr_all && !err; i++)
		for (k = 0; k < b->nr_locks && !err; k++)
			if (!strcmp(l->all[i].name, b->lock_pub[k].name))
				err = add_place(e, &b->lock[k], known, l->source, &l->all[i]);
	return err;
}

static int read_bug(struct expect *e, struct xbug *b, const struct model *known, const struct finding *f)
{
	unsigned int i, nr = count_locks(f);
	int err = 0;

	b->nr_locks = nr;
	b->lock = calloc((size_t)nr + 1, sizeof(*b->lock));
	b->lock_pub = calloc((size_t)nr + 1, sizeof(*b->lock_pub));
	b->link = calloc((size_t)nr + 1, sizeof(*b->link));
	if (!b->lock || !b->lock_pub || !b->link)
		return -ENOMEM;
	for (i = 0; i < nr && !err; i++)
		err = set_lock(e, b, i, i < f->nr_links ? &f->link[i].taken : &f->link[0].held);
	for (i = 0; i < nr; i++)
		b->link[i] = (struct expect_link){ .held = &b->lock_pub[i ? i - 1 : nr - 1],
						   .taken = &b->lock_pub[i], .edge = EXPECT_NONE,
						   .state = EXPECT_LINK_UNSEEN };
	for (i = 0; i < f->nr_links && nr && !err; i++)
		err = read_link(e, b, known, &f->link[i], &b->lock[i ? i - 1 : nr - 1], &b->lock[i]);
	for (i = 0; f->report && i < f->report->nr_parts && !err; i++)
		if (f->report->part[i].role == LK_PART_FRAME)
			err = add_inside(e, b, f->report->part[i].text);
	b->pub = (struct expect_bug){
		.known = f, .title = f->report ? f->report->title : "",
		.file = f->report ? f->report->file : "",
		.state = nr ? EXPECT_UNSEEN : EXPECT_NO_CYCLE,
		.nr_links = nr, .link = b->link, .watch_class = EXPECT_NONE,
	};
	return err;
}

void expect_bug_done(struct xbug *b)
{
	unsigned int i;

	for (i = 0; b->lock && i < b->nr_locks; i++)
		vec_free(&b->lock[i].class);
	vec_free(&b->inside);
	free(b->lock);
	free(b->lock_pub);
	free(b->link);
}

int expect_read_known(struct expect *e, const struct model *known)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < model_nr_findings(known) && !err; i++) {
		struct xbug none = { .nr_locks = 0 };

		err = vec_push(&e->bug, none);
		if (!err)
			err = read_bug(e, &e->bug.v[e->bug.nr - 1], known, model_finding(known, i));
	}
	return err;
}
