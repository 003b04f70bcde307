#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Hold the classes that the order tier infers against lockdep's own, lock by lock.

usage: lockdep_referee.py [-v] INSTANCES

INSTANCES is what tests/vm/instances prints of a recording with both tiers, order and
lockdep, of one boot. A lock of tier order lies at some address, its lockdep_map at a
fixed distance behind, which is found by trying: that at which most locks have one.

Prints, as "WORD VALUE ..." lines: the number of locks that both tiers know, the adjusted
Rand index over all of them and over those that sleep, and with -v for each primitive
which of our classes mix several of lockdep's ("merged") and which of lockdep's are
several of ours ("split"). Subclasses (/1) are left out on both sides: they say how a lock
is taken, not which one it is.

Exit status: 0, or 2 for bad input. What is good enough is the caller's matter.
"""
import collections
import re
import sys

SLEEPING = {"mutex", "ww_mutex", "rwsem", "rtmutex", "semaphore", "percpu-rwsem"}
DISTANCE_MAX = 256


def base(name):
    return re.sub(r"/[1-7]$", "", name)


def read(path):
    """{address: (type, name)} of tier order, {address: name} of tier lockdep."""
    ours, theirs = {}, {}
    with open(path, encoding="utf-8", errors="replace") as f:
        for line in f:
            tier, addr, _, kind, _, name = line.rstrip("\n").split("\t", 5)
            if tier == "lockdep":
                theirs[int(addr, 16)] = base(name)
            else:
                ours[int(addr, 16)] = (kind, base(name))
    return ours, theirs


def distances(ours, theirs):
    """For each type, how far behind the lock its lockdep_map lies."""
    votes = collections.defaultdict(collections.Counter)
    for addr, (kind, _) in ours.items():
        for d in range(0, DISTANCE_MAX, 8):
            if addr + d in theirs:
                votes[kind][d] += 1
    return {kind: v.most_common(1)[0][0] for kind, v in votes.items()}


def match(ours, theirs):
    """[(type, our class, lockdep's class)] of locks that both know."""
    at = distances(ours, theirs)
    return [(kind, name, theirs[addr + at[kind]]) for addr, (kind, name) in ours.items()
            if kind in at and addr + at[kind] in theirs]


def pairs(n):
    return n * (n - 1) / 2


def rand_index(both):
    """Adjusted Rand index (Hubert and Arabie 1985) of two partitions; 1.0 for fewer than two locks."""
    cell, rows, cols = collections.Counter(), collections.Counter(), collections.Counter()
    for _, a, b in both:
        cell[a, b] += 1
        rows[a] += 1
        cols[b] += 1
    index = sum(map(pairs, cell.values()))
    a, b, all_pairs = sum(map(pairs, rows.values())), sum(map(pairs, cols.values())), pairs(len(both))
    expected = a * b / all_pairs if all_pairs else 0
    most = (a + b) / 2
    return 1.0 if most == expected else (index - expected) / (most - expected)


def differences(both, verbose):
    """Classes of one side that several of the other lie in."""
    for word, key, value in (("merged", 1, 2), ("split", 2, 1)):
        seen = collections.defaultdict(collections.Counter)
        for row in both:
            seen[row[0], row[key]][row[value]] += 1
        several = {k: v for k, v in seen.items() if len(v) > 1}
        for kind in sorted({k for k, _ in seen}):
            mine = {k: v for k, v in several.items() if k[0] == kind}
            print(f"{word} {kind} {len(mine)} of {sum(1 for k, _ in seen if k == kind)}")
            for (_, name), others in sorted(mine.items(), key=lambda i: -sum(i[1].values())) if verbose else ():
                print(f"  {word} {kind} {name}: " + ", ".join(f"{n} x {o}" for o, n in others.most_common(6)))


def main():
    args = [a for a in sys.argv[1:] if a != "-v"]
    if len(args) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        ours, theirs = read(args[0])
    except (OSError, ValueError) as e:
        print(f"lockdep_referee: {e}", file=sys.stderr)
        return 2
    both = match(ours, theirs)
    sleeping = [row for row in both if row[0] in SLEEPING]
    print(f"locks {len(both)} of {len(ours)} and {len(theirs)}")
    print(f"sleeping {len(sleeping)}")
    print(f"ari-all {rand_index(both):.4f}")
    print(f"ari-sleeping {rand_index(sleeping):.4f}")
    differences(both, "-v" in sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(main())
