// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values of options: from text to the fields of struct opts, strictly. Every
 * refusal is one sentence that names the option, the value and what is
 * accepted. Nothing here looks at more than one option at a time.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/diag.h"
#include "../base/num.h"
#include "../../bpf/abi.h"
#include "../core/lockname.h"
#include "../live/order_plan.h"
#include "../render/render.h"
#include "../tui/data.h"
#include "opts.h"

#define NSEC UINT64_C(1000000000)

struct name_bit {
	const char *name;
	unsigned int bit;
};

static const struct name_bit view_names[] = {
	{ "findings", RENDER_FINDINGS }, { "contention", RENDER_CONTENTION },
	{ "holds", RENDER_HOLDS }, { "order", RENDER_ORDER }, { "watch", RENDER_WATCH },
	{ "coverage", RENDER_COVERAGE }, { "loss", RENDER_LOSS }, { "all", RENDER_ALL },
	{ NULL, 0 },
};

static const struct name_bit panel_names[] = {
	{ "locks", TOP_LOCKS }, { "tasks", TOP_TASKS }, { "callers", TOP_CALLERS },
	{ "cgroups", TOP_CGROUPS }, { "findings", TOP_FINDINGS }, { "watch", TOP_WATCH },
	{ NULL, 0 },
};

static const struct name_bit tier_names[] = {
	{ "contention", 1u << LK_TIER_CONTENTION }, { "order", 1u << LK_TIER_ORDER },
	{ "lockdep", 1u << LK_TIER_LOCKDEP }, { "watch", 1u << LK_TIER_WATCH }, { NULL, 0 },
};

static int set_seconds(uint64_t *field, const struct opt *opt, const char *value, struct diag *why)
{
	if (!num_parse_duration(value, opt->min, opt->max, field))
		return 0;
	return diag_set(why, -EINVAL, "--%s '%s': give seconds from %g to %" PRIu64
			", such as 10, 0.5 or 250ms", opt->name, value,
			(double)opt->min / NSEC, opt->max / NSEC);
}

/* "3", "0.5": percent in millionths. */
static int set_percent(uint32_t *field, const struct opt *opt, const char *value, struct diag *why)
{
	char *end;
	double v;

	if (!strcmp(value, "none")) {
		*field = 0;
		return 0;
	}
	v = strtod(value, &end) * 10000;
	if (value[0] >= '0' && value[0] <= '9' && !*end && !strpbrk(value, "xXnN") &&
	    v >= (double)opt->min && v <= (double)opt->max) {
		*field = (uint32_t)(v + 0.5);
		return 0;
	}
	return diag_set(why, -EINVAL, "--%s '%s': give percent from %g to %g, such as 3 or 0.5, or none",
			opt->name, value, (double)opt->min / 1e4, (double)opt->max / 1e4);
}

static int set_number(uint32_t *field, const struct opt *opt, const char *value, struct diag *why)
{
	if (!num_parse_u32(value, (uint32_t)opt->min, (uint32_t)opt->max, field))
		return 0;
	return diag_set(why, -EINVAL, "--%s '%s': give a number from %" PRIu64 " to %" PRIu64,
			opt->name, value, opt->min, opt->max);
}

static int set_size(uint32_t *field, const struct opt *opt, const char *value, struct diag *why)
{
	uint64_t v;

	if (num_parse_size(value, opt->min, opt->max, &v))
		return diag_set(why, -EINVAL,
				"--%s '%s': give a size from %" PRIu64 "K to %" PRIu64 "M, such as 512K or 4M",
				opt->name, value, opt->min >> 10, opt->max >> 20);
	*field = (uint32_t)v;
	return 0;
}

static int add_ids(struct u32_list *list, const struct opt *opt, const char *value,
		   struct diag *why)
{
	const char *p = value;
	uint32_t *grown, v;
	char item[16];

	for (;;) {
		size_t len = strcspn(p, ",");

		snprintf(item, sizeof(item), "%.*s", (int)len, p);
		if (len >= sizeof(item) ||
		    num_parse_u32(item, (uint32_t)opt->min, (uint32_t)opt->max, &v))
			return diag_set(why, -EINVAL,
					"--%s '%s': give numbers from %" PRIu64 " to %" PRIu64
					", separated by commas", opt->name, value, opt->min, opt->max);
		grown = realloc(list->v, (list->nr + 1) * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		list->v = grown;
		grown[list->nr++] = v;
		if (!p[len])
			return 0;
		p += len + 1;
	}
}

static int add_string(struct str_list *list, const struct opt *opt, const char *value,
		      struct diag *why)
{
	const char **grown;

	if (!*value)
		return diag_set(why, -EINVAL, "--%s '': give a %s that is not empty",
				opt->name, opt->arg);
	grown = realloc(list->v, (list->nr + 1) * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->v = grown;
	grown[list->nr++] = value;
	return 0;
}

static int add_lock(struct str_list *list, const struct opt *opt, const char *value,
		    struct diag *why)
{
	uint64_t addr;

