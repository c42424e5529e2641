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
has "is told" 'nothing got through. The bundle stays; to send it later: --upload-only ' "$work/told"
check "the zip is as it was" "$hash" "$(sha256sum "$work/nobody.zip" | cut -d' ' -f1)"

# Wine's Schannel does not judge certificates: what is proven here is that the bytes go through it.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=x -addext subjectAltName=IP:127.0.0.1 -days 2 \
  -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
up --tls-cert "$work/cert.pem" --tls-key "$work/key.pem"
make_file tls 20000000
check "over TLS" 0 "$(send tls "$url" --json)"
check "over TLS: all bytes are there" "$hash" "$(stored)"
has "as JSON" "\"event\":\"uploaded\",\"sha256\":\"$hash\",\"case\":\"case-[0-9a-f]*\",\"compared\":true" "$work/said"
[ "$failures" = 0 ] || { tail -n 5 "$work/told" "$work/err"; exit 1; }
