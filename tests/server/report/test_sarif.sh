#!/usr/bin/env bash
# A report as SARIF: against the official schema, Microsoft's own validator, and the report; the same bytes each time.
# label: slow
# label: ordinary
set -u
. "$(dirname "$0")/../../e2e/common.sh"
command -v npm >/dev/null || { echo "skipped: npm is not installed (deploy/setup --tests)"; exit 77; }
"$CT_SOURCE_DIR/tests/npm/install" "$build" || exit 1
export NODE_PATH=$build/npm/node_modules DOTNET_CLI_TELEMETRY_OPTOUT=1
made_bundle article-server --case "A1" --url https://chiranth.com/ --when 2015-09-06T15:46:29Z
made_bundle article-client --case "A1"
lint() { "$bin/certtriage-server" lint --case A1 --format "$1" "$work/article-server.zip" "$work/article-client.zip" >"$2"; }
lint sarif "$work/a.sarif"
lint sarif "$work/b.sarif"
lint json "$work/a.json"
check "the same bytes" "" "$(cmp "$work/a.sarif" "$work/b.sarif")"
node "$(dirname "$0")/sarif.js" "$work/a.sarif" "$work/a.json" || failures=$((failures + 1))
tool=$NODE_PATH/@microsoft/sarif-multitool-linux/Sarif.Multitool
chmod +x "$tool"
validate() { "$tool" validate "$1" --output "$work/$2" --level "Error;Warning" >"$work/tool.out" 2>&1; }
validate "$work/a.sarif" verdict.sarif
check "sarif-multitool finds it valid" 0 $?
check "and has nothing to say" 0 "$(grep -c '"ruleId"' "$work/verdict.sarif")"
sed 's/"tool": {/"tuul": {/' "$work/a.sarif" >"$work/bad.sarif"
validate "$work/bad.sarif" bad-verdict.sarif
check "it would have said so" 1 "$(grep -c "required property 'tool' is missing" "$work/tool.out")"
[ "$failures" = 0 ]
