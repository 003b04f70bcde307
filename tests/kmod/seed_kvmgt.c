// SPDX-License-Identifier: GPL-2.0-only
/*
 * Seed 1, "drm/i915/gvt: Fix possible recursive locking issue".
 *
 *   vfio_fops_unl_ioctl			down_read(&container->group_lock)
 *     vfio_iommu_type1_ioctl
 *       blocking_notifier_call_chain	down_read(&iommu->notifier.rwsem)
 *         intel_vgpu_iommu_notifier	mutex_lock(&vgpu->vdev.cache_lock)
 *           gvt_unpin_guest_page	down_read(&container->group_lock)
 *             vfio_unpin_pages		the kernel's own
 *
 * The page that is unpinned is a real one: the module registers an emulated
 * vfio device, opens it through a type1 container of the task that runs the
 * scenario, maps memory of that task and pins it.
 *
 * The read recursion is on a rwsem of the fixture, taken right around
 * vfio_unpin_pages(): since 6.1 at the latest that function takes no
 * group_lock any more, and today's type1 driver tells devices of an unmapping
 * by a plain call, where it was a notifier chain in the seed's kernel.
 *
 * A module of its own, because it needs vfio.ko and vfio_iommu_type1.ko.
 */
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/rwsem.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/syscalls.h>
#include <linux/uaccess.h>
#include <linux/version.h>
#include <linux/vfio.h>
#include <linux/workqueue.h>

#include "lks_fixture.h"

#define LKS_IOVA	0x10000UL
#define VFIO_NOTIFY_DMA_UNMAP	1

struct vfio_container {
	struct rw_semaphore group_lock;
};

struct vfio_iommu {
	struct blocking_notifier_head notifier;
};

/* A mapped guest page */
struct gvt_dma {
	struct list_head list;
	dma_addr_t iova;
};

struct intel_vgpu {
	struct vfio_device vfio;	/* first: vfio_alloc_device() wants it */
	struct vfio_container container;
	struct vfio_iommu iommu;
	struct {
		struct notifier_block iommu_notifier;
		struct mutex cache_lock;
		struct list_head cache;		/* under @cache_lock */
		/* The seed's fix */
		spinlock_t unpin_lock;
		struct list_head unpin_list;	/* under @unpin_lock */
		struct work_struct unpin_work;
	} vdev;

	enum lks_form form;
	struct completion go_writer;
	struct lks_gate writer;
};

static struct platform_device *the_device;
static struct workqueue_struct *unpin_wq;

static LKS_FRAME void gvt_unpin_guest_page(struct intel_vgpu *vgpu,
					   struct gvt_dma *dma)
{
	down_read(&vgpu->container.group_lock);
	vfio_unpin_pages(&vgpu->vfio, dma->iova, 1);
	up_read(&vgpu->container.group_lock);
	kfree(dma);
}

static LKS_FRAME void intel_vgpu_unpin_work(struct work_struct *work)
{
	struct intel_vgpu *vgpu;
	struct gvt_dma *dma;

	vgpu = container_of(work, struct intel_vgpu, vdev.unpin_work);
	for (;;) {
		spin_lock(&vgpu->vdev.unpin_lock);
		dma = list_first_entry_or_null(&vgpu->vdev.unpin_list,
					       struct gvt_dma, list);
		if (dma)
			list_del(&dma->list);
		spin_unlock(&vgpu->vdev.unpin_lock);
		if (!dma)
			break;
		gvt_unpin_guest_page(vgpu, dma);
	}
}

static LKS_FRAME void gvt_cache_mark_remove(struct intel_vgpu *vgpu,
					    struct gvt_dma *dma)
{
	spin_lock(&vgpu->vdev.unpin_lock);
	list_move_tail(&dma->list, &vgpu->vdev.unpin_list);
	spin_unlock(&vgpu->vdev.unpin_lock);
}

