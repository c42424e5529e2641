#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# certtriage-collect over whole machines: the zip is sound, the manifest tells the truth, what is denied is told, no planted secret is
# in any byte, and a run that is killed leaves what it had finished.
set -u
build=$1
src=${CT_SOURCE_DIR:?}
collect=$build/bin/certtriage-collect
mkimage=$build/bin/mkimage
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fail() { echo "FAILED: $*" >&2; failed=1; }
for tool in unzip jq; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
[ -x "$mkimage" ] || { echo "skipped: mkimage is not built"; exit 77; }

# the fields of all items that fit a jq condition
items() { unzip -p "$1" manifest.json | jq -r ".items[] | select($2) | $3"; }

# --- healthy machines ---------------------------------------------------------------------------------------------------
complaint=(--case case-1 --url 'https://h/p?secret=1' --as 'CONTOSO\svc' --when 2026-01-31T08:15+01:00
  --thumbprint ' AB:cd ef0123456789 abcdef0123456789abcdef01')
for machine in "$src"/tests/machines/*/machine.json; do
  name=$(basename "$(dirname "$machine")")
  "$mkimage" "$(dirname "$machine")" "$work/$name" || { fail "mkimage $name"; continue; }
  "$collect" --image "$work/$name" -o "$work/$name.zip" "${complaint[@]}" >"$work/out" 2>"$work/err"
  code=$?
  [ $code = 0 ] || fail "$name: exit $code: $(tail -n 1 "$work/err")"
  [ "$(cat "$work/out")" = "$work/$name.zip" ] || fail "$name: stdout is not the bundle's name"
  unzip -tqq "$work/$name.zip" || fail "$name: unzip -t"
  unzip -Z1 "$work/$name.zip" >"$work/names"
  [ "$(tail -n 1 "$work/names")" = manifest.json ] || fail "$name: the manifest is not the last entry"
  [ -z "$(sort -f "$work/names" | uniq -di)" ] || fail "$name: an entry name is there twice"
  n=$(unzip -p "$work/$name.zip" manifest.json | jq '.items | length')
  [ "$(grep -c '^items/' "$work/names")" = "$n" ] || fail "$name: not every item has its own outcome"
  said=$(unzip -p "$work/$name.zip" manifest.json | jq -r '.complaint | [.url, .when, .account, .thumbprint] | join(" ")')
  [ "$said" = 'https://h/p 2026-01-31T07:15:00.000Z CONTOSO\svc abcdef0123456789abcdef0123456789abcdef01' ] || fail "$name: $said"
  # every entry that an item names is there, and what is hashed has that hash
  items "$work/$name.zip" '.entry' '[.entry, .sha256 // ""] | @tsv' | while IFS=$'\t' read -r entry hash; do
    grep -qxF "$entry" "$work/names" || echo "no entry $entry"
    [ -z "$hash" ] || [ "$(unzip -p "$work/$name.zip" "$entry" | sha256sum | cut -d' ' -f1)" = "$hash" ] || echo "hash of $entry"
  done >"$work/wrong"
  [ ! -s "$work/wrong" ] || fail "$name: $(head -n 3 "$work/wrong")"
  # a certificate's name is its SHA-1
  for cer in $(grep '\.cer$' "$work/names"); do
    [ "$(unzip -p "$work/$name.zip" "$cer" | sha1sum | cut -d' ' -f1)" = "$(basename "$cer" .cer)" ] || fail "$name: $cer"
  done
  grep -q '^certs/LocalMachine/Root/' "$work/names" || fail "$name: no root certificate"
  [ -n "$(unzip -p "$work/$name.zip" acl/keys.json | jq '.files[0].sddl')" ] || fail "$name: no rights"
done

# two runs of one image differ in nothing but the bundle's id
"$collect" --image "$work/article-server" -o "$work/again.zip" "${complaint[@]}" >/dev/null 2>&1
for zip in article-server again; do
  mkdir "$work/x-$zip"; (cd "$work/x-$zip" && unzip -qo "../$zip.zip" && sed -i '/"bundle":/d' manifest.json start.json)
done
diff -r "$work/x-article-server" "$work/x-again" >"$work/diff" || fail "two runs differ: $(head -n 3 "$work/diff")"

# --- roles ------------------------------------------------------------------------------------------------------------
"$collect" --image "$work/article-server" --role client -o "$work/role.zip" >/dev/null 2>&1
unzip -Z1 "$work/role.zip" | grep -q '^iis/\|^logs/' && fail "--role client takes what belongs to a server"
unzip -Z1 "$work/role.zip" | grep -q '^registry/client-machine.reg' || fail "--role client takes no client settings"
"$collect" --image "$work/article-server" --role both -o "$work/role.zip" >/dev/null 2>&1
[ "$(unzip -p "$work/role.zip" manifest.json | jq -c .machine.roles)" = '["server","client"]' ] || fail "--role both"
"$collect" --image "$work/article-server" --role dc -o "$work/role.zip" >/dev/null 2>&1
[ "$(unzip -p "$work/role.zip" manifest.json | jq -c .machine.roles)" = '["dc"]' ] || fail "--role dc"
unzip -Z1 "$work/role.zip" | grep -q '^certs/LocalMachine/Root/' || fail "--role dc takes no certificates"

# What the machine is, is found out; a service that runs as somebody is told, one that runs as the system is not.
own=$work/own
mkdir -p "$own/registry"
cat >"$own/registry/zz-roles.reg" <<'REG'
Windows Registry Editor Version 5.00

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\ProductOptions]
"ProductType"="LanmanNT"

[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\IIS Extensions\Application Request Routing]
"Version"="7.2.1952.0"

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Shop]
"ObjectName"="CONTOSO\\svc-shop"

[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\Other]
"ObjectName"="LocalSystem"
REG
if "$mkimage" --overlay "$own" "$src/tests/machines/article-server" "$work/own1"; then
  "$collect" --image "$work/own1" -o "$work/own1.zip" --connect 'www.contoso.com,[::1]:8443' >/dev/null 2>&1
  [ "$(unzip -p "$work/own1.zip" manifest.json | jq -c .machine.roles)" = '["server","proxy","dc"]' ] || fail "roles are not found out"
  [ "$(items "$work/own1.zip" '.kind == "account"' .source | grep -xcF 'CONTOSO\svc-shop')" = 1 ] || fail "no account of a service"
  items "$work/own1.zip" '.kind == "account"' .source | grep -q LocalSystem && fail "LocalSystem is told as an account of a service"
  [ "$(items "$work/own1.zip" '.kind == "tls-probe"' '[.source, .outcome] | join(" ")' | paste -sd,)" = \
    'www.contoso.com:443 excluded,[::1]:8443 excluded' ] || fail "an image connects"
  "$collect" --image "$work/own1" -o "$work/own2.zip" --offline --as 'CONTOSO\alice' >/dev/null 2>&1
  items "$work/own2.zip" '.kind == "account" and .outcome == "excluded"' .reason | grep -q -- --offline || fail "--offline asks about accounts of a domain"
else
  fail "mkimage with roles"
fi

# --- secrets planted in every format -----------------------------------------------------------------------------------
cp -a "$work/article-server" "$work/planted"
volume=$work/planted
plant() { echo >>"$work/count"; printf 'Pl4nted%03dSecret' "$(wc -l <"$work/count")"; }
apphost=$volume/Windows/System32/inetsrv/config/applicationHost.config
for attribute in password connectionString x; do
  sed -i "0,/<virtualDirectory /s//<virtualDirectory $attribute=\"$(plant)\" /" "$apphost"
done
sed -i "0,/<configSections>/s//<!-- $(plant) --><appSettings><add key=\"$(plant)\" value=\"$(plant)\" \/>$(plant)<\/appSettings><configSections>/" "$apphost"
web=$volume/inetpub/wwwroot/web.config
cat >"$web" <<XML
<?xml version="1.0" encoding="utf-8"?>
<configuration>
  <connectionStrings><add name="$(plant)" connectionString="Server=s;Password=$(plant)" /></connectionStrings>
  <system.web><machineKey validationKey="$(plant)" decryptionKey="$(plant)" /><identity impersonate="true" userName="u" password="$(plant)" />
    <sessionState sqlConnectionString="$(plant)" /></system.web>
  <system.webServer><rewrite><rules><rule name="r"><action url="http://x/?$(plant)" /></rule></rules></rewrite>
    <aspNetCore arguments="$(plant)"><environmentVariables><environmentVariable name="A" value="$(plant)" /></environmentVariables></aspNetCore>
    <httpProtocol><customHeaders><add name="X" value="$(plant)" /></customHeaders></httpProtocol>
    <handlers><add name="h" scriptProcessor="c.exe|$(plant)" /></handlers></system.webServer>
  <system.serviceModel><client><endpoint address="https://u:$(plant)@h/s?k=$(plant)" binding="b" /></client></system.serviceModel>
  <custom name="$(plant)" path="$(plant)"><![CDATA[$(plant)]]></custom>
  <broken attribute="$(plant)
XML
log=$(ls "$volume"/inetpub/logs/LogFiles/W3SVC1/*.log | head -n 1)
cat >>"$log" <<LOG
#Remark: $(plant)
#Fields: date time cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(Cookie) cs(Referer) x-own sc-status
2015-09-06 16:00:00 GET /a token=$(plant) - 10.0.0.1 a=$(plant) https://r/$(plant) $(plant) 403
2015-09-06 16:00:00 GET /a $(plant) too many columns in this line, one is $(plant) 403 1 2
LOG
head -c 3000 /dev/zero >>"$log"
cat >>"$(ls "$volume"/Windows/System32/LogFiles/HTTPERR/*.log | head -n 1)" <<LOG
2015-09-06 16:00:00 10.0.0.1 1 10.0.0.2 443 HTTP/1.1 GET /x?$(plant) 400 1 BadRequest -
LOG
cat >"$volume/inetpub/logs/FailedReqLogFiles/W3SVC1/fr000099.xml" <<XML
<failedRequest url="https://h/?$(plant)" statusCode="403" xmlns:freb="f"><Event><System><EventID>0</EventID></System><EventData>
<Data Name="Headers">Host: h
Cookie: $(plant)
Authorization: Basic $(plant)
 $(plant)
X-Own: $(plant)
</Data><Data Name="Buffer">$(plant)</Data><Data Name="HeaderValue">$(plant)</Data><Data Name="$RANDOM">$(plant)</Data>
<Data Name="RequestURL">https://h/p?$(plant)</Data></EventData><RenderingInfo><Message>$(plant)</Message></RenderingInfo></Event></failedRequest>
XML
n=$(wc -l <"$work/count")
"$collect" --image "$volume" --url "https://h/?$(plant)" -o "$work/planted.zip" >/dev/null 2>"$work/err"
[ $? = 0 ] || fail "planted: $(tail -n 1 "$work/err")"
mkdir "$work/open"
(cd "$work/open" && unzip -qo ../planted.zip)
found=$(cat "$work/err" "$work/planted.zip" $(find "$work/open" -type f) | tr -d '\0' | grep -ao 'Pl4nted[0-9]*' | sort -u | wc -l)
[ "$found" = 0 ] || fail "$found of $n planted secrets are in the bundle: $(grep -rlao 'Pl4nted[0-9]*' "$work/open" | head -n 3)"
echo "planted secrets found: $found of $n"
"$collect" --image "$volume" --raw -o "$work/raw.zip" >/dev/null 2>&1
[ "$(unzip -p "$work/raw.zip" manifest.json | jq .redacted)" = false ] || fail "--raw is not told in the manifest"
raw=$(unzip -p "$work/raw.zip" | grep -ao 'Pl4nted[0-9]*' | sort -u | wc -l)
[ "$raw" -gt $((n - 5)) ] || fail "only $raw of $n secrets were planted where the collector looks"
for file in inetpub/wwwroot/web.config Windows/System32/inetsrv/config/applicationHost.config; do
  entry=$(items "$work/planted.zip" ".source | endswith(\"$(basename $file)\")" 'select(.entry) | .entry' | grep -v framework | head -n 1)
  [ "$(wc -l <"$volume/$file")" = "$(unzip -p "$work/planted.zip" "$entry" | wc -l)" ] || fail "$file: lines changed"
done

# --- denied ------------------------------------------------------------------------------------------------------------
overlay=$work/overlay
mkdir "$overlay"
cat >"$overlay/denied.txt" <<'TXT'
C:\inetpub\wwwroot\web.config
C:\ProgramData\Microsoft\Crypto\RSA\MachineKeys
HKLM\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL
store:LocalMachine\Root
TXT
if "$mkimage" --overlay "$overlay" "$src/tests/machines/article-server" "$work/denied"; then
  "$collect" --image "$work/denied" -o "$work/denied.zip" >/dev/null 2>&1
  [ $? = 1 ] || fail "denied: the exit code is not 1"
  items "$work/denied.zip" '.outcome == "denied"' '.kind' | sort | paste -sd' ' >"$work/kinds"
  [ "$(cat "$work/kinds")" = 'cert-store key-acl reg-schannel web-config' ] || fail "denied: $(cat "$work/kinds")"
  items "$work/denied.zip" '.outcome == "denied" and (.reason == null or .reason == "")' .source | grep . && fail "denied without a reason"
  unzip -p "$work/denied.zip" certs/stores.json | jq -e '.stores[] | select(.store == "Root") | .outcome == "denied"' >/dev/null ||
    fail "stores.json does not tell of the denied store"
else
  fail "mkimage with denied.txt"
fi

# --- registry text: what is collected, put into a machine and collected again, is the same ---------------------------------
reg=$work/reg
mkdir -p "$reg/registry"
cat >"$reg/registry/zz-odd.reg" <<'REG'
Windows Registry Editor Version 5.00

; LastWriteTime=2014-05-06T07:08:09Z
[HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL\Odd]
@="default"
"quote\"and\\slash"="a\"b\\c"
"empty"=""
"number"=dword:ffffffff
"big"=hex(b):01,02,03,04,05,06,07,08
"long"=hex:00,01,02,03,04,05,06,07,08,09,0a,0b,0c,0d,0e,0f,10,11,12,13,14,15,16,17,18,19,1a,1b,1c,1d,1e,1f,20,21,22,23,24
"none"=hex(0):
"multi"=hex(7):61,00,00,00,62,00,00,00,00,00
"expand"=hex(2):25,00,61,00,25,00,00,00
"no final NUL"=hex(1):61,00
"two lines"=hex(1):61,00,0a,00,62,00,00,00
"url"="http=http://user:Pl4nted@proxy:8080;https=http://u:Pl4nt@d@p/@x"
"bytes"=hex:18,00,00,00,70,3d,68,74,74,70,3a,2f,2f,75,73,3a,50,6c,34,6e,74,65,64,40,68,2f,00
"wide"=hex(7):70,00,3d,00,68,00,74,00,74,00,70,00,3a,00,2f,00,2f,00,75,00,73,00,3a,00,50,00,6c,00,34,00,6e,00,74,00,65,00,64,00,40,00,68,00,2f,00,00,00,00,00
REG
if "$mkimage" --overlay "$reg" "$src/tests/machines/article-server" "$work/reg1"; then
  "$collect" --image "$work/reg1" -o "$work/reg1.zip" >/dev/null 2>&1
  # users and passwords within bytes and lists, whatever the width of a character
  unzip -p "$work/reg1.zip" registry/schannel.reg | tr -d '\r' | sed ':a;N;$!ba;s/\\\n *//g' >"$work/joined"
  for value in '"bytes"=hex:18,00,00,00,70,3d,68,74,74,70,3a,2f,2f,2a,2a,2a,2a,2a,2a,2a,2a,2a,2a,40,68,2f,00' \
    '"wide"=hex(7):70,00,3d,00,68,00,74,00,74,00,70,00,3a,00,2f,00,2f,00,2a,00,2a,00,2a,00,2a,00,2a,00,2a,00,2a,00,2a,00,2a,00,2a,00,40,00,68,00,2f,00,00,00,00,00'; do
    grep -qxF "$value" "$work/joined" || fail "a user within bytes: $(grep -e '^"bytes"' -e '^"wide"' "$work/joined")"
  done
  unzip -p "$work/reg1.zip" registry/schannel.reg >"$reg/registry/zz-odd.reg"
  for line in '@="default"' '"quote\"and\\slash"="a\"b\\c"' '"number"=dword:ffffffff' '"big"=hex(b):01,02,03,04,05,06,07,08' \
    '; LastWriteTime=2014-05-06T07:08:09.000Z' '"multi"=hex(7):61,00,00,00,62,00,00,00,00,00' '"no final NUL"=hex(1):61,00' '"none"=hex(0):' \
    '"two lines"=hex(1):61,00,0a,00,62,00,00,00' '"url"="http=http://[redacted]@proxy:8080;https=http://[redacted]@p/@x"'; do
    tr -d '\r' <"$reg/registry/zz-odd.reg" | grep -qxF "$line" || fail "registry text lacks $line"
  done
  "$mkimage" --overlay "$reg" "$src/tests/machines/article-server" "$work/reg2" || fail "mkimage does not read what was collected"
  "$collect" --image "$work/reg2" -o "$work/reg2.zip" >/dev/null 2>&1
  unzip -p "$work/reg2.zip" registry/schannel.reg | diff "$reg/registry/zz-odd.reg" - >"$work/diff" || fail "registry text: $(head -n 4 "$work/diff")"
