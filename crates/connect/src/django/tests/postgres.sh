# A PostgreSQL of the tests' own in folder $1 on loopback port $2; says "ready", ends when its input ends.
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] && PATH="$bin:$PATH"
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" = 0 ] && chown postgres "$1"
cd "$1"
as initdb -A trust -U postgres --no-sync -E UTF8 -D "$1/data" >/dev/null
as pg_ctl -D "$1/data" -w -l "$1/log" -o "-p $2 -c listen_addresses=127.0.0.1 -c unix_socket_directories='$1' -c fsync=off" start >/dev/null
echo ready
read -r _ || true
as pg_ctl -D "$1/data" -m immediate stop >/dev/null
