#!/usr/bin/env bash
# What triage is told of a case is judged with it: set, changed and taken back.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
made_bundle healthy-2019
start_server
triage=$(token --role triage)
complain() { # complain JSON
  curl -sS -m 20 -o /dev/null -w '%{http_code}' -X PATCH -H "Authorization: Bearer $triage" -H 'Content-Type: application/json' \
    -d "{\"complaint\": $1}" "$url/api/v1/cases/C1"
}
report() {
  case_state C1 >/dev/null
  curl -sS -m 20 -H "Authorization: Bearer $triage" "$url/api/v1/cases/C1/report.json" >"$work/report.json"
}
told() { jq -r '[.case.complaints[].url] | unique | join(" ")' "$work/report.json"; }
missing() { jq -r '[.findings[] | select(.rule == "access-cert-not-requested") | .subject] | join(" ")' "$work/report.json"; }
curl -sS -m 20 -o /dev/null -H "Authorization: Bearer $triage" -H "X-Certtriage-Case: C1" --data-binary "@$work/healthy-2019.zip" "$url/api/v1/bundles"
report
check "nobody complains" "" "$(told)"
check "nothing is missing" "" "$(missing)"
check "a complaint" 200 "$(complain '{"url": "https://other.example.test/", "seen": "no certificate is asked for"}')"
report
check "stands in the report" https://other.example.test/ "$(told)"
check "is judged" "Default Web Site" "$(missing)"
check "another" 200 "$(complain '{"url": "https://partner.example.test/orders"}')"
report
check "takes its place" https://partner.example.test/orders "$(told)"
check "a place that asks for certificates" "" "$(missing)"
check "the first again" 200 "$(complain '{"url": "https://other.example.test/"}')"
report
check "is judged as before" "Default Web Site" "$(missing)"
check "none" 200 "$(complain null)"
report
check "nobody complains any more" "" "$(told)"
check "nothing is told of" "" "$(missing)"

# Of a farm it is said once.
for one in healthy-2016 article-server; do
  made_bundle $one
  curl -sS -m 20 -o /dev/null -H "Authorization: Bearer $triage" -H "X-Certtriage-Case: C1" --data-binary "@$work/$one.zip" "$url/api/v1/bundles"
done
check "of three machines" 200 "$(complain '{"url": "https://other.example.test/", "seen": "no certificate is asked for"}')"
report
check "there are three" 3 "$(jq '.machines | length' "$work/report.json")"
check "it is said once, of all" '[{"seen":"no certificate is asked for","url":"https://other.example.test/"}]' "$(jq -c .case.complaints "$work/report.json")"
check "as the schema says" 0 "$(python3 -c 'import json, sys, jsonschema; jsonschema.validate(json.load(open(sys.argv[1])), json.load(open(sys.argv[2])))' "$work/report.json" "$CT_SOURCE_DIR/schema/report.schema.json"; echo $?)"
[ "$failures" = 0 ]
