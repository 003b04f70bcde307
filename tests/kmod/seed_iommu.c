// SPDX-License-Identifier: GPL-2.0-only
/*
 * Seed 5, the AB-BA of intel-iommu's iommu->lock and device_domain_lock.
 *
 *   set-up	iommu_prepare_identity_map
 *		  domain_context_mapping
 *		    domain_context_mapping_one		iommu->lock
 *		      iommu_support_dev_iotlb		device_domain_lock
 *   unbind	device_release_driver
 *		  blocking_notifier_call_chain		the bus notifier's rwsem
 *		    device_notifier
 *		      domain_remove_one_dev_info	device_domain_lock
 *							iommu->lock
 *
 * Genuine: the unbinding of a platform device from its driver and the bus
 * notifier. The fix lets device_domain_lock go before it takes iommu->lock.
 *
 * In the form "deadlock" both CPUs spin with interrupts off (on PREEMPT_RT
 * both tasks sleep), so it wants two of them.
 */
#include <linux/cpu.h>
#include <linux/notifier.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "lks_fixture.h"

struct intel_iommu {
	spinlock_t lock;
};

static DEFINE_SPINLOCK(device_domain_lock);

static struct intel_iommu the_iommu;
static struct platform_device *the_device;
static enum lks_form the_form;

/*
 * "deadlock": nobody turns interrupts off before both CPUs are there and
 * theirs alone. Else a CPU that waits with interrupts off for the other would
 * hold up whatever runs there and waits for all CPUs, as vfree() does.
 */
static atomic_t nr_ready;

/* "deadlock": nobody asks for the second lock before both have the first */
static atomic_t nr_first;

static void meet(atomic_t *nr)
{
	if (the_form != LKS_FORM_DEADLOCK)
		return;
	atomic_inc(nr);
	while (atomic_read(nr) < 2)
		cpu_relax();
}

static __always_inline void lock_first(spinlock_t *lock, unsigned long *flags)
{
	/* On PREEMPT_RT the lock may sleep, and interrupts stay on. */
	if (!IS_ENABLED(CONFIG_PREEMPT_RT)) {
		preempt_disable();
		meet(&nr_ready);
	}
	spin_lock_irqsave(lock, *flags);
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		preempt_enable();
	meet(&nr_first);
}

static LKS_FRAME void iommu_support_dev_iotlb(void)
{
	unsigned long flags;

	spin_lock_irqsave(&device_domain_lock, flags);
	spin_unlock_irqrestore(&device_domain_lock, flags);
}

static LKS_FRAME void domain_context_mapping_one(struct intel_iommu *iommu)
{
	unsigned long flags;

	lock_first(&iommu->lock, &flags);
	iommu_support_dev_iotlb();
	spin_unlock_irqrestore(&iommu->lock, flags);
}

static LKS_FRAME void domain_context_mapping(struct intel_iommu *iommu)
{
	domain_context_mapping_one(iommu);
}

static LKS_FRAME int iommu_prepare_identity_map(void *arg)
{
	domain_context_mapping(arg);
	return 0;
}

static LKS_FRAME void domain_remove_one_dev_info(struct intel_iommu *iommu)
{
	unsigned long flags, iommu_flags;

	lock_first(&device_domain_lock, &flags);
	if (the_form == LKS_FORM_FIXED)
		spin_unlock_irqrestore(&device_domain_lock, flags);

	spin_lock_irqsave(&iommu->lock, iommu_flags);
	spin_unlock_irqrestore(&iommu->lock, iommu_flags);

	if (the_form != LKS_FORM_FIXED)
		spin_unlock_irqrestore(&device_domain_lock, flags);
}

static LKS_FRAME int device_notifier(struct notifier_block *nb,
				     unsigned long action, void *data)
{
	struct device *dev = data;

	if (action == BUS_NOTIFY_UNBOUND_DRIVER && dev == &the_device->dev)
		domain_remove_one_dev_info(&the_iommu);
	return NOTIFY_DONE;
}

static struct notifier_block device_nb = {
	.notifier_call = device_notifier,
};

static LKS_FRAME int driver_unbind(void *arg)
{
	device_release_driver(arg);
	return 0;
}

/* The first CPU is spared if there are three, to tell of the other two. */
static int run_iommu_deadlock(void)
{
	unsigned int nr = 0, cpu, cpus[2];
	struct lks_task setup;
	int err;

	for_each_online_cpu(cpu)
		cpus[nr++ & 1] = cpu;
	if (nr < 2)
		return -EOPNOTSUPP;
	atomic_set(&nr_ready, 0);
	atomic_set(&nr_first, 0);
	err = lks_task_start(&setup, cpus[0], "lks-iommu-setup",
			     iommu_prepare_identity_map, &the_iommu);
	if (err)
		return err;
	return lks_task_run(cpus[1], "lks-unbind", driver_unbind,
			    &the_device->dev);
}

static int run_iommu(struct lks_ctx *ctx)
{
	struct device *dev = &the_device->dev;
	int err;

	the_form = ctx->form;
	if (the_form == LKS_FORM_DEADLOCK)
		return run_iommu_deadlock();

	err = lks_task_run(-1, "lks-iommu-setup", iommu_prepare_identity_map,
			   &the_iommu);
	if (!err)
		err = lks_task_run(-1, "lks-unbind", driver_unbind, dev);
	/* Bound again, ready for the next run */
	if (!err)
		err = device_attach(dev) == 1 ? 0 : -ENODEV;
	return err;
}

static struct lks_scenario seed_iommu = {
	.name = "iommu",
	.desc = "seed 5: two irqsave spinlocks, AB at set-up and BA in a driver's unbinding",
	.forms = LKS_SEED_FORMS,
	.run = run_iommu,
	.owner = THIS_MODULE,
};

static int lks_probe(struct platform_device *pdev)
{
	return 0;
}

static struct platform_driver lks_driver = {
	.probe = lks_probe,
	.driver.name = "lks-iommu",
};

int lks_seed_iommu_init(void)
{
	struct intel_iommu *iommu = &the_iommu;
	int err;

	spin_lock_init(&iommu->lock);	/* lockdep's name is this text */
	err = platform_driver_register(&lks_driver);
	if (err)
		return err;
	the_device = platform_device_register_simple("lks-iommu", -1, NULL, 0);
	if (IS_ERR(the_device)) {
		err = PTR_ERR(the_device);
		goto out_driver;
	}
	err = bus_register_notifier(&platform_bus_type, &device_nb);
	if (err)
		goto out_device;
	lks_register(&seed_iommu, 1);
	return 0;

out_device:
	platform_device_unregister(the_device);
out_driver:
	platform_driver_unregister(&lks_driver);
	return err;
}

void lks_seed_iommu_exit(void)
{
	lks_unregister(&seed_iommu, 1);
	bus_unregister_notifier(&platform_bus_type, &device_nb);
	platform_device_unregister(the_device);
	platform_driver_unregister(&lks_driver);
}
