#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lockscope report: inputs that are none, damaged or twice; outputs that go
# elsewhere or away. No privileges needed.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
need_lockscope

# The recording to test with: $RECORDING, else the largest complete one of the tests.
good=$TMP/good.lks
size=0
for file in "${RECORDING:-}" "$TOP"/tests/golden/*.lks "$TOP"/tests/fuzz/corpus/reader/*; do
	[ -f "$file" ] && [ "$(stat -c %s "$file")" -gt "$size" ] || continue
	"$LOCKSCOPE" report -q --strict "$file" > "$TMP/first" 2>&1 || continue
	cp "$file" "$good"
	size=$(stat -c %s "$good")
	[ -z "${RECORDING:-}" ] || break
done
[ "$size" -gt 0 ] || { echo "Bail out! there is no complete recording in tests/"; exit 1; }

# fails REGEX ARGUMENT...: status 1, nothing on standard output, one sentence.
fails()
{
	local regex=$1

	shift
	run "$LOCKSCOPE" report "$@"
	is "report $*: status" "$status" 1
	is "report $*: standard output" "$out" ""
	like "report $*: says why" "$err" "^lockscope: [^"$'\n'"]*${regex}[^"$'\n'"]*$"
}

# The whole recording: no word on standard error, and complete.
run "$LOCKSCOPE" report "$good"
whole=$out
is "a whole recording: status and standard error" "$status$err" 0
like "a whole recording: the last line" "${out##*$'\n'}" "^complete"
is "text fits into 80 columns" "$(LC_ALL=C.UTF-8 awk 'length > 80' <<< "$out")" ""
run "$LOCKSCOPE" report --strict --check "$good"
is "a whole recording: --strict and --check exit with" "$status" 0

# Inputs that are no recordings.
fails "'$TMP/missing'.*No such file" "$TMP/missing"
fails "'$TMP'.*directory" "$TMP"
printf 'hello\n' > "$TMP/text"
fails "'$TMP/text'" "$TMP/text"
: > "$TMP/empty"
fails "'$TMP/empty'" "$TMP/empty"
head -c 65536 /dev/zero > "$TMP/zero"
fails "'$TMP/zero'" "$TMP/zero"
fails "'$TMP/text'" "$good" "$TMP/text"
fails "'$TMP/missing'" "$TMP/missing" "$good"
if [ "$(id -u)" -eq 0 ] && command -v setpriv > /dev/null; then
	cp "$good" "$TMP/secret"
	chmod 600 "$TMP/secret"
	chmod 755 "$TMP"
	run setpriv --reuid=65534 --regid=65534 --clear-groups "$LOCKSCOPE" report "$TMP/secret"
	is "a file we may not read: status" "$status" 1
	like "a file we may not read" "$err" "'$TMP/secret'.*Permission denied"
else
	skip "a file we may not read" "needs root and setpriv"
fi

# Damage: what is there is reported, and said to be partial.
partial()
{
	local what=$1 file=$2

	run "$LOCKSCOPE" report "$file"
	is "$what: status" "$status" 0
	like "$what: standard error names the file" "$err" "^lockscope: .*$file"
	unlike "$what: not called complete" "$out" $'(^|\n)complete'
	like "$what: called incomplete" "$out" "INCOMPLETE|incomplete"
	run "$LOCKSCOPE" report -q "$file"
	is "$what: -q is silent" "$err" ""
	run "$LOCKSCOPE" report --strict "$file"
	is "$what: --strict exits with" "$status" 4
	run "$LOCKSCOPE" report --format json "$file"
	like "$what: JSON says so" "$out" '"complete": *false'
}
head -c $((size * 3 / 4)) "$good" > "$TMP/cut.lks"
partial "cut off" "$TMP/cut.lks"
head -c $((size - 1)) "$good" > "$TMP/cut1.lks"
partial "the last byte missing" "$TMP/cut1.lks"
{ head -c $((size / 2)) "$good"; printf '\xff\x00\xff\x00'; tail -c +$((size / 2 + 5)) "$good"; } \
	> "$TMP/flipped.lks"
partial "four bytes changed" "$TMP/flipped.lks"

# The same from elsewhere and to elsewhere.
is "standard input is an input" "$("$LOCKSCOPE" report - < "$good")" "$whole"
is "a pipe is an input" "$(tail -c +1 "$good" | "$LOCKSCOPE" report -)" "$whole"
is "options behind the input" "$("$LOCKSCOPE" report "$good" -E 1)" \
	"$("$LOCKSCOPE" report -E 1 "$good")"
is "-- ends the options" "$(cd "$TMP" && cp good.lks ./-E && "$LOCKSCOPE" report -- -E)" "$whole"
run "$LOCKSCOPE" report -o "$TMP/out.txt" "$good"
is "-o FILE: status, standard output and error" "$status$out$err" 0
is "-o FILE: the report" "$(cat "$TMP/out.txt")" "$whole"
run "$LOCKSCOPE" report -E 1 -o "$TMP/out.txt" "$good"
is "-o FILE again: replaced" "$(cat "$TMP/out.txt")" "$("$LOCKSCOPE" report -E 1 "$good")"

# Outputs that would destroy, and inputs that would count twice.
ln -s good.lks "$TMP/link.lks"
cp "$good" "$TMP/other.lks"
refuse()
{
	local name=$1 wanted=$2 regex=$3

	shift 3
	run "$LOCKSCOPE" report "$@"
	is "$name: status" "$status" "$wanted"
	like "$name: says why" "$err" "$regex"
}
refuse "-o onto the input" 2 "'$TMP/link.lks' is one of the inputs" -o "$TMP/link.lks" "$good"
refuse "-o onto another recording" 1 "'$TMP/other.lks' is a recording" -o "$TMP/other.lks" "$good"
refuse "the same file twice" 2 "are the same file" "$good" "$TMP/link.lks"
refuse "standard input twice" 2 "are the same file" - -
ok "the recordings are unharmed" cmp -s "$good" "$TMP/other.lks"
refuse "-o into a missing directory" 1 "cannot write to '$TMP/no/x': No such file" -o "$TMP/no/x" "$good"

# A full disk is an error, a reader that goes away is not.
run "$LOCKSCOPE" report -o /dev/full "$good"
is "-o on a full disk: status" "$status" 1
like "-o on a full disk: says why" "$err" "cannot write to .*/dev/full.*No space left"
"$LOCKSCOPE" report "$good" > /dev/full 2> "$TMP/err"
is "standard output on a full disk: status" $? 1
like "standard output on a full disk: says why" "$(cat "$TMP/err")" "standard output.*No space left"
"$LOCKSCOPE" report "$good" >&- 2> "$TMP/err"
is "standard output closed: status" $? 1
like "standard output closed: says why" "$(cat "$TMP/err")" "standard output.*Bad file"
mkfifo "$TMP/fifo"
# shellcheck disable=SC2094 # it is a pipe
exec 3<> "$TMP/fifo" 4> "$TMP/fifo" 3<&-	# a pipe that nobody reads
for format in text json csv dot folded html perfetto; do
	"$LOCKSCOPE" report -q --format $format "$good" >&4 2> "$TMP/err"
	is "nobody reads, $format: status" $? 0
	is "nobody reads, $format: standard error" "$(cat "$TMP/err")" ""
