#!/usr/bin/env bash
# Every C file is as clang-format 14 writes it; `format.sh --fix` writes it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
command -v clang-format-14 >/dev/null || { printf 'format: clang-format-14 is not installed\n' >&2; exit 1; }
mapfile -t files < <(find common services tools tests \( -name '*.c' -o -name '*.h' \) | sort)
if [ "${1:-}" = --fix ]; then
	clang-format-14 -i "${files[@]}"
	exit 0
fi
bad=$(clang-format-14 --dry-run -Werror "${files[@]}" 2>&1 | sed -n 's/^\([^:]*\):[0-9]*:[0-9]*: error.*/format: \1/p' | sort -u || true)
[ -z "$bad" ] || { printf '%s\nformat: tools/lint/format.sh --fix writes them as they should be\n' "$bad" >&2; exit 1; }
