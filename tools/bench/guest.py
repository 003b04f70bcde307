# SPDX-License-Identifier: GPL-2.0-only
"""Cost in instructions, in guests under qemu -icount, where it is the same each time.

One guest runs the loops of loops.c, or what users run (the file jobs), twice, without a tracer,
under each kind of tracer, and without one again (the control); a second guest, with a kernel
built with PROVE_LOCKING, runs them without a tracer. A figure is the median over the repeats of
what an iteration took, all that the only processor did meanwhile: the tracer's user side is part
of it. The part "budget" follows lockscope with its default budget from its start.
"""
import json
import os
import re
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
    ("klockstat-bcc", "klockstat in Python (mutex)", "klockstat-bpfcc"),
    ("bpftrace", "bpftrace, wait and hold (mutex, rwsem)", "bpftrace"),
    ("bpftrace-spin", "bpftrace, hold (spinlock)", "bpftrace"),
    ("bpftrace-wait", "bpftrace, contention tracepoints", "bpftrace"),
    ("perf", "perf lock contention -b", "perf"),
    ("none-again", "no tracer again (control)", None),
]
LOCKDEP = ("lockdep", "PROVE_LOCKING kernel, no tracer")
# With the default budget: kind, words, and what it comes to in the end, at most so many times what no tracer takes.
BUDGETS = [("order-budget", "order tier, --no-spin", 1.05), ("all-budget", "lockscope run", 1.15)]
ROUNDS = 10	# of which the median is shown
TIMEOUT = 7200	# seconds, for a guest
WORDS = dict([(k, w) for k, w, _ in [*KINDS, *BUDGETS]] + [LOCKDEP])

# What "guest" measures, and "jobs"; the rest of that is in the file jobs, with the program that it starts.
LOOPS = ("pipe", "getdents", "mmap", "rename", "futex", "file", "fork", "messages", "hackbench", "wait")
JOB_LOOPS = ("walk",)
JOBS = os.path.join(b.HERE, "jobs")
JOB_KINDS = ("none", "contention", "order", "order-holds", "order-spin", "all", "klockstat", "none-again")

# kind, other, limit, loops: what the first adds is at most so much of what the second adds.
SLEEPING = ("pipe", "getdents", "mmap", "rename")
GOALS = [
    ("order", "klockstat", 1 / 5, SLEEPING),
    ("order", "klockstat-bcc", 1 / 5, ("pipe",)),
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
    """A perf without BPF programs inside is of no use, nor is a script without what it imports."""
    path = peer(program)
    if path and program == "klockstat-bpfcc":
        return not subprocess.run(["/usr/bin/python3", "-c", "import bcc"], capture_output=True, check=False).returncode
    if path and program == "perf":
        options = subprocess.run([path, "version", "--build-options"], capture_output=True, text=True, check=False)
        return "bpf_skeletons: [ on" in options.stdout
    return bool(path)


def jobs():
    """{name: the program that it starts}, of the file jobs."""
    lines = (line.split() for line in b.read(JOBS).splitlines() if line and not line.startswith("#"))
    return {name: program for name, program, *_ in lines}


def job_files(programs, folder):
    """What these programs need in a guest, for --file: each at its own path, by which gcc finds its parts."""
    paths = [shutil.which(p) for p in programs]
    made = []
    if "gcc" in programs:
        unit = os.path.join(folder, "unit.i")
        subprocess.run(["gcc", "-D_GNU_SOURCE", "-E", "-o", unit, os.path.join(b.HERE, "loops.c")], check=True)
        parts = [subprocess.run(["gcc", f"-print-prog-name={part}"], capture_output=True, text=True, check=True)
                 .stdout.strip() for part in ("cc1", "as")]
        paths += [shutil.which(part) for part in parts]
        made.append(f"{unit}:/jobs/unit.i")
    return [f"{path}:{path}" for path in paths] + made


def ask_vm(*words):
    """What tools/vm/vm prints."""
    return subprocess.run([VM, *words], capture_output=True, text=True, check=True).stdout.strip()


def libraries(path):
    """A shared library, and those that it needs."""
    needed = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
    return [path, *re.findall(r"/[^ ]+", needed)]


def bcc_files(kernel):
    """What a tool of Debian's bpfcc-tools needs in a guest, for --file: Python, libbcc, and the kernel's headers."""
    paths = subprocess.run(["/usr/bin/python3", "-c",
                            "import _ctypes, bcc.libbcc as l, os, sysconfig\n"
                            "lib = sysconfig.get_config_var('LIBDIR')\n"
                            "print(sysconfig.get_path('stdlib'), os.path.dirname(l.__file__), _ctypes.__file__,"
                            " lib + '/librt.so.1', lib + '/' + l.lib._name)"],
                           capture_output=True, text=True, check=True).stdout.split()
    files = [f"{p}:{p}" for p in ["/usr/bin/python3", *paths[:2], *(l for p in paths[2:] for l in libraries(p))]]
    build, release = ask_vm("headers", kernel), ask_vm("release", kernel)
    arch = os.listdir(f"{build}/arch")[0]
    for name, tree in (("build", build), ("source", f"{build.rpartition('-')[0]}-common")):
        files += [f"{tree}/{part}:/lib/modules/{release}/{name}/{part}" for part in ("include", f"arch/{arch}")]
    return files


def run_guest(kernel, kinds, loop_options, timeout, job_programs=()):
    """Run the kinds in one guest: ({kind: {loop: [...]}}, {kind: why not})."""
    files = [f"{b.HERE}:/bench", f"{TOOLS}/loops:/bin/loops", f"{TOOLS}/floor:/bin/floor"]
    programs = sorted({p for k, _, p in KINDS if p and k in kinds})
    files += [f"{peer(p)}:/bin/{p}" for p in programs]
    if "klockstat-bcc" in kinds:
        files += bcc_files(kernel)
    # bpftrace, perf and bcc bring LLVM.
    argv = [VM, "run", "--icount", "--timeout", str(timeout), "--mem", "3G" if programs or job_programs else "1G"]
    with tempfile.TemporaryDirectory() as out, tempfile.TemporaryDirectory() as made:
        for f in files + job_files(job_programs, made):
            argv += ["--file", f]
        argv += ["--out", out, kernel, "--", "/bench/guest-bench.sh", loop_options, *kinds]
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"guest {kernel}: exit status {done.returncode}\n{done.stderr}")
        got = {k: b.read(os.path.join(out, k)) for k in kinds}
        said = {k: b.read(os.path.join(out, k + ".err")).strip() for k in kinds}
    return ({k: parse(t) for k, t in got.items() if t},
            {k: said[k] or "no figures, and no word why" for k, t in got.items() if not t})


