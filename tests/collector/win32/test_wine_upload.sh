#!/usr/bin/env bash
# The EXE under Wine hands its bundle to the real server; a refused upload leaves the bundle and says why.
set -u
build=$1
exe=$build/win64/certtriage-collect.exe
[ -f "$exe" ] || { echo "skipped: $exe is not there"; exit 77; }
command -v wine >/dev/null || { echo "skipped: wine is not there"; exit 77; }
work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" 2>/dev/null; }
  rm -rf "$work"
}
trap finish EXIT
failures=0
check() { # check WHAT COMMAND…
  local what=$1
  shift
  "$@" && return
  echo "failed: $what"
  failures=$((failures + 1))
}

"$build/bin/certtriage-server" serve --data "$work/data" --listen 127.0.0.1:0 >"$work/serve.out" 2>"$work/serve.err" &
server=$!
for _ in $(seq 200); do
  url=$(sed -n 's/^listening on //p' "$work/serve.out")
  [ -n "$url" ] && break
  sleep 0.05
done
[ -n "$url" ] || { echo "the server did not start: $(tail -1 "$work/serve.err")"; exit 1; }
"$build/bin/certtriage-server" token create --data "$work/data" --role upload --case wine-1 >"$work/upload.token"
"$build/bin/certtriage-server" token create --data "$work/data" --role triage >"$work/triage.token"
printf 'nobody-gave-this-token\n' >"$work/wrong.token"

# A proxy that is set, and dead: what goes to loopback does not go there. Wine gives it to the EXE as the machine's own.
export http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9
export CERTTRIAGE_BUILD=$build
collect() { # collect NAME MACHINE MORE…
  local name=$1 machine=$2
  shift 2
  "$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/$machine" "$work/$name" --case wine-1 -o "$name.zip" \
    --upload "$url" "$@" >"$work/$name.out" 2>"$work/$name.err"
}
collect server healthy-2019 --role server --token-file "$work/upload.token"
check "collected and uploaded, one item could not be read: exit code 1" [ $? = 1 ]
hash=$(sha256sum "$work/server/server.zip" | cut -d' ' -f1)
check "the hash that the EXE prints is that of its file" grep -q "uploaded $hash to case wine-1" "$work/server.out"
check "the server has these very bytes" \
  [ "$(find "$work/data" -type f -size +10k -exec sha256sum {} + | cut -d' ' -f1 | grep -c "$hash")" = 1 ]
answer=$(curl -sS -m 20 --noproxy '*' -H "Authorization: Bearer $(cat "$work/triage.token")" "$url/api/v1/cases/wine-1")
check "and shows them under the case" grep -q "$hash" <<<"$answer"

collect refused article-client --role client --token-file "$work/wrong.token"
check "a token that nobody gave: exit code 2" [ $? = 2 ]
check "with the reason" grep -qi 'token' "$work/refused.err"
check "and the bundle stays" unzip -tqq "$work/refused/refused.zip"
[ "$failures" = 0 ] || { cat "$work"/*.err; printf '%s\n' "$answer"; }
exit $((failures > 0))
