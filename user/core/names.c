// SPDX-License-Identifier: GPL-2.0-only
/*
 * Names in the model: symbols, stacks, cgroups and locks. A row may refer to any
 * of them before it is described, so names are resolved when somebody asks. A
 * later description of the same thing replaces the earlier one.
 */
#include <errno.h>
#include <inttypes.h>

#include "../base/diag.h"
#include "model_priv.h"
#include "symclass.h"

/*
 * Number @key in @h, and give the parallel array @vec an element @empty for it
 * if it is new: 0 or -ENOMEM.
 */
#define intern(h, vec, key, index, empty) ({				\
	int intern_err_ = vec_reserve((vec), 1);			\
	if (!intern_err_) {						\
		intern_err_ = htab_put((h), (key), (index));		\
		if (intern_err_ == 1) {					\
			(vec)->v[(vec)->nr++] = empty;			\
			intern_err_ = 0;				\
		}							\
	}								\
	intern_err_; })

int model_intern_lock(struct model *m, uint64_t addr, uint32_t *lock)
{
	struct addr_key key = { .addr = addr, .source = cur_source(m) };

	return intern(&m->locks, &m->lock_name, &key, lock, 0);
}

int model_intern_stack(struct model *m, uint32_t id, uint32_t *stack)
{
	struct stack_key key = { .source = cur_source(m), .id = id };

	return intern(&m->stacks, &m->stack, &key, stack, ((struct stack_data){ 0 }));
}

int model_intern_cgroup(struct model *m, uint64_t id, uint32_t *cgroup)
{
	struct addr_key key = { .addr = id, .source = cur_source(m) };

	return intern(&m->cgroups, &m->cgroup_path, &key, cgroup, 0);
}

int model_apply_sym(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_sym *e = &ev->sym;
	struct addr_key key = { .addr = e->addr, .source = cur_source(m) };
	struct sym_data s = { .off = e->off, .size = e->size };
	uint32_t i;

	(void)why;	/* any SYM is fine; flags that we do not know are ignored */
	s.tracer = e->flags & LK_SYM_TRACER || symclass_is_tracer(e->name);
	s.internal = s.tracer || e->flags & LK_SYM_LOCK || symclass_is_lock(e->name);
	if (strpool_id(&m->str, e->name, &s.name) || strpool_id(&m->str, e->module, &s.module) ||
	    intern(&m->syms, &m->sym, &key, &i, s))
		return -ENOMEM;
	m->sym.v[i] = s;
	return 0;
}

int model_apply_stack(struct model *m, const struct lk_event *ev, struct diag *why)
{
	const struct lk_ev_stack *e = &ev->stack;
	struct stack_data *s;
	uint32_t stack, i;

	if (e->id == LK_STACK_NONE)
		return diag_set(why, -EBADMSG, "a stack has the id that means no stack");
	if (e->nr > LK_STACK_DEPTH_MAX)
		return diag_set(why, -EBADMSG, "stack %" PRIu32 " has %" PRIu32 " frames, more than %d",
				e->id, e->nr, LK_STACK_DEPTH_MAX);
	if (m->frames.nr > UINT32_MAX - LK_STACK_DEPTH_MAX || vec_reserve(&m->frames, e->nr) ||
	    model_intern_stack(m, e->id, &stack))
		return -ENOMEM;
	s = &m->stack.v[stack];
	if (e->nr > s->nr)	/* otherwise it fits where the old one was */
		s->first = (uint32_t)m->frames.nr;
	s->nr = e->nr;
	for (i = 0; i < e->nr; i++)
		m->frames.v[s->first + i] = e->addr[i];
	if (s->first + s->nr > m->frames.nr)
		m->frames.nr = s->first + s->nr;
	return 0;
}

int model_apply_cgroup(struct model *m, const struct lk_event *ev, struct diag *why)
{
	uint32_t path, cgroup;

	(void)why;	/* any CGROUP is fine */
	if (strpool_id(&m->str, ev->cgroup.path, &path) ||
	    model_intern_cgroup(m, ev->cgroup.id, &cgroup))
		return -ENOMEM;
	m->cgroup_path.v[cgroup] = path;
	return 0;
}

