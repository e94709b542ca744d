# shellcheck shell=bash
# What ./run and the scripts beside it share. To be sourced.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

fail() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		fail "packages are missing and neither root nor sudo is at hand: $*"
	fi
}

# Seconds since $1 (of EPOCHREALTIME), with one decimal.
since() {
	awk -v a="$1" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.1f s", b - a }'
}

# A line of the preamble: name, what, time since $3.
told() {
	printf '  %-12s %-72s %8s\n' "$1" "$2" "$(since "$3")"
}

# Installs what is missing of the named packages. A new PostgreSQL must not start a cluster of its own.
need_packages() {
	local missing=() name conf=/etc/postgresql-common/createcluster.d/mkondo.conf
	for name in "$@"; do
		dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || missing+=("$name")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	printf '  installing %s\n' "${missing[*]}"
	case " ${missing[*]} " in
	*" postgresql-15 "*)
		as_root mkdir -p "${conf%/*}"
		printf 'create_main_cluster = false\n' | as_root tee "$conf" >/dev/null
		;;
	esac
	as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# build PRESET [TARGET...]
build() {
	local preset=$1 log
	shift
	log=$root/build/$preset.log
	mkdir -p "$root/build"
	if ! { cmake -S "$root" --preset "$preset" && cmake --build "$root/build/$preset" ${1:+--target "$@"}; } >"$log" 2>&1; then
		grep -E 'error|undefined|warning' "$log" >&2 || tail -n 30 "$log" >&2
		fail "the build ($preset) failed; all of it is in build/$preset.log"
	fi
}

# A scratch folder that user postgres may enter.
scratch() {
	local folder
	folder=$(mktemp -d /tmp/mkondo.XXXXXX)
	chmod 0755 "$folder"
	printf '%s\n' "$folder"
}
