# SPDX-License-Identifier: GPL-2.0-only
"""Cost in instructions, in guests under qemu -icount, where it is the same each time.

One guest runs the loops of loops.c, twice, without a tracer, under each kind of tracer, and
without one again (the control); a second guest, with a kernel built with PROVE_LOCKING, runs them
without a tracer. A figure is the median over the repeats of what an iteration took, all
that the only processor did meanwhile: the tracer's user side is part of it.
"""
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import benchlib as b

VM = os.path.join(b.TOP, "tools", "vm", "vm")
TOOLS = os.path.join(b.BUILD, "tests", "bench")
PEERS = os.path.join(b.BUILD, "bench", "peers")

# What guest-bench.sh knows: kind, words, the program that it needs beside lockscope.
KINDS = [
    ("none", "no tracer", None),
    ("floor", "empty fentry, no spinlocks", None),
    ("floor-spin", "empty fentry", None),
    ("contention-no-stacks", "contention tier, --no-stacks", None),
    ("contention", "contention tier", None),
    ("order", "order tier, --no-spin", None),
    ("order-holds", "... --hold-times", None),
    ("order-multi", "... --attach kprobe.multi", None),
    ("order-kprobe", "... --attach kprobe", None),
    ("order-spin", "order tier, --spin", None),
    ("all", "lockscope run", None),
    ("klockstat", "klockstat (mutex, rwsem)", "klockstat"),
    ("bpftrace", "bpftrace, wait and hold (mutex, rwsem)", "bpftrace"),
    ("bpftrace-spin", "bpftrace, hold (spinlock)", "bpftrace"),
    ("bpftrace-wait", "bpftrace, contention tracepoints", "bpftrace"),
    ("perf", "perf lock contention -b", "perf"),
    ("none-again", "no tracer again (control)", None),
]
LOCKDEP = ("lockdep", "PROVE_LOCKING kernel, no tracer")
WORDS = dict([(k, w) for k, w, _ in KINDS] + [LOCKDEP])

# kind, base, limit, loops: what the first adds is at most so much of what the second adds.
SLEEPING = ("pipe", "getdents", "mmap", "rename")
GOALS = [
    ("order", "klockstat", 1 / 5, SLEEPING),
    ("order", "lockdep", 1 / 3, SLEEPING),
    ("order-spin", "lockdep", 1 / 3, ("pipe", "getdents", "mmap", "rename", "futex")),
    ("contention", "perf", 1.0, ("wait",)),
]
# kind, limit, loops: it takes at most so many times what no tracer takes.
SLOWDOWNS = [("order", 1.05, ("hackbench",)), ("order-spin", 1.15, ("hackbench",))]


def parse(text):
    """{loop: [instructions per iteration of each repeat]} of what loops printed."""
    loops = {}
    for line in text.splitlines():
        name, iterations, *took = line.split()
        if not took:
            raise ValueError(f"loops printed '{line}'")
        loops[name] = [int(t) / int(iterations) for t in took]
    return loops


def medians(loops):
    return {name: statistics.median(took) for name, took in loops.items()}


def peer(name):
    """Where a program is, or None: as `peers` has built it, else as it is installed."""
    built = os.path.join(PEERS, name)
    return built if os.access(built, os.X_OK) else shutil.which(name)


def can_run(program):
    """A perf without BPF programs inside is of no use."""
    path = peer(program)
    if path and program == "perf":
        options = subprocess.run([path, "version", "--build-options"], capture_output=True, text=True, check=False)
        return "bpf_skeletons: [ on" in options.stdout
    return bool(path)


