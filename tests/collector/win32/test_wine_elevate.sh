#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# label: ordinary
# Started without elevation on a console of its own, it offers to start again as administrator: who began and in which folder goes with it, and the
# bundle lies in that folder. Wine's runas elevates nothing, so that is seen on Windows only (collector/README.md).
set -u
. "$CT_SOURCE_DIR/tests/collector/win32/common.sh"
for tool in x86_64-w64-mingw32-gcc python3; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
tests=$CT_SOURCE_DIR/tests/collector/win32
as_windows win10 'Windows 10\.0' || exit 1
x86_64-w64-mingw32-gcc -std=c11 -Wall -Wextra -Werror -Os -municode -o "$dir/as_limited.exe" "$tests/as_limited.c" -ladvapi32 || exit 1
program=$(windows_path "$exe")
folder="$dir/hier ü"
mkdir "$folder"

# talk ANSWER OPTION…: in $folder, without elevation
talk() {
  local answer=$1
  shift
  (cd "$folder" && timeout 200 python3 "$tests/talk.py" "administrator? [y/n]=$answer" 'Which address failed?=' 'When did it fail=' 'Collect this now?=n' \
    'Press Enter to close=' -- "$wine" ../as_limited.exe "\"$program\" $*") >"$dir.said" 2>&1
}
# A certificate in that user's own My, as a property blob: the hash (3), the certificate (32).
unzip -p "$dir/whole.zip" "$(unzip -Z1 "$dir/whole.zip" | grep -m1 '^certs/LocalMachine/My/.*\.cer')" | python3 -c '
import hashlib, struct, sys
der = sys.stdin.buffer.read()
sha1 = hashlib.sha1(der)
blob = b"".join(struct.pack("<3I", id, 1, len(data)) + data for id, data in ((3, sha1.digest()), (32, der)))
print("REGEDIT4\n\n[HKEY_CURRENT_USER\\Software\\Microsoft\\SystemCertificates\\My\\Certificates\\" + sha1.hexdigest().upper() + "]")
print("\"Blob\"=hex:" + ",".join(f"{b:02x}" for b in blob))' >"$dir/my.reg"
timeout 60 "$wine" reg import "$(windows_path "$dir/my.reg")" >/dev/null 2>&1 || fail 'no certificate for the user'
talk y --role client -o went.zip
has "it offers to start again" 'Start again as administrator' "$dir.said"
check "and went on in the same folder" 0 "$(unzip -tqq "$folder/went.zip" >/dev/null 2>&1; echo $?)"
unzip -p "$folder/went.zip" log/collect.log >"$dir.log"
has "who began is remembered" '^begun by S-1-5-21-[0-9-]+' "$dir.log"
sid=$(sed -n 's/^begun by //p' "$dir.log")
gathered() { unzip -p "$folder/$1" manifest.json | jq -c '[.items[] | select(.gathered == "before-elevation") | [.kind, .user, .outcome]]'; }
check "that user's own part was gathered before, registry and stores" \
  "[[\"cert-store\",\"$sid\",\"ok\"],[\"cert-store\",\"$sid\",\"ok\"],[\"cert-store\",\"$sid\",\"ok\"],[\"reg-client\",\"$sid\",\"ok\"]]" "$(gathered went.zip)"
check "and is not read twice" 4 "$(unzip -p "$folder/went.zip" manifest.json | jq --arg sid "$sid" \
  '[.items[] | select(.user == $sid and (.kind == "cert-store" or .kind == "reg-client"))] | length')"
check "with the chains that Windows builds for that user" '["none","cache"]' "$(unzip -p "$folder/went.zip" "certs/stores-$sid.json" |
  jq -c '[.certificates[] | select(.store == "My")][0].chains | map(.revocation)')"
"$build/bin/certtriage-server" lint "$folder/went.zip" >"$dir.report" 2>&1
check "the server takes it all" 0 "$(grep -c 'stores-' "$dir.report")"

talk n --role client -o stayed.zip
has "refused, it goes on as it is" 'nothing was collected' "$dir.said"
check "and takes nothing unasked" "" "$(ls "$folder" | grep -v went.zip)"

# What Windows does: the administrator's program begins in System32.
system32=$WINEPREFIX/drive_c/windows/system32
elevated() { (cd "$system32" && timeout 120 "$wine" "$exe" --started-by S-1-5-21-0-0-0-1000 --started-in "$@" --role client -o relative.zip) >/dev/null 2>"$dir.err"; }
elevated "$(windows_path "$folder")"
check "begun in System32, with a relative name: the bundle is where it was begun" 0 "$(unzip -tqq "$folder/relative.zip" >/dev/null 2>&1; echo $?)"
check "the registry is that which an administrator reads" "$(unzip -p "$folder/relative.zip" "registry/client-$sid.reg" | grep -c . )" \
  "$(unzip -p "$folder/went.zip" "registry/client-$sid.reg" | grep -c .)"
check "and not in System32" false "$([ -e "$system32/relative.zip" ] && echo true || echo false)"
elevated 'Q:\none'
check "a folder that the administrator does not see: exit code" 2 $?
has "is said" 'Q:.none: the administrator cannot go there .*\([0-9]+\)' "$dir.err"
check "and nothing goes elsewhere" false "$([ -e "$system32/relative.zip" ] && echo true || echo false)"
exit $((failures > 0))
