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
talk y --role client -o went.zip
has "it offers to start again" 'Start again as administrator' "$dir.said"
check "and went on in the same folder" 0 "$(unzip -tqq "$folder/went.zip" >/dev/null 2>&1; echo $?)"
unzip -p "$folder/went.zip" log/collect.log >"$dir.log"
has "who began is remembered" '^begun by S-1-5-21-[0-9-]+' "$dir.log"

talk n --role client -o stayed.zip
has "refused, it goes on as it is" 'nothing was collected' "$dir.said"
check "and takes nothing unasked" "" "$(ls "$folder" | grep -v went.zip)"

# What Windows does: the administrator's program begins in System32.
system32=$WINEPREFIX/drive_c/windows/system32
elevated() { (cd "$system32" && timeout 120 "$wine" "$exe" --started-by S-1-5-21-0-0-0-1000 --started-in "$@" --role client -o relative.zip) >/dev/null 2>"$dir.err"; }
elevated "$(windows_path "$folder")"
check "begun in System32, with a relative name: the bundle is where it was begun" 0 "$(unzip -tqq "$folder/relative.zip" >/dev/null 2>&1; echo $?)"
check "and not in System32" false "$([ -e "$system32/relative.zip" ] && echo true || echo false)"
elevated 'Q:\none'
check "a folder that the administrator does not see: exit code" 2 $?
has "is said" 'Q:.none: the administrator cannot go there .*\([0-9]+\)' "$dir.err"
check "and nothing goes elsewhere" false "$([ -e "$system32/relative.zip" ] && echo true || echo false)"
exit $((failures > 0))
