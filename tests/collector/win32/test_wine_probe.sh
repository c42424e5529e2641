#!/usr/bin/env bash
# label: slow
# The handshake probe against real TLS servers: every byte both ways, what Schannel makes of a server that asks for a certificate, one
# request. That nothing is sent with --offline: test_wine_offline.sh. The servers are openssl's, the EXE runs under Wine.
set -u
build=$1
exe=$build/win64/certtriage-collect.exe
[ -f "$exe" ] || { echo "skipped: $exe is not there"; exit 77; }
command -v wine >/dev/null || { echo "skipped: wine is not there"; exit 77; }
command -v openssl >/dev/null || { echo "skipped: openssl is not there"; exit 77; }
work=$(mktemp -d)
pids=()
finish() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; done
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

openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/key.pem" -out "$work/cert.pem" -subj /CN=www.contoso.com -days 30 2>/dev/null
serve() { # serve NAME OPTION…: a server; its port in $port
  local name=$1
  shift
  openssl s_server -accept 127.0.0.1:0 -cert "$work/cert.pem" -key "$work/key.pem" -CAfile "$work/cert.pem" -www "$@" >"$work/$name.log" 2>&1 </dev/null &
  pids+=($!)
  port=
  for _ in $(seq 100); do
    port=$(sed -n 's/^ACCEPT .*:\([0-9]*\)$/\1/p' "$work/$name.log" | head -1)
    [ -n "$port" ] && break
    sleep 0.1
  done
  [ -n "$port" ] || { echo "s_server did not start"; exit 1; }
}
serve optional -tls1_2 -verify 1
optional=$port
serve required -tls1_2 -Verify 1 -verify_return_error
required=$port
serve silent
silent=$port
# A listener that counts: who connects to it writes a line.
python3 - "$work/connected" >"$work/listener.log" <<'PY' &
import socket, sys
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(16)
print(s.getsockname()[1], flush=True)
while True:
    c, _ = s.accept()
    open(sys.argv[1], "a").write("one\n")
    c.recv(65536); c.close()
PY
pids+=($!)
for _ in $(seq 100); do [ -s "$work/listener.log" ] && break; sleep 0.1; done
counted=$(cat "$work/listener.log")
connections() { wc -l <"$work/connected" 2>/dev/null || echo 0; }

export CERTTRIAGE_BUILD=$build
collect() { # collect NAME MACHINE OPTION…
  local name=$1 machine=$2
  shift 2
  "$CT_SOURCE_DIR/deploy/demo-wine" "$CT_SOURCE_DIR/tests/machines/$machine" "$work/$name" -o x.zip "$@" >"$work/out" 2>"$work/err"
}
# show NAME EXPRESSION: of each tls/<n>.json, in order
show() {
  python3 - "$work/$1/x.zip" "$2" <<'PY'
import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
names = sorted((n for n in z.namelist() if n.startswith("tls/") and n.endswith(".json")), key=lambda n: int(n[4:-5]))
for n in names:
    t = json.loads(z.read(n))
    b = z.read(n[:-4] + "bin") if n[:-4] + "bin" in z.namelist() else b""
    server, at = b"", 0
    for c in t["chunks"]:
        server += b[at:at + c["bytes"]] if c["from"] == "server" else b""
        at += c["bytes"]
    whole = at == len(b)
    print(eval(sys.argv[2]))
PY
}

collect client article-client --role client --probe-http --url "https://localhost:$optional/app/x?token=Pl4nted" \
  --connect "localhost:$optional,127.0.0.1:$required,127.0.0.1:$silent,127.0.0.1:$counted,127.0.0.1:1"
check "an item a connection" 15 "$(unzip -p "$work/client/x.zip" manifest.json | python3 -c 'import json,sys; print(sum(i["kind"]=="tls-probe" and i["outcome"]=="ok" for i in json.load(sys.stdin)["items"]))')"
check "every byte is told apart" 15 "$(show client 'whole' | grep -c True)"
check "hellos of our own up to the end of the flight" "hello TLS 1.2 ok client close True
hello TLS 1.2,TLS 1.3 ok client close True" "$(show client 't["how"], ",".join(t["offered"] or []), t["outcome"], t["end"]["by"], t["end"]["how"], server.endswith(bytes([14,0,0,0]))' |
  sed "s/[(),']//g; s/TLS 1.2 *TLS 1.3/TLS 1.2,TLS 1.3/" | sed -n 1,2p)"
check "the server's request for a certificate is in the bytes" True "$(show client 'bytes([13,0]) in server and b"www.contoso.com" in server' | sed -n 1p)"
check "a name is sent, an address is not" "localhost None" "$(show client 't["sni"]' | sed -n '1p;4p' | paste -sd' ')"
check "both ends are told" "127.0.0.1 127.0.0.1 True" "$(show client 'f"""{t["address"]} {t["localAddress"]} {(t["localPort"] or 0) > 0}"""' | sed -n 1p)"
check "TLS 1.3 where the server has it" "True" "$(show client 'b"\x00\x2b\x00\x02\x03\x04" in server' | sed -n 8p)"
check "Schannel: whole, TLS 1.2, the chain" "ok TLS 1.2 True" "$(show client 'f"""{t["outcome"]} {t["schannel"]["protocol"]} {len(t["schannel"]["peerChain"] or []) > 0}""" if t["schannel"] else "-"' | sed -n 3p)"
show client 't["how"], t["outcome"], t["stage"], t["osCode"], t["text"], t["schannel"] and {k:(v if k!="peerChain" else len(v or [])) for k,v in t["schannel"].items()}, t["http"]' >"$work/all"
check "the request: status, the complaint's path without its query" "200 /app/x" "$(show client 'f"""{t["http"]["status"]} {t["http"]["path"]}""" if t["http"] else "-"' | sed -n 3p)"
check "nothing secret" 0 "$(unzip -p "$work/client/x.zip" | grep -ac Pl4nted)"
check "a server that is no TLS server" "error handshake" "$(show client 'f"""{t["outcome"]} {t["stage"]}"""' | sed -n 10p)"
check "nobody listens: refused" "error connect 10061 None" "$(show client 'f"""{t["outcome"]} {t["stage"]} {t["osCode"]} {t["address"]}"""' | sed -n 13p)"
check "three connections were counted" 3 "$(connections)"

config=Windows/System32/inetsrv/config
mkdir -p "$work/overlay/files/$config"
sed "s/10.10.10.10:443:/*:$counted:shop.contoso.com/" "$CT_SOURCE_DIR/tests/machines/article-server/files/$config/applicationHost.config" \
  >"$work/overlay/files/$config/applicationHost.config"
export CERTTRIAGE_OVERLAY=$work/overlay
collect server article-server --role server --probe
check "each https binding is asked at home, by its name, three times" "$counted 127.0.0.1 shop.contoso.com shop.contoso.com True" "$(show server 'f"""{t["port"]} {t["address"]} {t["host"]} {t["sni"]} {t["site"] is not None and t["binding"] is not None}"""' | sort -u)"
check "each is counted" 6 "$(connections)"
check "and named with its site" 3 "$(unzip -p "$work/server/x.zip" manifest.json | python3 -c 'import json,sys; print(sum(i["kind"]=="tls-probe" and bool(i["site"]) and i["source"].startswith("shop.contoso.com:") for i in json.load(sys.stdin)["items"]))')"
[ "$failures" = 0 ] || { cat "$work/all"; tail -30 "$work/err"; }
exit $((failures > 0))
