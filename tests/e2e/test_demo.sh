#!/usr/bin/env bash
# What the README promises, as a newcomer does it: the demo, once.
set -u
. "$(dirname "$0")/common.sh"
[ "$(cd "$build" && pwd)" = "$(cd "$CT_SOURCE_DIR/build" 2>/dev/null && pwd)" ] || { echo "skipped: the demo uses the ordinary build"; exit 77; }
"$CT_SOURCE_DIR/deploy/demo" --once >"$work/out" 2>&1
check "deploy/demo --once" 0 $?
has "the diagnosis" 'reneg-500-0-64' "$work/out"
has "the address of the page" 'http://triage:ctt_[0-9a-f]{64}@127\.0\.0\.1:[0-9]+/api/v1/cases/example/report\.html' "$work/out"
[ "$failures" = 0 ]
