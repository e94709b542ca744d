#!/usr/bin/env bash
# Every C file is as clang-format 14 writes it; `format.sh --fix` writes it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -t files < <(find common services tools tests \( -name '*.c' -o -name '*.h' \) | sort)
if [ "${1:-}" = --fix ]; then
	clang-format-14 -i "${files[@]}"
	exit 0
fi
differs() {
	clang-format-14 --dry-run -Werror "$1" >/dev/null 2>&1 || { printf 'format: %s\n' "$1" >&2; return 1; }
}
export -f differs
printf '%s\0' "${files[@]}" | xargs -0 -P "$(nproc)" -I{} bash -c 'differs "$1"' - {} ||
	{ printf 'format: tools/lint/format.sh --fix writes them as they should be\n' >&2; exit 1; }
