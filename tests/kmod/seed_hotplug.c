// SPDX-License-Identifier: GPL-2.0-only
/*
 * Seed 4, "drm/i915: Preallocate our mmu notifier workequeu to unbreak cpu
 * hotplug deadlock": seven classes, linked by four contexts.
 *
 *   setup task	cpus_read_lock()		cpu_hotplug_lock
 *		  lks_cpuhp_setup_state_cpuslocked	cpuhp_state_mutex
 *		    cpuhp_issue_call		waits: the per-CPU thread's work
 *   per-CPU	cpuhp_thread_fun
 *   thread	  msr_device_create
 *		    devtmpfs_create_node	waits: req.done
 *   devtmpfsd	handle_create			the directory's i_rwsem (write)
 *		completes req.done
 *   getdents	iterate_dir			the directory's i_rwsem (read)
 *		  filldir, copy_to_user		mmap_lock (read, page fault)
 *   ioctl	i915_gem_userptr_init__mmu_notifier	mmap_lock (write)
 *						dev_priv->mm_lock
 *		    __alloc_workqueue_key	cpu_hotplug_lock
 *
 * Genuine: cpu_hotplug_lock, the directory (the one that the device node lies
 * in) and iterate_dir(), the page fault on the mm of the task that runs the
 * scenario, up to 6.10 alloc_workqueue() taking cpu_hotplug_lock. Ours: the rest, as the real cpuhp_state_mutex
 * and devtmpfsd cannot be stopped in the middle.
 *
 * lockdep does not follow completions since 4.15, so it is silent here. In the
 * scenario "hotplug-nested" the two waits are replaced by plain calls: the
 * setup task takes i_rwsem itself, which lockdep does see.
 *
 * The page fault tries mmap_lock before it blocks on it, and a successful
 * trylock orders nothing. So a holder of mmap_lock is put in its way: the
 * fault then takes the blocking path, as it would on a busy machine.
 *
 * What a waiting task waits for is what the other one does from then on. So the
 * per-CPU thread and devtmpfsd begin when they are waited for: who looks at the
 * events alone must be able to see it.
 *
 * "fixed" allocates the workqueue before the locks, as the seed's patch.
 * "deadlock" needs a CPU hotplug writer, since both takers of cpu_hotplug_lock
 * are readers: remove_cpu() in a task of its own.
 */
#include <linux/cpu.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmap_lock.h>
#include <linux/mutex.h>
#include <linux/path.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <linux/workqueue.h>

#include "lks_fixture.h"

static DEFINE_MUTEX(cpuhp_state_mutex);

struct drm_i915_private {
	struct mutex mm_lock;
	struct workqueue_struct *wq;
};

struct chain;

/* A request to devtmpfsd; lives on the stack of the task that waits for it. */
struct req {
	struct completion done;
};

struct chain {
	enum lks_form form;
	bool nested;
	struct drm_i915_private dev_priv;
	struct mm_struct *mm;
	struct inode *dir;

	struct lks_task setup, cpuhp, devtmpfsd, holder, ioctl, hotplug;

	/* per-CPU thread: go -> works -> cpuhp_state */
	struct completion cpuhp_go, cpuhp_state;
	/* devtmpfsd: takes @req when posted, ends if there is none */
	struct completion req_posted;
	struct req *req;

	struct completion holder_holds;
	struct lks_gate fault;		/* getdents sleeps on mmap_lock */
	struct lks_gate state, done;	/* a task sleeps in the wait for cpuhp_state, req.done */

	/* "deadlock" only */
	struct completion setup_holds, setup_go, ioctl_holds;
};

static LKS_FRAME void handle_create(struct chain *ch)
{
	inode_lock(ch->dir);
	inode_unlock(ch->dir);
}

static LKS_FRAME int devtmpfsd(void *arg)
{
	struct chain *ch = arg;

	int err = 0;

	wait_for_completion(&ch->req_posted);
	if (ch->req) {
		err = lks_gate_wait(&ch->done);
		handle_create(ch);
		complete(&ch->req->done);
	}
	return err;
}

