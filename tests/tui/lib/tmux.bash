# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# A terminal for tests of lockscope top: tmux with a server of its own, that goes
# away with the test. Source tap.sh (or live.bash) first.
#
#   screen_start COLS ROWS COMMAND...   run it in a terminal of that size
#   key KEY...                          as tmux send-keys names them
#   look                                the screen as text
#   sees REGEX / wait_screen REGEX      is it (within ten seconds) on the screen?
#   screen_size COLS ROWS

command -v tmux > /dev/null || skip_all "tmux is not installed"

screen_nr=0

terminal()
{
	tmux -S "$TMP/tmux.$screen_nr" -f /dev/null "$@" 2>> "$TMP/tmux.err"
}

screen_end()
{
	terminal kill-server
}
at_exit screen_end

# It is the job of an interactive shell, as everywhere: its process id is in $TMP/screen.pid,
# its exit status in $TMP/screen.status.
screen_start()
{
	local cols=$1 rows=$2
	shift 2
	rm -f "$TMP"/screen.*
	printf '%s\n' "echo \$\$ > '$TMP/screen.pid'" "exec $(printf '%q ' "$@")" > "$TMP/screen.inner"
	screen_end
	screen_nr=$((screen_nr + 1))	# a server that is ending must not get the next one
	terminal new-session -d -x "$cols" -y "$rows" \
		"exec bash --norc --noprofile -i" || return
	terminal set-option -g status off
	terminal send-keys "PS1='\$ '; cd '$TMP'; clear; stty -g > screen.stty-before; PROMPT_COMMAND='echo \$? \$(jobs -p) > screen.status'" Enter
	wait_for '[ -e "$TMP/screen.status" ]' 10
	terminal send-keys "clear; rm -f screen.status; bash screen.inner" Enter
}

key() { terminal send-keys "$@"; }
look() { terminal capture-pane -p; }
sees() { look | grep -qE -- "$1"; }

wait_screen()
{
	local end=$((SECONDS + 10))
	until sees "$1"; do
		[ $SECONDS -lt $end ] || { diag "not on the screen: $1"; diag "$(look)"; return 1; }
		sleep 0.05	# between two looks
	done
}

screen_size()
{
	terminal resize-window -x "$1" -y "$2"
}

# The shell is back, and it has no job any more: then it has noted the status alone.
ended() { [ -e "$TMP/screen.status" ] && [ "$(wc -w < "$TMP/screen.status")" = 1 ]; }
screen_status() { cat "$TMP/screen.status"; }

# Are the modes of the terminal what they were before? To be asked when it has ended.
screen_restored()
{
	key "stty -g > screen.stty-after; touch screen.asked" Enter
	wait_for '[ -e "$TMP/screen.asked" ]' 10 &&
		cmp "$TMP/screen.stty-before" "$TMP/screen.stty-after"
}
