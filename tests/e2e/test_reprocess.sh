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

# A running server: its folder of rules changes, it is told to reload, each time every case is judged again.
mkdir "$work/live"
cp "$work/rules/example.sql" "$work/live/first.sql"
sed -i 's/^-- rule: .*/-- rule: first/' "$work/live/first.sql"
start_server --rules "$work/live"
admin=$(token --role admin)
ended() { # ended N: waits until N runs have ended
  for _ in $(seq 400); do
    [ "$(curl -sS -m 20 -H "Authorization: Bearer $admin" "$url/api/v1/reprocess" | jq '[.runs[] | select(.ended)] | length')" = "$1" ] && return
    sleep 0.05
  done
  echo "run $1 did not end"
  failures=$((failures + 1))
}
changed() { curl -sS -m 20 -H "Authorization: Bearer $admin" "$url/api/v1/reprocess/$1" | jq -r '[.why, .done, .failed, ([.changes[] | .change + .rule] | unique | join(" "))] | join("|")'; }
ended 1
check "at its start by the rules it has" "start|6|0|+first -example" "$(changed 1)"
rm "$work/live/first.sql"
cp "$work/rules/example.sql" "$work/live/"
ended 2
check "a changed folder is seen" "the rules' folder has changed|6|0|+example -first" "$(changed 2)"
cp "$work/live/example.sql" "$work/live/broken.sql"
echo "-- no rule" >"$work/live/broken.sql"
reload() { curl -sS -m 20 -o "$work/answer" -w '%{http_code}' -X POST -H "Authorization: Bearer $admin" "$url/api/v1/rules/reload"; }
check "rules that cannot be read are refused" 422 "$(reload)"
rm "$work/live/broken.sql" "$work/live/example.sql"
kill -HUP "$server"
ended 3
check "SIGHUP reads them again" "SIGHUP|6|0|-example" "$(changed 3)"
check "what is the same changes nothing" 200 "$(reload)"
check "and says so" "false 0" "$(jq -r '[.changed, .run] | join(" ")' "$work/answer")"
check "the history of a case has every rule set" true "$(curl -sS -m 20 -H "Authorization: Bearer $admin" "$url/api/v1/cases/R1/reports" | jq '[.reports[].ruleset] | unique | length >= 3')"
[ "$failures" = 0 ]