static LKS_FRAME void devtmpfs_create_node(struct chain *ch)
{
	struct req req;

	if (ch->nested) {
		handle_create(ch);
		return;
	}
	init_completion(&req.done);
	ch->req = &req;
	complete(&ch->req_posted);
	lks_gate_enter(&ch->done);
	wait_for_completion(&req.done);
}

static LKS_FRAME void msr_device_create(struct chain *ch)
{
	devtmpfs_create_node(ch);
}

static LKS_FRAME int cpuhp_thread_fun(void *arg)
{
	struct chain *ch = arg;
	int err;

	wait_for_completion(&ch->cpuhp_go);
	err = lks_gate_wait(&ch->state);
	msr_device_create(ch);
	complete(&ch->cpuhp_state);
	return err;
}

static LKS_FRAME void cpuhp_issue_call(struct chain *ch)
{
	if (ch->nested) {
		msr_device_create(ch);
		return;
	}
	complete(&ch->cpuhp_go);
	lks_gate_enter(&ch->state);
	wait_for_completion(&ch->cpuhp_state);
}

/* Not the seed's name: <linux/cpuhotplug.h> declares that one. */
static LKS_FRAME void lks_cpuhp_setup_state_cpuslocked(struct chain *ch)
{
	mutex_lock(&cpuhp_state_mutex);
	if (ch->form == LKS_FORM_DEADLOCK) {
		complete(&ch->setup_holds);
		wait_for_completion(&ch->setup_go);
	}
	cpuhp_issue_call(ch);
	mutex_unlock(&cpuhp_state_mutex);
}

static LKS_FRAME int lks_cpuhp_setup_state(void *arg)
{
	cpus_read_lock();
	lks_cpuhp_setup_state_cpuslocked(arg);
	cpus_read_unlock();
	return 0;
}

/* The first two contexts and devtmpfsd, from beginning to end */
static int chain_setup(struct chain *ch)
{
	int err;

	if (ch->nested)
		return lks_task_run(-1, "lks-setup", lks_cpuhp_setup_state, ch);

	err = lks_task_start(&ch->devtmpfsd, -1, "kdevtmpfs", devtmpfsd, ch);
	if (err)
		return err;
	err = lks_task_start(&ch->cpuhp, 0, "cpuhp/0", cpuhp_thread_fun, ch);
	if (err) {
		complete(&ch->req_posted);
		lks_task_wait(&ch->devtmpfsd);
		return err;
	}
	err = lks_task_run(-1, "lks-setup", lks_cpuhp_setup_state, ch);
	if (err)
		complete(&ch->cpuhp_go);
	lks_task_wait(&ch->cpuhp);
	lks_task_wait(&ch->devtmpfsd);
	return err;
}

struct getdents_callback {
	struct dir_context ctx;
	struct chain *ch;
	char __user *dirent;
	int err;
};

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0)
#define FILLDIR_STOP	false
static LKS_FRAME bool
#else
#define FILLDIR_STOP	1
static LKS_FRAME int
#endif
filldir(struct dir_context *ctx, const char *name, int namlen, loff_t offset,
	u64 ino, unsigned int d_type)
{
	struct getdents_callback *buf;
	struct chain *ch;

	buf = container_of(ctx, struct getdents_callback, ctx);
	ch = buf->ch;
	if (ch->form == LKS_FORM_DEADLOCK)
		complete(&ch->setup_go);
	lks_gate_enter(&ch->fault);
	buf->err = copy_to_user(buf->dirent, name, min(namlen, 255)) ?
		   -EFAULT : 0;
	return FILLDIR_STOP;
}

/* In the way of the page fault until it sleeps; see the top of the file. */
static int mmap_holder(void *arg)
{
	struct chain *ch = arg;
	int err;

	mmap_write_lock(ch->mm);
	complete(&ch->holder_holds);
	err = lks_gate_wait(&ch->fault);
	mmap_write_unlock(ch->mm);
	return err;
}

