#!/usr/bin/env bash
# Every fuzz target for some seconds, from its seeds: no crash, no hang, no leak. test_fuzz.sh BUILD [SECONDS [TARGET]].
# label: slow
# label: ordinary
set -u
build=$1 seconds=${2:-8} only=${3:-fuzz_*}
here=$(cd "$(dirname "$0")" && pwd)
root=$(dirname "$(dirname "$here")")
command -v clang >/dev/null || { echo "skipped: clang is not installed"; exit 77; }
CC=clang cmake -S "$root" -B "$build/fuzzing" -G Ninja -DCERTTRIAGE_FUZZ=ON -DCERTTRIAGE_SANITIZE=ON -DCERTTRIAGE_TESTS=OFF >"$build/fuzzing.log" 2>&1 &&
  cmake --build "$build/fuzzing" >>"$build/fuzzing.log" 2>&1 || { tail -20 "$build/fuzzing.log"; exit 1; }
set -f # the patterns of seeds stay patterns
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
bash "$here/seeds.sh" "$build" "$work" || { echo "no seeds"; exit 1; }
for name in $(find "$here" -name "$only.c" -printf '%f\n' | sort); do
  name=${name%.c} source=$here/$name
  corpus=$build/fuzzing/corpus/$name # what is found is kept from run to run
  mkdir -p "$corpus" "$work/$name"
  # Seeds: the target's own, and the machines' files that a line "seeds: PATTERN" in its comment names.
  [ ! -d "$here/seeds/$name" ] || cp -r "$here/seeds/$name/." "$work/$name/"
  for pattern in $(sed -n 's/^ \* seeds: \([^ ]*\).*/\1/p' "$source.c"); do
    find "$root/tests/machines" -type f -name "$pattern" | while IFS= read -r file; do
      cp "$file" "$work/$name/$(printf %s "$file" | sha256sum | cut -c1-16)"
    done
  done
  if ! (cd "$work" && "$build/fuzzing/fuzz/$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2500 -max_len=65536 -print_final_stats=1 \
    "$corpus" "$work/$name" >"$work/log" 2>&1); then
    echo "$name found something:"
    grep -vE '^#|^stat::|NEW|REDUCE' "$work/log" | tail -40
    find "$work" -maxdepth 1 -name '*-????????????????????????????????????????' -exec cp {} "$build/fuzzing/" \; -print
    failures=$((failures + 1))
  else
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$work/log") inputs"
  fi
done
[ "$failures" = 0 ]
