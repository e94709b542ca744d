#!/usr/bin/env bash
# base <- core <- wire <- io <- service <- services; the simulator knows base and io/http_* only.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
bad=0

# may FOLDER ALLOWED: what FOLDER's files include of ours matches ALLOWED.
may() {
	local hits
	hits=$(grep -rnE --include='*.c' --include='*.h' '^#include "' "$1" | grep -vE "#include \"($2)" || true)
	[ -z "$hits" ] || { printf 'layers: %s may include %s\n%s\n' "$1" "$2" "$hits" >&2; bad=1; }
}

may common/base 'base/'
may common/core '(base|core)/'
may common/wire '(base|core|wire)/|mkondo/v1/'
may common/io '(base|core|wire|io)/'
may common/service '(base|core|wire|io|service)/'
for name in ingest dispatcher webhook reconciler poller; do
	may services/$name "(base|core|wire|io|service|$name)/"
done
may tools/darajasim 'base/|io/http_|io/clock|io/random|darajasim/'

# core waits for nothing, allocates nothing, looks at nothing: what its objects need from outside is on this list.
library=build/dev/libcore.a
if [ -f "$library" ]; then
	own=$(nm --defined-only "$library" build/dev/libbase.a 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u)
	needs=$(nm -u "$library" | awk 'NF == 2 { print $2 }' | sort -u | grep -vE '^(__asan|__ubsan|__sanitizer|_GLOBAL_|__stack_chk|__start_|__stop_)' |
		comm -23 - <(printf '%s\n' "$own") |
		grep -vxE 'mem(cpy|cmp|set|chr|move)|str(len|cmp|ncmp|chr|rchr|str|cspn|spn|casecmp|ncasecmp)|snprintf|vsnprintf|llround|floor|ceil|fabs|fmin|fmax|pow|round|lround|bsearch|isfinite|__isoc99_.*|__memcpy_chk|__snprintf_chk' || true)
	[ -z "$needs" ] || { printf 'layers: core needs %s\n' "$(tr '\n' ' ' <<<"$needs")" >&2; bad=1; }
fi
exit $bad
