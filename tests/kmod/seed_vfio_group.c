// SPDX-License-Identifier: GPL-2.0-only
/*
 * Seed 2, "vfio: Fix group release deadlock".
 *
 * A callout of a blocking notifier chain drops the last reference of a group;
 * releasing the group unregisters the callout from the same chain:
 *
 *   iommu_bus_notifier
 *     blocking_notifier_call_chain		down_read(&group->notifier.rwsem)
 *       vfio_iommu_group_notifier
 *         vfio_group_try_get			vfio.group_lock, released
 *         vfio_group_put			vfio.group_lock by kref_put_mutex
 *           vfio_group_release
 *             vfio_group_unlock_and_free	vfio.group_lock released
 *               blocking_notifier_chain_unregister
 *						down_write(&group->notifier.rwsem)
 *
 * The fault needs one task and one order: whoever gets there hangs. In the
 * form "bug" a second task waits until the writer sleeps on the lock that it
 * holds for reading itself, and then gives that read hold up in its name (the
 * hold is taken again before the chain returns). Both operations are
 * the non-owner ones, so lockdep's book of the held locks stays balanced.
 */
#include <linux/kref.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "lks_fixture.h"

#define GROUP_NOTIFY_DEL_DEVICE	2

/* What the seed calls struct iommu_group: the owner of the chain */
struct lks_group {
	struct blocking_notifier_head notifier;
	enum lks_form form;
	struct lks_task user;		/* holds the other reference */
	struct completion close_now;	/* for @user */
	struct lks_gate unregister;	/* a writer sleeps in the unregistration */
	struct completion released;	/* the vfio_group is gone */
};

struct vfio_group {
	struct kref kref;
	struct lks_group *iommu_group;
	struct notifier_block nb;
	struct list_head vfio_next;
};

/* Not the system's, so that it can be drained before this text goes. */
static struct workqueue_struct *put_wq;

static struct vfio {
	struct list_head group_list;
	struct mutex group_lock;
} vfio = {
	.group_list = LIST_HEAD_INIT(vfio.group_list),
	.group_lock = __MUTEX_INITIALIZER(vfio.group_lock),
};

static LKS_FRAME void iommu_group_unregister_notifier(struct lks_group *group,
						      struct notifier_block *nb)
{
	lks_gate_enter(&group->unregister);
	blocking_notifier_chain_unregister(&group->notifier, nb);
}

static LKS_FRAME void vfio_group_unlock_and_free(struct vfio_group *group)
{
	struct lks_group *iommu_group = group->iommu_group;

	mutex_unlock(&vfio.group_lock);
	iommu_group_unregister_notifier(iommu_group, &group->nb);
	kfree(group);
	complete(&iommu_group->released);
}

static LKS_FRAME void vfio_group_release(struct kref *kref)
{
	struct vfio_group *group = container_of(kref, struct vfio_group, kref);

	list_del(&group->vfio_next);
	vfio_group_unlock_and_free(group);
}

static LKS_FRAME void vfio_group_put(struct vfio_group *group)
{
	kref_put_mutex(&group->kref, vfio_group_release, &vfio.group_lock);
}

struct vfio_group_put_work {
	struct work_struct work;
	struct vfio_group *group;
};

static LKS_FRAME void vfio_group_put_bg(struct work_struct *work)
{
	struct vfio_group_put_work *do_work;

	do_work = container_of(work, struct vfio_group_put_work, work);
	vfio_group_put(do_work->group);
	kfree(do_work);
}

static LKS_FRAME void vfio_group_schedule_put(struct vfio_group *group)
{
	struct vfio_group_put_work *do_work;

	do_work = kmalloc(sizeof(*do_work), GFP_KERNEL | __GFP_NOFAIL);
	INIT_WORK(&do_work->work, vfio_group_put_bg);
	do_work->group = group;
	queue_work(put_wq, &do_work->work);
}

/* The group may be gone already, so look it up instead of touching it. */
static LKS_FRAME struct vfio_group *vfio_group_try_get(struct vfio_group *group)
{
	struct vfio_group *it, *found = NULL;

	mutex_lock(&vfio.group_lock);
	list_for_each_entry(it, &vfio.group_list, vfio_next) {
		if (it == group) {
			kref_get(&it->kref);
			found = it;
			break;
		}
	}
	mutex_unlock(&vfio.group_lock);
	return found;
}

