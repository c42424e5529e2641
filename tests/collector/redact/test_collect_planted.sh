#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Secrets planted in every format that is read of a volume are in no byte of the bundle, in no encoding. That the search finds them is
# shown by --raw, which lets all of those through that are not left out before redaction.
set -u
build=$1
src=${CT_SOURCE_DIR:?}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
command -v python3 >/dev/null || { echo "skipped: python3 is missing"; exit 77; }
[ -x "$build/bin/mkimage" ] || { echo "skipped: mkimage is not built"; exit 77; }
mkdir -p "$work/overlay/registry"
cat >"$work/plant.py" <<'PY'
import os, sys
work = sys.argv[1]
names = open(work + "/names", "w")
count = {"redacted": 0, "never": 0}
def s(kind="redacted"):
    count[kind] += 1
    secret = "Zq%03d%sQz" % (sum(count.values()), kind[0].upper())
    names.write("%s %s\n" % (secret, kind))
    return secret
volume = work + "/image/"
def write(path, text, encoding="utf-8", mode="w"):
    os.makedirs(os.path.dirname(volume + path), exist_ok=True)
    with open(volume + path, mode, encoding=encoding, newline="") as f:
        f.write(text)
def config(prolog=""):
    return f'''{prolog}<!-- {s()} --><?other {s()}?>
<configuration>
  <appSettings><add key="{s()}" value="{s()}" />{s()}</appSettings>
  <connectionStrings><add name="{s()}" connectionString="Server=s;Password={s()}" /></connectionStrings>
  <system.web><machineKey validationKey="{s()}" decryptionKey="{s()}" /><identity userName="u" password="{s()}" />
    <processModel userName="u" password="{s()}" /></system.web>
  <system.applicationHost><applicationPools><add name="p"><processModel userName="u" password="{s()}" /></add></applicationPools></system.applicationHost>
  <system.webServer><aspNetCore arguments="{s()}"><environmentVariables><environmentVariable name="A" value="{s()}" /></environmentVariables></aspNetCore>
    <management><authentication><credentials><add name="a" password="{s()}" /></credentials></authentication></management>
    <rewrite><rules><rule name="r"><action url="https://u:{s()}@x/?{s()}" /></rule></rules></rewrite></system.webServer>
  <system.serviceModel><client><endpoint address="https://u:{s()}@h/s?k={s()}" binding="b" /></client>
    <behaviors><serviceBehaviors><behavior name="b"><serviceCredentials><issuedTokenAuthentication><x value="{s()}" /></issuedTokenAuthentication></serviceCredentials></behavior></serviceBehaviors></behaviors></system.serviceModel>
  <custom name="{s()}"><![CDATA[{s()}]]><inner>{s()}</inner></custom>
</configuration>
'''
inetsrv = "Windows/System32/inetsrv/config/"
dotnet = "Windows/Microsoft.NET/Framework64/v4.0.30319/Config/"
write(inetsrv + "administration.config", config())
write(inetsrv + "schema/OWN_schema.xml", f'<configSchema><!-- {s()} --><sectionSchema name="own"><attribute name="a" type="string" x="{s()}" />{s()}</sectionSchema></configSchema>\n')
write(dotnet + "machine.config", config('<?xml version="1.0" encoding="utf-8"?>'))
write(dotnet + "web.config", "\ufeff" + config(), "utf-16-le")
write("inetpub/wwwroot/web.config", "\ufeff" + config(), "utf-16-be")
write("inetpub/logs/LogFiles/W3SVC1/u_ex150907.log", f'''#Software: {s()}
#Remark: {s()}
#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) cs(Cookie) cs(Referer) cs(Authorization) x-own sc-status
2015-09-07 16:00:00 GET /a t={s()} 10.0.0.1 - a={s()} https://r/{s()} {s()} {s()} 403
2015-09-07 16:00:00 GET /a {s()} one column too few {s()}
2015-09-07 16:00:00 GET /a?{s()} - 10.0.0.1 - - - - - 403
''')
write("Windows/System32/LogFiles/HTTPERR/httperr9.log", f'''#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename
2015-09-07 16:00:00 10.0.0.1 1 10.0.0.2 443 HTTP/1.1 GET /x?{s()} 400 1 BadRequest -
''')
write("inetpub/logs/FailedReqLogFiles/W3SVC1/fr000099.xml", f'''<failedRequest url="https://u:{s()}@h/?{s()}" statusCode="403"><Event><System><EventID>0</EventID></System><EventData>
<Data Name="Headers">Cookie: {s()}
Authorization: Basic {s()}
Proxy-Authorization: {s()}
X-Own: {s()}
 {s()}
</Data><Data Name="Buffer">{s()}</Data><Data Name="Own">{s()}</Data><Data Name="RequestURL">https://h/p?{s()}</Data></EventData></Event></failedRequest>
''')
keys = "ProgramData/Microsoft/Crypto/RSA/MachineKeys/"
write(keys + "0123456789abcdef0123456789abcdef_00000000-0000-0000-0000-000000000000", s("never"))
write("ProgramData/Microsoft/Crypto/Keys/0123456789abcdef0123456789abcdef_00000000-0000-0000-0000-000000000001", s("never"))
proxy = lambda: f"http=http://u:{s('never')}@h:8080"
def hexes(data): return ",".join("%02x" % b for b in data)
def wide(text): return hexes(text.encode("utf-16-le"))
with open(work + "/overlay/registry/zz.reg", "w") as f:
    f.write(f'''Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings]
"ProxyServer"="{proxy()}"
"AutoConfigURL"=hex(2):{wide(proxy())},00,00
"Unlisted"="{s('never')}"

[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\\Connections]
"WinHttpSettings"=hex:18,00,00,00,00,00,00,00,03,00,00,00,{hexes(bytes([len("http://u:Zq000NQz@h:8080"), 0, 0, 0]))},{hexes(f"http://u:{s('never')}@h:8080".encode())},00,00,00,00

[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL]
"List"=hex(7):{wide(proxy())},00,00,00,00
''')
PY
cat >"$work/search.py" <<'PY'
import base64, re, sys, zipfile
names, bundle = sys.argv[1:]
zip = zipfile.ZipFile(bundle)
texts = [(n, zip.read(n)) for n in zip.namelist()] + [("the zip", open(bundle, "rb").read())]
texts += [(n, re.sub(rb"\\\r?\n *", b"", t)) for n, t in texts if n.endswith(".reg")] # hex over several lines
texts = [(n, t.lower()) for n, t in texts]
def forms(secret):
    for plain in (secret.encode(), secret.encode("utf-16-le"), secret.encode("utf-16-be")):
        yield plain
        yield plain.hex().encode()
        yield ",".join("%02x" % b for b in plain).encode()
        yield "".join("%%%02x" % b for b in plain).encode()
        for shift in range(3): # what base64 makes of it wherever it stands, without the ends that its neighbours change
            yield base64.b64encode(bytes(shift) + plain)[2 * (shift > 0) + 2:-4]
