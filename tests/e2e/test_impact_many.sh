#!/usr/bin/env bash
# label: slow
# What a rule would change in a thousand cases, before it is in force, and one question to all of them.
set -u
. "$(dirname "$0")/common.sh"
made_bundle article-server >/dev/null
start_server
triage=$(token --role triage)
check "a case" 201 "$(curl -sS -m 20 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $triage" -H 'X-Certtriage-Case: N0' --data-binary "@$work/article-server.zip" "$url/api/v1/bundles")"
check "is linted" done "$(case_state N0)"
stop_server TERM

# 999 more of the same bundle, whose facts are kept as those of the first one.
sqlite3 "$work/data/certtriage.db" "
  CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999) SELECT 'N' || i AS id FROM n;
  INSERT INTO cases(id, created, received) SELECT n.id, c.created, c.received FROM n, cases c WHERE c.id = 'N0';
  INSERT INTO bundle(case_id, sha256, received) SELECT n.id, b.sha256, b.received FROM n, bundle b WHERE b.case_id = 'N0';"
for i in $(seq 999); do echo "$work/data/cases/N$i"; done | xargs -I{} cp -al "$work/data/cases/N0" {}
"$bin/certtriage-server" reprocess --data "$work/data" >"$work/said"
check "a thousand are judged" 0 $?
has "each" '^1000 cases judged by rule set .*: findings changed in 999, 0 could not be judged$' "$work/said"

added_rule "$work/rules"
"$bin/certtriage-server" reprocess --data "$work/data" --dry-run --rules "$work/rules" >"$work/impact"
check "the impact of one more rule" 0 $?
has "who gains" '^example +1000 +0 +0 +0$' "$work/impact"
check "three examples" 3 "$(grep -c '^    + N[0-9]*  WEB2012R2  ' "$work/impact")"
has "the sum" '^1000 cases judged by rule set .*: findings would change in 1000, 0 could not be judged; [1-9]' "$work/impact"
"$bin/certtriage-server" check --data "$work/data" >"$work/checked"
check "nothing is damaged" 0 $?
has "and nothing has changed" '^1000 cases, 1 bundles, 1000 reports, ' "$work/checked"
"$bin/certtriage-server" query --all --data "$work/data" "SELECT count(*) AS sites FROM site" >"$work/rows" 2>"$work/said"
check "one question to all of them" "0 1001" "$? $(wc -l <"$work/rows")"
has "counted" '^1000 rows of 1000 cases$' "$work/said"
[ "$failures" = 0 ]
