#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# label: ordinary
# The EXE under Wine, as Windows 7 and as Windows 10, killed at 50 random moments each: every item that the run had told of comes back whole,
# from `repair` (the EXE's own and the Linux program's) and from the server, which reads the zip as it lies there.
set -u
. "$CT_SOURCE_DIR/tests/collector/win32/common.sh"
kills=${CERTTRIAGE_KILLS:-100}
logs=$work/overlay/files/inetpub/logs/LogFiles/W3SVC1 # enough that most moments lie within the writing
mkdir -p "$logs"
for day in 1 2 3 4 5; do
  awk -v day=$day 'BEGIN { srand(day); print "#Fields: date time c-ip sc-status"; for (i = 0; i < 40000; i++) printf "2015-09-0%d %08x %08x 403\n", day, rand() * 4294967295, i }' >"$logs/u_ex15090$day.log"
done

# repaired RUN: into $dir/killed-repaired.zip
repaired() {
  if [ $(($1 % 10)) = 0 ]; then
    timeout 120 "$wine" "$exe" repair "$(windows_path "$dir/killed.zip")"
  else
    "$bin/certtriage-collect" repair "$dir/killed.zip"
  fi >/dev/null 2>"$dir/repair.err"
}

# judge RUN SAID: what has become of one killed run
judge() {
  local run=$1 said=$2 got
  if ! repaired "$run"; then
    [ "$said" = 0 ] || fail "run $run: $said items told of, and repair says $(cat "$dir/repair.err")"
    return
  fi
  unzip -tqq "$dir/killed-repaired.zip" || fail "run $run: the repaired zip is not valid"
  got=$(count "$dir/killed-repaired.zip" true)
  [ "$got" -ge "$said" ] || fail "run $run: $got items of $said"
  unzip -p "$dir/killed-repaired.zip" manifest.json | jq -c '.items[] | select(.kind != "collector-log") | [.kind, .source, .outcome, .entry]' |
    grep -vxFf "$dir/all" >"$dir/strange" && fail "run $run: not in the whole run: $(head -n 1 "$dir/strange")"
  [ "$said" -gt 0 ] && ! unzip -tqq "$dir/killed.zip" >/dev/null 2>&1 || return
  middle=$((middle + 1))
  [ $((middle % 10)) = 1 ] || return
  got=$("$bin/certtriage-server" query "$dir/killed.zip" 'SELECT count(*) FROM item' | tail -n 1)
  [ "$got" -ge "$said" ] || fail "run $run: the server has $got items of $said"
}

# Until an item is told of, or the run has ended: to start takes Wine longer than the writing takes.
await_item() {
  local i
  for i in $(seq 2000); do
    [ "$(told "$dir/said")" = 0 ] && kill -0 "$1" 2>/dev/null || return 0
    sleep 0.005
  done
}

# part MS: a random part of it, in seconds
part() { awk -v t="$1" -v r="$RANDOM" 'BEGIN { printf "%.3f", t / 1000 * r / 32767 }'; }

try() {
  local took writing began run pid middle=0
  as_windows "$@" || return
  "$wineserver" -p >/dev/null 2>&1 # stays, so that a run is as short as it gets
  collect "$dir/timed.zip" >/dev/null 2>&1
  began=$(date +%s%N)
  collect "$dir/timed.zip" >/dev/null 2>&1
  took=$((($(date +%s%N) - began) / 1000000))
  writing=$((took / 4))
  unzip -p "$dir/timed.zip" manifest.json | jq -c '.items[] | [.kind, .source, .outcome, .entry]' >"$dir/all"
  for run in $(seq $((kills / 2))); do
    rm -f "$dir"/killed*.zip
    "$wine" "$exe" --role server -o "$(windows_path "$dir/killed.zip")" >/dev/null 2>"$dir/said" &
    pid=$!
    # Every other one at any moment, the others while items are written.
    if [ $((run % 2)) = 1 ]; then sleep "$(part $took)"; else await_item $pid && sleep "$(part $writing)"; fi
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
    [ ! -s "$dir/killed.zip" ] || judge "$run" "$(told "$dir/said")"
    # The machine may be quicker or slower than when the run was timed.
    unzip -tqq "$dir/killed.zip" >/dev/null 2>&1 && took=$((took * 9 / 10)) writing=$((writing * 9 / 10))
    [ "$(told "$dir/said")" != 0 ] || took=$((took * 11 / 10))
  done
  [ $middle -ge $((kills / 10)) ] || fail "only $middle of $((kills / 2)) runs were killed between two items or within one"
  echo "$version: $((kills / 2)) runs, $middle of them killed between two items or within one; a run takes $took ms"
}
try win7 'Windows 6\.1'
try win10 'Windows 10\.0'
exit $((failures > 0))