for line in open(names):
    secret, kind = line.split()
    where = sorted({n for n, t in texts if any(f.lower() in t for f in forms(secret))})
    if where:
        print(kind, secret, *where)
PY
"$build/bin/mkimage" "$src/tests/machines/article-server" "$work/base" >/dev/null || exit 1
python3 "$work/plant.py" "$work" || exit 1
mv "$work/image" "$work/planted"
"$build/bin/mkimage" --overlay "$work/overlay" "$src/tests/machines/article-server" "$work/image" || exit 1
cp -r "$work/planted/." "$work/image/"
"$build/bin/certtriage-collect" --image "$work/image" --role both -o "$work/redacted.zip" >"$work/said" 2>&1
"$build/bin/certtriage-collect" --image "$work/image" --role both --raw -o "$work/raw.zip" >/dev/null 2>&1
python3 "$work/search.py" "$work/names" "$work/redacted.zip" >"$work/found" || exit 1
python3 "$work/search.py" "$work/names" "$work/raw.zip" >"$work/raw" || exit 1
n=$(wc -l <"$work/names")
planted=$(grep -c ' redacted$' "$work/names")
seen=$(grep -c '^redacted ' "$work/raw")
echo "planted secrets found: $(wc -l <"$work/found") of $n; with --raw $seen of the $planted that redaction leaves out"
failed=0
[ ! -s "$work/found" ] || { echo "FAILED: in the bundle: $(head -n 9 "$work/found")" >&2; failed=1; }
grep -q 'Zq[0-9]*[RN]Qz' "$work/said" && { echo "FAILED: on the screen: $(grep 'Zq[0-9]*[RN]Qz' "$work/said" | head -n 2)" >&2; failed=1; }
[ "$seen" = "$planted" ] || { echo "FAILED: planted where nothing looks: $(grep ' redacted$' "$work/names" | cut -d' ' -f1 | grep -vF -f <(cut -d' ' -f2 "$work/raw") | paste -sd' ')" >&2; failed=1; }
exit $failed
