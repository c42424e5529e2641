#!/usr/bin/env bash
# serve by flag, by environment and by file: who wins, what is refused, and the table that prints all three.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
serve() { "$bin/certtriage-server" serve "$@"; }
row() { awk -v f="--$1" '$1 == f && !seen++ {print $2, $3, $4, $5}' "$work/table"; }

printf '{"listen": "127.0.0.1:1", "log-format": "json", "data": "%s/file"}\n' "$work" >"$work/config.json"
CERTTRIAGE_LISTEN=127.0.0.1:2 CERTTRIAGE_DATA=$work/environment serve --settings --config "$work/config.json" --data "$work/flag" >"$work/table"
check "a table" 0 $?
check "the flag wins" "CERTTRIAGE_DATA \"data\" flag $work/flag" "$(row data)"
check "then the environment" 'CERTTRIAGE_LISTEN "listen" environment 127.0.0.1:2' "$(row listen)"
check "then the file" 'CERTTRIAGE_LOG_FORMAT "log-format" file json' "$(row log-format)"
check "else the default" 'CERTTRIAGE_TLS_CERT "tls-cert" default ' "$(row tls-cert)"
check "every flag of the help is in it" "" "$(comm -23 <("$bin/certtriage-server" --help | sed -n '/server serve/,/server lint/s/^    \(--[a-z-]*\).*/\1/p' | grep -v -- --settings | sort) \
  <(awk '/^--/ && $2 ~ /^CERTTRIAGE/ {print $1}' "$work/table" | sort))"

refused() { # refused WHAT PATTERN CONTENT
  printf '%s' "$3" >"$work/bad.json"
  serve --config "$work/bad.json" --data "$work/x" >/dev/null 2>"$work/said"
  check "$1" 2 $?
  has "$1, by name" "$2" "$work/said"
}
refused "a name that is no setting" '"listn" is no setting' '{"listn": "127.0.0.1:0"}'
refused "a value that is none" '"listen" is neither' '{"listen": ["a"]}'
refused "no JSON" 'bad.json' 'listen=1'
refused "the same twice" 'bad.json' '{"listen": "a", "listen": "b"}'
serve --config "$work/none.json" --data "$work/x" >/dev/null 2>"$work/said"
check "a file that is not there" 2 $?
serve >/dev/null 2>"$work/said"
has "and the data folder is still required" '--data DIR is missing' "$work/said"

# Help, of one command, however it is asked for.
for asked in "query --help" "query -h" "help query"; do
  "$bin/certtriage-server" $asked >"$work/said" 2>&1
  check "$asked" 0 $?
  has "$asked says how it is called" '^usage: certtriage-server query BUNDLE' "$work/said"
  has "$asked says its options" '^    --seconds N ' "$work/said"
  check "$asked is of that command only" 0 "$(grep -c -- '--webhook' "$work/said")"
done

# For real: only by environment and file.
printf '{"listen": "127.0.0.1:0"}\n' >"$work/config.json"
CERTTRIAGE_CONFIG=$work/config.json CERTTRIAGE_DATA=$work/data "$bin/certtriage-server" serve >"$work/out" 2>>"$work/err" &
server=$!
for _ in $(seq 100); do url=$(sed -n 's/^listening on //p' "$work/out"); [ -n "$url" ] && break; sleep 0.05; done
check "it serves" 200 "$(curl -sS -m 10 -o /dev/null -w '%{http_code}' "$url/api/v1/health")"
[ "$failures" = 0 ]
