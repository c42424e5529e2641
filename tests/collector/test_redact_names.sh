#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Pseudonyms: names planted in every format are in no byte of the bundle but in certificates, the same name has one pseudonym everywhere, the
# map brings every text back, and the server finds what it found before.
set -u
build=$1
src=${CT_SOURCE_DIR:?}
here=$src/tests/collector/redact
collect=$build/bin/certtriage-collect
server=$build/bin/certtriage-server
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
check() { # check WHAT EXPECTED ACTUAL
  [ "$2" = "$3" ] || { echo "FAILED: $1: expected '$2', got '$3'" >&2; failed=1; }
}
for tool in python3 jq zip; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
for tool in mkimage certtriage-server; do [ -x "$build/bin/$tool" ] || { echo "skipped: $tool is not built"; exit 77; }; done

python3 "$here/plant_names.py" "$work" "$src/tests/machines/article-server" || exit 1
"$build/bin/mkimage" --overlay "$work/overlay" "$src/tests/machines/article-server" "$work/machine" || exit 1
"$collect" --image "$work/machine" --role both --as 'ZQCORP\zqalice' --url https://zqapp.zqcorp.example/a -o "$work/plain.zip" >/dev/null 2>&1
(cd "$work/entries" && zip -qr ../plain.zip .) || exit 1
cd "$work" || exit 1
"$collect" redact plain.zip out.zip --pseudonyms map.txt >said 2>err || { echo "FAILED: $(cat err)" >&2; exit 1; }
search() { # in all that is no certificate
  python3 - "$1" <<'PY'
import re, sys, zipfile
a = zipfile.ZipFile(sys.argv[1]); b = zipfile.ZipFile("searched.zip", "w")
for n in a.namelist():
    if n.endswith((".cer", ".crl", ".stl")): continue
    # what must fit a certificate: criteria of mappings, filters of browsers
    b.writestr(n, re.sub(rb'matchCriteria="[^"]*"|filter\\*":\{[^}]*\}', b"", a.read(n)))
PY
  python3 "$here/search.py" names searched.zip | grep -v '^name zq_carol '; unzip -p "$1" | grep -aic 'zq carol' | grep -v '^0$'
}
planted=$(wc -l <names)
n=$(search plain.zip | grep -c '^name')
[ "$n" -ge $((planted - 3)) ] || { echo "FAILED: only $n of $planted names are in the bundle without pseudonyms" >&2; failed=1; }
check "names in the bundle" "" "$(search out.zip)"
echo "planted names found: $(search out.zip | wc -l) of $n"
check "the map is not in it" 0 "$(unzip -Z1 out.zip | grep -c map)"
check "what was said names nobody" 0 "$(cat said err | grep -ci zq)"
check "of a handshake its issuers and its chain stay, as certificates do; its bytes go" "[\"3000\"] [\"3001\"] 0" "$(unzip -p out.zip tls/1.json | jq -r '[.schannel.issuers, .schannel.peerChain] | map(tostring) | join(" ")') $(unzip -Z1 out.zip | grep -c '^tls/1.bin')"

check "what must fit a certificate" 'matchCriteria="zqalice" {\"CN\":\"zqalice\"}' "$(unzip -p out.zip iis/config/applicationHost.config | grep -o 'matchCriteria="zq[a-z]*"') $(unzip -p out.zip registry/client-machine.reg | grep -o '{[^{]*zqalice[^}]*}')"

# The way back: every text but that of values whose lengths stand beside them.
python3 - <<'PY' || failed=1
import hashlib, json, re, zipfile
kept, back = set(), {}
for line in open("map.txt", encoding="utf-8", newline=""):
    pseudonym, name, how = line.rstrip("\r\n").split("\t")
    if how == "map": assert len(pseudonym) == 36 and not name
    elif how == "kept": kept.add(name)
    else:
        assert pseudonym.lower() not in back, "two names for " + pseudonym
        back[pseudonym.lower()] = name.lower()
pattern = re.compile(r"(?<![a-z0-9])(" + "|".join(sorted(map(re.escape, back), key=len, reverse=True)) + r")(?![a-z0-9])")
def again(text): return pattern.sub(lambda m: back[m.group(1)], text)
a, b = zipfile.ZipFile("plain.zip"), zipfile.ZipFile("out.zip")
bad = n = 0
before = {x.lower(): x for x in a.namelist()}
for name in b.namelist():
    old = before[again(name.lower())]
    if name.startswith("items/") or name in ("manifest.json", "start.json", "tls/1.json") or name.endswith((".cer", ".crl", ".stl")): continue
    x, y = (z.read(m).decode("utf-8", "replace").lower() for z, m in ((a, old), (b, name)))
    if name.endswith(".reg"): # in bytes: hexadecimal
        x, y = (re.sub(r"\"=hex[^:]*:[0-9a-f,\\\r\n ]*", '"=hex', t) for t in (x, y))
    n += 1
    if again(y) != x:
        i = next((i for i in range(min(len(x), len(again(y)))) if x[i] != again(y)[i]), 0)
        print("FAILED: the map does not bring back", name, repr(x[max(0, i - 60):i + 60]), repr(again(y)[max(0, i - 60):i + 60])); bad = 1
m = json.loads(b.read("manifest.json"))
for i in m["items"]:
    if i.get("entry") and i.get("sha256") and hashlib.sha256(b.read(i["entry"])).hexdigest() != i["sha256"]:
        print("FAILED: the hash of", i["entry"]); bad = 1