/* The user of the group closes it just while the callout holds a reference. */
static int user_closes_group(void *arg)
{
	struct vfio_group *group = arg;

	wait_for_completion(&group->iommu_group->close_now);
	vfio_group_put(group);
	return 0;
}

static LKS_FRAME int vfio_iommu_group_notifier(struct notifier_block *nb,
					       unsigned long action, void *data)
{
	struct vfio_group *group = container_of(nb, struct vfio_group, nb);
	struct lks_group *iommu_group = data;

	group = vfio_group_try_get(group);
	if (!group)
		return NOTIFY_OK;

	complete(&iommu_group->close_now);
	lks_task_wait(&iommu_group->user);

	if (iommu_group->form == LKS_FORM_FIXED) {
		vfio_group_schedule_put(group);
		return NOTIFY_OK;
	}

	vfio_group_put(group);
	/* Back in possession of what lend_read_hold() gave away. */
	if (iommu_group->form == LKS_FORM_BUG)
		down_read_non_owner(&iommu_group->notifier.rwsem);
	return NOTIFY_OK;
}

static LKS_FRAME void iommu_bus_notifier(struct lks_group *group)
{
	blocking_notifier_call_chain(&group->notifier, GROUP_NOTIFY_DEL_DEVICE,
				     group);
}

static int lend_read_hold(void *arg)
{
	struct lks_group *group = arg;
	int err;

	err = lks_gate_wait(&group->unregister);
	/* On a timeout too, so that the writer is never left behind. */
	up_read_non_owner(&group->notifier.rwsem);
	return err;
}

static LKS_FRAME struct vfio_group *vfio_create_group(struct lks_group *g)
{
	struct vfio_group *group;
	int err;

	group = kzalloc(sizeof(*group), GFP_KERNEL);
	if (!group)
		return ERR_PTR(-ENOMEM);
	kref_init(&group->kref);
	group->iommu_group = g;
	group->nb.notifier_call = vfio_iommu_group_notifier;
	err = blocking_notifier_chain_register(&g->notifier, &group->nb);
	if (err) {
		kfree(group);
		return ERR_PTR(err);
	}
	mutex_lock(&vfio.group_lock);
	list_add(&group->vfio_next, &vfio.group_list);
	mutex_unlock(&vfio.group_lock);
	return group;
}

static int run_vfio_group(struct lks_ctx *ctx)
{
	struct vfio_group *vfio_group;
	struct lks_group *group;
	struct lks_task lender;
	int err;

	group = kzalloc(sizeof(*group), GFP_KERNEL);
	if (!group)
		return -ENOMEM;
	BLOCKING_INIT_NOTIFIER_HEAD(&group->notifier);
	group->form = ctx->form;
	lks_gate_init(&group->unregister);
	init_completion(&group->close_now);
	init_completion(&group->released);
	vfio_group = vfio_create_group(group);
	if (IS_ERR(vfio_group)) {
		err = PTR_ERR(vfio_group);
		goto out;
	}
	err = lks_task_start(&group->user, -1, "lks-qemu", user_closes_group,
			     vfio_group);
	if (err) {
		vfio_group_put(vfio_group);
		goto out;
	}
	if (ctx->form == LKS_FORM_BUG) {
		err = lks_task_start(&lender, -1, "lks-lender", lend_read_hold,
				     group);
		if (err) {
			complete(&group->close_now);
			lks_task_wait(&group->user);
			goto out;
		}
	}

	iommu_bus_notifier(group);
	/* In the form "fixed" by the work item, some time later */
	wait_for_completion(&group->released);
	if (ctx->form == LKS_FORM_BUG)
		err = lks_task_wait(&lender);
out:
	kfree(group);
	return err;
}

static struct lks_scenario seed_vfio_group = {
	.name = "vfio-group",
	.desc = "seed 2: last reference dropped in a notifier callout, write after read of the chain's rwsem",
	.forms = LKS_SEED_FORMS,
	.run = run_vfio_group,
	.owner = THIS_MODULE,
};

int lks_seed_vfio_group_init(void)
{
	put_wq = alloc_workqueue("lks-vfio-put", 0, 0);
	if (!put_wq)
		return -ENOMEM;
	lks_register(&seed_vfio_group, 1);
	return 0;
}

void lks_seed_vfio_group_exit(void)
{
	lks_unregister(&seed_vfio_group, 1);
	destroy_workqueue(put_wq);
}
