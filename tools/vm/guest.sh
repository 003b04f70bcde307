# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# One QEMU process and the verdict over it. Channels: the console (the kernel's words only), and four
# virtio ports: status (init's), out and err (the command's), files (a tar of /out at the end).

# shellcheck disable=SC2154 # here, cache and the options: set by vm

# Before 8.1, a processor of a guest may go on running code that another has just changed, when each has
# its own host thread. Kernels change their code whenever a tracer attaches: they die of "Oops: int3".
qemu_is_new()
{
	local version

	version=$(qemu-system-x86_64 --version 2>/dev/null | sed -n 's/^QEMU emulator version \([0-9.]*\).*/\1/p')
	[ -n "$version" ] && [ "$(printf '%s\n' 8.1 "$version" | sort -V | head -n 1)" = 8.1 ]
}

# Does a stock guest boot under KVM here? Asked once per boot of this machine and version of QEMU.
kvm_works()
{
	local answer

	[ -w /dev/kvm ] || return 1
	answer=$cache/.kvm-$(cat /proc/sys/kernel/random/boot_id)-$(qemu-system-x86_64 --version | cksum | cut -d' ' -f1)
	if [ ! -e "$answer" ]; then
		say "trying KVM with a probe guest (once per boot of this machine)"
		if in_reach "$here/vm" run --accel kvm --timeout 20 "$kernel" -- true 2>/dev/null; then
			echo yes >"$answer.$$"
		else
			echo no >"$answer.$$"
		fi
		mv -T "$answer.$$" "$answer"
	fi
	[ "$(cat "$answer")" = yes ]
}

# Fill the array qemu and the kernel's command line, words, from the options.
qemu_arguments()
{
	local release=$1 machine=q35 thread

	words='console=ttyS0 panic=-1 printk.time=1'

	: "${accel:=${LOCKSCOPE_VM_ACCEL:-$([ -z "$icount" ] && kvm_works && echo kvm || echo tcg)}}"
	qemu=(qemu-system-x86_64 -nodefaults -no-user-config -display none -no-reboot -smp "$cpus" -m "$mem"
		-kernel "$cache/$release/boot/vmlinuz-$release" -initrd "$scratch/initramfs")
	if [ -n "$icount" ]; then
		qemu+=(-accel tcg,thread=single -cpu max,la57=off -icount "shift=0,sleep=off" -rtc "clock=vm,base=2026-01-01")
		words+=' nokaslr tsc=reliable'
	elif [ "$accel" = kvm ]; then
		qemu+=(-accel kvm -cpu host)
	else
		# With a thread for each processor, QEMU (10.0) may translate an instruction while another processor
		# patches it, and keep the old one: a kernel that switches a static key a thousand times dies of an
		# int3 that is not there any more ("Oops: int3", and the byte in "Code:" is not cc).
		if [ -n "$one_thread" ]; then
			thread=single
		elif qemu_is_new; then
			thread=multi
		else
			thread=single
			say "this QEMU is older than 8.1 and runs all processors in one thread, slowly; 'vm setup' installs a newer one"
		fi
		# Five-level page tables make each page walk of the emulation longer. "rep movsb", which is fast on
		# real processors, is emulated byte by byte: without these flags the kernel copies by words.
		qemu+=(-accel "tcg,thread=$thread" -cpu max,la57=off,erms=off,fsrm=off)
	fi
	if [ -n "$iommu" ]; then
		machine+=,kernel-irqchip=split
		words+=' intel_iommu=on'
		qemu+=(-device intel-iommu)
	fi
	if [ -z "$survive" ]; then
		words+=' oops=panic softlockup_panic=1 sysctl.kernel.hung_task_panic=1 sysctl.kernel.panic_on_rcu_stall=1'
		words+=' sysctl.kernel.hung_task_timeout_secs=30'
	fi
	qemu+=(-M "$machine")
	words+=" $append"
}

port() { qemu+=(-chardev "file,id=$1,path=$scratch/$1" -device "virtserialport,chardev=$1,name=$1,nr=$2"); }

start_guest()
{
	local release

	need_command qemu-system-x86_64 busybox cpio depmod modprobe modinfo setpriv timeout xz zstd
	kernel_have "$kernel"
	release=$(kernel_release "$kernel")
	scratch_enter "${TMPDIR:-/tmp}"
	make_initramfs "$release" "$1"
	qemu_arguments "$release"
	qemu+=(-device virtio-serial-pci)
	port status 1
	port out 2
	port err 3
	port files 4
}

# How a kernel begins to complain.
complaints='(BUG: |Oops: |WARNING: |general protection fault|(double|stack|divide|invalid|int3).*: 0000 \[#|INFO: task .* blocked for|rcu: INFO: .* (detected|self-detected) stall|watchdog: BUG:)'

console_has() { grep -a -o -m1 -E "$1.*" "$scratch/console" | tr -d '\r'; }

# What the console says a dead guest died of: the panic, else the first complaint, else nothing. A panic that names
# another complaint's end ("Fatal exception in interrupt") is told with that one, and where it was.
panic_reason()
{
	local panic first where

	panic=$(console_has 'Kernel panic - not syncing: ')
	first=$(console_has "$complaints")
	where=$(console_has 'RIP: 0010:')
	case $panic in
	'') [ -z "$first" ] || echo "$first" ;;
	*'Fatal exception'*) echo "$panic; before it: ${first:-no complaint}${where:+, $where}" ;;
	*) echo "$panic" ;;
	esac
}

