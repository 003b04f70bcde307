# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a guest finds inside: busybox, init, lockscope, the files and modules asked for and the libraries
# that programs among them need. Built anew for each guest in ./root and packed into ./initramfs.

# shellcheck disable=SC2154 # here, top, cache and the options: set by vm

is_elf() { [ "$(head -c 4 "$1" | tr -d '\0')" = $'\177ELF' ]; }

# The shared libraries of a program, at the paths where its loader will look.
add_libraries()
{
	local lib

	is_elf "$1" || return 0
	ldd "$1" 2>/dev/null | grep -o '/[^ ]*' | while read -r lib; do
		[ -e "root$lib" ] || install -D "$lib" "root$lib"
	done
}

# A file or folder of the host, at a path of the guest.
add_file()
{
	local host=$1 guest=$2 f

	[ -e "$host" ] || die "file '$host' does not exist; check --file"
	mkdir -p "root$(dirname "$guest")"
	cp -aL "$host" "root$guest" || die "file '$host' cannot be copied; is it readable?"
	find "root$guest" -type f -perm -u+x -print0 | while IFS= read -r -d '' f; do add_libraries "$f"; done
}

add_files()
{
	local f host guest

	for f in "${files[@]}"; do
		host=$f guest=/root/$(basename "$f")
		case $f in
		*:/*) host=${f%:*} guest=${f##*:} ;;
		esac
		case $host in
		/*) ;;
		*) host=$started_in/$host ;;
		esac
		add_file "$host" "$guest"
	done
}

# The kernel's own module and all it needs. Unpacked, because not every busybox can.
add_module()
{
	local release=$1 name=$2 word path dest

	modprobe -q -d "$cache/$release" -S "$release" --show-depends "$name" >depends ||
		die "kernel $release has no module '$name'; 'find $cache/$release/lib/modules' shows what it has"
	while read -r word path _; do
		[ "$word" = insmod ] || continue
		dest=root${path#"$cache/$release"}
		mkdir -p "${dest%/*}"
		case $path in
		*.xz) xz -dc "$path" >"${dest%.xz}" ;;
		*.zst) zstd -qdc "$path" >"${dest%.zst}" ;;
		*) cp "$path" "$dest" ;;
		esac || die "module $path cannot be copied; is the disk full?"
	done <depends
}

# A module built by somebody for this kernel; init loads it.
add_module_file()
{
	local release=$1 file=$2 name dep

	case $file in
	/*) ;;
	*) file=$started_in/$file ;;
	esac
	name=$(modinfo -F name "$file" 2>/dev/null) && [ -n "$name" ] || die "'$file' is not a kernel module that can be read; check --module"
	[ "$(modinfo -F vermagic "$file" | cut -d' ' -f1)" = "$release" ] ||
		die "module '$file' was not built for kernel $release; build it in $(kernel_headers "$kernel")"
	cp "$file" "root/lib/modules/$release/$name.ko"
	echo "$name" >>root/etc/vm/modules
	for dep in $(modinfo -F depends "$file" | tr ',' ' '); do
		case " ${module_file_names[*]} " in
		*" $dep "*) ;;
		*) add_module "$release" "$dep" ;;
		esac
	done
}

add_modules()
{
	local release=$1 m module_file_names=()

	mkdir -p "root/lib/modules/$release"
	cp "$cache/$release/lib/modules/$release/"modules.{builtin,builtin.modinfo,order} "root/lib/modules/$release/"
	# What the channels to the host are made of comes first.
	printf '%s\n' virtio_pci virtio_console >root/etc/vm/modules
	for m in virtio_pci virtio_console "${module_names[@]}"; do add_module "$release" "$m"; done
	for m in "${module_files[@]}"; do module_file_names+=("$(basename "$m" .ko)"); done
	for m in "${module_files[@]}"; do add_module_file "$release" "$m"; done
	depmod -b root "$release" || die "depmod failed for the guest's modules"
}

# $1: release, $2: run or shell.
make_initramfs()
{
	local release=$1 mode=$2 f

	mkdir -p root/bin root/dev root/etc/vm root/lib/modules root/mnt root/out root/proc root/root root/run root/sys root/tmp
	ln -s bin root/sbin	# where the kernel looks for modprobe
	cp "$(command -v busybox)" root/bin/busybox
	cp "$here/init" root/init
	echo 'root:x:0:0:root:/root:/bin/sh' >root/etc/passwd
	echo 'root:x:0:' >root/etc/group
	echo "$mode" >root/etc/vm/mode
	# A terminal's description, for programs that draw.
	for f in linux vt220 "${TERM:-linux}"; do
		[ ! -e "/lib/terminfo/${f:0:1}/$f" ] || install -D "/lib/terminfo/${f:0:1}/$f" "root/lib/terminfo/${f:0:1}/$f"
	done
	if [ "$mode" = run ]; then
		printf '%q ' "${command[@]}" >root/etc/vm/command
		echo "$timeout" >root/etc/vm/timeout
	else
		# shellcheck disable=SC2046 # rows and columns
		printf 'export TERM=%q\nstty rows %s cols %s\n' "${TERM:-linux}" $(stty size 2>/dev/null || echo 24 80) >root/etc/vm/terminal
	fi
	f=${LOCKSCOPE:-$top/build/lockscope}
	[ ! -x "$f" ] || add_file "$(readlink -f "$f")" /bin/lockscope
	add_files
	add_modules "$release"
	(cd root && find . -print0 | cpio -o0 -H newc -R 0:0 --quiet) >initramfs || die "the initramfs cannot be packed; is the disk full?"
	rm -rf root
}
