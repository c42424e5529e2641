#!/usr/bin/env bash
# Every operation of schema/openapi.yaml against the real server: its status and its body; and the same routes in both.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
start_server
admin=$(token --role admin)
triage=$admin
upload=$(token --role upload --case A1)
made_bundle healthy-2019 >"$work/made"
curl -sS -m 20 -o /dev/null -H "Authorization: Bearer $upload" --data-binary "@$work/healthy-2019.zip" "$url/api/v1/bundles"
case_state A1 >/dev/null
"$build/tests/test_routes" --list >"$work/routes"
/usr/bin/python3 "$CT_SOURCE_DIR/tests/server/receive/check_api.py" "$url" "$admin" "$upload" "$work/healthy-2019.zip" "$work/routes" || failures=1
[ "$failures" = 0 ]
