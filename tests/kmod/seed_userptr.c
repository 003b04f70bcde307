// SPDX-License-Identifier: GPL-2.0-only
/*
 * Seed 3, "drm/i915/userptr: Reinvent GGTT self-faulting protection".
 *
 * An object made from user memory whose pages are got with mmap_lock held:
 *
 *   userptr-recursion, one task, on a mapping of the object itself
 *     page fault				down_read(&mm->mmap_lock)
 *       i915_gem_fault
 *         __i915_gem_object_get_pages		mutex_lock(&obj->mm.lock)
 *           ____i915_gem_object_get_pages
 *             i915_gem_userptr_get_pages	down_read(&mm->mmap_lock)
 *
 *   userptr-abba, two tasks
 *     i915_gem_do_execbuffer
 *       eb_lookup_vmas, eb_add_vma, __i915_vma_do_pin
 *         __i915_gem_object_get_pages		mutex_lock(&obj->mm.lock)
 *           ____i915_gem_object_get_pages
 *             i915_gem_userptr_get_pages	down_read(&mm->mmap_lock)
 *     page fault				down_read(&mm->mmap_lock)
 *       i915_gem_fault
 *         i915_gem_object_pin_pages		mutex_lock(&obj->mm.lock)
 *
 * The mm and the fault are real: the device is mapped into the task that runs
 * the scenario and read with get_user(). A fault from kernel mode is never
 * served under a per-VMA lock. Note that it takes mmap_lock with a trylock
 * first; the holder is the outer lock here, so that loses no order.
 *
 * Both read holds of mmap_lock meet without blocking unless a writer waits, so
 * "bug" has none and "deadlock" adds one.
 */
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/gfp.h>
#include <linux/kref.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mmap_lock.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>

#include "lks_fixture.h"

struct drm_i915_gem_object {
	struct kref kref;
	struct {
		struct mutex lock;
		struct page *page;	/* NULL: not got yet; under @lock */
		bool worker;		/* a worker is getting it; under @lock */
	} mm;
	struct {
		struct mm_struct *mm;
		struct page *backing;	/* stands for the user's page */
		struct work_struct work;
	} userptr;

	/* How the scenario goes */
	enum lks_form form;
	bool abba;
	struct completion go_writer;	/* -> mmap_writer() */
	struct lks_gate writer;		/* a writer waits for mmap_lock */
	struct completion exec_locked;	/* execbuffer holds mm.lock */
	struct completion go_exec;	/* execbuffer may ask for mmap_lock */
};

static struct workqueue_struct *userptr_wq;

static void object_free(struct kref *kref)
{
	struct drm_i915_gem_object *obj;

	obj = container_of(kref, struct drm_i915_gem_object, kref);
	if (obj->userptr.backing)
		__free_page(obj->userptr.backing);
	kfree(obj);
}

static void object_put(struct drm_i915_gem_object *obj)
{
	kref_put(&obj->kref, object_free);
}

/* The seed's fix: pages are got here, where obj->mm.lock is not held. */
static LKS_FRAME void
__i915_gem_userptr_get_pages_worker(struct work_struct *work)
{
	struct drm_i915_gem_object *obj;

	obj = container_of(work, struct drm_i915_gem_object, userptr.work);
	mmap_read_lock(obj->userptr.mm);
	mmap_read_unlock(obj->userptr.mm);

	mutex_lock(&obj->mm.lock);
	obj->mm.page = obj->userptr.backing;
	obj->mm.worker = false;
	mutex_unlock(&obj->mm.lock);
}

static LKS_FRAME int
__i915_gem_userptr_get_pages_schedule(struct drm_i915_gem_object *obj)
{
	if (!obj->mm.worker) {
		obj->mm.worker = true;
		queue_work(userptr_wq, &obj->userptr.work);
	}
	return -EAGAIN;
}

