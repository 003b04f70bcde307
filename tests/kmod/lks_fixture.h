/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Lock fixtures: kernel code whose locking is known, for testing lock tracers.
 *
 * A scenario is run by writing "NAME FORM" to /dev/lockscope/fixture; the
 * write returns when the scenario is over. Reading the device lists all
 * scenarios. Rules that every scenario keeps:
 *
 *  - nothing of the framework's own is locked while a scenario runs, so that
 *    the locks seen are the scenario's and no others;
 *  - every form but "deadlock" ends by itself: waits are for events that
 *    another task of the same scenario is bound to deliver, or have a deadline;
 *  - order between tasks comes from completions, never from sleeping;
 *  - functions that stand for a function of a seed report carry its name,
 *    are never inlined or cloned and do not tail-call (see Kbuild).
 */
#ifndef LKS_FIXTURE_H
#define LKS_FIXTURE_H

#include <linux/completion.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sched.h>

/* A frame that must show in a stack under exactly this name. */
#define LKS_FRAME noinline __noclone

enum lks_form {
	LKS_FORM_BUG = 1,	/* the fault of the seed, without hanging */
	LKS_FORM_FIXED,		/* as the seed's patch */
	LKS_FORM_DEADLOCK,	/* never returns: throw the machine away */
	LKS_FORM_SILENT,	/* correct code that looks suspicious */
	LKS_FORM_NR,
};

#define LKS_SEED_FORMS \
	(BIT(LKS_FORM_BUG) | BIT(LKS_FORM_FIXED) | BIT(LKS_FORM_DEADLOCK))

/* What a scenario gets. @file is the open device. */
struct lks_ctx {
	enum lks_form form;
	struct file *file;
};

struct lks_scenario {
	const char *name;
	const char *desc;
	unsigned long forms;		/* BIT(LKS_FORM_...) */
	int (*run)(struct lks_ctx *ctx);
	struct module *owner;
	unsigned long busy;		/* bit 0: running now */
	struct list_head node;
};

void lks_register(struct lks_scenario *s, unsigned int nr);
void lks_unregister(struct lks_scenario *s, unsigned int nr);

/*
 * A kernel thread that runs @fn once. lks_task_start() with cpu >= 0 binds it.
 * Every started task must be waited for before the module may go, which is
 * why there is no way to detach one.
 */
struct lks_task {
	struct task_struct *task;
	int (*fn)(void *arg);
	void *arg;
	struct completion done;
	int ret;
};

int lks_task_start(struct lks_task *t, int cpu, const char *name,
		   int (*fn)(void *arg), void *arg);
int lks_task_wait(struct lks_task *t);
int lks_task_run(int cpu, const char *name, int (*fn)(void *arg), void *arg);

/*
 * "Task X is now asleep inside the lock operation that follows." X calls
 * lks_gate_enter() right before the operation, the other side lks_gate_wait().
 * It is a wait for a condition with a deadline: no lock primitive tells that
 * somebody started to wait for it, and none may be touched to find out.
 */
struct lks_gate {
	struct task_struct *task;
};

void lks_gate_init(struct lks_gate *g);
void lks_gate_enter(struct lks_gate *g);
int lks_gate_wait(struct lks_gate *g);

/* Seed 3 serves the mapping of the device; see seed_userptr.c. */
int lks_userptr_mmap(struct file *file, struct vm_area_struct *vma);

/* One per source file, called in this order at load, reversed at unload. */
int lks_seed_vfio_group_init(void);
void lks_seed_vfio_group_exit(void);
int lks_seed_userptr_init(void);
void lks_seed_userptr_exit(void);
int lks_seed_hotplug_init(void);
void lks_seed_hotplug_exit(void);
int lks_seed_iommu_init(void);
void lks_seed_iommu_exit(void);
int lks_twins_init(void);
void lks_twins_exit(void);
int lks_pairs_init(void);
void lks_pairs_exit(void);

#endif