else
  fail "mkimage with odd values"
fi
unzip -p "$work/article-server.zip" registry/http.reg | grep -q '^; Absent=\[HKEY_LOCAL_MACHINE' || fail "http.reg: what is absent is not told"

# --- web.config of a folder that nothing names -----------------------------------------------------------------------------
cp -a "$work/article-server" "$work/deep"
mkdir -p "$work/deep/inetpub/wwwroot/a/B/c/d/e/f" "$work/deep/inetpub/wwwroot/empty"
for folder in a/B a/B/c/d a/B/c/d/e; do echo '<configuration/>' >"$work/deep/inetpub/wwwroot/$folder/web.config"; done
"$collect" --image "$work/deep" -o "$work/deep.zip" >/dev/null 2>&1 || fail "deep: exit code"
items "$work/deep.zip" '.kind == "web-config"' '[.outcome, .path] | join(" ")' | tail -n +2 >"$work/webs"
printf 'ok %s\n' "Default Web Site/a/B" "Default Web Site/a/B/c/d" | diff - "$work/webs" || fail "web.config of folders"
for i in $(seq 3100); do echo "$work/deep/inetpub/wwwroot/many/$i"; done | xargs mkdir -p
"$collect" --image "$work/deep" -o "$work/deep.zip" >/dev/null 2>&1 || fail "deep: exit code"
items "$work/deep.zip" '.kind == "web-config"' .outcome | tail -n 1 | grep -qx truncated || fail "more folders than the limit is not told"

