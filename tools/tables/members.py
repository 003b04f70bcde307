# SPDX-License-Identifier: GPL-2.0-only
"""Names of the locks in structures: lockdep calls a lock as the argument of its
initialiser is spelled ("&mm->mmap_lock"), so the calls of the initialisers tell for
each structure and member what lockdep would print.
"""
import re
from collections import Counter

from csrc import calls, closing, declaration, declarations, IDENT, split_top, Structures, unwrap
from nested import split_member, tree_size
from tree import HUGE

# Initialiser: (kind of row, index of the lock among its arguments, member of it that is the lock).
INITS = {
    'mutex_init': ('LOCK', 0, ''), 'init_rwsem': ('LOCK', 0, ''), 'percpu_init_rwsem': ('LOCK', 0, ''),
    'spin_lock_init': ('LOCK', 0, ''), 'raw_spin_lock_init': ('LOCK', 0, ''), 'rwlock_init': ('LOCK', 0, ''),
    'rt_mutex_init': ('LOCK', 0, ''), 'ww_mutex_init': ('WW', 0, ''), 'drmm_mutex_init': ('LOCK', 1, ''),
    'seqlock_init': ('LOCK', 0, 'lock'), 'init_waitqueue_head': ('WAITQ', 0, ''),
    'init_swait_queue_head': ('WAITQ', 0, ''), 'init_completion': ('COMPL', 0, ''),
    'sema_init': ('SEMA', 0, ''), 'init_srcu_struct': ('SRCU', 0, ''), 'init_f2fs_rwsem': ('LOCK', 0, 'internal_rwsem'),
}
PERCPU = ('per_cpu_ptr', 'this_cpu_ptr', 'raw_cpu_ptr', 'get_cpu_ptr', 'per_cpu', 'rcu_dereference')

WHOLE = """arch/x86 block crypto fs include init io_uring ipc kernel lib mm net security sound/core virt""".split()
DRIVERS = """acpi ata base block char clk cpufreq dma-buf gpio gpu/drm/i915 gpu/drm/ttm hid hwmon i2c input iommu leds
    md mmc mtd net/virtio nvdimm nvme pci power pps ptp regulator rtc scsi spi target thermal tty usb/core usb/host
    vfio vhost video virtio watchdog xen""".split()
FILES = re.compile(r'drivers/(gpu/drm|net)/[^/]*$|drivers/net/virtio')


def wanted(path):
    """Code of x86 machines that locks of many systems come from; not every driver's."""
    return path.startswith(tuple(w + '/' for w in WHOLE)) or bool(FILES.match(path)) or \
        path.startswith(tuple('drivers/%s/' % d for d in DRIVERS))


