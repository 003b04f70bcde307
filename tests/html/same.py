#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""same.py PAGE.html REPORT.json: does the page say what the format json says?"""

import base64
import hashlib
import json
import re
import sys

OWN = {"schema", "words", "hist", "frames", "calls"}    # of the page alone


def stacks_in_full(value, frames, calls):
    """The same value with the frames of each stack in place of its number."""
    if isinstance(value, list):
        return [stacks_in_full(v, frames, calls) for v in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, v in value.items():
        if key == "stack" and not isinstance(v, list):
            stack, n = [], v or 0
            while n:
                stack.append(frames[calls[2 * n - 2]])
                n = calls[2 * n - 1]
            v = stack
        result[key] = stacks_in_full(v, frames, calls)
    return result


def digest(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def inside(page, tag):
    return re.search(f"<{tag}>(.*?)</{tag}>", page, re.S).group(1)


page = open(sys.argv[1], encoding="utf-8").read()
report = json.load(open(sys.argv[2], encoding="utf-8"))
data = json.loads(re.search(r'id="data">(.*?)</script>', page, re.S).group(1))
said = {k: v for k, v in stacks_in_full(data, data["frames"], data["calls"]).items() if k not in OWN}
report.pop("schema")
problems = [f"'{key}' differs" for key in sorted(said.keys() | report.keys()) if said.get(key) != report.get(key)]
if len(data["words"]) != len(report["findings"]):
    problems.append("not every finding has its words")
policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page).group(1)
rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
if rules.pop("script-src") != f"'{digest(inside(page, 'script'))}'":
    problems.append("the policy does not allow the script")
if rules.pop("style-src") != f"'{digest(inside(page, 'style'))}'":
    problems.append("the policy does not allow the style")
if rules != {"default-src": "'none'", "base-uri": "'none'", "form-action": "'none'"}:
    problems.append(f"the policy allows more: {rules}")
for problem in problems:
    print(f"# {problem}")
sys.exit(bool(problems))
