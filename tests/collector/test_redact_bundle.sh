#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# certtriage-collect redact: of a --raw bundle of a volume with secrets planted in it the same comes out as was collected redacted, entry
# for entry, and the server finds the same in it; what cannot be redacted is left out and told.
set -u
build=$1
src=${CT_SOURCE_DIR:?}
here=$src/tests/collector/redact
collect=$build/bin/certtriage-collect
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
check() { # check WHAT EXPECTED ACTUAL
  [ "$2" = "$3" ] || { echo "FAILED: $1: expected '$2', got '$3'" >&2; failed=1; }
}
for tool in python3 jq zip openssl; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
[ -x "$build/bin/mkimage" ] || { echo "skipped: mkimage is not built"; exit 77; }

mkdir -p "$work/overlay/registry"
python3 "$here/plant.py" "$work" || exit 1
"$build/bin/mkimage" --overlay "$work/overlay" "$src/tests/machines/article-server" "$work/machine" || exit 1
cp -r "$work/image/." "$work/machine/"
mkdir -p "$work/machine/Windows/System32/winevt/Logs"
printf 'ElfFile\0Zq998RQzWvKyXt' >"$work/machine/Windows/System32/winevt/Logs/System.evtx"
echo "Zq998RQzWvKyXt redacted" >>"$work/names"
"$collect" --image "$work/machine" --role both -o "$work/redacted.zip" >/dev/null 2>&1
"$collect" --image "$work/machine" --role both --raw --evtx -o "$work/raw.zip" >/dev/null 2>&1
# What a customer puts into a bundle by hand.
mkdir -p "$work/by-hand"/{attach,certs/LocalMachine/My,http,logs/w3svc/1,other,registry}
cd "$work/by-hand" || exit 1
openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=web01 -keyout key.pem -out cert.pem 2>/dev/null
openssl pkcs12 -export -inkey key.pem -in cert.pem -passout pass: -out certs/LocalMachine/My/web.cer
openssl pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out certs/LocalMachine/My/plain.cer
openssl pkcs8 -topk8 -in key.pem -passout pass:x -outform DER -out certs/LocalMachine/My/encrypted.cer
openssl rsa -in key.pem -traditional -outform DER -out certs/LocalMachine/My/rsa.cer 2>/dev/null
cat key.pem cert.pem >certs/LocalMachine/My/both.pem
openssl x509 -in cert.pem -outform DER -out certs/LocalMachine/My/whole.cer
openssl crl2pkcs7 -nocrl -certfile cert.pem -outform DER -out certs/LocalMachine/My/list.stl
echo "GET / HTTP/1.1 Cookie: Zq999RQzWvKyXt" >attach/c.pcap
echo "Zq999RQzWvKyXt" | tee other/notes.txt logs/w3svc/1/notes.txt >/dev/null
printf '\r\nSSL Certificate bindings: \r\n\r\n    IP:port                      : 0.0.0.0:443\r\n    Certificate Hash             : 0123456789abcdef0123456789abcdef01234567\r\n    Certificate Store Name       : MY\r\n    Ctl Identifier               : Zq999RQzWvKyXt\r\n' >http/own-sslcert.txt
iconv -t UTF-16LE >registry/by-hand.reg <<'REG'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon]
"DefaultPassword"="Zq999RQzWvKyXt"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion]
"CurrentBuild"="14393"
"RegisteredOwner"="Zq999RQzWvKyXt"
"RegisteredOrganization"=hex(2):5a,00,71,00,39,00,39,00,39,00,52,00,51,00,7a,00,57,00,76,00,\
  4b,00,79,00,58,00,74,00

[HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Internet Settings]
"ProxyEnable"=dword:00000001
"ProxyServer"="https=u:Zq999RQzWvKyXt@proxy:8080"
"AutoConfigURL"="http://wpad/proxy.pac?t=Zq999RQzWvKyXt"
REG
echo "Zq999RQzWvKyXt redacted" >>"$work/names"
cp -r "$work/entries/." . # formats that no volume has
cp "$work/raw.zip" "$work/more.zip"
zip -qr "$work/more.zip" attach certs http logs other own registry && zip -qr "$work/alone.zip" attach certs http logs other own registry || exit 1
cd "$work" || exit 1

redact() { # redact IN OUT
  "$collect" redact "$1" "$2" >"$work/said" 2>"$work/err" || { echo "FAILED: redact $1: $(cat "$work/err")" >&2; exit 1; }
}
search() { python3 "$here/search.py" "$work/names" "$1"; }
contents() { # name and hash of each entry but those that tell of the run
  python3 -c 'import hashlib, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
for n in z.namelist():
    if n not in ("start.json", "manifest.json", "log/collect.log") and not n.startswith("items/"): print(n, hashlib.sha1(z.read(n)).hexdigest())' "$1"
}
redact raw.zip out.zip
n=$(search raw.zip | grep -c .)
[ "$n" -gt 50 ] || { echo "FAILED: only $n of the planted secrets are in the raw bundle" >&2; failed=1; }
check "secrets in the redacted bundle" "" "$(search out.zip)"
echo "planted secrets found: $(search out.zip | wc -l) of the $n in the raw bundle"
check "entry for entry what was collected redacted" "$(contents redacted.zip)" "$(contents out.zip)"
check "the manifest says so, and its sizes and hashes are those of the entries" "true 0" "$(python3 - <<'PY'
import hashlib, json, zipfile
z = zipfile.ZipFile("out.zip"); m = json.loads(z.read("manifest.json")); bad = 0
for i in m["items"]:
    own = json.loads(z.read("items/%06d.json" % i["id"]))
    bad += own != i
    if i.get("entry"):
        data = z.read(i["entry"])
        bad += i["size"] != len(data) or (bool(i.get("sha256")) and i["sha256"] != hashlib.sha256(data).hexdigest())
