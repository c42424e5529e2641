#!/usr/bin/env bash
# No rule, report or view depends on today's date: the same bundles under a clock two years ahead give the same bytes.
set -u
. "$(dirname "$0")/common.sh"
command -v faketime >/dev/null || { echo "skipped: faketime is not installed"; exit 77; }
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0 # faketime comes before it
made_bundle article-server
made_bundle article-client
for format in json text html; do
  "$bin/certtriage-server" lint --format "$format" -o "$work/now" "$work/article-server.zip" "$work/article-client.zip"
  faketime -f '+2y' "$bin/certtriage-server" lint --format "$format" -o "$work/then" "$work/article-server.zip" "$work/article-client.zip"
  cmp "$work/now" "$work/then" || failures=$((failures + 1))
done
check "the clock was another one" "$(($(date +%Y) + 2))" "$(faketime -f '+2y' date +%Y)"
[ "$failures" = 0 ]
