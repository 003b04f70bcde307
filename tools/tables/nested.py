# SPDX-License-Identifier: GPL-2.0-only
"""Annotated acquisitions of a kernel source: which function takes which lock with which
lockdep subclass.

A function is what the kernel's symbol table knows: macros and inline functions of headers
are read as part of their callers, static functions of the same file as well where the
compiler may inline them (may_inline()), marked as such. Within one function, primitive and
mode, the locks taken without annotation are listed too: they decide whether the function
alone tells the subclass.
"""
import os
import re
from collections import Counter

from csrc import IDENT, NUMBER, calls, closing, Function, replace_words, split_top, unwrap
from prims import NEST, PRIMS, SOCK
from tree import HUGE

VARIABLE = 8            # bits of Row.mask beyond the subclasses 0 to 7
NESTED_UNDER = 9
SMALL = 16              # statements of a static function that is inlined into all its callers
DEPTH = 8               # functions inlined into one another
PROTOTYPE = re.compile(r'^static\b[^;{}()=]*?\b(\w+)\s*\([^;{}]*\)[^;{}()]*;', re.M)
GUARD = re.compile(r'\bDEFINE_(LOCK_)?GUARD(_1|_2)?(_COND)?\s*\(')


class Acq:
    """One acquisition. path is None while it depends on the function's parameters: then lock is
    its text. sub: 0..7, VARIABLE, NEST, or a text that depends on parameters."""

    def __init__(self, prim, read, lock, path, sub, inlined=False):
        self.prim, self.read, self.lock, self.path, self.sub, self.inlined = prim, read, lock, path, sub, inlined

    def annotated(self):
        return self.sub != 0

    def key(self):
        return self.prim, self.read, self.lock if self.path is None else '', self.path, str(self.sub), self.inlined


class Row:
    def __init__(self):
        self.mask, self.inlined, self.files = 0, True, set()


def guards(src):
    """Guard classes (DEFINE_GUARD and kin) of a file as macros named "guard:CLASS"."""
    for m in GUARD.finditer(src.code):
        end = closing(src.code, m.end() - 1)
        args = split_top(src.code[m.end():end]) if end > 0 else []
        if len(args) < 3:
            continue
        name = args[0] + (args[1] if m.group(3) else '')
        body = re.sub(r'_T->lock\b', '_T', re.sub(r'_T->lock2\b', '_T2', args[2]))
        yield Function(src, 'guard:' + name, ['_T', '_T2'], body, macro=True)


def body_calls(fn):
    """Calls in a function's body, guards among them, read once."""
    if not hasattr(fn, 'called'):
        fn.called = []
        for name, args, at in calls(fn.body):
            if name == 'guard' and len(args) == 1:
                open_ = fn.body.find('(', closing(fn.body, fn.body.find('(', at)) + 1)
                end = closing(fn.body, open_) if open_ > 0 else -1
                if end > 0:
                    fn.called.append(('guard:' + args[0], split_top(fn.body[open_ + 1:end])))
            elif name == 'scoped_guard' and len(args) > 1:
                fn.called.append(('guard:' + args[0], args[1:]))
            elif name == 'scoped_cond_guard' and len(args) > 2:
                fn.called.append(('guard:' + args[0], args[2:]))
            else:
                fn.called.append((name, args))
    return fn.called


class Index:
    """What all files read so far define, by name."""

    def __init__(self, tree):
        self.tree, self.known = tree, set()
        self.functions, self.words = {}, {}

    def add(self, path):
        if path in self.known:
            return
        self.known.add(path)
        src = self.tree.source(path)
        for fn in src.functions + [m for ms in src.macros.values() for m in ms] + list(guards(src)):
            if fn.name not in PRIMS:
                self.functions.setdefault(fn.name, []).append(fn)
        for table in (src.enums, src.words):
            for name, text in table.items():
                self.words.setdefault(name, []).append((path, text))


