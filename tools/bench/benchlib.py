# SPDX-License-Identifier: GPL-2.0-only
"""What the benchmarks share: starting tracers and workloads, statistics, the machine.

A tracer is ready when the kernel shows it attached (fdinfo of its links) or when it
says so itself; nothing here sleeps for a guessed time. Costs are taken from the
kernel's own accounting of the child (wait4), times from the workload itself.
"""
import glob
import json
import os
import random
import signal
import statistics
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
BUILD = os.environ.get("BUILD", os.path.join(TOP, "build"))
LOCKSCOPE = os.environ.get("LOCKSCOPE", os.path.join(BUILD, "lockscope"))
CONTEND = os.environ.get("CONTEND", os.path.join(BUILD, "tests", "contend"))
SCRIPTS = {"bpftrace": [], "bpftrace same": [os.path.join(HERE, "same.bt")]}
OBSERVER = os.path.join(TOP, "tests", "live", "lib", "observer")


def wait_for(condition, what, seconds=20.0):
    """Poll until condition() is true; its value. RuntimeError at the deadline."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise RuntimeError("timeout: " + what)
        time.sleep(0.005)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as f:
            return f.read()
    except OSError:
        return ""


def fdinfos(pid):
    return [read(p) for p in glob.glob(f"/proc/{pid}/fdinfo/*")]


def attached(pid):
    """Both contention hooks of the process are attached, and it waits."""
    names = "".join(t for t in fdinfos(pid) if "link_type" in t)
    state = read(f"/proc/{pid}/stat").rpartition(")")[2].split()[:1]
    return "contention_begin" in names and "contention_end" in names and state == ["S"]


class Tracer:
    """A tracer that runs while the with block does: None, "lockscope",
    "bpftrace" (sums per thread) or "bpftrace same" (as much as lockscope gathers)."""

    def __init__(self, kind, *options):
        self.kind, self.options, self.proc = kind, options, None

    def __enter__(self):
        if self.kind == "lockscope":
            self.proc = subprocess.Popen([LOCKSCOPE, "run", *self.options], stdin=subprocess.DEVNULL,
                                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_for(lambda: self.alive() and attached(self.proc.pid), "lockscope did not attach")
        elif self.kind in SCRIPTS:
            self.proc = subprocess.Popen([OBSERVER, "0", *SCRIPTS[self.kind]], stdin=subprocess.DEVNULL,
                                         stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            for line in self.proc.stdout:
                if b"ready" in line:
                    break
            else:
                raise RuntimeError("bpftrace did not attach")
        return self

    def alive(self):
        if self.proc.poll() is not None:
            raise RuntimeError(f"{self.kind} exited with {self.proc.returncode}")
        return True

    def __exit__(self, *exc):
        if self.proc:
            self.proc.send_signal(signal.SIGINT)
            try:
                self.proc.communicate(timeout=60)
            except subprocess.TimeoutExpired:
                self.proc.kill()
                self.proc.communicate()


def run_counted(argv, **kw):
    """Run a command: (stdout, seconds, rusage). RuntimeError unless it exits with 0."""
    start = time.monotonic()
    proc = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, **kw)
    out = proc.stdout.read()
    proc.stdout.close()
    _, status, usage = os.wait4(proc.pid, 0)
    proc.returncode = os.waitstatus_to_exitcode(status)
    if proc.returncode:
        raise RuntimeError(f"{argv[0]} exited with {proc.returncode}")
    return out, time.monotonic() - start, usage


def go_ahead():
    """Ahead of whatever else runs on this machine, where we may."""
    try:
        os.nice(-20)
    except PermissionError:
        pass


def contend(args):
    """One run of the workload: seconds of work by its own clock, CPU seconds, its result."""
    out, _, usage = run_counted([CONTEND, *args], preexec_fn=go_ahead)
    result = json.loads(out)
    return result["elapsed_ns"] / 1e9, usage.ru_utime + usage.ru_stime, result


def program_costs(pid):
    """{id: (ns, runs)} of the BPF programs of a process; needs kernel.bpf_stats_enabled."""
    costs = {}
    for info in fdinfos(pid):
        f = {k: v.strip() for k, _, v in (l.partition(":") for l in info.split("\n"))}
        if "run_time_ns" in f:
            costs[f["prog_id"]] = (int(f["run_time_ns"]), int(f["run_cnt"]))
    return costs


class BpfStats:
    """The kernel times BPF programs while the with block runs (some 50 ns each time)."""
    PATH = "/proc/sys/kernel/bpf_stats_enabled"

    def __enter__(self):
        self.before = read(self.PATH).strip()
        self.write("1")

    def write(self, value):
        with open(self.PATH, "w", encoding="ascii") as f:
            f.write(value)

    def __exit__(self, *exc):
        self.write(self.before)


def spread(values):
    """Half the interquartile range over the median: 0.01 = the runs differ by about 1 %."""
    q = statistics.quantiles(values, n=4) if len(values) > 1 else [values[0]] * 3
    return (q[2] - q[0]) / 2 / q[1] if q[1] else 0.0


def ratio(base, other, rounds=2000, seed=1):
    """Ratio of medians of paired runs, with a 95 % bootstrap interval over the pairs."""
    rng = random.Random(seed)
    pairs = list(zip(base, other))
    value = statistics.median(other) / statistics.median(base)
    boot = []
    for _ in range(rounds):
        pick = [rng.choice(pairs) for _ in pairs]
        boot.append(statistics.median(p[1] for p in pick) / statistics.median(p[0] for p in pick))
    boot.sort()
    return {"ratio": value, "low": boot[int(rounds * 0.025)], "high": boot[int(rounds * 0.975)],
            "spread_base": spread(base), "spread_other": spread(other), "pairs": len(pairs)}


def steal_seconds():
    """Seconds that the hypervisor gave to others, all CPUs, since boot."""
    return int(read("/proc/stat").split("\n")[0].split()[8]) / os.sysconf("SC_CLK_TCK")


def counts_instructions():
    """Can this machine count retired instructions?"""
    try:
        done = subprocess.run(["perf", "stat", "-x,", "-e", "instructions", "true"],
                              capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.returncode == 0 and "not supported" not in done.stderr


def machine():
    model = [l.split(":")[1].strip() for l in read("/proc/cpuinfo").split("\n") if l.startswith("model name")]
    return {"kernel": os.uname().release, "cpu": model[0] if model else os.uname().machine,
            "cpus": os.cpu_count(), "load": os.getloadavg()[0],
            "instructions_countable": counts_instructions()}
