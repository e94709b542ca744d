#!/usr/bin/env bash
# metrics.sh BIN: docs/metrics.md, as the services in BIN print it.
set -euo pipefail
bin=$1
cat <<'HEAD'
# Metrics

Printed by the services themselves (`./run docs`); do not edit. Each serves them as Prometheus text at `/metrics` of its admin port
(`MKONDO_ADMIN_LISTEN`). Counters and histograms are there from the start, with 0, as far as their label's values are known; a gauge is there
once it was measured. A label without values takes them from the log, the configuration or the api table; what comes after the 64th value
(the 256th of `event`) is counted under `other`. No label is ever an id, a phone or a receipt. Histograms have buckets from 1 ms to 60 s.

| metric | type | label | what it counts | services |
| --- | --- | --- | --- | --- |
HEAD
for service in ingest dispatcher webhook reconciler poller; do
	rows=$("$bin/mkondo-$service" --document-metrics)
	while IFS= read -r row; do printf '%s\t%s\n' "$service" "$row"; done <<<"$rows"
done | awk -F '\t' '
	{ split($2, cell, "|"); name = cell[2] }
	name in row && row[name] != $2 { print "metrics.sh: two metrics have the name" name > "/dev/stderr"; bad = 1 }
	{ services[name] = (name in row ? services[name] ", " : "") $1; row[name] = $2 }
	END { for (name in row) print row[name] " " services[name] " |"; exit bad }' | LC_ALL=C sort
