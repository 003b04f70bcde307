# SPDX-License-Identifier: GPL-2.0-only
"""Judge what lockscope said of the lock fixtures in a guest. Prints `ok`, `fail` or `diag`, a tab and text.

  order_check.py silent RUN            nothing said of the fixture, though its locks were seen
  order_check.py bugs RUN SCENARIO...  the finding that tests/kmod/order.tsv has for each
  order_check.py deadlock RUN SCENARIO the same, from the output RUN.out of a guest that was lost
  order_check.py known RUN STATE       of the known bugs in known.txt the first got that far and the other nowhere
  order_check.py latency RUN           how long after its acquisition each finding was out
  order_check.py budget RUN            findings on a clean machine: none that is certain
  order_check.py soak FILE             memory and cost of a long run stay what they are
  order_check.py names RUN             how many acquisitions are of a lock that has a name (--sample)

RUN is the beginning of the names of its files: see guest-order.sh and guest-stress.sh. --kmod is the folder of the
tables.
"""
import argparse
import json
import os
import re
import statistics
import sys

SEVERITIES = ("possible", "likely", "certain", "deadlock")
LATENCY_MS = 50
EMULATED = 3		# times that, where a guest is emulated and shares its processors with other tests
HANDFUL = 5		# findings that are not certain, on a clean machine
# Locks of the silent runs that must be among the classes: silence is worth nothing from one who saw nothing.
SEEN = ("order_a", "order_b", "guard_gate", "guard_a", "guard_b", "trylock_a", "trylock_b", "ooo_a", "ooo_c",
        "downgrade_b", "other_mutex", "reuse_other", "cpuhp_state_mutex", "device_domain_lock")

def ok(good, name, *why):
    print(f"{'ok' if good else 'fail'}\t{name}")
    if not good:
        for line in why:
            diag(line)
    return good


def diag(text):
    for line in str(text).split("\n"):
        print(f"diag\t{line}")


def objects(text):
    """All JSON objects in a text, as they follow each other; whatever is not one is passed over."""
    decoder, at = json.JSONDecoder(), 0
    while True:
        at = text.find("{", at)
        if at < 0:
            return
        try:
            value, at = decoder.raw_decode(text, at)
            yield value
        except ValueError:
            at = text.find("\n", at)
            if at < 0:
                return


def schema(obj):
    return str(obj.get("schema", "")).split("/")[0]


def findings_of(objs):
    return [o for o in objs if schema(o) == "lockscope.finding"]


class Run:
    """A traced run: the findings as they came, each with the time, and the report at the end."""

    def __init__(self, name):
        with open(f"{name}.jsonl", encoding="utf-8") as f:
            lines = [line.split("\t", 1) for line in f]
        self.timed, self.known = [], []
        for stamp, line in lines:
            if line.startswith("{"):
                self.timed += [(int(stamp), o) for o in findings_of(objects(line))]
                self.known += [o for o in objects(line) if schema(o) == "lockscope.expected"]
        self.live = [o for _, o in self.timed]
        self.report = next((o for o in objects("".join(line for _, line in lines))
                            if schema(o) == "lockscope.report"), {})
        with open(f"{name}.said", encoding="utf-8") as f:
            self.said = f.read().strip()
        with open(f"{name}.err", encoding="utf-8") as f:
            self.err = f.read().strip()

    def sound(self, name):
        good = ok(self.said == "status 0" and self.report, f"{name}: traced to its end", self.said, self.err)
        losses(self.report)
        return good


def losses(report):
    lost = [f"{x['counter']}={x['count']}" for k in ("loss", "notes") for x in report.get(k, [])]
    if lost:
        diag("counters: " + ", ".join(lost))


def table(path):
    with open(path, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f if not line.startswith("#")]
    return [dict(zip(rows[0], row)) for row in rows[1:]]


# --- a finding, as lockscope tells it ------------------------------------------------------

def function(at):
    return re.split(r"[+ ]", at or "?", maxsplit=1)[0]


def shown(lock):
    """TYPE@FUNCTION, as in order.tsv."""
    kind = lock.get("type", "?").replace("rt-", "")
    read = "-read" if "read" in str(lock.get("mode", "")) else ""
    return f"{kind}{read}@{function(lock.get('at'))}"


