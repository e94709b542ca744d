#!/usr/bin/env bash
# The cheap law: calls that are never right, and calls that have one home.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bad=0

# law WHAT PATTERN PATHS... -- ALLOWED...: the pattern may stand only in the files whose paths match one of ALLOWED.
law() {
	local what=$1 pattern=$2 paths=() allowed=() hits file
	shift 2
	while [ $# -gt 0 ] && [ "$1" != -- ]; do paths+=("$1"); shift; done
	[ $# -eq 0 ] || shift
	allowed=("$@")
	hits=$(grep -rnE --include='*.c' --include='*.h' "$pattern" "${paths[@]}" || true)
	for file in "${allowed[@]}"; do hits=$(grep -vE "^$file" <<<"$hits" || true); done
	[ -z "$hits" ] || { printf '%s\n%s\n' "lint: $what" "$hits" >&2; bad=1; }
}

law "unsafe calls" '\b(sprintf|vsprintf|strcpy|strcat|atoi|atol|strtok|[a-z]*scanf|gets|localtime|gmtime|asctime|ctime)\(' common services tools
law "the clock is read in io/clock.c" '\b(clock_gettime|gettimeofday|time)\((CLOCK|NULL|&|0)' common services tools -- common/io/clock.c
law "chance comes from io/random.c" '\b(getrandom|rand|random|srand|arc4random)\(' common services -- common/io/random
law "cents are touched in core/amount.c" '(->|\.)cents\b' common services -- common/core/amount common/wire/result_details
law "generated messages stay in wire" 'pb-c\.h' common services tools -- common/wire/
law "librdkafka" 'include <librdkafka/' common services tools -- common/io/kafka tools/devbroker/
law "libpq" 'libpq-fe\.h' common services tools -- common/io/pg common/io/store
law "libcurl" 'include <curl/' common services tools -- common/io/http_client common/io/http_call common/io/http_probe tools/darajasim/
law "libuv" 'include <uv\.h>' common services tools -- common/io/http_ common/service/admin tools/darajasim/
law "OpenSSL" 'include <openssl/' common services tools -- common/base/digest common/io/seal common/io/credential tools/darajasim/initiator common/io/tls_
law "libcyaml" 'include <cyaml' common services tools -- common/io/account
law "llhttp" 'include <llhttp' common services tools -- common/io/http_
law "jansson" 'include <jansson' common services tools -- common/wire/ tools/
law "protobuf-c" 'include <protobuf-c/' common services tools -- common/wire/
law "cmocka" 'include <cmocka' common services tools
law "files" '\b(fopen|open|openat|mkstemp|mkdir|opendir|unlink|rename)\(' common services -- common/io/ common/service/
law "environment" '\bgetenv\(' common services tools -- common/service/
law "printing" '\b(printf|puts|perror|fprintf)\(' common services -- common/base/log common/base/err common/service/
law "a metric is made by METRIC(), which lists it for docs/metrics.md" '\bstruct metric +[a-z_0-9]+ *=' common services -- common/base/metric
law "left for later" '\b(TODO|XXX|HACK)\b' common services tools tests
exit $bad