static LKS_FRAME int lks_getdents(struct chain *ch, struct file *dir,
				  char __user *fresh)
{
	struct getdents_callback buf = {
		.ctx.actor = filldir,
		.ch = ch,
		.dirent = fresh,
	};
	int err;

	err = iterate_dir(dir, &buf.ctx);
	return err ? err : buf.err;
}

/* The third context. @fresh is memory of current->mm, not touched so far. */
static int chain_getdents(struct chain *ch, struct file *dir,
			  char __user *fresh)
{
	int err, err2;

	/* In the form "deadlock" the ioctl task holds mmap_lock already. */
	if (ch->form == LKS_FORM_DEADLOCK)
		return lks_getdents(ch, dir, fresh);

	err = lks_task_start(&ch->holder, -1, "lks-mmap-holder", mmap_holder,
			     ch);
	if (err)
		return err;
	wait_for_completion(&ch->holder_holds);
	err = lks_getdents(ch, dir, fresh);
	err2 = lks_task_wait(&ch->holder);
	return err ? err : err2;
}

/*
 * Creating a workqueue took cpu_hotplug_lock when it applied the attributes,
 * until "workqueue: Remove cpus_read_lock() from apply_wqattrs_lock()" (about
 * 6.11; 6.1 does, 6.12 does not). Since then it is taken here, as it was there.
 */
static LKS_FRAME struct workqueue_struct *__alloc_workqueue_key(void)
{
	struct workqueue_struct *wq;

	if (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0))
		cpus_read_lock();
	wq = alloc_workqueue("lks-userptr-release", WQ_UNBOUND, 0);
	if (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0))
		cpus_read_unlock();
	return wq;
}

static LKS_FRAME struct workqueue_struct *i915_mmu_notifier_create(void)
{
	struct workqueue_struct *wq;

	wq = __alloc_workqueue_key();
	return wq ? wq : ERR_PTR(-ENOMEM);
}

static LKS_FRAME int i915_gem_userptr_init__mmu_notifier(struct chain *ch)
{
	struct drm_i915_private *dev_priv = &ch->dev_priv;
	struct workqueue_struct *wq = NULL;

	if (ch->form == LKS_FORM_FIXED)
		wq = i915_mmu_notifier_create();

	mmap_write_lock(ch->mm);
	mutex_lock(&dev_priv->mm_lock);
	if (ch->form == LKS_FORM_DEADLOCK)
		complete(&ch->ioctl_holds);
	if (ch->form != LKS_FORM_FIXED)
		wq = i915_mmu_notifier_create();
	if (!IS_ERR(wq))
		dev_priv->wq = wq;
	mutex_unlock(&dev_priv->mm_lock);
	mmap_write_unlock(ch->mm);
	return PTR_ERR_OR_ZERO(wq);
}

static LKS_FRAME int i915_gem_userptr_ioctl(void *arg)
{
	return i915_gem_userptr_init__mmu_notifier(arg);
}

static int hotplug_writer(void *arg)
{
	unsigned int cpu = cpumask_last(cpu_online_mask);
	int err;

	err = remove_cpu(cpu);
	if (!err)
		err = add_cpu(cpu);
	return err;
}

/*
 * All at once, each before its last step: setup holds cpu_hotplug_lock, a
 * writer waits for it, the ioctl holds mmap_lock and waits behind the writer.
 * The caller then goes for the directory, which lets setup go for it as well.
 */
static int chain_arm(struct chain *ch)
{
	unsigned long end = jiffies + 20 * HZ;
	int err;

	err = lks_task_start(&ch->devtmpfsd, -1, "kdevtmpfs", devtmpfsd, ch);
	if (!err)
		err = lks_task_start(&ch->cpuhp, 0, "cpuhp/0",
				     cpuhp_thread_fun, ch);
	if (!err)
		err = lks_task_start(&ch->setup, -1, "lks-setup",
				     lks_cpuhp_setup_state, ch);
	if (err)
		return err;
	wait_for_completion(&ch->setup_holds);

	err = lks_task_start(&ch->hotplug, -1, "lks-hotplug", hotplug_writer,
			     ch);
	if (err)
		return err;
	/* Fails once the writer waits: a condition with a deadline. */
	while (cpus_read_trylock()) {
		cpus_read_unlock();
		if (time_after(jiffies, end))
			return -ETIMEDOUT;
		schedule_timeout_uninterruptible(1);
	}

	err = lks_task_start(&ch->ioctl, -1, "prime_mmap",
			     i915_gem_userptr_ioctl, ch);
	if (!err)
		wait_for_completion(&ch->ioctl_holds);
	return err;
}