class Scan:
    """The initialisers of one tree, entered into @names:
    {(tag, path, kind): Counter of names}; derived rows count nothing there."""

    def __init__(self, tree, names, derived):
        self.tree, self.names, self.derived = tree, names, derived
        self.structs, self.globals, self.aliases = Structures(), {}, {}
        self.found, self.lost = 0, Counter()

    def run(self):
        headers = [h for h in self.tree.files(('.h',), wanted) if tree_size(self.tree, h) < HUGE]
        for path in headers:
            self.read(path)
        sources = []
        for path in self.tree.files(('.c',), wanted):
            text = self.tree.peek(path)
            if any(i in text for i in INITS):
                sources.append(path)
                self.read(path)
        for path in headers + sources:
            self.scan(self.tree.source(path))

    def read(self, path):
        src = self.tree.source(path)
        self.structs.add(src)
        for name, body in src.words.items():
            if re.fullmatch(r'[a-z_]\w*(\.[a-z_]\w*)+', body):
                self.aliases.setdefault(name, body)

    def scan(self, src):
        self.outside = None
        for fn in src.functions:
            if not any(i in fn.body for i in ('_init', 'init_')):
                continue
            for name, args, _ in calls(fn.body):
                if name in INITS and len(args) > INITS[name][1] and fn.name not in INITS:
                    self.init(src, fn, name, args)

    def init(self, src, fn, name, args):
        kind, at, suffix = INITS[name]
        text = ' '.join(args[at].split())
        base, path = split_member(strip_address(text))
        tag = self.type_of(base, src, fn) if path else None
        self.found += 1
        if not unwrap(text).startswith('&'):
            self.lost['by a pointer'] += 1
            return
        if not tag:
            self.lost['no member' if not path else 'type of %s unknown' % ('a call' if '(' in base else 'a variable')] += 1
            return
        path = '.'.join(self.aliases.get(p, p) for p in path.split('.'))
        if suffix:
            text, path = '&(%s)->%s' % (text, suffix) if name == 'seqlock_init' else text, path + '.' + suffix
        if name == 'rt_mutex_init':
            text = fn.name          # the macro names it after the function
        if kind == 'WW':
            text = strip_address(args[1]) + '_mutex' if len(args) > 1 else text
        self.names.setdefault((tag, path, kind), Counter())[text] += 1
        self.inner(src, tag, path, kind, text)

    def inner(self, src, tag, path, kind, text):
        """The same lock as a member of the structures embedded on the way to it."""
        parts = path.split('.')
        while len(parts) > 1 and tag:
            tag = self.structs.member(tag, parts.pop(0), src.path)
            if tag:
                self.derived.setdefault((tag, '.'.join(parts), kind), Counter())[text] += 1

    def type_of(self, text, src, fn, depth=0):
        """Tag of the structure that @text is, or points to; None if that cannot be told."""
        text = strip_address(text)
        if depth > 6 or not text:
            return None
        base, path = split_member(text)
        if path:
            tag = self.type_of(base, src, fn, depth + 1)
            for part in '.'.join(self.aliases.get(p, p) for p in path.split('.')).split('.'):
                tag = self.structs.member(tag, part, src.path) if tag else None
            return tag
        m = re.match(r'(\w+)\s*\(', base)
        if m and closing(base, m.end() - 1) == len(base) - 1:
            return self.type_of_call(m.group(1), split_top(base[m.end():-1]), src, fn, depth)
        if not IDENT.fullmatch(base):
            return None
        found = declarations(fn).get(base) or self.file_scope(src).get(base)
        return self.structs.tag(found[0]) if found else None

    def type_of_call(self, name, args, src, fn, depth):
        if name in PERCPU and args:
            return self.type_of(args[0], src, fn, depth + 1)
        if name == 'container_of' and len(args) > 1:
            m = re.fullmatch(r'struct\s+(\w+)', args[1])
            return m.group(1) if m else None
        return self.structs.returns.get(name)

    def file_scope(self, src):
        """Variables that a file defines outside of functions."""
        if src.path not in self.globals:
            table = {}
            for m in re.finditer(r'^(?:(?:static|extern|const)\s+)*struct\s+\w+[^;{}()]*;', src.code, re.M):
                declaration(m.group()[:-1], table)
            for m in re.finditer(r'\bDEFINE_PER_CPU\w*\(\s*struct\s+(\w+)\s*,\s*(\w+)', src.code):
                table.setdefault(m.group(2), (m.group(1), False))
            for m in re.finditer(r'^(?:static\s+)?struct\s+(\w+)\s+(\w+)\s*(?:\[[^\]]*\]\s*)*(?:__\w+\s*)*=', src.code, re.M):
                table.setdefault(m.group(2), (m.group(1), False))
            self.globals[src.path] = table
        return self.globals[src.path]


def strip_address(text):
    text = unwrap(text)
    while text[:1] in ('&', '*') and text[:2] != '&&':
        text = unwrap(text[1:])
    return text


def merge(names, derived):
    """{(tag, path): (kind, name)}: of several names the one of most initialisers, then the shortest, then
    the first. A name by way of an outer structure counts only where there is no other, of any other
    structure that embeds it either."""
    table = {}
    alone = {}
    for (tag, path, kind), counter in derived.items():
        alone.setdefault((tag, path), set()).update(counter)
    derived = {key: counter for key, counter in derived.items() if len(alone[key[:2]]) == 1}
    for source in (names, derived):
        best = {}
        for (tag, path, kind), counter in source.items():
            for name, nr in counter.items():
                rank = (-nr, len(name), name, kind)
                if (tag, path) not in table and rank < best.get((tag, path), (1,)):
                    best[tag, path] = rank
        table.update({key: (rank[3], rank[2]) for key, rank in best.items()})
    return table
