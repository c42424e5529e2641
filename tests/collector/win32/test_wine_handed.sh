#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: slow
# label: ordinary
# What the process of a user without rights hands to the elevated one: taken and marked when it is that user's own; refused as a whole when
# anything in it is another's, is not what it says or is too large, and then the elevated process reads for itself.
set -u
. "$CT_SOURCE_DIR/tests/collector/win32/common.sh"
for tool in x86_64-w64-mingw32-gcc python3; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
tests=$CT_SOURCE_DIR/tests/collector/win32
as_windows win10 'Windows 10\.0' || exit 1
x86_64-w64-mingw32-gcc -std=c11 -Wall -Wextra -Werror -Os -municode -o "$dir/hand_over.exe" "$tests/hand_over.c" || exit 1
sid=$(unzip -p "$dir/whole.zip" manifest.json | jq -r '[.items[] | select(.kind == "cert-store" and .user) | .user] | unique | map(select(endswith("-1000"))) | first')
[[ $sid == S-1-5-21-* ]] || { echo "who runs this is not known: $sid"; exit 1; }
name=00112233445566778899aabbccddeeff

# hand CASE [SID [NAME]]: $dir/CASE.zip, what was said in $dir.err, the manifest's items of that user in $dir.items
hand() {
  local case=$1 by=${2:-$sid} called=${3:-$name} ended=0
  [ "$by" = "$sid" ] || ended=1 # nothing of that user is loaded
  python3 "$tests/handed.py" "$case" "$sid" "$dir/block"
  (cd "$dir" && timeout 120 "$wine" hand_over.exe block $name \
    "\"$(windows_path "$exe")\" --role client --started-by $by --handed $called --exclude log-event -o $case.zip") >"$dir.out" 2>"$dir.err"
  check "$case: it ends well" "$ended" $?
  check "$case: the bundle is whole" 0 "$(unzip -tqq "$dir/$case.zip" >/dev/null 2>&1; echo $?)"
  unzip -p "$dir/$case.zip" manifest.json | jq -c --arg sid "$sid" '.items[] | select(.user == $sid)' >"$dir.items"
}
gathered() { jq -s "[.[] | select(.gathered == \"before-elevation\" and $1)] | length" "$dir.items"; } # gathered WHICH
planted() { # planted ZIP: how many entries hold what was handed
  rm -rf "$dir/open" && mkdir "$dir/open" && unzip -qq "$1" -d "$dir/open"
  grep -rl PLANTED "$dir/open" | grep -c .
}

hand good
check "good: registry and three stores are marked" 4 "$(gathered true)"
check "good: under names of the collector's own" "HKU\\$sid" "$(jq -rs '.[] | select(.kind == "reg-client") | .source' "$dir.items")"
check "good: nothing of that user is read twice" 4 "$(grep -c -e reg-client -e cert-store "$dir.items")"
check "good: certificate, registry" 2 "$(planted "$dir/good.zip")"
"$build/bin/certtriage-server" lint "$dir/good.zip" >"$dir.report" 2>&1
has "good: the server reads it" 'certificate' "$dir.report"

hand denied
check "denied: the stores are taken" 3 "$(gathered '.kind == "cert-store"')"
check "denied: the registry is read again" 0 "$(gathered '.kind == "reg-client"')"
check "denied: and is there" ok "$(jq -rs '.[] | select(.kind == "reg-client") | .outcome' "$dir.items")"
check "denied: without a warning" 0 "$(grep -c "is not taken" "$dir.err")"

refused() { # refused WHAT-IS-SAID CASE MORE…
  hand "${@:2}"
  has "$2: it is refused" "what [^ ]* gathered before is not taken: .*$1" "$dir.err"
  check "$2: nothing of it is taken" 0 "$(planted "$dir/$2.zip")"
  check "$2: nothing is marked" 0 "$(gathered true)"
}
own() { check "$1: it is read all the same" ok "$(jq -rs '.[] | select(.kind == "reg-client") | .outcome' "$dir.items")"; }
for case in machine-key absent-machine-key; do refused 'key that is not that user' $case && own $case; done
refused 'another encoding' utf-16
for case in configuration other-user machine-store; do refused "is not that user's" $case && own $case; done
refused "another's name" wrong-name
refused "an item that is not that user's" machine-item
refused 'more items' many-items
refused 'larger than' bomb && own bomb
refused '' damaged && own damaged
refused 'nothing in it' no-zip
for case in longer-than-it-is negative too-long; do refused 'as long as it says' $case; done
refused "it belongs to $sid" strange S-1-5-21-9-9-9-1001
refused 'not such a name' good "$sid" '..\\..\\x'
refused '' good "$sid" ffffffffffffffffffffffffffffffff
exit $((failures > 0))