static LKS_FRAME int intel_vgpu_iommu_notifier(struct notifier_block *nb,
					       unsigned long action, void *data)
{
	struct intel_vgpu *vgpu;
	struct gvt_dma *dma, *next;

	vgpu = container_of(nb, struct intel_vgpu, vdev.iommu_notifier);
	mutex_lock(&vgpu->vdev.cache_lock);
	list_for_each_entry_safe(dma, next, &vgpu->vdev.cache, list) {
		if (vgpu->form == LKS_FORM_FIXED) {
			gvt_cache_mark_remove(vgpu, dma);
			continue;
		}
		list_del(&dma->list);
		gvt_unpin_guest_page(vgpu, dma);
	}
	mutex_unlock(&vgpu->vdev.cache_lock);
	if (vgpu->form == LKS_FORM_FIXED)
		queue_work(unpin_wq, &vgpu->vdev.unpin_work);
	return NOTIFY_OK;
}

static LKS_FRAME void vfio_iommu_type1_ioctl(struct intel_vgpu *vgpu)
{
	blocking_notifier_call_chain(&vgpu->iommu.notifier,
				     VFIO_NOTIFY_DMA_UNMAP, NULL);
}

/* As another task's attempt to add a group to the container */
static int group_writer(void *arg)
{
	struct intel_vgpu *vgpu = arg;

	wait_for_completion(&vgpu->go_writer);
	lks_gate_enter(&vgpu->writer);
	down_write(&vgpu->container.group_lock);
	up_write(&vgpu->container.group_lock);
	return 0;
}

static LKS_FRAME int vfio_fops_unl_ioctl(struct intel_vgpu *vgpu)
{
	int err = 0;

	down_read(&vgpu->container.group_lock);
	if (vgpu->form == LKS_FORM_DEADLOCK) {
		complete(&vgpu->go_writer);
		err = lks_gate_wait(&vgpu->writer);
	}
	if (!err)
		vfio_iommu_type1_ioctl(vgpu);
	up_read(&vgpu->container.group_lock);
	return err;
}

static int vgpu_init_dev(struct vfio_device *vdev)
{
	struct intel_vgpu *vgpu = container_of(vdev, struct intel_vgpu, vfio);
	struct vfio_container *container = &vgpu->container;
	struct vfio_iommu *iommu = &vgpu->iommu;

	/* lockdep's name of a lock is the text of the argument. */
	init_rwsem(&container->group_lock);
	BLOCKING_INIT_NOTIFIER_HEAD(&iommu->notifier);
	mutex_init(&vgpu->vdev.cache_lock);
	INIT_LIST_HEAD(&vgpu->vdev.cache);
	spin_lock_init(&vgpu->vdev.unpin_lock);
	INIT_LIST_HEAD(&vgpu->vdev.unpin_list);
	INIT_WORK(&vgpu->vdev.unpin_work, intel_vgpu_unpin_work);
	vgpu->vdev.iommu_notifier.notifier_call = intel_vgpu_iommu_notifier;
	return blocking_notifier_chain_register(&iommu->notifier,
						&vgpu->vdev.iommu_notifier);
}

static void vgpu_release_dev(struct vfio_device *vdev)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
	vfio_free_device(vdev);	/* since 6.2 the core does it */
#endif
}

/* Only pins between an unmapping and the device's closing would need it. */
static void vgpu_dma_unmap(struct vfio_device *vdev, u64 iova, u64 length)
{
}

static int vgpu_open_device(struct vfio_device *vdev)
{
	return 0;
}

static void vgpu_close_device(struct vfio_device *vdev)
{
}

static const struct vfio_device_ops vgpu_ops = {
	.name = "lks-vgpu",
	.init = vgpu_init_dev,
	.release = vgpu_release_dev,
	.open_device = vgpu_open_device,
	.close_device = vgpu_close_device,
	.dma_unmap = vgpu_dma_unmap,
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 2, 0)
	.bind_iommufd = vfio_iommufd_emulated_bind,
	.unbind_iommufd = vfio_iommufd_emulated_unbind,
	.attach_ioas = vfio_iommufd_emulated_attach_ioas,
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
	.detach_ioas = vfio_iommufd_emulated_detach_ioas,
#endif
};

