# Sourced by the tests of this folder: $bin, $work, check, made_bundle.
build=$1
bin=$build/bin
work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; }
  rm -rf "$work"
}
trap finish EXIT
failures=0
check() { # check WHAT EXPECTED ACTUAL
  if [ "$2" != "$3" ]; then
    echo "$1: expected '$2', got '$3'"
    failures=$((failures + 1))
  fi
}
has() { # has WHAT PATTERN FILE
  grep -qE -- "$2" "$3" || { echo "$1: /$2/ is not in:"; head -40 "$3"; failures=$((failures + 1)); }
}
made_bundle() { # made_bundle MACHINE MORE…: $work/MACHINE.zip
  local machine=$1
  shift
  "$bin/mkimage" "$CT_SOURCE_DIR/tests/machines/$machine" "$work/$machine" &&
    "$bin/certtriage-collect" --image "$work/$machine" -o "$work/$machine.zip" "$@" 2>"$work/collect.log"
  [ $? -le 1 ] || { cat "$work/collect.log"; exit 1; }
}
start_server() { # start_server MORE…: $url
  : >"$work/out" # what an earlier server said there is no longer true
  "$bin/certtriage-server" serve --data "$work/data" --listen 127.0.0.1:0 "$@" >>"$work/out" 2>>"$work/err" &
  server=$!
  for _ in $(seq 200); do
    url=$(sed -n 's/^listening on //p' "$work/out")
    [ -n "$url" ] && return
    sleep 0.05
  done
  echo "the server did not start: $(tail -1 "$work/err")"
  exit 1
}
stop_server() { # stop_server SIGNAL
  kill "-$1" "$server"
  wait "$server" 2>/dev/null
  server=
}
token() { "$bin/certtriage-server" token create --data "$work/data" "$@"; }
case_state() { # case_state CASE: waits until it is neither queued nor running
  local state=
  for _ in $(seq 400); do
    state=$(curl -sS -m 20 -H "Authorization: Bearer $triage" "$url/api/v1/cases/$1" | sed -n 's/^ *"state": "\(.*\)".*/\1/p')
    case $state in queued | running) sleep 0.05 ;; *) break ;; esac
  done
  printf %s "$state"
}
added_rule() { # added_rule DIR: the example of schema/rule-format.md under an id of its own
  mkdir "$1" && sed -n '/^    -- rule: /,/^$/s/^    //p' "$CT_SOURCE_DIR/schema/rule-format.md" |
    sed 's/^-- rule: .*/-- rule: example/' >"$1/example.sql"
}
