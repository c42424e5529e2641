#!/usr/bin/env bash
# SIGTERM: what is under way is finished, within a time; nothing new is begun; the exit code is 0.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
flood() { /usr/bin/python3 "$CT_SOURCE_DIR/tests/server/receive/flood.py" "$1" "$url" "$upload" "$server" || failures=$((failures + 1)); }
ended() { wait "$server"; check "$1" 0 $?; server=; }
upload=$(token --role triage --case A1)
triage=$upload
start_server
flood drain
ended "it ends well"
has "it says how it went" 'event=drained left=0 ms=[0-9]+' "$work/err"
start_server
check "the bundle is there" "$(printf '%019d' 0 | tr 0 a | sed s/\$/b/ | tr -d '\n' | sha256sum | cut -d' ' -f1)" \
  "$(curl -sS -m 20 -H "Authorization: Bearer $triage" "$url/api/v1/cases/A1" | sed -n 's/^ *"\([0-9a-f]\{64\}\)".*/\1/p')"
stop_server TERM

: >"$work/err"
start_server --drain 1s
flood drain-late
ended "it ends well without it"
has "it says how many were left" 'event=drained left=1' "$work/err"
check "nothing is left of it" "" "$(find "$work/data/spool" -type f)"

: >"$work/err"
start_server --log-format json
curl -sS -m 20 -o /dev/null -D "$work/headers" -H "Authorization: Bearer $triage" "$url/api/v1/cases"
id=$(tr -d '\r' <"$work/headers" | sed -n 's/^X-Request-Id: //p')
stop_server TERM
/usr/bin/python3 - "$id" "$work/err" <<'EOF' || failures=$((failures + 1))
import json, sys

lines = [json.loads(line) for line in open(sys.argv[2], encoding="utf-8")]
assert all({"time", "level", "event"} <= set(one) for one in lines), lines
one = [x for x in lines if x["event"] == "request"][0]
assert one["id"] == sys.argv[1] and one["path"] == "/api/v1/cases" and one["status"] == 200, one
assert [x["left"] for x in lines if x["event"] == "drained"] == [0], lines
EOF

# A second server would take what the first one receives and judges for what a killed one left.
start_server
timeout 20 "$bin/certtriage-server" serve --data "$work/data" --listen 127.0.0.1:0 >"$work/second" 2>&1
check "a second server" 2 $?
has "is told so" "^certtriage-server: $work/data: another certtriage-server serves it; end that one first" "$work/second"
check "and says nothing of listening" 0 "$(grep -c 'listening on' "$work/second")"
check "the first one goes on" 200 "$(curl -sS -m 20 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $triage" "$url/api/v1/cases")"
stop_server KILL
start_server
stop_server TERM
[ "$failures" = 0 ]