def links(finding):
    """(task, held, taken, [watched functions]) of each link, in the order of the cycle."""
    return [(link["task"]["comm"], shown(link["holding"]), shown(link), link["inside"]) for link in finding["cycle"]]


def brief(finding):
    text = "; ".join(f"{task} {held}>{taken}" for task, held, taken, _ in links(finding))
    return f"{finding.get('kind')} {finding.get('severity')} {finding.get('confidence')}: {text}"


def same_lock(wanted, got):
    kind, func = wanted.split("@")
    return got.split("@")[0] == kind and func in ("*", got.split("@")[1])


def same_link(wanted, got, writer):
    task, locks = wanted.split(" ")
    held, taken = locks.split(">")
    comm, got_held, got_taken, _ = got
    return comm == (writer if task == "writer" else task) and same_lock(taken, got_taken) and same_lock(held, got_held)


def fits(finding, row):
    wanted, got = row["links"].lstrip("~").split(";"), links(finding)
    writer = ("w-" + row["scenario"])[:15]
    if row["links"].startswith("~"):
        return all(any(same_link(w, g, writer) for g in got) for w in wanted)
    if finding.get("kind") != row["kind"] or len(wanted) != len(got):
        return False
    turns = [got[i:] + got[:i] for i in range(len(got))]
    return any(all(same_link(w, g, writer) for w, g in zip(wanted, t)) for t in turns)


def of_fixture(finding):
    text = json.dumps(finding)
    return "lks_fixture" in text or re.search(r'"comm": "(w-|lks-|gem_streaming_w|prime_mmap)', text)


# --- verdicts --------------------------------------------------------------------------------

def check_row(findings, row, name):
    found = [f for f in findings if fits(f, row)]
    if not ok(found, f"{name}: {row['kind']}, by its locks, functions and tasks", "wanted: " + row["links"],
              *["found: " + brief(f) for f in findings if of_fixture(f) and "pairs_ab" not in brief(f)]):
        return []
    f = max(found, key=lambda f: f["confidence"])
    least = row["severity"]
    if least == "certain" and any("preempts the tracer" in why for why in f.get("why", [])):
        least = "likely"	# a guard lock may have gone unseen: PREEMPT_RT
    ok(SEVERITIES.index(f["severity"]) >= SEVERITIES.index(least), f"{name}: at least {least}",
       f"it is {f['severity']}: {f.get('why')}")
    ok(f.get("why"), f"{name}: it says why")
    if row["names"] != "-":
        wanted = [set(lock.split("|")) for lock in row["names"].split(";")]
        got = {re.sub(r"#\d+$", "", lock) for link in f["cycle"] for lock in (link["lock"], link["holding"]["lock"])}
        ok(len(got) == len(wanted) and all(got & lock for lock in wanted), f"{name}: by the names of its locks",
           f"wanted: {wanted}", f"got: {got}")
    if row["inside"] != "-":
        ok(any(row["inside"] in str(inside) for _, _, _, inside in links(f)), f"{name}: inside {row['inside']}",
           json.dumps(f)[:2000])
    return found


def others(findings, expected):
    """What else was found: of the fixture (a diagnosis), or of the kernel itself."""
    for f in findings:
        if f not in expected:
            diag(("also: " if of_fixture(f) else "the kernel's own: ") + brief(f))


def not_ours(name, run):
    own = [f for f in run.live if not of_fixture(f)]
    ok(not own, f"{name}: nothing is said of the kernel itself", *[f"{brief(f)}\n{json.dumps(f)}" for f in own])


def pick(args, scenario, form="bug"):
    rows = [r for r in table(f"{args.kmod}/order.tsv") if r["scenario"] == scenario]
    return next((r for r in rows if r["form"] == form), rows[0])


def bugs(args):
    run, found, name = Run(args.run), [], os.path.basename(args.run)
    run.sound(name)
    for scenario in args.scenarios:
        found += check_row(run.live, pick(args, scenario), f"{scenario} bug")
    others(run.live, found)
    told, ids = {f["id"] for f in run.live}, {f["id"] for f in run.report.get("findings", [])}
    ok(told == ids, f"{name}: the report has what was told live", f"live only: {told - ids}", f"report only: {ids - told}")
    not_ours(name, run)
    if "pairs" in args.scenarios:
        pairs = {f["id"] for f in run.live if fits(f, pick(args, "pairs"))}
        ok(len(pairs) == 100, "pairs bug: a finding for each", f"{len(pairs)}")
    if "kvmgt" in args.scenarios:
        watch = next((w for w in run.report.get("watch", []) if w["function"] == "vfio_unpin_pages"), {})
        held = [h["type"] for h in watch.get("held_on_entry", [])]
        ok(int(watch.get("calls", 0)) > 0 and "rwsem" in held and "mutex" in held,
           "kvmgt bug: vfio_unpin_pages was entered with a rwsem and a mutex held", watch)


