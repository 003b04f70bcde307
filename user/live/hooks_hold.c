// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hold times: what the order tier's object needs for them, and why there are none.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

#include "hooks_priv.h"

#define DEFAULT_ROWS	16384u
#define STACKS_CACHED	1024u	/* kinds of release per CPU, by hash; a power of two */

/* Only a fexit program knows both that the function returns and which lock it was given. */
static bool can(const struct hooks *o)
{
	return o->opts.hold_times && o->plan.mode == ORDER_MODE_FENTRY;
}

bool hooks_is_got(const char *name)
{
	return !strncmp(name, "fh_", 3);
}

struct bpf_program *hooks_got(const struct hooks *o, unsigned int row)
{
	char name[80];

	if (!can(o) || o->untimed[row] || order_fns[row].op != LK_OP_ACQUIRE)
		return NULL;
	snprintf(name, sizeof(name), "fh_%s", order_fns[row].symbol);
	return bpf_object__find_program_by_name(o->skel->obj, name);
}

static int share(struct bpf_map *map, int fd)
{
	return fd >= 0 ? bpf_map__reuse_fd(map, fd) : 0;
}

int hooks_hold_configure(struct hooks *o)
{
	struct lk_order_cfg *cfg = (struct lk_order_cfg *)&o->skel->rodata->order_cfg;
	unsigned int rows = !can(o) ? 0 : o->opts.rows ? o->opts.rows : DEFAULT_ROWS;
	unsigned int cached = can(o) ? STACKS_CACHED : 1;
	struct lk_cfg *common = (struct lk_cfg *)&o->skel->rodata->cfg;
	int err;

	cfg->hold_times = can(o);
	cfg->hold_stack_mask = cached - 1;
	common->nr_hist_blocks = rows ? rows * 3 : 1;
	err = bpf_map__set_max_entries(o->skel->maps.hold_rows, rows ? rows : 1);
	err = err ?: bpf_map__set_max_entries(o->skel->maps.hold_folds, rows ? 2048 : 1);
	err = err ?: bpf_map__set_max_entries(o->skel->maps.hist, common->nr_hist_blocks);
	err = err ?: bpf_map__set_max_entries(o->skel->maps.hold_stacks, cached);
	if (!can(o)) {		/* nothing uses them */
		err = err ?: bpf_map__set_max_entries(o->skel->maps.stacks, 1);
		err = err ?: bpf_map__set_max_entries(o->skel->maps.stacks_alt, 1);
		return err ?: bpf_map__set_max_entries(o->skel->maps.locks, 1);
	}
	err = err ?: share(o->skel->maps.stacks, o->opts.stacks);
	err = err ?: share(o->skel->maps.stacks_alt, o->opts.stacks_alt);
	err = err ?: share(o->skel->maps.locks, o->opts.locks);
	return err ?: share(o->skel->maps.rb, o->opts.rb);
}

/* Where that fails, what we hold is listed, too. */
void hooks_hold_begin(struct hooks *o)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	if (hooks_hold_times(o))
		(void)bpf_prog_test_run_opts(bpf_program__fd(o->skel->progs.hold_self), &opts);
}

bool hooks_hold_times(const struct hooks *o)
{
	return hooks_any(o) && can(o);
}

void hooks_hold_maps(const struct hooks *o, struct hooks_hold_maps *maps)
{
	*maps = (struct hooks_hold_maps){ .rows = -1, .folds = -1, .hist = -1 };
	if (!hooks_hold_times(o))
		return;
	maps->rows = bpf_map__fd(o->skel->maps.hold_rows);
	maps->folds = bpf_map__fd(o->skel->maps.hold_folds);
	maps->hist = bpf_map__fd(o->skel->maps.hist);
	maps->nr_hist = bpf_map__max_entries(o->skel->maps.hist);
}

void hooks_hold_gap(const struct hooks *o, char *buf, size_t size)
{
	const char *first = NULL;
	unsigned int row, nr = 0;

	buf[0] = '\0';
	if (!o->opts.hold_times)
		return;
	if (!hooks_any(o)) {
		snprintf(buf, size, "no lock functions are hooked%s%s", o->why_not[0] ? ": " : "", o->why_not);
		return;
	}
	if (!can(o)) {
		snprintf(buf, size, "lock functions are hooked by %s, which does not tell which lock a "
			 "function has got; fentry does", order_mode_name(o->plan.mode));
		return;
	}
	for (row = 0; row < LK_ROW_NR; row++) {
		if (!o->untimed[row] || !o->plan.row[row])
			continue;
		first = first ? first : order_fns[row].symbol;
		nr++;
	}
	if (nr == 1)
		snprintf(buf, size, "%s cannot be hooked where it returns", first);
	else if (nr)
		snprintf(buf, size, "%s and %u more cannot be hooked where they return", first, nr - 1);
}
