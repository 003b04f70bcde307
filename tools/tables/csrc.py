# SPDX-License-Identifier: GPL-2.0-only
"""C source files as far as the tables need them, by regular expressions over a text
without comments and strings: functions, macros, enums, structures, #includes.

This is no parser. It relies on the kernel's style (a closing brace in the first column
ends what was opened outside of functions) and takes every branch of a conditional,
except "#if 0". What it cannot read it leaves out.
"""
import bisect
import re

NOISE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
DIRECTIVE = re.compile(r'^[ \t]*#[ \t]*(\w*)((?:\\\n|[^\n])*)', re.M)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.M)
OPENING = re.compile(r'^\{|^[A-Za-z_][^\n;={}]*\)[^\n;={}()]*\{|^[ \t]+[^\n;={}]*\)[^\n;={}()]*\{', re.M)
CLOSING = re.compile(r'^\}', re.M)
BRACKET = re.compile(r'[()\[\]{}]')
IDENT = re.compile(r'[A-Za-z_]\w*')
NUMBER = re.compile(r'(0[xX][0-9a-fA-F]+|\d+)[uUlL]*')

# What may stand before the name of a function and looks like a call.
ATTRIBUTES = frozenset("""__attribute__ __printf __scanf __section __aligned __acquires __releases __must_hold
    __malloc __alloc_size __acquire __release __cond_acquires __nocapture __realloc_size __counted_by
    __diag_push __diag_ignore __typeof__ typeof""".split())
NOT_FUNCTIONS = frozenset("if for while switch do else return sizeof struct union enum typedef".split())
KEYWORDS = NOT_FUNCTIONS | {"case", "default", "goto", "break", "continue", "const", "static", "volatile"}
DECLARATION = re.compile(r'^\s*(?:(?:const|static|register|volatile|extern)\s+)*(?:(struct|union)\s+)?'
                         r'([A-Za-z_]\w*)(?:\s+const)?(\s*\*.*|\s+[A-Za-z_(].*)$', re.S)
DECLARATOR = re.compile(r'^(?:(?:__\w+|const)\s+)*((?:\*\s*(?:const\s+|__\w+\s+)*)*)\s*([A-Za-z_]\w*)\s*(?:\[[^=]*\]\s*)*'
                        r'(?:__\w+(?:\([^)]*\))?\s*)*(?:=.*)?$', re.S)
SYSCALL = re.compile(r'^(COMPAT_)?SYSCALL(?:32|64)?_DEFINE[0-6x]?$')


def strip(text):
    """@text without comments and without the insides of strings, line for line."""
    def blank(m):
        s = m.group()
        if s[0] == '/':
            return ' ' + '\n' * s.count('\n')
        return s[0] + ' ' * (len(s) - 2) + s[0]
    return NOISE.sub(blank, text)


def closing(text, start):
    """Index of the bracket that closes the one at @start, or -1."""
    depth = 0
    for m in BRACKET.finditer(text, start):
        if m.group() in '([{':
            depth += 1
        else:
            depth -= 1
            if not depth:
                return m.start()
    return -1


def split_top(text, sep=','):
    """Split at @sep outside of brackets; each part without outer blanks."""
    if not BRACKET.search(text):
        parts = [p.strip() for p in text.split(sep)]
        return parts if parts != [''] else []
    parts, depth, begin = [], 0, 0
    for m in re.finditer(r'[()\[\]{}%s]' % sep, text):
        c = m.group()
        if c in '([{':
            depth += 1
        elif c in ')]}':
            depth -= 1
        elif not depth:
            parts.append(text[begin:m.start()].strip())
            begin = m.end()
    parts.append(text[begin:].strip())
    return parts


def unwrap(expr):
    """@expr without brackets around the whole and without a cast before it."""
    expr = expr.strip()
    while expr.startswith('('):
        end = closing(expr, 0)
        if end < 0:
            break
        inside, rest = expr[1:end].strip(), expr[end + 1:].strip()
        if not rest:
            expr = inside
        elif re.match(r'^(?:struct\s+)?\w+\s*\**$', inside) and re.match(r'[\w&(*]', rest):
            expr = rest
        else:
            break
    return expr


def calls(text):
    """(name, [argument, ...], offset) of everything in @text that looks like a call."""
    for m in re.finditer(r'\b([A-Za-z_]\w*)\s*\(', text):
        if m.group(1) in KEYWORDS:
            continue
        end = closing(text, m.end() - 1)
        if end > 0:
            yield m.group(1), split_top(text[m.end():end]), m.start()