class Unit:
    """One .c file with all that it sees."""

    def __init__(self, index, path):
        self.index, self.path = index, path
        self.seen = index.tree.visible(path)
        for p in sorted(self.seen):
            index.add(p)
        self.own = {p for p in self.seen if p.endswith('.c')}
        self.memo = {}
        self.mentions, self.prototypes = Counter(), Counter()
        for p in self.own:
            code = index.tree.source(p).code
            self.mentions.update(IDENT.findall(code))
            self.prototypes.update(PROTOTYPE.findall(code))

    def find(self, name):
        return [f for f in self.index.functions.get(name, ()) if f.path in self.seen]

    def word(self, name):
        found = [(p not in self.own, t) for p, t in self.index.words.get(name, ()) if p in self.seen]
        return min(found, key=lambda f: f[0])[1] if found else None

    # --- constants -------------------------------------------------------------------

    def constant(self, text, depth=0):
        """Value of a constant expression, None if it is none."""
        text = unwrap(text)
        if depth > 12 or not re.fullmatch(r'[\w\s()+\-|&<>~*]+', text):
            return None
        out, last = [], 0
        for m in re.finditer(r'[A-Za-z_]\w*|\d\w*', text):
            if m.group()[0].isdigit():
                n = NUMBER.fullmatch(m.group())
                value = None if not n else int(n.group(1), 16 if n.group(1)[1:2] in 'xX' else 10)
            else:
                word = self.word(m.group())
                value = None if word is None else self.constant(word, depth + 1)
            if value is None:
                return None
            out += [text[last:m.start()], str(value)]
            last = m.end()
        try:
            value = eval(''.join(out) + text[last:], {'__builtins__': {}})  # digits and operators only
        except (SyntaxError, TypeError, ValueError, ArithmeticError):
            return None
        return value if isinstance(value, int) else None

    def subclass(self, text, fn):
        """0..7, a text that depends on the parameters of @fn, or VARIABLE."""
        words = set(IDENT.findall(text))
        if words & set(fn.params):
            return text if not words & local_names(fn) else VARIABLE
        if fn.macro:
            return text         # judged where the macro is used
        value = self.constant(text)
        return value if value is not None and 0 <= value < 8 else VARIABLE

    # --- locks -----------------------------------------------------------------------

    def aliases(self, path):
        """@path with members that are macros replaced: d_lock is d_lockref.lock."""
        parts = []
        for part in path.split('.'):
            word = self.word(part)
            parts.append(word if word and re.fullmatch(r'[a-z_]\w*(\.[a-z_]\w*)+', word) else part)
        return '.'.join(parts)

    def member(self, text, fn, depth=0):
        """Member path of the lock @text, "" if it cannot be known, None if it depends on parameters."""
        text = unwrap(text)
        while text.startswith('&'):
            text = unwrap(text[1:])
        base, path = split_member(text)
        if path:
            return self.aliases(path)
        if not IDENT.fullmatch(base):
            return '' if not fn.macro and not set(IDENT.findall(base)) & set(fn.params) else None
        if base in fn.params or fn.macro:
            return None
        values = re.findall(r'(?<![\w.>])%s\s*=(?!=)\s*([^;]+);' % re.escape(base), fn.body)
        if len(values) == 1 and depth < 4:
            return self.member(values[0], fn, depth + 1)
        if values or base in local_names(fn):
            return ''
        return base             # a variable of the file

    # --- acquisitions ----------------------------------------------------------------

    def acquisitions(self, fn, stack=()):
        """All that a call of @fn takes in its own frame."""
        if fn in self.memo:
            return self.memo[fn]
        if fn in stack or len(stack) > 4 * DEPTH:
            return []
        found = {}
        for name, args in body_calls(fn):
            for acq in self.call(name, args, fn, stack + (fn,)):
                found.setdefault(acq.key(), acq)
        result = list(found.values())
        if not stack or len(stack) < DEPTH:
            self.memo[fn] = result
        return result

    def call(self, name, args, fn, stack):
        prim = PRIMS.get(name)
        if prim:
            if prim.lock < len(args):
                yield self.primitive(name, prim, args, fn)
            return
        if name in fn.params:
            return
        for callee in self.find(name):
            if callee is fn or not self.may_inline(callee):
                continue
            through = callee.path in self.own and not callee.macro
            for acq in self.acquisitions(callee, stack):
                yield self.substitute(acq, callee, args, fn, through)

    def primitive(self, name, prim, args, fn):
        if prim.sub is None:
            sub = 0
        elif prim.sub == NEST:
            sub = NEST
        else:
            sub = self.subclass(args[prim.sub], fn) if prim.sub < len(args) else VARIABLE
        lock = args[prim.lock]
        path = 'sk_lock' if name in SOCK else self.member(lock, fn)
        return Acq(prim.prim, prim.read, lock, path, sub)

    def substitute(self, acq, callee, args, fn, through):
        """@acq of @callee as one of its caller @fn."""
        table = {p: '(%s)' % a for p, a in zip(callee.params, args) if p}
        sub, path, lock = acq.sub, acq.path, acq.lock
        if isinstance(sub, str) and sub != NEST:
            sub = self.subclass(replace_words(sub, table), fn)
        if path is None:
            lock = replace_words(lock, table)
            path = self.member(lock, fn)
        return Acq(acq.prim, acq.read, lock, path, sub, acq.inlined or through)

    def may_inline(self, fn):
        """Might the compiler put this function's body into its callers?"""
        if fn.macro:
            return True
        if fn.noinline:
            return False
        if fn.path not in self.own:
            return fn.inline or fn.static
        if not fn.static and not fn.inline:
            return False
        definitions = sum(f.path in self.own and not f.macro for f in self.index.functions[fn.name])
        uses = self.mentions[fn.name] - self.prototypes[fn.name] - definitions
        return fn.inline or uses <= 1 or fn.statements() <= SMALL


def local_names(fn):
    """What the body of @fn declares or assigns, roughly."""
    if not hasattr(fn, 'locals'):
        fn.locals = set(re.findall(r'^\s*(?:[A-Za-z_][\w \t]*[ \t*]+\**)(\w+)\s*(?:=[^=]|;|,|\[)', fn.body, re.M)) | \
            set(re.findall(r'(?<![\w.>])(\w+)\s*=(?!=)', fn.body))
        fn.locals |= set(re.findall(r',\s*\**(\w+)\s*(?:=[^=]|;|,)', '\n'.join(
            re.findall(r'^\s*(?:struct|spinlock_t|raw_spinlock_t|int|unsigned)\b[^;()]*;', fn.body, re.M))))
        fn.locals -= set(fn.params)
    return fn.locals


