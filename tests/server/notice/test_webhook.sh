#!/usr/bin/env bash
# The webhook: signed as its specification says (checked by the specification's own library), tried again, once a change.
# label: ordinary
set -u
. "$(dirname "$0")/../../e2e/common.sh"
command -v npm >/dev/null || { echo "skipped: npm is not installed (deploy/setup --tests)"; exit 77; }
"$CT_SOURCE_DIR/tests/npm/install" "$build" || exit 1
made_bundle article-server >/dev/null
made_bundle article-client >/dev/null
secret=whsec_$(openssl rand -base64 32)
printf '%s\n' "$secret" >"$work/secret"
NODE_PATH=$build/npm/node_modules node "$(dirname "$0")/receiver.js" "$secret" >"$work/told" 2>&1 &
receiver=$!
trap 'kill $receiver; finish' EXIT
for _ in $(seq 100); do grep -q '^port' "$work/told" && break; sleep 0.05; done
port=$(sed -n 's/^port //p' "$work/told")
told() { for _ in $(seq 100); do [ "$(grep -vc '^port' "$work/told")" -ge "$1" ] && break; sleep 0.1; done; }

start_server --webhook "http://127.0.0.1:$port/hook" --webhook-secret "$work/secret" --log-format json
triage=$(token --role triage)
put() { curl -sS -m 20 -o /dev/null -H "Authorization: Bearer $triage" -H "X-Certtriage-Case: $1" --data-binary "@$work/$2.zip" "$url/api/v1/bundles"; }
put W1 article-server
told 1
has "a new diagnosis is told, signed, at the second try" '^diagnosis.new W1 reneg-500-0-64 \+[1-9][0-9]* -0$' "$work/told"
has "the first try is logged as JSON" '"event":"notice-failed".*"case":"W1","status":500,"try":1' "$work/err"
put W2 article-client
told 2
put W2 article-server
told 3
has "what the second machine changed as well" '^diagnosis.new W2 reneg-500-0-64' "$work/told"
put W2 article-server
for _ in $(seq 100); do [ "$(grep -c '"event":"linted"' "$work/err")" = 4 ] && break; sleep 0.1; done
stop_server TERM
check "the same again is no news" "port W1 W2 W2" "$(sed 's/^port.*/x port/' "$work/told" | cut -d' ' -f2 | xargs)"
check "no line of the log is anything but JSON" "" "$(grep -v '^{.*}$' "$work/err")"

# Judged again by other rules, a case has other findings, and that is told, too.
added_rule "$work/rules"
start_server --webhook "http://127.0.0.1:$port/hook" --webhook-secret "$work/secret" --rules "$work/rules"
told 5
has "what judging again changed" '^(findings.changed|diagnosis.new) W1 [a-z0-9-]* \+[1-9][0-9]* -0$' "$work/told"
stop_server TERM
check "once for each case" "W1 W2" "$(sed '/^port/d' "$work/told" | tail -n +4 | cut -d' ' -f2 | sort | xargs)"

"$bin/certtriage-server" serve --data "$work/data" --webhook ftp://127.0.0.1/ --webhook-secret "$work/secret" >/dev/null 2>"$work/refusal"
has "another protocol is refused" 'http or https' "$work/refusal"
echo whsec_c2hvcnQ= >"$work/short"
"$bin/certtriage-server" serve --data "$work/data" --webhook http://127.0.0.1/ --webhook-secret "$work/short" >/dev/null 2>"$work/refusal"
has "a short secret is refused" '24 to 128 bytes' "$work/refusal"
[ "$failures" = 0 ]
