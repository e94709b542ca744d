#!/usr/bin/env bash
# A whole mkondo on this machine.
#
#	tools/stack.sh up DIR [--kafka embedded|apache] [--daraja URL] [--port-base N] [--time-scale X] [--scenario FILE] [--seed N]
#	tools/stack.sh down DIR		ends what `up` started, newest first; settings, logs and the ledger stay in DIR
#
# DIR/env: the settings, to be sourced. DIR/log: a log per program. DIR/pids: what runs. DIR/ledger.jsonl: the simulator's truth.
# Ports from the base (18000): +0 webhook, +1 darajasim, +2 Kafka, +10 ... +14 the services' admin ports.
set -euo pipefail
# shellcheck source=tools/lib.sh
. "$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/lib.sh"
bin=${BIN:-$root/build/release/bin}
readonly services="ingest dispatcher webhook reconciler poller"

random_key() {
	head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'
}

# start NAME PROGRAM...: in the background, with its log, in the list of pids.
start() {
	local name=$1
	shift
	setsid "$@" >"$dir/log/$name.log" 2>&1 </dev/null &
	printf '%s %s\n' "$!" "$name" >>"$dir/pids"
}

all_run() {
	local pid name
	while read -r pid name; do
		kill -0 "$pid" 2>/dev/null || { printf '%s has ended\n' "$name" >&2; return 1; }
	done <"$dir/pids"
}

