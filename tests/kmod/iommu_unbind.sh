#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
#
# Seed 5 on the kernel's own code: driver unbinding and binding that passes through what was once
# domain_remove_one_dev_info(). For a guest with an emulated Intel IOMMU (tools/vm/vm run --iommu).
#
# The function's successors: dmar_remove_one_dev_info() and device_block_translation(). 6.1 has both,
# 6.12 the second only. Two ways lead there:
#
#  - a device is removed, its driver is unbound, and a rescan binds it again, both in a callout of the bus
#    notifier chain as in the seed's report. The AHCI controller is taken.
#  - the default domain of an unbound device is changed, after its driver was unbound, and the driver is
#    bound again. The host bridge is taken, with pci-stub as its driver: it is alone in its IOMMU group, which
#    6.1 demands.
#
# A kprobe with a stack trace on each name tells whether it was really called. Prints "hit FUNCTION N times:
# WHAT" for each that was; "skip REASON" and status 77 if this kernel or machine cannot do it.

functions="device_block_translation dmar_remove_one_dev_info domain_remove_one_dev_info"
trace=/sys/kernel/tracing
pci=/sys/bus/pci

skip() { echo "skip $*"; exit 77; }
fail() { echo "fail $*"; exit 1; }

[ -n "$(ls /sys/class/iommu 2>/dev/null)" ] || skip "no IOMMU is active (kernel without INTEL_IOMMU, or no --iommu)"
[ -d $trace/events ] || mount -t tracefs tracefs $trace || fail "no tracefs"

watch()
{
	found=
	for f in $functions; do
		# The compiler may have added to the name, as in dmar_remove_one_dev_info.isra.0 of 6.1.
		symbol=$(sed -n "s/^[^ ]* [tT] \($f\(\.[a-z]*\.[0-9]*\)*\)\$/\1/p" /proc/kallsyms | head -n 1)
		[ -n "$symbol" ] || continue
		echo "p:lks/$f $symbol" >>$trace/kprobe_events 2>/dev/null || continue
		echo stacktrace >"$trace/events/lks/$f/trigger"
		echo 1 >"$trace/events/lks/$f/enable"
		found="$found $f"
	done
	[ -n "$found" ] || skip "none of '$functions' can be probed here"
}

# What was called since the last time, with its callers once
hits()
{
	for f in $found; do
		n=$(grep -c " $f: " $trace/trace)
		[ "$n" -gt 0 ] || continue
		any=1
		echo "hit $f $n times: $1"
		# Of its first stack, what is not the probe's own
		sed -n '/^ => /s//  /p' $trace/trace | sed -n "/^  $f\(\..*\)*\$/,/do_syscall_64/p" | sed '/do_syscall_64/q'
	done
	echo >$trace/trace
}

# By removal. The device comes back with its driver.
by_removal()
{
	dev=
	for d in "$pci"/drivers/ahci/0*; do
		[ ! -e "$d" ] || dev=${d##*/}
	done
	[ -n "$dev" ] || { echo "# no device with the driver ahci"; return; }
	echo "$dev" >$pci/drivers/ahci/unbind || fail "$dev is not unbound"
	echo "$dev" >$pci/drivers/ahci/bind || fail "$dev is not bound"
	echo 1 >"$pci/devices/$dev/remove"
	echo 1 >$pci/rescan
	[ -e "$pci/drivers/ahci/$dev" ] || fail "$dev did not come back to its driver"
	hits "driver ahci of $dev unbound by removal, bound by rescan"
}

by_domain_change()
{
	dev=0000:00:00.0
	modprobe pci-stub 2>/dev/null
	[ -d $pci/drivers/pci-stub ] || { echo "# no driver pci-stub"; return; }
	echo pci-stub >$pci/devices/$dev/driver_override
	echo $dev >$pci/drivers/pci-stub/bind || fail "$dev is not bound"
	for type in identity DMA; do
		echo $dev >$pci/drivers/pci-stub/unbind || fail "$dev is not unbound"
		echo $type >$pci/devices/$dev/iommu_group/type || fail "$dev: no domain of type $type"
		echo $dev >$pci/drivers/pci-stub/bind || fail "$dev is not bound again"
	done
	echo $dev >$pci/drivers/pci-stub/unbind
	hits "driver pci-stub of $dev unbound, domain changed, bound"
}

modprobe ahci 2>/dev/null
any=
watch
by_removal
by_domain_change
[ -n "$any" ] || fail "none of$found was called"
