#!/bin/sh
# A private, throw-away PostgreSQL: its own cluster in a folder, reached by a unix socket in that folder only.
#
#	tools/postgres.sh start DIR [PORT]	makes and starts it; prints its conninfo. DIR: not there yet, or empty
#	tools/postgres.sh stop DIR		stops it at once and removes DIR
#	tools/postgres.sh kill DIR		ends it as a crash does (pg_ctl's immediate); the data stay
#	tools/postgres.sh again DIR		starts what was killed, on the same data
#	tools/postgres.sh crash DIR		both
#	tools/postgres.sh install		apt packages, if they are missing
#
# As root it runs as user postgres, so DIR must lie where that user may go: under /tmp. DIR/postmaster.pid holds
# the pid of the server, DIR/log its log. Durable as in production: fsync and synchronous_commit are on.
set -eu

fail()
{
	echo "postgres.sh: $*" >&2
	exit 1
}

# Debian keeps the server's programs out of PATH, one folder per version.
find_programs()
{
	for bin in /usr/lib/postgresql/15/bin /usr/lib/postgresql/*/bin "$(dirname "$(command -v postgres || echo /)")"; do
		if [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ]; then
			return 0
		fi
	done
	return 1
}

install()
{
	find_programs && return 0
	sudo=
	[ "$(id -u)" = 0 ] || sudo=sudo
	# Without this the package would make and start a cluster of its own.
	$sudo mkdir -p /etc/postgresql-common/createcluster.d
	echo "create_main_cluster = false" | $sudo tee /etc/postgresql-common/createcluster.d/mkondo.conf >/dev/null
	$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql-15 >&2
	find_programs || fail "PostgreSQL 15 was installed and is not found"
}

# setpriv execs: the pid stays the server's own. runuser would stand between and leave the server behind.
as_owner()
{
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid postgres --regid postgres --clear-groups -- "$@"
	else
		"$@"
	fi
}

running()
{
	[ -n "$1" ] && [ "$(cat "/proc/$1/comm" 2>/dev/null)" = postgres ]
}

# Starts the server on $dir's data and waits until it answers; $bin, $socket and $port tell how.
serve()
{
	cd "$dir"
	if [ "$(id -u)" = 0 ]; then
		setsid setpriv --reuid postgres --regid postgres --clear-groups -- \
			"$bin/postgres" -D "$dir/data" >>"$dir/log" 2>&1 </dev/null &
	else
		setsid "$bin/postgres" -D "$dir/data" >>"$dir/log" 2>&1 </dev/null &
	fi
	pid=$!
	echo "$pid" >"$dir/postmaster.pid"

	tries=0
	until "$bin/pg_isready" -q -h "$socket" -p "$port" -U mkondo -d postgres; do
		tries=$((tries + 1))
		if [ $tries -gt 300 ] || ! kill -0 "$pid" 2>/dev/null; then
			cat "$dir/log" >&2
			kill -INT "$pid" 2>/dev/null || true
			fail "the server did not come up"
		fi
		sleep 0.1
	done
}

start()
{
	dir=$1 port=$2
	if [ -d "$dir" ] && [ -n "$(ls -A "$dir")" ]; then
		fail "$dir is not empty"
	fi
	mkdir -p "$dir"
	dir=$(cd "$dir" && pwd)
	# A unix socket's path may have 107 characters.
	socket=$dir/socket
	[ ${#socket} -le 85 ] || fail "$dir is too long a path for a socket"
	if [ "$(id -u)" = 0 ]; then
		chown postgres:postgres "$dir"
	fi
	chmod 0700 "$dir"
	as_owner test -w "$dir" || fail "user postgres cannot enter $dir; choose a folder under /tmp"
	as_owner mkdir -m 0700 "$socket"

	(cd "$dir" && as_owner "$bin/initdb" --pgdata="$dir/data" --username=mkondo --auth=trust --encoding=UTF8 \
		--locale=C.UTF-8 --no-instructions) >"$dir/initdb.log" 2>&1 || { cat "$dir/initdb.log" >&2; fail "initdb failed"; }
	as_owner tee -a "$dir/data/postgresql.conf" >/dev/null <<-CONF
		listen_addresses = ''
		unix_socket_directories = '$socket'
		port = $port
		max_connections = 60
		shared_buffers = 128MB
		fsync = on
		synchronous_commit = on
		wal_compression = lz4
		checkpoint_timeout = 15min
		max_wal_size = 2GB
		autovacuum_naptime = 10s
		logging_collector = off
		log_min_messages = warning
	CONF

	serve
	"$bin/createdb" -h "$socket" -p "$port" -U mkondo mkondo
	echo "host=$socket port=$port dbname=mkondo user=mkondo"
}

stop()
{
	dir=$1
	[ -f "$dir/postmaster.pid" ] || fail "$dir holds no server of this script"
	pid=$(cat "$dir/postmaster.pid")
	if running "$pid"; then
		kill -INT "$pid"
		tries=0
		while running "$pid"; do
			tries=$((tries + 1))
			[ $tries -ne 200 ] || kill -QUIT "$pid"
			[ $tries -le 300 ] || fail "the server ($pid) does not stop"
			sleep 0.1
		done
	fi
	rm -rf "$dir"
}

kill_server()
{
	dir=$(cd "$1" && pwd)
	[ -f "$dir/postmaster.pid" ] || fail "$dir holds no server of this script"
	pid=$(cat "$dir/postmaster.pid")
	! running "$pid" || kill -QUIT "$pid"
	tries=0
	while running "$pid"; do
		tries=$((tries + 1))
		[ $tries -le 300 ] || fail "the server ($pid) does not end"
		sleep 0.1
	done
}

again()
{
	dir=$(cd "$1" && pwd)
	[ -f "$dir/postmaster.pid" ] || fail "$dir holds no server of this script"
	! running "$(cat "$dir/postmaster.pid")" || fail "$dir: it runs already"
	find_programs || fail "PostgreSQL is not installed"
	socket=$dir/socket port=$(sed -n 's/^port = //p' "$dir/data/postgresql.conf" | tail -n 1)
	serve
}

case ${1:-} in
start)
	[ $# -ge 2 ] || fail "start needs a folder"
	install
	start "$2" "${3:-5432}"
	;;
stop)
	[ $# -eq 2 ] || fail "stop needs the folder"
	stop "$2"
	;;
crash)
	[ $# -eq 2 ] || fail "crash needs the folder"
	kill_server "$2"
	again "$2"
	;;
kill)
	[ $# -eq 2 ] || fail "kill needs the folder"
	kill_server "$2"
	;;
again)
	[ $# -eq 2 ] || fail "again needs the folder"
	again "$2"
	;;
install)
	install
	;;
*)
	fail "usage: start DIR [PORT] | stop DIR | kill DIR | again DIR | crash DIR | install"
	;;
esac