def silent(args):
    run = Run(args.run)
    run.sound("silent and fixed forms")
    mine = [f for f in run.live if of_fixture(f)]
    ok(not mine, "silent and fixed forms: nothing is said of them", *map(brief, mine))
    not_ours("silent and fixed forms", run)
    ok(run.report.get("findings") == [] or run.live, "silent and fixed forms: nothing in the report either",
       run.report.get("findings"))
    names = [c.get("name", "") for c in run.report.get("classes", [])]
    missing = [s for s in SEEN if not any(s in n for n in names)]
    ok(not missing, "silent and fixed forms: but their locks were seen", f"not seen: {missing}", f"seen: {names}"[:1500])


def deadlock(args):
    with open(f"{args.run}.out", encoding="utf-8", errors="replace") as f:
        text = f.read()
    with open(f"{args.run}.console", encoding="utf-8", errors="replace") as f:
        console = f.read()
    scenario = args.scenarios[0]
    row, name = pick(args, scenario, "deadlock"), f"{scenario} deadlock"
    check_row(findings_of(objects(text)), row, name)
    begun = f"lks_fixture: begin {scenario} deadlock" in console
    ended = f"lks_fixture: end {scenario} deadlock" in console
    if scenario != "iommu":	# that one's guest is stalled, nobody can answer
        begun = begun and f"hang {scenario} deadlock ok" in text
    ok(begun and not ended, f"{name}: and then it hung", text[-600:])


def known(args):
    run, state = Run(args.run), args.scenarios[0]
    at_end = [bug["state"] for bug in run.report.get("expected", [])]
    ok(at_end == [state, "unseen"], f"known bugs: {state} and unseen", at_end)
    told = [(event["state"], event["links_seen"]) for event in run.known]
    ok(told and told[-1] == (state, 1 + (state == "complete")) and "nobodys" not in json.dumps(run.known),
       "known bugs: told as more was seen", told)
    entered = run.known[-1]["entered"] or {} if run.known else {}
    ok(entered.get("function") == "i915_gem_userptr_get_pages" and
       entered.get("held") in ("&obj->mm.lock", "&mm->mmap_lock"),	# by which scenario first
       "known bugs: a function of it was entered with its lock held", entered)


def latency(args):
    run = Run(args.run)
    ms = sorted((stamp - int(f["first_seen_ns"])) / 1e6 for stamp, f in run.timed
                if f["event"] == "new")
    if not ok(len(ms) >= 100, "latency: at least 100 findings", f"{len(ms)}"):
        return

    def p(q):
        return ms[min(len(ms) - 1, int(q * len(ms)))]
    diag(f"latency of {len(ms)} findings: p50 {p(.5):.1f} ms, p90 {p(.9):.1f} ms, p99 {p(.99):.1f} ms, max {ms[-1]:.1f} ms")
    if p(.99) > LATENCY_MS:
        diag(f"p99 is above {LATENCY_MS} ms")
    ok(0 < ms[0] and p(.99) <= LATENCY_MS * EMULATED, f"latency: p99 within {LATENCY_MS} ms, times {EMULATED} for the emulation", ms)


def budget(args):
    with open(f"{args.run}.json", encoding="utf-8") as f:
        report = next((o for o in objects(f.read()) if schema(o) == "lockscope.report"), {})
    ok(report, "budget: there is a report")
    losses(report)
    found = report.get("findings", [])
    for f in found:
        diag(f"finding: {brief(f)}; {f.get('why')}")
        diag(json.dumps(f))
    grave = [f for f in found if f["severity"] in ("certain", "deadlock")]
    ok(not grave, "budget: no finding is certain", *map(brief, grave))
    ok(len(found) <= HANDFUL, f"budget: at most {HANDFUL} findings", f"{len(found)}")
    edges = report.get("edges", [])
    ok(len(edges) > 100, "budget: orders were seen", f"{len(edges)}")
    diag(f"{len(report.get('classes', []))} classes, {len(edges)} orders, {len(found)} findings")