# Sets verdict (a word), status (our exit status) and why. $1: exit status of QEMU, $2: seconds it ran.
judge()
{
	local said reason

	said=$(tail -n 1 "$scratch/status")
	reason=$(panic_reason)
	if [ "${reason#Kernel panic}" != "$reason" ]; then
		verdict=panic status=$VM_PANIC why=$reason
	elif [ "${said% *}" = exit ]; then
		verdict=exit status=${said#exit } why="exit status ${said#exit }"
		[ "$1" = 0 ] || say "$kernel: the command has ended, but the guest did not power off"
	elif [ "${said%%:*}" = 'failed modules' ]; then
		verdict=set-up status=$VM_FAILED why="module${said#*modules:} did not load"
	elif [ "$1" != 0 ] && [ "$2" -ge "$timeout" ]; then
		verdict=hang status=$VM_HANG why="not finished after $timeout s${reason:+ ($reason)}"
	elif [ "$1" -gt 128 ]; then
		verdict='silent death' status=$VM_SILENT why="QEMU was killed by signal $(($1 - 128))"
	elif [ "$1" != 0 ]; then
		verdict=QEMU status=$VM_FAILED why="QEMU exit status $1: $(tail -n 1 "$scratch/qemu")"
	elif [ -n "$reason" ]; then
		verdict=panic status=$VM_PANIC why=$reason
	else
		verdict='silent death' status=$VM_SILENT why='the guest ended without a word'
		[ -n "$said" ] || why+=', before the command started'
	fi
}

# The end of the console, from its first complaint on if there is one; without what would upset a terminal. The start
# of a complaint, which has what happened and where, counts for more than the end of the trace behind it.
console_end()
{
	local from

	from=$(grep -a -n -m1 -E "$complaints" "$scratch/console" | cut -d: -f1)
	if [ -n "$from" ]; then
		tail -n "+$((from > 3 ? from - 3 : 1))" "$scratch/console" | head -n 80
	else
		tail -n 40 "$scratch/console"
	fi | tr -d '\r' | tr -c '\n\t -~' '?' | sed 's/^/| /'
}

show_verdict()
{
	local took=$1 ready end

	ready=$(sed -n 's/^ready //p' "$scratch/status")
	end=$(sed -n 's/^end //p' "$scratch/status")
	if [ "$verdict" != exit ]; then
		say "$kernel: $verdict: $why; the end of its console:"
		console_end >&2
	fi
	if [ -n "$verbose$tap" ]; then
		took="booted in ${ready:-?} s, command ended at ${end:-?} s, whole turn $took s"
		[ -n "$tap" ] || say "$kernel: $took"
	fi
	[ -n "$tap" ] || return 0
	echo "1..1"
	[ "$status" = 0 ] || printf 'not '
	printf 'ok 1 - %s: %s\n# %s: %s\n# %s\n' "$kernel" "${command[*]}" "$verdict" "$why" "$took"
	[ "$verdict" = exit ] || console_end | sed 's/^/# /'
}

take_results()
{
	if [ -n "$keep_dmesg" ]; then
		(cd "$started_in" && cat "$scratch/console" >"$keep_dmesg") || say "$keep_dmesg cannot be written; the console is lost"
	fi
	if [ -n "$out" ]; then
		(cd "$started_in" && mkdir -p "$out" && { [ ! -s "$scratch/files" ] || tar -xf "$scratch/files" -C "$out" --no-same-owner; }) ||
			say "$out cannot be filled with the guest's /out"
	fi
}

guest_run()
{
	local started=${EPOCHREALTIME/[.,]/} copy_out copy_err took start

	start_guest run
	qemu+=(-chardev "file,id=console,path=$scratch/console" -serial chardev:console -append "$words")
	: >console >status >files
	mkfifo out err
	if [ -n "$tap" ]; then sed 's/^/# /' <out; else cat <out; fi &
	copy_out=$!
	cat <err >&2 &
	copy_err=$!
	start=$SECONDS
	# QEMU must not outlive us even when we are killed the hard way.
	in_reach timeout -k 5 "$timeout" setpriv --pdeathsig KILL -- "${qemu[@]}" </dev/null >qemu 2>&1
	judge $? $((SECONDS - start + 1))
	# A QEMU that did not start never opened these; let the copies see their end.
	: <>out
	: <>err
	wait "$copy_out" "$copy_err"
	took=$((${EPOCHREALTIME/[.,]/} - started))
	show_verdict "$((took / 1000000)).$((took / 100000 % 10))"
	take_results
	exit "$status"
}

guest_shell()
{
	[ -t 0 ] || die "shell needs a terminal; use 'vm run' in scripts"
	start_guest shell
	: >out >err >status >files
	qemu+=(-chardev "stdio,id=console,mux=on,signal=off" -serial chardev:console -mon chardev=console -append "$words loglevel=4")
	"${qemu[@]}"
	take_results
}