def base(figures, bases, kind):
    """What the loops took without a tracer in the guest that a kind ran in; @bases: where that was another than now."""
    return (bases or {}).get(kind, figures.get("none", {}))


def added(figures, kind, loop, bases=None):
    """What a kind adds to an iteration of a loop, in instructions; None where it was not measured."""
    if loop not in figures.get(kind, {}) or loop not in base(figures, bases, kind):
        return None
    return figures[kind][loop] - base(figures, bases, kind)[loop]


def table(figures, bases=None):
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
                f"{figures[k][l] / base(figures, bases, k)[l]:.2f}" if l in figures[k] else "-" for l in loops) + " |")
    return lines


def goals(figures, bases=None):
    """Rows (what, value, target) for what was measured."""
    rows = []
    for kind, other, limit, loops in GOALS:
        for loop in loops:
            ours, theirs = added(figures, kind, loop, bases), added(figures, other, loop, bases)
            if ours is not None and theirs and theirs > 0:
                rows.append((f"{loop}: {kind} adds, of what {other} adds", ours / theirs, limit))
    for kind, limit, loops in SLOWDOWNS:
        for loop in loops:
            if added(figures, kind, loop, bases) is not None:
                rows.append((f"{loop}: {kind} / none", figures[kind][loop] / base(figures, bases, kind)[loop], limit))
    return rows


def rounds(figures, raw, bases=None):
    """{kind: medians of each ROUNDS rounds of hackbench, no tracer = 1}, of those with a budget."""
    shown = {}
    for kind, _, _ in BUDGETS:
        took = raw.get(kind, {}).get("hackbench", [])
        if took:
            none = base(figures, bases, kind)["hackbench"]
            shown[kind] = [statistics.median(took[i:i + ROUNDS]) / none for i in range(0, len(took), ROUNDS)]
    return shown


def budget_table(shown):
    """Lines of a table in Markdown, of what rounds() says."""
    starts = range(0, ROUNDS * max(map(len, shown.values()), default=0), ROUNDS)
    lines = ["| no tracer = 1; rounds from | " + " | ".join(map(str, starts)) + " |", "|---|" + "---|" * len(starts)]
    return lines + [f"| {WORDS[k]} | " + " | ".join(f"{v:.2f}" for v in each) + " |" for k, each in shown.items()]


def budget_goals(shown):
    """As goals(), of the last rounds."""
    return [(f"hackbench, last {ROUNDS} rounds: {k} / none", shown[k][-1], limit) for k, _, limit in BUDGETS if k in shown]