def split_member(text):
    """("inode", "i_data.i_pages") of "inode->i_data.i_pages": variable or call, and the
    path behind the last arrow. Indices are left out."""
    depth, arrow, dot = 0, -1, -1
    for i, c in enumerate(text):
        if c in '([{':
            depth += 1
        elif c in ')]}':
            depth -= 1
        elif depth:
            continue
        elif c == '>' and i and text[i - 1] == '-':
            arrow, dot = i + 1, -1
        elif c == '.' and dot < 0 and arrow < 0:
            dot = i + 1
    begin = arrow if arrow >= 0 else dot
    if begin < 0:
        return unwrap(re.sub(r'\[[^\]]*\]', '', text)), ''
    path = re.sub(r'\s+', '', re.sub(r'\[[^\]]*\]', '', text[begin:]))
    if not re.fullmatch(r'[A-Za-z_]\w*(\.[A-Za-z_]\w*)*', path):
        return unwrap(text), ''
    return text[:begin - (2 if arrow >= 0 else 1)], path


def mentions(text, names):
    """Is one of @names in @text? As a substring, which is fast."""
    return any(n in text for n in names)


def short(names):
    """Substrings of which each of @names has one: most names are ..._nest..."""
    return {'_nest' if '_nest' in n else n.removeprefix('guard:') for n in names}


def annotated_names(tree, headers):
    """Names that annotate: the primitives, and what headers make of them, to any depth."""
    names = {n for n, p in PRIMS.items() if p.annotated()}
    texts = {h: tree.peek(h) for h in headers}
    fresh = set(names)
    while fresh:
        found, parts = set(), short(fresh)
        for path, text in texts.items():
            if not mentions(text, parts):
                continue
            src = tree.source(path)
            for fn in src.functions + [m for ms in src.macros.values() for m in ms] + list(guards(src)):
                if fn.name in names or fn.name in PRIMS:
                    continue
                if any(n in fresh and '0' not in a[1:] for n, a in body_calls(fn)):
                    found.add(fn.name)
        fresh = found - names
        names |= fresh
    return names


def rows(tree, report):
    """{(function, primitive, read, member): Row}. @report gets the figures of count()."""
    headers = tree.files(('.h',), lambda p: not p.startswith('kernel/locking/'))
    names = annotated_names(tree, [h for h in headers if tree_size(tree, h) < HUGE])
    parts, index, table = short(names), Index(tree), {}
    words = {n.removeprefix('guard:') for n in names}
    for path in tree.files(('.c',), lambda p: not p.startswith('kernel/locking/')):
        text = tree.peek(path)
        if not mentions(text, parts) or words.isdisjoint(IDENT.findall(text)):
            continue
        report.count(tree.source(path), text, names)
        unit = Unit(index, path)
        for p in sorted(unit.own):
            for fn in tree.source(p).functions:
                collect(table, symbol(fn, unit), unit.acquisitions(fn), path)
        for fn in unit.memo:
            if not fn.macro and fn.path not in unit.own and any(a.annotated() for a in unit.memo[fn]):
                collect(table, fn.name, unit.memo[fn], fn.path)
    return drop_plain(table)


def tree_size(tree, path):
    return os.path.getsize(os.path.join(tree.root, path))


PASTED = re.compile(r'\b(\w+)\s*##\s*(\w+)\s*\(')


def symbol(fn, unit):
    """Name of a function in the symbol table. SHOW(x) { ... } is x_show if the macro SHOW says so."""
    for macro in unit.find(fn.name):
        m = PASTED.search(macro.body) if macro.macro else None
        if m:
            table = dict(zip(macro.params, fn.args))
            return table.get(m.group(1), m.group(1)) + table.get(m.group(2), m.group(2))
    return fn.name


def symbols(name):
    """Symbols under which a function may run: a system call has three."""
    for kind in ('', 'compat_'):
        start = '__do_%ssys_' % kind
        if name.startswith(start):
            call = name[len(start):]
            return [name, '__se_%ssys_%s' % (kind, call), '__x64_%ssys_%s' % (kind, call),
                    '__ia32_%ssys_%s' % (kind, call)]
    return [name]


def collect(table, name, acqs, path):
    for acq in acqs:
        for symbol in symbols(name):
            row = table.setdefault((symbol, acq.prim, acq.read, acq.path or ''), Row())
            if acq.sub == NEST:
                row.mask |= 1 | 1 << NESTED_UNDER
            elif isinstance(acq.sub, str):
                row.mask |= 1 << VARIABLE
            else:
                row.mask |= 1 << acq.sub
            row.inlined = row.inlined and acq.inlined
            row.files.add(path)


def drop_plain(table):
    """Only functions, primitives and modes of which something is annotated."""
    wanted = {key[:3] for key, row in table.items() if row.mask != 1}
    return {key: row for key, row in table.items() if key[:3] in wanted}
