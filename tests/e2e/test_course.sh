#!/usr/bin/env bash
# label: slow
# A case's normal course: mended and collected again, a farm of twelve with one bad node, clones with one MachineGuid, facts
# of an older program with the bundle present and gone, a bundle that crashes its worker's program.
set -u
. "$(dirname "$0")/common.sh"
cp -r "$CT_SOURCE_DIR/tests/machines/pki" "$work/pki"
machine() { # machine NAME GUID COLLECTED: $work/NAME.zip of a healthy server; EDIT is a line for its SCHANNEL key
  rm -rf "$work/source" "$work/image"
  cp -r "$CT_SOURCE_DIR/tests/machines/healthy-2019" "$work/source"
  sed -i "s/WEB2019/$1/; s/\"guid\": .*/\"guid\": \"$2\",/; s/\"collected\": .*/\"collected\": \"$3\",/" "$work/source/machine.json"
  [ -z "${EDIT:-}" ] || sed -i "0,/SCHANNEL\]$/s//SCHANNEL]\n$EDIT/" "$work/source/registry/system.reg"
  "$bin/mkimage" "$work/source" "$work/image" && "$bin/certtriage-collect" --image "$work/image" -o "$work/$1.zip" >/dev/null 2>"$work/collect.log"
  [ $? -le 1 ] || { cat "$work/collect.log"; exit 1; }
}
start_server
triage=$(token --role triage)
put() { curl -sS -m 20 -o /dev/null -H "Authorization: Bearer $triage" -H "X-Certtriage-Case: $1" --data-binary "@$2" "$url/api/v1/bundles"; }
report() { curl -sS -m 20 -H "Authorization: Bearer $triage" "$url/api/v1/cases/$1/report.json" >"$work/report.json"; }
found() { jq -r --arg rule "$1" '[.findings[] | select(.rule == $rule) | .machine] | unique | join(" ")' "$work/report.json"; }
guid=c2a5f7e1-44b9-4d27-8c35-90a1d6f0b3

EDIT='"SendTrustedIssuerList"="1"' machine AGAIN "${guid}01" 2024-03-12T09:00:00Z
put MENDED "$work/AGAIN.zip"
check "the first collection is linted" done "$(case_state MENDED)"
report MENDED
before=$(jq -r '[.findings[].rule] | sort | join(" ")' "$work/report.json")
mv "$work/AGAIN.zip" "$work/first.zip"
machine AGAIN "${guid}01" 2024-03-14T09:00:00Z
put MENDED "$work/AGAIN.zip"
check "the second is" done "$(case_state MENDED)"
report MENDED
check "it is one machine" AGAIN "$(jq -r '[.machines[].machine] | join(" ")' "$work/report.json")"
check "judged as it is now" 2024-03-14 "$(jq -r '.machines[0].collected' "$work/report.json" | cut -c1-10)"
[ "$before" != "$(jq -r '[.findings[].rule] | sort | join(" ")' "$work/report.json")" ] || { echo "what was mended is still told: $before"; failures=1; }
check "the history has both" 2 "$(curl -sS -m 20 -H "Authorization: Bearer $triage" "$url/api/v1/cases/MENDED/reports" | jq '.reports | length')"
put MENDED "$work/first.zip"
case_state MENDED >/dev/null
report MENDED
check "an older bundle that comes late changes nothing" 2024-03-14 "$(jq -r '.machines[0].collected' "$work/report.json" | cut -c1-10)"

complain() { curl -sS -m 20 -o /dev/null -X PATCH -H "Authorization: Bearer $triage" -H 'Content-Type: application/json' -d "{\"complaint\": $2}" "$url/api/v1/cases/$1"; }
complain MENDED '{"url": "https://portal.example/in", "when": "2020-01-01T00:00:00Z"}'
check "a complaint judges it again" done "$(case_state MENDED)"
report MENDED
check "with what was said" "https://portal.example/in 2020-01-01" "$(jq -r '.case.complaints[0] | .url + " " + .when[0:10]' "$work/report.json")"
check "the logs do not cover that time" AGAIN "$(found bundle-time-window)"
complain MENDED null
case_state MENDED >/dev/null
report MENDED
check "and without it when it is taken back" 0 "$(jq '.case.complaints | length' "$work/report.json")"

