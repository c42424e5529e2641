#!/usr/bin/env bash
# What the team of a case lives with: marked in its reports, in force until its day, told when it covers nothing, and of no
# other case.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
made_bundle article-server >/dev/null
start_server
triage=$(token --role triage)
ask() { curl -sS -m 20 -o "$work/answer" -w '%{http_code}' -H "Authorization: Bearer $triage" "$@"; }
put() { # put CASE LIST
  ask -X PUT -H 'Content-Type: application/json' -d "{\"suppressions\": $2}" "$url/api/v1/cases/$1/suppressions"
}
report() { ask "$url/api/v1/cases/$1/report.$2" >/dev/null; }
of() { jq -r "$1" "$work/answer"; }
for one in S1 S2; do
  check "an upload" 201 "$(ask -H "X-Certtriage-Case: $one" --data-binary "@$work/article-server.zip" "$url/api/v1/bundles")"
  check "is judged" done "$(case_state $one)"
done
report S1 json
count=$(of '.findings | length')
subject=$(of '[.findings[] | select(.rule == "reneg-500-0-64")][0].subject')
check "it is a cause" true "$(of '[.diagnoses[].causes[].rule] | index("reneg-500-0-64") != null')"
yesterday=$(date -u -d yesterday +%F) tomorrow=$(date -u -d tomorrow +%F)
list="[{\"rule\": \"reneg-500-0-64\", \"subject\": \"$subject\", \"reason\": \"the device is replaced\", \"until\": \"$tomorrow\"},
  {\"rule\": \"sslbinding-negotiate-missing\", \"reason\": \"was lived with\", \"until\": \"$yesterday\"}, {\"rule\": \"freb-disabled\", \"subject\": \"Nobody\", \"reason\": \"noise\"}]"
check "three are put" 200 "$(put S1 "$list")"
report S1 json
check "no finding goes" "$count" "$(of '.findings | length')"
check "one is marked" reneg-500-0-64 "$(of '[.findings[] | select(.suppressed) | .rule] | unique | join(" ")')"
check "with reason and day" "the device is replaced $tomorrow" "$(of '[.findings[] | select(.suppressed)][0].suppressed | .reason + " " + .until')"
check "it is no cause" false "$(of '[.diagnoses[].causes[].rule] | index("reneg-500-0-64") != null')"
check "one has ended, one covers nothing" "true false
false true
false false" "$(of '.suppressions[] | "\(.used > 0) \(.ended)"')"
report S1 txt
has "said in words: used" "the device is replaced, until $tomorrow" "$work/answer"
has "said in words: ended" 'has ended: sslbinding-negotiate-missing' "$work/answer"
has "said in words: unused" 'covers nothing: freb-disabled Nobody' "$work/answer"
report S2 json
check "the other case's are as before" "$count 0" "$(of '"\(.findings | length) \([.findings[] | select(.suppressed)] | length)"')"
check "the day before it ends is over" 200 "$(put S1 "${list//$tomorrow/$yesterday}")"
report S1 json
check "nothing is marked" 0 "$(of '[.findings[] | select(.suppressed)] | length')"
check "the cause is back" true "$(of '[.diagnoses[].causes[].rule] | index("reneg-500-0-64") != null')"
check "taken back" 200 "$(put S1 '[]')"
report S1 json
check "no word of them" null "$(of .suppressions)"
[ "$failures" = 0 ]
