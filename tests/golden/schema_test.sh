#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The JSON of the golden files is what the schema and the man page say; documents
# that are not are refused; what hostile names become is as defined.

. "$(dirname "$0")/../lib/tap.sh"
cd "$TOP" || exit 1

schema=user/render/report.schema.json
check=tests/lib/schema_check.py

run "$check" "$schema" /dev/null
[ "$status" -ne 77 ] || skip_all "python3-jsonschema is not installed"

for doc in tests/golden/render/*.json; do
	run "$check" "$schema" "$doc"
	is "$doc is valid" "$status $out$err" "0 "
done

# One wrong thing each; the schema must see it.
from=waiting
wrong()	# DESCRIPTION STATEMENT-ABOUT-d
{
	python3 - "$TMP/wrong.json" "$2" "tests/golden/render/$from.json" <<-'PY'
	import json, sys
	d = json.load(open(sys.argv[3], encoding="utf-8"))
	exec(sys.argv[2])
	json.dump(d, open(sys.argv[1], "w", encoding="utf-8"))
	PY
	run "$check" "$schema" "$TMP/wrong.json"
	is "refused: $1" "$status" 1
}
wrong "another schema" 'd["schema"] = "lockscope.report/2"'
wrong "a key that is not described" 'd["surprise"] = 1'
wrong "a key that is not described, in a row" 'd["contention"][0]["surprise"] = 1'
wrong "a missing key" 'del d["boot_id"]'
wrong "a missing key, in a row" 'del d["contention"][0]["p99_ns"]'
wrong "a 64-bit integer as a number" 'd["contention"][0]["count"] = 12'
wrong "a 64-bit integer with a sign" 'd["contention"][0]["total_ns"] = "-1"'
wrong "an address without 0x" 'd["contention"][0]["addr"] = "ffff888101234560"'
wrong "a pid as a string" 'd["contention"][0]["pid"] = "1"'
wrong "an unknown state" 'd["coverage"][0]["state"] = "perhaps"'
wrong "a task without comm" 'del d["still_waiting"][0]["task"]["comm"]'
wrong "a finding with the keys of a report" 'd["schema"] = "lockscope.finding/1"'
wrong "an interval with the keys of a report" 'd["schema"] = "lockscope.interval/1"'
from=abba
wrong "an unknown kind of finding" 'd["findings"][0]["kind"] = "cyclic"'
wrong "an unknown severity" 'd["findings"][0]["severity"] = "high"'
wrong "more than 100 percent" 'd["findings"][0]["confidence"] = 101'
wrong "a finding without its cycle" 'del d["findings"][0]["cycle"]'
wrong "a lock without its place" 'del d["findings"][0]["cycle"][0]["at"]'
wrong "a class id that is a number" 'd["edges"][0]["from"] = 0'
wrong "a surprise in a watched function" 'd["watch"][0]["surprise"] = 1'
from=diff-waits
wrong "an unknown verdict" 'd["contention"][0]["verdict"] = "worse"'
wrong "a confidence of all" 'd["contention"][0]["rate"]["confidence_ppm"] = 1000000'
wrong "a comparison without its other side" 'del d["before"]'
wrong "a comparison with the keys of a report" 'd["schema"] = "lockscope.report/1"'
from=diff-perhaps
wrong "an unknown state" 'd["edges"][0]["state"] = "lost"'
wrong "an unknown doubt" 'd["edges"][0]["doubt"] = ["weather"]'
from=suppressed
wrong "a deadlock that is suppressed" 'd["suppressed"][0]["severity"] = "deadlock"'
wrong "a suppression without a reason" 'del d["suppressed"][0]["reason"]'
printf '{"schema": 1, "schema": 2}' > "$TMP/twice.json"
run "$check" "$schema" "$TMP/twice.json"
like "refused: a key twice" "$status $out" "^1 .*key twice"
python3 -c "import json; d = json.load(open('tests/golden/render/waiting.json')); json.dump(d, open('$TMP/right.json', 'w'))"
run "$check" "$schema" "$TMP/right.json"
is "not refused: the same without a change" "$status" 0

# Every property and every definition has a description, and every integer of ns its unit.
run python3 - "$schema" <<'PY'
import json, sys
schema = json.load(open(sys.argv[1], encoding="utf-8"))
bad = []
def walk(node, path):
    if isinstance(node, list):
        for i, child in enumerate(node):
            walk(child, f"{path}/{i}")
    if not isinstance(node, dict):
        return
    for key, prop in node.get("properties", {}).items():
        # Where it only points to a definition, that one is described.
        text = prop.get("description", "") or ("$ref" in prop and "see there")
        if not text and not path.endswith("/if"):
            bad.append(f"{path}/{key}: no description")
        if key.endswith("_ns") and "nanoseconds" not in text:
            bad.append(f"{path}/{key}: no unit")
    if node.get("properties") and not path.endswith("/if") and node.get("additionalProperties") is not False:
        bad.append(f"{path}: not strict")
    for key, child in node.items():
        walk(child, f"{path}/{key}")
walk(schema, "")
for name, node in schema["$defs"].items():
    if not node.get("description"):
        bad.append(f"$defs/{name}: no description")
print("\n".join(bad), end="")
sys.exit(bool(bad))
PY
is "the schema is strict, and describes every key and every unit" "$status $out$err" "0 "

# The keys of the schema are those of the man page.
run python3 - "$schema" user/man/lockscope.json.5 <<'PY'
import json, re, sys
schema = json.load(open(sys.argv[1], encoding="utf-8"))
page = open(sys.argv[2], encoding="utf-8").read()
keys = set()
def walk(node):
    if isinstance(node, dict):
        keys.update(node.get("properties", {}))
        for child in node.values():
            walk(child)
    elif isinstance(node, list):
        for child in node:
            walk(child)
walk(schema)
told = set()
for line in re.findall(r"^\.(?:B|BR|RB) (.*)$", page, re.M):
    told.update(re.findall(r"[a-z0-9_]+", line))
missing = sorted(keys - told)
print(*missing, sep="\n", end="")
sys.exit(bool(missing))
PY
is "every key is in lockscope.json.5" "$status $out$err" "0 "

# What a reader of the JSON gets back: exactly the bytes, but U+FFFD for each byte that is not UTF-8.
run python3 - <<'PY'
import json
d = json.load(open("tests/golden/render/hostile.json", encoding="utf-8"))
first, second = d["contention"]
assert first["comm"] == "\033[31mred\n\"'\\,", first["comm"]
assert second["comm"] == "=cmd|' /C calc'", second["comm"]
assert first["lock"] == "\u202egnp.exe \u009b2J", first["lock"]
assert second["lock"] == "\u6f22\u5b57_lock", second["lock"]
assert first["caller"] == "<script>alert(1)</script>", first["caller"]
assert first["caller_module"] == "mod\nule", first["caller_module"]
assert first["cgroup"] == "/\u4e2d\u6587/\u00e9t\u00e9\r\n\t;x", first["cgroup"]
assert first["owner"]["comm"] == "bad\ufffd\ufffd(\ufffd\ufffd", first["owner"]["comm"]
assert first["stack"][1] == "<script>alert(1)</script>+0x1/0x2 [mod\nule]", first["stack"]
assert d["host"] == "evil\033]0;host\a", d["host"]
assert d["gaps"] == ["evil\n\"gap\".lks"], d["gaps"]
PY
is "hostile names come back as they were" "$status $out$err" "0 "

# The CSV is read by a CSV reader: as many fields in every row, names as sanitized text.
run python3 - <<'PY'
import csv, glob
for path in glob.glob("tests/golden/render/*.csv"):
    with open(path, encoding="utf-8", newline="") as f:
        header, *rows = csv.reader(f, strict=True)
    assert len(set(header)) == len(header) and header[-1] == "complete", path
    assert all(len(row) == len(header) for row in rows), path
    assert all(row[-1] in ("true", "false") for row in rows), path
with open("tests/golden/render/hostile.csv", encoding="utf-8", newline="") as f:
    first, second = csv.DictReader(f)
assert first["comm"] == "\\x1b[31mred\\x0a\"'\\,", first["comm"]
assert second["comm"] == "'=cmd|' /C calc'", second["comm"]
assert first["total_ns"] == "2050000000" and first["complete"] == "false"
PY
is "CSV readers read every CSV file" "$status $out$err" "0 "

done_testing
