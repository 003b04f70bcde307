# SPDX-License-Identifier: GPL-2.0-only
"""A kernel source tree: where it comes from (a folder, or Debian's package, kept in the
cache that tools/vm uses), which of its files count, what a file sees of others.
"""
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile

from csrc import Source

HUGE = 600 * 1024       # headers beyond that are tables of register numbers


class TablesError(Exception):
    """Something the caller must be told in one sentence."""


def cache_folder():
    home = os.environ.get('XDG_CACHE_HOME') or os.path.join(os.environ.get('HOME', '/root'), '.cache')
    return os.environ.get('LOCKSCOPE_VM_CACHE') or os.path.join(home, 'lockscope', 'vm')


def candidate(package):
    """Version of @package that apt would take."""
    env = dict(os.environ, LC_ALL='C')
    try:
        text = subprocess.run(['apt-cache', 'policy', package], env=env, check=True, text=True,
                              stdout=subprocess.PIPE).stdout
    except (OSError, subprocess.CalledProcessError) as e:
        raise TablesError("apt-cache does not work here (%s); name a kernel source folder with --source" % e)
    m = re.search(r'^\s*Candidate:\s*(\S+)', text, re.M)
    if not m or m.group(1) == '(none)':
        raise TablesError("no package %s here; run 'apt-get update' on Debian with its security suite, "
                          "or name a kernel source folder with --source" % package)
    return m.group(1)


def fetch(series):
    """(folder, "package version") of Debian's newest source of kernel @series."""
    package = 'linux-source-' + series
    version = candidate(package)
    cache = cache_folder()
    folder = os.path.join(cache, 'linux-source-' + version)
    os.makedirs(cache, exist_ok=True)
    with open(os.path.join(cache, '.lock-source-' + series), 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.isdir(folder):
            print('tables: fetching %s %s' % (package, version), file=sys.stderr)
            scratch = tempfile.mkdtemp(prefix='.tables.', dir=cache)
            try:
                unpack(package, version, series, scratch)
                os.rename(os.path.join(scratch, 'tree'), folder)
            finally:
                shutil.rmtree(scratch, ignore_errors=True)
    return folder, '%s %s' % (package, version)


def unpack(package, version, series, scratch):
    """The C files and Makefiles of a source package into @scratch/tree."""
    tree = os.path.join(scratch, 'tree')
    os.mkdir(tree)
    try:
        subprocess.run(['apt-get', '-q=2', '-o', 'APT::Sandbox::User=root', 'download',
                        '%s=%s' % (package, version)], cwd=scratch, check=True, stdout=sys.stderr)
        deb = next(f for f in os.listdir(scratch) if f.endswith('.deb'))
        subprocess.run("set -o pipefail; dpkg-deb --fsys-tarfile %s | tar -xO ./usr/src/linux-source-%s.tar.xz | "
                       "tar -xJ -C tree --strip-components=1 --wildcards '*.c' '*.h' '*/Makefile' "
                       "--exclude='*/Documentation/*' --exclude='*/tools/*'" % (deb, series),
                       shell=True, executable='/bin/bash', cwd=scratch, check=True)
    except (OSError, subprocess.CalledProcessError, StopIteration) as e:
        raise TablesError("package %s %s cannot be downloaded and unpacked (%s); is the network up, the disk full?"
                          % (package, version, e))


class Tree:
    """Files by path relative to the root, read and analysed at most once each."""

    def __init__(self, root):
        self.root = root
        if not os.path.isfile(os.path.join(root, 'Makefile')):
            raise TablesError("'%s' is no kernel source: it has no Makefile" % root)
        self.texts, self.sources, self.seen, self.exists = {}, {}, {}, {}

    def series(self):
        """"6.12": what the Makefile says of itself."""
        text = self.text('Makefile')
        found = [re.search(r'^%s\s*=\s*(\d+)' % w, text, re.M) for w in ('VERSION', 'PATCHLEVEL')]
        if not all(found):
            raise TablesError("'%s/Makefile' does not say VERSION and PATCHLEVEL: no kernel source" % self.root)
        return '.'.join(m.group(1) for m in found)

    def text(self, path):
        if path not in self.texts:
            with open(os.path.join(self.root, path), encoding='utf-8', errors='replace') as f:
                self.texts[path] = f.read()
        return self.texts[path]

    def peek(self, path):
        """The text of a file, not kept."""
        with open(os.path.join(self.root, path), encoding='utf-8', errors='replace') as f:
            return f.read()

    def source(self, path):
        if path not in self.sources:
            full = os.path.join(self.root, path)
            huge = path.endswith('.h') and os.path.getsize(full) > HUGE
            self.sources[path] = Source(path, '' if huge else self.peek(path))
        return self.sources[path]

    def files(self, suffixes, keep=lambda path: True):
        """Sorted paths of the files that end so, without architectures other than x86."""
        found = []
        for folder, dirs, names in os.walk(self.root):
            rel = os.path.relpath(folder, self.root)
            rel = '' if rel == '.' else rel + '/'
            if rel == 'arch/':
                dirs[:] = [d for d in dirs if d == 'x86']
            elif not rel:
                dirs[:] = [d for d in dirs if d not in ('tools', 'Documentation', 'scripts', 'usr')]
            found += [rel + n for n in names if n.endswith(suffixes) and keep(rel + n)]
        return sorted(found)

    def is_file(self, path):
        if path not in self.exists:
            self.exists[path] = os.path.isfile(os.path.join(self.root, path))
        return self.exists[path]

    def resolve(self, path, name):
        """Path of what @path means by #include @name, or None."""
        folder = os.path.dirname(path)
        tries = []
        while folder and not folder.startswith('include'):
            tries.append(folder + '/' + name)
            folder = os.path.dirname(folder)
        tries = tries[:1] + ['include/' + name, 'arch/x86/include/' + name, 'include/uapi/' + name] + tries[1:]
        if name.startswith('asm/'):
            tries.append('include/asm-generic/' + name[4:])
        for t in tries:
            t = os.path.normpath(t)
            if self.is_file(t):
                return t
        return None

    def visible(self, path):
        """Set of the files that @path sees: itself and all that it includes, at any depth."""
        if path not in self.seen:
            seen, todo = set(), [path]
            while todo:
                p = todo.pop()
                if p in seen:
                    continue
                if p in self.seen:
                    seen |= self.seen[p]
                    continue
                seen.add(p)
                for name in self.source(p).includes:
                    found = self.resolve(p, name)
                    if found and found not in seen:
                        todo.append(found)
            self.seen[path] = seen
        return self.seen[path]