/*
 * The user's side: what a VMM does with /dev/vfio/vfio and the group's node.
 * Files need descriptors because the ioctls take them; @umem is user memory,
 * its first page for arguments and its second one to be mapped and pinned.
 */
struct vmm {
	int container_fd, group_fd, device_fd;
	struct file *container, *group;
	unsigned long umem;
};

static int vmm_open(const char *name, struct file **file)
{
	struct file *f;
	int fd;

	fd = get_unused_fd_flags(O_CLOEXEC);
	if (fd < 0)
		return fd;
	f = filp_open(name, O_RDWR, 0);
	if (IS_ERR(f)) {
		put_unused_fd(fd);
		return PTR_ERR(f);
	}
	/* One reference for the descriptor, one for *file */
	*file = get_file(f);
	fd_install(fd, f);
	return fd;
}

static long vmm_ioctl(struct vmm *vmm, struct file *file, unsigned int cmd,
		      const void *arg, size_t sz)
{
	if (copy_to_user((void __user *)vmm->umem, arg, sz))
		return -EFAULT;
	return vfs_ioctl(file, cmd, vmm->umem);
}

static void vmm_close(struct vmm *vmm)
{
	if (vmm->device_fd >= 0)
		close_fd(vmm->device_fd);
	if (vmm->group_fd >= 0) {
		close_fd(vmm->group_fd);
		fput(vmm->group);
	}
	if (vmm->container_fd >= 0) {
		close_fd(vmm->container_fd);
		fput(vmm->container);
	}
	if (vmm->umem)
		vm_munmap(vmm->umem, 2 * PAGE_SIZE);
}

static int vmm_open_files(struct vmm *vmm)
{
	struct iommu_group *group;
	char name[32];

	group = iommu_group_get(&the_device->dev);
	if (!group)
		return -ENODEV;
	snprintf(name, sizeof(name), "/dev/vfio/%d", iommu_group_id(group));
	iommu_group_put(group);

	vmm->container_fd = vmm_open("/dev/vfio/vfio", &vmm->container);
	if (vmm->container_fd < 0)
		return vmm->container_fd;
	vmm->group_fd = vmm_open(name, &vmm->group);
	return min(vmm->group_fd, 0);
}

static int vmm_start(struct vmm *vmm)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.iova = LKS_IOVA,
		.size = PAGE_SIZE,
	};
	const char *name = dev_name(&the_device->dev);
	unsigned long addr;
	long ret;
	int err;

	vmm->container_fd = vmm->group_fd = vmm->device_fd = -1;
	vmm->umem = 0;
	err = vmm_open_files(vmm);
	if (err)
		goto out;
	addr = vm_mmap(NULL, 0, 2 * PAGE_SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, 0);
	if (IS_ERR_VALUE(addr)) {
		err = addr;
		goto out;
	}
	vmm->umem = addr;
	map.vaddr = addr + PAGE_SIZE;

	err = ret = vmm_ioctl(vmm, vmm->group, VFIO_GROUP_SET_CONTAINER,
			      &vmm->container_fd, sizeof(int));
	if (err)
		goto out;
	err = vfs_ioctl(vmm->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU);
	if (err)
		goto out;
	ret = vmm_ioctl(vmm, vmm->group, VFIO_GROUP_GET_DEVICE_FD, name,
			strlen(name) + 1);
	if (ret < 0) {
		err = ret;
		goto out;
	}
	vmm->device_fd = ret;
	err = vmm_ioctl(vmm, vmm->container, VFIO_IOMMU_MAP_DMA, &map,
			sizeof(map));
out:
	if (err)
		vmm_close(vmm);
	return err;
}

static int vgpu_pin(struct intel_vgpu *vgpu)
{
	struct gvt_dma *dma;
	struct page *page;
	int ret;

	dma = kzalloc(sizeof(*dma), GFP_KERNEL);
	if (!dma)
		return -ENOMEM;
	dma->iova = LKS_IOVA;
	ret = vfio_pin_pages(&vgpu->vfio, dma->iova, 1,
			     IOMMU_READ | IOMMU_WRITE, &page);
	if (ret != 1) {
		kfree(dma);
		return ret < 0 ? ret : -EFAULT;
	}
	mutex_lock(&vgpu->vdev.cache_lock);
	list_add(&dma->list, &vgpu->vdev.cache);
	mutex_unlock(&vgpu->vdev.cache_lock);
	return 0;
}

