#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Reports of the kernel in real texts against what a reader found in them, as TAP.

	splat_check.py LOCKSCOPE FOLDER

FOLDER/splats has texts (NNN.txt) and truths (NNN.json) of the first report of
each; FOLDER/seeds five texts more. Places are compared without their module.
"""
import glob
import json
import os
import subprocess
import sys

# The truth's names of kinds, where lockscope has a kind of its own.
KINDS = {"invalid-wait-context": "wait-context"}

# Where a text does not bear its truth out, and why.
KNOWN = {
    "177": ["truncated"],	# two reports: the first one is an excerpt, without its backtrace
}

SEEDS = {
    "1": [("recursive", "qemu-system-x86", 1620, "&container->group_lock", "vfio_unpin_pages+0x96/0xf0",
           "&container->group_lock", "vfio_fops_unl_ioctl+0x5f/0x280", [],
           ["&container->group_lock", "&(&iommu->notifier)->rwsem", "&vgpu->vdev.cache_lock"], "4.12.0-rc4+")],
    "2": None,
    "3": [("recursive", "gem_userptr_bli", 8398, "&mm->mmap_sem", "i915_gem_userptr_get_pages+0x5a/0x2e0",
           "&mm->mmap_sem", "__do_page_fault+0x105/0x560", [], ["&mm->mmap_sem", "&obj->mm.lock"],
           "4.11.0-rc1-CI-CI_DRM_297+"),
          ("circular", "gem_streaming_w", 759, "&obj->mm.lock", "i915_gem_object_pin_pages+0x0/0xc0",
           "&mm->mmap_sem", "__do_page_fault+0x121/0x500", ["&mm->mmap_sem", "&obj->mm.lock"],
           ["&mm->mmap_sem"], "4.11.0-rc1+")],
    "4": [("circular", "prime_mmap", 1551, "cpu_hotplug_lock.rw_sem", "apply_workqueue_attrs+0x17/0x50",
           "&dev_priv->mm_lock", "i915_gem_userptr_init__mmu_notifier+0x14a/0x270",
           ["&dev_priv->mm_lock", "&mm->mmap_sem", "&sb->s_type->i_mutex_key#5", "(complete)&req.done",
            "cpuhp_state", "cpuhp_state_mutex", "cpu_hotplug_lock.rw_sem"],
           ["&mm->mmap_sem", "&dev_priv->mm_lock"], "4.14.0-rc1-CI-CI_DRM_3118+")],
    "5": [("circular", "bash", 13954, "&(&iommu->lock)->rlock", "domain_remove_one_dev_info+0x121/0x230",
           "device_domain_lock", "domain_remove_one_dev_info+0x208/0x230",
           ["device_domain_lock", "&(&iommu->lock)->rlock"],
           ["&buffer->mutex", "s_active#3", "&__lockdep_no_validate__", "&__lockdep_no_validate__",
            "&(&priv->bus_notifier)->rwsem", "device_domain_lock"], "2.6.39.1+")],
}

count = failed = 0


def ok(held, what, *why):
    global count, failed
    count += 1
    failed += not held
    print(f"{'ok' if held else 'not ok'} {count} - {what}")
    for line in () if held else why:
        print(f"# {line}")


def lockscope(*args):
    return subprocess.run([sys.argv[1], "report", *args], capture_output=True, text=True, check=False)


def report(path):
    done = lockscope("-q", "--format", "json", path)
    return json.loads(done.stdout) if done.returncode == 0 else None


def place(text):
    return text.split(" ")[0] if text else None


def by_line(doc):
    return sorted(doc["findings"], key=lambda f: f["report"]["line"])


def fields(truth, doc):
    first = by_line(doc)[0]
    yield "reports", truth.get("reports", 1), len(doc["findings"])
    yield "kind", KINDS.get(truth.get("subkind"), truth["kind"]), first["kind"]
    if truth.get("subkind"):
        yield "subkind", truth["subkind"], first["report"]["subkind"]
    yield "task", truth["task"], first["task"]["comm"]
    yield "pid", truth["pid"], first["task"]["pid"]
    for key in "acquiring", "holding":
        want, got = truth[key], first[key]
        yield key, want and want["lock"], got and got["lock"]
        yield key + ".at", want and want["at"], got and place(got["at"])
    yield "chain", truth["chain"], first["chain"]
    yield "held", truth["held"], first["held"]
    yield "kernel", truth["kernel"], first["report"]["kernel"]
    yield "truncated", truth["truncated"], first["report"]["partial"]
    if truth.get("other_lock"):
        other = [p for p in first["report"]["parts"] if p["role"] == "other"]
        yield "other_lock", truth["other_lock"]["lock"], other[0]["text"] if other else None
        yield "other_lock.at", truth["other_lock"]["at"], place(other[0]["at"]) if other else None


def essence(doc):
    """All but notes, whose lines our text may wrap, and what depends on the place in the text."""
    return sorted(json.dumps([[f[k] for k in ("kind", "task", "acquiring", "holding", "chain", "held")],
                              f["report"]["kernel"], f["report"]["missing"],
                              [(p["role"], p["nr"], p["text"], p["usage"], p["at"], p["frames"])
                               for p in f["report"]["parts"] if p["role"] != "note"]])
                  for f in doc["findings"])


def check_splat(path, scratch):
    name = os.path.basename(path)[:-5]
    with open(path, encoding="utf-8") as f:
        truth = json.load(f)
    doc = report(path[:-5] + ".txt")
    ok(doc is not None, f"{name}: is read")
    if doc is None:
        return
    differ = [(k, w, g) for k, w, g in fields(truth, doc) if w != g]
    ok([d[0] for d in differ] == KNOWN.get(name, []), f"{name}: what a reader found in it",
       *(f"{k}: should be {json.dumps(w)}, is {json.dumps(g)}" for k, w, g in differ))
    with open(scratch, "w", encoding="utf-8") as f:
        f.write(lockscope("-q", "--view", "findings", path[:-5] + ".txt").stdout)
    again = report(scratch)
    ok(again is not None and essence(again) == essence(doc), f"{name}: our own text of it says the same")


def check_seed(path, wanted):
    name = os.path.basename(path)
    done = lockscope("-q", "--strict", "--format", "json", path)
    if wanted is None:
        ok(done.returncode == 1 and not done.stdout and "without a report of the kernel" in done.stderr,
           f"{name}: there is no report, and that is said", done.stderr)
        return
    ok(done.returncode == 0, f"{name}: is read, and nothing is missing", done.stderr)
    found = by_line(json.loads(done.stdout))
    got = [(f["kind"], f["task"]["comm"], f["task"]["pid"], f["acquiring"]["lock"], place(f["acquiring"]["at"]),
            f["holding"]["lock"], place(f["holding"]["at"]), f["chain"], f["held"], f["report"]["kernel"])
           for f in found]
    ok(got == wanted, f"{name}: every report is as it was", *map(str, got))
    ok(all(f["report"]["skipped_lines"] == 0 for f in found), f"{name}: no line was left over")
    ok(all(len(link["stack"]) > 3 for f in found for link in f["cycle"]), f"{name}: every link has its stack")


def main():
    scratch = os.path.join(os.environ.get("TMP", "/tmp"), "ours.txt")
    truths = sorted(glob.glob(sys.argv[2] + "/splats/*.json"))
    for path in truths:
        check_splat(path, scratch)
    ok(len(truths) > 50, f"there are real reports ({len(truths)})")
    for number, wanted in SEEDS.items():
        for path in glob.glob(f"{sys.argv[2]}/seeds/{number}-*.txt"):
            check_seed(path, wanted)
    print(f"1..{count}")
    return failed > 0


sys.exit(main())
