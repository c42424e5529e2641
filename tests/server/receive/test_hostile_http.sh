#!/usr/bin/env bash
# Requests that no honest client sends: each has its status, costs little, and the server answers the next one.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
triage=$(token --role triage)
start_server --client-timeout 2s
/usr/bin/python3 "$CT_SOURCE_DIR/tests/server/receive/hostile_http.py" "$url" "$triage" "$server" || failures=1
check "no request went wrong inside" "" "$(grep -E 'level=error|status=5' "$work/err")"
check "libmicrohttpd's words are events, too" "" "$(grep -v '^time=[^ ]* level=[a-z]* event=' "$work/err")"
stop_server TERM
check "it ends in good order" "" "$(grep -E 'AddressSanitizer|runtime error' "$work/err")"
[ "$failures" = 0 ]