static LKS_FRAME int i915_gem_userptr_get_pages(struct drm_i915_gem_object *obj)
{
	if (obj->form == LKS_FORM_FIXED)
		return __i915_gem_userptr_get_pages_schedule(obj);

	if (obj->form == LKS_FORM_DEADLOCK && obj->abba) {
		complete(&obj->exec_locked);
		wait_for_completion(&obj->go_exec);
	} else if (obj->form == LKS_FORM_DEADLOCK) {
		complete(&obj->go_writer);
		if (lks_gate_wait(&obj->writer))
			return -ETIMEDOUT;
	}
	/* Not mmap_read_lock(): this function is the seed's call site. */
	down_read(&obj->userptr.mm->mmap_lock);
	obj->mm.page = obj->userptr.backing;
	up_read(&obj->userptr.mm->mmap_lock);
	return 0;
}

static LKS_FRAME int
____i915_gem_object_get_pages(struct drm_i915_gem_object *obj)
{
	return i915_gem_userptr_get_pages(obj);
}

static LKS_FRAME int
__i915_gem_object_get_pages(struct drm_i915_gem_object *obj)
{
	int err = 0;

	mutex_lock(&obj->mm.lock);
	if (!obj->mm.page)
		err = ____i915_gem_object_get_pages(obj);
	mutex_unlock(&obj->mm.lock);
	return err;
}

static LKS_FRAME int i915_gem_object_pin_pages(struct drm_i915_gem_object *obj)
{
	int err = 0;

	mutex_lock(&obj->mm.lock);
	if (!obj->mm.page)
		err = -EFAULT;
	mutex_unlock(&obj->mm.lock);
	return err;
}

static LKS_FRAME vm_fault_t i915_gem_fault(struct vm_fault *vmf)
{
	struct drm_i915_gem_object *obj = vmf->vma->vm_private_data;
	int err;

	if (obj->abba) {
		if (obj->form == LKS_FORM_DEADLOCK) {
			complete(&obj->go_writer);
			if (lks_gate_wait(&obj->writer))
				return VM_FAULT_SIGBUS;
			complete(&obj->go_exec);
		}
		err = i915_gem_object_pin_pages(obj);
	} else {
		err = __i915_gem_object_get_pages(obj);
	}
	/* As i915 does: come back, the worker will have the page by then. */
	if (err == -EAGAIN)
		return VM_FAULT_NOPAGE;
	if (err)
		return VM_FAULT_SIGBUS;

	get_page(obj->userptr.backing);
	vmf->page = obj->userptr.backing;
	return 0;
}

static void i915_gem_vm_open(struct vm_area_struct *vma)
{
	struct drm_i915_gem_object *obj = vma->vm_private_data;

	kref_get(&obj->kref);
}

static void i915_gem_vm_close(struct vm_area_struct *vma)
{
	object_put(vma->vm_private_data);
}

static const struct vm_operations_struct i915_gem_vm_ops = {
	.fault = i915_gem_fault,
	.open = i915_gem_vm_open,
	.close = i915_gem_vm_close,
};

/* Only a running scenario has an object to map; see map_object(). */
int lks_userptr_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct seq_file *m = file->private_data;
	struct drm_i915_gem_object *obj = m->private;

	if (!obj)
		return -ENODEV;
	kref_get(&obj->kref);
	vma->vm_private_data = obj;
	vma->vm_ops = &i915_gem_vm_ops;
	return 0;
}

static LKS_FRAME int __i915_vma_do_pin(struct drm_i915_gem_object *obj)
{
	int err;

	for (;;) {
		err = __i915_gem_object_get_pages(obj);
		if (err != -EAGAIN)
			return err;
		flush_work(&obj->userptr.work);
	}
}

static LKS_FRAME int eb_add_vma(struct drm_i915_gem_object *obj)
{
	return __i915_vma_do_pin(obj);
}

static LKS_FRAME int eb_lookup_vmas(struct drm_i915_gem_object *obj)
{
	return eb_add_vma(obj);
}

static LKS_FRAME int i915_gem_do_execbuffer(void *arg)
{
	return eb_lookup_vmas(arg);
}

static int mmap_writer(void *arg)
{
	struct drm_i915_gem_object *obj = arg;

	wait_for_completion(&obj->go_writer);
	lks_gate_enter(&obj->writer);
	mmap_write_lock(obj->userptr.mm);
	mmap_write_unlock(obj->userptr.mm);
	return 0;
}

static struct drm_i915_gem_object *object_create(enum lks_form form, bool abba)
{
	struct drm_i915_gem_object *obj;

