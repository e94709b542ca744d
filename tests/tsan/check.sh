#!/usr/bin/env bash
# tests/tsan/check.sh [PORT_BASE]: runs what build/tsan holds and has threads: unit, store and Kafka tests, then a whole
# stack with the demo's commands, its admin ports asked all the while. Any report of ThreadSanitizer fails it, whichever
# program made it and however that program ended. core and wire have no threads, and take minutes: they are not run.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)/tools/lib.sh"
cd "$root"
base=${1:-18000}
bin=$root/build/tsan/bin
folder=$(scratch)
reports=$folder/reports
scraper='' failed=()

clean_up() {
	[ -z "$scraper" ] || kill "$scraper" 2>/dev/null || true
	tools/stack.sh down "$folder/stack" >/dev/null 2>&1 || true
	[ ! -f "$folder/pg/postmaster.pid" ] || tools/postgres.sh stop "$folder/pg" >/dev/null 2>&1 || true
	rm -rf "$folder"
}

tests() {
	local code=0 TEST_PG
	TEST_PG=$(tools/postgres.sh start "$folder/pg" 2>"$folder/pg.log") || { cat "$folder/pg.log" >&2; return 1; }
	TEST_PG=$TEST_PG ctest --test-dir build/tsan --output-on-failure -j 2 -R '^(unit/(base|io|service)/|store/|kafka/embedded)' || code=$?
	tools/postgres.sh stop "$folder/pg"
	return "$code"
}

# The admin port is a thread in every service: it is only tested while somebody asks.
scrape() {
	local port
	while :; do
		for port in 10 11 12 13 14; do
			curl -s -m 5 "http://127.0.0.1:$((base + port))/"{metrics,readyz,livez} >/dev/null || true
		done
		sleep 0.2
	done
}

stack() {
	local code=0
	mkdir -p "$folder/stack"
	BIN=$bin tools/stack.sh up "$folder/stack" --time-scale 0.005 --scenario "$root/examples/demo.scenario.json" --port-base "$base" || return
	scrape &
	scraper=$!
	MKONDO_BIN=$bin /usr/bin/python3 tools/demo/demo.py "$folder/stack" || code=$?
	kill "$scraper"
	scraper=
	tools/stack.sh down "$folder/stack" || code=$?
	return "$code"
}

step() {
	local begin=$EPOCHREALTIME what=$1
	shift
	printf '\n== %s under ThreadSanitizer\n' "$what"
	"$@" || failed+=("$what")
	printf '== %s: %s\n' "$what" "$(since "$begin")"
}

[ -x "$bin/mkondo-dispatcher" ] || fail "build/tsan is not built; ./run tsan builds it"
mkdir -p "$reports"
trap clean_up EXIT
trap 'exit 130' INT TERM
export TSAN_OPTIONS="log_path=$reports/tsan exitcode=66 suppressions=$root/tests/tsan/suppressions.txt"
step "unit, store and Kafka tests" tests
step "a stack" stack

shopt -s nullglob
logs=("$reports"/*)
if [ ${#logs[@]} -gt 0 ]; then
	mkdir -p build/tsan/reports
	cp "${logs[@]}" build/tsan/reports/
	cat "${logs[@]}" >&2
	fail "${#logs[@]} programs have reports, kept in build/tsan/reports"
fi
[ ${#failed[@]} -eq 0 ] || fail "no data race was reported, but these failed: ${failed[*]}"
printf '\ntsan: no data race was reported\n'
