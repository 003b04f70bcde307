// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many inversions, each of two mutexes of its own: for measuring how soon after
 * the acquisition that completes it each is reported. One task takes all pairs
 * in one order, then another one in the other, with a pause after each pair, as
 * what is measured is a single report and not a burst.
 *
 * Every mutex is a class of its own to lockdep, and lies at a static address.
 */
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/sched.h>

#include "lks_fixture.h"

#define NR_PAIRS	100

static struct pair {
	struct mutex a, b;
	struct lock_class_key key_a, key_b;
	char name_a[12], name_b[12];
} pairs[NR_PAIRS];

static LKS_FRAME int pairs_ab(void *unused)
{
	int i;

	for (i = 0; i < NR_PAIRS; i++) {
		mutex_lock(&pairs[i].a);
		mutex_lock(&pairs[i].b);
		mutex_unlock(&pairs[i].b);
		mutex_unlock(&pairs[i].a);
	}
	return 0;
}

static LKS_FRAME int pairs_ba(void *unused)
{
	int i;

	for (i = 0; i < NR_PAIRS; i++) {
		mutex_lock(&pairs[i].b);
		mutex_lock(&pairs[i].a);
		mutex_unlock(&pairs[i].a);
		mutex_unlock(&pairs[i].b);
		schedule_timeout_uninterruptible(HZ / 25);
	}
	return 0;
}

static int run_pairs(struct lks_ctx *ctx)
{
	int err;

	err = lks_task_run(-1, "lks-pairs-ab", pairs_ab, NULL);
	if (!err)
		err = lks_task_run(-1, "lks-pairs-ba", pairs_ba, NULL);
	return err;
}

static struct lks_scenario scenario = {
	.name = "pairs",
	.desc = "100 pairs of mutexes, each taken in both orders, 40 ms apart",
	.forms = BIT(LKS_FORM_BUG),
	.run = run_pairs,
	.owner = THIS_MODULE,
};

int lks_pairs_init(void)
{
	struct pair *p;
	int i;

	for (i = 0; i < NR_PAIRS; i++) {
		p = &pairs[i];
		snprintf(p->name_a, sizeof(p->name_a), "pair%da", i);
		snprintf(p->name_b, sizeof(p->name_b), "pair%db", i);
		mutex_init(&p->a);
		mutex_init(&p->b);
		lockdep_set_class_and_name(&p->a, &p->key_a, p->name_a);
		lockdep_set_class_and_name(&p->b, &p->key_b, p->name_b);
	}
	lks_register(&scenario, 1);
	return 0;
}

void lks_pairs_exit(void)
{
	lks_unregister(&scenario, 1);
}
