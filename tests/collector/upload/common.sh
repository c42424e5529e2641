# Sourced by the tests of this folder: a server, what stands between it and the collector, and what arrived.
. "$(dirname "$0")/../../e2e/common.sh"
here=$CT_SOURCE_DIR/tests/collector/upload
between= # pid of what stands between
end_between() { [ -z "$between" ] || { kill "$between" && wait "$between"; } 2>/dev/null; between=; }
trap 'end_between; finish' EXIT
begin() { # begin COMMAND…: $way
  end_between
  : >"$work/way"
  "$@" >"$work/way" 2>>"$work/err" &
  between=$!
  for _ in $(seq 400); do [ -s "$work/way" ] && break; sleep 0.05; done
  way=http://127.0.0.1:$(head -1 "$work/way")
}
relay() { begin python3 "$here/relay.py" "$work/port" "$@"; }
cutting() { begin node "$CT_SOURCE_DIR/tests/server/receive/breaking_proxy.js" "$work/port" "$1" "$2"; } # cutting BREAKS BYTES
asked() { grep -c "^$1 .* $2\$" "$work/way"; } # asked METHOD STATUS: how often
up() { start_server "$@" && printf %s "${url##*:}" >"$work/port"; }
make_file() { # make_file NAME BYTES: $hash
  head -c "$2" /dev/urandom >"$work/$1.zip"
  hash=$(sha256sum "$work/$1.zip" | cut -d' ' -f1)
}
send() { # send NAME URL MORE…: its exit code; what it said in said and told
  local name=$1 to=$2
  shift 2
  timeout 120 "$bin/certtriage-collect" --upload-only "$work/$name.zip" --upload "$to" --token-file "$work/token" "$@" \
    >"$work/said" 2>"$work/told" </dev/null
  echo $?
}
stored() { sha256sum "$work/data/bundles/${hash:0:2}/$hash.zip" 2>/dev/null | cut -d' ' -f1; }
whole() { # whole WHAT: the file is at the server, once, acknowledged, and nothing else is left
  check "$1: all bytes are there" "$hash" "$(stored)"
  check "$1: one bundle" 1 "$(find "$work/data/bundles" -type f -name "$hash.zip" | wc -l)"
  has "$1: it is acknowledged" "^uploaded $hash to case " "$work/said"
  check "$1: no note is left beside the zip" "" "$(find "$work" -maxdepth 1 -name '*.upload.json')"
}
