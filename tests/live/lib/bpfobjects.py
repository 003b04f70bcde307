# SPDX-License-Identifier: GPL-2.0-only
"""BPF objects of this machine, to see whether a tracer left any.

  bpfobjects.py list              ids of all programs, maps and links, one per line
  bpfobjects.py of PID            ids of those that process PID has descriptors of
  bpfobjects.py left FILE         those not in FILE (an earlier list) that are not of
                                  another living process: exit 1 if there are any

Other tracers may run beside the tests; what a living process holds is its own.
"""
import glob
import json
import subprocess
import sys

KINDS = ("prog", "map", "link")


def all_ids():
    ids = set()
    for kind in KINDS:
        out = subprocess.run(["bpftool", "-j", kind, "list"], capture_output=True, text=True, check=True)
        entries = json.loads(out.stdout or "[]")
        ids |= {f"{kind} {e['id']}" for e in entries}
    return ids


def ids_of(pattern):
    ids = set()
    for path in glob.glob(pattern):
        try:
            with open(path, encoding="utf-8", errors="replace") as f:
                for line in f:
                    key, _, value = line.partition(":")
                    if key.endswith("_id") and key[:-3] in KINDS:
                        ids.add(f"{key[:-3]} {value.strip()}")
        except OSError:
            pass		# the process or the descriptor went away
    return ids


def main():
    if sys.argv[1] == "list":
        print("\n".join(sorted(all_ids())))
    elif sys.argv[1] == "of":
        print("\n".join(sorted(ids_of(f"/proc/{sys.argv[2]}/fdinfo/*"))))
    else:
        with open(sys.argv[2], encoding="utf-8") as f:
            before = set(f.read().split("\n"))
        left = all_ids() - before - ids_of("/proc/[0-9]*/fdinfo/*")
        print("\n".join(sorted(left)))
        return 1 if left else 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