def replace_words(text, table):
    """Every identifier of @text that is in @table, replaced, unless it is a member."""
    def one(m):
        before = text[:m.start()].rstrip()
        if before.endswith('->') or (before.endswith('.') and not before.endswith('..')):
            return m.group()
        return table.get(m.group(), m.group())
    return IDENT.sub(one, text)


class Function:
    """A function, or a function-like macro (then macro is set). args: its parameters'
    declarations."""

    def __init__(self, file, name, params, body, head='', macro=False, args=()):
        self.path, self.name, self.params, self.body = file.path, name, params, body
        self.macro, self.args = macro, args
        words = set(IDENT.findall(head))
        self.inline = bool(words & {'inline', '__always_inline', '__inline', '__inline__'})
        self.static = 'static' in words
        self.noinline = any(w.startswith('noinline') or w == '__noinline' for w in words)

    def statements(self):
        return self.body.count(';')


class Source:
    """One file, read at once. code is its text without comments, strings and directives."""

    def __init__(self, path, text):
        self.path = path
        self.includes = INCLUDE.findall(text)
        self.macros, self.words = {}, {}
        self.functions = []
        code = strip(text)
        self.code = self._directives(code)
        self._functions()
        self._enums()

    def _directives(self, code):
        """Take the preprocessor's lines out of @code. Blank what is under "#if 0"."""
        out, last, skip = [], 0, None
        for m in DIRECTIVE.finditer(code):
            between = code[last:m.start()]
            out.append(re.sub(r'[^\n]', ' ', between) if skip is not None else between)
            out.append(re.sub(r'[^\n]', ' ', m.group()))
            last = m.end()
            word, rest = m.group(1), m.group(2)
            if skip is not None:
                if word.startswith('if'):
                    skip += 1
                elif word == 'endif':
                    skip = skip - 1 if skip else None
                elif word in ('else', 'elif') and not skip:
                    skip = None
            elif word == 'if' and rest.strip() == '0':
                skip = 0
            elif word == 'define':
                self._define(rest.replace('\\\n', ' '))
        between = code[last:]
        out.append(re.sub(r'[^\n]', ' ', between) if skip is not None else between)
        return ''.join(out)

    def _define(self, rest):
        m = re.match(r'\s*([A-Za-z_]\w*)(\(([^()]*)\))?(.*)', rest, re.S)
        if not m:
            return
        name, body = m.group(1), m.group(4).strip()
        if m.group(2) is None:
            self.words.setdefault(name, body)
            return
        params = [p.strip() for p in m.group(3).split(',') if p.strip()]
        self.macros.setdefault(name, []).append(Function(self, name, params, body, macro=True))

    def _functions(self):
        code, pos = self.code, 0
        self.ends = [m.start() for m in CLOSING.finditer(code)]
        while True:
            m = OPENING.search(code, pos)
            if not m:
                return
            brace = m.end() - 1
            end = closing_line(self, brace)
            bound = max(code.rfind(';', 0, brace), code.rfind('}', 0, brace), pos - 1)
            self._function(code[bound + 1:brace], code[brace + 1:end])
            pos = end + 1

    def _function(self, head, body):
        if re.search(r'=\s*$|=\s*\(|=\s*\{', head):
            return
        m, end = header(head)
        if not m or m.group(1) in NOT_FUNCTIONS:
            return
        name, args = m.group(1), split_top(head[m.end():end])
        if SYSCALL.match(name) and args:
            prefix = '__do_compat_sys_' if name.startswith('COMPAT') else '__do_sys_'
            name, params = prefix + args[0], args[2::2]
        elif re.match(r'^BPF_CALL_\d$', name) and args:
            name, params = args[0], args[2::2]
        else:
            params = [param_name(a) for a in args]
        self.functions.append(Function(self, name, params, body, head[:m.start()], args=args))

    def _enums(self):
        self.enums = {}
        for m in re.finditer(r'\benum\b\s*(?:\w+\s*)?(?:__packed\s*)?\{([^{}]*)\}', self.code):
            last, step = None, 0
            for item in split_top(m.group(1)):
                name, eq, value = item.partition('=')
                name = name.strip().split()[0] if name.strip() else ''
                if not IDENT.fullmatch(name):
                    continue
                if eq:
                    last, step = value.strip(), 0
                self.enums.setdefault(name, '(%s) + %d' % (last, step) if last is not None else str(step))
                step += 1


def header(head):
    """(match of "NAME (", index of its closing bracket) of a function's header: the last
    that is none of the attributes which may follow it; (None, -1) if there is none."""
    found, end = None, -1
    for m in re.finditer(r'([A-Za-z_]\w*)\s*\(', head):
        if m.start() < end or m.group(1) in ATTRIBUTES:
            continue
        close = closing(head, m.end() - 1)
        if close > 0:
            found, end = m, close
    return found, end