	if (!strncmp(value, "0x", 2) && num_parse_addr(value, &addr))
		return diag_set(why, -EINVAL, "--%s '%s': give the lock's name, or its address as 0x "
				"and up to 16 hexadecimal digits", opt->name, value);
	return add_string(list, opt, value, why);
}

static int set_types(struct opts *o, const struct opt *opt, const char *value, struct diag *why)
{
	const char *bad = value;
	size_t bad_len = strlen(value);
	uint64_t mask = 0;

	if (lock_type_parse(value, &mask, &bad, &bad_len))
		return diag_set(why, -EINVAL, "--%s '%s': '%.*s' is no type of lock; there are %s",
				opt->name, value, (int)bad_len, bad, lock_type_names());
	o->type_mask |= mask;
	return add_string(&o->types, opt, value, why);
}

/* A comma-separated list of names into the bits they stand for. */
static int set_names(unsigned int *bits, const struct name_bit *names, const struct opt *opt,
		     const char *value, struct diag *why)
{
	unsigned int found = 0;
	const char *p = value;

	for (;;) {
		const struct name_bit *n = names;
		size_t len = strcspn(p, ",");

		while (n->name && (strlen(n->name) != len || strncmp(n->name, p, len)))
			n++;
		if (!n->name)
			return diag_set(why, -EINVAL,
					opt->kind == OPT_TIERS ?
					"--%s '%s': there is no tier '%.*s'; give some of "
					"contention, order, lockdep, watch" :
					"--%s '%s': there is no view '%.*s'; give some of findings, "
					"contention, holds, order, watch, coverage, loss, all",
					opt->name, value, (int)len, p);
		found |= n->bit;
		if (!p[len])
			break;
		p += len + 1;
	}
	*bits |= found;
	return 0;
}

static int set_attach(uint32_t *field, const struct opt *opt, const char *value, struct diag *why)
{
	enum order_mode mode;

	for (mode = ORDER_MODE_FENTRY; mode <= ORDER_MODE_KPROBE; mode++) {
		if (strcmp(value, order_mode_name(mode)))
			continue;
		*field = mode;
		return 0;
	}
	return diag_set(why, -EINVAL, "--%s '%s': give fentry, kprobe.multi or kprobe", opt->name,
			value);
}

static int set_format(struct opts *o, const struct opt *opt, const char *value, struct diag *why)
{
	const struct renderer *r = renderer_find(value);
	char all[128] = "";
	unsigned int i;

	if (r) {
		o->format = r;
		return 0;
	}
	for (i = 0; (r = renderer_nth(i)); i++) {
		strncat(all, i ? ", " : "", sizeof(all) - strlen(all) - 1);
		strncat(all, r->name, sizeof(all) - strlen(all) - 1);
	}
	return diag_set(why, -EINVAL, "--%s '%s': there is no such format; give one of %s",
			opt->name, value, all);
}

static int set_key(struct opts *o, const struct opt *opt, const char *value, struct diag *why)
{
	if (!view_key_parse(value, &o->key))
		return 0;
	return diag_set(why, -EINVAL, "--%s '%s': there is no such column; give one of contended, "
			"wait_total, wait_max, wait_min, avg_wait, p50, p95, p99", opt->name, value);
}

static int set_panel(uint32_t *field, const struct opt *opt, const char *value, struct diag *why)
{
	const struct name_bit *n;

	for (n = panel_names; n->name; n++) {
		if (strcmp(n->name, value))
			continue;
		*field = n->bit;
		return 0;
	}
	return diag_set(why, -EINVAL, "--%s '%s': give one of locks, tasks, callers, cgroups, "
			"findings, watch", opt->name, value);
}

static int set_dims(struct opts *o, const struct opt *opt, const char *value, struct diag *why)
{
	if (!view_dims_parse(value, &o->dims))
		return 0;
	return diag_set(why, -EINVAL, "--%s '%s': give some of lock, addr, type, caller, task, process, "
			"owner, cgroup, context, separated by commas; owner goes together with the "
			"first four only", opt->name, value);
}

static int set_string(const char **field, const struct opt *opt, const char *value,
		      struct diag *why)
{
	if (!*value)
		return diag_set(why, -EINVAL, "--%s '': give the name of a file", opt->name);
	*field = value;
	return 0;
}

int optval_set(struct opts *o, const struct opt *opt, const char *value, struct diag *why)
{
	void *field = (char *)o + opt->field;

	switch (opt->kind) {
	case OPT_FLAG:
		*(bool *)field = true;
		return 0;
	case OPT_LEVEL:
		++*(unsigned int *)field;
		return 0;
	case OPT_SECONDS:
		return set_seconds(field, opt, value, why);
	case OPT_NUMBER:
		return set_number(field, opt, value, why);
	case OPT_PERCENT:
		return set_percent(field, opt, value, why);
	case OPT_SIZE:
		return set_size(field, opt, value, why);
	case OPT_IDS:
		return add_ids(field, opt, value, why);
	case OPT_STRING:
		return set_string(field, opt, value, why);
	case OPT_STRINGS:
		return add_string(field, opt, value, why);
	case OPT_LOCKS:
		return add_lock(field, opt, value, why);
	case OPT_TYPES:
		return set_types(o, opt, value, why);
	case OPT_TIERS:
		return set_names(&o->tiers, tier_names, opt, value, why);
	case OPT_ATTACH:
		return set_attach(field, opt, value, why);
	case OPT_FORMAT:
		return set_format(o, opt, value, why);
	case OPT_VIEWS:
		return set_names(&o->sections, view_names, opt, value, why);
	case OPT_KEY:
		return set_key(o, opt, value, why);
	case OPT_DIMS:
		return set_dims(o, opt, value, why);
	case OPT_PANEL:
		return set_panel(field, opt, value, why);
	}
	return -EINVAL;
}
