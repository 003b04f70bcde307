#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# A recording on the screen: time control, and every tick as a plain frame. Needs no privileges.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need_lockscope
# shellcheck source=tests/tui/lib/tmux.bash
. "$(dirname "$0")/lib/tmux.bash"
export LC_ALL=C.UTF-8 TERM=screen-256color COLUMNS=80
unset NO_COLOR
cd "$TMP" || exit 1
recording=$TOP/tests/golden/tui/replay.lks

# Plain frames, as in the golden file.
run "$LOCKSCOPE" top --batch "$recording"
is "--batch: exit status and diagnostics" "$status $err" "0 "
[ -z "${UPDATE_GOLDEN:-}" ] || printf '%s\n' "$out" > "$TOP/tests/golden/tui/replay.text"
if diff -u "$TOP/tests/golden/tui/replay.text" - <<<"$out" > "$TMP/diff"; then
	pass "--batch prints the frames of the golden file"
else
	fail "--batch prints the frames of the golden file" "$(head -40 "$TMP/diff")"
fi
frames=$(grep -c '^\[1:Locks\]' <<<"$out")
ok "there are several" test "$frames" -ge 6
run "$LOCKSCOPE" top --batch -n 2 "$recording"
is "-n 2: two frames" "$(grep -c '^\[1:Locks\]' <<<"$out")" 2
run "$LOCKSCOPE" top --batch -n 1 --panel tasks -E 1 "$recording"
is "--panel and -E: one task" "$(grep -c '^lk-wait-' <<<"$out")" 1
run "$LOCKSCOPE" top --batch -n 1 -L nothing "$recording"
like "-L filters" "$out" "No task has waited"
LC_ALL=C run "$LOCKSCOPE" top --batch -n 1 "$recording"
is "in the locale C it is ASCII" "$(LC_ALL=C grep -c '[^ -~]' <<<"$out")" 0
run "$LOCKSCOPE" top --batch --panel findings "$TOP/tests/golden/findings/abba.lks"
like "findings of a recording" "$out" "certain .* circular "
run "$LOCKSCOPE" top --batch --panel findings "$TOP/tests/golden/findings/clean.lks"
like "twin: a recording without any" "$out" "No finding so far"
unlike "... says circular nowhere" "$out" "circular"

# On the screen.
screen_start 80 24 "$LOCKSCOPE" top "$recording"
ok "it plays by itself" wait_screen '^vm, .*replay, [0-9.]+ s of'
key Space
ok "Space stops it" wait_screen 'STOPPED at'
position() { look | sed -n '1s/.*STOPPED at \([0-9.]*\) s of.*/\1/p'; }
key Home Left Left Left Left Left Left Left Left Left Left Left Left
wait_screen 'STOPPED at 0.0 s'
ok "Left goes back to the start" sees 'STOPPED at 0.0 s'
ok "... where nobody has waited" sees 'No task has waited'
key s
ok "... and there is nothing to save" wait_screen 'not saved: there is nothing yet'
ok "... and no file" test -z "$(echo lockscope-*.lks | grep -v '\*')"
key Right
ok "Right is one interval on" wait_screen 'STOPPED at 0.5 s'
ok "... with what came in it" sees '^mutex@anon_pipe_(read|write) +\? +[0-9]'
first=$(look | sed -n '5,8p')
key Right
wait_screen 'STOPPED at 1.0 s'
key Left
wait_screen 'STOPPED at 0.5 s'
is "forth and back is the same screen" "$(look | sed -n '5,8p')" "$first"
key Enter
ok "a detail says what was not recorded" wait_screen 'Who waits at this moment is not in the recording'
key Right
ok "... and goes on with the time" wait_screen 'STOPPED at 1.0 s'
key q + + + + + + + Space
ok "fast, it comes to the end" wait_screen 'the recording ends here'
ok "... which it knows who waits" sees 'Blocked 0'
key Space
ok "Space plays it again" wait_screen 'replay, [0-9.]+ s of|the recording ends'
wait_screen '^mutex@'	# beyond its start, where there is nothing
key s
ok "s saves what there is" wait_screen 'saved lockscope-'
run "$LOCKSCOPE" report -q --check lockscope-*.lks
is "... as a recording that is complete" "$status" 0
key q
wait_for ended 10
is "q ends it" "$(screen_status)" 0
ok "... and the terminal is as before" screen_restored

# The end of a recording, saved, is that recording: same sums.
rm -f lockscope-*
screen_start 80 24 "$LOCKSCOPE" top "$recording"
wait_screen '^LOCK'
key + + + + + + + + + +
wait_screen 'the recording ends here'
key s
wait_screen 'saved lockscope-'
key q
wait_for ended 10
sums() { "$LOCKSCOPE" report -q --format csv "$@" | cut -d, -f1-12; }
is "saved at its end it has the sums of the recording" "$(sums lockscope-*.lks)" "$(sums "$recording")"

# What cannot be replayed.
run "$LOCKSCOPE" top --batch - < "$recording"
is "standard input is refused" "$status" 1
like "... with the reason" "$err" "goes back and forth"
run "$LOCKSCOPE" top --batch "$TOP/README.md"
is "so is what is no recording" "$status" 1
head -c 3000 "$recording" > cut.lks
run "$LOCKSCOPE" top --batch cut.lks
is "a recording that is cut off is shown" "$status" 0
like "... as incomplete" "$out" "INCOMPLETE"
run "$LOCKSCOPE" top --batch --strict cut.lks
is "... which --strict tells" "$status" 4
done_testing