def run_guest(kernel, kinds, loop_options, timeout):
    """Run the kinds in one guest: ({kind: {loop: [...]}}, {kind: why not})."""
    files = [f"{b.HERE}:/bench", f"{TOOLS}/loops:/bin/loops", f"{TOOLS}/floor:/bin/floor"]
    programs = sorted({p for k, _, p in KINDS if p and k in kinds})
    files += [f"{peer(p)}:/bin/{p}" for p in programs]
    # bpftrace and perf bring LLVM.
    argv = [VM, "run", "--icount", "--timeout", str(timeout), "--mem", "3G" if programs else "1G"]
    with tempfile.TemporaryDirectory() as out:
        for f in files:
            argv += ["--file", f]
        argv += ["--out", out, kernel, "--", "/bench/guest-bench.sh", loop_options, *kinds]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"guest {kernel}: exit status {done.returncode}\n{done.stderr}")
        got = {k: b.read(os.path.join(out, k)) for k in kinds}
        said = {k: b.read(os.path.join(out, k + ".err")).strip() for k in kinds}
    return ({k: parse(t) for k, t in got.items() if t},
            {k: said[k] or "no figures, and no word why" for k, t in got.items() if not t})


def added(figures, kind, loop):
    """What a kind adds to an iteration of a loop, in instructions; None where it was not measured."""
    if loop not in figures.get(kind, {}) or loop not in figures.get("none", {}):
        return None
    return figures[kind][loop] - figures["none"][loop]


def table(figures):
    """Lines of two tables in Markdown: instructions of an iteration, and as a multiple of no tracer's."""
    loops = list(figures["none"])
    rule = "|---|" + "---|" * len(loops)
    kinds = [k for k in WORDS if k in figures]
    lines = ["| instructions per iteration | " + " | ".join(loops) + " |", rule]
    for k in kinds:
        lines.append(f"| {WORDS[k]} | " + " | ".join(f"{figures[k][l]:,.0f}" if l in figures[k] else "-" for l in loops) + " |")
    lines += ["", "| no tracer = 1 | " + " | ".join(loops) + " |", rule]
    for k in kinds:
        if k != "none":
            lines.append(f"| {WORDS[k]} | " + " | ".join(
                f"{figures[k][l] / figures['none'][l]:.2f}" if l in figures[k] else "-" for l in loops) + " |")
    return lines


def goals(figures):
    """Rows (what, value, target) for what was measured."""
    rows = []
    for kind, base, limit, loops in GOALS:
        for loop in loops:
            ours, theirs = added(figures, kind, loop), added(figures, base, loop)
            if ours is not None and theirs and theirs > 0:
                rows.append((f"{loop}: {kind} adds, of what {base} adds", ours / theirs, limit))
    for kind, limit, loops in SLOWDOWNS:
        for loop in loops:
            if added(figures, kind, loop) is not None:
                rows.append((f"{loop}: {kind} / none", figures[kind][loop] / figures["none"][loop], limit))
    return rows


def measure(kernel, lockdep_kernel, loop_options="-r 5", timeout=7200, only=None):
    """All kinds that can be had: (raw figures, {kind: why it is missing})."""
    kinds = [k for k, _, p in KINDS if (not p or can_run(p)) and (not only or k in only or k == "none")]
    missing = {k: f"no program {p} that can do it; see tools/bench/peers"
               for k, _, p in KINDS if k not in kinds and not (only and k not in only)}
    raw, failed = run_guest(kernel, kinds, loop_options, timeout)
    if lockdep_kernel:
        more, why = run_guest(lockdep_kernel, ["lockdep"], loop_options, timeout)
        raw.update(more)
        failed.update(why)
    return raw, {**missing, **failed}


def bench(t, opts):
    """The part "guest" of tools/bench/run."""
    kernel = opts.kernel
    only = opts.kinds.split(",") if opts.kinds else None
    lockdep = kernel + "-lockdep" if kernel == "6.12" and (not only or "lockdep" in only) else None
    try:
        raw, missing = measure(kernel, lockdep, only=only)
    except RuntimeError as e:
        print(f"guest: not measured: {e}", file=sys.stderr)
        return
    figures = {k: medians(loops) for k, loops in raw.items()}
    print("\n".join(table(figures)))
    for kind, why in missing.items():
        print(f"{WORDS[kind]}: not measured: {why.splitlines()[-1]}")
    for what, value, limit in goals(figures):
        t.add(what, value, "x", f"<= {limit:.2f}", lambda v, most=limit: v <= most)
    t.rows.append({"what": "guest", "kernel": kernel, "instructions": raw, "missing": missing})
