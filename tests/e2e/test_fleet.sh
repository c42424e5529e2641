#!/usr/bin/env bash
# One question to the facts of every stored case: read-only, limited, and what is missing from the answer is said.
set -u
. "$(dirname "$0")/common.sh"
made_bundle article-server >/dev/null
made_bundle article-client >/dev/null
start_server
triage=$(token --role triage)
put() { curl -sS -m 20 -o /dev/null -H "Authorization: Bearer $triage" -H "X-Certtriage-Case: $1" --data-binary "@$work/$2.zip" "$url/api/v1/bundles"; }
put F1 article-server
put F2 article-client
put F3 article-server
put F3 article-client
for c in F1 F2 F3; do check "$c is linted" done "$(case_state $c)"; done
check "a case without a bundle" 201 "$(curl -sS -m 20 -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $triage" -H 'Content-Type: application/json' -d '{"case": "F0"}' "$url/api/v1/cases")"
ask() { "$bin/certtriage-server" query --all --data "$work/data" "$@" >"$work/rows" 2>"$work/said"; }

ask "SELECT machine, is_server FROM machine ORDER BY is_server DESC"
check "beside a running server" 0 $?
check "the case is a column" $'case\tmachine\tis_server\nF1\tWEB2012R2\t1' "$(head -2 "$work/rows")"
check "of every case" "F1 F2 F3 F3" "$(sed 1d "$work/rows" | cut -f1 | xargs)"
has "counted" '^4 rows of 3 cases$' "$work/said"
ask --case F3 "SELECT count(*) AS n FROM machine"
check "of one case" $'case\tn\nF3\t2' "$(cat "$work/rows")"
ask --case F9 "SELECT count(*) AS n FROM machine"
check "of a case that is not there" "2 " "$? $(cat "$work/rows")"
has "is said" ': case F9: no such case$' "$work/said"
ask --limit 2 "SELECT machine FROM machine"
check "cut by rows" "3 0" "$(wc -l <"$work/rows") $?"
has "and says so" 'cut by --limit' "$work/said"
for sql in "DELETE FROM machine" "ATTACH 'x' AS y" "SELECT 1; SELECT 2" "SELECT random()" "SELECT * FROM sqlite_temp_schema, nothing" "PRAGMA user_version" \
  "SELECT load_extension('x')" "SELECT datetime('now')" ""; do
  ask "$sql"
  check "refused: $sql" 2 $?
done
timeout 60 "$bin/certtriage-server" query --all --data "$work/data" --seconds 2 \
  "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n" >"$work/rows" 2>"$work/said"
check "an endless one ends" 2 $?
has "and says which case" 'cases could not be asked, the first: case F1' "$work/said"

# Who judges again asks nothing of a case without a bundle; a slip in the folder's name is no store without cases.
"$bin/certtriage-server" reprocess --data "$work/data" --dry-run >"$work/said" 2>&1
check "what would change" 0 $?
has "of three cases" '^3 cases judged .* 0 could not be judged' "$work/said"
mkdir "$work/other"
for slip in "check" "backup --to $work/copy" "reprocess" "reprocess --dry-run" "token list" "query --all"; do
  for folder in "$work/dada" "$work/other"; do
    if [ "$slip" = "query --all" ]; then
      "$bin/certtriage-server" query --all --data "$folder" "SELECT 1 FROM machine" >"$work/rows" 2>"$work/said"
    else
      "$bin/certtriage-server" $slip --data "$folder" >"$work/rows" 2>"$work/said"
    fi
    check "$slip of no store" "2 " "$? $(cat "$work/rows")"
    has "$slip says so" "^certtriage-server: $folder: (no such folder|not a data folder)" "$work/said"
  done
done
check "and makes none" "" "$(ls -d "$work/dada" "$work/copy" "$work"/other/* 2>/dev/null)"
[ "$failures" = 0 ]
