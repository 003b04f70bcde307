#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# Whatever happens to the screen, the terminal is left as it was, and what was said
# on standard error comes after it. On a recording: needs no privileges.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need_lockscope
# shellcheck source=tests/tui/lib/tmux.bash
. "$(dirname "$0")/lib/tmux.bash"
export LC_ALL=C.UTF-8 TERM=screen-256color
unset NO_COLOR
cd "$TMP" || exit 1
recording=$TOP/tests/golden/tui/replay.lks

show()
{
	screen_start 80 24 "$@" "$LOCKSCOPE" top "$recording"
	wait_screen '^LOCK'
}
stopped() { [[ $(sed 's/.*) //; s/ .*//' "/proc/$(pid)/stat" 2> /dev/null) == T ]]; }
pid() { cat "$TMP/screen.pid"; }
# over NAME: it has ended, and nothing of it is left.
over()
{
	wait_for ended 15
	last=$(screen_status)
	ok "$1: the modes are as before" screen_restored
	unlike "$1: the screen has gone" "$(look)" "LOST/S"
}

# Colours, and none.
show env
like "there are colours" "$(terminal capture-pane -pe)" $'\033\\[[0-9;]*(3|4)[0-7]m'
show env NO_COLOR=1
unlike "NO_COLOR: none" "$(terminal capture-pane -pe)" $'\033\\[[0-9;]*(3|4)[0-7]m'
ok "... and the screen is there all the same" sees '^LOCK.*LOST/S'
show env TERM=vt100
unlike "a vt100 has none" "$(terminal capture-pane -pe)" $'\033\\[[0-9;]*(3|4)[0-7]m'
ok "... and works" sees '^LOCK.*LOST/S'
show env LC_ALL=C
key Enter
ok "the locale C" wait_screen 'How long the waits were'
is "... is ASCII" "$(look | LC_ALL=C grep -c '[^ -~]')" 0
ok "... with bars" sees '####'
key q q
wait_for ended 10

# Ends.
for sig in TERM HUP INT; do
	show env
	kill -$sig "$(pid)"
	over "SIG$sig"
	is "SIG$sig is an end in order" "$last" 0
done
for sig in SEGV ABRT BUS; do
	show env
	kill -$sig "$(pid)"
	over "SIG$sig"
	is "SIG$sig is a crash all the same" "$last" $((128 + $(kill -l $sig)))
done
show env
key C-c
over "Ctrl-C"

# Stop and go on, again and again.
show env
for i in 1 2 3; do
	key C-z
	wait_for stopped 10
	wait_screen '^\$$'	# its screen has gone, and the shell is there
	key fg Enter
	wait_screen '^LOCK'
done
ok "Ctrl-Z and fg, three times" sees '^LOCK'

# A storm of sizes while it draws.
for i in $(seq 40); do
	screen_size $((20 + i * 37 % 180)) $((4 + i * 13 % 50))
done
screen_size 100 30
ok "a storm of sizes" wait_screen '^LOCK.*P99'
key q
over "after all that"

# What is said goes to standard error when the screen has gone, and not onto it.
head -c 3000 "$recording" > cut.lks
screen_start 80 24 "$LOCKSCOPE" top cut.lks
wait_screen '^LOCK'
unlike "nothing is written onto the screen" "$(look)" "lockscope: "
key q
wait_for ended 10
ok "it comes after it" wait_screen 'lockscope: .*cut.lks. is an incomplete recording'

# A terminal that goes away, and one that nobody reads.
run python3 -B "$TOP/tests/tui/lib/badtty.py" closed "$LOCKSCOPE" top "$recording"
is "its terminal closed, it ends" "$status$err" 0
run python3 -B "$TOP/tests/tui/lib/badtty.py" unread "$LOCKSCOPE" top "$recording"
is "nobody reads its terminal: SIGTERM ends it" "$status$err" 0

# No terminal.
run "$LOCKSCOPE" top "$recording" < /dev/null
is "without a terminal there is no screen" "$status" 1
like "... and it says what there is" "$err" "-batch. prints plain frames"
run env TERM=no-such-terminal script -qec "'$LOCKSCOPE' top '$recording'" /dev/null
like "an unknown terminal is named" "$out" "no-such-terminal"
done_testing
