#!/usr/bin/env bash
# Clients that others wrote upload through a network that breaks, and over a server that is killed and started again.
set -u
. "$(dirname "$0")/../../e2e/common.sh"
here=$CT_SOURCE_DIR/tests/server/receive
"$CT_SOURCE_DIR/tests/npm/install" "$build" || exit 1
export NODE_PATH=$build/npm/node_modules
proxy=
end_proxy() { [ -z "$proxy" ] || { kill "$proxy" && wait "$proxy"; } 2>/dev/null; proxy=; }
trap 'end_proxy; finish' EXIT
start_proxy() { # start_proxy BREAKS BYTES: $way
  end_proxy
  : >"$work/proxy"
  node "$here/breaking_proxy.js" "$work/port" "$1" "$2" >"$work/proxy" 2>>"$work/err" &
  proxy=$!
  for _ in $(seq 200); do [ -s "$work/proxy" ] && break; sleep 0.05; done
  way=http://127.0.0.1:$(cat "$work/proxy")
}
up() { start_server && printf %s "${url##*:}" >"$work/port"; }
said() { sed -n "s/^$1 //p" "$work/said" | tail -1; }
up
upload=$(token --role upload)
make_file() { head -c "$2" /dev/urandom >"$work/$1" && sha256sum "$work/$1" | cut -d' ' -f1; }
stored() { sha256sum "$work/data/bundles/${1:0:2}/$1.zip" 2>/dev/null | cut -d' ' -f1; }

hash=$(make_file js 6000000)
start_proxy 5 700000
check "tus-js-client, in one stream" 0 "$(node "$here/upload.js" "$way" "$upload" "$work/js" JS all >"$work/said"; echo $?)"
check "it was cut five times" 5 "$(said failures)"
check "and went on five times" 5 "$(said resumed | wc -w)"
check "never from the beginning" 0 "$(said resumed | tr ' ' '\n' | grep -cx 0)"
check "it has the receipt" "$hash" "$(said bundle)"
check "all of it is there" "$hash" "$(stored "$hash")"

hash=$(make_file chunks 3000000)
start_proxy 4 500000
check "tus-js-client, in chunks" 0 "$(node "$here/upload.js" "$way" "$upload" "$work/chunks" JS 700000 >"$work/said"; echo $?)"
check "cut" 4 "$(said failures)"
check "all of that is there" "$hash" "$(stored "$hash")"

hash=$(make_file killed 40000000)
start_proxy 0 0
node "$here/upload.js" "$way" "$upload" "$work/killed" JS 2000000 >"$work/said" &
client=$!
for _ in $(seq 400); do [ -n "$(find "$work/data/spool" -type f -size +3M)" ] && break; sleep 0.01; done
stop_server KILL
up
wait "$client"
check "tus-js-client, over a killed server" 0 $?
check "that it noticed" true "$([ "$(said failures)" -gt 0 ] && echo true)"
check "all of this is there" "$hash" "$(stored "$hash")"

if /usr/bin/python3 -c 'import tusclient' 2>/dev/null; then
  hash=$(make_file py 3000000)
  start_proxy 4 100000
  check "tuspy, with checksums" 0 "$(/usr/bin/python3 "$here/upload.py" "$way" "$upload" "$work/py" PY 600000 >"$work/said" 2>>"$work/err"; echo $?)"
  check "it was cut" true "$([ "$(said failures)" -ge 4 ] && echo true)"
  check "a piece that could not be compared is forgotten" "" "$(said resumed | tr ' ' '\n' | awk '$1 % 600000')"
  check "it has its receipt" "$hash" "$(said bundle)"
  check "and all is there" "$hash" "$(stored "$hash")"
else
  echo "tuspy is not installed (deploy/setup --tests): its part is skipped"
fi
check "nothing is left in the spool" "" "$(find "$work/data/spool" -type f)"
[ "$failures" = 0 ] || { tail -20 "$work/said"; exit 1; }
