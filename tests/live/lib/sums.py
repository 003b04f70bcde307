#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""sums.py REPORT.json OBSERVER.bt - waits and their total in ns, of lockscope's report and of
the observer (observer.bt), and what the report says was lost: COUNT TOTAL SEEN WAITED LOSS"""
import json
import sys

report = json.load(open(sys.argv[1], encoding="utf-8"))
maps = {}
for line in open(sys.argv[2], encoding="utf-8"):
    if line.strip():
        doc = json.loads(line)
        if doc["type"] == "map":
            maps.update(doc["data"])
print(sum(int(r["count"]) for r in report["contention"]),
      sum(int(r["total_ns"]) for r in report["contention"]),
      sum(maps.get("@count", {}).values()), sum(maps.get("@total", {}).values()),
      ", ".join(f"{lost['counter']} {lost['count']}" for lost in report["loss"]) or "none")
