#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# label: ordinary
# What the EXE takes of memory beyond what Wine's DLLs take in a program that has the same ones and does nothing (idle.c): at most 12 MiB, and
# the same with 1 GiB of logs. The bar is 24 MiB on Windows, whose DLLs take less than Wine's.
set -u
. "$CT_SOURCE_DIR/tests/collector/win32/common.sh"
for tool in x86_64-w64-mingw32-gcc x86_64-w64-mingw32-objdump; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
room=$(df --output=avail -k "$work" | tail -1)
[ "$room" -gt 3000000 ] || { echo "skipped: $work has no room for 1 GiB of logs"; exit 77; }
as_windows win10 'Windows 10\.0' || exit 1
x86_64-w64-mingw32-gcc -std=c11 -Wall -Wextra -Werror -Os -D_WIN32_WINNT=0x0601 -municode -o "$dir/idle.exe" "$CT_SOURCE_DIR/tests/collector/win32/idle.c" || exit 1
dlls=$(x86_64-w64-mingw32-objdump -p "$exe" | sed -n 's/.*DLL Name: //p')
[ "$(wc -w <<<"$dlls")" -gt 8 ] || fail "the EXE's DLLs were not found: $dlls"
# shellcheck disable=SC2086
idle() { (cd "$dir" && timeout 60 "$wine" idle.exe $dlls 2>/dev/null) | tr -d '\r'; }
peaks() { # of a run, as idle says them
  timeout 600 "$wine" "$exe" --role server -o "$(windows_path "$dir/peak.zip")" --max-log 2000 --max-site 3000 --max-logs 3000 --item-seconds 500 --json 2>"$dir.err" |
    jq -r 'select(.event == "end") | "\(.peakMemory) \(.peakOwn)"'
}
kib() { echo "$1: held $(($2 / 1024)) KiB, of its own $(($3 / 1024)) KiB"; }

read -r idle_held idle_own < <(idle)
read -r small_held small_own < <(peaks)
log=$WINEPREFIX/drive_c/inetpub/logs/LogFiles/W3SVC1/u_ex150907.log
awk 'BEGIN { print "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-substatus sc-win32-status"
  for (i = 0; i < 1000000; i++) printf "2015-09-07 %02d:%02d:%02d 10.0.%d.%d GET /app/%d 403 7 64\n", i / 41667, i / 700 % 60, i % 60, i % 199, i % 251, i % 9973 }' >"$dir/piece"
for _ in $(seq $((1 + (1 << 30) / $(stat -c %s "$dir/piece")))); do cat "$dir/piece"; done >"$log"
read -r large_held large_own < <(peaks)
size=$(stat -c %s "$log")
rm "$log"
kib "nothing but the DLLs" "${idle_held:-0}" "${idle_own:-0}"
kib "no logs to speak of" "${small_held:-0}" "${small_own:-0}"
kib "$((size >> 20)) MiB of logs" "${large_held:-0}" "${large_own:-0}"
check "the log was taken whole" "$size ok" "$(unzip -p "$dir/peak.zip" manifest.json |
  jq -r '.items[] | select(.kind == "log-iis" and (.source | test("u_ex150907"))) | "\(.original) \(.outcome)"')"
[ "${idle_held:-0}" -gt 5000000 ] && [ "${small_held:-0}" -gt "$idle_held" ] || fail "the figures mean nothing"
[ $((large_held - idle_held)) -le 12582912 ] || fail "the EXE takes $((large_held - idle_held)) bytes beyond Wine's DLLs"
[ $((large_own - idle_own)) -le 12582912 ] || fail "the EXE commits $((large_own - idle_own)) bytes beyond Wine's DLLs"
[ $((large_held - small_held)) -lt 2000000 ] || fail "logs take memory: $small_held bytes, with 1 GiB more $large_held"
has "the log within says it, too" '^peak memory: [0-9]+ KiB, committed of its own [0-9]+ KiB$' <(unzip -p "$dir/peak.zip" log/collect.log)
exit $((failures > 0))