def measure(kernel, lockdep_kernel, loop_options, only=None, job_programs=()):
    """All kinds that can be had: (raw figures, {kind: why it is missing})."""
    kinds = [k for k, _, p in KINDS if (not p or can_run(p)) and (not only or k in only or k == "none")]
    missing = {k: f"no program {p} that can do it; see tools/bench/peers"
               for k, _, p in KINDS if k not in kinds and not (only and k not in only)}
    raw, failed = run_guest(kernel, kinds, loop_options, TIMEOUT, job_programs)
    if "none" in failed:
        raise RuntimeError(f"guest {kernel}: without a tracer: {failed['none']}")
    if lockdep_kernel:
        more, why = run_guest(lockdep_kernel, ["lockdep"], loop_options, TIMEOUT, job_programs)
        raw.update(more)
        failed.update(why)
    return raw, {**missing, **failed}


def measure_loops(opts, only):
    lockdep = opts.kernel + "-lockdep" if opts.kernel == "6.12" and (not only or "lockdep" in only) else None
    return measure(opts.kernel, lockdep, "-r 5 " + " ".join(LOOPS), only)


def measure_jobs(opts, only):
    """Jobs whose program is not installed here are left out, which is said."""
    have = {name: program for name, program in jobs().items() if shutil.which(program)}
    for name, program in jobs().items():
        if name not in have:
            print(f"{name}: not measured: no program {program}", file=sys.stderr)
    options = "-r 3 -f /bench/jobs " + " ".join((*JOB_LOOPS, *have))
    return measure(opts.kernel, None, options, only or JOB_KINDS, sorted(set(have.values())))


def measure_budget(opts, only):
    kinds = [k for k, _, _ in BUDGETS if not only or k in only]
    return run_guest(opts.kernel, ["none", *kinds], f"-r {ROUNDS} hackbench", TIMEOUT)


MEASURES = {"guest": measure_loops, "jobs": measure_jobs, "budget": measure_budget}


def results(part, raw, bases=None):
    """What a part shows of its figures: lines of its tables, and what goals() says."""
    figures = {k: medians(loops) for k, loops in raw.items()}
    if part == "budget":
        shown = rounds(figures, raw, bases)
        return budget_table(shown), budget_goals(shown)
    return table(figures, bases), goals(figures, bases) if part == "guest" else []


def goal_lines(goals_seen):
    """The same as table() for the goals."""
    rows = [f"| {what} | {value:.2f} | {limit:.2f} | {'met' if value <= limit else 'missed'} |"
            for what, value, limit in goals_seen]
    return ["", "| goal | ratio | at most | |", "|---|---|---|---|", *rows] if rows else []


def keep(part, kernel, raw):
    """
    Put figures in the place of those that tools/bench keeps of a kernel, kind by kind, each with what ran without a
    tracer in the same run; and in the README's tables, which are of 6.12: between two comments with the part's name.
    """
    path = os.path.join(b.HERE, f"guest-{kernel}.json")
    kept = json.loads(b.read(path) or "{}")
    kept.setdefault(part, {}).update(raw)
    bases = kept.setdefault("bases", {}).setdefault(part, {})
    bases.update({k: medians(raw["none"]) for k in raw})
    for name in {kernel, *(f"{kernel}-lockdep" for k in raw if k == LOCKDEP[0])}:
        kept.setdefault("releases", {})[name] = ask_vm("release", name)
    with open(path, "w", encoding="utf-8") as f:
        json.dump(kept, f)
        f.write("\n")
    if kernel != "6.12":
        return
    lines, seen = results(part, kept[part], bases)
    lines += goal_lines(seen)
    readme = os.path.join(b.HERE, "README.md")
    text, n = re.subn(f"(<!-- {part} -->\n).*?(<!-- /{part} -->)", lambda m: m[1] + "\n".join(lines) + "\n" + m[2],
                      b.read(readme), flags=re.S)
    if n != 1:
        raise RuntimeError(f"{readme} has no place for the tables of {part}")
    with open(readme, "w", encoding="utf-8") as f:
        f.write(text)


def bench(t, opts, part="guest"):
    """The parts "guest", "jobs" and "budget" of tools/bench/run."""
    only = opts.kinds.split(",") if opts.kinds else None
    try:
        raw, missing = MEASURES[part](opts, only)
    except RuntimeError as e:
        print(f"{part}: not measured: {e}", file=sys.stderr)
        return
    lines, seen = results(part, raw)
    print("\n".join(lines))
    for kind, why in missing.items():
        print(f"{WORDS[kind]}: not measured: {why.splitlines()[-1]}")
    for what, value, limit in seen:
        t.add(what, value, "x", f"<= {limit:.2f}", lambda v, most=limit: v <= most)
    t.rows.append({"what": part, "kernel": opts.kernel, "instructions": raw, "missing": missing})
    if opts.keep:
        keep(part, opts.kernel, raw)


def bench_jobs(t, opts):
    bench(t, opts, "jobs")


def bench_budget(t, opts):
    bench(t, opts, "budget")
