#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does any chain of calls in a BPF object take more stack than the verifier allows?

bpf_stack.py [--limit BYTES] OBJECT...

The verifier adds up the frames of all calls that are in the code, dead code included, and
allows 512 bytes (check_max_stack_depth(), kernel/bpf/verifier.c); before Linux 6.8 it
rounds each frame up to 32 bytes. A newer kernel loads what an older one refuses, so this is
looked at here. Prints the deepest chain of each object; exit status 1 if one is too deep.
"""
import argparse
import functools
import re
import subprocess
import sys

ROUND = 32
INSN = re.compile(r"\s+(\d+):\s+((?:[0-9a-f]{2} )+)\s*(.*)")
SYMBOL = re.compile(r"([0-9a-f]+) (.{7}) (\S+)\s+[0-9a-f]+\s+(?:\.hidden )?(\S+)")


def objdump(option, path):
    done = subprocess.run(["llvm-objdump", *option, path], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


class Calls:
    """Frames and calls of the functions of one object."""

    def __init__(self, path):
        self.at = {}        # section -> {offset: function}
        self.frame = {}
        self.calls = {}
        self.path = path
        for line in objdump(["-t"], path):
            m = SYMBOL.match(line)
            if m and "F" in m[2]:
                self.at.setdefault(m[3], {})[int(m[1], 16)] = m[4]
        self.functions = {f for section in self.at.values() for f in section.values()}
        self.read(objdump(["-d", "-r"], path))

    def read(self, lines):
        section = function = call = None
        before = ""
        for line in lines:
            m = re.match(r"Disassembly of section (\S+):", line)
            if m:
                section = m[1]
                continue
            m = re.match(r"([0-9a-f]+) <.+>:", line)
            if m:
                function = self.at.get(section, {}).get(int(m[1], 16), function)
                self.frame.setdefault(function, 0)
                self.calls.setdefault(function, set())
                continue
            m = re.search(r"R_BPF_64_32\s+(\S+)", line)
            if m and call:
                # A function by its name, or by its place in a section.
                self.calls[function].discard(call[1])
                self.calls[function].add(m[1] if m[1] in self.functions else
                                         self.at.get(m[1], {}).get((call[0] + 1) * 8))
                continue
            m = INSN.match(line)
            if not m:
                continue
            code = bytes.fromhex(m[2])
            call = None
            if code[0] == 0x85 and code[1] == 0x10:
                away = int.from_bytes(code[4:8], "little", signed=True)
                call = (away, self.at[section].get((int(m[1]) + away + 1) * 8))
                self.calls[function].add(call[1])
            self.frame[function] = max(self.frame[function], self.deepest(m[3], before))
            before = m[3]

    @staticmethod
    def deepest(insn, before):
        depths = [int(d, 0) for d in re.findall(r"\(r10 - (0x[0-9a-f]+|\d+)\)", insn)]
        m = re.match(r"(r\d) \+= -(0x[0-9a-f]+|\d+)$", insn)
        if m and before == f"{m[1]} = r10":
            depths.append(int(m[2], 0))
        return max(depths, default=0)

    def deepest_chain(self):
        @functools.cache
        def down(function):
            own = max(self.frame[function], 1)
            own = (own + ROUND - 1) // ROUND * ROUND
            below = max((down(f) for f in self.calls[function] if f in self.frame and f != function),
                        default=(0, ()))
            return own + below[0], ((function, self.frame[function]),) + below[1]

        return max(down(f) for f in self.frame)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=512)
    parser.add_argument("objects", nargs="+")
    args = parser.parse_args()
    deep = False
    for path in args.objects:
        total, chain = Calls(path).deepest_chain()
        print(f"{path}: {total} bytes: " + " > ".join(f"{f} {n}" for f, n in chain))
        deep = deep or total > args.limit
    return 1 if deep else 0


if __name__ == "__main__":
    sys.exit(main())