static int run_kvmgt(struct lks_ctx *ctx)
{
	struct intel_vgpu *vgpu = platform_get_drvdata(the_device);
	bool hang = ctx->form == LKS_FORM_DEADLOCK;
	struct lks_task writer;
	struct vmm vmm;
	int err;

	if (!current->mm)
		return -EINVAL;
	vgpu->form = ctx->form;
	init_completion(&vgpu->go_writer);
	lks_gate_init(&vgpu->writer);

	err = vmm_start(&vmm);
	if (err)
		return err;
	err = vgpu_pin(vgpu);
	if (err)
		goto out;
	if (hang)
		err = lks_task_start(&writer, -1, "lks-grp-writer",
				     group_writer, vgpu);
	if (!err)
		err = vfio_fops_unl_ioctl(vgpu);
	flush_work(&vgpu->vdev.unpin_work);
out:
	vmm_close(&vmm);
	return err;
}

static struct lks_scenario seed_kvmgt = {
	.name = "kvmgt",
	.desc = "seed 1: read recursion on a rwsem over a notifier chain and a mutex, to vfio_unpin_pages",
	.forms = LKS_SEED_FORMS,
	.run = run_kvmgt,
	.owner = THIS_MODULE,
};

static int vgpu_probe(struct platform_device *pdev)
{
	struct intel_vgpu *vgpu;
	int err;

	vgpu = vfio_alloc_device(intel_vgpu, vfio, &pdev->dev, &vgpu_ops);
	if (IS_ERR(vgpu))
		return PTR_ERR(vgpu);
	err = vfio_register_emulated_iommu_dev(&vgpu->vfio);
	if (err) {
		vfio_put_device(&vgpu->vfio);
		return err;
	}
	platform_set_drvdata(pdev, vgpu);
	return 0;
}

static void vgpu_unregister(struct platform_device *pdev)
{
	struct intel_vgpu *vgpu = platform_get_drvdata(pdev);

	vfio_unregister_group_dev(&vgpu->vfio);
	vfio_put_device(&vgpu->vfio);
}

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
#define vgpu_remove vgpu_unregister
#else
/* .remove returned int, until 6.11. */
static int vgpu_remove(struct platform_device *pdev)
{
	vgpu_unregister(pdev);
	return 0;
}
#endif

static struct platform_driver vgpu_driver = {
	.probe = vgpu_probe,
	.remove = vgpu_remove,
	.driver.name = "lks-vgpu",
};

static int __init lks_vfio_init(void)
{
	int err;

	unpin_wq = alloc_workqueue("lks-vgpu", 0, 0);
	if (!unpin_wq)
		return -ENOMEM;
	err = platform_driver_register(&vgpu_driver);
	if (err)
		goto out_wq;
	the_device = platform_device_register_simple("lks-vgpu", -1, NULL, 0);
	if (IS_ERR(the_device)) {
		err = PTR_ERR(the_device);
		goto out_driver;
	}
	if (!platform_get_drvdata(the_device)) {
		err = -ENODEV;	/* the probe said why */
		goto out_device;
	}
	lks_register(&seed_kvmgt, 1);
	return 0;

out_device:
	platform_device_unregister(the_device);
out_driver:
	platform_driver_unregister(&vgpu_driver);
out_wq:
	destroy_workqueue(unpin_wq);
	return err;
}

static void __exit lks_vfio_exit(void)
{
	lks_unregister(&seed_kvmgt, 1);
	platform_device_unregister(the_device);
	platform_driver_unregister(&vgpu_driver);
	destroy_workqueue(unpin_wq);
}

module_init(lks_vfio_init);
module_exit(lks_vfio_exit);
MODULE_SOFTDEP("pre: vfio_iommu_type1");
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Lock fixtures: seed 1, with an emulated vfio device");
