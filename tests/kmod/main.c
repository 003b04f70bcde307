// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registry of the lock fixtures and their device, /dev/lockscope/fixture. The
 * folder is there because seed 4 locks the folder of the device, for ever in
 * the form "deadlock", and /dev itself is wanted by others.
 *
 * A misc device and not a debugfs or proc file: a write to a character device
 * holds neither a sb_writers read lock nor a debugfs/proc reference, which
 * would be the outermost "held lock" of every scenario. For the same reason
 * "already running" is a bit and not a mutex.
 */
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/miscdevice.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "lks_fixture.h"

#define LKS_DEADLINE	(20 * HZ)	/* of a condition; emulated guests are slow */

static const char * const form_names[LKS_FORM_NR] = {
	[LKS_FORM_BUG] = "bug",
	[LKS_FORM_FIXED] = "fixed",
	[LKS_FORM_DEADLOCK] = "deadlock",
	[LKS_FORM_SILENT] = "silent",
};

static LIST_HEAD(scenarios);
static DEFINE_MUTEX(scenarios_lock);	/* the list; never held over a run */

void lks_register(struct lks_scenario *s, unsigned int nr)
{
	mutex_lock(&scenarios_lock);
	for (; nr; nr--, s++)
		list_add_tail(&s->node, &scenarios);
	mutex_unlock(&scenarios_lock);
}
EXPORT_SYMBOL_GPL(lks_register);

void lks_unregister(struct lks_scenario *s, unsigned int nr)
{
	mutex_lock(&scenarios_lock);
	for (; nr; nr--, s++)
		list_del(&s->node);
	mutex_unlock(&scenarios_lock);
}
EXPORT_SYMBOL_GPL(lks_unregister);

static int lks_task_main(void *arg)
{
	struct lks_task *t = arg;

	t->ret = t->fn(t->arg);
	/* Not a return: @t and this text may go as soon as done is completed. */
	kthread_complete_and_exit(&t->done, 0);
}

int lks_task_start(struct lks_task *t, int cpu, const char *name,
		   int (*fn)(void *arg), void *arg)
{
	struct task_struct *task;

	t->fn = fn;
	t->arg = arg;
	t->ret = 0;
	init_completion(&t->done);
	task = kthread_create(lks_task_main, t, "%s", name);
	if (IS_ERR(task))
		return PTR_ERR(task);
	t->task = task;
	if (cpu >= 0)
		kthread_bind(task, cpu);
	wake_up_process(task);
	return 0;
}
EXPORT_SYMBOL_GPL(lks_task_start);

int lks_task_wait(struct lks_task *t)
{
	wait_for_completion(&t->done);
	return t->ret;
}
EXPORT_SYMBOL_GPL(lks_task_wait);

int lks_task_run(int cpu, const char *name, int (*fn)(void *arg), void *arg)
{
	struct lks_task t;
	int err;

	err = lks_task_start(&t, cpu, name, fn, arg);
	if (err)
		return err;
	return lks_task_wait(&t);
}
EXPORT_SYMBOL_GPL(lks_task_run);

void lks_gate_init(struct lks_gate *g)
{
	g->task = NULL;
}
EXPORT_SYMBOL_GPL(lks_gate_init);

void lks_gate_enter(struct lks_gate *g)
{
	/* Pairs with lks_gate_wait(): all before is done when the task is seen. */
	smp_store_release(&g->task, current);
}
EXPORT_SYMBOL_GPL(lks_gate_enter);

int lks_gate_wait(struct lks_gate *g)
{
	unsigned long end = jiffies + LKS_DEADLINE;
	struct task_struct *task;

	for (;;) {
		/* Pairs with lks_gate_enter(). */
		task = smp_load_acquire(&g->task);
		/* The wait of a killable lock operation has this bit too. */
		if (task && (READ_ONCE(task->__state) & TASK_UNINTERRUPTIBLE))
			return 0;
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		schedule_timeout_uninterruptible(1);
	}
}
EXPORT_SYMBOL_GPL(lks_gate_wait);

static struct lks_scenario *scenario_get(const char *name)
{
	struct lks_scenario *s, *found = NULL;