SOAK_GROWTH = 1.10	# of memory, from the second quarter of a soak to the last
SOAK_COST = 2.0		# of the time of a hook: an emulated guest's clock also runs while other guests do
SOAK_MIN = 12		# samples that tell


def quarters(values):
    """The second quarter, and the last."""
    n = len(values)
    return values[n // 4:n // 2], values[-(n // 4):]


def soak(args):
    """Lines of guest-stress.sh: uptime, KiB resident, of slabs, per CPU, runs, ns, CPU ticks user+system."""
    with open(args.run, encoding="utf-8") as f:
        rows = [[int(x) for x in line.split()] for line in f]
    if not ok(len(rows) >= SOAK_MIN, "soak: enough samples", f"{len(rows)}"):
        return
    steps = [(a[0] / 60 - rows[0][0] / 60, (b[5] - a[5]) / max(b[4] - a[4], 1), (b[4] - a[4]) / (b[0] - a[0]),
              (b[6] + b[7] - a[6] - a[7]) / (b[0] - a[0])) for a, b in zip(rows, rows[1:])]
    for i in range(0, len(steps), max(len(steps) // 8, 1)):
        r, (minute, ns, runs, cpu) = rows[i + 1], steps[i]
        diag(f"minute {minute:3.0f}: {r[1] / 1024:.1f} MiB resident, slabs {r[2] / 1024:.0f} MiB, "
             f"{runs:,.0f} hooks a second at {ns:,.0f} ns, tracer {cpu:.2f} % of a CPU")
    before, after = (max(r[1] for r in part) for part in quarters(rows))
    ok(after <= before * SOAK_GROWTH, f"soak: memory stays: {before} KiB, {after} KiB")
    before, after = (statistics.median_high(s[1] for s in part) for part in quarters(steps))
    ok(after <= before * SOAK_COST, f"soak: a hook costs what it cost: {before:.0f} ns, {after:.0f} ns")


# Evidence that names a lock for what it is. "inferred" is: by the slab cache of kmalloc() and BTF, with the place.
NAMED = ("symbol", "percpu", "rule", "init", "btf", "inferred")
NAMED_PERCENT = 95	# over ten minutes
NAMED_SHORT = 85	# in a short load, of which starting and ending are a good part


def names(args):
    with open(f"{args.run}.json", encoding="utf-8") as f:
        report = next((o for o in objects(f.read()) if schema(o) == "lockscope.report"), {})
    taken = [(int(c.get("acquired", 0)), c) for c in report.get("classes", [])]
    total = sum(n for n, _ in taken)
    if not ok(total > 1000, "names: acquisitions were sampled", f"{total}"):
        return
    by = {}
    for n, c in taken:
        by[c["named_by"]] = by.get(c["named_by"], 0) + n
    diag("acquisitions by what named the lock: " +
         ", ".join(f"{k} {100 * n / total:.1f} %" for k, n in sorted(by.items(), key=lambda i: -i[1])))
    others_ = sorted(((n, c) for n, c in taken if c["named_by"] not in NAMED and n), key=lambda i: -i[0])
    for n, c in others_[:12]:
        diag(f"no name: {100 * n / total:.2f} % {c['name']} ({c['type']}, {c['instances']} locks)")
    named = 100 * sum(n for k, n in by.items() if k in NAMED) / total
    floor = NAMED_SHORT if args.short else NAMED_PERCENT
    ok(named >= floor, f"names: at least {floor} % of acquisitions are of locks with a name", f"{named:.1f} %")
    diag(f"{named:.1f} % named")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("verb", choices=("silent", "bugs", "deadlock", "known", "latency", "budget", "soak", "names"))
    parser.add_argument("run")
    parser.add_argument("scenarios", nargs="*")
    parser.add_argument("--kmod", required=True)
    parser.add_argument("--short", action="store_true", help="the load was shorter than ten minutes")
    args = parser.parse_args()
    try:
        globals()[args.verb](args)
    except (OSError, LookupError, ValueError, StopIteration, TypeError) as e:
        ok(False, f"{' '.join([args.verb] + args.scenarios)}: its results can be read", repr(e))


if __name__ == "__main__":
    sys.exit(main())
