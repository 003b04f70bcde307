#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The whole program builds without a warning with every compiler we promise,
# the BPF side with every clang, statically, and into another directory.

. "$(dirname "$0")/../lib/tap.sh"
cd "$TOP" || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES	# we may have been started by make

quiet() { "$@" > /dev/null 2>&1; }

# strip_of CLANG: the llvm-strip that reads what that clang writes.
strip_of()
{
	local name
	for name in "llvm-strip-${1##*-}" llvm-strip; do
		command -v "$name" && return
	done
}

# What ld says of users and groups in a static program: they are looked up by
# glibc's own shared libraries, also then.
nss='in function |statically linked applications requires at runtime'

# build NAME MAKE-ARGUMENTS...
build()
{
	local name=$1
	shift
	if make -s -j"$(nproc)" O="$TMP/out" WERROR=1 "$@" > "$TMP/log" 2>&1 && ! grep -qvE "$nss" "$TMP/log"; then
		pass "$name: no error, no warning"
	else
		fail "$name: no error, no warning" "$(head -20 "$TMP/log")"
	fi
}

for cc in gcc clang-14 clang-16 clang-19; do
	if ! command -v "$cc" > /dev/null; then
		skip "user side with $cc" "$cc is not installed"
		continue
	fi
	rm -rf "$TMP/out"
	build "user side with $cc" CC="$cc"
	ok "and it runs" quiet "$TMP/out/lockscope" --version
done
for clang in clang-14 clang-16 clang-19; do
	if ! command -v "$clang" > /dev/null; then
		skip "BPF side with $clang" "$clang is not installed"
		continue
	fi
	rm -rf "$TMP/out"
	build "BPF side with $clang" CLANG="$clang" LLVM_STRIP="$(strip_of "$clang")" "$TMP/out/include/trace.skel.h"
done

rm -rf "$TMP/out"
build "STATIC=1" STATIC=1
unlike "the static program needs no shared library" "$(ldd "$TMP/out/lockscope" 2>&1)" '=>'
rm -rf "$TMP/out"
build "without ncurses" NCURSES=0
unlike "the program then needs none" "$(ldd "$TMP/out/lockscope" 2>&1)" 'ncurses|tinfo'
"$TMP/out/lockscope" top tests/golden/tui/replay.lks > "$TMP/said" 2>&1
is "top has no screen then" "$?" 1
like "... and says so, and what to do" "$(cat "$TMP/said")" 'built without ncurses.*--batch'
is "top --batch works as ever" "$(LC_ALL=C.UTF-8 COLUMNS=80 "$TMP/out/lockscope" top --batch tests/golden/tui/replay.lks)" \
	"$(cat tests/golden/tui/replay.text)"
rm -rf "$TMP/out"
build "SAN=1" SAN=1
ok "the sanitized program runs" quiet "$TMP/out/lockscope" --version
rm -rf "$TMP/out"
build "distribution flags" CFLAGS="-O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -DLK_PROOF=1" \
	LDFLAGS="-Wl,-z,relro,-z,now -pie" V=1 "$TMP/out/flags"
like "CFLAGS and LDFLAGS of the caller reach the compiler" \
	"$(make -n O="$TMP/out" CFLAGS='-O1 -DLK_PROOF=1' LDFLAGS=-Wl,-z,now V=1 2>&1)" 'DLK_PROOF=1.*Wl,-z,now|Wl,-z,now'

# Header dependencies: touching a header rebuilds what includes it, and nothing else.
rm -rf "$TMP/tree" && mkdir "$TMP/tree" && cp -r Makefile VERSION LICENSE README.md bpf user vmlinux tests tools "$TMP/tree" &&
	(cd "$TMP/tree" && make -s -j"$(nproc)" > /dev/null 2>&1)
is "a finished build has nothing to do" "$(make -C "$TMP/tree" V=0 --no-print-directory 2>&1 | grep -vc 'Nothing to be done')" 0
sleep_free_touch() { touch -d '+2 seconds' "$1"; }
sleep_free_touch "$TMP/tree/user/base/num.h"
log=$(make -C "$TMP/tree" --no-print-directory 2>&1)
like "touching num.h rebuilds num.o" "$log" 'base/num\.o'
unlike "but not the BPF object" "$log" 'trace\.bpf\.o'
sleep_free_touch "$TMP/tree/bpf/abi.h"
log=$(make -C "$TMP/tree" --no-print-directory 2>&1)
like "touching abi.h rebuilds the BPF object" "$log" 'trace\.bpf\.o'
like "and what reads its maps" "$log" 'live/drain\.o'

ok "make install DESTDIR= prefix=" quiet make -s -C "$TMP/tree" install DESTDIR="$TMP/root" prefix=/usr
is "installs exactly these files" "$(cd "$TMP/root" && find . -type f | sort | sed 's|^\./usr/||' | grep -v '^share/man')" \
"sbin/lockscope
share/bash-completion/completions/lockscope
share/doc/lockscope/LICENSE
share/doc/lockscope/README.md"
is "and every man page" "$(cd "$TMP/root" && find . -path '*/man/*' -type f | wc -l)" "$(find user/man -name '*.[578]' | wc -l)"
ok "make uninstall takes them away" make -s -C "$TMP/tree" uninstall DESTDIR="$TMP/root" prefix=/usr
is "all of them" "$(find "$TMP/root" -type f | wc -l)" 0
done_testing