	mutex_lock(&scenarios_lock);
	list_for_each_entry(s, &scenarios, node) {
		if (!strcmp(s->name, name) && try_module_get(s->owner)) {
			found = s;
			break;
		}
	}
	mutex_unlock(&scenarios_lock);
	return found;
}

static int scenario_run(struct file *file, const char *name, const char *form)
{
	struct lks_ctx ctx = { .file = file };
	struct lks_scenario *s;
	int i, err;

	i = match_string(form_names + 1, LKS_FORM_NR - 1, form);
	if (i < 0)
		return -EINVAL;
	ctx.form = i + 1;

	s = scenario_get(name);
	if (!s)
		return -ENOENT;
	if (!(s->forms & BIT(ctx.form))) {
		err = -EINVAL;
		goto out;
	}
	if (test_and_set_bit(0, &s->busy)) {
		err = -EBUSY;
		goto out;
	}
	/* Marks of what a log says between them; tests rely on the wording. */
	pr_info("lks_fixture: begin %s %s\n", name, form);
	err = s->run(&ctx);
	pr_info("lks_fixture: end %s %s: %d\n", name, form, err);
	clear_bit(0, &s->busy);
out:
	module_put(s->owner);
	return err;
}

static ssize_t lks_write(struct file *file, const char __user *ubuf,
			 size_t len, loff_t *pos)
{
	char line[64], *form = line, *name;
	int err;

	if (len >= sizeof(line))
		return -EINVAL;
	if (copy_from_user(line, ubuf, len))
		return -EFAULT;
	line[len] = '\0';
	form = strim(line);
	name = strsep(&form, " \t");
	if (!form)
		return -EINVAL;
	err = scenario_run(file, name, skip_spaces(form));
	return err ? err : len;
}

/* One line per scenario: name, tab, forms joined by commas, tab, description */
static int lks_show(struct seq_file *m, void *unused)
{
	struct lks_scenario *s;
	unsigned int i;
	char sep;

	mutex_lock(&scenarios_lock);
	list_for_each_entry(s, &scenarios, node) {
		seq_puts(m, s->name);
		for (i = 1, sep = '\t'; i < LKS_FORM_NR; i++) {
			if (!(s->forms & BIT(i)))
				continue;
			seq_printf(m, "%c%s", sep, form_names[i]);
			sep = ',';
		}
		seq_printf(m, "\t%s\n", s->desc);
	}
	mutex_unlock(&scenarios_lock);
	return 0;
}

static int lks_open(struct inode *inode, struct file *file)
{
	file->private_data = NULL;	/* the misc core's; seq_file wants its own */
	return single_open(file, lks_show, NULL);
}

static int lks_mmap(struct file *file, struct vm_area_struct *vma)
{
	return lks_userptr_mmap(file, vma);
}

static const struct file_operations lks_fops = {
	.owner = THIS_MODULE,
	.open = lks_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.write = lks_write,
	.mmap = lks_mmap,
	.release = single_release,
};

static struct miscdevice lks_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "lockscope_fixture",
	.nodename = "lockscope/fixture",
	.fops = &lks_fops,
	.mode = 0600,
};

static const struct lks_part {
	int (*init)(void);
	void (*exit)(void);
} parts[] = {
	{ lks_seed_vfio_group_init, lks_seed_vfio_group_exit },
	{ lks_seed_userptr_init, lks_seed_userptr_exit },
	{ lks_seed_hotplug_init, lks_seed_hotplug_exit },
	{ lks_seed_iommu_init, lks_seed_iommu_exit },
	{ lks_twins_init, lks_twins_exit },
	{ lks_pairs_init, lks_pairs_exit },
};

static void parts_exit(int nr)
{
	while (nr--)
		parts[nr].exit();
}

static int __init lks_init(void)
{
	int i, err;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		err = parts[i].init();
		if (err)
			goto out;
	}
	err = misc_register(&lks_misc);
out:
	if (err)
		parts_exit(i);
	return err;
}

static void __exit lks_exit(void)
{
	misc_deregister(&lks_misc);
	parts_exit(ARRAY_SIZE(parts));
}

module_init(lks_init);
module_exit(lks_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Lock fixtures: known lock orders for testing lock tracers");
