#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# One registry, told in every way that evidence has: as text of the registry editor in UTF-16, in UTF-8 with and without a mark, as REGEDIT4, and from a
# hive that the collector's image backend reads with libhivex. The facts are the same: every type, lines that go on, deleted values and keys.
set -u
. "$(dirname "$0")/common.sh"
for tool in iconv zip; do command -v $tool >/dev/null || { echo "skipped: $tool is missing"; exit 77; }; done
schannel='HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\SecurityProviders\SCHANNEL'

# body WIDE: what both kinds of text say. Strings of binary types are UTF-16 in version 5.00 and ANSI in REGEDIT4.
body() {
  local expand list
  if [ "$1" = wide ]; then
    expand=25,00,61,00,25,00,00,00 list='61,00,\
  00,00,62,00,63,00,00,00,00,00'
  else
    expand=25,61,25,00 list='61,\
  00,62,63,00,00'
  fi
  cat <<END
[$schannel]
"EventLogging"=dword:00000007

[$schannel\\Types]
@="the default"
"text"="C:\\\\a \\"quoted\\" "
"number"=dword:fffffffe
"bytes"=hex:00,01,fe,\\
  ff,\\
  10
"none"=hex(0):
"expand"=hex(2):$expand
"list"=hex(7):$list
"big"=hex(b):01,00,00,00,00,00,00,80
"turned"=hex(5):00,00,00,01
"odd"=hex(ffff0011):aa
"gone"=dword:00000001
"gone"=-
"twice"="a"
"twice"="b"

[$schannel\\Gone\\Deeper]
"x"="y"

[-$schannel\\Gone]
END
}
wide="$work/wide.reg"
{ printf 'Windows Registry Editor Version 5.00\n\n' && body wide && printf '\n[%s\\Letters]\n"\303\244\342\202\254"="\360\235\204\236"\n' "$schannel"; } >"$wide"
{ printf 'REGEDIT4\n\n' && body ansi; } >"$work/ansi.reg"

bundle() { # bundle NAME FILE: a bundle by hand that holds that text alone
  mkdir -p "$work/$1/registry" && mv "$2" "$work/$1/registry/schannel.reg" && (cd "$work/$1" && zip -qr "../$1.zip" registry)
}
sed 's/$/\r/' "$wide" >"$work/dos.reg"
{ printf '\357\273\277' && cat "$work/dos.reg"; } >"$work/marked.reg"
{ printf '\377\376' && iconv -f UTF-8 -t UTF-16LE "$work/dos.reg"; } >"$work/utf16.reg"
cp "$wide" "$work/unix.reg"
mkdir -p "$work/change/registry" && cp "$wide" "$work/change/registry/types.reg"
for way in dos marked utf16 unix ansi; do bundle $way "$work/$way.reg"; done
"$bin/mkimage" --overlay "$work/change" "$CT_SOURCE_DIR/tests/machines/healthy-2019" "$work/image" || exit 1
"$bin/certtriage-collect" --image "$work/image" -o "$work/hive.zip" >/dev/null 2>"$work/collect.log" || { cat "$work/collect.log"; exit 1; }

types() {
  "$bin/certtriage-server" query "$work/$1.zip" "SELECT name, type, coalesce(number, '-'), coalesce(data, '-') FROM registry_value
    WHERE key LIKE '%SCHANNEL\\$2' ORDER BY name" 2>>"$work/err" | tail -n +2 | tr '\t' ','
}
keys() { "$bin/certtriage-server" query "$work/$1.zip" "SELECT count(*) FROM registry_key WHERE key LIKE '%SCHANNEL\\Gone%' AND NOT absent" | tail -n +2; }

expected=',REG_SZ,-,the default
big,REG_QWORD,-9223372036854775807,9223372036854775809
bytes,REG_BINARY,-,0001feff10
expand,REG_EXPAND_SZ,-,%a%
list,REG_MULTI_SZ,-,a\x0abc
none,REG_NONE,-,
number,REG_DWORD,4294967294,4294967294
odd,REG_<other>,-,aa
text,REG_SZ,-,C:\a "quoted" 
turned,REG_DWORD_BE,-,00000001
twice,REG_SZ,-,b'
for way in dos marked utf16 unix ansi hive; do
  check "$way: the types" "$expected" "$(types $way Types)"
  check "$way: a deleted key" 0 "$(keys $way)"
  [ $way = ansi ] || check "$way: other letters" "$(printf '\303\244\342\202\254,REG_SZ,-,\360\235\204\236')" "$(types $way Letters)"
done
exit $((failures > 0))
