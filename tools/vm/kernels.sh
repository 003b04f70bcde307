# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The cache of kernels: CACHE/RELEASE is an unpacked image package plus the headers to build modules, and
# CACHE/NAME a link to the release that NAME means now. Packages are downloaded and unpacked, never
# installed. A release folder appears complete, by rename, under a lock for its name; nobody changes it after.

lockdep_build_packages="build-essential flex bison bc dwarves libelf-dev libssl-dev rsync"

# Series and Debian flavour: 6.1-rt -> "6.1 rt-amd64".
kernel_flavour()
{
	case $1 in
	*-rt) echo "${1%-rt} rt-amd64" ;;
	*) echo "$1 amd64" ;;
	esac
}

kernel_release() { readlink "$cache/$1" || die "kernel $1 is not in the cache $cache; run '$here/vm fetch $1'"; }

kernel_headers() { echo "$cache/$(kernel_release "$1")/usr/src/linux-headers-$(kernel_release "$1")"; }

# The version of a package that apt would take, and what it depends on, one "name version" a line ("-" for any).
package_version() { LC_ALL=C apt-cache policy "$1" | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'; }

package_depends()
{
	LC_ALL=C apt-cache show --no-all-versions "$1" 2>/dev/null |
		awk '/^Depends:/ { sub(/^Depends: */, ""); gsub(/ *\|[^,]*/, ""); n = split($0, d, /, */)
			for (i = 1; i <= n; i++) {
				split(d[i], w, " ")
				print w[1], (w[2] == "(=" ? substr(w[3], 1, length(w[3]) - 1) : "-")
			} }'
}

# "package version" of the image of a series and flavour, through the meta packages: Debian has one per
# release for its own series (linux-image-amd64) and one per backported series (linux-image-6.12-amd64).
find_image()
{
	local meta

	for meta in "linux-image-$1-$2" "linux-image-$2"; do
		package_depends "$meta" | grep -m1 -E "^linux-image-${1//./\\.}[.-][^ ]*-$2 " && return 0
	done
	return 1
}

# Download one package and unpack it into ./root.
unpack()
{
	local name=$1 version=$2

	[ "$version" != - ] || version=$(package_version "$name")
	# The sandbox user of apt cannot write here; -o keeps apt from warning about it.
	in_reach apt-get -q=2 -o APT::Sandbox::User=root download "$name=$version" >&2 ||
		die "package $name $version cannot be downloaded; is the network up? Run 'apt-get update' if Debian has a newer one"
	in_reach dpkg -x "${name}"_*.deb root || die "package $name $version cannot be unpacked; is the disk full?"
	rm -f "${name}"_*.deb
}

# The headers of an unpacked release in ./root, from three packages that expect to lie under /usr/src.
unpack_headers()
{
	local release=$1 name version

	unpack "linux-headers-$release" "$2"
	package_depends "linux-headers-$release" >depends
	while read -r name version; do
		case $name in
		linux-headers-*|linux-kbuild-*) unpack "$name" "$version" ;;
		esac
	done <depends
	# Relative, so that the cache may move.
	# shellcheck disable=SC2016 # for make, not for the shell
	sed -i 's|/usr/src/|$(dir $(lastword $(MAKEFILE_LIST)))../|' "root/usr/src/linux-headers-$release/Makefile"
}

# Make a finished ./root the folder of a release.
publish()
{
	local release=$1

	[ -e root/lib ] || ln -s usr/lib root/lib
	depmod -b root "$release" || die "depmod failed for kernel $release; is the disk full?"
	rm -f "root/lib/modules/$release/build" "root/lib/modules/$release/source"
	mv -T root "$cache/$release" || die "cannot put kernel $release into the cache $cache"
}

# Make a name mean a release.
point() { ln -sfn "$2" "$cache/.$1.new" && mv -T "$cache/.$1.new" "$cache/$1"; }