	obj = kzalloc(sizeof(*obj), GFP_KERNEL);
	if (!obj)
		return NULL;
	kref_init(&obj->kref);
	mutex_init(&obj->mm.lock);
	INIT_WORK(&obj->userptr.work, __i915_gem_userptr_get_pages_worker);
	init_completion(&obj->go_writer);
	lks_gate_init(&obj->writer);
	init_completion(&obj->exec_locked);
	init_completion(&obj->go_exec);
	obj->userptr.mm = current->mm;
	obj->form = form;
	obj->abba = abba;
	obj->userptr.backing = alloc_page(GFP_KERNEL | __GFP_ZERO);
	if (!obj->userptr.backing) {
		object_put(obj);
		return NULL;
	}
	return obj;
}

/* The device is open for writing only, and a mapping wants to be read. */
static unsigned long map_object(struct file *file,
				struct drm_i915_gem_object *obj)
{
	struct seq_file *m;
	unsigned long addr;

	file = dentry_open(&file->f_path, O_RDONLY, current_cred());
	if (IS_ERR(file))
		return PTR_ERR(file);
	m = file->private_data;
	m->private = obj;
	addr = vm_mmap(file, 0, PAGE_SIZE, PROT_READ, MAP_SHARED, 0);
	m->private = NULL;
	fput(file);
	return addr;
}

static int run_userptr(struct lks_ctx *ctx, bool abba)
{
	bool hang = ctx->form == LKS_FORM_DEADLOCK;
	struct drm_i915_gem_object *obj;
	struct lks_task writer, exec;
	unsigned long addr;
	int err;
	char c;

	if (!current->mm)
		return -EINVAL;
	obj = object_create(ctx->form, abba);
	if (!obj)
		return -ENOMEM;
	addr = map_object(ctx->file, obj);
	if (IS_ERR_VALUE(addr)) {
		err = addr;
		goto out;
	}

	/*
	 * A task that could not be started in the form "deadlock" leaves the
	 * other one behind, which is no loss in a machine to be thrown away;
	 * but its stack frame is here, so do not return.
	 */
	if (hang) {
		err = lks_task_start(&writer, -1, "lks-mmap-writer",
				     mmap_writer, obj);
		if (err)
			goto out_unmap;
	}
	if (abba) {
		err = lks_task_start(&exec, -1, "gem_streaming_w",
				     i915_gem_do_execbuffer, obj);
		if (!err && hang)
			wait_for_completion(&obj->exec_locked);
		else if (!err)
			err = lks_task_wait(&exec);
	}
	if (!err)
		err = get_user(c, (char __user *)addr);
	if (hang)
		lks_task_wait(&writer);
	if (ctx->form == LKS_FORM_FIXED)
		flush_work(&obj->userptr.work);
out_unmap:
	vm_munmap(addr, PAGE_SIZE);
out:
	object_put(obj);
	return err;
}

static int run_userptr_recursion(struct lks_ctx *ctx)
{
	return run_userptr(ctx, false);
}

static int run_userptr_abba(struct lks_ctx *ctx)
{
	return run_userptr(ctx, true);
}

static struct lks_scenario seed_userptr[] = {
	{
		.name = "userptr-recursion",
		.desc = "seed 3a: mmap_lock for reading twice, through a page fault and an object mutex",
		.forms = LKS_SEED_FORMS,
		.run = run_userptr_recursion,
		.owner = THIS_MODULE,
	}, {
		.name = "userptr-abba",
		.desc = "seed 3b: object mutex, mmap_lock and mmap_lock (page fault), object mutex by two tasks",
		.forms = LKS_SEED_FORMS,
		.run = run_userptr_abba,
		.owner = THIS_MODULE,
	},
};

int lks_seed_userptr_init(void)
{
	userptr_wq = alloc_workqueue("lks-userptr", WQ_UNBOUND, 0);
	if (!userptr_wq)
		return -ENOMEM;
	lks_register(seed_userptr, ARRAY_SIZE(seed_userptr));
	return 0;
}

void lks_seed_userptr_exit(void)
{
	lks_unregister(seed_userptr, ARRAY_SIZE(seed_userptr));
	destroy_workqueue(userptr_wq);
}
