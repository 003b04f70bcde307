# SPDX-License-Identifier: GPL-2.0-only
"""Figures beside a table: calls of annotating functions, by function and by folder. What a plain
search for "NAME(" would count besides calls (comments, definitions, macros) is counted too, so that
figures of either kind can be compared.
"""
import re
from collections import Counter

from csrc import calls, strip


class Report:
    """Counts over .c files. Only names with _nest in them: what else annotates does so by
    calling one of those from a header."""

    def __init__(self):
        self.calls, self.folders = Counter(), Counter()
        self.comments, self.others = Counter(), Counter()
        self.texts, self.text_folders = Counter(), Counter()

    def count(self, src, raw, names):
        names = {n for n in names if '_nest' in n and not n.startswith('guard:')}
        word = re.compile(r'\b(\w+_nest\w*)\s*\(')
        texts = Counter(n for n in word.findall(raw) if n in names)
        if not texts:
            return
        folder = src.path.split('/')[0]
        code = Counter(n for n in word.findall(strip(raw)) if n in names)
        bodies = Counter(n for f in src.functions for n, _, _ in calls(f.body) if n in names)
        self.texts.update(texts)
        self.text_folders[folder] += sum(texts.values())
        self.calls.update(bodies)
        self.folders[folder] += sum(bodies.values())
        self.comments.update(texts - code)
        self.others.update(code - bodies)

    def lines(self):
        """The figures as lines of text."""
        out = ['%d calls in .c files (a search for their names finds %d texts: %d more in comments or strings, '
               '%d in definitions, macros or under #if 0), by function:' % (
                   sum(self.calls.values()), sum(self.texts.values()), sum(self.comments.values()),
                   sum(self.others.values()))]
        for name, _ in sorted(self.texts.items(), key=lambda i: (-self.calls[i[0]], i[0])):
            extra = ['%d in comments or strings' % self.comments[name]] * bool(self.comments[name]) + \
                    ['%d elsewhere' % self.others[name]] * bool(self.others[name])
            out.append('  %s %d%s' % (name, self.calls[name], ' (+ %s)' % ', '.join(extra) if extra else ''))
        out.append('by folder: ' + ', '.join(
            '%s %d%s' % (f, self.folders[f], ' (%d texts)' % n if n != self.folders[f] else '')
            for f, n in sorted(self.text_folders.items(), key=lambda i: (-i[1], i[0]))))
        return out
