#!/usr/bin/env bash
# label: slow
# Kept: nothing acknowledged is lost to kill -9 while cases are judged and judged again; check finds what is damaged; a
# backup of a running server restores to the same reports; what is too old goes.
set -u
. "$(dirname "$0")/common.sh"
made_bundle article-server >/dev/null
made_bundle article-client >/dev/null
check_store() { "$bin/certtriage-server" check --data "$1" >"$work/checked"; }
start_server
triage=$(token --role triage)
admin=$(token --role admin)
put() { curl -sS -m 20 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $triage" -H "X-Certtriage-Case: $1" --data-binary "@$2" "$url/api/v1/bundles"; }

rounds=3 acknowledged=0 # test_kill.sh has many more
for i in $(seq "$rounds"); do
  cp "$work/article-server.zip" "$work/n.zip"
  (cd "$work" && echo "$i" >note && zip -q n.zip note)
  [ "$(put "K$i" "$work/n.zip")" = 201 ] && acknowledged=$((acknowledged + 1))
  # Judging again beside it, and a blow somewhere in the middle.
  curl -sS -m 20 -o /dev/null -X POST -H "Authorization: Bearer $admin" -H 'Content-Type: application/json' -d '{"all": true}' "$url/api/v1/reprocess"
  sleep "0.$((RANDOM % 40 + 10))"
  stop_server KILL
  check_store "$work/data"
  check "after kill $i nothing is damaged" 0 $?
  start_server
done
check "every upload was acknowledged" "$rounds" "$acknowledged"
lost=0
for i in $(seq "$rounds"); do
  [ "$(case_state "K$i")" = done ] || lost=$((lost + 1))
done
check "every acknowledged case is judged in the end" 0 "$lost"
for _ in $(seq 200); do curl -sS -m 20 -H "Authorization: Bearer $admin" "$url/api/v1/reprocess" | jq -e '.runs[0].ended' >/dev/null && break; sleep 0.05; done
check_store "$work/data"
check "and check finds everything" 0 $?
has "counted" "^$rounds cases, $rounds bundles, [0-9]+ reports, .* 0 damaged" "$work/checked"

report() { curl -sS -m 20 -H "Authorization: Bearer $triage" "$url/api/v1/cases/K1/report.json" | sha256sum; }
before=$(report)
"$bin/certtriage-server" backup --data "$work/data" --to "$work/backup" >"$work/said" &
backup=$!
put LATE "$work/article-client.zip" >/dev/null
wait $backup
check "a backup beside a running server" 0 $?
check_store "$work/backup"
check "is whole" 0 $?
check "LATE is linted" done "$(case_state LATE)"
"$bin/certtriage-server" backup --data "$work/data" --to "$work/backup" >"$work/said"
has "the next one copies what is new" 'the database and [01] bundles' "$work/said"
check "what still holds a case is known" "$(realpath "$work/backup")" "$(curl -sS -m 20 -H "Authorization: Bearer $triage" "$url/api/v1/cases/K1/backups" | jq -r '.backups[].place')"
stop_server TERM

"$bin/certtriage-server" restore --from "$work/backup" --data "$work/data" 2>"$work/said"
check "never over a folder in use" 2 $?
mv "$work/data" "$work/lost"
"$bin/certtriage-server" restore --from "$work/backup" --data "$work/data" >/dev/null
check "restored" 0 $?
check_store "$work/data"
check "whole again" 0 $?
start_server
check "with the same report" "$before" "$(report)"
check "a case can be kept for ever" 204 "$(curl -sS -m 20 -o /dev/null -w '%{http_code}' -X PUT -H "Authorization: Bearer $triage" -H 'Content-Type: application/json' -d '{"days": 0}' "$url/api/v1/cases/K2/retention")"
stop_server TERM

# Damage is found and named; a backup does not take it over.
# Never a bundle of the two cases that are looked for below.
one=$(find "$work/data/bundles" -name "$(sqlite3 "$work/data/certtriage.db" "SELECT sha256 FROM bundle WHERE case_id = 'K1'").zip")
printf X | dd of="$one" bs=1 seek=100 conv=notrunc 2>/dev/null
check_store "$work/data"
check "one changed byte is found" 2 $?
has "and named" "^damaged: $(basename "$one" .zip): " "$work/checked"
"$bin/certtriage-server" backup --data "$work/data" --to "$work/second" >/dev/null 2>"$work/said"
check "a damaged bundle is not backed up" 2 $?
rm "$one"
check_store "$work/data"
check "a missing one is found" 2 $?
mkdir -p "$work/data/bundles/00"
stray=$work/data/bundles/00/$(printf '0%.0s' $(seq 64)).zip
echo stray >"$stray"
check_store "$work/data"
has "a file that nothing names is told" '^left over: bundles/0000' "$work/checked"

# Old cases go with all that was made of them.
sqlite3 "$work/data/certtriage.db" "UPDATE cases SET received = received - 10 * 86400000 WHERE id <> 'LATE'; "
start_server --retain-days 7
for _ in $(seq 300); do grep -q event=retention "$work/err" && break; sleep 0.05; done
check "what is too old is gone, what is kept by its case is not" "K2 LATE" "$(curl -sS -m 20 -H "Authorization: Bearer $triage" "$url/api/v1/cases" | jq -r '[.cases[].case] | sort | join(" ")')"
stop_server TERM
check "with its bundle" 2 "$(find "$work/data/bundles" -name '*.zip' ! -path "$stray" | wc -l)"
[ "$failures" = 0 ]
