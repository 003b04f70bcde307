#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Hold what the lockdep tier saw against lockdep's own account of the same boot.

usage: lockdep_compare.py [-v] SNAPSHOTS REPORT.json [DMESG]
       lockdep_compare.py --verdict REPORT.json DMESG

SNAPSHOTS has copies of /proc/lockdep ("lockdep") and /proc/lockdep_chains ("chains")
in three folders: "before" and "after", made one after the other while the trace
ran, and "end", made when it was over. REPORT.json is what lockscope made of the
trace (--format json --view all).

Recall: what lockdep learned while the trace ran, did we see it? Of classes (those
that are part of any order) and of direct edges that are in "after" but not in "before". Precision: does lockdep know
what we saw? Of our classes, and of our edges: as a direct edge in "end", or in a
chain there (lockdep lists an edge only if nothing lay between, not even RCU, but
chains in full). Verdicts: lockdep's first report in DMESG must be a finding of ours.

Names are the keys: lockdep keeps them apart by #N and /N.
Exit status: 0 precision is 100 % and no verdict is missing, 1 not so, 2 bad input.
"""
import json
import re
import sys
from pathlib import Path

# Locks of the tracer itself: lockdep sees them, we leave them out.
TRACER = re.compile(r"&rb->spinlock|&rb->waitq|&htab->lockdep_key|&loc_l->lock|bpf_|&ringbuf")

NAME_MAX = 63  # LK_CLASS_NAME_LEN - 1

# Classes whose key is unregistered when their object goes: lockdep forgets them.
FORGOTTEN = re.compile(r"^\((wq|work)_completion\)")

CLASS = re.compile(r"^(?:0x)?[0-9a-f]+ (?:OPS: *\d+ )?FD: *\d+ BD: *\d+ (\S+): (.*)$")
EDGE = re.compile(r"^ -> \[[0-9a-f]+\] (.*)$")
LINK = re.compile(r"^\[[0-9a-f]+\] (.*)$")


def cut(name):
    """A name as long as the tracer keeps it; what is behind it (#N, /N) stays."""
    plain, tail = re.fullmatch(r"(.*?)((?:#\d+)?(?:/\d+)?)", name).groups()
    return plain[:NAME_MAX] + tail


def read_lockdep(path):
    """Classes {name: usage} and direct edges {(from, to)} of a copy of /proc/lockdep."""
    classes, edges, current = {}, set(), None
    for line in path.read_text(errors="replace").splitlines():
        if m := CLASS.match(line):
            current = cut(m[2])
            classes[current] = m[1]
        elif m := EDGE.match(line):
            edges.add((current, cut(m[1])))
    return classes, edges


def read_chains(path):
    """Chains as tuples of names, oldest lock first."""
    chains, chain = set(), []
    for line in [*path.read_text(errors="replace").splitlines(), ""]:
        if m := LINK.match(line):
            chain.append(cut(m[1]))
        elif chain:
            chains.add(tuple(chain))
            chain = []
    return chains


def pairs_of(chains):
    """Every pair that the last lock of a chain makes with one before it."""
    return {(held, chain[-1]) for chain in chains for held in chain[:-1]}


def read_report(path):
    """Classes, edges and findings of the lockdep tier in a report."""
    report = json.loads(path.read_text())
    classes = {c["id"]: c["name"] for c in report["classes"] if c.get("tier", "lockdep") == "lockdep"}
    edges = {(classes[e["from"]], classes[e["to"]]) for e in report["edges"]
             if e["from"] in classes and e["to"] in classes}
    return set(classes.values()), edges, report["findings"]


def first_verdict(path):
    """Kind and lock names of lockdep's first report; None if there is none."""
    text = path.read_text(errors="replace")
    m = re.search(r"WARNING: possible (recursive|circular) locking (?:detected|dependency detected)", text)
    if not m:
        return None
    wanted = re.search(r"is trying to acquire lock:\n.*?\((.+?)\)\{", text[m.start():])
    return m[1], re.sub(r"(#\d+)?(/\d+)?$", "", wanted[1]) if wanted else ""


def share(part, whole):
    return 100.0 if not whole else 100.0 * part / whole


def show(title, things, verbose):
    for thing in sorted(things)[:None if verbose else 10]:
        print(f"    {title}: {' -> '.join(thing) if isinstance(thing, tuple) else thing}")
    if len(things) > 10 and not verbose:
        print(f"    {title}: and {len(things) - 10} more (-v)")


def is_tracer(thing):
    return any(TRACER.search(name) for name in (thing if isinstance(thing, tuple) else (thing,)))


def is_forgotten(thing):
    return any(FORGOTTEN.search(name) for name in (thing if isinstance(thing, tuple) else (thing,)))


def compare(snapshots, ours, verbose):
    """Print the comparison; True if precision is full."""
    classes0, edges0 = read_lockdep(snapshots / "before" / "lockdep")
    classes1, edges1 = read_lockdep(snapshots / "after" / "lockdep")
    known_classes, known_edges = read_lockdep(snapshots / "end" / "lockdep")
    known_pairs = known_edges | edges1 | pairs_of(read_chains(snapshots / "end" / "chains"))
    our_classes, our_edges = ours

    new = set(classes1) - set(classes0), edges1 - edges0
    seen = our_classes, our_edges
    wrong = our_classes - set(known_classes) - set(classes1), our_edges - known_pairs
    full = True
    # A report lists only classes that are part of an order.
    alone = new[0] - seen[0] - {name for edge in edges1 for name in edge}
    for what, new, seen, wrong in zip(("classes", "edges"), new, seen, wrong):
        tracer = set(filter(is_tracer, new))
        gone = set(filter(is_forgotten, wrong))
        new = new - tracer - alone
        missed, wrong, wanted = new - seen, wrong - gone, len(new)
        print(f"{what}: {len(seen)} seen, {wanted} new to lockdep during the trace")
        print(f"  recall {share(wanted - len(missed), wanted):.2f} %, {len(missed)} missed, "
              f"precision {share(len(seen) - len(wrong), len(seen)):.2f} %")
        show("missed", missed, verbose)
        show("wrong", wrong, verbose)
        show("left out, the tracer's own", tracer, verbose)
        show("forgotten by lockdep", gone, verbose)
        full &= not wrong
    show("left out, classes that were taken with nothing held only", alone, verbose)
    print(f"  {len(our_edges - known_edges - edges1)} edges known to lockdep by its chains alone")
    return full


def compare_verdict(dmesg, findings):
    verdict = first_verdict(dmesg)
    if not verdict:
        print("verdict: lockdep reports nothing")
        return True
    kind, lock = verdict
    kinds = {"recursive": {"recursive", "rw-upgrade"}, "circular": {"circular"}}[kind]
    same = [f for f in findings if f["kind"] in kinds and lock in json.dumps(f)]
    print(f"verdict: lockdep reports {kind} on {lock}: {'seen' if same else 'MISSED'}")
    return bool(same)


def main(args):
    verbose, verdict = "-v" in args, "--verdict" in args
    paths = [Path(a) for a in args if not a.startswith("-")]
    if len(paths) not in ((2,) if verdict else (2, 3)):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        if verdict:
            return 0 if compare_verdict(paths[1], read_report(paths[0])[2]) else 1
        classes, edges, findings = read_report(paths[1])
        good = compare(paths[0], (classes, edges), verbose)
        if len(paths) == 3:
            good &= compare_verdict(paths[2], findings)
    except (OSError, ValueError, KeyError) as e:
        print(f"lockdep_compare.py: {e!r}", file=sys.stderr)
        return 2
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
