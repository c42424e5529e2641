#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# A call of Windows that never comes back is given up: its item says so and the rest is taken. One that holds the lock of the process
# heap, so that nothing gets on any more, still leaves a valid bundle with all that was finished, and the program ends. And a total time.
set -u
build=$1
exe=$build/win64/certtriage-collect.exe
cc=x86_64-w64-mingw32-gcc
[ -f "$exe" ] || { echo "skipped: $exe is not there"; exit 77; }
command -v wine >/dev/null || { echo "skipped: wine is not there"; exit 77; }
command -v $cc >/dev/null || { echo "skipped: $cc is not there"; exit 77; }
for tool in unzip jq; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
check() { # check WHAT COMMAND…
  local what=$1
  shift
  "$@" && return
  echo "failed: $what"
  failures=$((failures + 1))
}

mkdir -p "$work/overlay/files/Windows/System32"
$cc -std=c11 -Wall -Wextra -Werror -Os -shared -static -Wl,--kill-at -o "$work/overlay/files/Windows/System32/httpapi.dll" \
  "$CT_SOURCE_DIR/tests/collector/win32/httpapi_stuck.c" || exit 1
export CERTTRIAGE_BUILD=$build CERTTRIAGE_OVERLAY=$work/overlay CERTTRIAGE_DLLS='httpapi=n'
collect() { # collect NAME OPTION…
  local name=$1
  shift
  "$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/article-server" "$work/$name" --role both -o x.zip "$@" \
    >"$work/$name.out" 2>"$work/$name.err"
}
manifest() { unzip -p "$work/$1/x.zip" manifest.json; }
items() { manifest "$1" | jq -e "$2" >/dev/null; }

HTTPAPI_STUCK=call collect call --item-seconds 3
check "a hanging call: exit code 1" [ $? = 1 ]
check "a valid zip" unzip -tqq "$work/call/x.zip"
check "its item is a timeout" items call '[.items[] | select(.kind == "http-sslcert") | .outcome] == ["timeout"]'
check "what comes behind it was taken" items call '[.items[] | select(.kind == "log-iis" or .kind == "cert-store") | .outcome] | length > 5 and all(. == "ok" or . == "absent")'
check "and nothing else timed out" items call '[.items[] | select(.outcome == "timeout")] | length == 1'

HTTPAPI_STUCK=heap collect heap --item-seconds 3
check "a call that hangs with the heap's lock: exit code 1" [ $? = 1 ]
check "a valid zip" unzip -tqq "$work/heap/x.zip"
check "what was finished before is there" items heap '[.items[] | select(.kind == "iis-config" or .kind == "reg-http") | .outcome] | any(. == "ok")'
check "the item is a timeout" items heap '[.items[] | select(.kind == "http-sslcert") | .outcome] | length > 0 and all(. == "timeout")'
check "what was never reached is told for each kind" items heap '[.items[] | select(.outcome == "timeout") | .kind] | contains(["cert-store", "key-acl", "log-iis", "log-freb"])'

# The call comes back after it was given up, while the next probe runs: it changes nothing.
HTTPAPI_STUCK=call HTTPAPI_STUCK_MS=4000 collect late --item-seconds 3
check "a late answer: exit code 1" [ $? = 1 ]
check "a late answer leaves a valid zip" unzip -tqq "$work/late/x.zip"
check "and one item" items late '[.items[] | select(.kind == "http-sslcert") | .outcome] == ["timeout"]'

HTTPAPI_STUCK=call collect total --total-seconds 3
check "the whole is too long: exit code 1" [ $? = 1 ]
check "a valid zip, too" unzip -tqq "$work/total/x.zip"
check "with the reason" items total '.items[] | select(.kind == "log-iis" and .outcome == "timeout" and (.reason | contains("whole run")))'
[ "$failures" = 0 ] || tail -n 4 "$work"/*.err
exit $((failures > 0))