# wait_for WHAT SECONDS COMMAND...: until the command succeeds. A program that has ended will not.
wait_for() {
	local what=$1 deadline=$((SECONDS + $2))
	shift 2
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS >= deadline)) || ! all_run; then
			tail -n 5 "$dir"/log/*.log >&2 || true
			fail "$what did not come up"
		fi
		sleep 0.05
	done
}

port_is_free() {
	! (: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

write_settings() {
	local conninfo=$1 rate=20 token
	printf '1 %s\n' "$(random_key)" >"$dir/callback.keys"
	printf '1 %s\n' "$(random_key)" >"$dir/store.keys"
	chmod 0600 "$dir"/*.keys
	# Where time runs faster, so do the lanes: rates are a second's, and are not scaled.
	[ "$scale" = 1 ] || rate=500
	{
		cat <<-ENV
			export MPESA_ENVIRONMENT=sandbox
			export MPESA_CONSUMER_KEY=demo-key
			export MPESA_CONSUMER_SECRET=demo-secret
			export MPESA_BUSINESS_SHORT_CODE=600000 # 174379 cannot register addresses
			export MPESA_PASSKEY=bfb279f9aa9bdbcf158e97dd71a467cd2e0c893059b10f78e6b72ada1ed2c919
			export MPESA_C2B_SECRET=0123456789abcdef0123456789abcdef
			export MPESA_INITIATOR_NAME=testapi
			export MPESA_SECURITY_CREDENTIAL=c2ltdWxhdGVk
			export MPESA_CALLBACK_BASE_URL=http://127.0.0.1:$base
			export MPESA_API_BASE_URL=$daraja
			export MKONDO_PG='$conninfo'
			export MKONDO_KAFKA_BOOTSTRAP=127.0.0.1:$((base + 2))
			export MKONDO_CALLBACK_KEYS_FILE=$dir/callback.keys
			export MKONDO_STORE_KEYS_FILE=$dir/store.keys
			export MKONDO_CALLBACK_SOURCES=127.0.0.1
			export MKONDO_SEND_JOURNAL_DIR=$dir/journal
			export MKONDO_WEBHOOK_LISTEN=127.0.0.1:$base
			export MKONDO_TIME_SCALE=$scale
		ENV
		for lane in INTERACTIVE PAYOUT BUSINESS CARE QUERY; do
			printf 'export MKONDO_RATE_%s=%s\n' "$lane" "$rate"
		done
	} >"$dir/env"
	# The simulator's tokens live as long in scaled time as Daraja's do.
	token=$(awk -v s="$scale" 'BEGIN { t = 3600 * s; printf "%d", t < 10 ? 10 : t }')
	token_life=$token
}

up_kafka() {
	local begin=$EPOCHREALTIME
	if [ "$kafka" = apache ]; then
		touch "$dir/apache"
		"$root/tools/kafka.sh" start "$dir/kafka" $((base + 2)) >"$dir/log/kafka.log" 2>&1 ||
			{ cat "$dir/log/kafka.log" >&2; fail "Apache Kafka did not come up"; }
		"$bin/mkondo" topics create "$root/deploy/topics.txt" >"$dir/log/topics.log"
		told Kafka "Apache Kafka 4.1 on 127.0.0.1:$((base + 2)), $(grep -vc '^#' "$root/deploy/topics.txt") topics" "$begin"
	else
		start devbroker "$bin/devbroker" --listen "127.0.0.1:$((base + 2))" --prefix mkondo. --topics "$root/deploy/topics.txt"
		wait_for "the embedded broker" 10 grep -q ready "$dir/log/devbroker.log"
		told Kafka "embedded broker on 127.0.0.1:$((base + 2)), $(grep -vc '^#' "$root/deploy/topics.txt") topics (--kafka apache for the real one)" "$begin"
	fi
}

up_daraja() {
	local begin=$EPOCHREALTIME
	if [ -n "$external" ]; then
		told Daraja "at $external" "$begin"
		return
	fi
	start darajasim "$bin/darajasim" --listen "127.0.0.1:$((base + 1))" --seed "$seed" --ledger "$dir/ledger.jsonl" \
		--time-scale "$scale" --token-life "$token_life" ${scenario:+--scenario "$scenario"}
	wait_for darajasim 10 grep -q ready "$dir/log/darajasim.log"
	told Daraja "simulator on 127.0.0.1:$((base + 1)), ${scenario:+scenario ${scenario#"$root"/}, }seed $seed" "$begin"
}

up_services() {
	local begin=$EPOCHREALTIME port=$((base + 10)) name
	for name in $services; do
		MKONDO_ADMIN_LISTEN=127.0.0.1:$port start "$name" "$bin/mkondo-$name"
		port=$((port + 1))
	done
	port=$((base + 10))
	for name in $services; do
		wait_for "$name" 30 curl -fsS -o /dev/null "http://127.0.0.1:$port/readyz"
		port=$((port + 1))
	done
	told services "$services: ready" "$begin"
}

# Under root the server runs as user postgres, who may not be able to enter DIR.
postgres_folder() {
	if [ "$(id -u)" = 0 ]; then
		mktemp -d /tmp/mkondo-pg.XXXXXX
	else
		printf '%s\n' "$dir/pg"
	fi
}

down_postgres() {
	[ ! -f "$1/postmaster.pid" ] || "$root/tools/postgres.sh" stop "$1" >/dev/null || true
	rm -rf "$1"
}

up() {
	local conninfo begin port pg
	for port in 0 1 2 3 10 11 12 13 14; do
		port_is_free $((base + port)) || fail "port $((base + port)) is taken; choose others with --port-base"
	done
	mkdir -p "$dir/log" "$dir/journal"
	dir=$(cd "$dir" && pwd)
	[ ! -e "$dir/pids" ] || fail "$dir: a stack is, or was, up there"
	: >"$dir/pids"
	trap '"$root/tools/stack.sh" down "$dir" >/dev/null 2>&1 || true' EXIT
	begin=$EPOCHREALTIME
	pg=$(postgres_folder)
	printf '%s\n' "$pg" >"$dir/pg.at"
	conninfo=$("$root/tools/postgres.sh" start "$pg" 2>"$dir/log/postgres.log") ||
		{ cat "$dir/log/postgres.log" >&2; fail "PostgreSQL did not come up"; }
	write_settings "$conninfo"
	# shellcheck disable=SC1091
	. "$dir/env"
	"$bin/mkondo" migrate "$root/deploy/migrations" >"$dir/log/migrate.log"
	told PostgreSQL "15, private cluster, $(cut -d, -f1 "$dir/log/migrate.log" | sed 's/0 -> //')" "$begin"
	up_kafka
	up_daraja
	up_services
	trap - EXIT
}

# Gone, or only waiting for its parent to notice.
ended() {
	! grep -qs '^State:[[:space:]]*[^Z[:space:]]' "/proc/$1/status"
}

# Newest first; each gets ten seconds to drain.
down() {
	local pid name tries
	if [ -f "$dir/pids" ]; then
		while read -r pid name; do
			kill "$pid" 2>/dev/null || true
		done < <(tac "$dir/pids" | grep -v -e devbroker -e darajasim)
		while read -r pid name; do
			case $name in devbroker | darajasim) kill "$pid" 2>/dev/null || true ;; esac
			tries=0
			until ended "$pid" || ((tries++ >= 200)); do sleep 0.05; done
			kill -KILL "$pid" 2>/dev/null || true
		done < <(tac "$dir/pids")
	fi
	[ ! -e "$dir/apache" ] || "$root/tools/kafka.sh" stop "$dir/kafka" >/dev/null || true
	[ ! -f "$dir/pg.at" ] || down_postgres "$(cat "$dir/pg.at")"
	rm -rf "$dir/kafka" "$dir/apache" "$dir/pids" "$dir/pg.at"
}

[ $# -ge 2 ] || fail "usage: tools/stack.sh up|down DIR [options]"
verb=$1 dir=$2
shift 2
kafka=embedded base=18000 scale=1 scenario='' seed=1 external='' token_life=3600
while [ $# -gt 0 ]; do
	[ $# -ge 2 ] || fail "$1 needs a value"
	case $1 in
	--kafka) kafka=$2 ;;
	--daraja) external=$2 ;;
	--port-base) base=$2 ;;
	--time-scale) scale=$2 ;;
	--scenario) scenario=$2 ;;
	--seed) seed=$2 ;;
	*) fail "there is no option $1" ;;
	esac
	shift 2
done
case $kafka in embedded | apache) ;; *) fail "--kafka is embedded or apache, not $kafka" ;; esac
if [[ ! $base =~ ^[1-9][0-9]{3,4}$ ]] || [ "$base" -lt 1024 ] || [ "$base" -gt 65000 ]; then
	fail "--port-base is a number between 1024 and 65000, not $base"
fi
daraja=${external:-http://127.0.0.1:$((base + 1))}
case $verb in
up) up ;;
down) down ;;
*) fail "there is no verb $verb" ;;
esac