print(str(m["redacted"]).lower(), bad)
PY
)"
items() { unzip -p "$1" manifest.json | jq -r ".items[] | select($2) | [.outcome, .source, .reason] | @tsv"; }
check "an event log as a file is left out, and its item says why" 1 \
  "$(items out.zip '.kind == "log-event" and .outcome == "excluded" and (.reason | startswith("it cannot be redacted")) and (.entry // "") == ""' | wc -l)"

findings() { # all that the report says but for which bundle it was
  "$build/bin/certtriage-server" lint --format json "$1" 2>/dev/null | jq -S '{findings, diagnoses: [.diagnoses[] | del(.. | .sha256?)]}' | sed 's/[0-9a-f]\{64\}/-/g'
}
check "the same findings" "$(findings redacted.zip)" "$(findings out.zip)"
[ "$(findings out.zip | grep -c '"rule"')" -gt 3 ] || { echo "FAILED: nothing was found at all" >&2; failed=1; }

redact out.zip again.zip
cmp out.zip again.zip || { echo "FAILED: redacting again changes something" >&2; failed=1; }
redact redacted.zip never-raw.zip
cmp redacted.zip never-raw.zip || { echo "FAILED: redacting what was collected redacted changes something" >&2; failed=1; }

redact more.zip more-out.zip
check "secrets among what was added" "" "$(search more-out.zip)"
check "what was added and left out is told" "attach/c.pcap
attach/own.evtx
attach/own.pcap
certs/LocalMachine/My/encrypted.cer
certs/LocalMachine/My/own.cer
certs/LocalMachine/My/own.pfx
certs/LocalMachine/My/plain.cer
certs/LocalMachine/My/rsa.cer
certs/LocalMachine/My/web.cer
logs/events/Own.evtx
logs/w3svc/1/notes.txt
other/notes.txt
own/notes.txt" "$(unzip -p more-out.zip manifest.json | jq -r '.items[] | select(.outcome == "excluded" and (.source | test("^(attach|certs|other|own|logs/w3svc/1/notes|logs/events/Own)[/.]"))) | .source' | sort)"
redact more-out.zip more-again.zip
cmp more-out.zip more-again.zip || { echo "FAILED: redacting what was added again changes something" >&2; failed=1; }

redact alone.zip alone-out.zip
check "secrets in a bundle made by hand" "" "$(search alone-out.zip)"
check "what stays of a bundle made by hand" "certs/LocalMachine/My/both.pem certs/LocalMachine/My/list.stl certs/LocalMachine/My/whole.cer http/own-sslcert.txt http/sslcert.txt log/redact.log logs/events/Security.xml logs/events/System.xml logs/w3svc/1/in150907.log logs/w3svc/1/ncsa.log logs/w3svc/central/u_ex150907.log registry/by-hand.reg registry/own.reg" \
  "$(unzip -Z1 alone-out.zip | sort | paste -sd' ')"
check "no private key" 0 "$(unzip -p alone-out.zip | grep -ac 'PRIVATE KEY')"
check "certificates stay" "$(cat by-hand/cert.pem)" "$(unzip -p alone-out.zip certs/LocalMachine/My/both.pem)"
check "what is left out of it is told" 13 "$(unzip -p alone-out.zip log/redact.log | grep -c '^left out: ')"
check "what the registry says beside" '"CurrentBuild"="14393" "ProxyEnable"=dword:00000001 "ProxyServer"="https=[redacted]@proxy:8080" "AutoConfigURL"="http://wpad/proxy.pac"' \
  "$(unzip -p alone-out.zip registry/by-hand.reg | tr -d '\r' | grep '^"' | paste -sd' ')"
check "netsh's text" "0.0.0.0:443 0123456789abcdef0123456789abcdef01234567 MY [redacted]" "$(unzip -p alone-out.zip http/own-sslcert.txt | sed -n 's/.* : //p' | tr -d '\r' | paste -sd' ')"

"$collect" redact raw.zip out.zip >/dev/null 2>err
check "a file that is there stays" "2 1" "$? $(grep -c 'out.zip' err)"
"$collect" redact raw.zip >/dev/null 2>err
check "where to is asked for" "2 1" "$? $(grep -c 'OUT.zip is missing' err)"
exit $failed