for i in $(seq 10 21); do
  EDIT=
  [ "$i" != 17 ] || EDIT='"ClientAuthTrustMode"=dword:00000002'
  EDIT=$EDIT machine "NODE$i" "${guid}$i" 2024-03-12T09:00:00Z
  put FARM "$work/NODE$i.zip"
done
check "a farm of twelve is linted" done "$(case_state FARM)"
report FARM
check "all twelve are in it" 12 "$(jq '.machines | length' "$work/report.json")"
check "the one that differs is named" NODE17 "$(jq -r '[.findings[] | select(.rule == "server-farm-drift") | if .machine == "NODE17" then .machine else .subject end] | unique | join(" ")' "$work/report.json")"

EDIT= machine CLONE1 "${guid}99" 2024-03-12T09:00:00Z
EDIT= machine CLONE2 "${guid}99" 2024-03-12T09:00:00Z
put CLONES "$work/CLONE1.zip"
put CLONES "$work/CLONE2.zip"
check "clones are linted" done "$(case_state CLONES)"
report CLONES
check "two machines with one MachineGuid are two" "CLONE1 CLONE2" "$(jq -r '[.machines[].machine] | sort | join(" ")' "$work/report.json")"
stop_server TERM

# Facts of an older program.
db() { sqlite3 "$work/data/certtriage.db" "$@"; }
again() { rm -rf "$work/data/cases/MENDED"; "$bin/certtriage-server" reprocess --data "$work/data" >"$work/again"; }
sha=$(sha256sum "$work/AGAIN.zip" | cut -d' ' -f1)
now=$(echo "$work/data/facts/${sha:0:2}/$sha"-f*-x*.sqlite)
old=${now%-f*}-f0-x0.sqlite
mv "$now" "$old"
again
check "with the bundle they are extracted anew" 0 "$([ -f "$now" ]; echo $?)"
has "and say the same" 'changed in 0, 0 could not' "$work/again"
rm "$now" "$work/data/bundles/${sha:0:2}/$sha.zip"
db "UPDATE bundle SET gone = 1 WHERE sha256 = '$sha'"
sqlite3 "$old" "SELECT 'DROP VIEW ' || name || ';' FROM sqlite_schema WHERE type = 'view'" | sqlite3 "$old"
sqlite3 "$old" "ALTER TABLE machine DROP COLUMN elevated; PRAGMA user_version = 0; DROP TABLE web_farm_server; DROP TABLE chain_policy"
check "facts without a column and two tables" 0 $?
again
check "without it the older ones stand in" 0 $?
start_server
report MENDED
check "no rule judges what it does not know" "not-evaluated" "$(jq -r '[.verdicts[] | select(.machine == "AGAIN") | .verdict] | unique | join(" ")' "$work/report.json")"
check "and each says why" true "$(jq '[.verdicts[] | select(.machine == "AGAIN") | .items[0] | test("^AGAIN: facts older than the rule: version 0, it needs [0-9]+$")] | all' "$work/report.json")"
grep -q 'no longer kept' "$work/report.json" || { echo "the coverage does not say that the bundle is gone"; failures=1; }
put MENDED "$work/AGAIN.zip"
case_state MENDED >/dev/null
report MENDED
[ "$(jq '[.verdicts[] | select(.machine == "AGAIN" and .verdict == "pass")] | length' "$work/report.json")" -gt 10 ] || { echo "the bundle that came back is not used"; failures=1; }

# What is no bundle harms nobody else.
head -c 100000 /dev/urandom >"$work/noise.zip"
put NOISE "$work/noise.zip"
put AFTER "$work/CLONE1.zip"
check "the next one is linted" done "$(case_state AFTER)"
check "and noise is judged as what it is" done "$(case_state NOISE)"
report NOISE
check "with its reason in the coverage" true "$(jq '.coverage | tostring | test("zip")' "$work/report.json")"
[ "$failures" = 0 ]
