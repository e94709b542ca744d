#!/usr/bin/env bash
# Apache Kafka 4.1 on one machine: a single KRaft node, its jars from Maven Central.
#
#	tools/kafka.sh fetch		the jars, into the cache, when they are not there
#	tools/kafka.sh start DIR PORT	starts it (PORT + 1 is its controller's); returns when it answers. DIR may hold
#					the data of an earlier start
#	tools/kafka.sh stop DIR		ends it in order; the data stay
#	tools/kafka.sh kill DIR		ends it at once; the data stay
#
# DIR/kafka.pid holds the pid, DIR/kafka.log the log. The cache is ~/.cache/mkondo.
set -euo pipefail

readonly VERSION=4.1.0
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/mkondo
jars=$cache/kafka-$VERSION

fail() {
	printf 'kafka.sh: %s\n' "$*" >&2
	exit 1
}

# Into a folder beside, which is renamed when it is whole: an interrupted fetch leaves nothing that looks like one.
fetch() {
	local part
	[ ! -d "$jars" ] || return 0
	command -v mvn >/dev/null || fail "mvn is needed to fetch Kafka's jars (apt-get install maven)"
	mkdir -p "$cache"
	part=$(mktemp -d "$jars.XXXXXX")
	if ! mvn -q -B -f "$here/kafka/pom.xml" dependency:copy-dependencies -DoutputDirectory="$part" >"$part.log" 2>&1; then
		cat "$part.log" >&2
		rm -rf "$part" "$part.log"
		fail "Maven could not fetch Apache Kafka $VERSION"
	fi
	rm -f "$part.log"
	chmod 0755 "$part"
	mv -T "$part" "$jars" 2>/dev/null || rm -rf "$part" # another one was quicker
	[ -d "$jars" ] || fail "$jars cannot be made"
}

running() {
	[ -f "$1/kafka.pid" ] && tr '\0' '\n' 2>/dev/null <"/proc/$(cat "$1/kafka.pid")/cmdline" | grep -qxF kafka.Kafka
}

# A cluster id is 16 bytes in base64; without '-' it cannot be taken for an option.
format() {
	local dir=$1 id
	id=$(head -c 16 /dev/urandom | base64 | tr '+/' 'ab' | tr -d '=')
	java -XX:TieredStopAtLevel=1 -Xmx128m -Dlog4j2.configurationFile="$here/kafka/log4j2.properties" \
		-Dmkondo.kafka.log="$dir/format.log" -cp "$jars/*" kafka.tools.StorageTool \
		format --standalone -t "$id" -c "$dir/server.properties" >"$dir/format.out" 2>&1 ||
		{ cat "$dir/format.out" >&2; fail "the data folder cannot be prepared"; }
}

answers() {
	(: <>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

start() {
	local dir=$1 port=$2 deadline=$((SECONDS + 60)) from=1
	fetch
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	! running "$dir" || fail "$dir: it runs already"
	! answers "$port" || fail "port $port is taken"
	sed -e "s|@PORT@|$port|g; s|@CONTROLLER_PORT@|$((port + 1))|g; s|@DIR@|$dir|g" \
		"$here/kafka/server.properties.in" >"$dir/server.properties"
	[ -f "$dir/data/meta.properties" ] || format "$dir"
	[ ! -f "$dir/kafka.log" ] || from=$(($(wc -l <"$dir/kafka.log") + 1))
	setsid java -Xmx512m -XX:+UseSerialGC -Dlog4j2.configurationFile="$here/kafka/log4j2.properties" \
		-Dmkondo.kafka.log="$dir/kafka.log" -cp "$jars/*" kafka.Kafka "$dir/server.properties" \
		>"$dir/kafka.out" 2>&1 </dev/null &
	echo $! >"$dir/kafka.pid"
	until tail -n "+$from" "$dir/kafka.log" 2>/dev/null | grep -q 'Kafka Server started' && answers "$port"; do
		if ! kill -0 "$(cat "$dir/kafka.pid")" 2>/dev/null || ((SECONDS > deadline)); then
			tail -n 20 "$dir/kafka.out" "$dir/kafka.log" >&2 || true
			end "$dir" KILL
			fail "Kafka did not come up"
		fi
		sleep 0.1
	done
}

# Its port is free only when the last of its threads is gone: until then it may have no command line any more, or be a zombie.
gone() {
	local threads=("/proc/$1/task/"*)
	[ ! -d "/proc/$1" ] || { [ ${#threads[@]} = 1 ] && grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
}

end() {
	local dir=$1 signal=$2 pid deadline=$((SECONDS + 20))
	if running "$dir"; then
		pid=$(cat "$dir/kafka.pid")
		kill "-$signal" "$pid"
		until gone "$pid"; do
			((SECONDS <= deadline)) || kill -KILL "$pid" 2>/dev/null || true
			sleep 0.05
		done
	fi
	rm -f "$dir/kafka.pid"
}

case ${1:-}:$# in
fetch:1) fetch ;;
start:3) start "$2" "$3" ;;
stop:2) end "$2" TERM ;;
kill:2) end "$2" KILL ;;
*) fail "usage: fetch | start DIR PORT | stop DIR | kill DIR" ;;
esac
