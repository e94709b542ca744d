#!/usr/bin/env bash
# configuration.sh BIN: docs/configuration.md, as the services in BIN print it.
set -euo pipefail
bin=$1
cat <<'HEAD'
# Configuration

Printed by the services themselves (`./run docs`); do not edit. Every setting is an environment variable. A secret may come from
a file as well, whose name is in `<NAME>_FILE`. All errors are reported at once, and a name that begins with `MKONDO_` or `MPESA_` and that
no program of the release knows is refused. `mkondo-<service> --check-config` and `--print-config` tell what would happen.
HEAD
for service in ingest dispatcher webhook reconciler poller; do
	printf '\n## %s\n\n' "$service"
	"$bin/mkondo-$service" --document-config
done
