#!/usr/bin/env bash
# What http.sys answers is written as it is: address, host name and central store records, and an old Windows that has only the first.
# Wine has no http.sys; an httpapi.dll of the tests (httpapi_double.c) stands in for it.
set -u
build=$1
exe=$build/win64/certtriage-collect.exe
cc=x86_64-w64-mingw32-gcc
[ -f "$exe" ] || { echo "skipped: $exe is not there"; exit 77; }
command -v wine >/dev/null || { echo "skipped: wine is not there"; exit 77; }
command -v $cc >/dev/null || { echo "skipped: $cc is not there"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
check() { # check WHAT EXPECTED ACTUAL
  if [ "$2" != "$3" ]; then
    echo "$1: expected '$2', got '$3'"
    failures=$((failures + 1))
  fi
}

mkdir -p "$work/overlay/files/Windows/System32"
$cc -std=c11 -Wall -Wextra -Werror -Os -shared -static -Wl,--kill-at -o "$work/overlay/files/Windows/System32/httpapi.dll" \
  "$CT_SOURCE_DIR/tests/collector/win32/httpapi_double.c" || exit 1
export CERTTRIAGE_BUILD=$build CERTTRIAGE_OVERLAY=$work/overlay CERTTRIAGE_DLLS='httpapi=n'
collect() { # collect NAME
  "$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/article-server" "$work/$1" --role server -o x.zip \
    >"$work/out" 2>"$work/err"
  check "$1: all but the event logs could be read" "error log-event" "$(sed -n 's/^\(error\|denied\) *\([a-z-]*\) .*/\1 \2/p' "$work/err" | sort -u)"
}
records() { # records NAME
  unzip -p "$work/$1/x.zip" http/sslcert.json |
    python3 -c 'import json,sys
for b in json.load(sys.stdin)["bindings"]:
    print(*(b[m] for m in ("tree","endpoint","certHash","appId","store","checkMode","freshnessTime","urlRetrievalTimeout","ctlIdentifier","ctlStore","flags")))'
}

certificate='ab0102030405060708090a0b0c0d0e0f101112cd {4dc3e181-e14b-4a21-b022-59fc669b0914} MY 1 60 5000 None'
collect windows-10
check "the records" "ip 10.10.10.10:443 $certificate ClientAuthIssuer 2
ip [::]:443 $certificate ClientAuthIssuer 2
sni www.contoso.com:8443 $certificate None 2
ccs 443 None {00000000-0000-0000-0000-000000000000} None 0 0 0 None None 0
ccs ccs.contoso.com:443 None {00000000-0000-0000-0000-000000000000} None 0 0 0 None None 0" "$(records windows-10)"
check "the addresses that are listened on" "10.10.10.10 ::1" \
  "$(unzip -p "$work/windows-10/x.zip" http/sslcert.json | python3 -c 'import json,sys; print(*json.load(sys.stdin)["listen"])')"
check "the server reads the central store of one host" "ccs.contoso.com:443" \
  "$("$build/bin/certtriage-server" query "$work/windows-10/x.zip" "SELECT endpoint FROM ssl_binding WHERE tree = 'ccs' AND host <> ''" | tail -n 1)"
export HTTPAPI_DOUBLE=7
collect windows-7
check "the records of Windows 7" "ip 10.10.10.10:443 $certificate ClientAuthIssuer 2
ip [::]:443 $certificate ClientAuthIssuer 2" "$(records windows-7)"
[ "$failures" = 0 ] || cat "$work/err"
exit $((failures > 0))
