#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Dependencies run one way: base <- core <- {live, file, import, render <- tui} <- cmd.
# Judged by the #include lines alone; the rules themselves are tested on two
# invented trees, one good, one bad.

. "$(dirname "$0")/../lib/tap.sh"

# violations ROOT: one line per #include that points the wrong way.
violations()
{
	local file layer inc target

	(cd "$1" && grep -rnE '^[[:space:]]*#[[:space:]]*include' user bpf --include='*.[ch]') |
	while IFS= read -r line; do
		file=${line%%:*}
		layer=$(cut -d/ -f1-2 <<<"$file")
		case $file in bpf/*) layer=bpf ;; esac
		inc=$(sed -E 's/.*include[[:space:]]*[<"]([^>"]*)[>"].*/\1/' <<<"$line")
		case $inc in
		*.skel.h|bpf/*|libelf.h|gelf.h) target=libbpf ;;
		*curses.h) target=curses ;;
		*bpf/abi.h) target=abi ;;
		*bpf/lockfns.h) target=lockfns ;;
		../../bpf/*) target=bpf-private ;;
		../*) target=user/$(cut -d/ -f2 <<<"$inc") ;;
		*) target=own ;;
		esac
		allowed "$layer" "$target" || echo "$line"
	done
}

# allowed LAYER TARGET
allowed()
{
	case $1:$2 in
	*:own) ;;
	bpf:libbpf) ;;		# bpf_helpers.h and its kin
	bpf:*) return 1 ;;
	user/core:user/base|user/core:abi) ;;
	user/live:user/base|user/live:user/core|user/live:abi|user/live:lockfns|user/live:libbpf) ;;
	user/file:user/base|user/file:user/core|user/file:abi) ;;
	user/import:user/base|user/import:user/core|user/import:abi) ;;
	user/render:user/base|user/render:user/core|user/render:abi) ;;
	user/tui:user/base|user/tui:user/core|user/tui:curses) ;;
	user/tui:user/render) ;;	# the words and numbers of text
	user/cmd:user/base|user/cmd:user/core|user/cmd:user/live|user/cmd:user/file|user/cmd:user/import) ;;
	user/cmd:abi) ;;		# limits of options
	user/cmd:user/render|user/cmd:user/tui) ;;
	*) return 1 ;;
	esac
}

mkdir -p "$TMP/good/user/core" "$TMP/good/user/cmd" "$TMP/good/bpf" \
	"$TMP/bad/user/core" "$TMP/bad/user/render" "$TMP/bad/user/base" "$TMP/bad/bpf"
echo '#include "../base/num.h"' > "$TMP/good/user/core/a.c"
echo '#include "../live/session.h"' > "$TMP/good/user/cmd/a.c"
echo '#include <bpf/libbpf.h>' > "$TMP/bad/user/core/a.c"
echo '#include "../file/reader.h"' > "$TMP/bad/user/render/b.c"
echo '#include "../core/model.h"' > "$TMP/bad/user/base/c.h"

is "a tree that obeys has no violations" "$(violations "$TMP/good")" ""
is "libbpf in core, file from render, core from base: all three are found" \
	"$(violations "$TMP/bad" | wc -l)" 3
found=$(violations "$TOP")
is "no #include in this tree points the wrong way" "$found" ""
done_testing
