#!/usr/bin/env bash
# label: slow
# Many connections and slow ones: 200 slow uploads at once, dribbled headers and bodies, readers that do not read, too many.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
flood() { /usr/bin/python3 "$CT_SOURCE_DIR/tests/server/receive/flood.py" "$1" "$url" "$upload" "$server" || failures=$((failures + 1)); }
answered() { check "$1, and it answers" 200 "$(curl -sS -m 10 -o /dev/null -w '%{http_code}' "$url/api/v1/health")"; }
upload=$(token --role triage --case A1)

start_server --client-timeout 2s
flood slow-uploads
flood slow-headers
has "it is in the log" 'event=connections-cut n=[0-9]+ last=127.0.0.1' "$work/err"
flood slow-bodies
flood slow-reader
answered "slow ones are gone"
stop_server TERM

start_server --client-timeout 4s --address-connections 20
flood many-of-address
has "it is in the log" 'event=connections-turned-away n=[0-9]+ last=127.0.0.1' "$work/err"
answered "too many of one address are gone"
stop_server TERM

start_server --client-timeout 20s --connections 20
flood many-idle
flood many-busy
answered "too many are gone"
[ "$failures" = 0 ]
