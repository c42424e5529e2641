#!/usr/bin/env bash
# From upload to a report, through kill -9, and again when the rules have changed.
set -u
. "$(dirname "$0")/common.sh"
made_bundle article-server --case R1
start_server
upload=$(token --role upload --case R1)
triage=$(token --role triage)
printf %s "$upload" >"$work/token"
"$bin/certtriage-collect" --image "$work/article-server" --case R1 -o "$work/again.zip" --upload "$url" --token-file "$work/token" 2>"$work/log"
[ $? -le 1 ] || { cat "$work/log"; exit 1; }
check "the collector's upload is linted" done "$(case_state R1)"

# Killed at once after each acknowledgement: nothing acknowledged is lost.
for i in 1 2 3 4 5; do
  cp "$work/article-server.zip" "$work/n.zip"
  (cd "$work" && echo "$i" >"n$i" && zip -q n.zip "n$i")
  code=$(curl -sS -m 20 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $triage" -H "X-Certtriage-Case: K$i" --data-binary "@$work/n.zip" "$url/api/v1/bundles")
  stop_server KILL
  check "upload $i is acknowledged" 201 "$code"
  start_server
  check "case K$i is linted after the kill" done "$(case_state "K$i")"
done
stop_server TERM

"$bin/certtriage-server" reprocess --data "$work/data" >"$work/again"
check "reprocess" 0 $?
has "the same rules change nothing" '^6 cases judged .* changed in 0, 0 could not' "$work/again"
added_rule "$work/rules"
"$bin/certtriage-server" reprocess --data "$work/data" --rules "$work/rules" >"$work/again"
has "a new rule's findings are named" '^\+ ' "$work/again"
[ "$failures" = 0 ]
