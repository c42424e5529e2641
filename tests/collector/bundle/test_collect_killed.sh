#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# label: ordinary
# Killed at 100 random moments: every item that the run had told of comes back whole, with its outcome, from repair and from the server.
# And strictly forward: what is written is at most 1.05 times the zip.
set -u
build=$1
src=${CT_SOURCE_DIR:?}
runs=${CERTTRIAGE_KILLS:-100}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fail() { echo "FAILED: $*" >&2; failed=1; }
for tool in unzip jq; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
[ -x "$build/bin/mkimage" ] || { echo "skipped: mkimage is not built"; exit 77; }
collect=$build/bin/certtriage-collect
"$build/bin/mkimage" "$src/tests/machines/article-server" "$work/image" || exit 1
logs=$work/image/inetpub/logs/LogFiles/W3SVC1
for day in 1 2 3 4 5 6; do
  awk -v seed=$day 'BEGIN { srand(seed); print "#Fields: date time c-ip sc-status"; for (i = 0; i < 40000; i++) printf "2015-09-0%d %08x %08x 403\n", seed, rand() * 4294967295, i }' >"$logs/u_ex15090$day.log"
done

# --- bytes written --------------------------------------------------------------------------------------------------------
# A file for each thread (-ff): in one for all a call that another one interrupts stands in two halves, and is not counted.
if command -v strace >/dev/null && strace -ff -o "$work/trace" -e trace=write,pwrite64,writev,openat "$collect" --image "$work/image" -o "$work/whole.zip" >/dev/null 2>&1; then
  cat "$work"/trace.* >"$work/trace"
  fd=$(sed -n 's/.*openat(.*whole\.zip.* = \([0-9]*\)$/\1/p' "$work/trace" | head -n 1) # the writing one; the verification reads
  written=$(sed -n "s/^.*write[v6-9]*($fd, .* = \([0-9]*\)\$/\1/p" "$work/trace" | awk '{ n += $1 } END { print n }')
  size=$(stat -c %s "$work/whole.zip")
  [ $((written * 100)) -le $((size * 105)) ] && [ "$written" -ge "$size" ] || fail "$written bytes written for a zip of $size"
  echo "written $written for $size: $((written * 10000 / size)) of 10000"
else
  echo "not counted: strace does not run here"
  "$collect" --image "$work/image" -o "$work/whole.zip" >/dev/null 2>&1 || fail "exit code"
fi

# --- killed ---------------------------------------------------------------------------------------------------------------
began=$(date +%s%N)
"$collect" --image "$work/image" -o "$work/timed.zip" >/dev/null 2>&1
took=$((($(date +%s%N) - began) / 1000000))
unzip -p "$work/whole.zip" manifest.json | jq -c '.items[] | del(.sha256)' | sed 's/^{"id":\([0-9]*\),/\1 &/' >"$work/all"
middle=0
for run in $(seq "$runs"); do
  rm -f "$work"/killed*.zip
  "$collect" --image "$work/image" -o "$work/killed.zip" >/dev/null 2>"$work/err" &
  pid=$!
  sleep "$(awk -v t="$took" -v r="$RANDOM" 'BEGIN { printf "%.3f", t / 1000 * r / 32767 }')"
  kill -9 $pid 2>/dev/null
  wait $pid 2>/dev/null
  [ -s "$work/killed.zip" ] || continue
  said=$(grep -cE '^(ok|absent|excluded|denied|truncated|error) .*' "$work/err")
  if ! "$collect" repair "$work/killed.zip" >/dev/null 2>"$work/rep"; then
    [ "$said" = 0 ] || fail "run $run: $said items told of, and repair says $(cat "$work/rep")"
    continue
  fi
  unzip -tqq "$work/killed-repaired.zip" || fail "run $run: the repaired zip is not valid"
  unzip -p "$work/killed-repaired.zip" manifest.json >"$work/m.json"
  got=$(jq '.items | length' "$work/m.json")
  [ "$got" -ge "$said" ] || fail "run $run: $got items of $said"
  # each as the whole run has it, and its entry there, with its hash
  jq -c '.items[] | select(.kind != "collector-log") | del(.sha256)' "$work/m.json" | sed 's/^{"id":\([0-9]*\),/\1 &/' | while IFS= read -r line; do
    grep -qxF -- "$line" "$work/all" || echo "$line"
  done >"$work/strange"
  [ ! -s "$work/strange" ] || fail "run $run: $(head -n 1 "$work/strange")"
  unzip -Z1 "$work/killed-repaired.zip" >"$work/names"
  jq -r '.items[] | select(.entry) | .entry' "$work/m.json" | sort -u | grep -vxFf "$work/names" && fail "run $run: an entry is missing"
  if [ "$said" -gt 0 ] && ! unzip -tqq "$work/killed.zip" >/dev/null 2>&1; then
    middle=$((middle + 1))
    # the server, every tenth time: the same items from the zip as it lies there
    [ $((middle % 10)) != 1 ] || {
      n=$("$build/bin/certtriage-server" query "$work/killed.zip" 'SELECT count(*) FROM item' | tail -n 1)
      [ "$n" -ge "$said" ] || fail "run $run: the server has $n items of $said"
      name=$("$build/bin/certtriage-server" query "$work/killed.zip" 'SELECT name FROM machine' | tail -n 1)
      [ "$name" = WEB2012R2 ] || fail "run $run: the server takes it for $name"
    }
  fi
done
[ $middle -ge $((runs / 4)) ] || fail "only $middle runs were killed in the middle"
echo "$runs runs, $middle of them killed between two items or within one; a run takes $took ms"
exit $failed
