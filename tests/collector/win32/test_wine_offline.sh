#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# --offline: not one packet leaves the machine, whatever else is asked for. The system calls of the EXE under Wine, and of everything that it
# starts, are watched by strace. That the watch sees packets is shown by the same run without --offline.
set -u
build=$1
[ -f "$build/win64/certtriage-collect.exe" ] || { echo "skipped: certtriage-collect.exe is not there"; exit 77; }
for tool in wine strace unzip jq python3; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
work=$(mktemp -d)
strace -f -qq -o "$work/try" -e trace=connect true 2>/dev/null || { rm -rf "$work"; echo "skipped: strace is not allowed here"; exit 77; }
failed=0
check() { # check WHAT EXPECTED ACTUAL
  [ "$2" = "$3" ] || { echo "FAILED: $1: expected '$2', got '$3'" >&2; failed=1; }
}

# Who connects to this listener writes a line.
python3 - "$work/connected" >"$work/port" <<'PY' &
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(16)
print(s.getsockname()[1], flush=True)
while True:
    c, _ = s.accept()
    open(sys.argv[1], "a").write("one\n")
    c.recv(65536); c.close()
PY
listener=$!
trap 'kill $listener; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -s "$work/port" ] && break; sleep 0.1; done
port=$(cat "$work/port")
touch "$work/connected"

export CERTTRIAGE_BUILD=$build
watched() { # watched NAME OPTION…: which packets were sent to an address, in $work/NAME.packets
  local name=$1
  shift
  strace -f -qq -s 64 -e trace=connect,sendto,sendmsg,sendmmsg -e signal=none -o "$work/$name.strace" \
    "$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/article-server" "$work/$name" -o x.zip --role both "$@" >"$work/out" 2>"$work/err"
  grep -E 'AF_INET6?\b' "$work/$name.strace" >"$work/$name.packets"
  [ -f "$work/$name/x.zip" ] || { echo "FAILED: $name: no bundle: $(tail -n 3 "$work/err")" >&2; failed=1; }
}

# What Wine does when its template is made is not watched: it looks for printers.
"$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/article-server" "$work/first" --version >/dev/null 2>"$work/err" ||
  { echo "FAILED: Wine does not start: $(tail -n 3 "$work/err")" >&2; exit 1; }
watched online --connect "127.0.0.1:$port"
[ -s "$work/online.packets" ] || { echo "FAILED: strace does not see a connection that was made: this test could not fail" >&2; failed=1; }
check "connections when they are asked for" 3 "$(wc -l <"$work/connected")"

# Names that only a name server could tell, an account of a domain, certificates with addresses to fetch from.
watched offline --offline --probe --probe-http --online-revocation --connect "127.0.0.1:$port,collector.invalid:443" --url https://collector.invalid/ \
  --as 'NOWHERE\somebody'
check "packets with --offline" "" "$(head -n 3 "$work/offline.packets")"
check "connections with --offline" 3 "$(wc -l <"$work/connected")"
check "what was not done is told" "account tls-probe tls-probe tls-probe chain-online" "$(unzip -p "$work/offline/x.zip" manifest.json |
  jq -r '[.items[] | select(.outcome == "excluded" and (.reason | test("--offline"))) | .kind] | join(" ")')"
exit $failed
