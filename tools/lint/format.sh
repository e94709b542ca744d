#!/usr/bin/env bash
# Every C file is as clang-format 14 writes it; `format.sh --fix` writes it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -t files < <(find common services tools tests \( -name '*.c' -o -name '*.h' \) | sort)
if [ "${1:-}" = --fix ]; then
	clang-format-14 -i "${files[@]}"
	exit 0
fi
bad=0
for file in "${files[@]}"; do
	clang-format-14 --dry-run -Werror "$file" >/dev/null 2>&1 || { printf 'format: %s\n' "$file" >&2; bad=1; }
done
[ $bad = 0 ] || { printf 'format: tools/lint/format.sh --fix writes them as they should be\n' >&2; exit 1; }
