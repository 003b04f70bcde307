# SPDX-License-Identifier: GPL-2.0-only
"""report.py REPORT RESULT: judge a JSON report against what the workload measured.

stdin has lines `description :: expression`; for each, `ok<TAB>description` or
`fail<TAB>description` is printed, then `diag<TAB>text` lines that say why. Names in
an expression:

  R, C          the report and the workload's result, as parsed
  rows          the contention rows, as they are ranked; integers are integers
  pick(...)     rows by substring: type=, caller=, lock=, comm=, ... (a list of
                alternatives is fine)
  waits(TYPE)   rows of a type, but for mmap_lock, which any thread may meet in passing
  count(x), total(x)   sums over rows x
  first         rows[0], or an empty row
  holder, waiters, tids   threads of the workload
  near(a, b, part)        |a - b| <= part * b
  part                    how far totals may be off what the waiters measured: 2 %, in guests,
                          where an instruction takes many times longer, 10 %
  rt                      is it PREEMPT_RT? (rows are then given as on any other kernel)
  loss(counter)           its count among losses and notes, 0 when it is not there
  nothing_lost            complete, or no more is missing than what a few programs that the kernel
                          skipped (recursion: an interrupt came upon one) explain
"""
import json
import os
import sys

KERNEL_NUMBERS = ("count", "total_ns", "avg_ns", "max_ns", "min_ns", "p50_ns", "p95_ns", "p99_ns",
                  "waiting", "tid", "pid", "tgid", "instances")


class Row(dict):
    """A row; a missing field is None, so that expressions can ask for it."""
    __getattr__ = dict.get


def is_rt(report):
    return any("-rt-" in str(x.get("kernel", "")) for x in [report] + report.get("sources", []))


def from_rt(rows):
    """Rows of a PREEMPT_RT kernel as those of any other.

    There a mutex is an rt_mutex, and a rwsem has one inside: writers wait for that one
    first and then, one at a time, for the readers to leave; readers wait for it within
    their wait for the writer (kernel/locking/rwbase_rt.c).
    """
    merged = {}
    for row in rows:
        inside = " ".join(row.stack or [])
        if row.type == "rtmutex" and "rwbase_read_lock" in inside:
            continue
        kind = {"rwlock-rt:R": "rwsem:R", "rwlock-rt:W": "rwsem:W"}.get(row.type, row.type)
        if row.type == "rtmutex":
            kind = "rwsem:W" if "rwbase_write_lock" in inside else "mutex"
        row["type"] = kind
        if "rwsem" in kind and row.lock == "&mm_struct":
            row["lock"] = "&mm->mmap_lock"
        first = merged.setdefault((kind, row.caller, row.lock), row)
        if first is not row:
            first["count"] += row.count
            first["total_ns"] += row.total_ns
    return sorted(merged.values(), key=lambda r: -r.total_ns)


def number(value):
    return int(value) if isinstance(value, str) and value.lstrip("-").isdigit() else value


def to_row(raw):
    row = Row({k: number(v) if k in KERNEL_NUMBERS else v for k, v in raw.items()})
    for key in ("owner", "task"):
        if isinstance(row.get(key), dict):
            row[key] = to_row(row[key])
    return row


def load(path):
    with open(path, encoding="utf-8") as f:
        text = f.read()
    return json.loads(text) if text.strip() else {}


def matches(row, wanted):
    for key, value in wanted.items():
        options = value if isinstance(value, (list, tuple)) else [value]
        have = row.get(key)
        if have is None or not any(str(o) in str(have) for o in options):
            return False
    return True


def names(report, result):
    rows = [to_row(r) for r in report.get("contention", [])]
    rt = is_rt(report)
    if rt:
        rows = from_rt(rows)
    threads = [Row(t) for t in result.get("threads", [])]
    of_skipped = ("recursion", "stale-wait", "unmatched-end")
    losses = {l["counter"]: int(l["count"]) for k in ("loss", "notes") for l in report.get(k, [])}
    return {
        "R": report, "C": Row(result), "rows": rows, "first": rows[0] if rows else Row(),
        "pick": lambda **w: [r for r in rows if matches(r, w)],
        "waits": lambda kind: [r for r in rows if kind in r.type and "mmap_lock" not in str(r.lock)],
        "count": lambda x: sum(r.count for r in x),
        "total": lambda x: sum(r.total_ns for r in x),
        "holder": next((t for t in threads if t.comm == "lk-holder"), Row()),
        "waiters": [t for t in threads if t.comm.startswith("lk-wait")],
        "tids": [t.tid for t in threads],
        "near": lambda a, b, part: abs(a - b) <= part * b,
        "rt": rt, "part": 0.1 if os.environ.get("LIVE_RESULTS") else 0.02, "loss": lambda counter: losses.get(counter, 0),
        "nothing_lost": report.get("complete") is True or (
            0 < losses.get("recursion", 0) <= 5 and not report.get("shed") and
            all(l["counter"] in of_skipped for l in report.get("loss", [])) and
            losses.get("stale-wait", 0) + losses.get("unmatched-end", 0) <= losses["recursion"]),
    }


def short(rows):
    keep = ("lock", "type", "caller", "comm", "tid", "count", "total_ns", "max_ns", "owner", "cgroup")
    for row in rows[:6]:
        yield "  " + ", ".join(f"{k}={row[k]}" for k in keep if row.get(k) is not None)


def main():
    try:
        report, result = load(sys.argv[1]), load(sys.argv[2])
        known = names(report, result)
        broken = None
    except (OSError, ValueError, KeyError, TypeError) as e:
        known, broken = {}, f"cannot read {sys.argv[1]} or {sys.argv[2]}: {e!r}"
    failed = False
    for line in sys.stdin:
        if "::" not in line:
            continue
        what, expression = (p.strip() for p in line.split("::", 1))
        try:
            good, why = (False, broken) if broken else (eval(expression, known), None)
        except Exception as e:		# a missing field is a failed test, not a crash
            good, why = False, repr(e)
        print(f"{'ok' if good else 'fail'}\t{what}")
        if good:
            continue
        print(f"diag\t{expression}" + (f": {why}" if why else ""))
        if known and not failed:
            failed = True
            print(f"diag\tworkload: {json.dumps(result)[:900]}")
            print(f"diag\tcomplete={report.get('complete')} loss={report.get('loss')}; first rows:")
            for text in short(known["rows"]):
                print("diag\t" + text)


if __name__ == "__main__":
    main()
