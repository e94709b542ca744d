#!/usr/bin/env bash
# Each alarm wakes a person, so each has its paragraph in docs/operations.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bad=0
while read -r event; do
	grep -q "\`$event\`" docs/operations.md || { printf 'alarms: %s is not in docs/operations.md\n' "$event" >&2; bad=1; }
done < <(grep -rhzoE 'LOG\(ALARM,\s*"[a-z_.]+"' common services | tr '\0' '\n' | grep -oE '"[a-z_.]+"' | tr -d '"' | sort -u)
exit $bad
