#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Rules about the source tree as a whole.

. "$(dirname "$0")/../lib/tap.sh"
cd "$TOP" || exit 1

sources=$(git ls-files --cached --others --exclude-standard -- '*.[ch]' '*.sh' '*.py' Makefile '*.mk' |
	while read -r f; do [ -f "$f" ] && echo "$f"; done)

bad=$(for f in $sources; do
	sed -n '1,2p' "$f" | grep -q 'SPDX-License-Identifier: GPL-2.0-only' || echo "$f"
done)
is "every source file begins with its licence" "$bad" ""

bad=$(for f in $sources; do
	case $f in user/*.c|user/*.h|bpf/*) [ "$(wc -l < "$f")" -le 600 ] || echo "$f" ;; esac
done)
is "no source file is longer than 600 lines" "$bad" ""

is "main.c only dispatches (120 lines at most)" \
	"$([ "$(wc -l < user/cmd/main.c)" -le 120 ] && echo yes)" yes

bad=$(grep -nE '\b(printf|perror|exit|_exit|abort|vprintf|puts)\(' user/base/*.c user/core/*.c user/file/*.c \
	user/live/*.c user/render/*.c)
is "only cmd/ prints to the standard streams or exits" "$bad" ""

bad=$(grep -nE 'SEC\("[a-z]' bpf/*.c | grep -vE 'SEC\("(license|\.maps)"\)')
is "every BPF program is optional" "$bad" ""

# Loss counters: enum, explanation, in step.
names=$(grep -oE 'LK_STAT_[A-Z_]+' bpf/abi.h | sort -u | grep -v LK_STAT_NR)
bad=$(for n in $names; do grep -q "\[$n\]" user/core/loss.c || echo "$n"; done)
is "every loss counter is explained" "$bad" ""
bad=$(for n in $names; do
	case $n in LK_STAT_DRAIN|LK_STAT_RECURSION) grep -rq "$n" user/live ;;	# counted by user space
	*) grep -rqw "$n" bpf/*.bpf.h bpf/*.bpf.c ;;
	esac || echo "$n"
done)
is "every loss counter is counted somewhere" "$bad" ""

# Options that advice names must exist.
bad=$(grep -oE -- '--[a-z][a-z-]+' user/core/loss.c | sort -u | while read -r o; do
	grep -q "\"${o#--}\"" user/cmd/opttab.c || echo "$o"
done)
is "advice names only options that exist" "$bad" ""

if ! command -v shellcheck > /dev/null; then
	skip "shell scripts pass shellcheck" "shellcheck is not installed"
else
	ok "shell scripts pass shellcheck" shellcheck -s bash -S error -e SC2261 \
		$(for f in $(git ls-files '*.sh' .ci/run tools/quickstart tools/run-tests tools/setup); do
			[ -f "$f" ] && echo "$f"; done)
fi
done_testing