static struct file *open_parent_dir(struct file *file)
{
	struct path path = { .mnt = file->f_path.mnt };
	struct file *dir;

	path.dentry = dget_parent(file->f_path.dentry);
	dir = dentry_open(&path, O_RDONLY | O_DIRECTORY, current_cred());
	dput(path.dentry);
	return dir;
}

static void chain_init(struct chain *ch, struct lks_ctx *ctx, bool nested,
		       struct file *dir)
{
	struct drm_i915_private *dev_priv = &ch->dev_priv;

	ch->form = ctx->form;
	ch->nested = nested;
	ch->mm = current->mm;
	ch->dir = file_inode(dir);
	mutex_init(&dev_priv->mm_lock);	/* lockdep's name is this text */
	init_completion(&ch->cpuhp_go);
	init_completion(&ch->cpuhp_state);
	init_completion(&ch->req_posted);
	init_completion(&ch->holder_holds);
	init_completion(&ch->setup_holds);
	init_completion(&ch->setup_go);
	init_completion(&ch->ioctl_holds);
	lks_gate_init(&ch->fault);
	lks_gate_init(&ch->state);
	lks_gate_init(&ch->done);
}

static int run_chain(struct lks_ctx *ctx, bool nested)
{
	bool hang = ctx->form == LKS_FORM_DEADLOCK;
	unsigned long addr;
	struct chain *ch;
	struct file *dir;
	int err;

	if (!current->mm)
		return -EINVAL;
	if (hang && num_online_cpus() < 2)
		return -EOPNOTSUPP;	/* no CPU to take away, so no writer */
	dir = open_parent_dir(ctx->file);
	if (IS_ERR(dir))
		return PTR_ERR(dir);
	ch = kzalloc(sizeof(*ch), GFP_KERNEL);
	if (!ch) {
		err = -ENOMEM;
		goto out;
	}
	chain_init(ch, ctx, nested, dir);
	addr = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(addr)) {
		err = addr;
		goto out_free;
	}

	err = hang ? chain_arm(ch) : chain_setup(ch);
	if (!err)
		err = chain_getdents(ch, dir, (char __user *)addr);
	if (!err && !hang)
		err = lks_task_run(-1, "prime_mmap", i915_gem_userptr_ioctl,
				   ch);
	if (ch->dev_priv.wq)
		destroy_workqueue(ch->dev_priv.wq);
	vm_munmap(addr, PAGE_SIZE);
	if (hang)
		goto out;	/* armed tasks may still use the chain */
out_free:
	kfree(ch);
out:
	fput(dir);
	return err;
}

static int run_hotplug(struct lks_ctx *ctx)
{
	return run_chain(ctx, false);
}

static int run_hotplug_nested(struct lks_ctx *ctx)
{
	return run_chain(ctx, true);
}

static struct lks_scenario seed_hotplug[] = {
	{
		.name = "hotplug",
		.desc = "seed 4: cpu_hotplug_lock to itself over two completions, i_rwsem, mmap_lock and two mutexes",
		.forms = LKS_SEED_FORMS,
		.run = run_hotplug,
		.owner = THIS_MODULE,
	}, {
		.name = "hotplug-nested",
		.desc = "seed 4 with plain nesting in place of the completions",
		.forms = LKS_SEED_FORMS,
		.run = run_hotplug_nested,
		.owner = THIS_MODULE,
	},
};

int lks_seed_hotplug_init(void)
{
	lks_register(seed_hotplug, ARRAY_SIZE(seed_hotplug));
	return 0;
}

void lks_seed_hotplug_exit(void)
{
	lks_unregister(seed_hotplug, ARRAY_SIZE(seed_hotplug));
}