fetch_debian()
{
	local name=$1 series flavour image version release

	read -r series flavour <<<"$(kernel_flavour "$name")"
	if ! read -r image version < <(find_image "$series" "$flavour"); then
		[ -d "$cache/$name/." ] || die "no package linux-image-$series-$flavour here; run 'apt-get update' on Debian with its security suite"
		say "no package linux-image-$series-$flavour here; keeping $(kernel_release "$name")"
		return
	fi
	release=${image#linux-image-}
	if [ ! -d "$cache/$release" ]; then
		say "fetching kernel $release"
		unpack "$image" "$version"
		unpack_headers "$release" "$version"
		publish "$release"
	fi
	point "$name" "$release"
}

# A ready lockdep kernel as two packages, if somebody has left one; else our own build.
fetch_lockdep()
{
	local name=$1 debs=${LOCKSCOPE_LOCKDEP_DEBS-$top/../shared/kernels} image='' release deb

	[ -z "$debs" ] || image=$(find "$debs/" -maxdepth 1 -name 'linux-image-*-lockdep_*.deb' 2>/dev/null | sort -V | tail -n 1)
	if [ -z "$image" ]; then
		build_lockdep "$name"
		return
	fi
	release=${image##*/linux-image-}
	release=${release%%_*}
	if [ ! -d "$cache/$release" ]; then
		say "unpacking kernel $release from $debs"
		for deb in "$image" "$debs/linux-headers-$release"_*.deb; do
			dpkg -x "$deb" root ||
				die "package $deb cannot be unpacked; with an empty LOCKSCOPE_LOCKDEP_DEBS the kernel is built instead"
		done
		publish "$release"
	fi
	point "$name" "$release"
}

# Build the lockdep kernel from Debian's source. Its release names the source package and the config
# fragment, so that a change of either is a new kernel.
build_lockdep()
{
	local name=$1 version suffix release log=$cache/lockdep-build.log started=$SECONDS

	version=$(package_version linux-source-6.12)
	[ -n "$version" ] || die "no package linux-source-6.12 here; run 'apt-get update'"
	suffix=-$(echo "${version#*-}" | tr '~+' '..')-lockdep-$(cat "$here/lockdep.config" "$here/build-kernel" | sha256sum | cut -c1-6)
	release=${version%%-*}$suffix
	if [ ! -d "$cache/$release" ]; then
		need_command flex bison bc pahole make gcc rsync
		say "building kernel $release from linux-source-6.12 (many minutes; log: $log)"
		unpack linux-source-6.12 "$version"
		mkdir source
		in_reach tar -xf root/usr/src/linux-source-6.12.tar.xz -C source --strip-components=1 ||
			die "the kernel source cannot be unpacked; is the disk full?"
		rm -rf root
		in_reach "$here/build-kernel" source "$here/lockdep.config" "$suffix" root >"$log" 2>&1 || {
			tail -n 20 "$log" >&2
			die "the lockdep kernel did not build; the whole log is $log"
		}
		[ -d "root/lib/modules/$release" ] ||
			die "the built kernel is not $release but $(ls root/lib/modules); fix the name in $here/kernels.sh"
		publish "$release"
		say "built kernel $release in $(((SECONDS - started) / 60)) min $(((SECONDS - started) % 60)) s"
	fi
	point "$name" "$release"
}

# Bring a kernel to its newest release. Others who want the same one wait for us.
kernel_fetch()
{
	need_command apt-get dpkg depmod flock
	mkdir -p "$cache" || die "the cache folder $cache cannot be made; set LOCKSCOPE_VM_CACHE"
	exec 9>"$cache/.lock-$1"
	in_reach flock 9 || die "$cache/.lock-$1 cannot be locked; is the cache on a file system without locks?"
	scratch_enter "$cache"
	case $1 in
	*-lockdep) fetch_lockdep "$1" ;;
	*) fetch_debian "$1" ;;
	esac
	scratch_leave
	exec 9>&-
}

kernel_have() { [ -d "$cache/$1/." ] || kernel_fetch "$1"; }

kernel_list()
{
	local k

	for k in $kernels; do
		printf '%-14s %s\n' "$k" "$(readlink "$cache/$k" || echo 'not in the cache')"
	done
}

# Remove the releases that no name means any more.
kernel_prune()
{
	local dir k used=' '

	for k in $kernels; do used+="$(readlink "$cache/$k") "; done
	for dir in "$cache"/*-*/lib/modules; do
		dir=${dir%/lib/modules}
		[ -L "$dir" ] || [ ! -d "$dir" ] || case $used in
		*" ${dir##*/} "*) ;;
		*) say "removing $dir" && rm -rf "$dir" ;;
		esac
	done
}
