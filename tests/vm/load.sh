#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# load.sh SECONDS [MODULE...]: a real load for a guest, for that long, then what has run as "NAME: COUNT rounds".
# Writes files of an ext4 file system, pipes, forks, renames in a tmpfs, reads sysfs and proc, connects over the
# loopback, loads and unloads the modules named; with stress-ng in PATH also futexes, directories, pipes and page
# faults at its pace. Needs ext4 and loop.

# shellcheck disable=SC2317 # functions are called by name
set -u

seconds=$1
shift
work=$(mktemp -d /tmp/load.XXXXXX)
end=$(($(cut -d. -f1 /proc/uptime) + seconds))

running() { [ "$(cut -d. -f1 /proc/uptime)" -lt "$end" ]; }

# Repeat a step until the time is over, then say how often it went well.
repeat()
{
	name=$1 count=0
	shift
	while running; do
		"$@" || { echo "$name: failed" >&2; return 1; }
		count=$((count + 1))
	done
	echo "$name: $count rounds"
}

files()
{
	dd if=/dev/zero of="$work/disk/file" bs=4k count=64 2>/dev/null && sync "$work/disk/file" &&
		mkdir "$work/disk/dir" && mv "$work/disk/file" "$work/disk/dir/other" && rm -r "$work/disk/dir"
}
pipes() { [ "$(dd if=/dev/zero bs=1k count=64 2>/dev/null | cat | wc -c)" = 65536 ]; }
forks() { (: | (:)) && sh -c :; }
names()
{
	mkdir "$work/a" "$work/b" && : >"$work/a/x" && ln "$work/a/x" "$work/b/y" && ln -s x "$work/a/z" &&
		mv "$work/a/x" "$work/b/x" && mv "$work/b" "$work/a/b" && chmod 700 "$work/a/b" &&
		ls -lR "$work/a" >/dev/null && rm -r "$work/a"
}
# Some files of sysfs and proc cannot be read.
reads() { find /sys/devices/system/cpu /sys/class /sys/module/loop /proc/1 -type f 2>/dev/null | head -n 150 | xargs cat >/dev/null 2>&1; true; }
sockets() { [ "$(echo word | nc 127.0.0.1 4711 2>/dev/null)" = word ]; }
modules() { for m in "$@"; do modprobe "$m" && rmmod "$m" || return 1; done; }
stress() { stress-ng --quiet --timeout "${seconds}s" --temp-path "$work/disk" --pipe 1 --futex 1 --mmap 1 --mmap-bytes 8M --dentry 1 --fork 1; }

cleanup()
{
	umount "$work/disk" 2>/dev/null
	[ -z "$server" ] || kill "$server"
	rm -rf "$work"
}
server=
trap cleanup EXIT

mkdir "$work/disk"
modprobe -a loop ext4
truncate -s 64M "$work/image"
mke2fs -F "$work/image" >/dev/null && mount -t ext4 -o loop "$work/image" "$work/disk" || exit 1

nc -ll -p 4711 -e cat &
server=$!
until sockets; do
	running || { echo "nothing listens on port 4711" >&2; exit 1; }
done

pids=
repeat files files & pids="$pids $!"
repeat pipes pipes & pids="$pids $!"
repeat forks forks & pids="$pids $!"
repeat names names & pids="$pids $!"
repeat reads reads & pids="$pids $!"
repeat sockets sockets & pids="$pids $!"
[ $# -eq 0 ] || { repeat modules modules "$@" & pids="$pids $!"; }
[ ! -x /bin/stress-ng ] || { stress && echo "stress-ng: 1 rounds" & pids="$pids $!"; }
status=0
for p in $pids; do wait "$p" || status=1; done
exit $status
