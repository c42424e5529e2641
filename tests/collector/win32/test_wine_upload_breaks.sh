#!/usr/bin/env bash
# label: slow
# The EXE's upload under Wine to the real server: a proxy that refuses PATCH, cut connections, the EXE killed and run again, nobody
# there, and TLS. In the end one whole bundle is there, each time.
set -u
build=$1
exe=$build/win64/certtriage-collect.exe
[ -f "$exe" ] || { echo "skipped: $exe is not there"; exit 77; }
wine=/usr/lib/wine/wine64
[ -x "$wine" ] || wine=$(command -v wine64 || command -v wine) || { echo "skipped: wine is not there"; exit 77; }
. "$CT_SOURCE_DIR/tests/collector/upload/common.sh"
here=$CT_SOURCE_DIR/tests/collector/upload
wineserver=/usr/lib/wine/wineserver
[ -x "$wineserver" ] || wineserver=$(command -v wineserver)
end_wine() { WINEPREFIX=$work/first/prefix "$wineserver" -k >/dev/null 2>&1; }
trap 'end_between; end_wine; finish' EXIT
windows() { printf 'Z:%s' "${1//\//\\}"; }
up
token --role upload >"$work/token"

# The first one makes the prefix.
make_file first 3000000
relay patch=405
CERTTRIAGE_BUILD=$build "$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/healthy-client-win10" "$work/first" \
  --upload-only "$(windows "$work/first.zip")" --upload "$way" --token-file "$work/token" >"$work/said" 2>"$work/told"
check "a proxy that refuses PATCH" 0 $?
whole "no PATCH"
check "asked once" 1 "$(asked PATCH 405)"

export WINEPREFIX=$work/first/prefix WINEARCH=win64 WINEDEBUG=-all LC_ALL=C.UTF-8 WINEDLLOVERRIDES="mscoree,mshtml=;winemenubuilder.exe=d"
unset DISPLAY WAYLAND_DISPLAY
send() { # send NAME URL MORE…: as on Linux
  local name=$1 to=$2
  shift 2
  timeout 120 "$wine" "$exe" --upload-only "$(windows "$work/$name.zip")" --upload "$to" --token-file "$(windows "$work/token")" "$@" \
    >"$work/said" 2>"$work/told" </dev/null
  echo $?
}
make_file cut 6000000
cutting 4 700000
check "cut four times" 0 "$(send cut "$way")"
whole "cut"

make_file killed 5000000
relay after=1 stall=1
send killed "$way" >"$work/code" &
client=$!
for _ in $(seq 1000); do [ "$(asked PATCH stalled)" -ge 1 ] && break; sleep 0.02; done
"$wineserver" -k # kills all that runs in this prefix
wait "$client"
check "the EXE is killed" true "$([ "$(cat "$work/code")" != 0 ] && echo true)"
has "what is known stands beside the zip" '"url": "http' "$work/killed.zip.upload.json"
check "run again, it goes on" 0 "$(send killed "$way")"
whole "killed"
check "with no second upload" 1 "$(asked POST 201)"
end_between

make_file nobody 1000000
stop_server TERM
began=$(date +%s)
check "nobody there" 2 "$(send nobody "$url" --retry-seconds 6)"
check "in bounded time" true "$([ $(($(date +%s) - began)) -le 30 ] && echo true)"
has "is told" 'nothing got through \(is the address right, .*\?\). The bundle stays; to send it later: --upload-only ' "$work/told"
check "the zip is as it was" "$hash" "$(sha256sum "$work/nobody.zip" | cut -d' ' -f1)"

# Wine's Schannel does not judge certificates: what is proven here is that the bytes go through it.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=x -addext subjectAltName=IP:127.0.0.1 -days 2 \
  -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
up --tls-cert "$work/cert.pem" --tls-key "$work/key.pem"
make_file tls 20000000
check "over TLS" 0 "$(send tls "$url" --json)"
check "over TLS: all bytes are there" "$hash" "$(stored)"
has "as JSON" "\"event\":\"uploaded\",\"sha256\":\"$hash\",\"case\":\"case-[0-9a-f]*\",\"compared\":true" "$work/said"

# The user's proxy settings, in the form in which Internet Options keeps them: 0x46, a counter, what is on (1 direct, 2 proxy, 4 script),
# then proxy, exceptions and script, each behind its length.
settings() { # settings FLAGS PROXY EXCEPTIONS SCRIPT
  python3 - "$@" >"$work/proxy.reg" <<'PY'
import struct, sys
flags, *texts = sys.argv[1:]
data = struct.pack("<3I", 0x46, 1, int(flags)) + b"".join(struct.pack("<I", len(t)) + t.encode() for t in texts) + bytes(32)
print("REGEDIT4\n\n[HKEY_CURRENT_USER\\Software\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Connections]")
print('"DefaultConnectionSettings"=hex:' + ",".join("%02x" % b for b in data))
PY
  timeout 60 "$wine" reg import "$(windows "$work/proxy.reg")" >/dev/null 2>&1 || echo "the settings could not be imported"
}
unset http_proxy https_proxy no_proxy
begin python3 "$here/connect_proxy.py" "$work/port" 200
settings 3 "http=127.0.0.1:9;https=${way#http://}" "*.elsewhere.test;<local>" ""
make_file proxy 3000000
check "through the user's proxy" 0 "$(send proxy https://triage.test:8443)"
whole "through the user's proxy"
has "that makes a tunnel" '^CONNECT triage.test:8443 ' "$work/way"
settings 3 "${way#http://}" "10.*;*.TRIAGE.test" ""
check "an exception goes past it" 2 "$(send proxy https://a.triage.test:8443 --retry-seconds 2)"
check "and the proxy is not asked" 1 "$(grep -c CONNECT "$work/way")"
mkdir "$work/pac" && cat >"$work/pac/proxy.pac" <<PAC
function FindProxyForURL(url, host) { return host == "triage.test" ? "PROXY ${way#http://}; DIRECT" : "DIRECT"; }
PAC
python3 - "$work/pac" >"$work/pac.port" 2>/dev/null <<'PY' &
import functools, http.server, sys
s = http.server.HTTPServer(("127.0.0.1", 0), functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1]))
print(s.server_address[1], flush=True)
s.serve_forever()
PY
pac=$!
for _ in $(seq 100); do [ -s "$work/pac.port" ] && break; sleep 0.05; done
settings 5 "" "" "http://127.0.0.1:$(cat "$work/pac.port")/proxy.pac"
make_file script 3000000
check "through the proxy that a script names" 0 "$(send script https://triage.test:8443)"
whole "through the proxy that a script names"
check "it was asked" true "$([ "$(grep -c CONNECT "$work/way")" -gt 1 ] && echo true)"
kill "$pac" && wait "$pac" 2>/dev/null
[ "$failures" = 0 ] || { tail -n 5 "$work/told" "$work/err"; exit 1; }
