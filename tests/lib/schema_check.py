#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Check JSON documents against a JSON Schema.

usage: schema_check.py [--lines] SCHEMA DOCUMENT...

DOCUMENT "-" is standard input; with --lines every line of it is a document.
Besides the schema itself, these hold for every document: no key twice in one
object, and no number outside of what a double holds exactly.

Exit status: 0 all valid, 1 not valid (says where), 2 wrong usage or unreadable,
77 python3-jsonschema is not installed.
"""
import json
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("schema_check.py: python3-jsonschema is not installed", file=sys.stderr)
    sys.exit(77)


def unique(pairs):
    keys = [key for key, _ in pairs]
    twice = {key for key in keys if keys.count(key) > 1}
    if twice:
        raise ValueError(f"key twice in one object: {sorted(twice)}")
    return dict(pairs)


def integer(text):
    value = int(text)
    if abs(value) > 2 ** 53:
        raise ValueError(f"number {text} does not fit into a double")
    return value


def documents(path, lines):
    with sys.stdin if path == "-" else open(path, encoding="utf-8") as f:
        texts = f.read().splitlines() if lines else [f.read()]
    for nr, text in enumerate(texts, 1):
        yield f"{path}:{nr}" if lines else path, text


def errors(validator, text):
    try:
        doc = json.loads(text, object_pairs_hook=unique, parse_int=integer)
    except ValueError as e:
        yield str(e)
        return
    for error in validator.iter_errors(doc):
        where = "/".join(str(part) for part in error.absolute_path)
        yield f"at /{where}: {error.message[:300]}"


def main(argv):
    lines = "--lines" in argv
    paths = [arg for arg in argv if arg != "--lines"]
    if len(paths) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        with open(paths[0], encoding="utf-8") as f:
            schema = json.load(f)
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        failed = False
        for path in paths[1:]:
            for name, text in documents(path, lines):
                for error in errors(validator, text):
                    print(f"{name}: {error}")
                    failed = True
    except OSError as e:
        print(f"schema_check.py: {e}", file=sys.stderr)
        return 2
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
