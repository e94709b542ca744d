#!/usr/bin/env bash
# on_devbroker.sh DEVBROKER PORT PROGRAM...: runs the program with an embedded broker of its own, in TEST_KAFKA.
set -euo pipefail
devbroker=$1 port=$2
shift 2
ready=$(mktemp /tmp/mkondo-devbroker.XXXXXX)
"$devbroker" --listen "127.0.0.1:$port" --prefix test. >"$ready" &
broker=$!
trap 'kill "$broker" 2>/dev/null || true; wait "$broker" || true; rm -f "$ready"' EXIT
for _ in {1..100}; do
	! grep -q devbroker.ready "$ready" || break
	kill -0 "$broker" || exit 1
	sleep 0.1
done
TEST_KAFKA=127.0.0.1:$port TEST_KAFKA_PREFIX=test. "$@"
