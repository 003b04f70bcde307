#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""
Check that a file is what the Trace Event Format asks for, as far as lockscope uses
it (docs: "Trace Event Format", the JSON object format). One sentence per fault on
standard error; exit 1 when there is one.

usage: trace_check.py FILE
"""
import json
import sys

faults = []


def fault(text):
    faults.append(text)


def once(pairs):
    d = {}
    for key, value in pairs:
        if key in d:
            fault(f"the key {key} comes twice in an object")
        d[key] = value
    return d


def is_number(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool)


def is_id(v):
    return isinstance(v, int) and not isinstance(v, bool) and v >= 0


NEEDS = {"M": {"args"}, "X": {"dur"}, "s": {"id", "cat"}, "f": {"id", "cat", "bp"}, "i": {"s"}}
MAY = {"M": set(), "X": {"cat", "args"}, "s": set(), "f": set(), "i": {"cat", "args"}}
COMMON = {"name", "ph", "ts", "pid", "tid"}
NAMES = {"process_name": str, "thread_name": str, "thread_sort_index": int}


def check_event(n, e):
    where = f"event {n}"
    if not isinstance(e, dict):
        return fault(f"{where} is no object")
    ph = e.get("ph")
    if ph not in NEEDS:
        return fault(f"{where} has the phase {ph!r}")
    for key in sorted((COMMON | NEEDS[ph]) - e.keys()):
        fault(f"{where} ({ph}) has no {key}")
    for key in sorted(e.keys() - COMMON - NEEDS[ph] - MAY[ph]):
        fault(f"{where} ({ph}) has {key}, which is not described")
    if not isinstance(e.get("name"), str) or not e.get("name"):
        fault(f"{where} has no text as its name")
    if not is_number(e.get("ts")) or e["ts"] < 0:
        fault(f"{where}: ts is no time")
    for key in ("pid", "tid"):
        if not is_id(e.get(key)):
            fault(f"{where}: {key} is no id")
    if ph == "X" and (not is_number(e.get("dur")) or e["dur"] < 0):
        fault(f"{where}: dur is no length")
    if ph == "i" and e.get("s") not in ("g", "p", "t"):
        fault(f"{where}: the scope is {e.get('s')!r}")
    if ph == "f" and e.get("bp") != "e":
        fault(f"{where}: bp is {e.get('bp')!r}")
    if "args" in e and not isinstance(e["args"], dict):
        fault(f"{where}: args are no object")
    if ph == "M":
        kind = NAMES.get(e.get("name"))
        key = "sort_index" if kind is int else "name"
        if not kind or not isinstance(e.get("args", {}).get(key), kind):
            fault(f"{where}: {e.get('name')!r} does not name a track")


def check_tracks(events):
    """Each thread with events has a name, once, and belongs to one process; so has each process."""
    named = {}
    for e in events:
        if e["ph"] == "M":
            key = (e["name"], e["pid"], e["tid"] if e["name"] != "process_name" else None)
            if key in named:
                fault(f"{e['name']} of {e['pid']}/{e['tid']} comes twice")
            named[key] = e["args"]
    owner = {}
    for e in events:
        if owner.setdefault(e["tid"], e["pid"]) != e["pid"]:
            fault(f"thread {e['tid']} is in two processes")
        if e["ph"] == "X":
            if ("thread_name", e["pid"], e["tid"]) not in named:
                fault(f"thread {e['pid']}/{e['tid']} has no name")
            if ("process_name", e["pid"], None) not in named:
                fault(f"process {e['pid']} has no name")


def ns(us):
    return round(us * 1000)


def check_holds(events):
    """On the track of a lock, one task holds it at a time."""
    last = {}
    for e in sorted((e for e in events if e.get("cat") == "hold"), key=lambda e: ns(e["ts"])):
        track = (e["pid"], e["tid"])
        if track in last and ns(e["ts"]) < last[track]:
            fault(f"two holds at {e['ts']} us on {track}")
        last[track] = ns(e["ts"]) + ns(e["dur"])


def check_flows(events):
    """Each arrow begins once, before or when it ends, both on a slice of its track."""
    slices = {}
    for e in events:
        if e["ph"] == "X":
            slices.setdefault((e["pid"], e["tid"]), []).append((ns(e["ts"]), ns(e["ts"]) + ns(e["dur"])))
    begun, ended = {}, set()
    for e in events:
        if e["ph"] not in "sf":
            continue
        at = ns(e["ts"])
        if not any(a <= at <= b for a, b in slices.get((e["pid"], e["tid"]), ())):
            fault(f"arrow {e['id']} ({e['ph']}) touches no slice")
        if e["ph"] == "s":
            if e["id"] in begun:
                fault(f"arrow {e['id']} begins twice")
            begun[e["id"]] = e
        elif e["id"] not in begun:
            fault(f"arrow {e['id']} ends before it began")
        else:
            s = begun[e["id"]]
            if ns(s["ts"]) > at or (s["cat"], s["name"]) != (e["cat"], e["name"]) or e["id"] in ended:
                fault(f"arrow {e['id']} does not end as it began")
            ended.add(e["id"])
    for id in sorted(begun.keys() - ended):
        fault(f"arrow {id} has no end")


def check(path):
    with open(path, "rb") as f:
        raw = f.read()
    try:
        d = json.loads(raw.decode("utf-8"), object_pairs_hook=once)
    except ValueError as e:
        return fault(f"no JSON in UTF-8: {e}")
    events = d.get("traceEvents") if isinstance(d, dict) else None
    if not isinstance(events, list):
        return fault("no traceEvents")
    if d.get("displayTimeUnit") not in ("ms", "ns"):
        fault("displayTimeUnit is neither ms nor ns")
    for n, e in enumerate(events):
        check_event(n, e)
    if not faults:
        check_tracks(events)
        check_holds(events)
        check_flows(events)


check(sys.argv[1])
for text in faults[:20]:
    print(text, file=sys.stderr)
sys.exit(bool(faults))