int model_apply_lock(struct model *m, const struct lk_event *ev, struct diag *why)
{
	struct lock_name name;
	uint32_t lock, i;

	if (!ev->lock.addr)
		return diag_set(why, -EBADMSG, "a lock has the address 0");
	lockname_decide(&ev->lock, &name);
	if (model_intern_lock(m, ev->lock.addr, &lock) ||
	    htab_put(&m->lock_names, &name, &i) < 0)
		return -ENOMEM;
	m->lock_name.v[lock] = i + 1;
	return 0;
}

/* --- accessors ---------------------------------------------------------------------------- */

const char *model_cgroup(const struct model *m, unsigned int source, uint64_t id)
{
	struct addr_key key = { .addr = id, .source = source };
	uint32_t i = htab_find(&m->cgroups, &key);

	if (i == HTAB_NONE || !m->cgroup_path.v[i])
		return NULL;
	return strpool_str(&m->str, m->cgroup_path.v[i]);
}

const struct lock_name *model_lock_at(const struct model *m, uint32_t lock)
{
	if (!m->lock_name.v[lock])
		return NULL;
	return htab_key(&m->lock_names, m->lock_name.v[lock] - 1);
}

const struct lock_name *model_lock(const struct model *m, unsigned int source, uint64_t addr)
{
	struct addr_key key = { .addr = addr, .source = source };
	uint32_t i = htab_find(&m->locks, &key);

	return i == HTAB_NONE ? NULL : model_lock_at(m, i);
}

/* Describe one frame; true if it is a tracer's. */
static bool resolve(const struct model *m, uint32_t source, uint64_t addr, struct model_frame *f)
{
	struct addr_key key = { .addr = addr, .source = source };
	uint32_t i = htab_find(&m->syms, &key);
	const struct sym_data *s;

	*f = (struct model_frame){ .addr = addr, .name = "", .module = "" };
	if (i == HTAB_NONE)
		return false;
	s = &m->sym.v[i];
	f->name = strpool_str(&m->str, s->name);
	f->module = strpool_str(&m->str, s->module);
	f->off = s->off;
	f->size = s->size;
	f->internal = s->internal;
	return s->tracer;
}

bool model_symbol(const struct model *m, unsigned int source, uint64_t addr, struct model_frame *f)
{
	(void)resolve(m, source, addr, f);	/* a tracer's address is one as well */
	return f->name[0];
}

/*
 * Index of the first frame outside of the lock code. Frames without a name are
 * taken for tracing machinery (JITed code often has none; a trampoline lies in the
 * middle of the function that it traces) while known lock code follows them
 * directly, and for callers anywhere else.
 */
static unsigned int find_caller(struct model_frame *frame, unsigned int nr)
{
	unsigned int caller = 0, i;

	for (i = 0; i < nr; i++) {
		if (frame[i].internal)
			caller = i + 1;
		else if (frame[i].name[0])
			break;
	}
	for (i = 0; i < caller; i++)
		frame[i].internal = true;
	return caller;
}

unsigned int model_stack_at(const struct model *m, uint32_t stack,
			    struct model_frame frame[LK_STACK_DEPTH_MAX], unsigned int *caller)
{
	const struct stack_data *s = &m->stack.v[stack];
	uint32_t source = stack_key(m, stack)->source, i;
	unsigned int nr = 0;
	bool leading = true;

	for (i = 0; i < s->nr; i++) {
		struct model_frame *f = &frame[nr++];

		if (resolve(m, source, m->frames.v[s->first + i], f)) {
			if (leading)
				nr = 0;		/* drop it and what came before it */
		} else if (f->name[0]) {
			leading = false;
		}
	}
	*caller = find_caller(frame, nr);
	return nr;
}

unsigned int model_stack(const struct model *m, unsigned int source, uint32_t id,
			 struct model_frame frame[LK_STACK_DEPTH_MAX], unsigned int *caller)
{
	struct stack_key key = { .source = source, .id = id };
	uint32_t i = htab_find(&m->stacks, &key);

	if (i == HTAB_NONE) {
		*caller = 0;
		return 0;
	}
	return model_stack_at(m, i, frame, caller);
}