# --- redirected configuration ------------------------------------------------------------------------------------------
cp -a "$work/article-server" "$work/moved"
config=$work/moved/Windows/System32/inetsrv/config
mkdir -p "$work/moved/shared"
mv "$config/applicationHost.config" "$work/moved/shared/"
echo '<configuration><configurationRedirection enabled="true" path="C:\shared" userName="u" password="x" /></configuration>' >"$config/redirection.config"
"$collect" --image "$work/moved" -o "$work/moved.zip" >/dev/null 2>&1
items "$work/moved.zip" '.entry == "iis/config/applicationHost.config"' .source | grep -qxF 'C:\shared\applicationHost.config' || fail "redirection to a folder"
unzip -Z1 "$work/moved.zip" | grep -q '^logs/w3svc/1/' || fail "redirection: the sites are not known"
sed -i 's/C:.shared/\\\\server\\share/' "$config/redirection.config"
"$collect" --image "$work/moved" -o "$work/moved.zip" >/dev/null 2>&1
items "$work/moved.zip" '.source | endswith("applicationHost.config")' '[.outcome, .source] | join(" ")' |
  grep -qxF 'excluded \\server\share\applicationHost.config' || fail "redirection to a share"

# --- a large log is cut at its beginning, the newest stays, under its own header ------------------------------------------
cp -a "$work/article-server" "$work/large"
log=$(ls "$work"/large/inetpub/logs/LogFiles/W3SVC1/*.log | head -n 1)
awk 'BEGIN { print "#Fields: date cs-uri-query sc-status"; for (i = 0; i < 200000; i++) print "2015-09-06 secret" i " 403"
  print "#Fields: sc-status date cs-uri-query"; for (i = 0; i < 2500000; i++) print "403 2015-09-06 Pl4ntedSecretInAQuery" i }' >"$log"
/usr/bin/env time -f '%M KiB, %e s' "$collect" --image "$work/large" -o "$work/large.zip" >/dev/null 2>"$work/err" ||
  "$collect" --image "$work/large" -o "$work/large.zip" >/dev/null 2>&1
grep 'KiB, ' "$work/err"
entry=logs/w3svc/1/$(basename "$log")
items "$work/large.zip" ".entry == \"$entry\"" '[.outcome, .cut] | join(" ")' | grep -qx 'truncated head' || fail "large: not told"
unzip -p "$work/large.zip" "$entry" | head -n 1 | grep -q '^#Fields: sc-status date' || fail "large: the wrong header"
unzip -p "$work/large.zip" "$entry" | tail -n +2 | sort -u >"$work/lines"
[ "$(cat "$work/lines")" = '403 2015-09-06 -' ] || fail "large: $(head -n 2 "$work/lines")"

# --- killed at any time, what was finished is there ---------------------------------------------------------------------
recovered=0
for ms in 0 1 2 3 5 8 13 20 30 60 120; do
  rm -f "$work/killed.zip"
  "$collect" --image "$work/large" -o "$work/killed.zip" >/dev/null 2>"$work/err" &
  pid=$!
  sleep "0.$(printf '%03d' $ms)"
  kill -9 $pid 2>/dev/null
  wait $pid 2>/dev/null
  [ -s "$work/killed.zip" ] || continue
  # finished items are those that the run told of; each must be recovered whole from its local header
  done_items=$(grep -cE '^(ok|absent|excluded|denied|truncated) ' "$work/err")
  if unzip -tqq "$work/killed.zip" >/dev/null 2>&1; then continue; fi
  "$build/tests/test_zip_writer" --recover "$work/killed.zip" >"$work/rec" || { fail "killed after $ms ms: cannot be read"; continue; }
  got=$(grep -c '^items/' "$work/rec")
  [ "$got" -ge "$done_items" ] || fail "killed after $ms ms: $got of $done_items items"
  recovered=$((recovered + 1))
done
[ $recovered -gt 0 ] || fail "no run was killed in the middle"
echo "killed runs read: $recovered"

# --- configSource: what a section's own file says is taken, without secrets; connection strings are not ------------------
parts=$work/parts/files/inetpub/partner
mkdir -p "$parts/sub"
cat >"$parts/web.config" <<'XML'
<configuration><connectionStrings configSource="strings.config"/><appSettings configSource="sub\app.config"/>
<location path="orders"><system.webServer><urlCompression configSource="sub\compression.config"/></system.webServer></location>
<system.webServer><httpRedirect configSource="..\outside.config"/><cors configSource="lost.config"/></system.webServer></configuration>
XML
printf '<?xml version="1.0" encoding="utf-16"?>\n<urlCompression doStaticCompression="false" password="geheim"/>\n' >"$parts/sub/compression.config"
for name in strings.config sub/app.config ../outside.config; do echo '<x y="geheim"/>' >"$parts/$name"; done
"$mkimage" --overlay "$work/parts" "$src/tests/machines/healthy-2019" "$work/parts-image" || fail "mkimage parts"
"$collect" --image "$work/parts-image" --role server -o "$work/parts.zip" >/dev/null 2>"$work/err" || fail "parts: $(tail -n 1 "$work/err")"
taken=$(items "$work/parts.zip" '.source | test("(sub|partner).[a-z]*[.]config$") and (test("web[.]config$") | not)' \
  '[.source, .outcome, .path] | join(" ")')
[ "$taken" = 'C:\inetpub\partner\sub\compression.config ok Partner
C:\inetpub\partner\lost.config absent Partner' ] || fail "configSource: $taken"
unzip -p "$work/parts.zip" 'iis/web/*/part-1.config' | tail -n 1 |
  grep -qxF '<urlCompression doStaticCompression="false" password="[redacted]"/>' || fail "configSource: $(unzip -p "$work/parts.zip" 'iis/web/*/part-1.config')"

# --- usage --------------------------------------------------------------------------------------------------------------
usage() { "$collect" "$@" >"$work/out" 2>"$work/err"; [ $? = 2 ] && [ "$(wc -l <"$work/err")" = 1 ] || fail "usage: $*: $(cat "$work/err")"; }
usage --nonsense
usage --image
usage --role boss
usage --case '../x'
usage --thumbprint 12
usage --upload http://example.test --token-file x
usage --upload https://example.test
usage --image "$work/nowhere" -o "$work/u.zip"
usage --image "$work/article-server" -o "$work/no/such/folder/u.zip"
usage --image "$work/article-server" --upload https://example.test --token-file "$work/nowhere" -o "$work/u.zip"
"$collect" --help | grep -q -- --thumbprint || fail "--help"
"$collect" --version | grep -q '^certtriage-collect [0-9]' || fail "--version"
"$collect" --licenses | grep -q 'Apache License' || fail "--licenses"
exit $failed
