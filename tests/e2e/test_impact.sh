#!/usr/bin/env bash
# What other rules would say, before they are in force; and what changed between two reports and two bundles.
set -u
. "$(dirname "$0")/common.sh"
made_bundle article-server >/dev/null
made_bundle article-client >/dev/null
start_server
triage=$(token --role triage)
put() { curl -sS -m 20 -o /dev/null -H "Authorization: Bearer $triage" -H "X-Certtriage-Case: $1" --data-binary "@$work/$2.zip" "$url/api/v1/bundles"; }
for c in I1 I2 I3; do put $c article-server; done
put C1 article-client
for c in I1 I2 I3 C1; do check "$c is linted" done "$(case_state $c)"; done
stop_server TERM

dry() { "$bin/certtriage-server" reprocess --data "$work/data" --dry-run "$@" >"$work/impact"; }
state() { (cd "$work/data" && find . -name '*.db*' -prune -o -type f -print0 | sort -z | xargs -0 sha256sum) && "$bin/certtriage-server" reprocess --data "$work/data" --dry-run --format json | grep -v '"ruleset"'; }
state >"$work/before"
dry
check "the rules in force" 0 $?
has "change nothing" '^4 cases judged .* would change in 0, 0 could not' "$work/impact"
added_rule "$work/rules"
# A rule that finds nothing any more takes the place of the built-in one.
sed 's/^-- severity: .*/-- severity: info/; /^WITH\|^SELECT/,$d' "$CT_SOURCE_DIR"/server/rules/pack/log-4037-rate.sql >"$work/rules/log-4037-rate.sql"
echo "SELECT machine, 'nothing' AS subject, NULL AS evidence FROM machine WHERE 0;" >>"$work/rules/log-4037-rate.sql"
dry --rules "$work/rules" --samples 1
check "other rules" 0 $?
has "who gains" '^example +3 +0 +0 +0$' "$work/impact"
has "who loses" '^log-4037-rate +0 +3 +0 +0$' "$work/impact"
check "one example of each" "1 1" "$(grep -c '^    + I' "$work/impact") $(grep -c '^    - I' "$work/impact")"
has "the sum" '^4 cases judged by rule set [0-9a-f]{64}: findings would change in 3, 0 could not be judged; [1-9]' "$work/impact"
dry --rules "$work/rules" --format json
check "as JSON" "3 3" "$(jq -r '[.changed, (.rules[] | select(.rule == "example") | .gain)] | join(" ")' "$work/impact")"
state >"$work/after"
check "nothing that is stored has changed" "" "$(diff "$work/before" "$work/after")"
dry --samples 1000 2>"$work/said"
check "a number that is too large" 2 $?

# Two reports, two bundles of one machine.
"$bin/certtriage-server" lint --format json -o "$work/a.json" "$work/article-server.zip"
"$bin/certtriage-server" lint --format json --rules "$work/rules" -o "$work/b.json" "$work/article-server.zip"
"$bin/certtriage-server" diff "$work/a.json" "$work/b.json" >"$work/diff"
check "diff of reports" 0 $?
has "what came" '^\+ [a-z]+ example  WEB2012R2' "$work/diff"
has "what went" '^- warning log-4037-rate  WEB2012R2' "$work/diff"
has "the rest" '^[0-9]+ findings came, 1 went, 0 changed, [1-9]' "$work/diff"
cp -r "$CT_SOURCE_DIR/tests/machines/pki" "$work/pki" && cp -r "$CT_SOURCE_DIR/tests/machines/article-server" "$work/machine"
sed -i '0,/"DefaultFlags"=dword:00000000/s//"DefaultFlags"=dword:00000002/' "$work/machine/registry/system.reg"
"$bin/mkimage" "$work/machine" "$work/later" && "$bin/certtriage-collect" --image "$work/later" -o "$work/later.zip" 2>"$work/collect.log"
"$bin/certtriage-server" diff "$work/article-server.zip" "$work/later.zip" >"$work/diff"
check "diff of bundles" 0 $?
has "the binding that was changed" '^~ ssl_binding .*10\.10\.10\.10:443' "$work/diff"
has "what it was" 'was: .*flags=0' "$work/diff"
has "what it is" 'now: .*flags=2' "$work/diff"
has "and the finding that is gone" '^- error sslbinding-negotiate-missing' "$work/diff"
"$bin/certtriage-server" diff "$work/a.json" "$work/later.zip" 2>"$work/said"
check "a report is not a bundle" 2 $?
[ "$failures" = 0 ]