done
exec 4>&-
"$LOCKSCOPE" report "$good" | head -c0
is "| head -c0: status" "${PIPESTATUS[0]}" 0

# Width.
is "COLUMNS=200 is used when there is no terminal" \
	"$(COLUMNS=200 "$LOCKSCOPE" report "$good" | awk 'length > 200')" ""
unlike "COLUMNS=200 differs from 80" "$(COLUMNS=200 "$LOCKSCOPE" report "$good")" "^$whole$"
is "COLUMNS=nonsense is 80" "$(COLUMNS=nonsense "$LOCKSCOPE" report "$good")" "$whole"

# Content, by way of JSON.
if command -v jq > /dev/null; then
	json()
	{
		local filter=$1

		shift
		"$LOCKSCOPE" report --format json "$@" | jq -r "$filter"
	}
	sum='[.contention[].count | tonumber] | add'
	run jq -r .title <("$LOCKSCOPE" report --schema)
	is "--schema is JSON" "$status$err" 0
	is "the schema's name comes first" "$(json 'keys_unsorted[0]' "$good")" schema
	is "all rows in JSON, unless -E" "$(json '.contention | length' "$good")" \
		"$(json '.contention | length' -E 0 "$good")"
	is "-E 2" "$(json '.contention | length' -E 2 "$good")" 2
	lock=$(json '.contention[0].lock' "$good")
	is "-L shows that lock only" \
		"$(json '[.contention[].lock] | unique | join(" ")' -L "$lock" "$good")" "$lock"
	is "-L of a lock that is not there" "$(json '.contention | length' -L no_such_lock "$good")" 0
	is "-S of a caller that is not there" "$(json '.contention | length' -S no_such_fn "$good")" 0
	is "-p of a process that is not there" "$(json '.contention | length' -p 4194304 "$good")" 0
	tgid=$(json '.contention[0].tgid // .contention[0].pid' --by process "$good")
	is "-p of one that is" "$(json "$sum" -p "$tgid" "$good")" \
		"$(json '.contention[0].count' --by process "$good")"
	group=$(json 'first(.contention[] | select(.cgroup != "/")).cgroup' --by cgroup "$good")
	count=$(json '.contention[0].count' --by cgroup -G "$group" "$good")
	is "-G" "$(json "$sum" -G "$group" "$good")" "$count"
	is "-G as run takes it" "$(json "$sum" -G "/sys/fs/cgroup$group" "$good")" "$count"
	is "-G of a cgroup that is not there" "$(json '.contention | length' -G /sys "$good")" 0
	type=$(json '.contention[0].type' --by type "$good")
	is "-Y" "$(json "$sum" -Y "$type" "$good")" "$(json '.contention[0].count' --by type "$good")"
	is "-k contended sorts" "$(json '.contention[0].count' -k contended "$good")" \
		"$(json '[.contention[].count | tonumber] | max' "$good")"
	is "two recordings add up" "$(json "$sum" "$good" "$TMP/other.lks")" \
		$((2 * $(json "$sum" "$good")))
	is "the order of inputs does not matter" "$(json .contention "$good" "$TMP/other.lks")" \
		"$(json .contention "$TMP/other.lks" "$good")"
else
	skip "content of the report" "jq is not installed"
fi

done_testing
