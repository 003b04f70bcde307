#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Real reports of the kernel, of all eras, as people sent them, against what a
# reader found in them. They are not ours to hand on, so they lie beside the tree,
# in ../shared (splats and seeds), or where $REPORTS says.

. "$(dirname "$0")/../lib/tap.sh"
need_lockscope

from=${REPORTS:-}
for dir in "$TOP/../shared" "$TOP/../../shared"; do
	[ -n "$from" ] || [ ! -d "$dir/splats" ] || from=$dir
done
[ -n "$from" ] && [ -d "$from/splats" ] || skip_all "the folder of real reports is not there"
TMP=$TMP python3 "$TOP/tests/lib/splat_check.py" "$LOCKSCOPE" "$from"