def closing_line(src, brace):
    """End of the block at @brace: on the same line, or the next brace in the first column."""
    line_end = src.code.find('\n', brace)
    if line_end >= 0:
        end = closing(src.code[:line_end], brace)
        if end >= 0:
            return end
    i = bisect.bisect_right(src.ends, brace)
    return src.ends[i] if i < len(src.ends) else len(src.code)


def param_name(decl):
    """Name that a parameter's declaration declares, "" if none."""
    m = re.search(r'\(\s*\*\s*(\w+)', decl)
    if m:
        return m.group(1)
    words = IDENT.findall(re.sub(r'\[[^\]]*\]', '', decl))
    return words[-1] if len(words) > 1 else ''


def declaration(text, table):
    """Enter what the declaration @text declares into @table: {name: ("tag", is it a pointer)};
    a type without struct or union comes as "typedef NAME". What is there stays."""
    m = DECLARATION.match(text)
    if not m or m.group(2) in KEYWORDS:
        return
    tag = m.group(2) if m.group(1) else 'typedef ' + m.group(2)
    for declarator in split_top(m.group(3)):
        d = DECLARATOR.match(declarator)
        if d and d.group(2) not in KEYWORDS:
            table.setdefault(d.group(2), (tag, bool(d.group(1))))


def declarations(fn):
    """Parameters and local variables of a function, see declaration()."""
    if not hasattr(fn, 'declared'):
        fn.declared = {}
        for text in fn.args:
            declaration(text, fn.declared)
        for text in re.split(r'[;{}]', fn.body):
            declaration(text, fn.declared)
    return fn.declared


class Structures:
    """Members of structures, and typedefs, of many files. A file's own come first."""

    def __init__(self):
        self.by_file, self.all, self.typedefs, self.returns = {}, {}, {}, {}

    def add(self, src):
        own = self.by_file[src.path] = {}
        for m in re.finditer(r'\b(typedef\s+)?(?:struct|union)\s+(?:__\w+\s+)*(\w+)?\s*\{', src.code):
            end = closing(src.code, m.end() - 1)
            if end < 0:
                continue
            tag = m.group(2)
            if m.group(1):
                t = re.match(r'\s*(?:__\w+(?:\([^)]*\))?\s*)*(\w+)\s*;', src.code[end + 1:end + 200])
                if t and tag:
                    self.typedefs.setdefault(t.group(1), tag)
            if tag:
                own.setdefault(tag, members(src.code[m.end():end]))
        for tag, table in own.items():
            self.all.setdefault(tag, table)
        for m in re.finditer(r'\btypedef\s+struct\s+(\w+)\s+(\w+)\s*;', src.code):
            self.typedefs.setdefault(m.group(2), m.group(1))
        for m in re.finditer(r'^[a-z_][\w \t]*\bstruct\s+(\w+)\s*\*+\s*(?:__\w+\s+)*(\w+)\s*\(', src.code, re.M):
            self.returns.setdefault(m.group(2), m.group(1))

    def tag(self, name):
        """A declared type as a structure's tag, or None."""
        if name and name.startswith('typedef '):
            return self.typedefs.get(name[8:])
        return name

    def member(self, tag, name, path):
        """Tag of the member @name of structure @tag as the file @path sees it, or None."""
        table = self.by_file.get(path, {}).get(tag) or self.all.get(tag) or {}
        found = table.get(name)
        return self.tag(found[0]) if found else None


def members(body):
    """{name: (tag, is it a pointer)} of a structure's body; anonymous inner ones are part of it."""
    table, last = {}, 0
    flat = []
    for m in re.finditer(r'\b(?:struct|union)\s*(?:__\w+\s+)*(\w*)\s*\{', body):
        if m.start() < last:
            continue
        end = closing(body, m.end() - 1)
        if end < 0:
            break
        flat.append(body[last:m.start()])
        after = re.match(r'[^;]*;', body[end + 1:])
        name = after.group()[:-1].strip() if after else ''
        inner = members(body[m.end():end])
        if not re.search(r'\w', re.sub(r'\b__\w+(?:\([^)]*\))?', '', name)):
            for k, v in inner.items():
                table.setdefault(k, v)
        elif m.group(1):
            declaration('struct %s %s' % (m.group(1), name), table)
        last = end + 1 + (after.end() if after else 0)
    flat.append(body[last:])
    for text in ' '.join(flat).split(';'):
        declaration(text, table)
    return table
