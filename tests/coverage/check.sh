#!/usr/bin/env bash
# tests/coverage/check.sh: runs the unit and store tests of build/coverage and tells what they reached: a table by folder,
# and build/coverage/index.html line by line. What only the stack tests reach counts as not reached: most of the
# services, whose shells are tested whole.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/tools/lib.sh"
cd "$root"
out=build/coverage
folder=$(scratch)

clean_up() {
	[ ! -f "$folder/pg/postmaster.pid" ] || tools/postgres.sh stop "$folder/pg" >/dev/null 2>&1 || true
	rm -rf "$folder"
}

[ -x "$out/bin/test_core_codes" ] || fail "$out is not built; ./run coverage builds it"
trap clean_up EXIT
trap 'exit 130' INT TERM
# The counts of earlier runs would be added to.
find "$out" -name '*.gcda' -delete
TEST_PG=$(tools/postgres.sh start "$folder/pg" 2>"$folder/pg.log") || { cat "$folder/pg.log" >&2; fail "PostgreSQL did not come up"; }
export TEST_PG
ctest --test-dir "$out" --output-on-failure -j 2 -L 'unit|store' >"$folder/ctest.log" 2>&1 ||
	{ cat "$folder/ctest.log" >&2; fail "tests failed: nothing to be said of what they reach"; }
grep -E '% tests passed' "$folder/ctest.log"
gcovr --root . -f common/ -f services/ -f tools/ --html-details "$out/index.html" --json-summary "$folder/summary.json" "$out"
/usr/bin/python3 tests/coverage/table.py "$folder/summary.json"
printf '\nLine by line: %s/index.html\n' "$out"