print(n, "texts brought back,", len(back), "names")
raise SystemExit(bad or n < 15)
PY
word() { awk -F'\t' -v name="$1" '{sub("\r", "")} tolower($2) == name {print $1}' map.txt; }
check "a host below its domain" "$(word zqapp).$(word zqcorp.example)" "$(word zqapp.zqcorp.example)"
check "the domain by both of its names" "$(word zqcorp).example" "$(word zqcorp.example)"
"$collect" redact out.zip again.zip --pseudonyms map.txt >/dev/null 2>err || { echo "FAILED: $(cat err)" >&2; failed=1; }
cmp out.zip again.zip || { echo "FAILED: once more with the same map changes something" >&2; failed=1; }

# While collecting: a second bundle, whose names are those of the map.
"$collect" --image "$work/machine" --role both -o own.zip --pseudonyms own.txt --json >json 2>err
check "the second bundle and its map are told" "own-pseudonyms.zip own.txt" "$(jq -r 'select(.event == "pseudonyms") | .bundle + " " + .map' json)"
check "names in it" "" "$(search own-pseudonyms.zip)"
[ -s own.txt ] || { echo "FAILED: no map was written" >&2; failed=1; }
"$collect" --image "$work/machine" --preview --pseudonyms own.txt >said 2>err
check "the preview says what keeps its name" 1 "$(grep -c 'stay certificates and the hosts that they name' err)"
"$collect" --image "$work/machine" --raw --pseudonyms own.txt >/dev/null 2>err
check "not with --raw" "2 1" "$? $(grep -c -- --raw err)"

# Machines of one case, the server's first, with one map: the same causes, of the same strength and in the same order.
causes() { "$server" lint --format json "$@" 2>/dev/null | jq -c '[.diagnoses[] | [.causes[] | [.rule, .severity, .confidence]]], ([.findings[] | [.rule, .severity]] | sort)'; }
n=0
compare() { # compare NAME BUNDLE…
  local name=$1 list=() bundle
  shift
  rm -f case.txt
  for bundle; do
    "$collect" redact "$bundle" "$bundle.other" --pseudonyms case.txt >/dev/null 2>err || { echo "FAILED: $name: $(cat err)" >&2; failed=1; }
    list+=("$bundle.other")
  done
  check "$name" "$(causes "$@")" "$(causes "${list[@]}")"
  causes "$@" | grep -q '\[\["' && n=$((n + 1))
  rm -f "${list[@]}"
}
for machine in article-server article-client healthy-2008r2 healthy-2012r2 healthy-2019 healthy-client-win10; do
  "$build/bin/mkimage" "$src/tests/machines/$machine" "$work/$machine" || exit 1
  "$collect" --image "$work/$machine" --url https://chiranth.com/ -o "$machine.zip" >/dev/null 2>&1
  compare "$machine" "$machine.zip"
done
compare "the article's server and its client" article-server.zip article-client.zip
compare "what was planted" plain.zip
# Two files: what joins the machines cannot be found, and the coverage says so; with one file, or none, it says nothing.
note() { "$server" lint --format json "$@" 2>/dev/null | jq '[.coverage.notes[] | select(test("pseudonyms of two different files"))] | length'; }
rm -f case.txt other.txt
for one in server:case client:case client:other; do
  "$collect" redact "article-${one%:*}.zip" "${one/:/-}.zip" --pseudonyms "${one#*:}.txt" >/dev/null 2>err || { echo "FAILED: $one: $(cat err)" >&2; failed=1; }
done
check "the manifest names the file, not what is in it" "$(head -n 1 case.txt | cut -f1)" "$(unzip -p server-case.zip manifest.json | jq -r .pseudonyms)"
check "one file, two, one and none, none" "0 1 1 0" "$(note server-case.zip client-case.zip) $(note server-case.zip client-other.zip) $(note server-case.zip article-client.zip) $(note article-server.zip article-client.zip)"

# A capture cannot be redacted: the rule that reads it is undecided, not content.
verdict() { "$server" lint --format json "$1" 2>/dev/null | jq -c '[.verdicts[] | select(.rule == "sni-stripped")][0] | [.verdict, (.items // [] | length > 0)]'; }
mkdir attach && head -c 24 /dev/zero >attach/edge.pcap && cp article-server.zip captured.zip && zip -q captured.zip attach/edge.pcap
"$collect" redact captured.zip captured-other.zip --pseudonyms case.txt >/dev/null 2>err
check "what is left out is told" 1 "$(grep -c 'left out: attach/edge.pcap: it cannot be redacted' err)"
check "without its capture" '["not-evaluated",true]' "$(verdict captured-other.zip)"

# WinHttpSettings: its kind and the place of its texts stay, so that the server reads it.
proxy() { "$server" query "$1" "SELECT text FROM client_setting WHERE setting IN ('WinHttp proxy', 'WinHttp bypass') ORDER BY setting DESC" 2>/dev/null; }
check "the proxy of WinHTTP is a proxy still" "http=$(word zqproxy.zqcorp.example):8080" "$(proxy out.zip | grep -x 'http=.*')"

echo "$n of the cases have a cause"
[ $n -ge 3 ] || { echo "FAILED: only $n of the cases have a cause" >&2; failed=1; }
exit $failed
